"""When a date among a person's properties comes, once or again and again, and starts a flow: so many days before or
after it, at a time of day, in the person's own zone. Pure.

What repeats begins with the date itself: nobody has a first anniversary before there is something to remember. A day
that its month lacks is the month's last: 29 February is the 28th in common years, and the 31st the 30th in April.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from headwater.flows.delays import instant, zone
from headwater.segments.conditions import Path
from headwater.segments.dates import moment

ONCE, YEARLY, MONTHLY = "once", "yearly", "monthly"
REPEATS = (ONCE, YEARLY, MONTHLY)
_MONTHS = {YEARLY: 12, MONTHLY: 1}

_SLACK = timedelta(days=1)
"""No instant of a local day lies further than this from the day of the same name in UTC."""


@dataclass(frozen=True, slots=True)
class DateRule:
    """When a date starts a flow."""

    path: Path  # of the property
    repeat: str  # once, yearly, monthly
    offset_days: int  # calendar days from the date; negative: before it
    at: time
    timezone: str = "profile"  # or an IANA name


@dataclass(frozen=True, slots=True)
class Occasion:
    """One coming of a date: the day that it stands for, and the instant (UTC) at which the flow starts for it."""

    day: date
    at: datetime


def occasions(
    rule: DateRule,
    value: object,
    profile_timezone: str | None,
    brand_timezone: str,
    start: datetime,
    end: datetime,
) -> list[Occasion]:
    """Those that start at or after `start` and before `end`, the earliest first; none for what is no date.

    A value with a time of day stands for the calendar day that it falls on in the rule's zone.
    """
    local = _zone(rule, profile_timezone, brand_timezone)
    found = moment(value, local)
    if found is None:
        return []
    offset = timedelta(days=rule.offset_days)
    earliest = start.astimezone(UTC).date() - _SLACK - offset
    latest = end.astimezone(UTC).date() + _SLACK - offset
    comings = (Occasion(day, instant(day + offset, rule.at, local)) for day in _days(rule, found.day, earliest, latest))
    return [coming for coming in comings if start <= coming.at < end]


def _days(rule: DateRule, first: str, earliest: date, latest: date) -> Iterator[date]:
    """The days on which the date comes; of what repeats, all those from `earliest` to `latest` and few others."""
    year, month, day = (int(part) for part in first.split("-"))
    begins = year * 12 + month - 1
    months = range(begins, begins + 1)
    if rule.repeat != ONCE:
        every = _MONTHS[rule.repeat]
        past = max(0, _month(earliest) - begins) // every
        months = range(begins + past * every, _month(latest) + 1, every)
    for number in months:
        year, month = number // 12, number % 12 + 1
        yield date(year, month, min(day, monthrange(year, month)[1]))


def _month(day: date) -> int:
    """Months since the year 0."""
    return day.year * 12 + day.month - 1


def _zone(rule: DateRule, profile_timezone: str | None, brand_timezone: str) -> ZoneInfo:
    wanted = profile_timezone if rule.timezone == "profile" else rule.timezone
    return zone(wanted) or zone(brand_timezone) or ZoneInfo("UTC")
