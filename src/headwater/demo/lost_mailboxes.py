"""Customers whose mailbox takes no mail any more: a few left their provider, fewer never empty it. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from headwater.demo import names

GONE = "550 5.1.1 The email account that you tried to reach does not exist."
FULL = "552 5.2.2 The recipient's mailbox is full."
_GONE_OF, _FULL_OF = 280, 600
"""One in so many customers."""


def replies(households: Iterable[int]) -> dict[str, str]:
    """What their mail server answers, by address; the same in each show."""
    found = {}
    for household in households:
        lot = household * 2246822519 % 2**32 // 64  # spreads neighbouring numbers, but not as their names are spread
        if lot % _GONE_OF == 0:
            found[names.person(household).email] = GONE
        elif lot % _FULL_OF == 1:
            found[names.person(household).email] = FULL
    return found
