"""What flows keep about a profile, when it is merged into another or erased."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from psycopg import Connection


def merge(conn: Connection, workspace_id: int, destination: int, source: int, now: datetime) -> None:
    """The survivor continues what the merged profile was in. Registered with `audience.merging.on_merge`.

    Where the survivor is in the same flow for the same trigger already, the merged profile's enrolment ends.
    """
    scope = {"workspace": workspace_id, "destination": destination, "source": source, "now": now}
    # Index enrolment_profile, and the unique key for the survivor's own.
    conn.execute(
        """
        UPDATE enrolment
        SET profile_id = %(destination)s
        WHERE workspace_id = %(workspace)s
          AND profile_id = %(source)s
          AND NOT EXISTS (
              SELECT FROM enrolment own
              WHERE own.workspace_id = enrolment.workspace_id
                AND own.flow_id = enrolment.flow_id
                AND own.profile_id = %(destination)s
                AND own.entry_key = enrolment.entry_key
          )
        """,
        scope,
    )
    conn.execute(
        """
        UPDATE enrolment
        SET state = 'exited',
            reason = 'merged_away',
            wake_at = NULL,
            due_at = NULL,
            held = NULL,
            finished_at = %(now)s
        WHERE workspace_id = %(workspace)s
          AND profile_id = %(source)s
          AND state = 'waiting'
        """,
        scope,
    )


def erase(conn: Connection, workspace_id: int, profile_ids: Sequence[int]) -> None:
    """Forget these people's ways through flows, with what began them. Registered with `audience.profiles.on_erase`."""
    # Index enrolment_profile; the steps go with their enrolments.
    conn.execute(
        "DELETE FROM enrolment WHERE workspace_id = %(workspace)s AND profile_id = ANY (%(ids)s)",
        {"workspace": workspace_id, "ids": list(profile_ids)},
    )
