"""Wakes due enrolments: claim a batch, load what its steps look at, let the engine decide, write everything back.

The number of queries does not depend on the number of enrolments. The caller's transaction holds it all: a killed
worker leaves nothing half done. Paused flows are not claimed, so their people stay where they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from psycopg import Connection

from headwater.accounts import brand
from headwater.delivery import ledger
from headwater.flows import facts, journal, live
from headwater.flows.definition import Countdown, FlowDefinition
from headwater.flows.engine import (
    Complete,
    Enrolment,
    Known,
    Leave,
    Outcome,
    Wait,
    advance,
    reroute,
)
from headwater.flows.live import Flow
from headwater.segments.language import Needs

SOURCE = "flow"


@dataclass(frozen=True, slots=True)
class _Due:
    flow: Flow
    version: int
    enrolment: Enrolment


def workspaces_with_work(conn: Connection, now: datetime) -> list[int]:
    """The workspaces in which someone's step is due. The one query that looks across workspaces."""
    # For the worker's idle poll. Index enrolment_due, one probe a live flow.
    rows = conn.execute(
        """
        SELECT DISTINCT f.workspace_id
        FROM flow f
        WHERE f.status = 'live'
          AND EXISTS (
              SELECT FROM enrolment e
              WHERE e.workspace_id = f.workspace_id
                AND e.flow_id = f.id
                AND e.state = 'waiting'
                AND e.wake_at <= %(now)s
          )
        ORDER BY f.workspace_id
        """,
        {"now": now},
    ).fetchall()
    return [row[0] for row in rows]


def run_due(conn: Connection, workspace_id: int, now: datetime, limit: int = 1000) -> int:
    """One turn: advance up to `limit` enrolments whose step is due. Answers how many; fewer than limit: all done."""
    flows = {flow.id: flow for flow in live.running(conn, workspace_id) if flow.status == "live"}
    due = _claim(conn, workspace_id, flows, now, limit)
    if not due:
        return 0
    due = _rerouted(conn, workspace_id, due)
    known = _known(conn, workspace_id, due, now)
    outcomes = [advance(one.flow.definition, one.enrolment, known[one.enrolment.id], now) for one in due]
    _write(conn, workspace_id, due, outcomes, now)
    return len(due)


def _claim(conn: Connection, workspace_id: int, flows: Mapping[int, Flow], now: datetime, limit: int) -> list[_Due]:
    if not flows:
        return []
    # The longest due that no other worker holds, of the flow with the longest due first. Index enrolment_due, read in
    # its order: one probe a flow, then as many entries as are taken.
    rows = conn.execute(
        """
        SELECT e.flow_id, e.version, e.id, e.profile_id, e.started_at, e.wake_at, e.step, e.trigger
        FROM (
            SELECT w.id
            FROM unnest(%(flows)s::bigint[]) AS w (id)
            ORDER BY (
                SELECT o.wake_at
                FROM enrolment o
                WHERE o.workspace_id = %(workspace)s
                  AND o.flow_id = w.id
                  AND o.state = 'waiting'
                ORDER BY o.wake_at
                LIMIT 1
            )
        ) AS f
        CROSS JOIN LATERAL (
            SELECT *
            FROM enrolment d
            WHERE d.workspace_id = %(workspace)s
              AND d.flow_id = f.id
              AND d.state = 'waiting'
              AND d.wake_at <= %(now)s
            ORDER BY d.wake_at
            LIMIT %(limit)s
            FOR UPDATE SKIP LOCKED
        ) AS e
        LIMIT %(limit)s
        """,
        {"workspace": workspace_id, "flows": list(flows), "now": now, "limit": limit},
    ).fetchall()
    return [_Due(flows[flow_id], version, Enrolment(*enrolment)) for flow_id, version, *enrolment in rows]


def _rerouted(conn: Connection, workspace_id: int, due: Sequence[_Due]) -> list[_Due]:
    """With those whose step was removed since put before the next step that is left."""
    lost = {(one.flow.id, one.version) for one in due if _is_lost(one)}
    if not lost:
        return list(due)
    earlier = live.earlier(conn, workspace_id, lost)
    return [_put_back(one, earlier) if _is_lost(one) else one for one in due]


def _is_lost(one: _Due) -> bool:
    return one.enrolment.step is not None and one.enrolment.step not in one.flow.definition.steps


def _put_back(one: _Due, earlier: Mapping[tuple[int, int], FlowDefinition]) -> _Due:
    assert one.enrolment.step is not None
    old = earlier.get((one.flow.id, one.version))
    step = reroute(old, one.flow.definition, one.enrolment.step) if old is not None else None
    # With nothing left ahead it keeps the removed step, and the engine ends it for that reason.
    return replace(one, enrolment=replace(one.enrolment, step=step or one.enrolment.step))


