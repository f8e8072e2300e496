"""The browsing that the retailer's data lacks, made up from a seed: who looked, put in the cart, began to check out.

Some baskets get a visit before them that leads to the order; some households look at something and leave. The same
seed makes the same events. Pure: no clock, no database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from headwater.demo.shop import WEBSITE, Product
from headwater.events import metrics
from headwater.intake.items import Item, User

SHARE_SEEN = 0.20
"""Of the baskets, so many had a visit before them."""
SHARE_LEFT = 0.10
"""As many more visits led nowhere."""


def visits(orders: Iterable[Item], by_id: Mapping[str, Product], popular: Sequence[Product], seed: int) -> list[Item]:
    """The browsing around these orders, in the order of time."""
    dice = Random(seed)  # noqa: S311 - made-up visits, not secrets
    made: list[Item] = []
    for order in orders:
        chance = dice.random()
        if chance < SHARE_SEEN:
            made.extend(_before(order, by_id, dice))
        elif chance < SHARE_SEEN + SHARE_LEFT:
            made.extend(_left(order, popular, dice))
    made.sort(key=lambda item: (item.ts, item.id))
    return made


def _before(order: Item, by_id: Mapping[str, Product], dice: Random) -> Iterator[Item]:
    """Looked at up to three things of the order, put them in the cart, checked out: minutes before it."""
    lines = [line for line in order.properties["items"] if line["product_id"] in by_id]
    wanted = [by_id[line["product_id"]] for line in dice.sample(lines, min(len(lines), dice.randint(1, 3)))]
    wanted = [product for product in wanted if product.online and product.price]
    start = order.ts - timedelta(minutes=dice.randint(6, 40))
    for number, product in enumerate(wanted):
        yield _about(product, metrics.VIEWED_PRODUCT, order, number, start + timedelta(seconds=50 * number))
        yield _about(product, metrics.ADDED_TO_CART, order, number, start + timedelta(seconds=50 * number + 30))
    if wanted:
        yield _event(metrics.STARTED_CHECKOUT, order, 0, order.ts - timedelta(minutes=3), checkout(order.id, wanted))


def _left(order: Item, popular: Sequence[Product], dice: Random) -> Iterator[Item]:
    """Looked at one or two popular things on another day, and left; one in four put one in the cart first."""
    start = order.ts - timedelta(hours=dice.randint(20, 60))
    seen = [popular[int(len(popular) * dice.random() ** 3)] for _ in range(dice.randint(1, 2))]
    for number, product in enumerate(dict.fromkeys(seen)):
        yield _about(product, metrics.VIEWED_PRODUCT, order, number, start + timedelta(seconds=70 * number))
    if dice.random() < 0.25:
        yield _about(seen[0], metrics.ADDED_TO_CART, order, 0, start + timedelta(seconds=200))


def checkout(reference: str, products: Sequence[Product]) -> dict[str, Any]:
    """What the shop says when somebody begins to check out."""
    return {
        "checkout_url": f"{WEBSITE}/checkout/{reference}",
        "value": round(sum(product.price or 0 for product in products), 2),
        "items": [product.flat() | {"quantity": 1} for product in products],
    }


def _about(product: Product, metric: str, order: Item, number: int, at: datetime) -> Item:
    return _event(metric, order, number, at, product.flat())


def _event(metric: str, order: Item, number: int, at: datetime, properties: dict[str, Any]) -> Item:
    value = properties.get("value")
    return Item(
        type="track",
        id=f"{order.id}-{metric}-{number}",
        ts=at,
        user=User(external_id=order.user.external_id),
        metric=metric,
        properties=properties,
        value=value,
        history=True,
    )
