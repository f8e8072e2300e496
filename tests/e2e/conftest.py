"""One running instance for all end-to-end tests: a stopped clock and a small shop. Each test brings its own people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.running_instance import Instance, eventually

MONDAY = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # 10:00 in New York


@pytest.fixture(scope="session")
def shop() -> Iterator[Instance]:
    """Juniper, a shop with six products, reviews, past orders and the browse-abandonment flow live."""
    instance = Instance(HEADWATER_CLOCK="movable")
    try:
        instance.set_clock(MONDAY)
        shown = eventually(lambda: re.findall(r"hw_[ws]k_[\w-]+", instance.printed()), what="keys on the terminal")
        instance.use(*shown)
        _stock(instance)
        installed = instance.run("flows", "install", "browse-abandonment")
        assert installed.returncode == 0, installed.stderr
        yield instance
    finally:
        instance.close()


def _stock(instance: Instance) -> None:
    instance.api(
        "PATCH", "/brand",
        {"name": "Juniper", "timezone": "America/New_York", "from_email": "hello@juniper.example",
         "from_name": "Juniper", "postal_address": "1 Main St, Springfield", "website_url": "https://juniper.example"},
    )  # fmt: skip
    products = [
        {"id": f"p{n}", "title": f"Lamp {n}", "category": "Lamps", "price": 20 + n,
         "url": f"https://juniper.example/lamps/{n}?ref=mail&n={n}"}
        for n in range(1, 7)
    ]  # fmt: skip
    instance.api("POST", "/products", {"products": products})
    reviews = [
        {"id": f"r{n}", "product_id": "p1", "rating": 5, "author": "A. Reader", "created_at": "2026-02-01T12:00:00Z",
         "body": f"Bright and well made, number {n}."}
        for n in range(2)
    ]  # fmt: skip
    instance.api("POST", "/reviews", {"reviews": reviews})
    orders = [
        {"metric": "Placed Order", "unique_id": f"old-{n}", "history": True, "time": "2026-02-01T12:00:00Z",
         "profile": {"email": f"past{n}@example.com"}, "value": 300 if n == 0 else 50,
         "properties": {"items": [{"product_id": f"p{n + 1}", "quantity": 6 - n, "title": "Lamp"}]}}
        for n in range(6)
    ]  # fmt: skip
    instance.api("POST", "/events", orders)
    instance.settled()
