"""A note to the team: one plain email to a few addresses, through the same mail server as all mail.

It is rare, so each opens a connection of its own for as long as it takes. Each recipient's outcome counts for itself:
who has the note does not get it again when another's server wanted it later.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from headwater.content.errors import RenderError
from headwater.delivery.gates import wire_address
from headwater.delivery.transports.parcel import Parcel, Verdict, dot_stuffed
from headwater.delivery.transports.smtp import Limits, SmtpPool
from headwater.delivery.transports.target import SmtpTarget
from headwater.flows.calls.outcomes import Answer

PATIENCE = 20.0
"""Seconds for all recipients, the connection included."""
_LIMITS = Limits(connect=5, greeting=10, command=10, final=15, quit=1)
_POLICY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Notice:
    """An email ready to go."""

    message: bytes
    mail_from: str
    recipients: tuple[str, ...]
    partly: bool = False
    """Whether somebody has it already."""


def write(
    subject: str,
    text: str,
    *,
    from_name: str,
    from_email: str,
    to: Sequence[str],
    reached: Collection[str],
    delivery_id: str,
    bounces_to: str | None,
    at: datetime,
) -> Notice:
    """The email to all of `to`, handed in for those it has not `reached`. Raises RenderError for a brand without From.

    Nothing is added to the text: no link, no picture, no footer.
    """
    sender = wire_address(from_email)
    if sender is None:
        raise RenderError("The brand has no From address that mail can be sent from.")
    wired = [wire for address in to if (wire := wire_address(address)) is not None]
    email = EmailMessage(policy=_POLICY)
    email["From"] = Address(" ".join(from_name.split()), addr_spec=sender)
    email["To"] = [Address(addr_spec=wire) for wire in wired]
    email["Subject"] = subject
    email["Date"] = at
    email["Message-ID"] = f"<{delivery_id}@{sender.rpartition('@')[2]}>"
    email["Auto-Submitted"] = "auto-generated"
    email.set_content(text)
    recipients = tuple(wire for wire in dict.fromkeys(wired) if wire not in reached)
    return Notice(email.as_bytes(), bounces_to or sender, recipients, partly=bool(reached))


async def send(target: SmtpTarget, notice: Notice) -> Answer:
    """Hand it to the mail server. Whatever goes wrong is in the answer."""
    chunk = dot_stuffed(notice.message)
    parcels = [Parcel(None, notice.mail_from, address, (chunk,), len(chunk)) for address in notice.recipients]
    return read(await _verdicts(target, parcels) if parcels else {}, partly=notice.partly)


async def _verdicts(target: SmtpTarget, parcels: Sequence[Parcel]) -> dict[str, Verdict]:
    """What the server said, by recipient, within `PATIENCE`; who was not asked for is deferred."""
    waiting, found, complete = deque(parcels), dict[str, Verdict](), asyncio.Event()

    def on_verdict(parcel: Parcel, verdict: Verdict) -> None:
        found[parcel.rcpt] = verdict
        if len(found) == len(parcels):
            complete.set()

    pool = SmtpPool(target, 1, lambda: waiting.popleft() if waiting else None, on_verdict, limits=_LIMITS)
    running = asyncio.create_task(pool.run())
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await complete.wait()
        problem = pool.problem or "The mail server did not answer in time."
        await pool.close(drain=1.0)
        await running
    finally:
        running.cancel()
    return {parcel.rcpt: found.get(parcel.rcpt) or Verdict("deferred", None, problem) for parcel in parcels}


def read(verdicts: Mapping[str, Verdict], *, partly: bool = False) -> Answer:
    """What became of a notice: tried again while anyone may still get it, else done if somebody has it.

    `partly`: somebody has it from an attempt before.
    """
    reached = tuple(address for address, verdict in verdicts.items() if verdict.outcome == "accepted")
    without = [
        f"{address}: {_words(verdict)}" for address, verdict in verdicts.items() if verdict.outcome != "accepted"
    ]
    error = "; ".join(without) or None
    if any(verdict.outcome in ("deferred", "unknown") for verdict in verdicts.values()):
        return Answer("again", error, reached=reached, says_of_host="up" if reached else "down")
    return Answer("done" if reached or partly else "never", error, reached=reached, says_of_host="up")


def _words(verdict: Verdict) -> str:
    code = str(verdict.code or "")
    return f"{code} {verdict.reply.removeprefix(code).strip()}".strip()
