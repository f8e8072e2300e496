"""What servers' replies mean: reply lines, EHLO capabilities, and whether a refusal says that an address is dead.

Pure functions over bytes and text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Bounce = Literal["hard", "soft", "block"]
"""hard: the address is dead, stop writing to it. soft: this mail did not fit now. block: the server objects to us or to
the content, which says nothing about the address."""

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


_DEAD = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.10", "5.2.1"})
_NOT_THE_RECIPIENT = frozenset({"5.1.7", "5.1.8"})  # our own sender address is what they object to
_WHO = r"(user|recipient|mailbox|address|account|alias|person)"
_NO_SUCH_USER = re.compile(
    rf"no such {_WHO}|no mailbox|(unknown|invalid|non-?existent) (local |virtual )?{_WHO}|not a (known|valid) {_WHO}"
    rf"|{_WHO}( \S+){{0,4}} (unknown|not known|not found|not be found|not exist|disabled|invalid|not valid)\b"
    rf"|{_WHO} .{{0,80}}(does not|doesn'?t|do not) exist",
    re.IGNORECASE,
)
_POLICY = re.compile(
    r"\b(spam\w*|block(ed|list\w*)|black-?list\w*|deny-?list\w*|polic(y|ies)|dmarc|spf|dkim|reputation|rbl|dnsbl"
    r"|barracuda|proofpoint|relay\w*|unsolicited|banned|not authori[sz]ed|authenticat\w+)\b",
    re.IGNORECASE,
)


def classify(code: int | None, enhanced: str | None, reply: str) -> Bounce:
    """Whether a failure says that the address is dead (hard), or only that this mail did not get there.

    The enhanced status decides where it is specific. 5.7.x is never hard, whatever the words: reading a block as a dead
    address would throw away a good list. Without a specific status the words of a permanent refusal decide.
    """
    permanent = code is not None and 500 <= code <= 599
    if enhanced is not None:
        if enhanced[2:].startswith("7.") or enhanced in _NOT_THE_RECIPIENT:
            return "block"
        if enhanced[0] == "4":
            return "soft"
        if enhanced in _DEAD:
            return "hard" if permanent or code is None else "soft"
        if not enhanced.endswith(".0") and not enhanced.startswith("5.5."):
            return "soft"  # 5.2.2 mailbox full, 5.3.4 too large, 5.4.x routing: they say what is wrong, and it passes
    if not permanent or code in SETUP_CODES:
        return "soft"
    if _POLICY.search(reply):
        return "block"
    if code in (550, 551, 553) and _NO_SUCH_USER.search(reply):
        return "hard"
    return "soft"
