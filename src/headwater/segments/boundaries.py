"""When time alone changes an answer: for one profile (`next_change`), and as what to look for in a workspace
(`boundaries`).

Every time that a condition looks at is a stored instant: an event's, the joining of a list, a consent, a date among the
properties. An answer changes by the passing of time only at such an instant plus an offset that the definition names
(90 days after an order, a week before a birthday). So nothing has to be stored per profile and segment: whose answer
can change in a span of time is a range of what is stored, shifted by the offset. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from headwater.segments import dates
from headwater.segments.conditions import (
    Condition,
    Consent,
    Coupon,
    DateTest,
    Did,
    Filter,
    InFlow,
    InSegment,
    OnList,
    Path,
    Sequence,
    Suppressed,
    leaves,
    offsets,
)
from headwater.segments.language import Facts, bound, date_of, evaluate, matches, opens_backwards

HORIZON_DAYS = 800
"""How far ahead the returns of a day of the year are looked for."""


# ── in a workspace ──────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class EventBoundary:
    """`offset` after each event of the metric that passes the filter."""

    metric: str
    where: Filter | None
    offset: timedelta


@dataclass(frozen=True, slots=True)
class ListBoundary:
    list: int | str
    offset: timedelta


@dataclass(frozen=True, slots=True)
class SegmentBoundary:
    segment: int | str
    offset: timedelta


@dataclass(frozen=True, slots=True)
class ConsentBoundary:
    offset: timedelta


@dataclass(frozen=True, slots=True)
class SuppressionBoundary:
    offset: timedelta


@dataclass(frozen=True, slots=True)
class DateBoundary:
    """`offset` after a date among the properties (before it, if negative)."""

    path: Path
    offset: timedelta


@dataclass(frozen=True, slots=True)
class DayOfYearBoundary:
    """With each new day: those whose date comes into the range of days of the year, or leaves it."""

    test: DateTest


Boundary = (
    EventBoundary
    | ListBoundary
    | SegmentBoundary
    | ConsentBoundary
    | SuppressionBoundary
    | DateBoundary
    | DayOfYearBoundary
)


def boundaries(condition: Condition) -> frozenset[Boundary]:
    """What to look for: no answer changes by time alone except where one of these falls."""
    found: set[Boundary] = set()
    for leaf in leaves(condition):
        match leaf:
            case Did():
                found |= {EventBoundary(leaf.metric, leaf.where, offset) for offset in offsets(leaf.window)}
            case Sequence():
                found |= {EventBoundary(leaf.metric, leaf.where, offset) for offset in offsets(leaf.window)}
                waits = _waits(leaf)
                if waits is not None:
                    found.add(waits)
            case OnList(named, window):
                found |= {ListBoundary(named, offset) for offset in offsets(window)}
            case InSegment(named, window):
                found |= {SegmentBoundary(named, offset) for offset in offsets(window)}
            case Consent(_, _, window):
                found |= {ConsentBoundary(offset) for offset in offsets(window)}
            case Suppressed(_, window):
                found |= {SuppressionBoundary(offset) for offset in offsets(window)}
            case DateTest():
                found |= {DateBoundary(leaf.path, offset) for offset in dates.rolling_offsets(leaf)}
                if dates.turns_with_the_day(leaf):
                    found.add(DayOfYearBoundary(leaf))
    return frozenset(found)


def changes_by_time(condition: Condition) -> bool:
    """Whether the passing of time alone can ever change its answer."""
    return any(
        isinstance(leaf, Coupon) or (isinstance(leaf, InFlow) and bool(offsets(leaf.window))) or bool(boundaries(leaf))
        for leaf in leaves(condition)
    )


def _waits(sequence: Sequence) -> EventBoundary | None:
    """For what did not follow within a span: it is known that long after the step before it."""
    last = sequence.steps[-1]
    if last.did or last.before or last.within is None:
        return None
    previous = sequence.steps[-2] if len(sequence.steps) > 1 else sequence
    return EventBoundary(previous.metric, previous.where, last.within)


# ── for one profile ─────────────────────────────────────────────────────────────────────────────────────────────────
def next_change(condition: Condition, facts: Facts, now: datetime) -> datetime | None:
    """The first instant after `now` at which the answer changes if nothing else happens; None: it never does.

    Days of the year are followed for two years ahead. The facts must hold the events that `needs` names.
    """
    answer = evaluate(condition, facts, now)
    moments = {at for leaf in leaves(condition) for at in _moments(leaf, facts, now) if at > now}
    return next((at for at in sorted(moments) if evaluate(condition, facts, at) is not answer), None)


def _moments(leaf: Condition, facts: Facts, now: datetime) -> Iterator[datetime]:
    """The instants at which a condition's own answer may change."""
    match leaf:
        case Did():
            for offset in offsets(leaf.window):
                yield from (at + offset for at in _happened(leaf, facts))
        case Sequence():
            for boundary in boundaries(leaf):
                assert isinstance(boundary, EventBoundary)
                yield from (
                    event.ts + boundary.offset
                    for event in facts.events.get(boundary.metric, ())
                    if matches(bound(boundary.where, facts.place), event.properties, event.value)
                )
        case OnList(named, window):
            yield from (facts.lists[named] + offset for offset in offsets(window) if named in facts.lists)
        case InSegment(named, window):
            yield from (facts.segments[named] + offset for offset in offsets(window) if named in facts.segments)
        case Consent(_, _, window):
            yield from (facts.consent_at + offset for offset in offsets(window) if facts.consent_at is not None)
        case Suppressed(_, window):
            yield from (at + offset for offset in offsets(window) for at in facts.suppressions.values())
        case Coupon():
            yield from _coupon_moments(leaf, facts)
        case InFlow(flow, window):
            entered = [entry.at for entry in facts.entries if entry.flow == flow]
            yield from (at + offset for offset in offsets(window) for at in entered)
        case DateTest():
            yield from _date_moments(leaf, facts, now)


def _happened(condition: Did, facts: Facts) -> Iterator[datetime]:
    if condition.by_total:
        total = facts.totals.get(condition.metric)
        if total is not None:
            yield total.first if opens_backwards(condition.window) else total.last
        return
    for event in facts.events.get(condition.metric, ()):
        if matches(bound(condition.where, facts.place), event.properties, event.value):
            yield event.ts


def _coupon_moments(condition: Coupon, facts: Facts) -> Iterator[datetime]:
    for held in facts.coupons:
        at = held.redeemed_at if condition.state == "redeemed" else held.assigned_at
        yield from (at + offset for offset in offsets(condition.window) if at is not None)
        if held.expires_at is not None:
            yield held.expires_at
            if condition.left is not None:  # enough is left until this instant, and no longer enough just after it
                yield held.expires_at - condition.left + timedelta(microseconds=1)


def _date_moments(condition: DateTest, facts: Facts, now: datetime) -> Iterator[datetime]:
    found = dates.moment(date_of(condition, facts), facts.zone)
    if found is None:
        return
    if dates.turns_with_the_day(condition):
        today = dates.today(now, facts.zone)
        yield from (dates.midnight(today + timedelta(days=ahead), facts.zone) for ahead in range(1, HORIZON_DAYS))
        return
    began = found.at if found.at is not None else dates.beginning(found.day, facts.zone)
    yield from (began + offset for offset in dates.rolling_offsets(condition))
