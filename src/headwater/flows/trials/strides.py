"""Stretches of a flow on which nothing is asked: emails, and then a delay, or the end. Pure.

The engine takes such a stretch for everybody alike, only at another time. So it is asked once for each place where one
begins, and a simulation of many people repeats its answer; only when the delay ends is told for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from headwater.flows.definition import FlowDefinition
from headwater.flows.delays import Span
from headwater.flows.effects import Enrolment, Known, Leave, Wait
from headwater.flows.engine import advance
from headwater.flows.steps import LIVE, Delay, Email, Exit
from headwater.flows.trials.person_in_time import length
from headwater.flows.triggers import DateTrigger
from headwater.segments.language import Facts

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stride:
    """What follows from standing before a step whose time has come."""

    emails: tuple[Email, ...]
    step: str | None
    """Where one waits then; None: it is the end."""
    span: Span
    wait: timedelta | None
    ticks: int
    """How long that is, where the span is exact, and the same in ticks."""
    left: str | None
    """At the end: why one leaves early; None: one is through."""


def strides(definition: FlowDefinition) -> dict[str, Stride]:
    """By the step where they begin. `definition` has neither exits nor filters: who asks knows that they let one go."""
    found = {}
    for step in definition.steps:
        delay = _ends_in(definition, step)
        if delay is not None:
            found[step] = _stride(definition, step, delay)
    return found


def _stride(definition: FlowDefinition, step: str, delay: Span) -> Stride:
    anybody = Enrolment(0, 0, _ANY_TIME, _ANY_TIME, step)
    outcome = advance(definition, anybody, Known(Facts(0)), _ANY_TIME)
    assert all(intent.skip is None and intent.send_at == _ANY_TIME for intent in outcome.intents)
    end = outcome.end
    wait = end.until - _ANY_TIME if isinstance(end, Wait) and delay.exact else None
    return Stride(
        tuple(intent.step for intent in outcome.intents),
        end.step if isinstance(end, Wait) else None,
        delay,
        wait,
        length(wait) if wait is not None else 0,
        end.reason if isinstance(end, Leave) else None,
    )


def _ends_in(definition: FlowDefinition, begin: str) -> Span | None:
    """The delay that a stretch from this step ends in, or one of nothing at the end; None: something is asked on it."""
    if isinstance(definition.trigger, DateTrigger) or definition.goals_ahead(begin):
        return None
    here: str | None = begin
    while here is not None:
        step = definition.steps[here]
        if isinstance(step, Exit):
            break
        if isinstance(step, Delay) and step.next in definition.acting:
            return step.span
        if not isinstance(step, Delay) and not (isinstance(step, Email) and step.status == LIVE):
            return None
        here = step.next
    return Span()
