"""From JSON to times: spans, instants, and what a date among the profile's properties must be. Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from headwater.segments import checks
from headwater.segments.conditions import Anniversary, DefinitionError, Fixed, InMonth, Rolling

_LONGEST = timedelta(days=3660)
_UNITS = ("minutes", "hours", "days", "weeks")


def parse_span(value: Any, path: str) -> timedelta:
    """{"days": 3} or {"hours": 1, "minutes": 30} as a positive span."""
    parts = checks.mapping(value, path)
    checks.only(parts, _UNITS, path)
    if not parts:
        raise DefinitionError(path, "a span needs days, hours, minutes or weeks")
    for unit, amount in parts.items():
        if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount <= 1_000_000:
            raise DefinitionError(f"{path}.{unit}", "must be a number from 0 to 1000000")
    span = timedelta(**{unit: parts[unit] for unit in parts})
    if not timedelta(0) < span <= _LONGEST:
        raise DefinitionError(path, "a span is more than nothing and at most ten years")
    return span


def dated(form: str, value: Any, path: str) -> Rolling | Fixed | Anniversary | InMonth:
    match form:
        case "in_last":
            return Rolling(-parse_span(value, path), timedelta(0))
        case "in_next":
            return Rolling(timedelta(0), parse_span(value, path))
        case "at_least_ago":
            return Rolling(None, -parse_span(value, path))
        case "between_ago":
            near, far = checks.pair(value, path)
            spans = sorted((parse_span(near, f"{path}[0]"), parse_span(far, f"{path}[1]")))
            return Rolling(-spans[1], -spans[0])
        case "since":
            return Fixed(start=_day_or_instant(value, path))
        case "before":
            return Fixed(end=_day_or_instant(value, path))
        case "between":
            start, end = checks.pair(value, path)
            return Fixed(_day_or_instant(start, f"{path}[0]"), _day_or_instant(end, f"{path}[1]"))
        case "month":
            if value == "this":
                return InMonth(0)
            return InMonth(checks.whole(value, 1, 12, path))
    if value == "today":
        return Anniversary(0, 0)
    node = checks.mapping(value, path)
    if len(node) != 1 or next(iter(node)) not in ("in_next", "in_last"):
        raise DefinitionError(path, 'is "today", {"in_next": {"days": 7}} or {"in_last": {"days": 7}}')
    direction, span = next(iter(node.items()))
    inner = f"{path}.{direction}"
    checks.only(checks.mapping(span, inner), ("days",), inner)
    days = checks.whole(span.get("days"), 1, 366, f"{inner}.days")
    return Anniversary(0, days) if direction == "in_next" else Anniversary(-days, 0)


def instant(value: Any, path: str, besides: str = "") -> datetime:
    if isinstance(value, datetime):
        at = value
    elif isinstance(value, date):  # YAML reads a bare day as one
        at = datetime(value.year, value.month, value.day, tzinfo=UTC)
    else:
        try:
            at = datetime.fromisoformat(checks.text(value, path))
        except ValueError:
            raise DefinitionError(path, f"must be {besides}an instant such as 2026-03-01T00:00:00Z") from None
    _year(at, path)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _year(at: datetime | date, path: str) -> None:
    if not 1000 <= at.year < 3000:
        raise DefinitionError(path, "must be in a year from 1000 to 2999")


def _day_or_instant(value: Any, path: str) -> datetime | date:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise DefinitionError(path, "is no day of the calendar") from None
        _year(day, path)
        return day
    if isinstance(value, date) and not isinstance(value, datetime):
        _year(value, path)
        return value
    return instant(value, path, "a day such as 2026-03-01, or ")
