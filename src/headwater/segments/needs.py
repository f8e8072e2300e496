"""What must be known of a profile before a condition can be answered: `facts.load` fetches that and no more. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from headwater.segments.conditions import (
    AllOf,
    AnyOf,
    CanReceive,
    Condition,
    Consent,
    Coupon,
    Did,
    InFlow,
    Negation,
    OnList,
    ProfileTest,
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
    consent: bool = False
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
            self.consent or other.consent,
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
        case Did() if condition.where is None and (condition.window is None or condition.presence is not None):
            return Needs(totals=frozenset([condition.metric]))
        case Did():
            looked = frozenset([condition.metric]) if condition.where is not None else frozenset[str]()
            return Needs(events=frozenset([(condition.metric, condition.window)]), event_properties=looked)
        case ProfileTest(test):
            return Needs(profile=True, properties=test.path[0].key not in COLUMNS)
        case OnList():
            return Needs(lists=frozenset([condition.list]))
        case Consent():
            return Needs(consent=True)
        case CanReceive():
            return Needs(profile=True, consent=True)
        case Coupon():
            return Needs(coupons=True)
        case InFlow():
            return Needs(flows=frozenset([condition.flow]))
    return Needs()
