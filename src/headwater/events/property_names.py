"""Which properties the events of each metric carry, by name: from the newest of them, for whoever writes of them."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import class_row

_EVENTS = 30
"""Of each metric: events of one metric are much alike."""
_METRICS = 200


@dataclass(frozen=True)
class EventProperty:
    """A property of a metric's events, or of the things in one of their lists (`items`), with one value."""

    metric: str
    path: str
    """price, or items.0.title for what stands in a list."""
    example: str


def seen(conn: Connection, workspace_id: int) -> list[EventProperty]:
    """By metric, then by name."""
    # For completion in editors. Index: event_metric, the last entries of each metric.
    with conn.cursor(row_factory=class_row(EventProperty)) as cursor:
        return cursor.execute(
            """
            WITH newest AS MATERIALIZED (
                SELECT metric.name AS metric, last.properties
                FROM (
                    SELECT id, name
                    FROM metric
                    WHERE workspace_id = %(workspace)s
                    ORDER BY name
                    LIMIT %(metrics)s
                ) AS metric
                CROSS JOIN LATERAL (
                    SELECT properties
                    FROM event
                    WHERE workspace_id = %(workspace)s
                      AND metric_id = metric.id
                    ORDER BY ts DESC
                    LIMIT %(events)s
                ) AS last
            ), named AS (
                SELECT newest.metric, held.key AS path, held.value
                FROM newest
                CROSS JOIN LATERAL jsonb_each(newest.properties) AS held (key, value)
                UNION ALL
                SELECT newest.metric, held.key || '.0.' || inner_held.key, inner_held.value
                FROM newest
                CROSS JOIN LATERAL jsonb_each(newest.properties) AS held (key, value)
                CROSS JOIN LATERAL jsonb_each(
                    CASE WHEN jsonb_typeof(held.value -> 0) = 'object' THEN held.value -> 0 ELSE '{}' END
                ) AS inner_held (key, value)
            )
            SELECT metric, path, left(max(value #>> '{}'), 80) AS example
            FROM named
            WHERE value <> 'null'
            GROUP BY metric, path
            ORDER BY metric, path
            LIMIT 3000
            """,
            {"workspace": workspace_id, "metrics": _METRICS, "events": _EVENTS},
        ).fetchall()
