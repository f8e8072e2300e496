"""Wakes due enrolments: claim a batch, load what its steps look at, let the engine decide, write everything back.

The number of queries does not depend on the number of enrolments. The caller's transaction holds it all: a killed
worker leaves nothing half done. Paused flows are not claimed, so their people stay where they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from psycopg import Connection

from headwater.delivery import ledger
from headwater.delivery.reasons import Reason
from headwater.flows import acts, journal, known, live
from headwater.flows import due as claims
from headwater.flows.definition import FlowDefinition
from headwater.flows.due import Due, workspaces_with_work
from headwater.flows.effects import Complete, Note, Outcome
from headwater.flows.engine import advance, reroute
from headwater.flows.live import SOURCE

__all__ = ["run_due", "workspaces_with_work"]


def run_due(conn: Connection, workspace_id: int, now: datetime, limit: int = 1000) -> int:
    """One turn: advance up to `limit` enrolments whose step is due. Answers how many; fewer than limit: all done."""
    flows = {flow.id: flow for flow in live.running(conn, workspace_id) if flow.status == "live"}
    due = claims.claim(conn, workspace_id, flows, now, limit)
    if not due:
        return 0
    due = _on_their_versions(conn, workspace_id, due)
    may_know = known.load(conn, workspace_id, due, now)
    outcomes = [advance(one.definition, one.enrolment, may_know[one.enrolment.id], now) for one in due]
    _write(conn, workspace_id, due, outcomes, now)
    return len(due)


def _on_their_versions(conn: Connection, workspace_id: int, due: Sequence[Due]) -> list[Due]:
    """Who is pinned goes by that version; whose step was removed since stands before the next that is left."""
    apart = {(one.flow.id, one.version) for one in due if one.pinned or _is_lost(one)}
    if not apart:
        return list(due)
    earlier = live.versions(conn, workspace_id, apart)
    return [_placed(one, earlier) if one.pinned or _is_lost(one) else one for one in due]


def _is_lost(one: Due) -> bool:
    return one.enrolment.step is not None and one.enrolment.step not in one.flow.definition.steps


def _placed(one: Due, earlier: Mapping[tuple[int, int], FlowDefinition]) -> Due:
    old = earlier.get((one.flow.id, one.version))
    if one.pinned and old is not None:
        return replace(one, definition=old)
    assert one.enrolment.step is not None
    step = reroute(old, one.definition, one.enrolment.step) if old is not None else None
    if step is None:
        return one  # with nothing left ahead it keeps the removed step, and the engine ends it for that reason
    return replace(one, enrolment=replace(one.enrolment, step=step, since=None, held=None))


def _write(conn: Connection, workspace_id: int, due: Sequence[Due], outcomes: Sequence[Outcome], now: datetime) -> None:
    both = list(zip(due, outcomes, strict=True))
    jumped = [one.enrolment.id for one, outcome in both if outcome.jumped]
    if jumped:
        ledger.cancel_for_enrolments(conn, workspace_id, jumped, Reason.GOAL_REACHED, now)
    ledger.intend(conn, workspace_id, [intent for one, outcome in both for intent in _intents(one, outcome)], now)
    claims.move(conn, workspace_id, due, [outcome.end for outcome in outcomes], now)
    notes = ((one.flow.id, one.enrolment.id, note) for one, outcome in both for note in _notes(outcome))
    journal.write(conn, workspace_id, notes, now)
    wanted = [(one, act) for one, outcome in both for act in outcome.acts]
    if wanted:
        acts.carry_out(conn, workspace_id, wanted, now)


def _notes(outcome: Outcome) -> tuple[Note, ...]:
    return (*outcome.notes, journal.COMPLETED) if isinstance(outcome.end, Complete) else outcome.notes


def _intents(one: Due, outcome: Outcome) -> list[ledger.Intent]:
    return [
        ledger.Intent(
            source=SOURCE,
            source_id=one.flow.id,
            step=intent.step.id,
            profile_id=one.enrolment.profile_id,
            occurrence=one.enrolment.id,
            origin_at=one.enrolment.started_at,
            send_at=intent.send_at,
            skip=intent.skip,
        )
        for intent in outcome.intents
    ]
