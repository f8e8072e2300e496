"""The show's visitors come in its time, the same for the same seed, and start each of the demo's flows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cached_property

import pyarrow as pa
import pytest

from headwater.demo import loading, passers_by
from headwater.demo.passers_by import Moment
from headwater.demo.shop import Shop
from headwater.events import metrics
from headwater.flows.editing import publishing
from headwater.flows.reading import files, parse
from headwater.flows.triggers import ListTrigger, MetricTrigger
from tests.demo.small_shop import SmallShop

BEGAN = datetime(2018, 1, 2, 14, tzinfo=UTC)
ENDS = BEGAN + timedelta(days=6)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return SmallShop(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def visits(shop: Shop) -> list[Moment]:
    return passers_by.visits(shop, BEGAN, ENDS, "seed")


def events_of(visits: list[Moment], user_id: str) -> list[str]:
    return [moment.said["event"] for moment in visits if moment.said["userId"] == user_id]


def test_the_same_seed_makes_the_same_visits(shop: Shop, visits: list[Moment]) -> None:
    assert visits == passers_by.visits(shop, BEGAN, ENDS, "seed")
    assert visits != passers_by.visits(shop, BEGAN, ENDS, "another")


def test_they_come_within_the_show_in_the_order_of_time_and_some_at_once(visits: list[Moment]) -> None:
    times = [moment.at for moment in visits]

    assert times == sorted(times)
    assert BEGAN < times[0] < BEGAN + timedelta(hours=5)
    assert ENDS - timedelta(days=2) < times[-1] < ENDS


def test_each_looks_before_putting_in_the_cart_and_checks_out_before_ordering(visits: list[Moment]) -> None:
    order = [
        metrics.ACTIVE_ON_SITE, metrics.VIEWED_PRODUCT, metrics.ADDED_TO_CART, metrics.STARTED_CHECKOUT,
        metrics.PLACED_ORDER,
    ]  # fmt: skip
    ends = set()
    seen = [moment for moment in visits if "regular" not in moment.said["properties"].get("order_id", "")]
    for household in {moment.said["userId"] for moment in seen}:
        steps = [order.index(event) for event in events_of(seen, household)]
        assert steps == sorted(steps)
        assert set(steps) == set(range(max(steps) + 1))
        ends.add(order[max(steps)])
    assert len(ends) >= 4, "not everybody gets equally far"


def test_regular_customers_order_every_day(visits: list[Moment]) -> None:
    orders = [moment for moment in visits if "regular" in moment.said["properties"].get("order_id", "")]

    assert len(orders) > 0.9 * passers_by.REGULARS * 6
    assert {moment.at.date() for moment in orders} >= {(BEGAN + timedelta(days=day)).date() for day in range(6)}
    assert len({moment.said["properties"]["order_id"] for moment in orders}) == len(orders)


def test_each_of_the_demos_flows_can_be_started(visits: list[Moment]) -> None:
    happens = {moment.said["event"] for moment in visits}
    for slug in loading.FLOWS:
        flow = parse(files.read((publishing.RECIPES / slug / "flow.yaml").read_text("utf-8")), slug=slug)
        match flow.trigger:
            case MetricTrigger():
                assert flow.trigger.metric in happens
            case ListTrigger():
                assert flow.trigger.list == loading.NEWSLETTER
            case _:
                pytest.fail(f"nothing starts {slug}")


class WithSomebodyQuiet(SmallShop):
    """One household more, which ordered before all others and not since."""

    @cached_property
    def lines(self) -> pa.Table:
        early = super().lines.slice(0, 1).to_pylist()[0] | {"household": 99, "basket": 1, "at": 1_500_000_000}
        return pa.concat_tables([pa.Table.from_pylist([early]), super().lines])


def test_who_has_just_ordered_does_not_come_unless_everybody_has(shop: Shop) -> None:
    assert passers_by.quiet_households(WithSomebodyQuiet(shop.path)) == [99]
    assert passers_by.quiet_households(shop) == shop.households


def test_a_later_show_has_newcomers_of_its_own() -> None:
    first = passers_by.sign_ups(BEGAN, ENDS, "seed")
    second = passers_by.sign_ups(ENDS, ENDS + timedelta(days=6), "seed")

    assert first == passers_by.sign_ups(BEGAN, ENDS, "seed")
    assert all(BEGAN < one.at < ENDS for one in first)
    addresses = {one.person.email for one in (*first, *second)}
    assert len(addresses) == 2 * passers_by.NEWCOMERS
