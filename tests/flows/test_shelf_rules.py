"""What is a drop, what is low stock, and what of it still stands: thresholds, a day's memory, order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.flows.shelves.rules import Notice, joined, judge, lowest_before, stands, told
from headwater.flows.triggers import LowStockTrigger, PriceDropTrigger

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MONTH = 30 * DAY
PRICES = st.decimals("0.01", 1000, places=2)


@dataclass(frozen=True)
class Change:
    id: int
    at: datetime
    before: Decimal | None
    after: Decimal | None
    kind: str = "price"


@dataclass(frozen=True)
class Item:
    id: str = "mug"
    title: str = "Mug"
    category: str | None = "Mugs"
    brand: str | None = None
    price: Decimal | None = Decimal(15)
    url: str | None = None
    image_url: str | None = None
    stock: int | None = None
    available: bool = True


def prices(first: int | None, *then: tuple[float, int | None]) -> list[Change]:
    """The changes of a price that stood at `first`: (hours from now, price)."""
    changes = []
    before = first
    for number, (hours, after) in enumerate(then, 1):
        changes.append(Change(number, NOW + hours * HOUR, _decimal(before), _decimal(after)))
        before = after
    return changes


def _decimal(price: int | None) -> Decimal | None:
    return None if price is None else Decimal(price)


def drop(percent: str | None = None, amount: str | None = None) -> PriceDropTrigger:
    return PriceDropTrigger(percent and Decimal(percent), amount and Decimal(amount), ("viewed",), MONTH)  # type: ignore[arg-type]


def low(at_most: int) -> LowStockTrigger:
    return LowStockTrigger(at_most, ("viewed",), MONTH)


ANY = drop(amount="0.01")


def test_a_fall_is_a_drop_and_a_rise_is_none() -> None:
    [fell] = prices(20, (0, 15))
    [rose] = prices(15, (0, 20))

    assert judge(ANY, fell, ()) == Notice(Decimal(20), Decimal(15))
    assert judge(ANY, rose, ()) is None


@pytest.mark.parametrize(
    ("trigger", "tells"),
    [
        (drop(percent="25"), True),
        (drop(percent="25.01"), False),
        (drop(amount="5"), True),
        (drop(amount="5.01"), False),
    ],
)
def test_thresholds_are_reached_exactly(trigger: PriceDropTrigger, tells: bool) -> None:
    [change] = prices(20, (0, 15))

    assert (judge(trigger, change, ()) is not None) is tells


@given(before=PRICES, after=PRICES, percent=st.decimals("0.1", "99.9", places=1))
def test_a_drop_by_percent_is_one_of_at_least_so_many(before: Decimal, after: Decimal, percent: Decimal) -> None:
    notice = judge(drop(percent=str(percent)), Change(1, NOW, before, after), ())

    assert (notice is not None) is ((before - after) / before * 100 >= percent)


@pytest.mark.parametrize(
    ("hours_high", "tells"),
    [(23.9, False), (24, True), (48, True)],
)
def test_a_price_that_rises_and_falls_back_within_a_day_is_no_drop(hours_high: float, tells: bool) -> None:
    changes = prices(20, (0, 25), (hours_high, 20))

    assert (judge(ANY, changes[-1], changes) is not None) is tells


def test_one_that_falls_further_than_it_rose_dropped_by_the_rest() -> None:
    changes = prices(20, (0, 25), (2, 18))

    assert judge(drop(percent="10"), changes[-1], changes) == Notice(Decimal(20), Decimal(18))
    assert judge(drop(percent="10.1"), changes[-1], changes) is None


def test_falling_to_the_same_price_again_within_a_day_is_told_once() -> None:
    changes = prices(20, (0, 15), (2, 20), (4, 15))

    assert [judge(ANY, change, changes) is not None for change in changes] == [True, False, False]


def test_a_price_that_falls_by_and_by_is_judged_step_by_step() -> None:
    changes = prices(20, (0, 19), (1, 18), (2, 15))

    assert [judge(drop(percent="10"), change, changes) for change in changes] == [
        None,
        None,
        Notice(Decimal(18), Decimal(15)),
    ]


def test_a_product_without_a_price_for_a_while_dropped_from_the_one_it_had() -> None:
    changes = prices(20, (0, None), (5, 15))
    long_ago = prices(20, (0, None), (30, 15))
    never = prices(None, (0, 15))

    assert judge(ANY, changes[-1], changes) == Notice(Decimal(20), Decimal(15))
    assert judge(ANY, changes[0], changes) is None
    assert judge(ANY, long_ago[-1], long_ago) is None
    assert judge(ANY, never[0], never) is None


def test_what_costs_nothing_is_no_offer() -> None:
    [change] = prices(20, (0, 0))

    assert judge(ANY, change, ()) is None


STEPS = st.lists(st.tuples(st.integers(1, 30), st.none() | st.integers(1, 50)), min_size=1, max_size=12)


@given(first=st.none() | st.integers(1, 50), steps=STEPS)
def test_what_is_told_is_below_every_price_of_the_day_before(first: int | None, steps: list[Any]) -> None:
    hours, then = 0, []
    for pause, price in steps:
        hours += pause
        then.append((hours, price))
    changes = prices(first, *then)

    for change in changes:
        notice = judge(ANY, change, changes)
        stood = _stood(first, then, (change.at - NOW) // HOUR)
        assert lowest_before(change, changes) == (min(stood) if stood else None)
        if notice is not None:
            assert notice == Notice(min(stood), change.after)  # type: ignore[arg-type]
            assert notice.became < notice.was


def _stood(first: int | None, then: list[tuple[int, int | None]], at: int) -> set[Decimal]:
    """The prices that stood at some time in the 24 hours before `at`, told from the whole course of the price."""
    spans = [(float("-inf"), first), *then]
    ends = [hours for hours, _ in then] + [float("inf")]
    return {
        Decimal(price)
        for (begins, price), ends_at in zip(spans, ends, strict=True)
        if price is not None and begins < at and ends_at > at - 24
    }


# ── stock ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("before", "after", "tells"),
    [
        (11, 10, True),
        (100, 1, True),
        (12, 11, False),
        (10, 9, False),
        (10, 12, False),
        (12, 0, False),
        (0, 5, False),
        (None, 5, False),
        (12, None, False),
    ],
)
def test_stock_is_low_when_it_comes_from_above_but_not_when_it_is_gone(
    before: int | None, after: int | None, tells: bool
) -> None:
    change = Change(1, NOW, _decimal(before), _decimal(after), "stock")

    assert (judge(low(10), change, ()) is not None) is tells


@given(first=st.integers(0, 30), counts=st.lists(st.integers(0, 30), max_size=20), at_most=st.integers(1, 20))
def test_low_stock_is_not_told_again_until_it_was_above(first: int, counts: list[int], at_most: int) -> None:
    above, told_, before = first > at_most, [], first
    for count in counts:
        told_.append(judge(low(at_most), Change(1, NOW, Decimal(before), Decimal(count), "stock"), ()) is not None)
        assert told_[-1] is (above and 0 < count <= at_most)
        above = count > at_most
        before = count


def test_a_price_is_no_stock_and_a_stock_no_price() -> None:
    assert judge(low(10), Change(1, NOW, Decimal(12), Decimal(5), "price"), ()) is None
    assert judge(ANY, Change(1, NOW, Decimal(12), Decimal(5), "stock"), ()) is None


# ── what still stands ───────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("price", "available", "still"),
    [(15, True, True), (14, True, True), (16, True, False), (None, True, False), (0, True, False), (15, False, False)],
)
def test_a_drop_stands_while_the_price_is_no_higher(price: int | None, available: bool, still: bool) -> None:
    item = Item(price=_decimal(price), available=available)

    assert stands(ANY, Notice(Decimal(20), Decimal(15)), item) is still


@pytest.mark.parametrize(
    ("stock", "available", "still"),
    [(10, True, True), (1, True, True), (11, True, False), (None, True, False), (0, False, False), (5, False, False)],
)
def test_low_stock_stands_while_there_is_little_of_it(stock: int | None, available: bool, still: bool) -> None:
    item = Item(stock=stock, available=available)

    assert stands(low(10), Notice(Decimal(20), Decimal(9)), item) is still


def test_two_falls_before_anybody_was_told_are_one() -> None:
    notice = joined(Notice(Decimal(20), Decimal(18)), Notice(Decimal(18), Decimal(15)))

    assert notice == Notice(Decimal(20), Decimal(15))


def test_what_emails_see() -> None:
    item = Item(price=Decimal("13.33"), stock=4, url="https://shop.example/mug")

    assert told(ANY, "drops", Notice(Decimal(20), Decimal(15)), item) == {
        "flow": "drops",
        "product_id": "mug",
        "title": "Mug",
        "category": "Mugs",
        "price": 13.33,
        "old_price": 20.0,
        "dropped_by": 6.67,
        "dropped_percent": 33.35,
        "stock": 4,
        "url": "https://shop.example/mug",
    }
    assert told(low(10), "last", Notice(Decimal(12), Decimal(4)), item) == {
        "flow": "last",
        "product_id": "mug",
        "title": "Mug",
        "category": "Mugs",
        "price": 13.33,
        "stock": 4,
        "url": "https://shop.example/mug",
    }
