"""The catalog's history: what really changes of prices and stock is told once, in the order of the commits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from headwater.catalog import history, products
from headwater.core import database

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def put(conn: Connection, workspace: int, product: str, now: datetime = NOW, **fields: Any) -> None:
    products.upsert(conn, workspace, [{"id": product, **fields}], now)


def told(conn: Connection, workspace: int) -> list[tuple[str, str, Any, Any]]:
    return [(one.product_id, one.kind, one.before, one.after) for one in history.since(conn, workspace, 0, 1000)]


def test_what_changes_is_told_with_what_it_was(conn: Connection, workspace: int) -> None:
    put(conn, workspace, "mug", price=20, stock=3)
    put(conn, workspace, "mug", NOW + HOUR, price=Decimal("15.50"), stock=0)

    changes = history.since(conn, workspace, 0, 10)

    assert [(one.kind, one.before, one.after, one.at) for one in changes] == [
        ("price", Decimal(20), Decimal("15.50"), NOW + HOUR),
        ("stock", Decimal(3), Decimal(0), NOW + HOUR),
    ]


def test_a_new_product_is_no_change(conn: Connection, workspace: int) -> None:
    put(conn, workspace, "mug", price=20, stock=3)

    assert told(conn, workspace) == []


def test_becoming_known_or_unknown_is_a_change_of_a_product_that_is_there(conn: Connection, workspace: int) -> None:
    put(conn, workspace, "mug")
    put(conn, workspace, "mug", stock=5)
    put(conn, workspace, "mug", price=20)
    put(conn, workspace, "mug", stock=None)

    assert told(conn, workspace) == [
        ("mug", "stock", None, 5),
        ("mug", "price", None, 20),
        ("mug", "stock", 5, None),
    ]


@pytest.mark.parametrize("same", [{"price": "12.50"}, {"price": 12.5, "stock": 3}, {"title": "Cup"}, {}])
def test_what_stays_the_same_is_not_told(conn: Connection, workspace: int, same: dict[str, Any]) -> None:
    put(conn, workspace, "mug", price=Decimal("12.5"), stock=3)
    put(conn, workspace, "mug", **same)

    assert told(conn, workspace) == []


def test_a_deleted_product_has_neither_price_nor_stock(conn: Connection, workspace: int) -> None:
    put(conn, workspace, "mug", price=20, stock=3)
    put(conn, workspace, "pen", price=1)
    put(conn, workspace, "bare")

    assert products.delete(conn, workspace, ["mug", "pen", "bare", "nothing"], NOW) == 3

    assert told(conn, workspace) == [
        ("mug", "price", 20, None),
        ("mug", "stock", 3, None),
        ("pen", "price", 1, None),
    ]
    assert products.get(conn, workspace, ["mug"]) == {}


def test_the_last_of_two_rows_with_one_id_is_the_one_that_is_told(conn: Connection, workspace: int) -> None:
    put(conn, workspace, "mug", price=20)
    products.upsert(conn, workspace, [{"id": "mug", "price": 30}, {"id": "mug", "price": 10}], NOW)

    assert told(conn, workspace) == [("mug", "price", 20, 10)]


def test_a_change_that_is_rolled_back_is_not_told(conn: Connection, workspace: int) -> None:
    put(conn, workspace, "mug", price=20)
    conn.commit()
    put(conn, workspace, "mug", price=10)
    conn.rollback()

    assert told(conn, workspace) == []


def test_writers_of_one_catalog_take_turns(conn: Connection, workspace: int) -> None:
    """So numbers follow the order of commits, and what is told as replaced is what was replaced."""
    put(conn, workspace, "mug", price=20, stock=9)
    conn.commit()
    put(conn, workspace, "mug", price=15)
    with database.connect() as other:
        other.execute("SET lock_timeout = '50ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            put(other, workspace, "mug", price=12)
        other.rollback()
        conn.commit()
        put(other, workspace, "mug", price=12, stock=8)
        other.commit()

    assert told(conn, workspace) == [("mug", "price", 20, 15), ("mug", "price", 15, 12), ("mug", "stock", 9, 8)]


def test_another_brands_changes_are_not_told(conn: Connection, workspace: int) -> None:
    put(conn, workspace, "mug", price=20)
    put(conn, workspace, "mug", price=10)

    assert history.since(conn, workspace + 1_000_000, 0, 10) == []
    assert history.latest_id(conn, workspace + 1_000_000) == 0


def test_a_reader_goes_on_from_the_number_it_remembers(conn: Connection, workspace: int) -> None:
    for price in range(6):
        put(conn, workspace, "mug", price=price)

    first = history.since(conn, workspace, 0, 2)
    rest = history.since(conn, workspace, first[-1].id, 10)

    assert [one.after for one in first + rest] == [1, 2, 3, 4, 5]
    assert history.latest_id(conn, workspace) == rest[-1].id


def test_the_trail_of_a_product(conn: Connection, workspace: int) -> None:
    for hours, price in enumerate([20, 19, 18, 17, 16]):
        put(conn, workspace, "mug", NOW + hours * HOUR, price=price, stock=price)
        put(conn, workspace, "pen", NOW + hours * HOUR, price=price)
    changes = [one for one in history.since(conn, workspace, 0, 100) if one.product_id == "mug" and one.kind == "price"]

    found = history.of_products(conn, workspace, ["mug"], "price", NOW + HOUR, changes[-2].id)

    assert found == {"mug": changes[1:3]}


def test_pruning_takes_the_oldest(conn: Connection, workspace: int) -> None:
    for days in range(6):
        put(conn, workspace, "mug", NOW + timedelta(days=days), price=days)

    assert history.prune(conn, workspace, NOW + timedelta(days=3), limit=1) == 1
    assert history.prune(conn, workspace, NOW + timedelta(days=3)) == 1
    assert history.prune(conn, workspace, NOW + timedelta(days=3)) == 0
    assert [one.after for one in history.since(conn, workspace, 0, 10)] == [3, 4, 5]


WRITES = st.lists(
    st.tuples(
        st.sampled_from(["mug", "pen"]),
        st.dictionaries(st.sampled_from(["price", "stock"]), st.none() | st.integers(0, 3), max_size=2),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WRITES)
def test_the_history_leads_to_what_stands(conn: Connection, workspace: int, writes: list[tuple[str, Any]]) -> None:
    """Each change begins where the one before it ended, and the last ends with what the catalog says."""
    products.upsert(conn, workspace, [{"id": "mug"}, {"id": "pen"}], NOW)
    try:
        for product, fields in writes:
            put(conn, workspace, product, **fields)
        stands: dict[tuple[str, str], Any] = {}
        for one in history.since(conn, workspace, 0, 1000):
            assert one.before != one.after
            assert one.before == stands.get((one.product_id, one.kind))
            stands[one.product_id, one.kind] = one.after
        for product in products.get(conn, workspace, ["mug", "pen"]).values():
            assert stands.get((product.id, "price")) == product.price
            assert stands.get((product.id, "stock")) == product.stock
    finally:
        conn.rollback()


def test_in_stock(conn: Connection, workspace: int) -> None:
    rows = [
        {"id": "many", "stock": 5},
        {"id": "few", "stock": 1},
        {"id": "none", "stock": 0},
        {"id": "uncounted"},
        {"id": "hidden", "stock": 5, "published": False},
    ]
    products.upsert(conn, workspace, rows, NOW)
    ids = [row["id"] for row in rows] + ["unknown"]

    assert products.in_stock(conn, workspace, ids) == {"many", "few", "uncounted"}
    assert products.in_stock(conn, workspace, ids, 2) == {"many", "uncounted"}
    assert products.in_stock(conn, workspace, []) == set()
