"""What a transport carries and what it says about it: a parcel goes in, exactly one verdict comes out.

Pure data. Knows nothing of how a parcel was made or of how it travels.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

import msgspec

Outcome = Literal["accepted", "refused", "deferred", "unknown"]


class Parcel(msgspec.Struct, frozen=True):
    """One message for one recipient, ready for the wire."""

    cookie: object
    """The caller's own handle; transports only give it back."""
    mail_from: str
    """Envelope sender; '' is the null sender."""
    rcpt: str
    chunks: tuple[bytes, ...]
    """7-bit lines that end in CRLF, dot-stuffed, without the final CRLF.CRLF."""
    size: int = 0
    """Sum of the chunks' lengths where it is known; checked against the server's limit."""


class Verdict(msgspec.Struct, frozen=True):
    """What became of one parcel.

    accepted: the server took responsibility. refused: it never will (5yz). deferred: not this time (4yz, no connection,
    a time-out before the message was complete). unknown: the connection broke after the final dot and before the reply,
    so the server may have it or not.
    """

    outcome: Outcome
    code: int | None = None
    """The SMTP reply code; None when there was no reply."""
    reply: str = ""
    """The server's words, or ours when there was no reply."""
    enhanced: str | None = None
    """RFC 3463 status such as 5.1.1; read from failures only."""
    tried: bool = True
    """False, with deferred only: handed back without the server having been asked. It need not count as an attempt."""


NextParcel = Callable[[], Parcel | None]
OnVerdict = Callable[[Parcel, Verdict], None]

# No space, control character or angle bracket can stand in an envelope address that we send: that alone rules out
# injected SMTP commands. Lengths are RFC 5321's (path of 256 octets, less the brackets).
_ADDRESS = re.compile(r"[^\x00-\x20\x7f-\xa0<>]+@[^\x00-\x20\x7f-\xa0<>@]+")


def is_address(text: str) -> bool:
    """Whether `text` may stand between < and > in MAIL FROM or RCPT TO."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def dot_stuffed(message: bytes) -> bytes:
    """Any finished message (CRLF lines) as a parcel's chunk: dots doubled, the last line end left to the transport."""
    if message.startswith(b"."):
        message = b"." + message
    return message.replace(b"\r\n.", b"\r\n..").removesuffix(b"\r\n")
