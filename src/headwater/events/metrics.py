"""Metrics: the kinds of event of a workspace, by name. Standard names are constants here, spelled once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from psycopg import Connection

PLACED_ORDER = "Placed Order"
VIEWED_PRODUCT = "Viewed Product"
ADDED_TO_CART = "Added to Cart"
STARTED_CHECKOUT = "Started Checkout"
OPENED_EMAIL = "Opened Email"
CLICKED_EMAIL = "Clicked Email"
BOUNCED_EMAIL = "Bounced Email"
MARKED_AS_SPAM = "Marked Email as Spam"
UNSUBSCRIBED = "Unsubscribed"
COUPON_ASSIGNED = "Coupon Assigned"
ACTIVE_ON_SITE = "Active on Site"
ENTERED_SEGMENT = "Entered Segment"
LEFT_SEGMENT = "Left Segment"

RESERVED = frozenset(
    {
        OPENED_EMAIL, CLICKED_EMAIL, BOUNCED_EMAIL, MARKED_AS_SPAM, UNSUBSCRIBED, COUPON_ASSIGNED,
        ENTERED_SEGMENT, LEFT_SEGMENT,
    }
)  # fmt: skip
"""What changes consent, the ledger or membership: a public key may not report it."""


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
