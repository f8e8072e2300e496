"""What became of the emails that left in a span of time: by day and source, and by the domain that they went to.

Read from the ledger's own rows, so it is exact; an email belongs to the day on which it left, or on which a server
refused it for good. Emails of flows and campaigns only: tests and confirmations are nobody's marketing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from psycopg import Connection
from psycopg.rows import class_row

from headwater.delivery.outcomes import LEFT

MARKETING = ["flow", "campaign"]


@dataclass(frozen=True, slots=True)
class Sent:
    """Emails of one source that left on one day, by what became of them until now."""

    day: date
    source: str
    source_id: int
    sent: int
    bounced: int
    complained: int
    opened: int
    clicked: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """Emails of one source that did not go, on the day that was decided."""

    day: date
    source: str
    source_id: int
    state: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class SentTo:
    """Emails that left for one domain on one day."""

    day: date
    domain: str
    sent: int
    bounced: int
    complained: int
    opened: int
    clicked: int


def by_day(conn: Connection, workspace_id: int, since: datetime, until: datetime, zone: ZoneInfo) -> list[Sent]:
    """The emails that left in [since, until), by day of the zone and source."""
    with conn.cursor(row_factory=class_row(Sent)) as cursor:
        # For the days that are kept, and those that are not yet. Index message_finished: block ranges of the span, in
        # each month that has any.
        return cursor.execute(
            """
            SELECT (finished_at AT TIME ZONE %(zone)s)::date AS day, source, source_id, count(*) AS sent,
                   count(*) FILTER (WHERE state = 'bounced') AS bounced,
                   count(*) FILTER (WHERE state = 'complained') AS complained,
                   count(opened_at) AS opened, count(clicked_at) AS clicked
            FROM message
            WHERE workspace_id = %(workspace)s
              AND finished_at >= %(since)s
              AND finished_at < %(until)s
              AND state = ANY (%(left)s)
              AND source = ANY (%(sources)s)
            GROUP BY 1, 2, 3
            """,
            _span(workspace_id, since, until) | {"zone": zone.key},
        ).fetchall()


def skipped(conn: Connection, workspace_id: int, since: datetime, until: datetime, zone: ZoneInfo) -> list[Skipped]:
    """The emails that were skipped, cancelled or failed in [since, until), by day, source and reason."""
    with conn.cursor(row_factory=class_row(Skipped)) as cursor:
        # For the overview and the reports. Index message_finished: block ranges of the span.
        return cursor.execute(
            """
            SELECT (finished_at AT TIME ZONE %(zone)s)::date AS day, source, source_id, state,
                   COALESCE(reason, state) AS reason, count(*) AS count
            FROM message
            WHERE workspace_id = %(workspace)s
              AND finished_at >= %(since)s
              AND finished_at < %(until)s
              AND state IN ('skipped', 'cancelled', 'failed')
              AND source = ANY (%(sources)s)
            GROUP BY 1, 2, 3, 4, 5
            """,
            _span(workspace_id, since, until) | {"zone": zone.key},
        ).fetchall()


def by_domain(conn: Connection, workspace_id: int, since: datetime, until: datetime, zone: ZoneInfo) -> list[SentTo]:
    """The emails that left in [since, until), by day and the domain that they went to."""
    with conn.cursor(row_factory=class_row(SentTo)) as cursor:
        # For the days that are kept, and those that are not yet. Index message_finished.
        return cursor.execute(
            """
            SELECT (finished_at AT TIME ZONE %(zone)s)::date AS day, lower(split_part(address, '@', -1)) AS domain,
                   count(*) AS sent, count(*) FILTER (WHERE state = 'bounced') AS bounced,
                   count(*) FILTER (WHERE state = 'complained') AS complained,
                   count(opened_at) AS opened, count(clicked_at) AS clicked
            FROM message
            WHERE workspace_id = %(workspace)s
              AND finished_at >= %(since)s
              AND finished_at < %(until)s
              AND state = ANY (%(left)s)
              AND source = ANY (%(sources)s)
              AND address LIKE '%%@%%'
            GROUP BY 1, 2
            """,
            _span(workspace_id, since, until) | {"zone": zone.key},
        ).fetchall()


def engaged(
    conn: Connection, workspace_id: int, since: datetime, until: datetime, zone: ZoneInfo
) -> dict[date, list[int]]:
    """Who opened or clicked an email that left in [since, until), by the day on which it left."""
    # For the days that are kept, and those that are not yet. Index message_finished.
    rows = conn.execute(
        """
        SELECT (finished_at AT TIME ZONE %(zone)s)::date, array_agg(DISTINCT profile_id)
        FROM message
        WHERE workspace_id = %(workspace)s
          AND finished_at >= %(since)s
          AND finished_at < %(until)s
          AND state = ANY (%(left)s)
          AND (opened_at IS NOT NULL OR clicked_at IS NOT NULL)
          AND source = ANY (%(sources)s)
        GROUP BY 1
        """,
        _span(workspace_id, since, until) | {"zone": zone.key},
    ).fetchall()
    return dict(rows)


def days_of(conn: Connection, workspace_id: int, message_ids: Collection[int], zone: ZoneInfo) -> set[date]:
    """The days on which these messages left."""
    # For the days that are kept and have changed. Index: the primary key's first columns, in each month.
    rows = conn.execute(
        """
        SELECT DISTINCT (finished_at AT TIME ZONE %(zone)s)::date
        FROM message
        WHERE workspace_id = %(workspace)s
          AND id = ANY (%(ids)s)
          AND finished_at IS NOT NULL
        """,
        {"workspace": workspace_id, "ids": list(message_ids), "zone": zone.key},
    ).fetchall()
    return {row[0] for row in rows}


def first_day(conn: Connection, workspace_id: int, zone: ZoneInfo) -> date | None:
    """The day from which the ledger may hold something of the workspace."""
    # For the days that are kept. Primary key: the first message of each month, and of those the first.
    row = conn.execute(
        """
        SELECT (origin_at AT TIME ZONE %(zone)s)::date
        FROM message
        WHERE workspace_id = %(workspace)s
        ORDER BY id
        LIMIT 1
        """,
        {"workspace": workspace_id, "zone": zone.key},
    ).fetchone()
    return row[0] if row else None


def sources_of(conn: Connection, workspace_id: int, message_ids: Collection[int]) -> dict[int, tuple[str, int]]:
    """Of these messages, those of flows and campaigns: what each came from."""
    if not message_ids:
        return {}
    # For what orders and unsubscribes are owed to. Index: the primary key's first columns, in each month.
    rows = conn.execute(
        """
        SELECT id, source, source_id
        FROM message
        WHERE workspace_id = %(workspace)s
          AND id = ANY (%(ids)s)
          AND source = ANY (%(sources)s)
        """,
        {"workspace": workspace_id, "ids": list(message_ids), "sources": MARKETING},
    ).fetchall()
    return {row[0]: (row[1], row[2]) for row in rows}


def late(conn: Connection, workspace_id: int, now: datetime, by: timedelta) -> int:
    """How many messages were due that long ago and have still not been tried for the first time; at most 10,000."""
    # For what needs attention. Index message_due.
    row = conn.execute(
        """
        SELECT count(*)
        FROM (
            SELECT
            FROM message
            WHERE workspace_id = %(workspace)s
              AND state = 'planned'
              AND send_at < %(before)s
            LIMIT 10000
        ) AS waiting
        """,
        {"workspace": workspace_id, "before": now - by},
    ).fetchone()
    assert row is not None
    return int(row[0])


def ever(conn: Connection, workspace_id: int) -> bool:
    """Whether anything of a flow or campaign has ever left."""
    # For the set-up of a new brand. Index: the unique key's first columns; the first hit ends it.
    row = conn.execute(
        """
        SELECT EXISTS (
            SELECT
            FROM message
            WHERE workspace_id = %(workspace)s
              AND source = ANY (%(sources)s)
              AND sent_at IS NOT NULL
        )
        """,
        {"workspace": workspace_id, "sources": MARKETING},
    ).fetchone()
    assert row is not None
    return bool(row[0])


def per_month(conn: Connection, workspace_id: int) -> list[tuple[date, int]]:
    """How many messages each month (UTC) of the ledger holds, the latest first, whatever became of them."""
    # For the page of what is stored. The primary key alone, which holds the month.
    return conn.execute(
        """
        SELECT date_trunc('month', origin_at AT TIME ZONE 'UTC')::date, count(*)
        FROM message
        WHERE workspace_id = %(workspace)s
        GROUP BY 1
        ORDER BY 1 DESC
        """,
        {"workspace": workspace_id},
    ).fetchall()


def _span(workspace_id: int, since: datetime, until: datetime) -> dict[str, object]:
    return {
        "workspace": workspace_id,
        "since": since,
        "until": until,
        "sources": MARKETING,
        "left": sorted(LEFT),
    }
