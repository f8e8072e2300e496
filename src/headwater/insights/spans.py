"""Spans of whole days in the brand's time zone, and the span of the same length before. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
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

    def without(self, kept: Collection[date]) -> list[Span]:
        """The runs of days of this span that are not among these."""
        runs: list[Span] = []
        for day in self.days:
            if day in kept:
                continue
            if runs and runs[-1].last == day - timedelta(days=1):
                runs[-1] = replace(runs[-1], last=day)
            else:
                runs.append(Span(day, day, self.zone))
        return runs

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
