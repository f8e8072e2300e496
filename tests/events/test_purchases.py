"""Units sold, from orders' line items, whatever senders put there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from psycopg import Connection

from headwater.events import metrics, purchases, store
from tests.events.happenings import NOW, event

DAY = timedelta(days=1)


def _order(conn: Connection, workspace: int, message_id: str, items: Any, days_ago: int = 1) -> None:
    order = event(
        conn, workspace, message_id, metric=metrics.PLACED_ORDER, ts=NOW - days_ago * DAY, properties={"items": items}
    )
    store.append(conn, workspace, [order], NOW)


def test_units_add_up_over_orders_of_the_span(conn: Connection, workspace: int) -> None:
    _order(conn, workspace, "o-1", [{"product_id": "p-1", "quantity": 2}, {"product_id": "p-2"}])
    _order(conn, workspace, "o-2", [{"product_id": "p-1", "quantity": 3}])
    _order(conn, workspace, "o-3", [{"product_id": "p-1", "quantity": 100}], days_ago=100)
    view = event(conn, workspace, "v-1", properties={"product_id": "p-1", "items": [{"product_id": "p-1"}]})
    store.append(conn, workspace, [view], NOW)

    assert purchases.units_sold(conn, workspace, NOW - 90 * DAY, NOW) == {"p-1": 5, "p-2": 1}


def test_odd_line_items_are_passed_over(conn: Connection, workspace: int) -> None:
    _order(conn, workspace, "o-1", "no list")
    _order(conn, workspace, "o-2", None)
    _order(conn, workspace, "o-3", ["p-1", 7, None, {}, {"product_id": None}])
    _order(conn, workspace, "o-4", [{"product_id": "p-1", "quantity": "many"}, {"product_id": "p-1", "quantity": -3}])
    _order(conn, workspace, "o-5", [{"product_id": 42, "quantity": "2"}])

    assert purchases.units_sold(conn, workspace, NOW - 90 * DAY, NOW) == {"42": 2}
