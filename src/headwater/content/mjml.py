"""MJML with Liquid anywhere becomes HTML with the Liquid in the right places.

Liquid between MJML elements (a loop around sections or columns) is wrapped in <mj-raw> on the author's behalf, and
elements that do not close are reported with their line.
"""

from __future__ import annotations

import re

import mrml

from headwater.content import footer, markup
from headwater.content.errors import TemplateError
from headwater.content.placeholders import MARK, Placeholders

_CONTAINERS = frozenset({"mj-head", "mj-body", "mj-wrapper", "mj-section", "mj-column", "mj-group", "mj-hero"})
_CLOSED = frozenset({"mjml", "mj-navbar", "mj-social", "mj-accordion", "mj-carousel", "mj-attributes"})
_MARKS = re.compile(r"(?:\s*zhw\d+z\s*)+")
_OPTIONS = mrml.RenderOptions(fonts={})
"""A font that is only named is fetched from nowhere: by itself mrml links Google's servers for those it knows."""
_PREVIEW = re.compile(r"<mj-preview>(.*?)</mj-preview>", re.DOTALL)


def is_mjml(source: str) -> bool:
    return re.search(r"<mjml[\s>]", source[:5000]) is not None


def to_html(source: str, placeholders: Placeholders) -> tuple[str, str]:
    """The HTML page, its Liquid as marks, and the preview text that the MJML holds. Raises TemplateError."""
    hidden = placeholders.hide(footer.INCLUDE.sub("{% footer %}", source))
    wrapped = _wrapped(hidden, placeholders)
    preview = _PREVIEW.search(wrapped)
    if preview:
        wrapped = wrapped.replace(preview[0], "", 1)
    try:
        page = mrml.to_html(wrapped, None, _OPTIONS).content
    except OSError as problem:
        raise TemplateError(f"The MJML cannot be read: {problem}.") from None
    return page, preview[1].strip() if preview else ""


def _wrapped(source: str, placeholders: Placeholders) -> str:
    out: list[str] = []
    stack: list[tuple[str, int]] = []
    for piece in markup.pieces(source):
        parent = stack[-1][0] if stack else ""
        if piece.kind == "text":
            out.append(_text(piece, parent, source, placeholders))
            continue
        out.append(piece.text)
        if piece.kind == "open" and not piece.empty and piece.name not in markup.VOID:
            stack.append((piece.name, piece.start))
        elif piece.kind == "close" and piece.name not in markup.VOID:
            _close(piece, stack, source, placeholders)
        if piece.name == "mj-include":
            line = placeholders.line(source, piece.start)
            raise TemplateError("mj-include can only include the footer.", line=line)
    if stack:
        name, start = stack[-1]
        raise TemplateError(f"<{name}> is never closed.", line=placeholders.line(source, start))
    return "".join(out)


def _close(piece: markup.Piece, stack: list[tuple[str, int]], source: str, placeholders: Placeholders) -> None:
    if stack and stack[-1][0] == piece.name:
        stack.pop()
        return
    line = placeholders.line(source, piece.start)
    if not stack:
        raise TemplateError(f"</{piece.name}> closes nothing.", line=line)
    name, start = stack[-1]
    opened = placeholders.line(source, start)
    raise TemplateError(f"</{piece.name}> comes before <{name}> (line {opened}) is closed.", line=line)


def _text(piece: markup.Piece, parent: str, source: str, placeholders: Placeholders) -> str:
    """Text as it stands, except directly inside a container, where only Liquid may be."""
    if parent in _CONTAINERS:
        rest = _MARKS.sub("", piece.text).strip()
        if rest:
            line = placeholders.line(source, piece.start + piece.text.index(rest[0]))
            raise TemplateError(f"Text must be inside <mj-text>, not directly in <{parent}>: “{rest[:40]}”.", line=line)
        return MARK.sub(lambda mark: _between(mark, parent, placeholders), piece.text)
    if parent in _CLOSED and MARK.search(piece.text):
        line = placeholders.line(source, piece.start)
        raise TemplateError(f"Liquid cannot stand directly in <{parent}>: put it around the whole of it.", line=line)
    return MARK.sub(lambda mark: _inside(mark, placeholders), piece.text)


def _between(mark: re.Match[str], parent: str, placeholders: Placeholders) -> str:
    if footer.TAG.fullmatch(placeholders.tokens[int(mark[1])]):
        return placeholders.hide(footer.FOR_PARENT.get(parent, ""))
    return f"<mj-raw>{mark[0]}</mj-raw>"


def _inside(mark: re.Match[str], placeholders: Placeholders) -> str:
    if footer.TAG.fullmatch(placeholders.tokens[int(mark[1])]):
        return placeholders.hide(footer.HTML)
    return mark[0]
