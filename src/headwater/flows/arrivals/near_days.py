"""Which days a date may say, to start a flow within a span of time: what an index of dates is asked for. Pure.

A little wide on purpose, for people's zones and for dates with a time of day: whoever is found is asked exactly
(`occasions`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from headwater.flows.occasions import MONTHLY, ONCE, DateRule

_SLACK = timedelta(days=3)
"""A day as it is written, with whatever offset, and the day of UTC on which it starts a flow lie no further apart."""
_YEAR = 366


@dataclass(frozen=True, slots=True)
class Days:
    """Calendar days as text, 2026-03-02: from the first to the last."""

    first: str
    last: str


@dataclass(frozen=True, slots=True)
class DaysOfYear:
    """Days of any year, 03-02."""

    days: tuple[str, ...]


def near(rule: DateRule, start: datetime, end: datetime) -> Days | DaysOfYear:
    """What the dates say that may start the flow from `start` until before `end`."""
    offset = timedelta(days=rule.offset_days)
    first = start.astimezone(UTC).date() - _SLACK - offset
    last = end.astimezone(UTC).date() + _SLACK - offset
    if rule.repeat == ONCE:
        return Days(first.isoformat(), last.isoformat())
    days = {written for day in _each(first, last) for written in _written(day)}
    if rule.repeat == MONTHLY:
        days = {f"{month:02d}-{written[3:]}" for written in days for month in range(1, 13)}
    return DaysOfYear(tuple(sorted(days)))


def _each(first: date, last: date) -> Iterator[date]:
    for ahead in range(min((last - first).days, _YEAR) + 1):
        yield first + timedelta(days=ahead)


def _written(day: date) -> Iterator[str]:
    """What may be written of this day: what its month lacks is its month's last day."""
    yield f"{day:%m-%d}"
    if (day + timedelta(days=1)).month != day.month or (day.month, day.day) == (2, 28):
        for lacking in range(day.day + 1, 32):
            yield f"{day:%m}-{lacking:02d}"
