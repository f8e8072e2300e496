"""What delivery keeps about a profile, when it is merged into another or erased.

Registered with `audience`; runs in the merge's or the erasure's transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from psycopg import Connection

from headwater.delivery.reasons import Reason


def merge(conn: Connection, workspace_id: int, destination: int, source: int, now: datetime) -> None:
    """The survivor inherits the other's messages, timer and bounces; what both would get goes once."""
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
    # Index: test_send_shown_as.
    conn.execute(
        """
        UPDATE test_send
        SET shown_as = %(destination)s
        WHERE workspace_id = %(workspace)s
          AND shown_as = %(source)s
        """,
        names,
    )


def erase(conn: Connection, workspace_id: int, profile_ids: Sequence[int]) -> None:
    """Forget these people: what was planned ends, what was sent keeps its place in the counts and loses every trace."""
    names = {"workspace": workspace_id, "ids": list(profile_ids), "reason": Reason.PERSON_DELETED}
    # Index: message_profile. What is claimed may be on the wire; its fence still fits, so its verdict finds it.
    conn.execute(
        """
        UPDATE message
        SET state = CASE WHEN state = 'planned' THEN 'cancelled' ELSE state END,
            reason = CASE WHEN state = 'planned' THEN %(reason)s ELSE reason END,
            finished_at = CASE WHEN state = 'planned' THEN planned_at ELSE finished_at END,
            address = NULL,
            context = NULL,
            detail = NULL
        WHERE workspace_id = %(workspace)s
          AND profile_id = ANY(%(ids)s::bigint[])
        """,
        names,
    )
    conn.execute(
        "DELETE FROM smart_sending WHERE workspace_id = %(workspace)s AND profile_id = ANY(%(ids)s::bigint[])", names
    )
    conn.execute(
        "DELETE FROM soft_bounce WHERE workspace_id = %(workspace)s AND profile_id = ANY(%(ids)s::bigint[])", names
    )
    # What was shown of them in tests. Index: test_send_shown_as.
    conn.execute(
        "DELETE FROM test_send WHERE workspace_id = %(workspace)s AND shown_as = ANY(%(ids)s::bigint[])", names
    )
