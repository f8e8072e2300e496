"""One person's history as of any instant: facts without copying, for a clock that only goes forward. Pure.

Instants inside are ticks, microseconds since 2000 (as PostgreSQL counts them), because whole numbers compare and search
fastest. Facts look at the person through the cursor `at`: what lies after it is not known yet.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, MutableSequence, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from headwater.segments.conditions import Ago, Between, InLast, Since, SinceFlowStart, Window
from headwater.segments.language import COLUMNS, CouponState, Entry, Facts, Happening, Needs, Total
from headwater.segments.properties import Passes

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
NEVER = 2**62
_TICK = timedelta(microseconds=1)
_ZERO = Decimal(0)


def ticks(at: datetime) -> int:
    """Microseconds since 2000."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def instant(at: int) -> datetime:
    """In UTC."""
    return EPOCH + timedelta(microseconds=at)


def length(span: timedelta) -> int:
    """In microseconds."""
    return span // _TICK


# ── events ──────────────────────────────────────────────────────────────────────────────────────────────────────────
class Series:
    """All events of one metric that a person has, in the order of time. Values and properties only where looked at."""

    __slots__ = ("_counted", "_happenings", "_sums", "_total", "properties", "times", "values")

    def __init__(
        self,
        times: MutableSequence[int],
        properties: list[Mapping[str, Any]] | None = None,
        values: list[Decimal | None] | None = None,
    ) -> None:
        self.times = times
        self.properties = properties
        self.values = values
        self._happenings: list[Happening] | None = None
        self._sums: list[Decimal] | None = None
        self._counted = 0
        self._total: Total | None = None

    def total(self, at: int) -> Total | None:
        """Of the events up to an instant."""
        counted = bisect_right(self.times, at)
        if counted != self._counted:
            self._counted = counted
            first, last = instant(self.times[0]), instant(self.times[counted - 1]) if counted else EPOCH
            self._total = Total(counted, self._sum(counted), first, last) if counted else None
        return self._total

    def _sum(self, counted: int) -> Decimal:
        if self.values is None:
            return _ZERO
        if self._sums is None:
            self._sums = [_ZERO]
            for value in self.values:
                self._sums.append(self._sums[-1] + (value or _ZERO))
        return self._sums[counted]

    def happenings(self, start: int, at: int) -> Sequence[Happening]:
        """The events from one instant up to another."""
        if self._happenings is None:
            count = len(self.times)
            values = self.values or [None] * count
            properties = self.properties or [{}] * count
            self._happenings = [
                Happening(instant(ts), value, held)
                for ts, value, held in zip(self.times, values, properties, strict=True)
            ]
        return self._happenings[bisect_left(self.times, start) : bisect_right(self.times, at)]

    def next(self, after: int, passes: Passes | None) -> int:
        """When the first event after an instant comes that passes; NEVER if none does."""
        place = bisect_right(self.times, after)
        if passes is None or place == len(self.times):
            return self.times[place] if place < len(self.times) else NEVER
        for index in range(place, len(self.times)):
            held = self.properties[index] if self.properties is not None else {}
            if passes(held, self.values[index] if self.values is not None else None):
                return self.times[index]
        return NEVER

    def add(self, at: int, properties: Mapping[str, Any]) -> None:
        """One more event, which the simulation itself brought about."""
        place = bisect_right(self.times, at)
        self.times.insert(place, at)
        if self.properties is not None:
            self.properties.insert(place, properties)
        if self.values is not None:
            self.values.insert(place, None)
        self._happenings, self._sums, self._counted = None, None, 0
        self._total = None


@dataclass(frozen=True, slots=True)
class Windows:
    """From where on a metric's events are looked at: so long before now, from a fixed instant, since the flow began."""

    span: int | None = None
    since: int | None = None
    flow_start: bool = False
    always: bool = False

    def begin(self, at: int, begun: int) -> int:
        if self.always:
            return -NEVER
        begins = at if self.span is None else at - self.span
        if self.since is not None:
            begins = min(begins, self.since)
        return min(begins, begun) if self.flow_start else begins


def windows(needs: Needs) -> dict[str, Windows]:
    """By metric, for those whose single events are looked at."""
    found: dict[str, Windows] = {}
    for metric, window in needs.events:
        found[metric] = wider(found.get(metric, Windows()), window)
    return found


def wider(known: Windows, window: Window) -> Windows:
    """The same, and what a window reaches."""
    match window:
        case InLast(span) | Ago(_, span) if span is not None:
            return replace(known, span=max(known.span or 0, length(span)))
        case Since(at) | Between(at, _):
            return replace(known, since=ticks(at) if known.since is None else min(known.since, ticks(at)))
        case SinceFlowStart():
            return replace(known, flow_start=True)
    return replace(known, always=True)


_EVERYTHING = Windows(always=True)


