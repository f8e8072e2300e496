"""The filters a template may use, and nothing else: a table from name to function.

Each takes the value first. Those in `WITH_MOMENT` take the render's `Moment` before it. What a filter makes is
bounded before it is made, so that no chain of them can eat the machine.
"""

from __future__ import annotations

import html
import inspect
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from itertools import islice
from math import ceil, floor, isfinite
from typing import Any
from urllib.parse import quote_plus, unquote_plus

import nh3
from markupsafe import Markup, escape

from headwater.content.errors import LimitExceeded, RenderError
from headwater.content.liquid import dates
from headwater.content.liquid.money import money
from headwater.content.liquid.values import (
    MAX_ITEMS,
    MAX_NUMBER,
    MAX_TEXT,
    bounded,
    equal,
    get,
    is_blank,
    is_true,
    text,
    whole,
)

Number = int | float
_TAG = re.compile(r"<[^<>]*>")
_HIDDEN = (("<!--", "-->"), ("<script", "</script"), ("<style", "</style"))


# Text


def default(value: Any, fallback: Any = "", allow_false: Any = False) -> Any:
    if value is False:
        return value if allow_false is True else fallback
    if value is None or value == "" or value == [] or value == {}:
        return fallback
    return value


def upcase(value: Any) -> str:
    return value.upper() if value.__class__ is str else text(value).upper()


def downcase(value: Any) -> str:
    return value.lower() if value.__class__ is str else text(value).lower()


def capitalize(value: Any) -> str:
    return value.capitalize() if value.__class__ is str else text(value).capitalize()


def capfirst(value: Any) -> str:
    written = text(value)
    return written[:1].upper() + written[1:]


def title(value: Any) -> str:
    return " ".join(word[:1].upper() + word[1:].lower() for word in text(value).split(" "))


def append(value: Any, suffix: Any) -> str:
    return bounded(text(value) + text(suffix))


def prepend(value: Any, prefix: Any) -> str:
    return bounded(text(prefix) + text(value))


def replace(value: Any, old: Any, new: Any = "") -> str:
    return _replace(text(value), text(old), text(new), -1)


def replace_first(value: Any, old: Any, new: Any = "") -> str:
    return _replace(text(value), text(old), text(new), 1)


def remove(value: Any, old: Any) -> str:
    return text(value).replace(text(old), "")


def remove_first(value: Any, old: Any) -> str:
    return text(value).replace(text(old), "", 1)


def _replace(value: str, old: str, new: str, times: int) -> str:
    found = value.count(old) if times < 0 else 1
    if len(value) + found * (len(new) - len(old)) > MAX_TEXT:
        raise LimitExceeded("The replace filter would make too long a text.")
    return value.replace(old, new, times)


def strip(value: Any) -> str:
    return text(value).strip()


def lstrip(value: Any) -> str:
    return text(value).lstrip()


def rstrip(value: Any) -> str:
    return text(value).rstrip()


def strip_newlines(value: Any) -> str:
    return text(value).replace("\r", "").replace("\n", "")


def truncate(value: Any, length: Any = 50, ending: Any = "...") -> str:
    written, end, size = text(value), text(ending), whole(length, 50)
    return written if len(written) <= size else written[: max(0, size - len(end))] + end


def truncatewords(value: Any, count: Any = 15, ending: Any = "...") -> str:
    words, size = text(value).split(), max(1, whole(count, 15))
    return " ".join(words) if len(words) <= size else " ".join(words[:size]) + text(ending)


def strip_html(value: Any) -> str:
    """The text between the tags; what tags hide (comments, scripts, styles) goes too. Linear in its length."""
    written = text(value)
    if "<" not in written:
        return written
    for opening, closing in _HIDDEN:
        parts = re.split(re.escape(opening), written, flags=re.IGNORECASE)
        written = parts[0] + "".join(re.split(closing, part, maxsplit=1, flags=re.I)[-1] for part in parts[1:])
    return _TAG.sub("", written)


def escape_html(value: Any) -> Markup:
    return escape(text(value))


def escape_once(value: Any) -> Markup:
    return escape(html.unescape(text(value)))


def newline_to_br(value: Any) -> Markup:
    written = escape(text(value)).replace("\r\n", "\n").replace("\n", Markup("<br />\n"))
    bounded(written)
    return written


def url_encode(value: Any) -> str:
    return quote_plus(text(value))


def url_decode(value: Any) -> str:
    return unquote_plus(text(value))


def split(value: Any, separator: Any = " ") -> list[str]:
    written, mark = text(value), text(separator)
    if not written:
        return []
    parts = list(written) if not mark else written.split() if mark == " " else written.split(mark)
    return _bounded_list(parts)


