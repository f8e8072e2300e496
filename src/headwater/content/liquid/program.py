"""A template ready to run: compiled to a Python function where possible, interpreted where not.

Both take the same data and the same `Frame`, obey the same limits, and give the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from liquid import Node
from liquid.exceptions import LiquidError, LiquidInterrupt, OutputStreamLimitError
from markupsafe import Markup

from headwater.content.errors import LimitExceeded, RenderError, TooLarge
from headwater.content.liquid import compiler, syntax
from headwater.content.liquid.dates import Moment
from headwater.content.liquid.values import MAX_OUTPUT
from headwater.content.liquid.writing import WRITE, Mode, crlf


@dataclass(frozen=True, slots=True)
class Frame:
    """What a render gets besides data: time and place, and this message's own links.

    A static link is written as `click` followed by its entry in `links`; `track` turns a link made from data into
    its tracked, escaped form.
    """

    moment: Moment
    unsubscribe_link: str = "#"
    preferences_link: str = "#"
    web_view_link: str = "#"
    pixel: str = ""
    click: str = ""
    links: tuple[str, ...] = ()
    track: Callable[[str], str] = str

    def link(self, number: int) -> str:
        return self.click + self.links[number]


class Program(Protocol):
    compiled: bool

    def run(self, data: Mapping[str, Any], frame: Frame) -> str:
        """The rendered text. Raises RenderError."""


def build(source: str, mode: Mode, *, inner_tags: bool = False, compile_it: bool = True) -> Program:
    """A program for a source. Raises TemplateError."""
    nodes = syntax.parse(source, inner_tags=inner_tags)
    if compile_it:
        try:
            return _Compiled(compiler.compile_nodes(nodes, mode))
        except compiler.Unsupported:
            pass
    return _Interpreted(nodes, mode)


class _Compiled:
    compiled = True

    def __init__(self, function: compiler.Rendering) -> None:
        self._function = function

    def run(self, data: Mapping[str, Any], frame: Frame) -> str:
        try:
            return self._function(data.get, frame)
        except RenderError:
            raise
        except Exception as problem:  # noqa: BLE001  whatever data does to a template is that message's problem
            raise RenderError(f"The template failed on this person's data: {problem}") from problem


@dataclass(slots=True)
class _State:
    """What the interpreter's nodes read: see syntax.STATE."""

    moment: Moment
    write: Callable[[Any], str]
    escapes: bool
    link: Callable[[int], str]
    track: Callable[[str], str]
    write_url: Callable[[Any], str] = WRITE["url"]


_TOO_LARGE = f"The email would be larger than {MAX_OUTPUT:,} characters."


class _Interpreted:
    compiled = False

    def __init__(self, nodes: list[Node], mode: Mode) -> None:
        compiler.prepare_static(nodes, mode)
        self._template = syntax.template(nodes)
        self._mode = mode

    def run(self, data: Mapping[str, Any], frame: Frame) -> str:
        escapes = self._mode in ("html", "wide")
        state = _State(frame.moment, WRITE[self._mode], escapes, frame.link, frame.track)
        names = {
            **data,
            "now": frame.moment.now,
            "today": frame.moment.now,
            "unsubscribe_link": frame.unsubscribe_link,
            "preferences_link": frame.preferences_link,
            "web_view_link": frame.web_view_link,
            "hw_pixel": Markup(frame.pixel),
            "current_year": frame.moment.now.year,
            syntax.STATE: state,
        }
        try:
            rendered: str = self._template.render(**{str(name): value for name, value in names.items()})
        except RenderError:
            raise
        except OutputStreamLimitError:
            raise TooLarge(_TOO_LARGE) from None
        except (LiquidError, LiquidInterrupt) as problem:
            message = getattr(problem, "message", None) or problem
            if "limit" in str(message):
                raise LimitExceeded(f"The template asks for too much: {message}.") from None
            raise RenderError(f"The template failed on this person's data: {message}.") from None
        except Exception as problem:  # noqa: BLE001  as above
            raise RenderError(f"The template failed on this person's data: {problem}") from problem
        if len(rendered) > MAX_OUTPUT:
            raise TooLarge(_TOO_LARGE)
        # The interpreter's buffer makes every line end a bare one.
        return rendered if self._mode in ("line", "url") else crlf(rendered)
