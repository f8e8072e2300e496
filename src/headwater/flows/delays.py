"""When a delay ends: spans, until a time of day, on certain weekdays, in the person's own zone. Pure.

A span alone is exact (1 day is 24 hours). With an until-time, days are calendar days. Where clocks jump forward over
the time asked for, the delay ends at the first instant after the gap; where they fall back, at its first occurrence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """How long to wait: whole days (which count on the calendar when a time of day is given) and hours."""

    days: int = 0
    rest: timedelta = timedelta(0)
    until: time | None = None
    weekdays: frozenset[int] = frozenset()  # Monday is 0; none: any day
    timezone: str = "profile"  # or an IANA name

    @property
    def exact(self) -> bool:
        """Needs no time zone."""
        return self.until is None and not self.weekdays


@lru_cache(maxsize=1024)
def zone(name: str | None) -> ZoneInfo | None:
    """The zone of an IANA name; None for an unknown name, which profiles may well carry."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return None


def ends(span: Span, at: datetime, profile_timezone: str | None, brand_timezone: str) -> datetime:
    """The instant at which a delay that began `at` is over."""
    if span.exact:
        return at + timedelta(days=span.days) + span.rest
    local = _zone_of(span, profile_timezone, brand_timezone)
    if span.until is None:
        end = at + timedelta(days=span.days) + span.rest
        clock_time = end.astimezone(local).time()
        day = end.astimezone(local).date()
    elif span.rest:
        earliest = at + timedelta(days=span.days) + span.rest
        wall = earliest.astimezone(local)
        clock_time = span.until
        day = wall.date() + _DAY if wall.time() > clock_time else wall.date()
        end = instant(day, clock_time, local)
    else:
        clock_time = span.until
        day = at.astimezone(local).date() + timedelta(days=span.days)
        end = instant(day, clock_time, local)
        if end <= at:
            day += _DAY
            end = instant(day, clock_time, local)
    if span.weekdays and day.weekday() not in span.weekdays:
        while day.weekday() not in span.weekdays:
            day += _DAY
        end = instant(day, clock_time, local)
    return end.astimezone(UTC)


def instant(day: date, clock_time: time, local: ZoneInfo) -> datetime:
    """A wall-clock time of a zone in UTC: after a gap if there is no such time, the first if there are two."""
    wall = datetime.combine(day, clock_time.replace(tzinfo=None), local)
    found = wall.astimezone(UTC)
    if found.astimezone(local).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return found
    return _end_of_gap(wall.replace(fold=1).astimezone(UTC), found, local)


def _end_of_gap(before: datetime, after: datetime, local: ZoneInfo) -> datetime:
    """The second at which the zone's offset changes, between an instant before the gap and one after it."""
    offset = before.astimezone(local).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle <= before:
            break
        if middle.astimezone(local).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def _zone_of(span: Span, profile_timezone: str | None, brand_timezone: str) -> ZoneInfo:
    wanted = profile_timezone if span.timezone == "profile" else span.timezone
    return zone(wanted) or zone(brand_timezone) or ZoneInfo("UTC")
