"""What the events of a metric carry: paths, kinds and frequent values, from the newest, for whoever filters them."""

from __future__ import annotations

from psycopg import Connection

from headwater.core.property_shapes import Shape, shapes

_EVENTS = 500
"""Events of one metric are much alike."""


def of_metric(conn: Connection, workspace_id: int, metric: str) -> list[Shape]:
    """The events' value ($value) first where there is one, then their properties; nothing of an unknown metric."""
    known = conn.execute(
        "SELECT id FROM metric WHERE workspace_id = %s AND name = %s", (workspace_id, metric)
    ).fetchone()
    if known is None:
        return []
    # For condition editors. Index: event_metric, its newest entries.
    rows = conn.execute(
        """
        SELECT value, properties
        FROM event
        WHERE workspace_id = %(workspace)s
          AND metric_id = %(metric)s
        ORDER BY ts DESC
        LIMIT %(events)s
        """,
        {"workspace": workspace_id, "metric": known[0], "events": _EVENTS},
    ).fetchall()
    valued = sum(value is not None for value, _ in rows)
    value = [Shape("$value", "number", valued, ())] if valued else []
    return value + shapes(properties for _, properties in rows)
