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
COMPLAINED = 0.0002
"""So many press “spam” instead."""
CLICKED_WITH_CODE, ORDERED_WITH_CODE = 0.21, 0.15
"""Of emails with a code of the reader's own."""
_VIEWS, _PUTS_IN_CART, _CHECKS_OUT = 0.55, 0.30, 0.14
"""Of those who click and do not order, how far they come at least."""
_LATEST = timedelta(hours=16)


class Deed(StrEnum):
    """One thing that somebody does."""

    OPEN = "open"
    SCAN = "scan"
    CLICK = "click"
    UNSUBSCRIBE = "unsubscribe"
    COMPLAIN = "complain"
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


def reaction(dice: Random, attentive: bool = False, with_code: bool = False) -> tuple[Act, ...]:
    """What becomes of one email, which may hold a code. Who is attentive opens each soon, and does nothing more."""
    if attentive:
        return (Act(Deed.OPEN, timedelta(minutes=dice.randint(5, 50))),)
    lot = dice.random()
    seen = min(timedelta(minutes=2 + dice.expovariate(1 / 150)), _LATEST)
    if lot >= OPENED:
        return ()
    if lot >= OPENED - BY_MACHINE:
        return (Act(Deed.SCAN, timedelta(minutes=1)),)
    following = _after_opening(lot, dice, with_code)
    return (Act(Deed.OPEN, seen), *(Act(deed, timedelta(minutes=minutes)) for deed, minutes in following))


def _after_opening(lot: float, dice: Random, with_code: bool) -> Iterator[tuple[Deed, int]]:
    clicked, ordered = (CLICKED_WITH_CODE, ORDERED_WITH_CODE) if with_code else (CLICKED, ORDERED)
    over = lot - clicked
    if 0 <= over < UNSUBSCRIBED:
        yield Deed.UNSUBSCRIBE, 1
    elif UNSUBSCRIBED <= over < UNSUBSCRIBED + COMPLAINED:
        yield Deed.COMPLAIN, 1
    if over >= 0:
        return
    yield Deed.CLICK, dice.randint(1, 4)
    buys = lot < ordered
    interest = 0.0 if buys else dice.random()
    if interest < _VIEWS:
        yield Deed.VIEW, 1
    if interest < _PUTS_IN_CART:
        yield Deed.CART, dice.randint(2, 8)
    if interest < _CHECKS_OUT:
        yield Deed.CHECKOUT, dice.randint(2, 6)
    if buys:
        yield Deed.ORDER, dice.randint(3, 30)
