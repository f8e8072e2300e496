"""The text part of an email, derived from its HTML: what a person reads, with the links written out.

Works on the page while its Liquid is hidden as marks, so that loops and conditions carry over.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from headwater.content.placeholders import MARK, Placeholders

_BLOCKS = frozenset(
    [
        "div",
        "table",
        "tr",
        "tbody",
        "section",
        "article",
        "header",
        "footer",
        "address",
        "blockquote",
        "center",
        "form",
        "pre",
    ]
)
_PARAGRAPHS = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl"])
_SKIPPED = frozenset(["head", "style", "script", "title", "svg", "noscript"])
_TYPEWRITTEN = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "–": "-",
        "—": "-",
        "…": "...",
        "·": "-",
        "•": "-",
        "→": "->",
        "←": "<-",
        "★": "*",
    }
    | dict.fromkeys("\u200b\u200c\u200d\u034f\ufeff\u00ad")
)
"""Signs that plain ASCII has a spelling for: text that is ASCII needs no encoding."""
_AROUND_MARKS = re.compile(r"(\n+)((?:zhw\d+z)+)(\n+)")
"""A condition or loop on lines of its own leaves no empty lines behind."""
_SPACES = re.compile(r"[ \t\r\n\f\u00a0]+")


def derive(page: str, placeholders: Placeholders) -> str:
    """A Liquid template (its tokens as marks) for the text part."""
    reader = _Reader(placeholders)
    reader.feed(page)
    reader.close()
    text = "".join(reader.out)
    text = re.sub(r"[ \t]+\n", "\n", text.translate(_TYPEWRITTEN))
    text = re.sub(r"\n[ \t]+", "\n", text)
    text = _AROUND_MARKS.sub(
        lambda gap: max(gap[1], gap[3]) + gap[2] if _controls(gap[2], placeholders) else gap[0], text
    )
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _controls(marks: str, placeholders: Placeholders) -> bool:
    return all(placeholders.is_tag(mark) for mark in MARK.finditer(marks))


class _Reader(HTMLParser):
    def __init__(self, placeholders: Placeholders) -> None:
        super().__init__(convert_charrefs=True)
        self.placeholders = placeholders
        self.out: list[str] = []
        self.skipping = 0
        self.link: str | None = None
        self.link_start = 0
        self.pending_space = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag in _SKIPPED:
            self.skipping += 1
        elif self.skipping:
            return
        elif tag == "br":
            self._break(1)
        elif tag == "hr":
            self._break(1)
            self.out.append("-" * 40)
            self._break(1)
        elif tag == "img" and self.link is not None and attributes.get("alt"):
            self.handle_data(attributes["alt"] or "")
        elif tag == "a":
            self.link, self.link_start = attributes.get("href") or "", len(self.out)
        elif tag == "li":
            self._break(1)
            self.out.append("- ")
        elif tag in _PARAGRAPHS:
            self._break(2)
        elif tag in _BLOCKS:
            self._break(1)
        elif tag == "td" and self.out and not self.out[-1].endswith("\n"):
            self.pending_space = True

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self.skipping = max(0, self.skipping - 1)
        elif self.skipping:
            return
        elif tag == "a":
            self._end_link()
        elif tag in _PARAGRAPHS:
            self._break(2)
        elif tag in _BLOCKS or tag == "li":
            self._break(1)

    def handle_data(self, data: str) -> None:
        if self.skipping:
            return
        words = _SPACES.sub(" ", data)
        if words == " ":
            self.pending_space = bool(self.out) and not self.out[-1].endswith("\n")
            return
        if (self.pending_space or words.startswith(" ")) and self.out and not self.out[-1].endswith((" ", "\n")):
            self.out.append(" ")
        self.pending_space = words.endswith(" ")
        self.out.append(words.strip(" "))

    def handle_comment(self, data: str) -> None:
        """Conditions for Outlook are not read, but a loop may begin or end inside one."""
        if not self.skipping:
            self.out += [mark[0] for mark in MARK.finditer(data) if self.placeholders.is_tag(mark)]

    def _break(self, lines: int) -> None:
        self.pending_space = False
        self.out.append("\n" * lines)

    def _end_link(self) -> None:
        target, self.link = self.link, None
        if not target or target.startswith("#"):
            return
        words = "".join(self.out[self.link_start :]).strip()
        if not words:
            return
        target = target.removeprefix("mailto:").removeprefix("tel:")
        if words != target:
            self.out.append(f" <{target}>")
