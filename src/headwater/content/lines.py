"""HTML whose lines every mail server takes: short enough, folded only where white space means nothing.

Works while the Liquid is hidden as marks, once a template. It also drops the author's comments, and writes what is
not ASCII inside <style> as CSS escapes, since character references mean nothing there.
"""

from __future__ import annotations

import re

from headwater.content import markup
from headwater.content.placeholders import MARK, Placeholders

WIDTH = 240
"""Where to look for the next place to fold; slots make lines longer, and the limit is 998."""
_KEPT_WHOLE = frozenset({"pre", "textarea", "script"})
_SPACE = re.compile(r"(\s+)")
_BETWEEN_ATTRIBUTES = re.compile(r"""(\s+)|("[^"]*"|'[^']*')""")
_DOT = re.compile(r"^\.", re.MULTILINE)
_FOREIGN = re.compile(r"[^\x00-\x7f]")


def fold(page: str, placeholders: Placeholders) -> str:
    """The page with short lines, the meaning unchanged."""
    folder = _Folder(placeholders)
    inside: list[str] = []
    for piece in markup.pieces(page):
        if piece.kind == "comment":
            folder.add("".join(mark[0] for mark in MARK.finditer(piece.text) if placeholders.is_tag(mark)))
        elif piece.kind == "text":
            folder.text(piece.text, inside[-1] if inside else "")
        elif piece.kind == "open":
            folder.tag(piece.text)
            if piece.name in (*_KEPT_WHOLE, "style") and not piece.empty:
                inside.append(piece.name)
        else:
            if piece.kind == "close" and inside and inside[-1] == piece.name:
                inside.pop()
            folder.add(piece.text)
    return "".join(folder.out)


class _Folder:
    def __init__(self, placeholders: Placeholders) -> None:
        self.placeholders = placeholders
        self.out: list[str] = []
        self.column = 0

    def add(self, text: str) -> None:
        self.out.append(text)
        last_line = text.rpartition("\n")[2]
        self.column = self._width(last_line) + (0 if "\n" in text else self.column)

    def _width(self, text: str) -> int:
        """How wide the text will be: links are long, other slots short."""
        width = len(text)
        for mark in MARK.finditer(text):
            width += 260 if self.placeholders.tokens[int(mark[1])].startswith("{% hw_") else 20
        return width

    def text(self, text: str, inside: str) -> None:
        if inside == "style":
            text = _FOREIGN.sub(lambda character: f"\\{ord(character[0]):x} ", _DOT.sub(" .", text))
            self._fold(_SPACE.split(text), at="\n ")  # a class at the start of a line would lose its dot
        elif inside in _KEPT_WHOLE:
            self.add(text)
        else:
            self._fold(_SPACE.split(text))

    def tag(self, text: str) -> None:
        """A tag folds between its attributes, never inside a value."""
        if self.column + len(text) <= WIDTH:
            self.add(text)
            return
        parts, position = [], 0
        for found in _BETWEEN_ATTRIBUTES.finditer(text):
            if found[1] is not None:
                parts += [text[position : found.start()], found[1]]
                position = found.end()
        self._fold([*parts, text[position:]])

    def _fold(self, parts: list[str], at: str = "\n") -> None:
        """Write the parts, odd ones being the white space between the others; fold at those past the width."""
        for index, part in enumerate(parts):
            if index % 2 and "\n" not in part:
                following = self._width(parts[index + 1]) if index + 1 < len(parts) else 0
                self.add(at if self.column > 0 and self.column + following > WIDTH else part)
            elif part:
                self.add(part)
