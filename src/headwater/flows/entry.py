"""Entering a flow: from the events of a batch, or from joining a list, to enrolments.

Trigger filters are asked once, of the event. Re-entry, profile filters and exits are asked for all candidates together,
with one query a kind of fact. Who has no email address is not taken in: an anonymous browser becomes a person first,
and what it did before then joins the person's history without starting anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from psycopg import Connection

from headwater.accounts import brand
from headwater.events.store import Event
from headwater.flows import exits, facts, journal, live
from headwater.flows.definition import ListTrigger, MetricTrigger
from headwater.flows.engine import Enrolment, Known, Note, Wait, advance, place_of, refusal
from headwater.flows.live import Flow
from headwater.segments.language import Facts, Needs, matches

LATEST = timedelta(hours=24)
"""Older events are history: they fill the profile's past and start nothing."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A profile that a trigger would take into a flow."""

    flow: Flow
    profile_id: int
    at: datetime
    key: str
    trigger: Mapping[str, Any]


def on_events(conn: Connection, workspace_id: int, events: Sequence[Event], now: datetime) -> int:
    """Close the enrolments that these stored events end, then open those they trigger. Answers how many were opened."""
    flows = live.running(conn, workspace_id)
    if not flows or not events:
        return 0
    exits.close(conn, workspace_id, flows, events, now)
    return enrol(conn, workspace_id, _triggered(flows, events, now), now)


def on_list_join(conn: Connection, workspace_id: int, list_id: int, profile_ids: Sequence[int], now: datetime) -> None:
    """Open enrolments of the flows that joining this list starts. Registered with `audience.lists.on_join`."""
    flows = [flow for flow in live.running(conn, workspace_id) if isinstance(flow.definition.trigger, ListTrigger)]
    if not flows or not profile_ids:
        return
    row = conn.execute(
        "SELECT name FROM list WHERE workspace_id = %(workspace)s AND id = %(list)s",
        {"workspace": workspace_id, "list": list_id},
    ).fetchone()
    name = row[0] if row else ""
    trigger = {"list": list_id, "name": name, "ts": now.isoformat()}
    candidates = [
        Candidate(flow, profile_id, now, f"{list_id}@{now.isoformat()}", trigger)
        for flow in flows
        if flow.status == "live" and _starts_with(flow, list_id, name)
        for profile_id in profile_ids
    ]
    enrol(conn, workspace_id, candidates, now)


def enrol(conn: Connection, workspace_id: int, candidates: Sequence[Candidate], now: datetime) -> int:
    """Take in those candidates whom re-entry, exits and profile filters admit. Answers how many."""
    candidates = _admitted_again(conn, workspace_id, candidates)
    if not candidates:
        return 0
    needs = Needs(profile=True)
    for flow in {candidate.flow.id: candidate.flow for candidate in candidates}.values():
        needs |= flow.definition.gate_needs | flow.definition.step_needs
    starts = ((candidate.profile_id, candidate.at) for candidate in candidates)
    known = facts.load(conn, workspace_id, starts, needs, now)
    admitted = _admitted(candidates, known, now)
    if not admitted:
        return 0
    timezone = brand.load(conn, workspace_id).timezone
    begun = [_begin(candidate, known[candidate.profile_id], timezone, now) for candidate in admitted]
    return _insert(conn, workspace_id, admitted, begun, now)


def _triggered(flows: Sequence[Flow], events: Iterable[Event], now: datetime) -> list[Candidate]:
    started_by: dict[str, list[tuple[Flow, MetricTrigger]]] = defaultdict(list)
    for flow in flows:
        if flow.status == "live" and isinstance(flow.definition.trigger, MetricTrigger):
            started_by[flow.definition.trigger.metric].append((flow, flow.definition.trigger))
    oldest = now - LATEST
    return [
        Candidate(flow, event.profile_id, event.ts, _key(flow, event), _trigger(event))
        for event in sorted(events, key=lambda event: event.ts)
        if not event.history and event.ts >= oldest
        for flow, trigger in started_by.get(event.metric, ())
        if matches(trigger.where, event.properties, event.value)
    ]


def _starts_with(flow: Flow, list_id: int, name: str) -> bool:
    trigger = flow.definition.trigger
    assert isinstance(trigger, ListTrigger)
    return trigger.list == list_id or (isinstance(trigger.list, str) and trigger.list.lower() == name.lower())


def _key(flow: Flow, event: Event) -> str:
    """What one enrolment stands for: the property that the flow is entered by, or the event itself."""
    value: Any = event.properties
    for part in flow.definition.key:
        value = value.get(part) if isinstance(value, Mapping) else None
    if flow.definition.key and isinstance(value, str | int) and value != "":
        return str(value)[:500]
    return str(event.id)


def _trigger(event: Event) -> dict[str, Any]:
    value = float(event.value) if event.value is not None else None
    return {
        "metric": event.metric,
        "id": str(event.id),
        "ts": event.ts.isoformat(),
        "value": value,
        "properties": event.properties,
    }


