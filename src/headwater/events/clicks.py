"""Which links of emails were clicked: events that name a message and an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from headwater.events import metrics


@dataclass(frozen=True, slots=True)
class ClickedLink:
    url: str
    clicks: int
    people: int


def by_link(
    conn: Connection,
    workspace_id: int,
    message_ids: Sequence[int],
    profile_ids: Sequence[int],
    since: datetime,
    limit: int,
) -> list[ClickedLink]:
    """Of these messages to these people (in step), the links clicked since then, the most clicked first."""
    if not message_ids:
        return []
    # For a campaign's report. Index event_profile: each person's clicks.
    rows = conn.execute(
        """
        SELECT event.properties ->> 'url' AS url, count(*) AS clicks, count(DISTINCT event.profile_id)
        FROM unnest(%(messages)s::bigint[], %(profiles)s::bigint[]) AS sent (message_id, profile_id)
        JOIN event
          ON event.workspace_id = %(workspace)s
         AND event.profile_id = sent.profile_id
         AND event.metric_id = (SELECT id FROM metric WHERE workspace_id = %(workspace)s AND name = %(clicked)s)
         AND event.ts >= %(since)s
        WHERE jsonb_typeof(event.properties -> 'message_id') = 'number'
          AND (event.properties ->> 'message_id')::numeric = sent.message_id
          AND event.properties -> 'machine' IS DISTINCT FROM 'true'::jsonb
          AND event.properties ->> 'url' IS NOT NULL
        GROUP BY url
        ORDER BY clicks DESC, url
        LIMIT %(limit)s
        """,
        {
            "workspace": workspace_id,
            "messages": list(message_ids),
            "profiles": list(profile_ids),
            "clicked": metrics.CLICKED_EMAIL,
            "since": since,
            "limit": limit,
        },
    ).fetchall()
    return [ClickedLink(*row) for row in rows]
