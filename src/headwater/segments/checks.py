"""What plain JSON values of a definition must be; each refusal is a DefinitionError that names its path.

Every check takes the value and its path, and answers the value as what it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from headwater.segments.conditions import DefinitionError, Scalar


def mapping(value: Any, path: str) -> Mapping[str, Any]:
    """An object."""
    if not isinstance(value, Mapping):
        raise DefinitionError(path, "must be an object")
    return value


def only(node: Mapping[str, Any], allowed: Sequence[str], path: str) -> None:
    """No key but these."""
    for key in node:
        if key not in allowed:
            raise DefinitionError(join(path, str(key)), f"is not known here; known: {', '.join(allowed)}")


def pair(value: Any, path: str) -> tuple[Any, Any]:
    """A list of two."""
    if not isinstance(value, list) or len(value) != 2:
        raise DefinitionError(path, "is a list of two: from and to")
    return value[0], value[1]


def text(value: Any, path: str) -> str:
    """Text of 1 to 1,000 characters that every store can hold."""
    if not isinstance(value, str) or not value or "\x00" in value or len(value) > 1000:
        raise DefinitionError(path, "must be text")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise DefinitionError(path, "holds half of a character")
    return value


def boolean(value: Any, path: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise DefinitionError(path, "must be true or false")
    return value


def choice(value: Any, choices: Sequence[str], path: str) -> str:
    """One of these words."""
    if value not in choices:
        raise DefinitionError(path, f"must be one of {', '.join(choices)}")
    return str(value)


def number(value: Any, path: str) -> Decimal:
    """A number of at most 15 digits."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise DefinitionError(path, "must be a number")
    found = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not found.is_finite() or abs(found) > Decimal(10) ** 15:
        raise DefinitionError(path, "must be a number of at most 15 digits")
    return found


def whole(value: Any, low: int, high: int, path: str) -> int:
    """A whole number of a range."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise DefinitionError(path, f"must be a whole number from {low} to {high}")
    return value


def within(node: Mapping[str, Any], key: str, low: float, high: float, path: str) -> float:
    """The number under a key, of a range."""
    value = node.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise DefinitionError(f"{path}.{key}", f"must be a number from {low:g} to {high:g}")
    return float(value)


def scalar(value: Any, path: str) -> Scalar:
    """Text (which may be empty), a number, true or false."""
    if isinstance(value, str):
        return text(value, path) if value else ""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        number(value, path)
        return value
    raise DefinitionError(path, "must be text, a number, true or false; for nothing use is_set: false")


def reference(value: Any, what: str, path: str) -> int | str:
    """The name or the id of something that is saved."""
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise DefinitionError(path, f"must be {what}")
    if isinstance(value, int):
        if not 0 < value < 2**63:
            raise DefinitionError(path, f"must be {what}")
        return value
    return text(value, path)


def join(path: str, key: str) -> str:
    """The path of what lies under a key."""
    return f"{path}.{key}" if path else key
