"""The SMTP side of the mailbox: takes every message for everybody and keeps it, but for those it was told to refuse."""

from __future__ import annotations

from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from headwater.delivery.mailbox.refusing import Refusals
from headwater.delivery.mailbox.store import Store

LARGEST = 32 * 1024 * 1024


class Receiver:
    """aiosmtpd's handler."""

    def __init__(self, store: Store, refusals: Refusals) -> None:
        self._store = store
        self._refusals = refusals

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]  # it reads line by line: pipelining just works

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = self._refusals.reply(address)
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        raw = envelope.original_content or b""
        try:
            number = self._store.add(raw, envelope.mail_from or "", [str(rcpt) for rcpt in envelope.rcpt_tos])
        except OSError as error:
            return f"452 4.3.1 The mailbox can't write to its directory: {error.strerror}"
        return f"250 2.0.0 Kept as {number}"


def protocol(store: Store, refusals: Refusals) -> Any:
    """One SMTP session; a protocol factory for asyncio's create_server."""
    return SMTP(
        Receiver(store, refusals),
        hostname="mailbox",
        ident="Headwater mailbox",
        data_size_limit=LARGEST,
        enable_SMTPUTF8=True,
    )
