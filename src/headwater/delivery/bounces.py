"""What a refusal says of the mailbox: no good for ever, no good today, or nothing (a policy, a block).

Pure. Misreading a block (5.7.x) as a hard bounce would suppress good addresses.
"""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["hard", "soft", "blocked"]

_HARD = {"5.1.1", "5.1.2", "5.1.3", "5.1.10", "5.2.1"}
_ABOUT_US = {"5.1.7", "5.1.8"}  # our own sender address is what they object to
_NO_SUCH_USER = re.compile(
    r"no such (?:user|recipient|mailbox|person|address)|(?:user|recipient|mailbox|account|address)(?: \S+)?"
    r" (?:is |was |has been |does )?(?:unknown|not found|not exist|disabled|deleted|no longer)"
    r"|unknown (?:user|recipient|mailbox|address)|does(?: not|n't) exist|invalid (?:recipient|mailbox)",
    re.IGNORECASE,
)
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


def classify(code: int | None, enhanced: str | None, reply: str) -> Kind:
    """The kind of a refusal, or of the last deferral: by the enhanced status where there is one, else by the words."""
    status = enhanced or _status_in(reply)
    if status in _HARD:
        return "hard"
    if status is not None and (status[2:].startswith("7.") or status in _ABOUT_US):
        return "blocked"
    if code is not None and code < 500:
        return "soft"
    if status is None and code in (550, 553) and _NO_SUCH_USER.search(reply):
        return "hard"
    if status in ("5.0.0", "5.5.0") and code == 550 and _NO_SUCH_USER.search(reply):
        return "hard"
    if status is not None and status.startswith("5.2."):
        return "soft"
    return "blocked" if status is None else "soft"


def names_the_mailbox(code: int | None, enhanced: str | None) -> bool:
    """Whether a temporary failure is about this mailbox (full, busy) rather than about the server or about us."""
    return (enhanced or "").startswith("4.2.") or (enhanced is None and code in (450, 452))


def _status_in(reply: str) -> str | None:
    found = _ENHANCED.search(reply)
    return found.group(1) if found else None
