"""An email read back as a mailbox would: its parts from the bytes on the wire, its links from its page."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from email import message_from_bytes, policy

from headwater.content import markup
from headwater.content.message import Rendered

_HIDDEN = re.compile(r'<div style="display:none;max-height:0;overflow:hidden;mso-hide:all;">(.*?)</div>', re.DOTALL)
_PADDING = re.compile(r"[\s\u00a0\u034f\u200c]+")
_MOST_LINKS = 200


@dataclass(frozen=True)
class Received:
    """What arrives. `size` is that of the HTML in bytes, by which Gmail cuts."""

    subject: str
    preview_text: str
    html: str
    text: str
    size: int


@dataclass(frozen=True)
class Link:
    url: str
    words: str
    """What the reader sees of it: its text, or the alt text of its picture."""


def received(rendered: Rendered) -> Received:
    """The message as its mailbox shows it, the dot-stuffing of SMTP undone."""
    lines = b"".join(rendered.chunks).split(b"\r\n")
    raw = b"\r\n".join(line[1:] if line.startswith(b"..") else line for line in lines)
    parsed = message_from_bytes(raw, policy=policy.default)
    page, plain = (parsed.get_body((kind,)) for kind in ("html", "plain"))
    shown = str(page.get_content()) if page is not None else ""
    return Received(
        subject=str(parsed["Subject"] or ""),
        preview_text=_preview_text(shown),
        html=shown,
        text=str(plain.get_content()).replace("\r\n", "\n") if plain is not None else "",
        size=len(shown.encode()),
    )


def links(page: str) -> list[Link]:
    """The links of a page in their order."""
    found: list[Link] = []
    url, words = None, ""
    for piece in markup.pieces(page):
        if piece.kind == "open" and piece.name == "a":
            url, words = _attribute(piece, "href"), ""
        elif piece.kind == "text" and url is not None:
            words += piece.text
        elif piece.kind == "open" and piece.name == "img" and url is not None:
            words += _attribute(piece, "alt") or ""
        elif piece.kind == "close" and piece.name == "a" and url:
            found.append(Link(url, " ".join(html.unescape(words).split())))
            url = None
    return found[:_MOST_LINKS]


def _attribute(piece: markup.Piece, name: str) -> str | None:
    for one in markup.ATTRIBUTE.finditer(piece.attributes):
        if one[1].lower() == name:
            return html.unescape(one[2] or one[3] or one[4] or "")
    return None


def _preview_text(page: str) -> str:
    """What the inbox shows beside the subject, without the padding that keeps the body's text out."""
    hidden = _HIDDEN.search(page)
    return _PADDING.sub(" ", html.unescape(hidden[1])).strip() if hidden else ""
