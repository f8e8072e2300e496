"""What servers' replies say: reply lines, their status codes, and what EHLO offers.

Pure functions over bytes and text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST_LINE = 8192
"""RFC 5321 allows 512 octets a reply line; servers that write more than this are not speaking SMTP."""

SETUP_CODES = frozenset({503, 530, 534, 535, 538})
"""Permanent by their first digit, yet about the session (order, log-in, encryption) and not about any message."""


class GarbledReply(Exception):
    """What the server sent is not an SMTP reply."""


def parse_line(line: bytes) -> tuple[int, bool]:
    """(code, whether more lines follow) of one reply line; its text begins at line[4]. Raises GarbledReply."""
    code = line[:3]
    mark = line[3:4]
    if len(code) != 3 or not code.isdigit() or not b"200" <= code <= b"599" or (mark and mark not in b" -\r"):
        raise GarbledReply(line[:80].decode("ascii", "backslashreplace"))
    return int(code), mark == b"-"


def text_of(reply: bytes) -> str:
    """The words of a reply (its lines as they came, codes included), for people and for `classify`."""
    if b"\n" not in reply:
        return reply[4:].decode("utf-8", "replace").strip()
    return "\n".join(line[4:].decode("utf-8", "replace").strip() for line in reply.split(b"\n"))


_ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})(?=\s|$|:|;)")


def enhanced_status(text: str) -> str | None:
    """The RFC 3463 status at the start of a reply's text."""
    match = _ENHANCED.match(text)
    return match.group(1) if match else None


@dataclass(frozen=True)
class Capabilities:
    """What a server said it can do in reply to EHLO."""

    pipelining: bool = False
    starttls: bool = False
    smtputf8: bool = False
    eight_bit: bool = False
    size: int | None = None
    """Largest message it takes; None: not said, or no limit."""
    auth: frozenset[str] = frozenset()

    @staticmethod
    def parse(lines: Iterable[str]) -> Capabilities:
        """From the lines of an EHLO reply; the first one is the greeting."""
        words: dict[str, list[str]] = {}
        for line in list(lines)[1:]:
            # Old servers write AUTH=LOGIN PLAIN, some in addition to AUTH.
            keyword, *arguments = line.upper().replace("AUTH=", "AUTH ", 1).split() or [""]
            words.setdefault(keyword, []).extend(arguments)
        size = next((int(word) for word in words.get("SIZE", []) if word.isdigit()), 0)
        return Capabilities(
            pipelining="PIPELINING" in words,
            starttls="STARTTLS" in words,
            smtputf8="SMTPUTF8" in words,
            eight_bit="8BITMIME" in words,
            size=size or None,
            auth=frozenset(words.get("AUTH", ())),
        )
