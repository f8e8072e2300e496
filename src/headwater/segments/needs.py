"""What must be known of a profile before a condition can be answered: `facts.load` fetches that and no more. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from headwater.segments.conditions import (
    Ago,
    AllOf,
    AnyOf,
    Between,
    CanReceive,
    Condition,
    Consent,
    Coupon,
    DateTest,
    Did,
    InFlow,
    InLast,
    InSegment,
    Near,
    Negation,
    OnList,
    ProfileTest,
    Region,
    Sequence,
    Since,
    SinceFlowStart,
    Suppressed,
    Window,
)

COLUMNS = (
    "external_id",
    "email",
    "phone",
    "first_name",
    "last_name",
    "locale",
    "timezone",
    "city",
    "region",
    "country",
)
"""Properties of a profile that are columns; every other name is looked up among its own properties."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be loaded to answer some conditions: the union of needs serves them all."""

    totals: frozenset[str] = frozenset()
    events: frozenset[tuple[str, Window]] = frozenset()
    event_properties: frozenset[str] = frozenset()  # metrics whose events are looked into
    profile: bool = False
    properties: bool = False
    lists: frozenset[int | str] = frozenset()
    segments: frozenset[int | str] = frozenset()
    consent: bool = False
    zone: bool = False
    coupons: bool = False
    flows: frozenset[str] = frozenset()

    def __or__(self, other: Needs) -> Needs:
        return Needs(
            self.totals | other.totals,
            self.events | other.events,
            self.event_properties | other.event_properties,
            self.profile or other.profile,
            self.properties or other.properties,
            self.lists | other.lists,
            self.segments | other.segments,
            self.consent or other.consent,
            self.zone or other.zone,
            self.coupons or other.coupons,
            self.flows | other.flows,
        )


def needs(condition: Condition | None) -> Needs:
    """The facts that `evaluate` will look at."""
    match condition:
        case AllOf(of) | AnyOf(of):
            whole = Needs()
            for child in of:
                whole |= needs(child)
            return whole
        case Negation(child):
            return needs(child)
        case Did() if condition.by_total:
            return Needs(totals=frozenset([condition.metric]))
        case Did():
            looked = frozenset([condition.metric]) if condition.where is not None else frozenset[str]()
            return Needs(events=frozenset([(condition.metric, condition.window)]), event_properties=looked)
        case Sequence():
            return _sequence(condition)
        case ProfileTest(test):
            return Needs(profile=True, properties=test.path[0].key not in COLUMNS)
        case DateTest():
            return Needs(profile=True, properties=True, zone=True)
        case Region():
            return Needs(profile=True)
        case Near():
            return Needs(profile=True, properties=True)
        case OnList():
            return Needs(lists=frozenset([condition.list]))
        case InSegment():
            return Needs(segments=frozenset([condition.segment]))
        case Consent() | Suppressed():
            return Needs(consent=True)
        case CanReceive():
            return Needs(profile=True, consent=True)
        case Coupon():
            return Needs(coupons=True)
        case InFlow():
            return Needs(flows=frozenset([condition.flow]))
    return Needs()


def _sequence(condition: Sequence) -> Needs:
    """Every metric of a sequence, from where its first event can lie."""
    events: set[tuple[str, Window]] = {(condition.metric, condition.window)}
    looked = {condition.metric} if condition.where is not None else set()
    window: Window = condition.window
    for step in condition.steps:
        if step.before:
            window = _earlier(window, step.within)
        events.add((step.metric, _from(window)))
        if step.where is not None:
            looked.add(step.metric)
    return Needs(events=frozenset(events), event_properties=frozenset(looked))


def _from(window: Window) -> Window:
    """The window's beginning without its end: what follows an event of the window may lie after it."""
    match window:
        case Ago(_, most):
            return None if most is None else InLast(most)
        case Between(start, _):
            return Since(start)
        case InLast() | Since() | SinceFlowStart():
            return window
    return None


def _earlier(window: Window, by: timedelta | None) -> Window:
    begun = _from(window)
    if by is None:
        return None
    match begun:
        case InLast(span):
            return InLast(span + by)
        case Since(at):
            return Since(at - by)
    return None
