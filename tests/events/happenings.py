"""Builders for the tests of events."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from psycopg import Connection

from headwater.events import metrics, store
from headwater.events.store import Event

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def event(
    conn: Connection,
    workspace: int,
    message_id: str,
    *,
    ts: datetime = NOW,
    metric: str = metrics.VIEWED_PRODUCT,
    profile: int = 1,
    value: Decimal | float | None = None,
    properties: dict[str, Any] | None = None,
    history: bool = False,
) -> Event:
    metric_id = metrics.ids(conn, workspace, [metric], NOW)[metric]
    identity = store.event_id(workspace, message_id)
    return Event(identity, ts, metric, metric_id, profile, value, properties or {}, history)
