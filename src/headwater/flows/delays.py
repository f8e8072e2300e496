"""When a delay ends: spans, until a time of day, on certain weekdays, in the person's own zone. Pure.

A span alone is exact (1 day is 24 hours). With an until-time, days are calendar days. Where clocks jump forward over
the time asked for, the delay ends at the first instant after the gap; where they fall back, at its first occurrence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from headwater.core.wall_clock import first_zone
from headwater.core.wall_clock import instant as instant
from headwater.core.wall_clock import zone as zone

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


def ends(span: Span, at: datetime, profile_timezone: str | None, brand_timezone: str) -> datetime:
    """The instant at which a delay that began `at` is over."""
    if span.exact:
        return at + timedelta(days=span.days) + span.rest
    local = _zone_of(span, profile_timezone, brand_timezone)
    if span.until is None:
        end = at + timedelta(days=span.days) + span.rest
        clock_time = end.astimezone(local).time()
        day = end.astimezone(local).date()
    else:
        # Hours before it: the time of day at or after they are over. Days: that time of a later calendar day.
        earliest = at + timedelta(days=span.days) + span.rest
        clock_time = span.until
        day = earliest.astimezone(local).date() if span.rest else at.astimezone(local).date() + span.days * _DAY
        end = instant(day, clock_time, local)
        if end < earliest if span.rest else end <= at:
            day += _DAY
            end = instant(day, clock_time, local)
    if span.weekdays and day.weekday() not in span.weekdays:
        while day.weekday() not in span.weekdays:
            day += _DAY
        end = instant(day, clock_time, local)
    return end.astimezone(UTC)


def _zone_of(span: Span, profile_timezone: str | None, brand_timezone: str) -> ZoneInfo:
    wanted = profile_timezone if span.timezone == "profile" else span.timezone
    return first_zone(wanted, brand_timezone)
