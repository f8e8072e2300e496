"""What a flow does next: one pure function from a definition, an enrolment, what is known and `now` to effects.

The live runner, tests, previews and backtests run this same function. It never looks at a clock or a database. What it
takes and gives is in `effects`; how it goes through the steps, in `walk`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from headwater.flows.definition import FlowDefinition
from headwater.flows.effects import Act, Complete, End, Enrolment, Intend, Known, Leave, Note, Outcome, Wait
from headwater.flows.occasions import occasions
from headwater.flows.steps import leads_to
from headwater.flows.triggers import DateTrigger
from headwater.flows.walk import EXIT_STEP, GOAL_UNMET, NOT_RESTOCKED, STEP_REMOVED, Walk
from headwater.segments.conditions import written
from headwater.segments.language import Facts, Place, evaluate
from headwater.segments.properties import leads_to as leads_through

__all__ = [
    "EXIT_STEP", "GOAL_UNMET", "NOT_RESTOCKED", "STEP_REMOVED", "Act", "Complete", "End", "Enrolment", "Intend",
    "Known", "Leave", "Note", "Outcome", "Wait", "advance", "begin", "place_of", "refusal", "reroute",
]  # fmt: skip

EXIT_EVENT = "exit_event"
EXIT_CONDITION = "exit_condition"
FAILED_PROFILE_FILTER = "failed_profile_filter"
PROFILE_DELETED = "profile_deleted"
DATE_CHANGED = "date_changed"

_AROUND = timedelta(days=3)


def place_of(definition: FlowDefinition, enrolment: Enrolment) -> Place:
    """Where the conditions of a flow are asked from."""
    properties = enrolment.trigger.get("properties")
    return Place(enrolment.started_at, definition.trigger_metric, enrolment.id, properties or {})


def refusal(definition: FlowDefinition, facts: Facts, now: datetime) -> tuple[str, str] | None:
    """Why nobody in these circumstances enters or goes on: (reason, which step of the argument); None: go on.

    Asked at entry, before every step, and by the gate in the transaction that claims a message. `facts` carry a place.
    """
    if definition.exits is not None and evaluate(definition.exits, facts, now):
        asked = zip(definition.exit_on, definition.exits.of, strict=True)
        met = next(exit_on for exit_on, condition in asked if evaluate(condition, facts, now))
        return (EXIT_EVENT, met.event.metric) if met.event is not None else (EXIT_CONDITION, "")
    if definition.profile_filters is not None and not evaluate(definition.profile_filters, facts, now):
        return FAILED_PROFILE_FILTER, ""
    return None


def date_moved(definition: FlowDefinition, enrolment: Enrolment, known: Known) -> bool:
    """Whether the date that started the enrolment is no longer the profile's."""
    day = enrolment.trigger.get("day")
    if not isinstance(definition.trigger, DateTrigger) or known.facts is None or day is None:
        return False
    if enrolment.trigger.get("property") not in (None, written(definition.trigger.rule.path)):
        return False  # the flow goes by another date now: nobody's own has changed by that
    held = {**known.facts.properties, **known.facts.attributes}
    value = next(iter(leads_through(held, definition.trigger.rule.path)), None)
    rule = definition.trigger.rule
    # Where the day lies by the rule of now: an edit of how long before it the flow starts moves nobody's date.
    comes = datetime.combine(date.fromisoformat(day) + timedelta(days=rule.offset_days), time(0), UTC)
    near = comes - _AROUND, comes + _AROUND
    found = occasions(rule, value, held.get("timezone"), known.brand_timezone, *near)
    return all(occasion.day.isoformat() != day for occasion in found)


def advance(definition: FlowDefinition, enrolment: Enrolment, known: Known, now: datetime) -> Outcome:
    """Walk from where the enrolment stands until it must wait or ends.

    Delays count from when the step was due, not from when a busy worker came to it, so lateness never adds up; delays
    that are over already are walked through. Steps only lead forward: at most each step once.
    """
    here = enrolment.step if enrolment.step is not None else definition.first
    if known.facts is None:
        return _left(here, PROFILE_DELETED)
    facts = known.facts.asked_from(place_of(definition, enrolment))
    refused = refusal(definition, facts, now)
    if refused is not None:
        return _left(here, *refused)
    if date_moved(definition, enrolment, known):
        return _left(here, DATE_CHANGED)
    return Walk(definition, enrolment, known, facts, now).turn(here)


def begin(definition: FlowDefinition, enrolment: Enrolment, known: Known, now: datetime) -> Outcome:
    """The first turn of somebody whom `refusal` has just let in: it is not asked again."""
    assert known.facts is not None
    facts = known.facts.asked_from(place_of(definition, enrolment))
    return Walk(definition, enrolment, known, facts, now).turn(definition.first)


def _left(here: str, reason: str, event: str = "") -> Outcome:
    detail = {"reason": reason, "event": event} if event else {"reason": reason}
    return Outcome(Leave(reason), notes=(Note(here, "exited", detail),))


def reroute(old: FlowDefinition, new: FlowDefinition, step: str) -> str | None:
    """Where in `new` someone stands who waits before a step of `old` that was removed: at the next that is left.

    None: nothing of what lay ahead is left. A removed split leads to its first branch.
    """
    ahead: str | None = step
    while ahead is not None and ahead not in new.steps:
        known = old.steps.get(ahead)
        ahead = next(iter(leads_to(known)), None) if known is not None else None
    return ahead
