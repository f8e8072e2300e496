"""How much happened, per metric: from the daily roll-up, never from the events themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True)
class Total:
    """A metric and all that came of it."""

    id: int
    name: str
    count: int
    sum: Decimal
    last_day: date | None


def per_metric(conn: Connection, workspace_id: int) -> list[Total]:
    """Every metric of the workspace with its totals, the most frequent first."""
    with conn.cursor(row_factory=class_row(Total)) as cursor:
        # For lists of metrics. Index: metric_day's primary key; one row a metric and day.
        return cursor.execute(
            """
            SELECT metric.id, metric.name, COALESCE(sum(metric_day.count), 0)::bigint AS count,
                   COALESCE(sum(metric_day.sum), 0) AS sum, max(metric_day.day) AS last_day
            FROM metric
            LEFT JOIN metric_day
                   ON metric_day.workspace_id = metric.workspace_id
                  AND metric_day.metric_id = metric.id
            WHERE metric.workspace_id = %(workspace)s
            GROUP BY metric.id, metric.name
            ORDER BY count DESC, metric.name
            """,
            {"workspace": workspace_id},
        ).fetchall()


@dataclass(frozen=True)
class Month:
    """A calendar month (UTC) by its first day, and how many of something it holds."""

    month: date
    count: int


def per_month(conn: Connection, workspace_id: int) -> list[Month]:
    """How many events each month holds, the latest first."""
    with conn.cursor(row_factory=class_row(Month)) as cursor:
        # For the page of what is stored. Index: metric_day's primary key; one row a metric and day.
        return cursor.execute(
            """
            SELECT date_trunc('month', day)::date AS month, sum(count)::bigint AS count
            FROM metric_day
            WHERE workspace_id = %(workspace)s
            GROUP BY 1
            ORDER BY 1 DESC
            """,
            {"workspace": workspace_id},
        ).fetchall()
