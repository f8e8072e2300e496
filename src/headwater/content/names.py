"""The names that a document's Liquid asks for, each with its place: for checks and for what a preview lacks. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from liquid.exceptions import LiquidError

from headwater.content import footer
from headwater.content.document import Document
from headwater.content.errors import TemplateError
from headwater.content.liquid import syntax, tokens, values

OF_THE_MESSAGE = frozenset({"unsubscribe_link", "web_view_link", "current_year", "now", "today", "hw_pixel"})
ROOTS = OF_THE_MESSAGE | {
    "person", "first_name", "last_name", "email", "event", "organization", "coupon", "coupons", "item", "feeds",
    "reviews", "message",
}  # fmt: skip
"""Every first name that some email may know; the rest is a slip of the pen."""
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
    found: dict[tuple[str | int, ...], UsedName] = {}
    for field, source in document.sources():
        for one in sorted(_of_source(source, field), key=lambda one: one.line):
            found.setdefault(one.path, one)
    return list(found.values())


def missing(document: Document, context: Mapping[str, Any]) -> list[UsedName]:
    """The names for which this person's context has nothing to show."""
    return [one for one in used(document) if one.path[0] not in OF_THE_MESSAGE and _is_missing(one.path, context)]


def _of_source(source: str, field: str) -> Iterator[UsedName]:
    try:
        spelled = tokens.spell_out(source, "html" if field == "mjml" else "text")
        spelled = footer.TAG.sub(lambda tag: "\n" * tag[0].count("\n"), spelled)
        analysis = syntax.template(syntax.parse(spelled)).analyze()
    except (TemplateError, LiquidError):
        return
    for variables in analysis.globals.values():
        for variable in variables:
            path: list[str | int] = []
            for segment in variable.segments:
                if not isinstance(segment, str | int):  # a name inside brackets: it is told of by itself
                    break
                path.append(segment)
            if path:
                yield UsedName(tuple(path), field, tokens.line_of(spelled, variable.span.index))


def _is_missing(path: tuple[str | int, ...], context: Mapping[str, Any]) -> bool:
    if path == ("coupon", "days_left"):  # counted at the moment of sending
        path = ("coupon", "expires_at")
    held: Any = context.get(str(path[0]))
    for part in path[1:]:
        held = values.get(held, part)
    return values.is_blank(held)
