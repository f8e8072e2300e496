"""The names that a document's Liquid asks for, each with its place: for checks and for what a preview lacks. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from liquid.exceptions import LiquidError

from headwater.content import footer
from headwater.content.document import Document
from headwater.content.errors import TemplateError
from headwater.content.liquid import syntax, tokens, values

OF_THE_MESSAGE = frozenset(
    {"unsubscribe_link", "preferences_link", "web_view_link", "current_year", "now", "today", "hw_pixel"}
)
ROOTS = OF_THE_MESSAGE | {
    "person", "first_name", "last_name", "email", "event", "organization", "coupon", "coupons", "item", "feeds",
    "reviews", "message",
}  # fmt: skip
"""Every first name that some email may know; the rest is a slip of the pen."""
_ASKING = frozenset({"if", "elsif", "elif", "unless", "case", "when"})
_DEFAULT = re.compile(r"\|\s*default\b")
_CLOSED = {
    "organization": frozenset({"name", "full_address", "url", "email", "timezone", "currency"}),
    "coupon": frozenset({"code", "expires_at", "assigned_at", "days_left"}),
    "message": frozenset({"name"}),
}


@dataclass(frozen=True)
class UsedName:
    """A name where it first stands: `person.city` is ("person", "city")."""

    path: tuple[str | int, ...]
    field: str
    line: int
    cared_for: bool = False
    """It has a default wherever it is shown, or the email asks whether it is there."""

    @property
    def written(self) -> str:
        return ".".join(str(part) for part in self.path)

    @property
    def known(self) -> bool:
        """Whether any email could ever have it; what people and events know is open."""
        root = self.path[0]
        inside = _CLOSED.get(str(root))
        return root in ROOTS and (inside is None or len(self.path) == 1 or self.path[1] in inside)


def used(document: Document) -> list[UsedName]:
    """Each name once, in the order of its first place. What cannot be parsed has none."""
    places: dict[tuple[str | int, ...], list[_Place]] = {}
    for field, source in document.sources():
        for one in sorted(_of_source(source, field), key=lambda one: one.line):
            places.setdefault(one.path, []).append(one)
    return [
        UsedName(
            path,
            found[0].field,
            found[0].line,
            cared_for=any(one.asks for one in found) or all(one.has_default for one in found),
        )
        for path, found in places.items()
    ]


def missing(document: Document, context: Mapping[str, Any]) -> list[UsedName]:
    """The names for which this person's context has nothing to show, and that the email does not care for."""
    return [
        one
        for one in used(document)
        if one.path[0] not in OF_THE_MESSAGE and not one.cared_for and _is_missing(one.path, context)
    ]


class _Place(NamedTuple):
    path: tuple[str | int, ...]
    field: str
    line: int
    asks: bool
    has_default: bool


def _of_source(source: str, field: str) -> Iterator[_Place]:
    try:
        spelled = tokens.spell_out(source, "html" if field == "mjml" else "text")
        spelled = footer.TAG.sub(lambda tag: "\n" * tag[0].count("\n"), spelled)
        analysis = syntax.template(syntax.parse(spelled)).analyze()
    except (TemplateError, LiquidError):
        return
    written = list(tokens.each(spelled))
    for variables in analysis.globals.values():
        for variable in variables:
            path: list[str | int] = []
            for segment in variable.segments:
                if not isinstance(segment, str | int):  # a name inside brackets: it is told of by itself
                    break
                path.append(segment)
            if path:
                at = variable.span.index
                token = next((one for one in written if one.start() <= at < one.end()), None)
                asks = token is not None and (token["tag"] or "") in _ASKING
                has_default = token is not None and _DEFAULT.search(token["output"] or "") is not None
                yield _Place(tuple(path), field, tokens.line_of(spelled, at), asks, has_default)


def _is_missing(path: tuple[str | int, ...], context: Mapping[str, Any]) -> bool:
    if path == ("coupon", "days_left"):  # counted at the moment of sending
        path = ("coupon", "expires_at")
    held: Any = context.get(str(path[0]))
    for part in path[1:]:
        held = values.get(held, part)
    return values.is_blank(held)
