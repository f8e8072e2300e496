"""How a brand's list grows: who became a subscriber, and who stopped being one, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class Growth:
    """On one day: people who were no subscribers before, and subscribers who unsubscribed."""

    day: date
    subscribed: int
    unsubscribed: int


def by_day(conn: Connection, workspace_id: int, since: datetime, until: datetime, zone: ZoneInfo) -> list[Growth]:
    """The days of [since, until) on which there was any. Repeating what one has said before counts for nothing."""
    with conn.cursor(row_factory=class_row(Growth)) as cursor:
        # For the overview. Indexes consent_record_at, and consent_record_profile for what each had said before.
        return cursor.execute(
            """
            SELECT (said.at AT TIME ZONE %(zone)s)::date AS day,
                   count(*) FILTER (WHERE said.state = 'subscribed') AS subscribed,
                   count(*) FILTER (WHERE said.state = 'unsubscribed') AS unsubscribed
            FROM consent_record said
            LEFT JOIN LATERAL (
                SELECT earlier.state
                FROM consent_record earlier
                WHERE earlier.workspace_id = said.workspace_id
                  AND earlier.profile_id = said.profile_id
                  AND earlier.at <= said.at
                  AND (earlier.at, earlier.id) < (said.at, said.id)
                ORDER BY earlier.at DESC, earlier.id DESC
                LIMIT 1
            ) AS before ON true
            WHERE said.workspace_id = %(workspace)s
              AND said.at >= %(since)s
              AND said.at < %(until)s
              AND CASE said.state
                      WHEN 'subscribed' THEN before.state IS DISTINCT FROM 'subscribed'
                      ELSE before.state = 'subscribed'
                  END
            GROUP BY 1
            ORDER BY 1
            """,
            {"workspace": workspace_id, "since": since, "until": until, "zone": zone.key},
        ).fetchall()


def subscribers(conn: Connection, workspace_id: int) -> int:
    """How many are subscribed now, suppressed ones among them."""
    # For the overview. Index consent_changed gives the workspace's rows.
    row = conn.execute(
        """
        SELECT count(*)
        FROM consent
        WHERE workspace_id = %(workspace)s
          AND channel = 'email'
          AND state = 'subscribed'
        """,
        {"workspace": workspace_id},
    ).fetchone()
    assert row is not None
    return int(row[0])
