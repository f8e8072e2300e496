"""From plain data to a delay: a span, with or without a time of day, or a countdown to a date or a code's end. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any

from headwater.flows.delays import Span
from headwater.flows.reading.findings import Findings
from headwater.flows.reading.parts import named, time_of_day, weekdays_of
from headwater.flows.reading.triggers import zone_of
from headwater.flows.steps import Countdown, DateCountdown, Delay, Step
from headwater.segments import checks
from headwater.segments.language import DefinitionError, parse_span
from headwater.segments.parsing import parse_path


def delay_of(node: Mapping[str, Any], path: str, step_id: str, after: str | None, found: Findings) -> Step:
    """A delay; what is wrong in its fields is noted. Raises DefinitionError for one that waits for nothing."""
    if "expiry_of" in node or "date" in node or "before" in node:
        return _countdown(node, path, step_id, after, found)
    attempt = found.attempt
    checks.only(node, ("minutes", "hours", "days", "weeks", "until", "weekdays", "timezone"), path)
    until = attempt(time(0), time_of_day, node["until"], f"{path}.until") if "until" in node else None
    weekdays = attempt(frozenset(), weekdays_of, node.get("weekdays", []), f"{path}.weekdays")
    timezone = attempt("profile", zone_of, node.get("timezone", "profile"), f"{path}.timezone")
    amounts = {unit: node[unit] for unit in ("minutes", "hours", "days", "weeks") if node.get(unit)}
    if amounts or (until is None and not node.get("weekdays")):
        whole = parse_span(amounts, path)
    else:
        whole = timedelta(0)
    days = amounts.get("days", 0) + 7 * amounts.get("weeks", 0)
    if days != int(days):
        raise DefinitionError(f"{path}.days", "days are whole; use hours for parts of a day")
    rest = whole - timedelta(days=days)
    if until is not None and days and rest:
        raise DefinitionError(path, "with until, a delay is counted either in days or in hours")
    return Delay(step_id, Span(int(days), rest, until, weekdays, timezone), after)


def _countdown(node: Mapping[str, Any], path: str, step_id: str, after: str | None, found: Findings) -> Step:
    if "before" not in node or ("expiry_of" in node) is ("date" in node):
        raise DefinitionError(path, "a countdown needs before, and expiry_of or date")
    attempt = found.attempt
    if "expiry_of" in node:
        attempt(None, checks.only, node, ("before", "expiry_of"), path)
        before = attempt(timedelta(0), parse_span, node["before"], f"{path}.before")
        return Countdown(step_id, before, attempt("", named, node["expiry_of"], f"{path}.expiry_of"), after)
    attempt(None, checks.only, node, ("before", "date", "until", "timezone"), path)
    return DateCountdown(
        step_id,
        attempt(timedelta(0), _maybe_nothing, node["before"], f"{path}.before"),
        attempt((), parse_path, node["date"], f"{path}.date"),
        attempt(time(0), time_of_day, node["until"], f"{path}.until") if "until" in node else time(0),
        attempt("profile", zone_of, node.get("timezone", "profile"), f"{path}.timezone"),
        after,
    )


def _maybe_nothing(value: Any, path: str) -> timedelta:
    """A span that may be nothing: {days: 0} is the day itself."""
    return timedelta(0) if value == {"days": 0} else parse_span(value, path)
