"""What people do with an email that they got, made up from a seed: most nothing, some open it, few click or buy. Pure.

The same email to the same person in the same show always meets with the same reaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from random import Random

OPENED = 0.45
"""Of all emails, so many are opened: by people,"""
BY_MACHINE = 0.09
"""but for these, which a mail provider's scanner fetches before anybody looks."""
CLICKED = 0.06
ORDERED = 0.012
"""All of them have clicked."""
UNSUBSCRIBED = 0.003
_VIEWS, _PUTS_IN_CART, _CHECKS_OUT = 0.55, 0.30, 0.14
"""Of those who click and do not order, how far they come at least."""
_LATEST = timedelta(hours=16)


class Deed(StrEnum):
    """One thing that somebody does."""

    OPEN = "open"
    SCAN = "scan"
    CLICK = "click"
    UNSUBSCRIBE = "unsubscribe"
    VIEW = "view"
    CART = "cart"
    CHECKOUT = "checkout"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Act:
    deed: Deed
    after: timedelta
    """Since the one before, the first since the email came."""


def dice_for(seed: str, to: str, subject: str) -> Random:
    return Random(f"{seed}|{to}|{subject}")  # noqa: S311 - made-up people, not secrets


def reaction(dice: Random, attentive: bool = False) -> tuple[Act, ...]:
    """What becomes of one email. Who is attentive opens each soon, and does nothing more."""
    if attentive:
        return (Act(Deed.OPEN, timedelta(minutes=dice.randint(5, 50))),)
    lot = dice.random()
    seen = min(timedelta(minutes=2 + dice.expovariate(1 / 150)), _LATEST)
    if lot >= OPENED:
        return ()
    if lot >= OPENED - BY_MACHINE:
        return (Act(Deed.SCAN, timedelta(minutes=1)),)
    following = _after_opening(lot, dice)
    return (Act(Deed.OPEN, seen), *(Act(deed, timedelta(minutes=minutes)) for deed, minutes in following))


def _after_opening(lot: float, dice: Random) -> Iterator[tuple[Deed, int]]:
    if CLICKED <= lot < CLICKED + UNSUBSCRIBED:
        yield Deed.UNSUBSCRIBE, 1
    if lot >= CLICKED:
        return
    yield Deed.CLICK, dice.randint(1, 4)
    buys = lot < ORDERED
    interest = 0.0 if buys else dice.random()
    if interest < _VIEWS:
        yield Deed.VIEW, 1
    if interest < _PUTS_IN_CART:
        yield Deed.CART, dice.randint(2, 8)
    if interest < _CHECKS_OUT:
        yield Deed.CHECKOUT, dice.randint(2, 6)
    if buys:
        yield Deed.ORDER, dice.randint(3, 30)
