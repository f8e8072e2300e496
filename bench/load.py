"""How fast history loads: orders with their line items, through the code that live events take, roll-ups included.

    python bench/load.py [--orders 100000] [--views 100000]

Starts its own durable PostgreSQL in a temporary directory. One process loads, as `headwater demo` does. Cases:
  orders      Placed Order with nine line items each, over a year, by 2,469 known customers
  again       the first tenth of the same orders once more: everything is known already, nothing is stored
  views       Viewed Product by 20,000 visitors, half of them anonymous
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

import report
from instance import NOW, make_brand, running

if TYPE_CHECKING:
    from headwater.intake.items import Item

CUSTOMERS = 2469
LINES = 9


def catalog(dice: random.Random) -> list[dict[str, object]]:
    return [
        {
            "product_id": f"{800_000 + number}",
            "title": f"Product {number}",
            "category": dice.choice(["Produce", "Dairy", "Bakery", "Household", "Beverages"]),
            "brand": dice.choice(["National", "Private"]),
            "quantity": dice.randint(1, 4),
            "price": dice.randint(99, 1999) / 100,
        }
        for number in range(5000)
    ]


def orders(count: int) -> Iterator[Item]:
    from headwater.intake.items import Item, User

    dice = random.Random(1)
    products = catalog(dice)
    baskets = [dice.sample(products, LINES) for _ in range(3000)]  # made beforehand: making them is not loading
    values = [round(sum(line["price"] * line["quantity"] for line in lines), 2) for lines in baskets]  # type: ignore[operator, misc]
    for number in range(count):
        basket = dice.randrange(3000)
        yield Item(
            type="track",
            id=f"order-{number}",
            ts=NOW - timedelta(days=365) * (1 - number / count),
            user=User(external_id=f"household-{dice.randrange(CUSTOMERS)}"),
            metric="Placed Order",
            value=values[basket],
            properties={
                "order_id": f"order-{number}",
                "value": values[basket],
                "discount_codes": [],
                "items": baskets[basket],
            },
            history=True,
        )


def views(count: int) -> Iterator[Item]:
    from headwater.intake.items import Item, User

    dice = random.Random(2)
    products = catalog(dice)
    for number in range(count):
        visitor = dice.randrange(20_000)
        yield Item(
            type="track",
            id=f"view-{number}",
            ts=NOW - timedelta(days=60) * (1 - number / count),
            user=User(anonymous_id=f"browser-{visitor}") if visitor % 2 else User(external_id=f"visitor-{visitor}"),
            metric="Viewed Product",
            properties={**dice.choice(products), "url": "https://juniper.example/p/1"},
            history=True,
        )


def measure(case: str, workspace: int, items: Iterator[Item], server: int) -> None:
    from headwater.intake import importing

    turns: list[float] = []
    last = time.perf_counter()

    def progress(read: int, new: int) -> None:
        nonlocal last
        moment = time.perf_counter()
        turns.append((moment - last) * 1000)
        last = moment

    roots = [os.getpid(), server]
    server_before = report.cpu_seconds([server])
    used, started = report.cpu_seconds(roots), time.perf_counter()
    read, new = importing.load(workspace, items, NOW, progress)
    seconds, used = time.perf_counter() - started, report.cpu_seconds(roots) - used
    server_used = report.cpu_seconds([server]) - server_before
    report.line(
        bench="load",
        case=case,
        rate=read / seconds,
        cpu_s_per_1000=used / read * 1000,
        times_ms=turns,
        rss_mb=report.own_rss_mb(),
        server_cpu_s_per_1000=round(server_used / read * 1000, 4),
        events=read,
        new=new,
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--orders", type=int, default=100_000)
    asked.add_argument("--views", type=int, default=100_000)
    chosen = asked.parse_args()
    with running() as data_dir:
        server = int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
        workspace = make_brand()
        measure("orders", workspace, orders(chosen.orders), server)
        measure("again", workspace, islice(orders(chosen.orders), chosen.orders // 10), server)
        measure("views", workspace, views(chosen.views), server)


if __name__ == "__main__":
    main()
