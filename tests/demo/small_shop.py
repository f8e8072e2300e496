"""A shop like the demo's, made up on the spot: forty households, eight products, 120 baskets."""

from __future__ import annotations

from functools import cached_property

import pyarrow as pa

from headwater.demo.shop import Product, Shop

HOUSEHOLDS, BASKETS = 40, 120


class SmallShop(Shop):
    """A shop like the real one, made up on the spot."""

    @cached_property
    def lines(self) -> pa.Table:
        rows = [
            {
                "basket": 1000 + number // 3,
                "household": 1 + number // 3 % HOUSEHOLDS,
                "product": 1 + number % 8,
                "quantity": 1 + number % 2,
                "price": 2.5,
                "total": 2.5 * (1 + number % 2),
                "at": 1_512_000_000 + number // 3 * 9000,
            }
            for number in range(BASKETS * 3)
        ]
        return pa.Table.from_pylist(rows)

    @cached_property
    def products(self) -> dict[int, Product]:
        return {
            number: Product(str(number), f"Jam no. {number}", "Preserves", "Alder Farm", 2.5, number != 8)
            for number in range(1, 9)
        }
