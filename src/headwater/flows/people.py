"""Who is in a flow: where each stands, since when, and what comes next. For people looking at one flow."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

from headwater.delivery.reasons import Reason
from headwater.flows import exits
from headwater.flows.live import Flow

WAITING, HELD, COMPLETED, EXITED = "waiting", "held", "completed", "exited"
STATES = (WAITING, HELD, COMPLETED, EXITED)
"""`held` are those of the waiting about whom somebody decides."""
REMOVED = "removed"
"""Why somebody left whom a person took out."""


@dataclass(frozen=True, slots=True)
class Inside:
    """An enrolment."""

    id: int
    profile_id: int
    email: str | None
    first_name: str | None
    last_name: str | None
    state: str  # waiting, completed, exited
    step: str  # it waits before, or was last at
    since: datetime
    """It has waited there since then."""
    next_at: datetime | None
    """When the step is due; None: somebody decides, or it has ended."""
    held: str | None  # review, stock
    reason: str | None
    started_at: datetime
    entered_at: datetime
    finished_at: datetime | None


def page(
    conn: Connection,
    workspace_id: int,
    flow: Flow,
    *,
    step: str | None = None,
    state: str | None = None,
    after: tuple[int, int] = (0, 0),
    limit: int = 100,
) -> list[Inside]:
    """Those in a flow (in STATES, or any), in the order of profiles, from after the given (profile, enrolment)."""
    with conn.cursor(row_factory=class_row(Inside)) as cursor:
        # Index enrolment_once, from the cursor on; then the last step of each by primary key.
        return cursor.execute(
            """
            SELECT e.id, e.profile_id, p.email, p.first_name, p.last_name, e.state, e.step,
                   COALESCE(e.since, last.at, e.entered_at) AS since,
                   CASE WHEN e.held IS DISTINCT FROM 'review' THEN COALESCE(e.due_at, e.wake_at) END AS next_at,
                   CASE WHEN e.held IN ('review', 'stock') THEN e.held END AS held,
                   e.reason, e.started_at, e.entered_at, e.finished_at
            FROM (
                SELECT id, profile_id, state, COALESCE(step, %(first)s) AS step, since, due_at, wake_at, held, reason,
                       started_at, entered_at, finished_at
                FROM enrolment
                WHERE workspace_id = %(workspace)s
                  AND flow_id = %(flow)s
                  AND profile_id >= %(profile)s
                  AND (profile_id, id) > (%(profile)s, %(enrolment)s)
                  AND (%(step)s::text IS NULL OR COALESCE(step, %(first)s) = %(step)s)
                  AND (%(state)s::text IS NULL OR state = %(state)s)
                  AND (NOT %(held)s OR held = 'review')
                ORDER BY profile_id, id
                LIMIT %(limit)s
            ) AS e
            JOIN profile p
              ON p.workspace_id = %(workspace)s
             AND p.id = e.profile_id
            LEFT JOIN LATERAL (
                SELECT s.at
                FROM enrolment_step s
                WHERE s.workspace_id = %(workspace)s
                  AND s.enrolment_id = e.id
                ORDER BY s.id DESC
                LIMIT 1
            ) AS last ON true
            ORDER BY e.profile_id, e.id
            """,
            {
                "workspace": workspace_id,
                "flow": flow.id,
                "first": flow.definition.first,
                "step": step,
                "state": WAITING if state == HELD else state,
                "held": state == HELD,
                "profile": after[0],
                "enrolment": after[1],
                "limit": limit,
            },
        ).fetchall()


def remove(conn: Connection, workspace_id: int, flow: Flow, enrolment_ids: Collection[int], now: datetime) -> int:
    """Take out those of these enrolments that wait in the flow; what was planned for them is cancelled. How many."""
    # By primary key: those of another flow stay.
    rows = conn.execute(
        """
        SELECT id
        FROM enrolment
        WHERE workspace_id = %(workspace)s
          AND id = ANY (%(ids)s)
          AND flow_id = %(flow)s
        """,
        {"workspace": workspace_id, "ids": list(enrolment_ids), "flow": flow.id},
    ).fetchall()
    return exits.end(conn, workspace_id, [row[0] for row in rows], REMOVED, Reason.CANCELLED, now)
