"""Dates among properties: what counts as one, and what `DateTest` asks of it at some `now` in the brand's zone. Pure.

A date is text in one of two forms: a calendar day (2026-05-31), which begins at midnight in the brand's zone, or an
instant with a time of day (2026-05-31T18:00:00+02:00; without an offset it is UTC). Whatever else a property holds is
no date, and no DateTest is true of it. Days are compared as text, so that 2026-02-31 is not an error but a day between
28 February and 1 March.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from headwater.segments.conditions import Anniversary, DateTest, Fixed, InMonth, Rolling

DAY = r"^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
"""What a calendar day looks like, to Python and to PostgreSQL alike."""
_DAY = re.compile(DAY.replace("$", r"\Z"))
# The instants of headwater_instant() in SQL (migrations/0002_live.sql); a test holds the two together.
_INSTANT = re.compile(
    r"[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[T ]([01][0-9]|2[0-3]):[0-5][0-9]"
    r"(:[0-5][0-9]([.][0-9]{1,6})?)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?\Z"
)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date that was found: the brand's calendar day, and the instant where there is one."""

    day: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Edge:
    """One end of a range of dates, as days see it and as instants see it."""

    day: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """Later than `after` (or from `start` on), and no later than `until` (or before `end`)."""

    after: Edge | None = None
    start: Edge | None = None
    until: Edge | None = None
    end: Edge | None = None


@dataclass(frozen=True, slots=True)
class DaysOfYear:
    """On one of these days of any year, written 05-31."""

    days: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MonthOfYear:
    """In this month of any year, written 05."""

    month: str


def moment(value: object, zone: ZoneInfo) -> Moment | None:
    """The date that a property's value is, or None."""
    if isinstance(value, datetime):
        return Moment(_local(value, zone).isoformat(), value)
    if not isinstance(value, str):
        return None
    if _DAY.match(value):
        return Moment(value, None)
    at = instant(value)
    return None if at is None else Moment(_local(at, zone).isoformat(), at)


def instant(value: str) -> datetime | None:
    """Text as an instant, or None when it is none."""
    if not _INSTANT.match(value):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def today(now: datetime, zone: ZoneInfo) -> date:
    return _local(now, zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a calendar day begins in the zone; in a gap, the first instant after it."""
    began = datetime.combine(day, time(0), zone).astimezone(UTC)
    if _local(began, zone) < day:  # midnight itself was left out when clocks went forward
        began = datetime.combine(day, time(0), zone).replace(fold=1).astimezone(UTC)
    return began


def beginning(day: str, zone: ZoneInfo) -> datetime:
    """The instant at which a day begins; one that the calendar lacks, 2026-02-31, where text sorts it: on 1 March."""
    try:
        return midnight(date.fromisoformat(day), zone)
    except ValueError:
        year, month = int(day[:4]), int(day[5:7])
        return midnight(date(year + month // 12, month % 12 + 1, 1), zone)


@lru_cache(maxsize=4096)
def asked(test: DateTest, now: datetime, zone: ZoneInfo) -> Span | DaysOfYear | MonthOfYear:
    """What the test comes down to at `now`."""
    match test.asked:
        case Rolling(after, until):
            return Span(
                after=_rolling(now, after, zone) if after is not None else None,
                until=_rolling(now, until, zone) if until is not None else None,
            )
        case Fixed(start, end):
            return Span(
                start=_fixed(start, zone) if start is not None else None,
                end=_fixed(end, zone) if end is not None else None,
            )
        case Anniversary(first, last):
            return DaysOfYear(_days_of_year(_local(now, zone), first, last))
        case InMonth(month):
            return MonthOfYear(f"{month or _local(now, zone).month:02d}")


def holds(test: DateTest, value: object, now: datetime, zone: ZoneInfo) -> bool:
    """Whether a property's value is such a date."""
    found = moment(value, zone)
    if found is None:
        return False
    match asked(test, now, zone):
        case DaysOfYear(days):
            return found.day[5:] in days
        case MonthOfYear(month):
            return found.day[5:7] == month
        case Span(after, start, until, end):
            if found.at is None:
                return (
                    (after is None or found.day > after.day)
                    and (start is None or found.day >= start.day)
                    and (until is None or found.day <= until.day)
                    and (end is None or found.day < end.day)
                )
            return (
                (after is None or found.at > after.at)
                and (start is None or found.at >= start.at)
                and (until is None or found.at <= until.at)
                and (end is None or found.at < end.at)
            )


def rolling_offsets(test: DateTest) -> tuple[timedelta, ...]:
    """How long after a date (before it, if negative) the answer about it changes."""
    if not isinstance(test.asked, Rolling):
        return ()
    return tuple(-bound for bound in (test.asked.after, test.asked.until) if bound is not None)


def turns_with_the_day(test: DateTest) -> bool:
    """The answer depends on which day of which month it is."""
    return isinstance(test.asked, Anniversary) or (isinstance(test.asked, InMonth) and test.asked.month == 0)


def _rolling(now: datetime, offset: timedelta, zone: ZoneInfo) -> Edge:
    # A day began at or before an instant exactly when it is that instant's calendar day or an earlier one.
    return Edge(_local(now + offset, zone).isoformat(), now + offset)


def _fixed(bound: datetime | date, zone: ZoneInfo) -> Edge:
    if isinstance(bound, datetime):
        day = _local(bound, zone)
        if midnight(day, zone) < bound:  # the first day that begins at or after the instant
            day += ONE_DAY
        return Edge(day.isoformat(), bound)
    return Edge(bound.isoformat(), midnight(bound, zone))


def _days_of_year(base: date, first: int, last: int) -> tuple[str, ...]:
    if last - first >= 365:
        return tuple(f"{month:02d}-{day:02d}" for month in range(1, 13) for day in range(1, 32))
    found = set()
    for ahead in range(first, last + 1):
        day = base + timedelta(days=ahead)
        found.add(f"{day:%m-%d}")
        if (day.month, day.day) == (2, 28) and (day + ONE_DAY).month == 3:
            found.add("02-29")  # in common years, who was born on 29 February has their day on the 28th
    return tuple(sorted(found))


def _local(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()
