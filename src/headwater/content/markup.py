"""HTML and MJML as a run of tags, comments and text: enough structure to rewrite a page without reordering it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

_ATTRIBUTES = r"""(?:"[^"]*"|'[^']*'|[^<>"'])*"""
_PIECE = re.compile(
    r"(?P<condition><!--\[if[^\]]*\]>(?:<!-->)?|<!--<!\[endif\]-->|<!\[endif\]-->)"
    r"|(?P<comment><!--.*?-->)"
    r"|(?P<declaration><[!?][^>]*>)"
    rf"|<(?P<closing>/?)(?P<name>[A-Za-z][\w:-]*)(?P<attributes>{_ATTRIBUTES})>",
    re.DOTALL,
)
ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""")
VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
RAW_TEXT = frozenset({"style", "script", "title", "textarea", "mj-style", "mj-title", "mj-preview"})

Kind = Literal["condition", "comment", "declaration", "open", "close", "text"]


class Piece(NamedTuple):
    kind: Kind
    text: str
    start: int
    name: str = ""
    attributes: str = ""
    empty: bool = False
    """Written <like this/>."""


def pieces(source: str) -> Iterator[Piece]:
    """The whole source, in order; joining their texts gives it back. The content of <style> and the like is text."""
    position = 0
    while position < len(source):
        found = _PIECE.search(source, position)
        if found is None:
            yield Piece("text", source[position:], position)
            return
        if found.start() > position:
            yield Piece("text", source[position : found.start()], position)
        piece = _piece(found)
        yield piece
        position = found.end()
        if piece.kind == "open" and piece.name in RAW_TEXT and not piece.empty:
            end = re.compile(rf"</{piece.name}\s*>", re.IGNORECASE).search(source, position)
            stop = end.start() if end else len(source)
            if stop > position:
                yield Piece("text", source[position:stop], position)
            position = stop


def _piece(found: re.Match[str]) -> Piece:
    start, whole = found.start(), found[0]
    if found["condition"]:
        return Piece("condition", whole, start)
    if found["comment"]:
        return Piece("comment", whole, start)
    if found["declaration"]:
        return Piece("declaration", whole, start)
    attributes = found["attributes"]
    return Piece(
        "close" if found["closing"] else "open",
        whole,
        start,
        found["name"].lower(),
        attributes,
        attributes.rstrip().endswith("/"),
    )
