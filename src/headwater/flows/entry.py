"""Entering a flow: from what triggers it to enrolments.

Trigger filters are asked once, of the event. Re-entry, profile filters and exits are asked for all candidates together,
with one query a kind of fact. Who has no email address is not taken in: an anonymous browser becomes a person first,
and what it did before then joins the person's history without starting anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from headwater.accounts import brand
from headwater.events.store import Event
from headwater.flows import entering, exits, facts, live, waking
from headwater.flows.admission import HOLDOUT, asks_again, held_out, key_of, may_enter_again
from headwater.flows.effects import Complete, End, Enrolment, Known, Leave, Note, Wait
from headwater.flows.engine import begin, place_of, refusal
from headwater.flows.entering import Begun
from headwater.flows.live import Flow
from headwater.flows.triggers import ListTrigger, starts
from headwater.segments.language import Facts, Needs

LATEST = timedelta(hours=24)
"""Older events are history: they fill the profile's past and start nothing."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A profile that a trigger would take into a flow."""

    flow: Flow
    profile_id: int
    at: datetime
    key: str
    trigger: Mapping[str, Any]
    placing: bool = False
    """From the past: put where they would be by now, and nothing made up for."""


def on_events(conn: Connection, workspace_id: int, events: Sequence[Event], now: datetime) -> int:
    """Close the enrolments that these stored events end, look at those that wait for them, then open those they
    trigger. Answers how many were opened."""
    flows = live.running(conn, workspace_id)
    if not flows or not events:
        return 0
    exits.close(conn, workspace_id, flows, events, now)
    waking.on_events(conn, workspace_id, flows, events, now)
    return enrol(conn, workspace_id, triggered(flows, events, now), now, due_too=True)


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
    candidates = [
        Candidate(flow, profile_id, now, f"{list_id}@{now.isoformat()}", joined(list_id, name, now))
        for flow in flows
        if flow.status == "live" and starts_with_list(flow, list_id, name)
        for profile_id in profile_ids
    ]
    enrol(conn, workspace_id, candidates, now)


def joined(list_id: int, name: str, at: datetime) -> dict[str, Any]:
    """What an enrolment remembers of the list that began it."""
    return {"list": list_id, "name": name, "ts": at.isoformat()}


def starts_with_list(flow: Flow, list_id: int, name: str) -> bool:
    """Whether joining this list starts the flow."""
    trigger = flow.definition.trigger
    assert isinstance(trigger, ListTrigger)
    return trigger.list == list_id or (isinstance(trigger.list, str) and trigger.list.lower() == name.lower())


def triggered(flows: Sequence[Flow], events: Iterable[Event], now: datetime) -> list[Candidate]:
    """Whom these events would take into which live flow, in the order of time."""
    started_by: dict[str, list[Flow]] = defaultdict(list)
    for flow in flows:
        if flow.status == "live" and flow.definition.trigger_metric is not None:
            started_by[flow.definition.trigger_metric].append(flow)
    oldest = now - LATEST
    return [
        by_event(flow, event)
        for event in sorted(events, key=lambda event: event.ts)
        if not event.history and event.ts >= oldest
        for flow in started_by.get(event.metric, ())
        if starts(flow.definition.trigger, flow.definition.slug, event.properties, event.value)
    ]


def by_event(flow: Flow, event: Event, *, placing: bool = False) -> Candidate:
    """The candidate that an event makes of its profile."""
    value = float(event.value) if event.value is not None else None
    trigger = {
        "metric": event.metric,
        "id": str(event.id),
        "ts": event.ts.isoformat(),
        "value": value,
        "properties": event.properties,
    }
    key = key_of(flow.definition.key, event.properties) or str(event.id)
    return Candidate(flow, event.profile_id, event.ts, key, trigger, placing)


def enrol(
    conn: Connection, workspace_id: int, candidates: Sequence[Candidate], now: datetime, *, due_too: bool = False
) -> int:
    """Take in those candidates whom re-entry, exits and profile filters admit, and look at them where they wait for
    that in other flows (`due_too`: see `waking.on_entries`). Answers how many."""
    candidates = _admitted_again(conn, workspace_id, candidates, now)
    if not candidates:
        return 0
    asked = Needs(profile=True)
    for flow in {candidate.flow.id: candidate.flow for candidate in candidates}.values():
        asked |= flow.definition.gate_needs | flow.definition.step_needs
    starts_at = ((candidate.profile_id, candidate.at) for candidate in candidates)
    known = facts.load(conn, workspace_id, starts_at, asked, now)
    admitted = _admitted(candidates, known, now)
    if not admitted:
        return 0
    timezone = brand.load(conn, workspace_id).timezone
    begun = [_begun(candidate, known[candidate.profile_id], timezone, now) for candidate in admitted]
    entered = entering.insert(conn, workspace_id, [one for one in begun if one is not None], now)
    if entered:
        waking.on_entries(conn, workspace_id, entered, now, due_too=due_too)
    return len(entered)


