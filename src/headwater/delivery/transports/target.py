"""Where SMTP mail is handed in: the server's address, how the connection is protected, and who we are to it.

Pure: made from a URL, knows how to build the TLS context, opens nothing.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

Protection = Literal["opportunistic", "starttls", "implicit"]
_SCHEMES: dict[str, tuple[Protection, int]] = {
    "smtp": ("opportunistic", 25),
    "smtp+starttls": ("starttls", 587),
    "smtps": ("implicit", 465),
}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class TargetError(Exception):
    """The SMTP URL can't be used; the message says why."""


@dataclass(frozen=True)
class SmtpTarget:
    """An SMTP server.

    - `smtp://`: STARTTLS when the server offers it, without checking its certificate: whoever could forge that could
      as well hide the offer, so the check would lose mail and protect nothing. But a password is worth protecting: with
      one, and unless the host is this machine, `smtp://` is as strict as `smtp+starttls://`.
    - `smtp+starttls://`: STARTTLS and a valid certificate, or nothing is sent.
    - `smtps://`: TLS from the first byte, and a valid certificate.

    `?ca=/path/to/ca.pem` trusts a private certificate authority instead of the public ones.
    """

    host: str
    port: int
    protection: Protection = "opportunistic"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: str | None = None

    @staticmethod
    def from_url(url: str) -> SmtpTarget:
        """Read smtp://user:password@host:port. Raises TargetError, whose message never holds the password."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise TargetError("The SMTP URL is not a valid URL.") from None
        if parts.scheme not in _SCHEMES:
            raise TargetError(f"The SMTP URL must begin with {', '.join(f'{name}://' for name in _SCHEMES)}.")
        if not host:
            raise TargetError("The SMTP URL names no host.")
        options = dict(parse_qsl(parts.query))
        if unknown := options.keys() - {"ca"}:
            raise TargetError(f"The SMTP URL has an unknown option: {min(unknown)}.")
        if (parts.username is None) != (parts.password is None):
            raise TargetError("The SMTP URL must have both a user and a password, or neither.")
        protection, default_port = _SCHEMES[parts.scheme]
        return SmtpTarget(
            host=host,
            port=port or default_port,
            protection=protection,
            user=unquote(parts.username) if parts.username is not None else None,
            password=unquote(parts.password) if parts.password is not None else None,
            ca_file=options.get("ca"),
        )

    @property
    def requires_tls(self) -> bool:
        """Whether nothing may be sent before the connection is encrypted."""
        return self.protection != "opportunistic" or (self.user is not None and self.host not in _LOOPBACK)

    def tls_context(self) -> ssl.SSLContext:
        """How to encrypt: verified where TLS is required, else any certificate will do."""
        context = ssl.create_default_context(cafile=self.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if not self.requires_tls:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"
