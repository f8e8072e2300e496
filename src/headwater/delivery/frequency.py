"""How much of a brand's frequency caps people have used: what the ledger says they got, or are just getting.

The answer holds for as long as their stamps are locked (`smart_sending.lock`); `turns` decides with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from psycopg import Connection

from headwater.accounts.limits import FrequencyCap

PLANNED_AHEAD = timedelta(days=92)
"""A message that counts was planned at most so long before it was sent: a campaign whose audience was fixed early."""


# For claims of brands with caps. First each person's sent and claimed messages, whatever the planner thinks of the
# arrays, once a person; then the caps of the person's zone on what little that is. Index: message_profile.
_USED = """
WITH counted AS MATERIALIZED (
    SELECT person.id, person.zone, got.source, got.at
    FROM unnest(%(people)s::bigint[], %(zones)s::int[]) AS person (id, zone)
    CROSS JOIN LATERAL (
        SELECT source, COALESCE(sent_at, %(now)s) AS at
        FROM message
        WHERE workspace_id = %(workspace)s
          AND profile_id = person.id
          AND planned_at >= %(planned_since)s
          AND NOT transactional
          AND (state = 'claimed' OR sent_at >= %(since)s)
        OFFSET 0
    ) AS got
)
SELECT counted.id, cap.place, count(*)
FROM counted
JOIN unnest(%(cap_zones)s::int[], %(cap_places)s::int[], %(cap_kinds)s::text[], %(cap_sinces)s::timestamptz[])
  AS cap (zone, place, kind, since)
  ON cap.zone = counted.zone
 AND cap.since <= counted.at
 AND cap.kind IN ('any', counted.source)
GROUP BY counted.id, cap.place
"""


def used(
    conn: Connection, workspace_id: int, people: Mapping[int, ZoneInfo], caps: Sequence[FrequencyCap], now: datetime
) -> dict[tuple[int, int], int]:
    """By profile and place in `caps`, how many messages count; who has none is left out. `people`: with their zones."""
    if not people or not caps:
        return {}
    zones = {local: number for number, local in enumerate(dict.fromkeys(people.values()))}
    windows = [
        (number, place, cap.kind, cap.since(now, local))
        for local, number in zones.items()
        for place, cap in enumerate(caps)
    ]
    rows = conn.execute(
        _USED,
        {
            "workspace": workspace_id,
            "now": now,
            "since": min(window[3] for window in windows),
            "planned_since": min(window[3] for window in windows) - PLANNED_AHEAD,
            "people": list(people),
            "zones": [zones[local] for local in people.values()],
            "cap_zones": [window[0] for window in windows],
            "cap_places": [window[1] for window in windows],
            "cap_kinds": [window[2] for window in windows],
            "cap_sinces": [window[3] for window in windows],
        },
    ).fetchall()
    return {(row[0], row[1]): row[2] for row in rows}
