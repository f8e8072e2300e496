"""What could be better about an email that can be sent: pictures without words, links to nowhere, names nobody knows.

Pure. What keeps an email from being sent is `compiling.lint`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from headwater.content import compiling, markup, names
from headwater.content.compiling import Problem
from headwater.content.document import Document
from headwater.content.liquid import tokens

MOST_STYLE = 8_192
"""Characters of <style> that Gmail reads; it drops what is longer, whole."""
LONG_SUBJECT = 150
_MOST_NOTES = 50
_LINKS = frozenset({"a", "mj-button", "mj-navbar-link"})
_STYLE = frozenset({"style", "mj-style"})


def problems(document: Document, *, transactional: bool = False) -> list[Problem]:
    """Errors first, then warnings, each by its place. A transactional email needs no way out and no address."""
    found = compiling.lint(document)
    if transactional:
        found = [one for one in found if not one.message.startswith(("There is no unsubscribe", "There is no postal"))]
    notes = sorted(advise(document), key=lambda one: (one.field, one.line or 0))[:_MOST_NOTES]
    return sorted(found + notes, key=lambda one: one.level == "warning")


def advise(document: Document) -> Iterator[Problem]:
    """Warnings about a document, whether or not it can be sent."""
    yield from _unknown_names(document)
    yield from _of_the_markup(document.mjml)
    written = tokens.TOKEN.sub("", document.subject)
    if len(written) > LONG_SUBJECT:
        yield Problem("warning", f"The subject is {len(written)} characters long; inboxes show about 60.", "subject")


def _unknown_names(document: Document) -> Iterator[Problem]:
    for name in names.used(document):
        if not name.known:
            message = f"Nothing is known as “{name.written}”, so it will be empty for everyone."
            yield Problem("warning", message, name.field, name.line)


def _of_the_markup(source: str) -> Iterator[Problem]:
    style = 0
    inside = ""
    defaults = False
    for piece in markup.pieces(source):
        if piece.name == "mj-attributes":  # what stands in there is the look of all, not one of them
            defaults = piece.kind == "open" and not piece.empty
        if piece.kind == "text" and inside in _STYLE:
            style += len(piece.text)
        inside = piece.name if piece.kind == "open" else ""
        if piece.kind == "open" and not defaults:
            yield from _of_the_tag(piece, tokens.line_of(source, piece.start))
    if style > MOST_STYLE:
        yield Problem("warning", f"The styles are {style:,} characters long; Gmail drops them all over {MOST_STYLE:,}.")


def _of_the_tag(piece: markup.Piece, line: int) -> Iterator[Problem]:
    given = {found[1].lower(): found[2] or found[3] or found[4] or "" for found in _attributes(piece.attributes)}
    if piece.name in ("img", "mj-image"):
        if not given.get("src"):
            yield Problem("warning", "This picture has no address: give it a src.", line=line)
        if "alt" not in given:
            yield Problem("warning", "This picture has no alt text for those who cannot see it.", line=line)
    is_anchor = piece.name == "a" and bool({"name", "id"} & given.keys())
    if piece.name in _LINKS and not is_anchor and given.get("href", "").strip() in ("", "#"):
        yield Problem("warning", "This link leads nowhere: give it an href.", line=line)


def _attributes(attributes: str) -> Iterator[re.Match[str]]:
    return markup.ATTRIBUTE.finditer(tokens.TOKEN.sub("x", attributes))
