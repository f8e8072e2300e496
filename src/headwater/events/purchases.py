"""What was bought, read from orders' line items: how many units of each product in a span of time."""

from __future__ import annotations

from datetime import datetime

from psycopg import Connection

from headwater.events import metrics


def units_sold(conn: Connection, workspace_id: int, since: datetime, until: datetime) -> dict[str, int]:
    """Units per product id over the orders of [since, until)."""
    # For the hourly ranking of best sellers. A scan of the months it spans.
    rows = conn.execute(
        """
        SELECT line ->> 'product_id', sum(GREATEST(COALESCE((line ->> 'quantity')::numeric, 1), 0))::bigint
        FROM event
        CROSS JOIN LATERAL jsonb_array_elements(
            CASE WHEN jsonb_typeof(properties -> 'items') = 'array' THEN properties -> 'items' ELSE '[]' END
        ) AS line
        WHERE workspace_id = %(workspace)s
          AND metric_id = (SELECT id FROM metric WHERE workspace_id = %(workspace)s AND name = %(order)s)
          AND ts >= %(since)s
          AND ts < %(until)s
          AND line ->> 'product_id' IS NOT NULL
          AND COALESCE(line ->> 'quantity', '1') ~ '^[0-9]{1,9}([.][0-9]{1,6})?$'
        GROUP BY 1
        """,
        {"workspace": workspace_id, "order": metrics.PLACED_ORDER, "since": since, "until": until},
    ).fetchall()
    return dict(rows)
