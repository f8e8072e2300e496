"""Which rule of entry said no to something that happened, asked again later for people who want to know. Pure.

The rules and their order are those of `entry`: was the flow live, is it history, the trigger's filter, who may enter
again, an address, what ends the flow, the flow's filters. Facts are those of the moment it was processed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from headwater.flows import admission
from headwater.flows.definition import FlowDefinition
from headwater.flows.effects import Enrolment
from headwater.flows.engine import place_of
from headwater.flows.triggers import LowStockTrigger, MetricTrigger, PriceDropTrigger, starts
from headwater.segments.conditions import AllOf, Filter
from headwater.segments.language import Condition, Facts, evaluate, matches

LATEST = timedelta(hours=24)
"""What comes later than that is history (`entry.LATEST`)."""

ENTERED, MERGED, HELD_OUT = "entered", "merged", "holdout"
NOT_LIVE, HISTORY, LATE = "not_live", "history", "late"
OTHER_TRIGGER, TRIGGER_FILTER = "other_trigger", "trigger_filter"
INSIDE, AGAIN, NO_ADDRESS, EXIT, PROFILE_FILTERS = "inside", "again", "no_address", "exit", "profile_filters"
UNCLEAR = "unclear"
"""Nothing that is known today stood against it."""


@dataclass(frozen=True, slots=True)
class Occurred:
    """What may have started the flow: an event, joining a list, the coming of a date."""

    at: datetime
    """Its own time,"""
    asked_at: datetime
    """and when the flow was asked about it."""
    trigger: Mapping[str, Any]
    """What an enrolment would remember of it."""
    key: str
    is_event: bool = True
    value: Decimal | float | None = None
    history: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """An enrolment of the person in the flow."""

    id: int
    key: str
    started_at: datetime
    entered_at: datetime
    finished_at: datetime | None
    state: str
    reason: str | None
    trigger: Mapping[str, Any]

    def waited_at(self, at: datetime) -> bool:
        return self.finished_at is None or self.finished_at > at


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the flow itself at that time: since when it could take people in, and whether it still can."""

    live_since: datetime | None  # None: published later
    status: str = "live"
    status_since: datetime | None = None  # since then at the latest


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of it, by which rule."""

    code: str
    failed: tuple[Condition, ...] = ()
    """The conditions that said no; of what ends the flow, the one that held."""
    tests: tuple[Filter, ...] = ()
    """Of the trigger's filter, those that the event did not pass."""
    entry: Entry | None = None
    """Its own enrolment, or the one that stood in the way."""
    again_at: datetime | None = None
    """From when they may enter again; None: never, or not by the passing of time."""
    since: datetime | None = None
    """Of a flow that was not live: until when it was not yet, or since when no longer."""


def judge(
    definition: FlowDefinition, one: Occurred, facts: Facts, entries: Sequence[Entry], standing: Standing
) -> Verdict:
    """The first rule that said no; `entries` are the person's, the oldest first."""
    own = _own(one, entries)
    if own is not None:
        return _with_own(one, own)
    return (
        _not_live(one, standing)
        or _too_old(one)
        or _unfitting(definition, one)
        or _entered_before(definition, one, entries)
        or (Verdict(NO_ADDRESS) if not facts.attributes.get("email") else None)
        or _refused(definition, one, facts)
        or Verdict(UNCLEAR)
    )


def asked_of(definition: FlowDefinition, one: Occurred, facts: Facts) -> Facts:
    """The facts, asked from the enrolment that would have begun."""
    return facts.asked_from(place_of(definition, Enrolment(0, facts.profile_id, one.at, one.at, None, one.trigger)))


def parts(condition: Condition | None) -> tuple[Condition, ...]:
    """The conditions that must all hold."""
    if isinstance(condition, AllOf):
        return tuple(part for child in condition.of for part in parts(child))
    return (condition,) if condition is not None else ()


# ── the rules, in the order in which they are asked ─────────────────────────────────────────────────────────────────
def _own(one: Occurred, entries: Sequence[Entry]) -> Entry | None:
    """The enrolment that it began, or whose data it became."""
    for name in ("id", "day"):
        if name in one.trigger:
            return next((entry for entry in entries if entry.trigger.get(name) == one.trigger[name]), None)
    return next((entry for entry in entries if entry.started_at == one.at), None)


def _with_own(one: Occurred, own: Entry) -> Verdict:
    if own.reason == admission.HOLDOUT:
        return Verdict(HELD_OUT, entry=own)
    if one.is_event and own.started_at != one.at:
        return Verdict(MERGED, entry=own)
    return Verdict(ENTERED, entry=own)


def _not_live(one: Occurred, standing: Standing) -> Verdict | None:
    if standing.live_since is None or standing.live_since > one.asked_at:
        return Verdict(NOT_LIVE, since=standing.live_since)
    stopped = standing.status_since
    if standing.status != "live" and stopped is not None and stopped <= one.asked_at:
        return Verdict(NOT_LIVE, since=stopped)
    return None


def _too_old(one: Occurred) -> Verdict | None:
    if not one.is_event:
        return None
    if one.history:
        return Verdict(HISTORY)
    return Verdict(LATE) if one.asked_at - one.at > LATEST else None


def _unfitting(definition: FlowDefinition, one: Occurred) -> Verdict | None:
    if not one.is_event:
        return None
    properties, trigger = one.trigger.get("properties") or {}, definition.trigger
    if definition.trigger_metric != one.trigger.get("metric"):
        return Verdict(OTHER_TRIGGER)
    if starts(trigger, definition.slug, properties, one.value):
        return None
    where = trigger.where if isinstance(trigger, MetricTrigger | PriceDropTrigger | LowStockTrigger) else None
    asked: tuple[Any, ...] = parts(where)
    return Verdict(TRIGGER_FILTER, tests=tuple(test for test in asked if not matches(test, properties, one.value)))


def _entered_before(definition: FlowDefinition, one: Occurred, entries: Sequence[Entry]) -> Verdict | None:
    if not admission.asks_again(definition):
        return None
    earlier = [
        entry
        for entry in entries
        if (entry.started_at <= one.at or entry.entered_at <= one.asked_at)
        and (not definition.key or entry.key == one.key)
    ]
    before = max(earlier, key=lambda entry: (entry.started_at, entry.id), default=None)
    if before is None:
        return None
    if definition.key and before.waited_at(one.asked_at):
        return Verdict(INSIDE, entry=before) if definition.merge != "restart" or one.at <= before.started_at else None
    if admission.may_enter_again(definition, one.at, before.started_at):
        return None
    after = definition.again_after
    return Verdict(AGAIN, entry=before, again_at=before.started_at + after if after is not None else None)


def _refused(definition: FlowDefinition, one: Occurred, facts: Facts) -> Verdict | None:
    asked = asked_of(definition, one, facts)
    for exit_on in definition.exit_on:
        if evaluate(exit_on.asked, asked, one.asked_at):
            return Verdict(EXIT, failed=(exit_on.asked,))
    failed = tuple(part for part in parts(definition.profile_filters) if not evaluate(part, asked, one.asked_at))
    return Verdict(PROFILE_FILTERS, failed=failed) if failed else None
