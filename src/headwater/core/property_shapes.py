"""What some samples of properties have in common: every path in them, what kind of value it leads to, and which ones.

Pure. The paths are those that conditions write: location.city, items[].category.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "number", "boolean", "date", "list"]

MOST_PATHS = 200
MOST_VALUES = 20
_LONGEST_VALUE = 100
_DEEPEST = 4
_LINES = 20
"""So many items of a list are looked at."""
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?")
_UNNAMEABLE = re.compile(r"[.\[\]\0]")


@dataclass(frozen=True, slots=True)
class Value:
    value: str | int | float | bool
    count: int


@dataclass(frozen=True, slots=True)
class Shape:
    """A path, and what it leads to in most of the samples."""

    path: str
    kind: Kind
    held: int
    """How many of the samples have it."""
    values: tuple[Value, ...]
    """The most frequent ones; of a list its items. Empty where hardly any value comes twice."""


def shapes(samples: Iterable[Mapping[str, Any]]) -> list[Shape]:
    """Every path in them, the most frequent first, then by name."""
    kinds: defaultdict[str, Counter[Kind]] = defaultdict(Counter)
    values: defaultdict[str, Counter[tuple[str, Any]]] = defaultdict(Counter)
    held: Counter[str] = Counter()
    for sample in samples:
        met: set[str] = set()
        for path, kind, value in _leaves(sample, "", 0):
            met.add(path)
            kinds[path][kind] += 1
            if value is not None and (not isinstance(value, str) or len(value) <= _LONGEST_VALUE):
                # To Python 1 and true are equal; to a condition they are not.
                values[path][type(value).__name__, value] += 1
        held.update(met)
    found = [Shape(path, kinds[path].most_common(1)[0][0], held[path], _frequent(values[path])) for path in held]
    return sorted(found, key=lambda shape: (-shape.held, shape.path))[:MOST_PATHS]


def _frequent(values: Counter[tuple[str, Any]]) -> tuple[Value, ...]:
    if len(values) > MOST_VALUES and values.most_common(1)[0][1] == 1:
        return ()
    return tuple(Value(value, count) for (_, value), count in values.most_common(MOST_VALUES))


def _leaves(held: Mapping[str, Any], before: str, depth: int) -> Iterator[tuple[str, Kind, Any]]:
    """(path, kind, value) of whatever stands in it."""
    for key, value in held.items():
        if not key or _UNNAMEABLE.search(key) or value is None or (not before and key.startswith("$")):
            continue
        path = f"{before}{key}"
        if isinstance(value, Mapping):
            if depth < _DEEPEST:
                yield from _leaves(value, f"{path}.", depth + 1)
        elif isinstance(value, list):
            yield from _items(value, path, depth)
        else:
            yield path, _kind(value), value


def _items(found: list[Any], path: str, depth: int) -> Iterator[tuple[str, Kind, Any]]:
    yield path, "list", None
    for item in found[:_LINES]:
        if isinstance(item, Mapping):
            if depth < _DEEPEST:
                yield from _leaves(item, f"{path}[].", depth + 1)
        elif isinstance(item, str | int | float | bool):
            yield path, "list", item


def _kind(value: Any) -> Kind:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "date" if _DATE.fullmatch(str(value)) else "text"
