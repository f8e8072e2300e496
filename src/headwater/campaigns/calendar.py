"""Campaigns by their day in the brand's zone, and the series that they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from psycopg import Connection
from psycopg.rows import class_row

from headwater.campaigns import series
from headwater.campaigns.campaigns import COLUMNS, Campaign
from headwater.core.wall_clock import instant

MOST_DAYS = 400
MOST = 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A campaign on its day."""

    campaign: Campaign
    day: date
    at: datetime
    series: str | None
    """The name of its series."""


def between(conn: Connection, workspace_id: int, first: date, last: date, zone: ZoneInfo) -> list[Entry]:
    """Campaigns with a time on the days from `first` to `last`, in the order of time."""
    since, until = instant(first, time(0), zone), instant(last + timedelta(days=1), time(0), zone)
    with conn.cursor(row_factory=class_row(Campaign)) as cursor:
        # Index: campaign_day.
        found: Sequence[Campaign] = cursor.execute(
            f"""
            SELECT {COLUMNS}
            FROM campaign
            WHERE workspace_id = %(workspace)s
              AND send_at >= %(since)s
              AND send_at < %(until)s
            ORDER BY send_at, id
            LIMIT %(most)s
            """,  # noqa: S608 - constant columns
            {"workspace": workspace_id, "since": since, "until": until, "most": MOST},
        ).fetchall()
    names = series.names(conn, workspace_id, {one.series_id for one in found if one.series_id is not None})
    return [
        Entry(one, one.send_at.astimezone(zone).date(), one.send_at, names.get(one.series_id or 0))
        for one in found
        if one.send_at is not None
    ]
