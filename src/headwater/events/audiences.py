"""Who had to do with a product: looked at it, put it in the cart, began to check out with it.

A span of one metric's events is read in the order of time and each is asked for its product: half a microsecond an
event, two for carts and checkouts with their lines. An index by product would answer at once, but cost 3 µs of every
such event that comes in, and a tenth more disk, for a few questions a day. `slice_end` keeps a reading short.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from psycopg import Connection

from headwater.events import metrics

METRICS = {
    "checkout": metrics.STARTED_CHECKOUT,
    "cart": metrics.ADDED_TO_CART,
    "viewed": metrics.VIEWED_PRODUCT,
}
"""What flows call it, the most serious first."""

_WITH_LINES = frozenset({"checkout", "cart"})
"""These name products in `items[].product_id` too, not only in `product_id`."""


def slice_end(
    conn: Connection, workspace_id: int, metric_id: int, after: datetime, until: datetime, most: int
) -> datetime | None:
    """Until when to read, from after an instant, to read about `most` events; None: there are no more until `until`."""
    # Index: event_metric alone, so many entries of it.
    row = conn.execute(
        """
        SELECT ts
        FROM event
        WHERE workspace_id = %(workspace)s
          AND metric_id = %(metric)s
          AND ts > %(after)s
          AND ts < %(until)s
        ORDER BY ts
        OFFSET %(most)s
        LIMIT 1
        """,
        {"workspace": workspace_id, "metric": metric_id, "after": after, "until": until, "most": most},
    ).fetchone()
    return row[0] if row is not None else None


MET_PRODUCTS = """
    SELECT properties ->> 'product_id' AS product_id, profile_id, ts
    FROM event
    WHERE workspace_id = %(workspace)s
      AND metric_id = %(metric)s
      AND ts > %(after)s
      AND ts <= %(until)s
      AND properties ->> 'product_id' = ANY (%(products)s)
    UNION ALL
    SELECT line ->> 'product_id', profile_id, ts
    FROM event
    CROSS JOIN LATERAL jsonb_array_elements(
        CASE WHEN jsonb_typeof(properties -> 'items') = 'array' THEN properties -> 'items' ELSE '[]' END
    ) AS line
    WHERE %(lines)s
      AND workspace_id = %(workspace)s
      AND metric_id = %(metric)s
      AND ts > %(after)s
      AND ts <= %(until)s
      AND line ->> 'product_id' = ANY (%(products)s)
"""
"""(product_id, profile_id, ts) of one metric's events with any of these products, after an instant and until another.

Index: event_metric, a range. Its parameters are those of `reading` and the workspace. A person may come several times.
"""


def reading(did: str, metric_id: int, after: datetime, until: datetime, product_ids: Collection[str]) -> dict[str, Any]:
    """What MET_PRODUCTS is asked with."""
    return {
        "metric": metric_id,
        "after": after,
        "until": until,
        "products": list(product_ids),
        "lines": did in _WITH_LINES,
    }
