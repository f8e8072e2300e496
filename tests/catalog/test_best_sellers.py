"""Best sellers: ranked by the units of 90 days, at most hourly, without what can't be shown or should not be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from psycopg import Connection
from psycopg.types.json import Jsonb

from headwater.catalog import popularity, products
from headwater.core import partitions

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

DAY = timedelta(days=1)


def shop(conn: Connection, workspace: int, **changes: dict[str, object]) -> None:
    rows = [
        {"id": name, "title": name, "category": category, "image_url": f"https://img.example/{name}.jpg"}
        | changes.get(name, {})
        for name, category in (("mug", "mugs"), ("cup", "mugs"), ("pen", "office"), ("ink", "office"))
    ]
    products.upsert(conn, workspace, rows, NOW)


def sell(conn: Connection, workspace: int, at: datetime, **units: int) -> None:
    lines = [{"product_id": name, "quantity": quantity} for name, quantity in units.items()]
    partitions.ensure(conn, "event", [at])
    conn.execute(
        """
        WITH kind AS (
            INSERT INTO metric (workspace_id, name, created_at)
            VALUES (%(w)s, 'Placed Order', %(at)s)
            ON CONFLICT (workspace_id, name) DO UPDATE SET name = excluded.name
            RETURNING id
        )
        INSERT INTO event (workspace_id, id, ts, metric_id, profile_id, received_at, properties)
        SELECT %(w)s, gen_random_uuid(), %(at)s, id, 1, %(at)s, %(properties)s
        FROM kind
        """,
        {"w": workspace, "at": at, "properties": Jsonb({"items": lines})},
    )


def ids(found: Iterable[products.Product]) -> list[str]:
    return [product.id for product in found]


def test_the_most_sold_first_and_a_category_filled_up_from_the_store(conn: Connection, workspace: int) -> None:
    shop(conn, workspace)
    sell(conn, workspace, NOW - DAY, pen=5, mug=2, cup=3)
    sell(conn, workspace, NOW - 91 * DAY, ink=100)
    popularity.refresh(conn, workspace, NOW)
    best = popularity.best_sellers(conn, workspace, ["mugs", "shoes"], 3)
    assert ids(best["mugs"]) == ["cup", "mug", "pen"]
    assert ids(best["shoes"]) == ["pen", "cup", "mug"]
    assert ids(best[None]) == ["pen", "cup", "mug"]


def test_an_old_shop_is_ranked_by_all_its_sales(conn: Connection, workspace: int) -> None:
    shop(conn, workspace)
    sell(conn, workspace, NOW - 400 * DAY, ink=1, mug=2)
    popularity.refresh(conn, workspace, NOW)
    assert ids(popularity.best_sellers(conn, workspace, [None], 5)[None]) == ["mug", "ink"]


def test_it_is_computed_at_most_hourly(conn: Connection, workspace: int) -> None:
    shop(conn, workspace)
    assert popularity.refresh(conn, workspace, NOW)
    sell(conn, workspace, NOW, pen=1)
    assert not popularity.refresh(conn, workspace, NOW + timedelta(minutes=59))
    assert popularity.best_sellers(conn, workspace, [], 5)[None] == []
    assert popularity.refresh(conn, workspace, NOW + timedelta(hours=1))
    assert ids(popularity.best_sellers(conn, workspace, [], 5)[None]) == ["pen"]


def test_what_cannot_be_shown_is_passed_over(conn: Connection, workspace: int) -> None:
    shop(conn, workspace, mug={"image_url": None}, cup={"published": False}, pen={"stock": 0})
    sell(conn, workspace, NOW - DAY, mug=9, cup=8, pen=7, ink=1)
    popularity.refresh(conn, workspace, NOW)
    assert ids(popularity.best_sellers(conn, workspace, [], 5)[None]) == ["ink"]


def test_a_shop_without_any_image_still_has_best_sellers(conn: Connection, workspace: int) -> None:
    none = {name: {"image_url": None} for name in ("mug", "cup", "pen", "ink")}
    shop(conn, workspace, **none)
    sell(conn, workspace, NOW - DAY, mug=2, pen=1)
    popularity.refresh(conn, workspace, NOW)
    assert ids(popularity.best_sellers(conn, workspace, [], 5)[None]) == ["mug", "pen"]


def test_excluded_items_make_room_for_the_next(conn: Connection, workspace: int) -> None:
    shop(conn, workspace)
    sell(conn, workspace, NOW - DAY, pen=5, mug=2, cup=3)
    popularity.refresh(conn, workspace, NOW)
    best = popularity.best_sellers(conn, workspace, ["mugs"], 2, exclude=["cup"])
    assert ids(best["mugs"]) == ["mug", "pen"]
    store = popularity.best_sellers(conn, workspace, [], 9)[None]
    assert ids(popularity.choose(store, {"pen"}, 1)) == ["cup"]