def slice_(value: Any, start: Any, length: Any = None) -> Any:
    """A part of a text or list; with Django's spelling, `slice: ":3"`, the first three."""
    whole_value = value if isinstance(value, list | tuple) else text(value)
    if isinstance(start, str) and ":" in start:
        low, _, high = start.partition(":")
        return whole_value[whole(low) if low else None : whole(high) if high else None]
    first, count = whole(start), 1 if length is None else max(0, whole(length))
    if first < 0:
        first += len(whole_value)
        if first < 0:
            return [] if isinstance(whole_value, list | tuple) else ""
    return whole_value[first : first + count]


# Numbers


def number(value: Any) -> Number:
    if isinstance(value, bool):
        return 0
    if isinstance(value, int | float):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, str) and len(value) <= 40:
        try:
            return int(value)
        except ValueError:
            pass
        try:
            return float(value)
        except ValueError:
            return 0
    return 0


def _sane(value: Number) -> Number:
    if isinstance(value, complex) or (isinstance(value, float) and not isfinite(value)) or abs(value) > MAX_NUMBER:
        raise LimitExceeded("A calculation in the template became too large.")
    return value


def plus(value: Any, other: Any) -> Number:
    return _tidy(number(value), number(other), lambda a, b: a + b)


def minus(value: Any, other: Any) -> Number:
    return _tidy(number(value), number(other), lambda a, b: a - b)


def times(value: Any, other: Any) -> Number:
    return _tidy(number(value), number(other), lambda a, b: a * b)


def _tidy(left: Number, right: Number, operation: Callable[[Any, Any], Any]) -> Number:
    """Exact in decimal, so that 0.1 + 0.2 is 0.3."""
    _sane(left), _sane(right)
    if isinstance(left, int) and isinstance(right, int):
        return _sane(int(operation(left, right)))
    return _sane(float(operation(Decimal(str(left)), Decimal(str(right)))))


def divided_by(value: Any, other: Any) -> Number:
    left, right = number(value), number(other)
    if right == 0:
        raise RenderError("The template divides by zero.")
    return _sane(left // right if isinstance(left, int) and isinstance(right, int) else left / right)


def modulo(value: Any, other: Any) -> Number:
    left, right = number(value), number(other)
    if right == 0:
        raise RenderError("The template divides by zero.")
    return _sane(left % right)


def round_(value: Any, places: Any = None) -> Number:
    digits = min(max(whole(places), 0), 10)
    rounded = _quantize(_sane(number(value)), digits)
    return float(rounded) if digits else int(rounded)


def _quantize(value: Number, digits: int) -> Decimal:
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def ceil_(value: Any) -> int:
    return ceil(_sane(number(value)))


def floor_(value: Any) -> int:
    return floor(_sane(number(value)))


def abs_(value: Any) -> Number:
    return abs(number(value))


def at_least(value: Any, other: Any) -> Number:
    return max(number(value), number(other))


def at_most(value: Any, other: Any) -> Number:
    return min(number(value), number(other))


def floatformat(value: Any, places: Any = -1) -> str:
    """Django's: so many decimals, rounded; a negative number drops them when they are all zero."""
    digits = min(abs(whole(places, -1)), 10)
    try:
        amount = Decimal(str(value)[:40])
    except InvalidOperation:
        return ""
    if not amount.is_finite() or abs(amount) > MAX_NUMBER:
        return ""
    rounded = amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    if whole(places, -1) < 0 and rounded == rounded.to_integral_value():
        return str(int(rounded))
    return f"{rounded:f}"


# Lists and groups


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, range):
        return _bounded_list(value)
    if isinstance(value, list | tuple):
        return _flat(value, 5)
    return [value]


def _flat(items: Any, depth: int) -> list[Any]:
    if not any(isinstance(item, list | tuple) for item in items):
        return _bounded_list(items)
    out: list[Any] = []
    for item in items:
        if depth and isinstance(item, list | tuple):
            out.extend(_flat(item, depth - 1))
        else:
            out.append(item)
        if len(out) > MAX_ITEMS:
            break
    return _bounded_list(out)


def _bounded_list(items: Any) -> list[Any]:
    if len(items) > MAX_ITEMS:
        raise LimitExceeded(f"A list in the template has more than {MAX_ITEMS:,} items.")
    return list(items)


def size(value: Any) -> int:
    return len(value) if isinstance(value, str | list | tuple | dict | range) else 0


def join(value: Any, separator: Any = " ") -> str:
    parts, mark = [text(item) for item in _list(value)], text(separator)
    if sum(map(len, parts)) + len(mark) * len(parts) > MAX_TEXT:
        raise LimitExceeded("The join filter would make too long a text.")
    return mark.join(parts)


def first(value: Any) -> Any:
    if isinstance(value, dict):
        return next(islice(value.items(), 1), None)
    return value[0] if isinstance(value, list | tuple | range) and value else None


def last(value: Any) -> Any:
    return value[-1] if isinstance(value, list | tuple | range) and value else None


