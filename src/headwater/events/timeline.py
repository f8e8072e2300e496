"""A profile's events, newest first: what `why` and the API show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class Seen:
    """An event as a timeline shows it."""

    id: UUID
    ts: datetime
    metric: str
    value: Decimal | None
    history: bool
    properties: dict[str, Any]


_SEEN = """SELECT event.id, event.ts, metric.name AS metric, event.value, event.history, event.properties
            FROM event
            JOIN metric
              ON metric.workspace_id = event.workspace_id
             AND metric.id = event.metric_id"""
"""Reads Seen."""


def of_profile(
    conn: Connection, workspace_id: int, profile_id: int, limit: int = 200, before: datetime | None = None
) -> list[Seen]:
    """The newest `limit` events of a profile, before an instant if given."""
    # For people looking at one profile. Index: event_profile, one probe per month that has events.
    with conn.cursor(row_factory=class_row(Seen)) as cursor:
        return cursor.execute(
            f"""
            {_SEEN}
            WHERE event.workspace_id = %(workspace)s
              AND event.profile_id = %(profile)s
              AND (%(before)s::timestamptz IS NULL OR event.ts < %(before)s)
            ORDER BY event.ts DESC, event.id
            LIMIT %(limit)s
            """,  # noqa: S608 - a constant
            {"workspace": workspace_id, "profile": profile_id, "limit": limit, "before": before},
        ).fetchall()


@dataclass(frozen=True, slots=True)
class Arrived:
    """An event as it came in."""

    id: UUID
    ts: datetime
    value: Decimal | None
    history: bool
    received_at: datetime
    properties: dict[str, Any]


def last_of_metric(conn: Connection, workspace_id: int, profile_id: int, metric: str, limit: int = 10) -> list[Arrived]:
    """The newest `limit` events of one metric of a profile, newest first."""
    # For people who ask why someone did not enter a flow. Index: event_profile.
    with conn.cursor(row_factory=class_row(Arrived)) as cursor:
        return cursor.execute(
            """
            SELECT id, ts, value, history, received_at, properties
            FROM event
            WHERE workspace_id = %(workspace)s
              AND profile_id = %(profile)s
              AND metric_id = (SELECT id FROM metric WHERE workspace_id = %(workspace)s AND name = %(metric)s)
            ORDER BY ts DESC, id
            LIMIT %(limit)s
            """,
            {"workspace": workspace_id, "profile": profile_id, "metric": metric, "limit": limit},
        ).fetchall()


def one(conn: Connection, workspace_id: int, profile_id: int, event_id: UUID) -> Seen | None:
    """An event of this profile."""
    # For previews of emails. Index: the primary key's first columns, one probe per month that has events.
    with conn.cursor(row_factory=class_row(Seen)) as cursor:
        return cursor.execute(
            f"""
            {_SEEN}
            WHERE event.workspace_id = %(workspace)s
              AND event.id = %(event)s
              AND event.profile_id = %(profile)s
            """,  # noqa: S608 - a constant
            {"workspace": workspace_id, "event": event_id, "profile": profile_id},
        ).fetchone()


def newest(conn: Connection, workspace_id: int, metrics: Sequence[str]) -> tuple[int, Seen] | None:
    """The newest event of any of these metrics, and whose it is."""
    # For previews of emails. Index: event_metric, the last entry of each metric.
    row = conn.execute(
        """
        SELECT last.profile_id, last.id, last.ts, metric.name, last.value, last.history, last.properties
        FROM metric
        CROSS JOIN LATERAL (
            SELECT *
            FROM event
            WHERE event.workspace_id = metric.workspace_id
              AND event.metric_id = metric.id
            ORDER BY event.ts DESC
            LIMIT 1
        ) AS last
        WHERE metric.workspace_id = %(workspace)s
          AND metric.name = ANY(%(metrics)s)
        ORDER BY last.ts DESC
        LIMIT 1
        """,
        {"workspace": workspace_id, "metrics": list(metrics)},
    ).fetchone()
    return (row[0], Seen(*row[1:])) if row else None
