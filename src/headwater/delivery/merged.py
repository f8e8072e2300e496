"""When two profiles become one, the survivor inherits the other's messages, timers and bounces.

Registered with `audience.merging`; runs in the merge's transaction.
"""

from __future__ import annotations

from datetime import datetime

from psycopg import Connection

from headwater.delivery.reasons import Reason


def move(conn: Connection, workspace_id: int, destination: int, source: int, now: datetime) -> None:
    """Move what delivery keeps for `source` to `destination`."""
    names = {
        "workspace": workspace_id,
        "destination": destination,
        "source": source,
        "now": now,
        "reason": Reason.MERGED_AWAY,
    }
    # A message that the survivor has too (one campaign to both) stays with the old id: it happened, or it ends here.
    # Indexes: message_profile, and the unique key for the survivor's twin.
    conn.execute(
        """
        UPDATE message
        SET profile_id = %(destination)s
        WHERE workspace_id = %(workspace)s
          AND profile_id = %(source)s
          AND NOT EXISTS (
            SELECT FROM message AS twin
            WHERE twin.workspace_id = %(workspace)s
              AND twin.source = message.source
              AND twin.source_id = message.source_id
              AND twin.step = message.step
              AND twin.profile_id = %(destination)s
              AND twin.occurrence = message.occurrence
              AND twin.origin_at = message.origin_at
          )
        """,
        names,
    )
    conn.execute(
        """
        UPDATE message
        SET state = 'skipped',
            reason = %(reason)s,
            finished_at = %(now)s
        WHERE workspace_id = %(workspace)s
          AND profile_id = %(source)s
          AND state = 'planned'
        """,
        names,
    )
    conn.execute(
        """
        WITH gone AS (
            DELETE FROM smart_sending
            WHERE workspace_id = %(workspace)s
              AND profile_id = %(source)s
            RETURNING until, message_id
        )
        INSERT INTO smart_sending AS standing (workspace_id, profile_id, until, message_id)
        SELECT %(workspace)s, %(destination)s, until, message_id
        FROM gone
        ON CONFLICT (workspace_id, profile_id) DO UPDATE
        SET until = excluded.until,
            message_id = excluded.message_id
        WHERE standing.until < excluded.until
        """,
        names,
    )
    conn.execute("DELETE FROM soft_bounce WHERE workspace_id = %(workspace)s AND profile_id = %(source)s", names)
