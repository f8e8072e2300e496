"""Products and reviews: bulk writes that keep what they don't name, and the best reviews with their fallbacks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from psycopg import Connection

from headwater.catalog import products, reviews

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

LONG = "It kept its shape through a whole winter of daily use, and looks new."


def review(number: str, product: str, rating: int = 5, body: str = LONG, days: int = 0) -> reviews.Review:
    return reviews.Review(number, product, rating, "Ada", body, NOW - timedelta(days=days))


def test_what_a_row_leaves_out_keeps_its_value(conn: Connection, workspace: int) -> None:
    products.upsert(
        conn,
        workspace,
        [{"id": "1", "title": "Mug", "price": Decimal("12.50"), "stock": 3, "properties": {"colour": "red"}}],
        NOW,
    )
    products.upsert(conn, workspace, [{"id": "1", "stock": 0, "price": None}], NOW)
    mug = products.get(conn, workspace, ["1", "2"])["1"]
    assert (mug.title, mug.price, mug.stock, mug.properties) == ("Mug", None, 0, {"colour": "red"})
    assert not mug.available


def test_the_last_of_two_rows_with_one_id_counts(conn: Connection, workspace: int) -> None:
    assert products.upsert(conn, workspace, [{"id": "1", "title": "A"}, {"id": "1", "title": "B"}], NOW) == 1
    assert products.get(conn, workspace, ["1"])["1"].title == "B"


def test_pages_of_a_category(conn: Connection, workspace: int) -> None:
    products.upsert(conn, workspace, [{"id": f"{n}", "category": "tea" if n % 2 else "mugs"} for n in range(6)], NOW)
    first = products.page(conn, workspace, limit=2, category="tea")
    assert [product.id for product in first] == ["1", "3"]
    assert [product.id for product in products.page(conn, workspace, after="3", category="tea")] == ["5"]


def test_a_review_of_an_unknown_product_is_refused(conn: Connection, workspace: int) -> None:
    products.upsert(conn, workspace, [{"id": "1"}], NOW)
    assert reviews.upsert(conn, workspace, [review("a", "1"), review("b", "nowhere")]) == ["b"]
    assert [found.id for found in reviews.page(conn, workspace)] == ["a"]


def test_the_best_of_the_item_else_of_its_category_else_of_the_store(conn: Connection, workspace: int) -> None:
    products.upsert(
        conn,
        workspace,
        [{"id": "mug", "category": "mugs"}, {"id": "cup", "category": "mugs"}, {"id": "pen", "category": "office"}],
        NOW,
    )
    reviews.upsert(
        conn,
        workspace,
        [
            review("short", "mug", body="Nice.", days=0),
            review("old", "mug", days=9),
            review("new", "mug", days=1),
            review("poor", "mug", rating=3),
        ],
    )
    best = reviews.best(conn, workspace, product_ids=["mug", "cup", "pen"], categories=["mugs", "office"])
    assert [found.id for found in best.of("mug", "mugs")] == ["new", "old"]
    assert [found.id for found in best.of("cup", "mugs")] == ["new", "old"]
    assert [found.id for found in best.of("pen", "office")] == ["new", "old"]
    assert [found.id for found in best.of("mug")] == ["new", "old"]
    assert reviews.best(conn, workspace + 1_000_000, product_ids=["mug"]).of("mug") == []
