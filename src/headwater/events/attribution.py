"""Which email an order is owed to: the last one that its customer opened or clicked within the window before it.

A touch by a machine (a privacy proxy, a scanner) is none. An order is owed to one email at most.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from psycopg import Connection

from headwater.events import metrics

WINDOW = timedelta(days=5)


_LAST_TOUCH = """SELECT (seen.properties ->> 'message_id')::bigint AS message_id
            FROM event seen
            WHERE seen.workspace_id = %(workspace)s
              AND seen.profile_id = placed.profile_id
              AND seen.metric_id = ANY (ARRAY(
                  SELECT id FROM metric WHERE workspace_id = %(workspace)s AND name = ANY (%(touches)s)
              ))
              AND seen.ts <= placed.ts
              AND seen.ts > placed.ts - %(window)s
              AND jsonb_typeof(seen.properties -> 'message_id') = 'number'
              AND seen.properties -> 'machine' IS DISTINCT FROM 'true'::jsonb
            ORDER BY seen.ts DESC
            LIMIT 1"""
"""The rule of credit: the last email that the customer opened or clicked before an order `placed`."""


@dataclass(frozen=True, slots=True)
class Credit:
    """An order, and the message that gets the credit."""

    message_id: int
    profile_id: int
    value: Decimal


def credits(
    conn: Connection, workspace_id: int, profile_ids: Collection[int], since: datetime, until: datetime
) -> list[Credit]:
    """The credited orders of these people, of [since, until)."""
    if not profile_ids:
        return []
    # For the numbers of flows. Index event_profile: each person's orders, and for each the last touch before it.
    rows = conn.execute(
        f"""
        SELECT touch.message_id, placed.profile_id, COALESCE(placed.value, 0)
        FROM event placed
        CROSS JOIN LATERAL (
            {_LAST_TOUCH}
        ) AS touch
        WHERE placed.workspace_id = %(workspace)s
          AND placed.profile_id = ANY (%(profiles)s)
          AND placed.metric_id = (SELECT id FROM metric WHERE workspace_id = %(workspace)s AND name = %(order)s)
          AND placed.ts >= %(since)s
          AND placed.ts < %(until)s
        """,  # noqa: S608 - the rule above
        {
            "workspace": workspace_id,
            "profiles": list(profile_ids),
            "touches": [metrics.OPENED_EMAIL, metrics.CLICKED_EMAIL],
            "order": metrics.PLACED_ORDER,
            "since": since,
            "until": until,
            "window": WINDOW,
        },
    ).fetchall()
    return [Credit(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Owed:
    """An order of any customer, when it was placed, and the message that gets the credit."""

    message_id: int
    placed_at: datetime
    value: Decimal


def orders_owed(conn: Connection, workspace_id: int, since: datetime, until: datetime) -> list[Owed]:
    """All credited orders of [since, until), by the same rule as `credits`."""
    # For the overview and the reports. Index event_metric: the span's orders by those who touched an email in time;
    # then event_profile: for each of them the last touch before it.
    rows = conn.execute(
        f"""
        WITH touch AS MATERIALIZED (
            SELECT id FROM metric WHERE workspace_id = %(workspace)s AND name = ANY (%(touches)s)
        )
        SELECT last.message_id, placed.ts, COALESCE(placed.value, 0)
        FROM event placed
        CROSS JOIN LATERAL (
            {_LAST_TOUCH}
        ) AS last
        WHERE placed.workspace_id = %(workspace)s
          AND placed.metric_id = (SELECT id FROM metric WHERE workspace_id = %(workspace)s AND name = %(order)s)
          AND placed.ts >= %(since)s
          AND placed.ts < %(until)s
          AND placed.profile_id IN (
              SELECT profile_id
              FROM event
              WHERE workspace_id = %(workspace)s
                AND metric_id = ANY (ARRAY(SELECT id FROM touch))
                AND ts > %(since)s - %(window)s
                AND ts < %(until)s
          )
        """,  # noqa: S608 - the rule above
        {
            "workspace": workspace_id,
            "touches": [metrics.OPENED_EMAIL, metrics.CLICKED_EMAIL],
            "order": metrics.PLACED_ORDER,
            "since": since,
            "until": until,
            "window": WINDOW,
        },
    ).fetchall()
    return [Owed(*row) for row in rows]


def unsubscribes(conn: Connection, workspace_id: int, since: datetime, until: datetime) -> list[tuple[int, datetime]]:
    """(message, when) of each unsubscribe of [since, until) that came from a message."""
    # For the numbers of flows, the overview and the reports. Index event_metric.
    return conn.execute(
        """
        SELECT (properties ->> 'message_id')::bigint, ts
        FROM event
        WHERE workspace_id = %(workspace)s
          AND metric_id = (SELECT id FROM metric WHERE workspace_id = %(workspace)s AND name = %(unsubscribed)s)
          AND ts >= %(since)s
          AND ts < %(until)s
          AND jsonb_typeof(properties -> 'message_id') = 'number'
        """,
        {"workspace": workspace_id, "unsubscribed": metrics.UNSUBSCRIBED, "since": since, "until": until},
    ).fetchall()


def unsubscribed_from(conn: Connection, workspace_id: int, since: datetime, until: datetime) -> list[int]:
    """The message behind each unsubscribe of [since, until) that came from one."""
    return [message_id for message_id, _ in unsubscribes(conn, workspace_id, since, until)]


def touched(conn: Connection, workspace_id: int, since: datetime, until: datetime) -> list[int]:
    """The messages that were opened, clicked or marked as spam in [since, until)."""
    # For the days that reports keep. Index event_metric.
    rows = conn.execute(
        """
        SELECT DISTINCT (properties ->> 'message_id')::bigint
        FROM event
        WHERE workspace_id = %(workspace)s
          AND metric_id = ANY (ARRAY(
              SELECT id FROM metric WHERE workspace_id = %(workspace)s AND name = ANY (%(touches)s)
          ))
          AND ts >= %(since)s
          AND ts < %(until)s
          AND jsonb_typeof(properties -> 'message_id') = 'number'
        """,
        {
            "workspace": workspace_id,
            "touches": [metrics.OPENED_EMAIL, metrics.CLICKED_EMAIL, metrics.MARKED_AS_SPAM],
            "since": since,
            "until": until,
        },
    ).fetchall()
    return [row[0] for row in rows]
