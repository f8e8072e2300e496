"""What a campaign does next: one pure decision over where it stands. Knows no database and no clock.

draft → scheduled → adding_recipients → sending → sent, or no_recipients; cancelled from anywhere before sent. With the
audience fixed at the time of scheduling, recipients are added at once and the campaign is scheduled again until then.
Whoever pauses one stops the runner and holds its messages (`pausing`); resumed, it goes on from where it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

OPEN = ("scheduled", "adding_recipients", "sending")
EDITABLE = ("draft",)
PAUSABLE = ("adding_recipients", "sending")
STOPPABLE = ("draft", "paused", *OPEN)
STATUSES = (*STOPPABLE, "sent", "cancelled", "no_recipients")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a campaign stands."""

    status: str
    send_at: datetime
    audience_at: str
    """'schedule': the audience of the moment it was scheduled; 'send': of the moment it goes out."""
    audience_done: bool = False
    recipients: int = 0
    unfinished: bool = True
    """A message of it is still planned or on its way."""


def adds_recipients(standing: Standing, now: datetime) -> bool:
    """It is time to put (more of) the audience into the ledger."""
    if standing.status not in OPEN or standing.audience_done:
        return False
    return standing.audience_at == "schedule" or standing.send_at <= now


def status(standing: Standing, now: datetime) -> str:
    """The status that fits where it stands."""
    if standing.status not in OPEN:
        return standing.status
    if adds_recipients(standing, now):
        return "adding_recipients"
    if not standing.audience_done:
        return "scheduled"
    if standing.recipients == 0:
        return "no_recipients"
    if standing.send_at > now:
        return "scheduled"
    return "sending" if standing.unfinished else "sent"
