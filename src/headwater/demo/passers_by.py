"""The shop's other customers during a show, made up from a seed: who comes when, and how far they get. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pyarrow.compute as pc

from headwater.demo import baskets, names
from headwater.demo.baskets import Basket
from headwater.demo.names import Person
from headwater.demo.shop import TIMEZONE, Shop
from headwater.demo.shop_front import Said, track
from headwater.events import metrics

VISITORS = 150
NEWCOMERS = 30
"""They sign up for the newsletter."""
REGULARS = 60
"""Orders a day from customers who need no reminder."""
SHARES = {"looks": 0.42, "fills cart": 0.22, "begins checkout": 0.16, "only comes by": 0.10, "orders": 0.10}
QUIET = timedelta(days=10)
"""Visitors have not ordered for so long: who has just ordered is not reminded of anything."""
_POPULAR = 400
_FIRST_NEWCOMER = 100_000
_OPEN = (7, 23)


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that the shop says at that time."""

    at: datetime
    said: Said


@dataclass(frozen=True, slots=True)
class SignUp:
    """Somebody new who wants the newsletter at that time."""

    at: datetime
    person: Person


def visits(shop: Shop, began: datetime, ends: datetime, seed: str) -> list[Moment]:
    """What visitors and regular customers do between these times, in the order of time."""
    dice = Random(f"{seed}|visitors")  # noqa: S311 - made-up visits, not secrets
    quiet = quiet_households(shop)
    popular = shop.popular[:_POPULAR]
    made: list[Moment] = []
    for number, household in enumerate(dice.sample(quiet, min(VISITORS, len(quiet)))):
        (kind,) = dice.choices(list(SHARES), list(SHARES.values()))
        basket = baskets.fill(f"{seed}-{household}", str(household), popular, dice)
        made.extend(_visit(kind, basket, _sometime(dice, began, ends, soon=number % 8 == 0), dice))
    made.extend(_regulars(shop, began, ends, seed))
    made.sort(key=lambda moment: moment.at)
    return [moment for moment in made if moment.at < ends]


def _regulars(shop: Shop, began: datetime, ends: datetime, seed: str) -> Iterator[Moment]:
    """Who orders as always: what an email had no part in is most of a shop's business."""
    dice = Random(f"{seed}|regulars")  # noqa: S311 - made-up orders, not secrets
    popular = shop.popular[:_POPULAR]
    for number in range(round(REGULARS * (ends - began) / timedelta(days=1))):
        household = dice.choice(shop.households)
        basket = baskets.fill(f"{seed}-regular-{number}", str(household), popular, dice)
        yield Moment(_sometime(dice, began, ends, soon=False), basket.ordered())


def sign_ups(began: datetime, ends: datetime, seed: str) -> list[SignUp]:
    """Who joins the newsletter between these times, in the order of time."""
    dice = Random(f"{seed}|sign-ups")  # noqa: S311 - made-up people, not secrets
    first = _FIRST_NEWCOMER + began.toordinal() * NEWCOMERS  # others in each show
    people = [names.person(first + number) for number in range(NEWCOMERS)]
    made = [SignUp(_sometime(dice, began, ends, soon=number % 8 == 0), one) for number, one in enumerate(people)]
    return sorted(made, key=lambda sign_up: sign_up.at)


def quiet_households(shop: Shop) -> list[int]:
    """Those who have not ordered in the last days of the retailer's year; all, if everybody has."""
    last = shop.lines.group_by("household").aggregate([("at", "max")])
    until = pc.max(last["at_max"]).as_py() - QUIET.total_seconds()
    rows = zip(last["household"].to_pylist(), last["at_max"].to_pylist(), strict=True)
    return sorted(household for household, at in rows if at < until) or shop.households


def _sometime(dice: Random, began: datetime, ends: datetime, soon: bool) -> datetime:
    """In the waking hours of the show's days, later ones as likely as earlier ones; or within its first hours."""
    if soon:
        return began + timedelta(minutes=dice.randint(10, 300))
    at = began + (ends - began) * dice.random()
    local = at.astimezone(ZoneInfo(TIMEZONE))
    return at if _OPEN[0] <= local.hour < _OPEN[1] else max(began, at - timedelta(hours=9))


def _visit(kind: str, basket: Basket, start: datetime, dice: Random) -> Iterator[Moment]:
    at = start
    yield Moment(at, track(basket.user_id, metrics.ACTIVE_ON_SITE, {"name": "Home"}))
    if kind == "only comes by":
        return
    for number in range(min(dice.randint(1, 3), len(basket.products))):
        at += timedelta(seconds=dice.randint(30, 150))
        yield Moment(at, basket.looked(number))
    if kind == "looks":
        return
    at += timedelta(seconds=dice.randint(20, 90))
    yield Moment(at, basket.put_in_cart())
    if kind == "fills cart":
        return
    at += timedelta(minutes=dice.randint(2, 8))
    yield Moment(at, basket.began_checkout())
    if kind == "orders":
        yield Moment(at + timedelta(minutes=dice.randint(3, 12)), basket.ordered())
