"""How many people go when: batches by what is in stock, the next one after a while, and when it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.catalog.history import Change
from headwater.catalog.products import Product
from headwater.flows.shelves.releases import Release, advanced, begun, enough, may_have_come_in
from headwater.flows.steps import BackInStock

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
NEW = Release(1, "wait", "mug", NOW, None, NOW)


def asked(people_per_unit: int | None = 5, minimum: int = 1) -> BackInStock:
    return BackInStock("wait", minimum, people_per_unit, QUARTER, timedelta(days=180), None)


def mug(stock: int | None, published: bool = True) -> Product:
    return Product("mug", "Mug", NOW, stock=stock, published=published)


@pytest.mark.parametrize(
    ("stock", "published", "minimum", "is_enough"),
    [
        (1, True, 1, True),
        (0, True, 1, False),
        (4, True, 5, False),
        (5, True, 5, True),
        (None, True, 5, True),
        (9, False, 1, False),
    ],
)
def test_when_there_is_enough(stock: int | None, published: bool, minimum: int, is_enough: bool) -> None:
    assert enough(asked(minimum=minimum), mug(stock, published)) is is_enough


def test_a_batch_is_as_many_people_as_the_stock_allows() -> None:
    later = NOW + QUARTER

    assert begun(NEW, asked(5), mug(3), later) == replace(NEW, began_at=later, remaining=15)
    assert begun(NEW, asked(None), mug(3), later) == replace(NEW, began_at=later, remaining=None)
    assert begun(NEW, asked(5), mug(None), later) == replace(NEW, began_at=later, remaining=None)


def test_a_batch_that_is_under_way_goes_on_by_the_size_that_it_began_with() -> None:
    half = replace(NEW, remaining=7)

    assert begun(half, asked(5), mug(100), NOW + QUARTER) == half


def test_the_next_batch_begins_a_set_time_after_the_last_one_began() -> None:
    batch = begun(NEW, asked(5), mug(3), NOW)

    part = advanced(batch, asked(5), 10, 10)
    assert part == replace(batch, remaining=5, next_at=NOW)
    assert part is not None
    assert advanced(part, asked(5), 5, 5) == replace(batch, remaining=None, next_at=NOW + QUARTER)


def test_it_is_over_when_nobody_waits_any_more() -> None:
    assert advanced(replace(NEW, remaining=10), asked(), 10, 9) is None
    assert advanced(NEW, asked(None), 10, 9) is None
    assert advanced(NEW, asked(None), 10, 10) is not None


@given(
    waiting=st.integers(0, 200),
    stock=st.integers(1, 20),
    people_per_unit=st.none() | st.integers(1, 10),
    a_turn=st.integers(1, 50),
)
def test_everybody_goes_and_no_more_at_once_than_the_stock_allows(
    waiting: int, stock: int, people_per_unit: int | None, a_turn: int
) -> None:
    release: Release | None = NEW
    step, now, freed_at = asked(people_per_unit), NOW, []
    while release is not None:
        now = max(now, release.next_at)
        release = begun(release, step, mug(stock), now)
        wanted = a_turn if release.remaining is None else min(a_turn, release.remaining)
        freed = min(wanted, waiting)
        waiting -= freed
        freed_at += [now] * freed
        release = advanced(release, step, wanted, freed)

    assert waiting == 0
    if people_per_unit is None:
        assert set(freed_at) <= {NOW}
    else:
        assert all(freed_at.count(at) <= stock * people_per_unit for at in set(freed_at))
        assert set(freed_at) <= {NOW + number * QUARTER for number in range(201)}


@pytest.mark.parametrize(
    ("kind", "before", "after", "looks"),
    [
        ("stock", 0, 5, True),
        ("stock", None, 5, True),
        ("stock", 5, None, True),
        ("stock", 5, 4, False),
        ("price", 4, 5, False),
    ],
)
def test_which_changes_are_worth_a_look(kind: str, before: int | None, after: int | None, looks: bool) -> None:
    change = Change(1, "mug", NOW, kind, *(None if one is None else Decimal(one) for one in (before, after)))

    assert may_have_come_in(change) is looks
