"""A profile's ways through flows, newest first: what each step decided and what comes next, the flows' half of why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection


@dataclass(frozen=True, slots=True)
class Taken:
    """What one step decided."""

    step: str
    at: datetime
    outcome: str  # as `journal` wrote it: intended, waited, passed, yes, no, took, happened, exited …
    detail: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Way:
    """One enrolment. While it waits, `step` is due at `due_at`, unless the flow is paused or it is held for review."""

    id: int
    flow_id: int
    flow: str
    name: str
    flow_status: str
    started_at: datetime
    entered_at: datetime
    state: str
    reason: str | None
    step: str | None
    due_at: datetime | None
    since: datetime | None
    """Since when it stands in the step, waiting for something to happen; None: it stands before the step."""
    held: str | None
    """review: until somebody decides; stock: until `item` is in stock."""
    item: str | None
    version: int
    pinned: bool
    """It finishes on its version, whatever has been published since."""
    finished_at: datetime | None
    trigger: dict[str, Any]
    steps: tuple[Taken, ...] = ()


def of_profile(conn: Connection, workspace_id: int, profile_id: int, limit: int = 100) -> list[Way]:
    """The newest enrolments of a profile, each with its steps in order."""
    # For `headwater why` and the timeline. Index enrolment_profile.
    rows = conn.execute(
        """
        SELECT e.id, f.id, f.slug, f.name, f.status, e.started_at, e.entered_at, e.state, e.reason, e.step,
               COALESCE(e.due_at, e.wake_at), e.since, e.held, e.item, e.version, e.pinned, e.finished_at, e.trigger
        FROM enrolment e
        JOIN flow f
          ON f.workspace_id = e.workspace_id
         AND f.id = e.flow_id
        WHERE e.workspace_id = %(workspace)s
          AND e.profile_id = %(profile)s
        ORDER BY e.started_at DESC, e.id DESC
        LIMIT %(limit)s
        """,
        {"workspace": workspace_id, "profile": profile_id, "limit": limit},
    ).fetchall()
    steps = _steps(conn, workspace_id, [row[0] for row in rows])
    return [Way(*(*row, tuple(steps.get(row[0], ())))) for row in rows]


def _steps(conn: Connection, workspace_id: int, enrolment_ids: Sequence[int]) -> dict[int, list[Taken]]:
    found: dict[int, list[Taken]] = defaultdict(list)
    # By primary key.
    rows = conn.execute(
        """
        SELECT s.enrolment_id, s.step, s.at, s.outcome, s.detail
        FROM enrolment_step s
        WHERE s.workspace_id = %(workspace)s
          AND s.enrolment_id = ANY (%(ids)s)
        ORDER BY s.enrolment_id, s.id
        """,
        {"workspace": workspace_id, "ids": list(enrolment_ids)},
    )
    for enrolment_id, *taken in rows:
        found[enrolment_id].append(Taken(*taken))
    return found
