"""Who met a product: by which events, in which span, and in slices that leave nothing out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from headwater.events import audiences, store
from tests.events.happenings import NOW, event

HOUR = timedelta(hours=1)


def met(conn: Connection, workspace: int, did: str, after: datetime, until: datetime, *products: str) -> list[Any]:
    """(product, person), in the order of people."""
    metric_id = event(conn, workspace, "", metric=audiences.METRICS[did]).metric_id
    reading = audiences.reading(did, metric_id, after, until, products)
    rows = conn.execute(audiences.MET_PRODUCTS, {"workspace": workspace, **reading}).fetchall()
    return sorted(((product, profile) for product, profile, _ in rows), key=lambda row: (row[1], row[0]))


def happened(conn: Connection, workspace: int, did: str, *properties: dict[str, Any]) -> None:
    """The first person did it an hour ago, the next two hours ago, and so on."""
    events = [
        event(
            conn, workspace, f"{did}-{number}", metric=audiences.METRICS[did], ts=NOW - number * HOUR, profile=number,
            properties=one,
        )
        for number, one in enumerate(properties, 1)
    ]  # fmt: skip
    store.append(conn, workspace, events, NOW)


def test_views_name_their_product(conn: Connection, workspace: int) -> None:
    lines = {"items": [{"product_id": "mug"}]}
    happened(conn, workspace, "viewed", {"product_id": "mug"}, {"product_id": "pen"}, {"product_id": 7}, {}, lines)

    assert met(conn, workspace, "viewed", NOW - 9 * HOUR, NOW, "mug", "7") == [("mug", 1), ("7", 3)]


@pytest.mark.parametrize("did", ["cart", "checkout"])
def test_carts_and_checkouts_name_theirs_in_their_lines_too(conn: Connection, workspace: int, did: str) -> None:
    both = {"product_id": "pen", "items": [{"product_id": "mug"}, {"product_id": "pen"}, {"sku": "x"}, "mug", None]}
    happened(conn, workspace, did, both, {"items": "mug"}, {"product_id": "mug"})

    assert met(conn, workspace, did, NOW - 9 * HOUR, NOW, "mug") == [("mug", 1), ("mug", 3)]


def test_a_span_leaves_out_its_beginning_and_has_its_end(conn: Connection, workspace: int) -> None:
    happened(conn, workspace, "viewed", *[{"product_id": "mug"}] * 4)

    assert met(conn, workspace, "viewed", NOW - 3 * HOUR, NOW - HOUR, "mug") == [("mug", 1), ("mug", 2)]


@pytest.mark.parametrize("most", [1, 2, 3, 100])
def test_slices_are_all_there_is(conn: Connection, workspace: int, most: int) -> None:
    at_once = [event(conn, workspace, f"same-{n}", ts=NOW - 90 * HOUR, profile=100 + n) for n in range(3)]
    store.append(conn, workspace, at_once, NOW)
    happened(conn, workspace, "viewed", *[{"product_id": "mug"}] * 7)
    metric_id = at_once[0].metric_id

    after, slices, found = NOW - 100 * HOUR, 0, []
    while end := audiences.slice_end(conn, workspace, metric_id, after, NOW, most):
        found += met(conn, workspace, "viewed", after, end, "mug")
        after, slices = end, slices + 1
    found += met(conn, workspace, "viewed", after, NOW, "mug")

    assert sorted(found) == [("mug", profile) for profile in range(1, 8)]
    assert (slices == 0) is (most == 100)