def map_(value: Any, key: Any) -> list[Any]:
    return [get(item, key) for item in _list(value)]


def where(value: Any, key: Any, wanted: Any = None) -> list[Any]:
    if wanted is None:
        return [item for item in _list(value) if is_true(get(item, key))]
    return [item for item in _list(value) if equal(get(item, key), wanted)]


def reject(value: Any, key: Any, unwanted: Any = None) -> list[Any]:
    if unwanted is None:
        return [item for item in _list(value) if not is_true(get(item, key))]
    return [item for item in _list(value) if not equal(get(item, key), unwanted)]


def sort(value: Any, key: Any = None) -> list[Any]:
    """Numbers before texts before the rest, so that mixed data sorts instead of failing."""
    return sorted(_list(value), key=lambda item: _order(item if key is None else get(item, key)))


def sort_natural(value: Any, key: Any = None) -> list[Any]:
    return sorted(_list(value), key=lambda item: text(item if key is None else get(item, key)).lower())


def _order(value: Any) -> tuple[int, Any]:
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return 0, value
    if isinstance(value, str):
        return 1, value
    return (3, "") if value is None else (2, text(value))


def reverse(value: Any) -> list[Any]:
    return _list(value)[::-1]


def uniq(value: Any, key: Any = None) -> list[Any]:
    seen: set[str] = set()
    out = []
    for item in _list(value):
        mark = repr(item if key is None else get(item, key))
        if mark not in seen:
            seen.add(mark)
            out.append(item)
    return out


def compact(value: Any, key: Any = None) -> list[Any]:
    return [item for item in _list(value) if (item if key is None else get(item, key)) is not None]


def concat(value: Any, other: Any) -> list[Any]:
    return _bounded_list(_list(value) + _list(other))


def sum_(value: Any, key: Any = None) -> Number:
    total: Number = 0
    for item in _list(value):
        total = plus(total, item if key is None else get(item, key))
    return total


def lookup(value: Any, key: Any) -> Any:
    """A property whose name a path cannot spell: `{{ person | lookup: "Favourite Colour" }}`."""
    return get(value, key)


def safe(value: Any) -> Markup:
    """HTML from the data as HTML: cleaned of scripts and the like, since data is not to be trusted."""
    return Markup(_clean(text(value)))


@lru_cache(maxsize=1024)
def _clean(markup: str) -> str:
    return nh3.clean(markup)


def coupon_code(value: Any, name: Any) -> str:
    if is_blank(value):
        raise RenderError(f"There is no code of the coupon “{text(name)}” for this person.")
    return text(value)


WITH_MOMENT: dict[str, Callable[..., Any]] = {"date": dates.write, "days_later": dates.later, "money": money}

FILTERS: dict[str, Callable[..., Any]] = {
    "abs": abs_,
    "add": plus,
    "append": append,
    "at_least": at_least,
    "at_most": at_most,
    "capfirst": capfirst,
    "capitalize": capitalize,
    "ceil": ceil_,
    "compact": compact,
    "concat": concat,
    "coupon_code": coupon_code,
    "default": default,
    "divide": divided_by,
    "divided_by": divided_by,
    "downcase": downcase,
    "escape": escape_html,
    "escape_once": escape_once,
    "first": first,
    "floatformat": floatformat,
    "floor": floor_,
    "join": join,
    "last": last,
    "length": size,
    "lookup": lookup,
    "lower": downcase,
    "lstrip": lstrip,
    "map": map_,
    "minus": minus,
    "modulo": modulo,
    "multiply": times,
    "newline_to_br": newline_to_br,
    "plus": plus,
    "prepend": prepend,
    "reject": reject,
    "remove": remove,
    "remove_first": remove_first,
    "replace": replace,
    "replace_first": replace_first,
    "reverse": reverse,
    "round": round_,
    "rstrip": rstrip,
    "safe": safe,
    "size": size,
    "slice": slice_,
    "sort": sort,
    "sort_natural": sort_natural,
    "split": split,
    "strip": strip,
    "strip_html": strip_html,
    "strip_newlines": strip_newlines,
    "striptags": strip_html,
    "sum": sum_,
    "times": times,
    "title": title,
    "truncate": truncate,
    "truncatechars": truncate,
    "truncatewords": truncatewords,
    "uniq": uniq,
    "upcase": upcase,
    "upper": upcase,
    "url_decode": url_decode,
    "url_encode": url_encode,
    "urlencode": url_encode,
    "where": where,
}


def arity_problem(name: str, positional: int, keywords: list[str]) -> str | None:
    """What is wrong with a filter's arguments, if anything."""
    function = FILTERS.get(name) or WITH_MOMENT[name]
    leading = 2 if name in WITH_MOMENT else 1
    try:
        inspect.signature(function).bind(*range(leading + positional), **dict.fromkeys(keywords))
    except TypeError:
        return f"The filter “{name}” does not take these arguments."
    return None
