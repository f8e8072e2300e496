"""What triggers, steps and the head of a flow have in common: short names, times of day, events, filters. Pure."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

from headwater.flows.steps import Occurrence
from headwater.segments import checks
from headwater.segments.conditions import AllOf
from headwater.segments.language import Condition, DefinitionError, parse_where
from headwater.segments.language import parse as parse_condition

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def slug_of(value: Any, path: str) -> str:
    """Lower-case words joined by hyphens."""
    if not isinstance(value, str) or len(value) > 100 or not _SLUG.fullmatch(value):
        raise DefinitionError(path, "must be lower-case words joined by hyphens: browse-abandonment")
    return value


def named(value: Any, path: str) -> str:
    """Text that says something."""
    if not checks.text(value, path).strip():
        raise DefinitionError(path, "must be text")
    return str(value)


def filters_of(tree: Any, path: str, *, salt: str) -> Condition | None:
    """Conditions that must all hold; None if there are none."""
    if tree is None:
        return None
    condition = parse_condition(tree, in_flow=True, path=path, salt=salt)
    return None if condition == AllOf(()) else condition


def time_of_day(value: Any, path: str) -> time:
    """ "10:00" or "10:00:30"."""
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", value) if isinstance(value, str) else None
    if match is None:
        raise DefinitionError(path, 'must be a time of day such as "10:00"')
    return time(int(match[1]), int(match[2]), int(match[3] or 0))


def weekdays_of(value: Any, path: str) -> frozenset[int]:
    """Monday is 0."""
    if not isinstance(value, list) or any(day not in WEEKDAYS for day in value):
        raise DefinitionError(path, f"must be a list of {', '.join(WEEKDAYS)}")
    return frozenset(WEEKDAYS.index(day) for day in value)


def occurrence_of(tree: Any, path: str) -> Occurrence:
    """{metric, where}, or the metric's name alone."""
    node = {"metric": tree} if isinstance(tree, str) else checks.mapping(tree, path)
    checks.only(node, ("metric", "where"), path)
    metric = checks.text(node.get("metric"), f"{path}.metric")
    where = node.get("where")
    return Occurrence(metric, parse_where(where, f"{path}.where", in_flow=True) if where is not None else None)
