"""Which segments a change can touch: an index over their conditions, and the rule that leaves out what cannot flip.

An event changes a segment's answer only through a condition that mentions its metric, and only if it changes that
condition's own answer. For conditions on totals that is decided here, from what was known of the profile before: who
opened an email yesterday and opens another is still somebody who opened one in the last 90 days. Pure.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from headwater.segments.conditions import (
    AllOf,
    CanReceive,
    Condition,
    Consent,
    DateTest,
    Did,
    Filter,
    InLast,
    InSegment,
    Near,
    OnList,
    Path,
    ProfileTest,
    Region,
    Sample,
    Suppressed,
    Test,
    leaves,
)
from headwater.segments.conditions import Sequence as EventSequence
from headwater.segments.language import Facts, Total, evaluate, within
from headwater.segments.parsing import CREATED
from headwater.segments.properties import leads_to, matches

_NOBODY: frozenset[int] = frozenset()


class Event(Protocol):
    """What is looked at of an event."""

    @property
    def ts(self) -> datetime: ...
    @property
    def value(self) -> Decimal | float | None: ...
    @property
    def properties(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class _Single:
    """A question to single events of a metric, and who asks it: a count or sum, or a step of a sequence."""

    where: Filter | None
    did: Did | None
    waits: timedelta | None
    """The step's event counts only after this span, when it is known that nothing followed."""
    segments: frozenset[int]


@dataclass(slots=True)
class _Metric:
    """What conditions ask of one metric, each with the segments that hold it."""

    recent: list[tuple[timedelta, frozenset[int]]] = field(default_factory=list)
    """At least once, or never, in the last so long; the shortest first."""
    totals: list[tuple[Did, frozenset[int]]] = field(default_factory=list)
    """Other questions that the all-time total decides."""
    singles: list[_Single] = field(default_factory=list)
    """Questions to each event,"""
    by_value: dict[Path, dict[str, list[_Single]]] = field(default_factory=dict)
    """and those that ask for one value of a property, by path and value."""

    def asking(self, event: Event) -> Iterator[_Single]:
        """The questions that this event may be an answer to."""
        yield from self.singles
        for path, wanted in self.by_value.items():
            for value in leads_to(event.properties, path):
                if isinstance(value, str):
                    yield from wanted.get(value, ())


class Watch:
    """The index over the conditions of a workspace's segments; a segment that is built anew has two."""

    def __init__(self, conditions: Iterable[tuple[int, Condition]]) -> None:
        attributes: dict[str, set[int]] = defaultdict(set)
        lists: dict[int | str, set[int]] = defaultdict(set)
        segments: dict[int | str, set[int]] = defaultdict(set)
        consent: set[int] = set()
        asked: dict[Did, set[int]] = defaultdict(set)
        parts: dict[tuple[str, Filter | None, timedelta | None], set[int]] = defaultdict(set)
        newcomers: set[int] = set()
        every: set[int] = set()
        self.dates: dict[str, set[Path]] = defaultdict(set)
        """Paths of the dates that conditions look at, by the name of the property that they begin with."""
        for segment_id, condition in conditions:
            every.add(segment_id)
            if _may_hold_a_newcomer(condition):
                newcomers.add(segment_id)
            for leaf in leaves(condition):
                match leaf:
                    case Did():
                        asked[leaf].add(segment_id)
                    case EventSequence():
                        parts[leaf.metric, leaf.where, _waits(leaf)].add(segment_id)
                        for step in leaf.steps:
                            parts[step.metric, step.where, None].add(segment_id)
                    case ProfileTest(test):
                        attributes[test.path[0].key].add(segment_id)
                    case DateTest(path, _):
                        attributes[path[0].key].add(segment_id)
                        self.dates[path[0].key].add(path)
                    case Region():
                        attributes["country"].add(segment_id)
                    case Near():
                        attributes["latitude"].add(segment_id)
                        attributes["longitude"].add(segment_id)
                    case OnList(named, _):
                        lists[named.lower() if isinstance(named, str) else named].add(segment_id)
                    case InSegment(named, _):
                        segments[named].add(segment_id)
                    case Consent() | Suppressed():
                        consent.add(segment_id)
                    case CanReceive():
                        consent.add(segment_id)
                        attributes["email"].add(segment_id)
        self.every = frozenset(every)
        self.newcomers = frozenset(newcomers)
        """Segments that someone of whom nothing is known yet may belong to."""
        self.consent = frozenset(consent)
        self._attributes = _frozen(attributes)
        self._lists = _frozen(lists)
        self._segments = _frozen(segments)
        self._metrics = _by_metric(asked, parts)

    @property
    def metrics(self) -> frozenset[str]:
        """Metrics that conditions mention."""
        return frozenset(self._metrics)

    def attributes(self, names: Iterable[str]) -> frozenset[int]:
        """Segments that look at any of these properties of a profile."""
        return _union(self._attributes.get(name, _NOBODY) for name in names)

    @property
    def every_date(self) -> set[Path]:
        return {path for paths in self.dates.values() for path in paths}

    def date_paths(self, names: Iterable[str]) -> set[Path]:
        """The dates that may have changed with these properties."""
        return {path for name in names for path in self.dates.get(name, ())}

    @property
    def lists(self) -> bool:
        """Some condition names a list."""
        return bool(self._lists)

    def on_list(self, list_id: int, name: str) -> frozenset[int]:
        return self._lists.get(list_id, _NOBODY) | self._lists.get(name.lower(), _NOBODY)

    def in_segment(self, segment_id: int) -> frozenset[int]:
        """Segments that refer to this one."""
        return self._segments.get(segment_id, _NOBODY)

    def events(
        self,
        metric: str,
        before: Total | None,
        events: Sequence[Event],
        now: datetime,
        *,
        soon: datetime | None = None,
        unsure: bool = False,
    ) -> set[int]:
        """Segments whose answer for a profile these new events of one metric can change.

        `before`: the profile's total without them, None if there was none. `unsure`: it was not looked up. `soon`:
        until when others may look at the profile without seeing these events yet; what time changes by then counts.
        """
        watched = self._metrics.get(metric)
        if watched is None:
            return set()
        found: set[int] = set()
        soon = soon or now
        first, last = _ends(events)
        after = None if unsure else _added(before, events, first, last)
        if watched.recent:
            # Its window holds the new events, and held none before.
            spans = [span for span, _ in watched.recent]
            begin = bisect_right(spans, now - last)
            end = len(spans) if before is None else bisect_right(spans, soon - before.last)
            for _, segments in watched.recent[begin:end]:
                found |= segments
        for did, segments in watched.totals:
            if after is None or any(_answer(did, before, at) is not _answer(did, after, at) for at in (now, soon)):
                found |= segments
        for event in events:
            for single in watched.asking(event):
                if not single.segments <= found and _may_answer(single, event, after, now, soon):
                    found |= single.segments
        return found