def _known(conn: Connection, workspace_id: int, due: Sequence[_Due], now: datetime) -> dict[int, Known]:
    """What the engine may look at, by enrolment."""
    needs = Needs()
    for flow in {one.flow.id: one.flow for one in due}.values():
        needs |= flow.definition.gate_needs | flow.definition.step_needs
    starts = ((one.enrolment.profile_id, one.enrolment.started_at) for one in due)
    profiles = facts.load(conn, workspace_id, starts, needs, now)
    messages = _messages(conn, workspace_id, [one for one in due if _stands_at_countdown(one)])
    timezone = brand.load(conn, workspace_id).timezone
    return {
        one.enrolment.id: Known(profiles.get(one.enrolment.profile_id), timezone, messages.get(one.enrolment.id))
        for one in due
    }


def _stands_at_countdown(one: _Due) -> bool:
    return isinstance(one.flow.definition.steps.get(one.enrolment.step or ""), Countdown)


def _messages(conn: Connection, workspace_id: int, due: Sequence[_Due]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {one.enrolment.id: {} for one in due}
    if not due:
        return found
    pairs = [(one, email.id) for one in due for email in one.flow.definition.emails]
    # What became of the emails of enrolments that wait for the coupon one of them issues. By the ledger's unique key.
    rows = conn.execute(
        """
        SELECT m.occurrence, m.step, m.state
        FROM unnest(%(flows)s::bigint[], %(steps)s::text[], %(profiles)s::bigint[], %(enrolments)s::bigint[],
                    %(origins)s::timestamptz[])
             AS w (flow_id, step, profile_id, enrolment_id, origin_at)
        JOIN message m
          ON m.workspace_id = %(workspace)s
         AND m.source = 'flow'
         AND m.source_id = w.flow_id
         AND m.step = w.step
         AND m.profile_id = w.profile_id
         AND m.occurrence = w.enrolment_id
         AND m.origin_at = w.origin_at
        """,
        {
            "workspace": workspace_id,
            "flows": [one.flow.id for one, _ in pairs],
            "steps": [step for _, step in pairs],
            "profiles": [one.enrolment.profile_id for one, _ in pairs],
            "enrolments": [one.enrolment.id for one, _ in pairs],
            "origins": [one.enrolment.started_at for one, _ in pairs],
        },
    )
    for enrolment_id, step, state in rows:
        found[enrolment_id][step] = state
    return found


def _write(
    conn: Connection, workspace_id: int, due: Sequence[_Due], outcomes: Sequence[Outcome], now: datetime
) -> None:
    intents = [
        ledger.Intent(
            source=SOURCE,
            source_id=one.flow.id,
            step=intent.step.id,
            profile_id=one.enrolment.profile_id,
            occurrence=one.enrolment.id,
            origin_at=one.enrolment.started_at,
            send_at=intent.send_at,
        )
        for one, outcome in zip(due, outcomes, strict=True)
        for intent in outcome.intents
    ]
    ledger.intend(conn, workspace_id, intents, now)
    _move(conn, workspace_id, due, outcomes, now)
    notes = ((one.enrolment.id, note) for one, outcome in zip(due, outcomes, strict=True) for note in outcome.notes)
    journal.write(conn, workspace_id, notes, now)


def _move(conn: Connection, workspace_id: int, due: Sequence[_Due], outcomes: Sequence[Outcome], now: datetime) -> None:
    ends = [outcome.end for outcome in outcomes]
    # Each enrolment to where its turn ended. The rows are locked by `_claim`. Primary key.
    conn.execute(
        """
        UPDATE enrolment
        SET step = COALESCE(moved.step, enrolment.step),
            state = moved.state,
            reason = moved.reason,
            wake_at = moved.wake_at,
            version = moved.version,
            finished_at = CASE WHEN moved.state <> 'waiting' THEN %(now)s::timestamptz END
        FROM unnest(%(ids)s::bigint[], %(steps)s::text[], %(states)s::text[], %(reasons)s::text[],
                    %(wakes)s::timestamptz[], %(versions)s::int[])
             AS moved (id, step, state, reason, wake_at, version)
        WHERE enrolment.workspace_id = %(workspace)s
          AND enrolment.id = moved.id
        """,
        {
            "workspace": workspace_id,
            "now": now,
            "ids": [one.enrolment.id for one in due],
            "steps": [end.step if isinstance(end, Wait) else None for end in ends],
            "states": [_STATES[type(end)] for end in ends],
            "reasons": [end.reason if isinstance(end, Leave) else None for end in ends],
            "wakes": [end.until if isinstance(end, Wait) else None for end in ends],
            "versions": [one.flow.version for one in due],
        },
    )


_STATES: Mapping[type, str] = {Wait: "waiting", Leave: "exited", Complete: "completed"}
