"""How long a flow takes at the longest: so far back lies whoever may still be in the middle of it. Pure."""

from __future__ import annotations

from datetime import timedelta

from headwater.flows.definition import FlowDefinition
from headwater.flows.delays import Span
from headwater.flows.steps import BackInStock, Delay, Goal, Step, WaitFor, leads_to
from headwater.flows.walk import PATIENCE

_NOTHING = timedelta(0)
_UNTIL = timedelta(hours=25)
"""What waiting for a time of day adds at most; a day is an hour longer where clocks fall back."""
_WEEKDAYS = timedelta(days=6)


def timeline(definition: FlowDefinition) -> timedelta:
    """The sum of what its steps take along the longest way; nothing (0): all of it happens at once.

    Waits count with all the time they have. A countdown to a date, or to the end of a code, has no length of its own.
    """
    ahead: dict[str | None, timedelta] = {None: _NOTHING}
    for step_id, step in reversed(list(definition.steps.items())):
        after = max((ahead[following] for following in leads_to(step)), default=_NOTHING)
        ahead[step_id] = _longest(definition, step) + after
    return ahead[definition.first]


def _longest(definition: FlowDefinition, step: Step) -> timedelta:
    match step:
        case Delay(span=span) if step.next in definition.acting:
            return _span(span)
        case BackInStock() if step.next in definition.acting:
            return step.give_up_after
        case WaitFor():
            return step.within
        case Goal(unmet="wait"):
            return PATIENCE
    return _NOTHING


def _span(span: Span) -> timedelta:
    until = _UNTIL if span.until is not None else _NOTHING
    weekdays = _WEEKDAYS if span.weekdays else _NOTHING
    return timedelta(days=span.days) + span.rest + until + weekdays
