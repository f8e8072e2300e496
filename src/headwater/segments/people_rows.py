"""The rows of the table of people: who each is, consent, and what they have done, for a page of ids at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from psycopg import Connection
from psycopg.rows import class_row

from headwater.events import standard

NOT_THEIR_DOING = (
    standard.BOUNCED_EMAIL, standard.COUPON_ASSIGNED, standard.ENTERED_SEGMENT, standard.LEFT_SEGMENT,
    standard.PRICE_DROPPED, standard.LOW_IN_STOCK, standard.STARTED_FLOW,
)  # fmt: skip
"""Metrics of what happens to people: no sign that they are active."""


@dataclass(frozen=True, slots=True)
class PersonRow:
    id: int
    email: str | None
    external_id: str | None
    phone: str | None
    first_name: str | None
    last_name: str | None
    city: str | None
    region: str | None
    country: str | None
    consent: str
    """subscribed, unsubscribed or never_subscribed."""
    suppressed: list[str]
    """Reasons; empty: not suppressed."""
    created_at: datetime
    last_active_at: datetime | None
    """When they last did something of their own."""
    orders: int
    last_order_at: datetime | None
    value: Decimal
    """What they ordered for, in the brand's currency, of all time."""


def rows(conn: Connection, workspace_id: int, profile_ids: Sequence[int]) -> list[PersonRow]:
    """These people, in this order; who is gone is left out."""
    with conn.cursor(row_factory=class_row(PersonRow)) as cursor:
        # Primary keys; of profile_metric, one probe a person and metric.
        return cursor.execute(
            """
            SELECT p.id, p.email, p.external_id, p.phone, p.first_name, p.last_name, p.city, p.region, p.country,
                   COALESCE(c.state, 'never_subscribed') AS consent,
                   ARRAY(
                       SELECT s.reason
                       FROM suppression s
                       WHERE s.workspace_id = p.workspace_id
                         AND s.profile_id = p.id
                       ORDER BY s.at
                   ) AS suppressed,
                   p.created_at, did.last_active_at, did.last_order_at, COALESCE(did.orders, 0) AS orders,
                   COALESCE(did.value, 0) AS value
            FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted (id, position)
            JOIN profile p
              ON p.workspace_id = %(workspace)s
             AND p.id = wanted.id
            LEFT JOIN consent c
              ON c.workspace_id = p.workspace_id
             AND c.profile_id = p.id
             AND c.channel = 'email'
            LEFT JOIN LATERAL (
                SELECT max(m.last_ts) FILTER (WHERE NOT metric.name = ANY(%(not_theirs)s)) AS last_active_at,
                       max(m.last_ts) FILTER (WHERE metric.name = %(order)s) AS last_order_at,
                       max(m.count) FILTER (WHERE metric.name = %(order)s) AS orders,
                       max(m.sum) FILTER (WHERE metric.name = %(order)s) AS value
                FROM metric
                JOIN profile_metric m
                  ON m.workspace_id = metric.workspace_id
                 AND m.metric_id = metric.id
                 AND m.profile_id = p.id
                WHERE metric.workspace_id = p.workspace_id
            ) AS did ON true
            ORDER BY wanted.position
            """,
            {
                "workspace": workspace_id,
                "ids": list(profile_ids),
                "order": standard.PLACED_ORDER,
                "not_theirs": list(NOT_THEIR_DOING),
            },
        ).fetchall()
