"""What is said before the first message: greeting, EHLO, encryption, log-in. In lock step, once a connection.

Knows the order of things and what must not happen in clear; the connection carries the words.
"""

from __future__ import annotations

import base64
import ssl
from typing import Protocol

from headwater.delivery.transports.replies import Capabilities
from headwater.delivery.transports.target import SmtpTarget


class OpeningError(Exception):
    """The server can't be used now; the message says why and holds no secret."""


class Line(Protocol):
    """A fresh connection. A reply is its code and its words, one line each."""

    async def greeting(self) -> tuple[int, str]: ...
    async def ask(self, command: bytes) -> tuple[int, str]: ...
    async def encrypt(self, tls: ssl.SSLContext) -> None: ...
    def own_address(self) -> str: ...


async def shake_hands(line: Line, target: SmtpTarget, tls: ssl.SSLContext, helo: str | None) -> Capabilities:
    """Make the connection ready for its first message; what the server offers. Raises OpeningError."""
    _expect(await line.greeting(), 220, "greeted us with")
    name = (helo or _literal(line.own_address())).encode()
    server = await _hello(line, name)
    if target.protection != "implicit" and await _encrypted(line, target, tls, server):
        server = await _hello(line, name)  # what was offered in clear counts for nothing
    if target.user is not None:
        await _log_in(line, target, server)
    return server


async def _hello(line: Line, name: bytes) -> Capabilities:
    code, text = await line.ask(b"EHLO %b\r\n" % name)
    if 500 <= code <= 504:
        code, text = await line.ask(b"HELO %b\r\n" % name)
        text = ""
    _expect((code, text), 250, "answered EHLO with")
    return Capabilities.parse(text.split("\n"))


async def _encrypted(line: Line, target: SmtpTarget, tls: ssl.SSLContext, server: Capabilities) -> bool:
    """Encrypt where it is offered; whether it was. Without it, a target that requires it is not used."""
    if not server.starttls:
        if target.requires_tls:
            raise OpeningError("The mail server offers no STARTTLS, and this connection must be encrypted.")
        return False
    code, text = await line.ask(b"STARTTLS\r\n")
    if code != 220 and not target.requires_tls:
        return False
    _expect((code, text), 220, "answered STARTTLS with")
    await line.encrypt(tls)
    return True


async def _log_in(line: Line, target: SmtpTarget, server: Capabilities) -> None:
    user, password = (target.user or "").encode(), (target.password or "").encode()
    if "PLAIN" in server.auth:
        reply = await line.ask(b"AUTH PLAIN %b\r\n" % base64.b64encode(b"\0" + user + b"\0" + password))
    elif "LOGIN" in server.auth:
        _expect(await line.ask(b"AUTH LOGIN\r\n"), 334, "answered AUTH with")
        _expect(await line.ask(base64.b64encode(user) + b"\r\n"), 334, "answered the user name with")
        reply = await line.ask(base64.b64encode(password) + b"\r\n")
    else:
        raise OpeningError("The mail server offers neither AUTH PLAIN nor AUTH LOGIN.")
    _expect(reply, 235, "refused the log-in:")


def _expect(reply: tuple[int, str], code: int, what: str) -> None:
    if reply[0] != code:
        raise OpeningError(f"The mail server {what} {reply[0]} {reply[1]}"[:300])


def _literal(address: str) -> str:
    """What a host without a domain name says in EHLO (RFC 5321 4.1.3)."""
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
