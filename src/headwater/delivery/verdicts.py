"""What a server's verdict on one attempt means for its message: settled for good, or tried again, and when.

Pure. A transient failure is tried again with growing pauses until a day after the first; so is an attempt
whose end is unknown (the connection broke after the final dot), under the same Message-ID.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from headwater.delivery import bounces
from headwater.delivery.reasons import Reason
from headwater.delivery.transports.parcel import Verdict

GIVE_UP_AFTER = timedelta(hours=24)
_PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The message's half of an attempt: how often it was tried before, and until when it may be."""

    attempts: int
    deadline: datetime | None


@dataclass(frozen=True, slots=True)
class Meaning:
    """The message's next state."""

    state: str
    """sent, bounced, failed, or planned: another attempt at `send_at`."""
    reason: Reason | None = None
    send_at: datetime | None = None
    deadline: datetime | None = None
    bounce: bounces.Kind | None = None
    """Set: tell intake of a bounce of this kind."""


def pause_after(attempts: int) -> timedelta:
    """How long to wait after the failed attempt number `attempts` + 1."""
    return _PAUSES[min(attempts, len(_PAUSES) - 1)]


def read(verdict: Verdict, attempt: Attempt, now: datetime) -> Meaning:
    """What the verdict means for the message at `now`."""
    if verdict.outcome == "accepted":
        return Meaning("sent")
    if verdict.outcome == "refused":
        kind = bounces.classify(verdict.code, verdict.enhanced, verdict.reply)
        return Meaning("bounced", Reason.REFUSED_BY_SERVER, bounce=kind)
    deadline = attempt.deadline or now + GIVE_UP_AFTER
    again = now + pause_after(attempt.attempts)
    if again <= deadline:
        return Meaning("planned", send_at=again, deadline=deadline)
    about_mailbox = verdict.outcome == "deferred" and bounces.names_the_mailbox(verdict.code, verdict.enhanced)
    return Meaning("failed", Reason.GAVE_UP, deadline=deadline, bounce="soft" if about_mailbox else None)
