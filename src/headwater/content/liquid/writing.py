"""How values and static text are written, by mode: the one place that knows what is safe where.

- `html`: escaped, and pure ASCII (character references), with CRLF line ends; never a line that starts with a dot.
- `wide`: HTML that may hold any character, for the rare template whose references would not be understood.
- `text`: as it is, with CRLF line ends.
- `line`: one header line; line ends and control characters become spaces.
- `url`: one address inside a link; no escaping yet.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any, Literal

from markupsafe import Markup

from headwater.content.liquid.values import text

try:  # The C function behind markupsafe.escape(), which saves making a Markup object for every slot.
    from markupsafe._speedups import _escape_inner as escape_html
except ImportError:  # pragma: no cover

    def escape_html(value: str, /) -> str:
        return html.escape(value, quote=True)


Mode = Literal["html", "wide", "text", "line", "url"]
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACING = re.compile(r"[\s\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
"""White space, controls, and the signs that turn the direction of writing around: not for headers."""


def write_html(value: Any) -> str:
    if value.__class__ is str and len(value) < 200 and value.isascii() and value.isprintable():
        return escape_html(value)
    if value is None:
        return ""
    if value.__class__ is int:
        return str(value)
    return _ascii(write_wide(value))


def write_wide(value: Any) -> str:
    if value.__class__ is Markup or (value.__class__ is list and any(item.__class__ is Markup for item in value)):
        written = str(value) if value.__class__ is Markup else "".join(map(write_wide, value))
    else:
        written = escape_html(text(value))
    return written if written.isprintable() else _lines(_CONTROL.sub("", written))


def write_text(value: Any) -> str:
    written = value if value.__class__ is str and len(value) < 200 else text(value)
    return written if written.isprintable() else crlf(_CONTROL.sub("", written))


def write_line(value: Any) -> str:
    written = text(value)
    return written if written.isprintable() else _SPACING.sub(" ", written)


def write_url(value: Any) -> str:
    return text(value)


def _ascii(value: str) -> str:
    return value if value.isascii() else value.encode("ascii", "xmlcharrefreplace").decode("ascii")


def crlf(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


def _lines(value: str) -> str:
    """CRLF line ends, no line that starts with a dot, and no line end last (what follows could be a dot)."""
    lines = crlf(value).replace("\n.", "\n&#46;")
    return lines + " " if lines.endswith("\n") else lines


def static_html(value: str) -> str:
    return _ascii(_lines(value))


def static_line(value: str) -> str:
    return _SPACING.sub(" ", value)


WRITE: dict[Mode, Callable[[Any], str]] = {
    "html": write_html,
    "wide": write_wide,
    "text": write_text,
    "line": write_line,
    "url": write_url,
}
STATIC: dict[Mode, Callable[[str], str]] = {
    "html": static_html,
    "wide": _lines,
    "text": crlf,
    "line": static_line,
    "url": str,
}
