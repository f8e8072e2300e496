"""Who may stand behind a message: a flow, a campaign, a test send. Each registers a Source under its name.

At the moment of the claim, in the claim's own transaction, the source is asked for a Brief of every message: whether it
still wants it to go, with which content and event. Delivery knows no flow and no campaign; they live above.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from psycopg import Connection

from headwater.audience.profiles import Profile
from headwater.delivery.claims import Claimed
from headwater.delivery.gates import MAX_LATENESS
from headwater.delivery.hours import SendWindow
from headwater.delivery.reasons import Reason


@dataclass(frozen=True, slots=True)
class Brief:
    """What a source says of one message when it is claimed."""

    template_version_id: int | None = None
    """The content. None: the one that the intent named; if that named none either, the message is a draft."""
    refuse: Reason | None = None
    """Set: skip it, for this reason. The exit conditions and filters of a flow are re-checked here."""
    detail: str | None = None
    """For people: which filter, which exit condition."""
    hold_until: datetime | None = None
    """Set: not now (the flow is paused); look again then. Costs no attempt."""
    smart_sending: bool = True
    """False: goes though the person got another email recently; it still starts the timer for others."""
    transactional: bool = False
    """True: consent, an unsubscribe, hours, caps and smart sending do not stop it; hard suppressions do."""
    window: SendWindow | None = None
    """Set: outside it, by the person's clock, the message waits until it opens."""
    rank: int = 0
    """Of messages that want one person at once, the one with the higher rank goes first."""
    latest: datetime | None = None
    """After this moment it is worthless and skipped. None: `lasts` after it was wanted."""
    lasts: timedelta = MAX_LATENESS
    """How long after the moment at which it was wanted, or the opening of its window after that, it may first be tried.
    Quiet hours and pauses do not prolong it."""
    event: Mapping[str, Any] | None = None
    """The trigger event's properties, as templates see them."""
    message_name: str = ""
    shown_as: Profile | None = None
    """Whose data fills it in, where that is not whoever gets it (a test send)."""
    utm: Mapping[str, str] | None = None


class Source(Protocol):
    def brief(
        self, conn: Connection, workspace_id: int, messages: Sequence[Claimed], now: datetime
    ) -> Mapping[int, Brief]:
        """A Brief for each message, by its id, with a few set-based queries. A missing one counts as cancelled.

        It only reads, and locks nothing: the claim has locked the messages, while an exit locks enrolments first and
        messages second. Whichever commits first is the truth, and the other sees it.
        """
        ...


_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Make `source` answer for the messages whose `source` column says `name`."""
    _sources[name] = source


def find(name: str) -> Source | None:
    return _sources.get(name)