def _may_hold_a_newcomer(condition: Condition) -> bool:
    """Whether the condition may be true of someone just made, without history; a sample or a date of making decides
    only with the person."""
    if any(isinstance(leaf, Sample) or (isinstance(leaf, DateTest) and leaf.path[0].key == CREATED)
           for leaf in leaves(condition)):  # fmt: skip
        return True
    return evaluate(condition, Facts(0), _SOME_TIME)


_SOME_TIME = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
"""Without facts every answer is the same at any time."""


def _waits(sequence: EventSequence) -> timedelta | None:
    """Of "did, and then did not within a span": the span; before it is over, the first event changes nothing."""
    last = sequence.steps[-1]
    alone = len(sequence.steps) == 1 and not last.did and not last.before
    return last.within if alone else None


def _by_metric(
    asked: Mapping[Did, set[int]], parts: Mapping[tuple[str, Filter | None, timedelta | None], set[int]]
) -> dict[str, _Metric]:
    metrics: dict[str, _Metric] = defaultdict(_Metric)
    recent: dict[tuple[str, timedelta], set[int]] = defaultdict(set)
    for did, segments in asked.items():
        if did.by_total and did.presence is not None and isinstance(did.window, InLast):
            recent[did.metric, did.window.span] |= segments
        elif did.by_total:
            metrics[did.metric].totals.append((did, frozenset(segments)))
        else:
            _put(metrics[did.metric], _Single(did.where, did, None, frozenset(segments)))
    for (metric, span), segments in sorted(recent.items(), key=lambda item: item[0]):
        metrics[metric].recent.append((span, frozenset(segments)))
    for (metric, where, waits), segments in parts.items():
        _put(metrics[metric], _Single(where, None, waits, frozenset(segments)))
    return dict(metrics)


def _put(metric: _Metric, single: _Single) -> None:
    value = _one_value(single.where)
    if value is None:
        metric.singles.append(single)
    else:
        metric.by_value.setdefault(value.path, {}).setdefault(str(value.operand), []).append(single)


def _one_value(where: Filter | None) -> Test | None:
    """A test that a filter cannot do without, for one text in a property of the event."""
    match where:
        case Test(path, "equals", str()) if path[0].key != "$value":
            return where
        case AllOf(of):
            return next((found for child in of if (found := _one_value(child))), None)  # type: ignore[arg-type]
    return None


def _ends(events: Sequence[Event]) -> tuple[datetime, datetime]:
    if len(events) == 1:
        return events[0].ts, events[0].ts
    times = [event.ts for event in events]
    return min(times), max(times)


def _added(before: Total | None, events: Sequence[Event], first: datetime, last: datetime) -> Total:
    money = sum((Decimal(str(event.value)) for event in events if event.value), Decimal(0))
    if before is None:
        return Total(len(events), money, first, last)
    return Total(before.count + len(events), before.sum + money, min(before.first, first), max(before.last, last))


def _answer(did: Did, total: Total | None, now: datetime) -> bool:
    return evaluate(did, Facts(0, totals={did.metric: total} if total is not None else {}), now)


def _may_answer(single: _Single, event: Event, after: Total | None, now: datetime, soon: datetime) -> bool:
    """Whether an event counts for a question now; too few in all time are too few in every window."""
    did = single.did
    if did is not None:
        if after is not None and did.measure == "count" and _falls_short(did, after.count):
            return False
        if did.window is not None and not within(event.ts, did.window, None, now):
            return False
    if single.waits is not None and event.ts + single.waits > soon:
        return False
    return matches(single.where, event.properties, _decimal(event.value))


def _falls_short(did: Did, count: int) -> bool:
    return (did.operator == "at_least" and count < did.operand) or (
        did.operator == "greater_than" and count <= did.operand
    )


def _decimal(value: Decimal | float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _union(sets: Iterable[frozenset[int]]) -> frozenset[int]:
    return frozenset().union(*sets)


Key = TypeVar("Key")


def _frozen(found: Mapping[Key, set[int]]) -> dict[Key, frozenset[int]]:
    return {key: frozenset(segments) for key, segments in found.items()}
