"""The segment language: `parse` a definition, `evaluate` it on one profile's facts, say what it `needs`, `describe` it.

Pure: it knows no database and no clock. `compile.py` gives the same answers in SQL, and a property test holds the two
together. What is decided here, once:

- A segment holds people (`belongs`): a browser that has not said who it is (address, phone or external id) is in none.
- A missing property (absent or null) satisfies only the negative comparisons: not_equals, not_contains, not_in,
  not_starts_with, not_ends_with, not_contains_any, not_contains_all, not_matches, and is_set: false. Each negative
  comparison is the exact opposite of its positive one. A missing date satisfies no date condition.
- Comparisons are typed: text "10" is not the number 10, true is not 1. Case counts in text.
- A path through a list, items[].category, looks at every line: the positive comparison holds if any line satisfies it.
  Two tests of one `where` may be satisfied by two different lines.
- `contains` on text finds a part of it, on a list finds an equal item; contains_any and contains_all likewise.
- Windows compare an event's own time and roll: in_last 90 days means later than 90 × 24 hours before now. What has
  happened counts even when its time lies ahead of now (a sender's clock).
- since flow-start counts from the trigger's own time on; of the trigger's own metric only what came after it, since
  the trigger is not its own consequence.
- A sum measures event values; an event without one adds nothing.
- A sequence needs one event in its window that the steps hold for. A step after it comes strictly later, a step before
  it strictly earlier, each at most `within` away. "Did not, within 2 days after" is true once the two days are over.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from headwater.segments import dates
from headwater.segments.conditions import (
    Ago,
    AllOf,
    AnyOf,
    Before,
    Between,
    CanReceive,
    Condition,
    Consent,
    Coupon,
    DateTest,
    DefinitionError,
    Did,
    Filter,
    Follow,
    InFlow,
    InLast,
    InSegment,
    Near,
    Negation,
    OnList,
    ProfileTest,
    Region,
    Sample,
    Since,
    SinceFlowStart,
    Suppressed,
    Test,
    Window,
)
from headwater.segments.conditions import Sequence as EventSequence
from headwater.segments.needs import COLUMNS, Needs, needs
from headwater.segments.parsing import CREATED, parse, parse_span, parse_where
from headwater.segments.properties import compare, is_number, leads_to, matches, passer, test_holds
from headwater.segments.referring import bind, refers
from headwater.segments.wording import describe, describe_window

__all__ = [
    "COLUMNS",
    "Condition",
    "CouponState",
    "DefinitionError",
    "Entry",
    "Facts",
    "Filter",
    "Happening",
    "Needs",
    "Place",
    "Total",
    "belongs",
    "bound",
    "describe",
    "describe_window",
    "evaluate",
    "in_sample",
    "matches",
    "needs",
    "parse",
    "parse_span",
    "parse_where",
]

_ZERO = Decimal(0)
_UTC = ZoneInfo("UTC")
EARTH_KM = 6371.0088
"""Mean radius of the earth (IUGG)."""


# ── facts ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Total:
    """All that ever happened of one metric."""

    count: int
    sum: Decimal
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Happening:
    """One event, as far as conditions look at it."""

    ts: datetime
    value: Decimal | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CouponState:
    name: str
    code: str
    assigned_at: datetime
    expires_at: datetime | None = None
    redeemed_at: datetime | None = None

    def valid(self, now: datetime) -> bool:
        return self.redeemed_at is None and (self.expires_at is None or self.expires_at > now)


@dataclass(frozen=True, slots=True)
class Entry:
    """The profile entered a flow."""

    flow: str
    at: datetime
    enrolment: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question is asked from: an enrolment, which began at an instant by an event of a metric."""

    started_at: datetime
    metric: str | None = None
    enrolment: int | None = None
    event: Mapping[str, Any] = field(default_factory=dict)  # its properties


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one profile, as far as some definitions need it (`needs`)."""

    profile_id: int
    attributes: Mapping[str, Any] = field(default_factory=dict)  # the columns
    properties: Mapping[str, Any] = field(default_factory=dict)  # its own
    totals: Mapping[str, Total] = field(default_factory=dict)
    events: Mapping[str, Sequence[Happening]] = field(default_factory=dict)
    lists: Mapping[int | str, datetime] = field(default_factory=dict)  # joined at, under the name or id asked for
    segments: Mapping[int | str, datetime] = field(default_factory=dict)  # entered at, likewise
    consent: str | None = None
    consent_at: datetime | None = None
    consent_method: str | None = None
    suppressions: Mapping[str, datetime] = field(default_factory=dict)  # since when, by reason
    consent_required: bool = False
    zone: ZoneInfo = _UTC  # the brand's
    coupons: tuple[CouponState, ...] = ()
    entries: tuple[Entry, ...] = ()
    place: Place | None = None

    def asked_from(self, place: Place) -> Facts:
        """The same facts, for the questions of one enrolment. Spelled out: it runs for every step of everyone."""
        return Facts(
            self.profile_id,
            self.attributes,
            self.properties,
            self.totals,
            self.events,
            self.lists,
            self.segments,
            self.consent,
            self.consent_at,
            self.consent_method,
            self.suppressions,
            self.consent_required,
            self.zone,
            self.coupons,
            self.entries,
            place,
        )

    @property
    def known(self) -> bool:
        """Has said who it is."""
        held = self.attributes
        return any(held.get(kind) is not None for kind in ("email", "external_id", "phone"))


# ── answers ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def belongs(condition: Condition, facts: Facts, now: datetime) -> bool:
    """Whether the profile is in a segment of this definition: someone known, who meets it. Needs `profile`."""
    return facts.known and evaluate(condition, facts, now)


def evaluate(condition: Condition, facts: Facts, now: datetime) -> bool:
    """Whether the profile meets the condition at `now`."""
    match condition:
        case Did():  # first: it is what flows ask most
            return _did(condition, facts, now)
        case AllOf():  # loops: `all` and `any` over a generator take twice as long
            for child in condition.of:  # noqa: SIM110
                if not evaluate(child, facts, now):
                    return False
            return True
        case AnyOf():
            for child in condition.of:  # noqa: SIM110
                if evaluate(child, facts, now):
                    return True
            return False
        case Negation():
            return not evaluate(condition.of, facts, now)
        case ProfileTest(test):
            held = facts.attributes if test.path[0].key in COLUMNS else facts.properties
            return test_holds(test, held)
        case DateTest():
            return dates.holds(condition, date_of(condition, facts), now, facts.zone)
        case EventSequence():
            return _sequence(condition, facts, now)
        case OnList():
            joined = facts.lists.get(condition.list)
            return joined is not None and within(joined, condition.window, facts.place, now)
        case InSegment():
            entered = facts.segments.get(condition.segment)
            return entered is not None and within(entered, condition.window, facts.place, now)
        case Consent():
            return _consent(condition, facts, now)
        case Suppressed(reason, window):
            return any(
                reason in (None, kind) and within(at, window, facts.place, now)
                for kind, at in facts.suppressions.items()
            )
        case CanReceive():
            allowed = facts.consent == "subscribed" or (facts.consent is None and not facts.consent_required)
            return bool(facts.attributes.get("email")) and not facts.suppressions and allowed
        case Region(_, countries):
            return facts.attributes.get("country") in countries
        case Near():
            return _near(condition, facts)
        case Coupon():
            return any(_coupon(condition, held, facts.place, now) for held in facts.coupons)
        case InFlow():
            own = facts.place.enrolment if facts.place else None
            return any(
                entry.flow == condition.flow
                and entry.enrolment != own
                and within(entry.at, condition.window, facts.place, now)
                for entry in facts.entries
            )
        case Sample(percent, salt):
            return in_sample(facts.profile_id, percent, salt)
        case Test():
            raise TypeError("a test of an event's property stands only in where")


def within(ts: datetime, window: Window, place: Place | None, now: datetime) -> bool:
    """Whether an instant lies in a window. (A metric's flow-start has one more rule: `_did`.)"""
    match window:
        case None:
            return True
        case InLast(span):
            return ts > now - span
        case Ago(least, most):
            return ts <= now - least and (most is None or ts > now - most)
        case Since(at):
            return ts >= at
        case Before(at):
            return ts < at
        case Between(start, end):
            return start <= ts < end
        case SinceFlowStart():
            if place is None:
                raise DefinitionError("", "flow-start is known only inside a flow")
            return ts >= place.started_at


def in_sample(profile_id: int, percent: Decimal, salt: str) -> bool:
    """The share of profiles whose hash under the salt falls below the percentage; compile.py hashes the same way."""
    digest = hashlib.md5(f"{salt}:{profile_id}".encode(), usedforsecurity=False).hexdigest()
    return int(digest[:8], 16) % 10_000 < percent * 100


def _did(condition: Did, facts: Facts, now: datetime) -> bool:
    if condition.by_total:
        total = facts.totals.get(condition.metric)
        if condition.presence is not None:
            # Whether any event lies in a window that is open at one end is decided by the one nearest to that end.
            nearest = None if total is None else total.first if opens_backwards(condition.window) else total.last
            inside = nearest is not None and _counts(condition.metric, condition.window, nearest, facts.place, now)
            return inside is condition.presence
        amount = _ZERO if total is None else Decimal(total.count) if condition.measure == "count" else total.sum
        return compare(condition.operator, amount, condition.operand)
    passes, within_window = passer(bound(condition.where, facts.place)), _inside(condition, facts.place, now)
    happened = facts.events.get(condition.metric, ())
    if condition.presence is not None:
        found_one = any(within_window(one.ts) and passes(one.properties, one.value) for one in happened)
        return found_one is condition.presence
    found = [event for event in happened if within_window(event.ts) and passes(event.properties, event.value)]
    if condition.measure == "count":
        return compare(condition.operator, Decimal(len(found)), condition.operand)
    return compare(condition.operator, sum((event.value or _ZERO for event in found), _ZERO), condition.operand)


def bound(where: Filter | None, place: Place | None) -> Filter | None:
    """The filter, with what the event that started the flow holds in the place of references to it."""
    return bind(where, place.event) if place is not None and refers(where) else where


def _inside(condition: Did, place: Place | None, now: datetime) -> Callable[[datetime], bool]:
    """Whether an instant lies in the condition's window, made ready for many of them."""
    match condition.window:
        case None:
            return lambda ts: True
        case InLast(span):
            begins = now - span
            return lambda ts: ts > begins
    return lambda ts: _counts(condition.metric, condition.window, ts, place, now)


def opens_backwards(window: Window) -> bool:
    """A window without a beginning: if any event lies in it, the first one does."""
    return isinstance(window, Before | Ago)


def _counts(metric: str, window: Window, ts: datetime, place: Place | None, now: datetime) -> bool:
    """Whether an event of that time lies in a condition's window; the trigger itself is not since flow-start."""
    if window is None:
        return True
    if isinstance(window, SinceFlowStart) and place is not None:
        return ts > place.started_at if place.metric == metric else ts >= place.started_at
    return within(ts, window, place, now)


def followed(step: Follow, when: Sequence[datetime], ts: datetime, now: datetime) -> bool:
    """Whether a step of a sequence holds as seen from `ts`; `when`: the times at which it may have happened, sorted."""
    within_span = step.within
    if step.before:
        first = 0 if within_span is None else bisect_left(when, ts - within_span)
        return (first < bisect_left(when, ts)) is step.did
    if not step.did and within_span is not None and now < ts + within_span:
        return False  # it may come yet
    last = len(when) if within_span is None else bisect_right(when, ts + within_span)
    return (bisect_right(when, ts) < last) is step.did


def _sequence(condition: EventSequence, facts: Facts, now: datetime) -> bool:
    good: list[datetime] = []
    following: Follow | None = None
    for step in reversed((Follow(condition.metric, where=condition.where), *condition.steps)):
        # Of this step's events, those from which the rest of the sequence holds.
        good = sorted(
            event.ts
            for event in facts.events.get(step.metric, ())
            if matches(bound(step.where, facts.place), event.properties, event.value)
            and (following is None or followed(following, good, event.ts, now))
        )
        following = step
    return any(_counts(condition.metric, condition.window, ts, facts.place, now) for ts in good)


def _consent(condition: Consent, facts: Facts, now: datetime) -> bool:
    if (facts.consent or "never_subscribed") != condition.state:
        return False
    if condition.methods and facts.consent_method not in condition.methods:
        return False
    if condition.window is None:
        return True
    return facts.consent_at is not None and within(facts.consent_at, condition.window, facts.place, now)


def date_of(condition: DateTest, facts: Facts) -> object:
    """The value that a date condition looks at, whatever it is."""
    held = facts.attributes if condition.path[0].key in (*COLUMNS, CREATED) else facts.properties
    return next(iter(leads_to(held, condition.path)), None)


def _near(condition: Near, facts: Facts) -> bool:
    latitude: Any = facts.properties.get("latitude")
    longitude: Any = facts.properties.get("longitude")
    if not is_number(latitude) or not is_number(longitude):
        return False
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return False
    return distance_km(float(latitude), float(longitude), condition.latitude, condition.longitude) <= condition.km


def distance_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Along a great circle, by the haversine formula; compile.py computes the same."""
    across = math.sin(math.radians(other_latitude - latitude) / 2) ** 2
    along = math.sin(math.radians(other_longitude - longitude) / 2) ** 2
    shares = across + math.cos(math.radians(latitude)) * math.cos(math.radians(other_latitude)) * along
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, shares)))


def _coupon(condition: Coupon, held: CouponState, place: Place | None, now: datetime) -> bool:
    if condition.name is not None and held.name != condition.name:
        return False
    match condition.state:
        case "assigned":
            return within(held.assigned_at, condition.window, place, now)
        case "redeemed":
            return held.redeemed_at is not None and within(held.redeemed_at, condition.window, place, now)
        case "expired":
            return held.redeemed_at is None and not held.valid(now)
        case _:
            left = condition.left
            enough = left is None or held.expires_at is None or held.expires_at - now >= left
            return held.valid(now) and enough
