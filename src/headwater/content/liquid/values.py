"""How Liquid sees values: look-ups, truth, equality, order and text. The compiled code and the interpreter share it.

Nothing here reads an attribute that a template names: look-ups go into dicts, lists and strings only.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from headwater.content.errors import LimitExceeded, RenderError

MAX_TEXT = 100_000
"""Characters in any one string that a template makes or shows."""
MAX_ITEMS = 10_000
MAX_LOOPS = 1_000
MAX_OUTPUT = 1_000_000
MAX_NUMBER = 10**15


def get(holder: Any, key: Any) -> Any:
    """`holder[key]` as Liquid means it, with `size`, `first` and `last`; None for whatever is not there."""
    if isinstance(holder, dict):
        try:
            if key in holder:
                return holder[key]
        except TypeError:
            return None
        if key == "size":
            return len(holder)
        if key == "first":
            return next(iter(holder.items()), None)
        return None
    if isinstance(holder, list | tuple | range):
        if key == "size":
            return len(holder)
        if key == "first":
            return holder[0] if holder else None
        if key == "last":
            return holder[-1] if holder else None
        if isinstance(key, int) and -len(holder) <= key < len(holder):
            return holder[key]
        return None
    if isinstance(holder, str) and key == "size":
        return len(holder)
    return None


def is_true(value: Any) -> bool:
    """Only nil and false are false: 0 and "" are true."""
    return value is not None and value is not False


def is_empty(value: Any) -> bool:
    return isinstance(value, str | list | dict) and not value


def is_blank(value: Any) -> bool:
    """Nothing to show: missing, empty, or white space only."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value or value.isspace()
    return isinstance(value, list | dict) and not value


def equal(left: Any, right: Any) -> bool:
    """Equality in which 1 is not true and 0 is not false."""
    if left.__class__ is bool or right.__class__ is bool:
        return left is right
    return bool(left == right)


def less(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left < right
    if isinstance(left, int | float | Decimal) and isinstance(right, int | float | Decimal):
        return left < right
    if left is None or right is None:
        return False
    raise RenderError(f"Cannot tell which is less: {kind(left)} or {kind(right)}.")


def less_or_equal(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left <= right
    if isinstance(left, bool) or isinstance(right, bool):
        return False
    if isinstance(left, int | float | Decimal) and isinstance(right, int | float | Decimal):
        return left <= right
    if left is None or right is None:
        return False
    return equal(left, right)


def contains(left: Any, right: Any) -> bool:
    if not is_true(left) or not is_true(right):
        return False
    if isinstance(left, str):
        return str(right) in left
    if isinstance(left, Collection):
        try:
            return right in left
        except TypeError:
            return False
    raise RenderError(f"{kind(left).capitalize()} cannot contain anything.")


def kind(value: Any) -> str:
    """What a value is, in a marketer's words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float | Decimal):
        return "a number"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, list | tuple | range):
        return "a list"
    return "a group of values"


def text(value: Any) -> str:
    """A value as the reader sees it."""
    if value.__class__ is str or isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise LimitExceeded(f"A text of {len(value):,} characters is too long to show.")
        return value
    if value is None:
        return ""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, list | tuple):
        if len(value) > MAX_ITEMS:
            raise LimitExceeded("A list is too long to show.")
        return bounded("".join(text(item) for item in value))
    if isinstance(value, range):
        return f"{value.start}..{value.stop - 1}"
    return bounded(str(value))


def bounded(value: str) -> str:
    if len(value) > MAX_TEXT:
        raise LimitExceeded(f"A template made a text of more than {MAX_TEXT:,} characters.")
    return value


def whole(value: Any, default: int = 0) -> int:
    """An integer from a number or numeric text."""
    if isinstance(value, str) and len(value) > 30:
        return default
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return default


def span(start: Any, stop: Any) -> range:
    """The range `(start..stop)`, bounded."""
    first, last = whole(start), whole(stop)
    if first > last:
        return range(0)
    if last - first >= MAX_ITEMS or max(abs(first), abs(last)) > MAX_NUMBER:
        raise LimitExceeded("A range in the template is too long.")
    return range(first, last + 1)


def loop_items(value: Any, limit: Any, offset: Any, backwards: bool) -> Sequence[Any]:
    """What a `for` goes through: lists as they are, groups as pairs, a text as one item, anything else not at all."""
    if isinstance(value, list | tuple | range):
        items: Sequence[Any] = value
    elif isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, str):
        items = [value] if value else []
    else:
        return ()
    if limit is not None or offset is not None:
        start = loop_bound(offset) if offset is not None else 0
        stop = loop_bound(limit) + start if limit is not None else len(items)
        low = min(max(start, 0), len(items))
        items = items[low : max(low, min(stop, len(items)))]
    return list(reversed(items)) if backwards else items


def loop_bound(value: Any) -> int:
    if isinstance(value, str) and len(value) > 30:
        raise RenderError("A loop's limit and offset must be whole numbers.")
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise RenderError(f"A loop's limit and offset must be whole numbers, not {kind(value)}.") from None
