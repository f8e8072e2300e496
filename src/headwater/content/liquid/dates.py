"""Dates in templates: reading them from data, moving them, and writing them in a person's time zone.

`Moment` is what a render knows of time and place; no filter reads a clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from headwater.content.errors import RenderError

DEFAULT_FORMAT = "%B %-d, %Y"
_DIRECTIVE = re.compile(r"%([-0_^]?)([A-Za-z%])")
_DJANGO = {"F d, Y": "%B %d, %Y", "F j, Y": "%B %-d, %Y", "Y-m-d": "%Y-%m-%d", "M d, Y": "%b %d, %Y", "M j": "%b %-d"}
_PLAIN = frozenset("aAbBcdHIjmMpUwWxXyYZz")


@dataclass(frozen=True)
class Moment:
    """When and where a message is rendered: what `"now"`, dates without a zone and prices without a currency mean."""

    now: datetime
    timezone: str = "UTC"
    currency: str = "USD"


@lru_cache(maxsize=512)
def zone(name: str) -> tzinfo:
    """A time zone by name; UTC for an unknown one, so that one bad profile property never stops an email."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def read(value: Any, moment: Moment) -> datetime | None:
    """A point in time from a datetime, a date, ISO text, seconds since 1970, "now" or "today"; None if it is none."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=zone(moment.timezone))
    if isinstance(value, bool) or value is None:
        return None
    if value in ("now", "today"):
        return moment.now
    if isinstance(value, str):
        return _from_text(value.strip(), moment.timezone)
    if isinstance(value, int | float):
        return _from_seconds(value)
    return None


@lru_cache(maxsize=4096)
def _from_text(value: str, timezone: str) -> datetime | None:
    if not value or len(value) > 40:
        return None
    if value.isdecimal() and value.isascii() and len(value) > 8:
        return _from_seconds(int(value))
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone(timezone))


def _from_seconds(value: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def write(moment: Moment, value: Any, pattern: Any = None, timezone: Any = None) -> Any:
    """`date`: the point in time as text, by a strftime pattern, in the given or the person's time zone."""
    if value is None or value == "":
        return ""
    if value.__class__ is str and value not in ("now", "today"):
        return _write_text(value, _pattern(pattern), _zone_name(timezone, moment), moment.timezone)
    found = read(value, moment)
    if found is None:
        return value
    return _write(found, _pattern(pattern), _zone_name(timezone, moment))


@lru_cache(maxsize=8192)
def _write_text(value: str, pattern: str, timezone: str, naive_timezone: str) -> str:
    found = _from_text(value.strip(), naive_timezone)
    return value if found is None else _write(found, pattern, timezone)


@lru_cache(maxsize=8192)
def _write(found: datetime, pattern: str, timezone: str) -> str:
    try:
        local = found.astimezone(zone(timezone))
    except (OverflowError, ValueError):
        return found.isoformat()
    return _DIRECTIVE.sub(lambda match: _directive(local, match[1], match[2]), pattern)


def _directive(local: datetime, flag: str, letter: str) -> str:
    """One strftime directive; only known ones reach strftime, and never a width."""
    if letter == "%":
        return "%"
    if letter == "e":
        written, flag = str(local.day), flag or "_"
    elif letter == "s":
        return str(int(local.timestamp()))
    elif letter in "DFTRrPhlk":
        long = {"D": "%m/%d/%y", "F": "%Y-%m-%d", "T": "%H:%M:%S", "R": "%H:%M", "r": "%I:%M:%S %p", "h": "%b"}
        if letter == "P":
            return local.strftime("%p").lower()
        if letter in "lk":
            return local.strftime("%I" if letter == "l" else "%H").lstrip("0").rjust(2 if flag != "-" else 1) or "0"
        return local.strftime(long[letter])
    elif letter in _PLAIN:
        written = local.strftime("%" + letter)
    else:
        return f"%{flag}{letter}"
    if flag == "-":
        return written.lstrip("0 ") or "0"
    if flag == "_":
        return written.lstrip("0").rjust(2)
    return written.upper() if flag == "^" else written


def _pattern(pattern: Any) -> str:
    if not isinstance(pattern, str) or not pattern:
        return DEFAULT_FORMAT
    if len(pattern) > 200:
        raise RenderError("A date format is too long.")
    return _DJANGO.get(pattern, pattern)


def _zone_name(timezone: Any, moment: Moment) -> str:
    return timezone if isinstance(timezone, str) and timezone else moment.timezone


def later(moment: Moment, value: Any, days: Any = 1) -> Any:
    """`days_later`: the same time of day, so many days on, in the person's time zone."""
    found = read(value if value not in (None, "") else "now", moment)
    if found is None:
        return value
    try:
        return found.astimezone(zone(moment.timezone)) + timedelta(days=float(days))
    except (TypeError, ValueError, OverflowError):
        raise RenderError("days_later needs a number of days.") from None
