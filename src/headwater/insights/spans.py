"""Spans of whole days in the brand's time zone, and the span of the same length before. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from headwater.core.wall_clock import instant

LENGTHS = (7, 30, 90, 365)


@dataclass(frozen=True, slots=True)
class Span:
    """From the first day's beginning to the end of the last, which may not be over yet."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def since(self) -> datetime:
        return instant(self.first, time(0), self.zone)

    @property
    def until(self) -> datetime:
        return instant(self.last + timedelta(days=1), time(0), self.zone)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def before(self) -> Span:
        """As many days, just before."""
        length = (self.last - self.first).days + 1
        return Span(self.first - timedelta(days=length), self.first - timedelta(days=1), self.zone)

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


def ending_today(now: datetime, zone: ZoneInfo, days: int) -> Span:
    """So many days, the last of them today."""
    today = now.astimezone(zone).date()
    return Span(today - timedelta(days=days - 1), today, zone)