# ── facts as of the cursor ──────────────────────────────────────────────────────────────────────────────────────────
class _Totals(Mapping[str, Total]):
    __slots__ = ("person",)

    def __init__(self, person: Person) -> None:
        self.person = person

    def get(self, metric: str, default: Any = None) -> Any:  # what conditions ask
        series = self.person.series.get(metric)
        return series.total(self.person.at) if series is not None and series.times else default

    def __getitem__(self, metric: str) -> Total:
        found = self.get(metric)
        if found is None:
            raise KeyError(metric)
        return found

    def __iter__(self) -> Iterator[str]:
        return (metric for metric in self.person.series if self.get(metric) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _Events(Mapping[str, Sequence[Happening]]):
    __slots__ = ("person",)

    def __init__(self, person: Person) -> None:
        self.person = person

    def get(self, metric: str, default: Any = ()) -> Any:
        person = self.person
        series = person.series.get(metric)
        if series is None or not series.times:
            return default
        begins = person.windows.get(metric, _EVERYTHING).begin(person.at, person.begun)
        return series.happenings(begins, person.at)

    def __getitem__(self, metric: str) -> Sequence[Happening]:
        return self.get(metric, ())

    def __iter__(self) -> Iterator[str]:
        return iter(self.person.series)

    def __len__(self) -> int:
        return len(self.person.series)


class _Belongings(Mapping[int | str, datetime]):
    """Lists or segments, under ids or names (whose case does not count), from when they were joined on."""

    __slots__ = ("held", "person")

    def __init__(self, person: Person, held: Mapping[int | str, datetime]) -> None:
        self.person = person
        self.held = {_named(name): (ticks(since), since) for name, since in held.items()}

    def get(self, name: int | str, default: Any = None) -> Any:
        found = self.held.get(_named(name))
        return found[1] if found is not None and found[0] <= self.person.at else default

    def __getitem__(self, name: int | str) -> datetime:
        found = self.get(name)
        if found is None:
            raise KeyError(name)
        return found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, int | str) and self.get(name) is not None

    def __iter__(self) -> Iterator[int | str]:
        return (name for name in self.held if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def join(self, name: int | str, since: int) -> None:
        self.held.setdefault(_named(name), (since, instant(since)))

    def leave(self, name: int | str) -> None:
        self.held.pop(_named(name), None)


def _named(name: int | str) -> int | str:
    return name.lower() if isinstance(name, str) else name


class Person:
    """A person whose past unrolls: `facts` answer as of the cursor `at`."""

    __slots__ = ("at", "begun", "facts", "lists", "segments", "series", "version", "windows")

    def __init__(self, known: Facts, series: dict[str, Series], looked_at: Mapping[str, Windows]) -> None:
        """`known`: whatever of the person is no event. Lists and segments count from when they were joined."""
        self.at = 0
        self.begun = 0
        """When the enrolment that asks began."""
        self.version = 0
        """Grows with every change, so that an answer may be kept as long as nothing has changed."""
        self.series = series
        self.windows = looked_at
        self.lists = _Belongings(self, known.lists)
        self.segments = _Belongings(self, known.segments)
        self.facts = Facts(
            known.profile_id,
            known.attributes,
            known.properties,
            _Totals(self),
            _Events(self),
            self.lists,
            self.segments,
            known.consent,
            known.consent_at,
            known.consent_method,
            known.suppressions,
            known.consent_required,
            known.zone,
            known.coupons,
            known.entries,
        )

    # ── what changes on the way ─────────────────────────────────────────────────────────────────────────────────────
    def join(self, name: int | str, at: int) -> bool:
        """On the list from now on; answers whether they were not on it before."""
        if name in self.lists:
            return False
        self.lists.join(name, at)
        self.version += 1
        return True

    def leave(self, name: int | str) -> None:
        self.lists.leave(name)
        self.version += 1

    def enter(self, segment: int | str, at: int) -> None:
        self.segments.join(segment, at)
        self.version += 1

    def exit(self, segment: int | str) -> None:
        self.segments.leave(segment)
        self.version += 1

    def set(self, values: Mapping[str, Any]) -> None:
        """Attributes and properties; None clears."""
        held = self.facts
        columns = {**held.attributes, **{name: value for name, value in values.items() if name in COLUMNS}}
        own = {**held.properties, **{name: value for name, value in values.items() if name not in COLUMNS}}
        cleared = {name: value for name, value in own.items() if value is not None}
        self._now(attributes=columns, properties=cleared)

    def consent(self, state: str | None, at: int, method: str = "api") -> None:
        self._now(consent=state, consent_at=instant(at), consent_method=method)

    def give(self, code: CouponState) -> None:
        held = self.facts
        self.version += 1
        # Spelled out, as in `Facts.asked_from`: an email with a coupon does this for everybody who gets it.
        self.facts = Facts(
            held.profile_id,
            held.attributes,
            held.properties,
            held.totals,
            held.events,
            held.lists,
            held.segments,
            held.consent,
            held.consent_at,
            held.consent_method,
            held.suppressions,
            held.consent_required,
            held.zone,
            (*held.coupons, code),
            held.entries,
        )

    def redeem(self, coupon: str, at: int) -> None:
        """Their newest code of this coupon that was not used yet."""
        unused = [code for code in self.facts.coupons if code.name == coupon and code.redeemed_at is None]
        if unused:
            used = max(unused, key=lambda code: code.assigned_at)
            rest = tuple(code for code in self.facts.coupons if code is not used)
            self._now(coupons=(*rest, replace(used, redeemed_at=instant(at))))

    def entered(self, entry: Entry) -> None:
        """A flow."""
        self._now(entries=(*self.facts.entries, entry))

    def happened(self, metric: str, at: int, properties: Mapping[str, Any]) -> None:
        """Something that the simulation itself brought about."""
        self.version += 1
        self.series.setdefault(metric, Series([], [], [])).add(at, properties)

    def _now(self, **changed: Any) -> None:
        self.version += 1
        self.facts = replace(self.facts, **changed)
