"""Metrics: the kinds of event of a workspace, by name. The names of the standard ones are constants (`standard`)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from psycopg import Connection

from headwater.events.standard import (
    ACTIVE_ON_SITE,
    ADDED_TO_CART,
    BOUNCED_EMAIL,
    CLICKED_EMAIL,
    COUPON_ASSIGNED,
    ENTERED_SEGMENT,
    LEFT_SEGMENT,
    LOW_IN_STOCK,
    MARKED_AS_SPAM,
    OPENED_EMAIL,
    PLACED_ORDER,
    PRICE_DROPPED,
    RESERVED,
    STARTED_CHECKOUT,
    STARTED_FLOW,
    UNSUBSCRIBED,
    VIEWED_PRODUCT,
)

__all__ = [
    "ACTIVE_ON_SITE",
    "ADDED_TO_CART",
    "BOUNCED_EMAIL",
    "CLICKED_EMAIL",
    "COUPON_ASSIGNED",
    "ENTERED_SEGMENT",
    "LEFT_SEGMENT",
    "LOW_IN_STOCK",
    "MARKED_AS_SPAM",
    "OPENED_EMAIL",
    "PLACED_ORDER",
    "PRICE_DROPPED",
    "RESERVED",
    "STARTED_CHECKOUT",
    "STARTED_FLOW",
    "UNSUBSCRIBED",
    "VIEWED_PRODUCT",
    "ids",
    "known_ids",
    "seen_any",
]


def ids(conn: Connection, workspace_id: int, names: Iterable[str], now: datetime) -> dict[str, int]:
    """The id of each metric; those not seen before are made."""
    wanted = sorted(set(names))
    if not wanted:
        return {}
    known = known_ids(conn, workspace_id, wanted)
    missing = [name for name in wanted if name not in known]
    if missing:
        # For the processor and the API, when a metric appears. Index: metric's unique (workspace_id, name).
        conn.execute(
            """
            INSERT INTO metric (workspace_id, name, created_at)
            SELECT %(workspace)s, name, %(now)s
            FROM unnest(%(names)s::text[]) AS name
            ON CONFLICT (workspace_id, name) DO NOTHING
            """,
            {"workspace": workspace_id, "names": missing, "now": now},
        )
        known = known_ids(conn, workspace_id, wanted)
    return known


def known_ids(conn: Connection, workspace_id: int, names: Iterable[str]) -> dict[str, int]:
    """The id of each metric that exists already."""
    rows = conn.execute(
        "SELECT name, id FROM metric WHERE workspace_id = %s AND name = ANY(%s)", (workspace_id, list(names))
    ).fetchall()
    return dict(rows)


def seen_any(conn: Connection, workspace_id: int) -> bool:
    """Whether any event has come that is not of our own making: from a shop, a site or an import."""
    # For the set-up of a new brand. Index: metric's unique (workspace_id, name).
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM metric WHERE workspace_id = %s AND name <> ALL (%s))",
        (workspace_id, sorted(RESERVED)),
    ).fetchone()
    assert row is not None
    return bool(row[0])
