"""Emails to start from: a few whole ones, without any brand's words in them. Each is a file in `starters/`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from headwater.content import files
from headwater.content.document import Document

_FOLDER = Path(__file__).parent / "starters"


@dataclass(frozen=True)
class Starter:
    slug: str
    name: str
    words: str


ALL: tuple[Starter, ...] = (
    Starter("blank", "Blank", "A heading, a line of text and the footer."),
    Starter("letter", "Letter", "A personal note, all text: nothing between you and the reader."),
    Starter("announcement", "Announcement", "One thing to say, one button."),
    Starter("newsletter", "Newsletter", "Three stories under one heading."),
    Starter("best-sellers", "Best sellers", "The store's best-selling products, two beside each other."),
    Starter("html", "HTML page", "A whole HTML page instead of MJML, for those who bring their own."),
)


@cache
def document(slug: str) -> Document | None:
    """The email of a starter; None: there is no such."""
    if all(one.slug != slug for one in ALL):
        return None
    read = files.read(_FOLDER / f"{slug}.mjml")
    return replace(read, mjml=read.mjml.lstrip("\n"))  # the lines of the file's head
