"""What clocks on walls show: time zones by name, and the instant at which a zone's clock shows a time of a day. Pure.

Where clocks jump forward over a time, it is the first instant after the gap; where they fall back and show it twice, it
is the first of the two.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_UTC = ZoneInfo("UTC")


@lru_cache(maxsize=1024)
def zone(name: str | None) -> ZoneInfo | None:
    """The zone of an IANA name; None for an unknown name, which profiles may well carry."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return None


def first_zone(*names: str | None) -> ZoneInfo:
    """The first of these names that is a zone (the person's own, then the brand's); UTC where none is."""
    for name in names:
        found = zone(name)
        if found is not None:
            return found
    return _UTC


def instant(day: date, clock_time: time, local: ZoneInfo) -> datetime:
    """A wall-clock time of a zone in UTC: after a gap if there is no such time, the first if there are two."""
    wall = datetime.combine(day, clock_time.replace(tzinfo=None), local)
    found = wall.astimezone(UTC)
    if found.astimezone(local).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return found
    return _change(wall.replace(fold=1).astimezone(UTC), found, local)


def instants(day: date, clock_time: time, local: ZoneInfo) -> tuple[datetime, ...]:
    """Each instant at which a zone's clock comes to show this time or passes over it, the earliest first.

    One on nearly every day. Where clocks fall back over it three: the first time, the change itself, the second time.
    """
    first = instant(day, clock_time, local)
    second = datetime.combine(day, clock_time.replace(tzinfo=None, fold=1), local).astimezone(UTC)
    if second <= first:
        return (first,)
    return (first, _change(first, second, local), second)


def _change(before: datetime, after: datetime, local: ZoneInfo) -> datetime:
    """The second at which the zone's offset changes, between an instant before the change and one after it."""
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
