"""What somebody buys in the demo's shop, made up: a few popular things, around what they came for. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from headwater.demo import browsing
from headwater.demo.shop import Product
from headwater.demo.shop_front import Said, track
from headwater.events import metrics

OFF = 0.10
"""What the codes of the demo's flows take off an order."""


@dataclass(frozen=True)
class Basket:
    """One customer's shopping, from a look to the order."""

    reference: str
    user_id: str
    products: tuple[Product, ...]
    code: str | None = None
    """Of a coupon, which the order names."""

    @property
    def value(self) -> float:
        whole = sum(product.price or 0 for product in self.products)
        return round(whole * (1 - OFF) if self.code else whole, 2)

    def looked(self, number: int = 0) -> Said:
        return track(self.user_id, metrics.VIEWED_PRODUCT, self.products[number].flat())

    def put_in_cart(self) -> Said:
        return track(self.user_id, metrics.ADDED_TO_CART, self.products[0].flat())

    def began_checkout(self) -> Said:
        return track(self.user_id, metrics.STARTED_CHECKOUT, browsing.checkout(self.reference, self.products))

    def ordered(self) -> Said:
        lines: list[dict[str, Any]] = [product.flat() | {"quantity": 1} for product in self.products]
        codes = [self.code] if self.code else []
        order = {"order_id": self.reference, "value": self.value, "discount_codes": codes, "items": lines}
        return track(self.user_id, metrics.PLACED_ORDER, order)


def fill(
    reference: str,
    user_id: str,
    popular: Sequence[Product],
    dice: Random,
    first: Product | None = None,
    code: str | None = None,
) -> Basket:
    """A basket about as large as those of the retailer's year: what they came for, and popular things beside it."""
    wanted = [first] if first is not None else []
    wanted += [popular[int(len(popular) * dice.random())] for _ in range(dice.randint(4, 20))]
    return Basket(reference, user_id, tuple(dict.fromkeys(wanted)), code)
