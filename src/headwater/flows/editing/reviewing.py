"""Review: who is held at a manual step until somebody decides, and the decision: send it, or let them go on without.

What comes after counts from the decision.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from headwater.flows.editing import versions
from headwater.flows.errors import FlowError

SEND, CANCEL = "send", "cancel"
_DECIDED = {SEND: "approved", CANCEL: "declined"}


@dataclass(frozen=True)
class Held:
    """Somebody who waits for a decision."""

    enrolment_id: int
    step: str
    profile_id: int
    email: str | None
    first_name: str | None
    last_name: str | None
    event: Mapping[str, Any]
    """The properties of what started it for them, as emails see them."""
    since: datetime
    """When the step was due."""


def waiting(
    conn: Connection, workspace_id: int, slug: str, *, step: str | None = None, after: int = 0, limit: int = 100
) -> list[Held]:
    """Who is held for review (at one step), in the order of enrolments, after the given one. Raises UnknownFlow."""
    row = versions.find(conn, workspace_id, slug)
    with conn.cursor(row_factory=class_row(Held)) as cursor:
        # For people who decide. Index enrolment_due: whom a review holds has no time at which they wake.
        return cursor.execute(
            """
            SELECT e.id AS enrolment_id, COALESCE(e.step, '') AS step, e.profile_id, p.email,
                   p.first_name, p.last_name, COALESCE(e.trigger -> 'properties', '{}') AS event,
                   COALESCE(e.due_at, e.entered_at) AS since
            FROM enrolment e
            JOIN profile p
              ON p.workspace_id = e.workspace_id
             AND p.id = e.profile_id
            WHERE e.workspace_id = %(workspace)s
              AND e.flow_id = %(flow)s
              AND e.state = 'waiting'
              AND e.wake_at IS NULL
              AND e.held = 'review'
              AND (%(step)s::text IS NULL OR e.step = %(step)s)
              AND e.id > %(after)s
            ORDER BY e.id
            LIMIT %(limit)s
            """,
            {"workspace": workspace_id, "flow": row.id, "step": step, "after": after, "limit": limit},
        ).fetchall()


def decide(
    conn: Connection,
    workspace_id: int,
    slug: str,
    step: str,
    action: str,
    profile_ids: Collection[int] | None,
    now: datetime,
) -> int:
    """Send this step to those who are held at it, or cancel it for them: they go on now. None: to all of them.

    Answers how many; whoever is not held there is passed over. Raises UnknownFlow, FlowError.
    """
    if action not in _DECIDED:
        raise FlowError("action", f"must be one of {', '.join(_DECIDED)}", step)
    row = versions.find(conn, workspace_id, slug)
    # Index enrolment_due, as above. Locked in the order of ids, as every writer of several enrolments does.
    return conn.execute(
        """
        UPDATE enrolment
        SET held = %(decided)s,
            wake_at = %(now)s,
            due_at = NULL
        FROM (
            SELECT e.id
            FROM enrolment e
            WHERE e.workspace_id = %(workspace)s
              AND e.flow_id = %(flow)s
              AND e.state = 'waiting'
              AND e.wake_at IS NULL
              AND e.held = 'review'
              AND e.step = %(step)s
              AND (%(profiles)s::bigint[] IS NULL OR e.profile_id = ANY (%(profiles)s::bigint[]))
            ORDER BY e.id
            FOR NO KEY UPDATE
        ) AS asked
        WHERE enrolment.workspace_id = %(workspace)s
          AND enrolment.id = asked.id
        """,
        {
            "workspace": workspace_id,
            "flow": row.id,
            "step": step,
            "decided": _DECIDED[action],
            "profiles": list(profile_ids) if profile_ids is not None else None,
            "now": now,
        },
    ).rowcount