# ── again ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _admitted_again(
    conn: Connection, workspace_id: int, candidates: Sequence[Candidate], now: datetime
) -> list[Candidate]:
    """Without those who entered the same flow (for the same key) too recently, before this batch or in it.

    Whose key is inside already is merged with it, as the flow says.
    """
    asked = sorted({_again_by(one) for one in candidates if asks_again(one.flow.definition)})
    standing = entering.last_entries(conn, workspace_id, asked) if asked else {}
    kept: list[Candidate] = []
    replaced: dict[int, Candidate] = {}
    restarted: set[int] = set()
    for candidate in candidates:
        before, definition = standing.get(_again_by(candidate)), candidate.flow.definition
        if before is not None and before.waiting and definition.key:
            merge = definition.merge
            later = candidate.at > before.started_at
            if merge == "replace" and later:
                replaced[before.enrolment] = candidate
            if merge != "restart" or not later:
                continue
            restarted.add(before.enrolment)
        elif not may_enter_again(definition, candidate.at, before.started_at if before is not None else None):
            continue
        kept.append(candidate)
    if replaced:
        entering.replace_triggers(conn, workspace_id, {one: by.trigger for one, by in replaced.items()})
    if restarted:
        exits.restart(conn, workspace_id, restarted, now)
    return kept


def _again_by(candidate: Candidate) -> tuple[int, int, str]:
    return candidate.flow.id, candidate.profile_id, candidate.key if candidate.flow.definition.key else ""


def _admitted(candidates: Sequence[Candidate], known: Mapping[int, Facts], now: datetime) -> list[Candidate]:
    """Those with an address, whom exits and profile filters let in; within the batch, re-entry counts too.

    Of several with one key the first enters, or, where the flow says restart or replace, the last.
    """
    admitted: list[Candidate] = []
    latest: dict[tuple[int, int, str], int] = {}  # where the last of them stands in `admitted`
    for candidate in candidates:
        facts_ = known.get(candidate.profile_id)
        if facts_ is None or not facts_.attributes.get("email"):
            continue
        definition, by = candidate.flow.definition, _again_by(candidate)
        place = latest.get(by) if asks_again(definition) else None
        if place is not None and definition.key and definition.merge == "ignore":
            continue
        before = admitted[place].at if place is not None and not definition.key else None
        if not may_enter_again(definition, candidate.at, before):
            continue
        asked = facts_.asked_from(place_of(definition, _enrolment(candidate)))
        if refusal(definition, asked, now) is not None:
            continue
        if place is not None and definition.key:
            admitted[place] = candidate
        else:
            latest[by] = len(admitted)
            admitted.append(candidate)
    return admitted


# ── beginning ───────────────────────────────────────────────────────────────────────────────────────────────────────
def _enrolment(candidate: Candidate) -> Enrolment:
    return Enrolment(
        0, candidate.profile_id, candidate.at, candidate.at, None, candidate.trigger, placing=candidate.placing
    )


def _begun(candidate: Candidate, known: Facts, timezone: str, now: datetime) -> Begun | None:
    """Where a new enrolment first waits: past a delay that the flow begins with, without a turn of the runner.

    None: from the past, and the whole flow lies behind.
    """
    definition = candidate.flow.definition
    if held_out(definition, candidate.profile_id):
        first = definition.first
        return _standing(candidate, Leave(HOLDOUT), (Note(first, "exited", {"reason": HOLDOUT}),))
    outcome = begin(definition, _enrolment(candidate), Known(known, timezone), now)
    if candidate.placing and isinstance(outcome.end, Complete | Leave):
        return None
    if isinstance(outcome.end, Wait) and not outcome.intents and not outcome.acts:
        return _standing(candidate, outcome.end, outcome.notes)
    return _standing(candidate, Wait(definition.first, candidate.at), ())


def _standing(candidate: Candidate, end: End, notes: tuple[Note, ...]) -> Begun:
    return Begun(
        candidate.flow.id,
        candidate.flow.version,
        candidate.profile_id,
        candidate.key,
        candidate.at,
        candidate.trigger,
        end,
        notes,
    )
