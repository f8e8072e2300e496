"""Layouts: what many emails share stands once, in a whole MJML document with a place for the sections of each.

An email in its layout is one document like any other; nothing else knows of layouts. So mistakes are looked for here,
where it is still known which line of which file they are on. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from headwater.content import compiling, mjml
from headwater.content.document import Document
from headwater.content.errors import TemplateError

PLACE = "<!-- content -->"
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LINE = re.compile(r"\(line (\d+)\)")


@dataclass(frozen=True)
class Layout:
    """A layout that is right by itself, parted at the place for an email's sections."""

    name: str
    before: str
    after: str


def check_name(name: object) -> str:
    """The name of a layout, which is also that of a file: so no dots, no slashes. Raises TemplateError."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise TemplateError("“layout” must be the name of a layout: lower-case words joined by hyphens.")
    return name


def parse(name: str, source: str) -> Layout:
    """The layout in a source. Raises TemplateError, its line that of the layout."""
    source = source.lstrip("\ufeff")
    if source.startswith("---") or not mjml.is_mjml(source):
        raise TemplateError(f"The layout {name} must be a whole MJML document, without a head between dashes.")
    if source.count(PLACE) != 1:
        raise TemplateError(f"The layout {name} must hold {PLACE} on one line, where the email's sections go.")
    try:
        compiling.compile(Document(subject=name, mjml=source))
    except TemplateError as problem:
        raise TemplateError(f"In the layout {name}: {problem.message}", line=problem.line) from None
    before, _, after = source.partition(PLACE)
    return Layout(name, before, after)


def wrap(layout: Layout, email: Document, offset: int) -> Document:
    """The email in its layout: one self-contained document.

    The email's `mjml` is its sections only; `offset` is how many lines of its file stand before them. Raises
    TemplateError, its line that of the email's file.
    """
    if mjml.is_mjml(email.mjml):
        raise TemplateError(f"The layout {layout.name} brings <mjml>; the email must hold its sections only.")
    body = email.mjml.rstrip()
    whole = replace(email, mjml=layout.before + body + layout.after)
    shift = offset - layout.before.count("\n")
    last = offset + body.count("\n") + 1

    def in_the_file(line: int) -> int:
        # The layout is right by itself, so what is noticed in it is a mistake at the edge of the email.
        return min(max(line + shift, offset + 1), last)

    try:
        compiling.compile(whole)
    except TemplateError as problem:
        if problem.field != "mjml":
            raise
        message = _LINE.sub(lambda found: f"(line {in_the_file(int(found[1]))})", problem.message)
        raise TemplateError(message, line=in_the_file(problem.line) if problem.line else None, field="mjml") from None
    return whole