def _admitted_again(conn: Connection, workspace_id: int, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Without those who entered the same flow too recently, before this batch or in it."""
    asked = sorted({(c.flow.id, c.profile_id) for c in candidates if c.flow.definition.again_after != timedelta(0)})
    last: dict[tuple[int, int], datetime] = {}
    if asked:
        # When these profiles last entered these flows. Index enrolment_profile.
        rows = conn.execute(
            """
            SELECT e.flow_id, e.profile_id, max(e.started_at)
            FROM unnest(%(flows)s::bigint[], %(profiles)s::bigint[]) AS asked (flow_id, profile_id)
            JOIN enrolment e
              ON e.workspace_id = %(workspace)s
             AND e.profile_id = asked.profile_id
             AND e.flow_id = asked.flow_id
            GROUP BY e.flow_id, e.profile_id
            """,
            {"workspace": workspace_id, "flows": [pair[0] for pair in asked], "profiles": [pair[1] for pair in asked]},
        ).fetchall()
        last = {(row[0], row[1]): row[2] for row in rows}
    return [candidate for candidate in candidates if _may_enter_again(candidate, last)]


def _may_enter_again(candidate: Candidate, last: Mapping[tuple[int, int], datetime]) -> bool:
    before = last.get((candidate.flow.id, candidate.profile_id))
    after = candidate.flow.definition.again_after
    if before is None:
        return True
    return after is not None and candidate.at - before >= after


def _admitted(candidates: Sequence[Candidate], known: Mapping[int, Facts], now: datetime) -> list[Candidate]:
    """Those with an address, whom exits and profile filters let in; within the batch, re-entry counts too."""
    admitted: list[Candidate] = []
    entered: dict[tuple[int, int], datetime] = {}
    for candidate in candidates:
        facts_ = known.get(candidate.profile_id)
        if facts_ is None or not facts_.attributes.get("email") or not _may_enter_again(candidate, entered):
            continue
        definition = candidate.flow.definition
        asked = facts_.asked_from(place_of(definition, _enrolment(candidate)))
        if refusal(definition, asked, now) is None:
            admitted.append(candidate)
            entered[candidate.flow.id, candidate.profile_id] = candidate.at
    return admitted


def _enrolment(candidate: Candidate) -> Enrolment:
    return Enrolment(0, candidate.profile_id, candidate.at, candidate.at, None, candidate.trigger)


def _begin(candidate: Candidate, known: Facts, timezone: str, now: datetime) -> tuple[Wait, tuple[Note, ...]]:
    """Where a new enrolment first waits: past a delay that the flow begins with, without a turn of the runner."""
    definition = candidate.flow.definition
    outcome = advance(definition, _enrolment(candidate), Known(known, timezone), now)
    if isinstance(outcome.end, Wait) and not outcome.intents:
        return outcome.end, outcome.notes
    return Wait(definition.first, candidate.at), ()


def _insert(
    conn: Connection,
    workspace_id: int,
    admitted: Sequence[Candidate],
    begun: Sequence[tuple[Wait, tuple[Note, ...]]],
    now: datetime,
) -> int:
    # Index: the unique key (flow, profile, entry key) makes a second entry by the same event or cart a no-op.
    rows = conn.execute(
        """
        INSERT INTO enrolment (workspace_id, flow_id, profile_id, entry_key, version, started_at, entered_at,
                               trigger, step, wake_at)
        SELECT %(workspace)s, n.flow_id, n.profile_id, n.entry_key, n.version, n.started_at, %(now)s,
               n.trigger, n.step, n.wake_at
        FROM jsonb_to_recordset(%(new)s::jsonb)
             AS n (flow_id bigint, profile_id bigint, entry_key text, version int, started_at timestamptz,
                   trigger jsonb, step text, wake_at timestamptz)
        ON CONFLICT (workspace_id, flow_id, profile_id, entry_key) DO NOTHING
        RETURNING id, flow_id, profile_id, entry_key
        """,
        {
            "workspace": workspace_id,
            "now": now,
            "new": orjson.dumps(
                [
                    {
                        "flow_id": candidate.flow.id,
                        "profile_id": candidate.profile_id,
                        "entry_key": candidate.key,
                        "version": candidate.flow.version,
                        "started_at": candidate.at,
                        "trigger": candidate.trigger,
                        "step": wait.step,
                        "wake_at": wait.until,
                    }
                    for candidate, (wait, _) in zip(admitted, begun, strict=True)
                ]
            ).decode(),
        },
    ).fetchall()
    ids = {(row[1], row[2], row[3]): row[0] for row in rows}
    notes = (
        (ids[key], note)
        for candidate, (_, noted) in zip(admitted, begun, strict=True)
        if (key := (candidate.flow.id, candidate.profile_id, candidate.key)) in ids
        for note in noted
    )
    journal.write(conn, workspace_id, notes, now)
    return len(rows)
