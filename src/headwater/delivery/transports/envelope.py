"""A parcel's envelope as SMTP commands, or the reason why this server can't be asked to take it.

Pure. The one place where addresses become bytes on the wire.
"""

from __future__ import annotations

import idna

from headwater.delivery.transports.parcel import Parcel, Verdict, is_address
from headwater.delivery.transports.replies import Capabilities

Commands = tuple[bytes, bytes]
"""MAIL FROM and RCPT TO, each with its line end."""

_BAD_SENDER = Verdict("refused", 553, "Not a valid envelope sender.", "5.1.7")
_BAD_RECIPIENT = Verdict("refused", 553, "Not a valid email address.", "5.1.3")
_NO_UTF8 = Verdict(
    "refused", 553, "The mail server can't carry addresses with non-ASCII letters.", "5.6.7", tried=False
)


def commands(parcel: Parcel, server: Capabilities) -> Commands | Verdict:
    """MAIL and RCPT for this parcel and server; a verdict where it can't be sent there at all."""
    sender, recipient = parcel.mail_from, parcel.rcpt
    if sender and not is_address(sender):
        return _BAD_SENDER
    if not is_address(recipient):
        return _BAD_RECIPIENT
    if server.size is not None and parcel.size > server.size:
        words = f"The message has {parcel.size} bytes; the mail server takes {server.size}."
        return Verdict("refused", 552, words, "5.3.4")
    if sender.isascii() and recipient.isascii():
        return b"MAIL FROM:<%b>\r\n" % sender.encode(), b"RCPT TO:<%b>\r\n" % recipient.encode()
    return _international(sender, recipient, server)


def _international(sender: str, recipient: str, server: Capabilities) -> Commands | Verdict:
    """Domains become A-labels, which any server takes; a non-ASCII local part needs SMTPUTF8 (RFC 6531)."""
    try:
        sender = _with_ascii_domain(sender) if sender else sender
    except idna.IDNAError:
        return _BAD_SENDER
    try:
        recipient = _with_ascii_domain(recipient)
    except idna.IDNAError:
        return _BAD_RECIPIENT
    if sender.isascii() and recipient.isascii():
        return b"MAIL FROM:<%b>\r\n" % sender.encode(), b"RCPT TO:<%b>\r\n" % recipient.encode()
    if not server.smtputf8:
        return _NO_UTF8
    return (
        b"MAIL FROM:<%b> BODY=8BITMIME SMTPUTF8\r\n" % sender.encode(),
        b"RCPT TO:<%b>\r\n" % recipient.encode(),
    )


def _with_ascii_domain(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}@{idna.encode(domain, uts46=True).decode()}"
