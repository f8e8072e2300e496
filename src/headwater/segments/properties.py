"""What a test of a property says of plain JSON values: typed comparisons, paths through lists, filters on events.

The rules that are decided here are listed in `language`. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from headwater.segments import patterns
from headwater.segments.conditions import AllOf, AnyOf, Filter, Negation, Path, Step, Test
from headwater.segments.parsing import NEGATIVE

Passes = Callable[[Mapping[str, Any], Decimal | float | None], bool]
"""(properties, value) of an event: whether it passes."""


# ── filters ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def matches(where: Filter | None, properties: Mapping[str, Any], value: Decimal | float | None = None) -> bool:
    """Whether one event passes a filter; $value is the event's value."""
    return passer(where)(properties, value)


_passers: dict[int, tuple[Filter, Passes]] = {}
_KEEP = 20_000


def passer(where: Filter | None) -> Passes:
    """The filter as one function: for many events, or many times. Kept by the filter's identity, as definitions are."""
    if where is None:
        return _everything
    kept = _passers.get(id(where))
    if kept is not None and kept[0] is where:
        return kept[1]
    if len(_passers) >= _KEEP:
        _passers.clear()
    made = _made(where)
    _passers[id(where)] = (where, made)
    return made


def _everything(properties: Mapping[str, Any], value: Decimal | float | None) -> bool:
    return True


def _made(where: Filter) -> Passes:
    match where:
        case Test((Step(key, False),), "equals", str() as wanted) if key != "$value":
            return lambda properties, value: properties.get(key) == wanted  # what most filters ask
        case Test():
            if where.path[0].key == "$value":
                return lambda properties, value: test_holds(where, {"$value": value})
            return lambda properties, value: test_holds(where, properties)
        case Negation(child):
            inner = _made(child)  # type: ignore[arg-type]
            return lambda properties, value: not inner(properties, value)
    parts = tuple(_made(child) for child in where.of)  # type: ignore[arg-type]
    if len(parts) == 1:
        return parts[0]
    if isinstance(where, AllOf):
        return lambda properties, value: all(part(properties, value) for part in parts)
    assert isinstance(where, AnyOf)
    return lambda properties, value: any(part(properties, value) for part in parts)


# ── numbers ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def compare(operator: str, value: Decimal, operand: Decimal) -> bool:
    """One of the six comparisons of two numbers."""
    match operator:
        case "equals":
            return value == operand
        case "not_equals":
            return value != operand
        case "greater_than":
            return value > operand
        case "at_least":
            return value >= operand
        case "less_than":
            return value < operand
        case _:
            return value <= operand


# ── properties ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_holds(test: Test, held: Mapping[str, Any]) -> bool:
    """Whether a property of these passes a test."""
    positive = NEGATIVE.get(test.operator)
    if positive is not None:
        return not any(_holds(positive, value, test.operand) for value in leads_to(held, test.path))
    return any(_holds(test.operator, value, test.operand) for value in leads_to(held, test.path))


def leads_to(held: Any, path: Path) -> Iterable[Any]:
    """What a path leads to: one value, or one a line where it passes through a list. Missing values do not show."""
    found = [held]
    for step in path:
        found = [item[step.key] for item in found if isinstance(item, Mapping) and step.key in item]
        if step.every:
            found = [line for item in found if isinstance(item, list) for line in item]
    return [value for value in found if value is not None]


def _holds(operator: str, value: Any, operand: Any) -> bool:
    match operator:
        case "is_set":
            return True
        case "equals":
            return _same(value, operand)
        case "in":
            return any(_same(value, item) for item in operand)
        case "contains":
            if isinstance(value, list):
                return any(_same(item, operand) for item in value)
            return isinstance(value, str) and isinstance(operand, str) and operand in value
        case "contains_any":
            return any(_holds("contains", value, item) for item in operand)
        case "contains_all":
            return all(_holds("contains", value, item) for item in operand)
        case "between":
            return is_number(value) and operand[0] <= _decimal(value) <= operand[1]
        case "matches":
            return isinstance(value, str) and patterns.matches(patterns.compile_pattern(operand), value)
        case "starts_with":
            return isinstance(value, str) and value.startswith(operand)
        case "ends_with":
            return isinstance(value, str) and value.endswith(operand)
        case _ if operator.startswith("length_"):
            return isinstance(value, list) and compare(operator[7:], Decimal(len(value)), operand)
        case _:
            return is_number(value) and compare(operator, _decimal(value), operand)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _decimal(value: Any) -> Decimal:
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def _same(value: Any, operand: Any) -> bool:
    if is_number(value) and is_number(operand):
        return _decimal(value) == _decimal(operand)
    return type(value) is type(operand) and bool(value == operand)
