"""Liquid hidden from tools that do not know it: each token becomes a plain word, and comes back afterwards.

MJML and HTML tools then see ordinary text and attribute values, whatever quotes and angle brackets the Liquid holds.
"""

from __future__ import annotations

import re

from headwater.content.errors import TemplateError
from headwater.content.liquid import tokens

MARK = re.compile(r"zhw(\d+)z")


class Placeholders:
    """The tokens of one document, by the number in their mark."""

    def __init__(self) -> None:
        self.tokens: list[str] = []

    def hide(self, source: str) -> str:
        if MARK.search(source):
            raise TemplateError(f"The text “{MARK.search(source)[0]}” cannot be used.")  # type: ignore[index]
        return tokens.TOKEN.sub(lambda match: self.add(match[0]), source)

    def add(self, token: str) -> str:
        """The mark for a token."""
        self.tokens.append(token)
        return f"zhw{len(self.tokens) - 1}z"

    def show(self, source: str) -> str:
        return MARK.sub(lambda match: self.tokens[int(match[1])], source)

    def is_tag(self, mark: re.Match[str]) -> bool:
        """Whether the mark stands for a control tag, not for an output or a link."""
        token = self.tokens[int(mark[1])]
        return token.startswith("{%") and not token.startswith("{% hw_")

    def line(self, hidden: str, position: int) -> int:
        """The line of the original source that a position in the hidden one is on."""
        return self.show(hidden[:position]).count("\n") + 1
