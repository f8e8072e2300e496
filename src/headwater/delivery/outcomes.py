"""What becomes of messages: how many are where, by the states that the ledger gives them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

LEFT = frozenset({"sent", "delivered", "complained", "bounced"})
"""The states of what was handed to a server, or refused by it for good."""


@dataclass
class Outcomes:
    """Some messages, by what became of them until now."""

    planned: int = 0
    """Still to go: planned, or on the wire."""
    sent: int = 0
    delivered: int = 0
    """Sent, and not bounced."""
    bounced: int = 0
    complained: int = 0
    opened: int = 0
    clicked: int = 0
    unsubscribed: int = 0
    revenue: Decimal = Decimal(0)
    skipped: dict[str, int] = field(default_factory=dict)
    """By reason: skipped, cancelled and failed."""

    def add(self, state: str, reason: str | None, count: int, opened: int, clicked: int) -> None:
        """So many more messages of one state; `reason` says why, of those that did not go."""
        self.opened += opened
        self.clicked += clicked
        if state in ("planned", "claimed"):
            self.planned += count
        elif state in LEFT:
            self.sent += count
            self.delivered += count if state != "bounced" else 0
            self.bounced += count if state == "bounced" else 0
            self.complained += count if state == "complained" else 0
        else:
            why = reason or state
            self.skipped[why] = self.skipped.get(why, 0) + count
