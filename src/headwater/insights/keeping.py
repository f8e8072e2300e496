"""Keeps the results of days that are over, and makes them anew when they change: a role of the worker.

Changes are looked for every quarter of an hour: an email of an old day that was opened, clicked or marked as spam. What
changes otherwise (an order or a touch that is told days late) is found by making the last weeks anew once a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from psycopg import Connection

from headwater.accounts import brand
from headwater.delivery import sendings
from headwater.events import attribution
from headwater.insights import kept_days, sending
from headwater.insights.spans import Span

OPEN = 2
"""Days that are not kept: today and yesterday, of which something changes all the time."""
LOOK_AGAIN = timedelta(minutes=15)
LATE = timedelta(hours=1)
"""How long after it happened an open may become an event, and be found all the same before the day is over."""
SWEPT = timedelta(days=40)
"""What is older is settled: an order is owed to an email for days, not for months."""
DAYS_AT_ONCE = 7
EMAILS_AT_ONCE = 300_000
"""What is made in one turn: some days cost little more than one, but other rare work waits meanwhile."""


@dataclass(frozen=True, slots=True)
class _Cursor:
    looked_until: datetime
    swept_on: date


def workspaces_with_work(conn: Connection, now: datetime) -> list[int]:
    """The workspaces that were not looked at for some minutes, or have days to make."""
    # For the worker's idle poll. A row a workspace.
    rows = conn.execute(
        """
        SELECT w.id
        FROM workspace w
        LEFT JOIN result_day_cursor c ON c.workspace_id = w.id
        WHERE c.workspace_id IS NULL
           OR c.behind
           OR c.looked_until <= %(before)s
        """,
        {"before": now - LOOK_AGAIN},
    ).fetchall()
    return [row[0] for row in rows]


def turn(conn: Connection, workspace_id: int, now: datetime) -> int:
    """Look for changes, and make the latest days that are missing or stale. Answers how many days were made."""
    if not _mine(conn, workspace_id):
        return 0
    zone = brand.load(conn, workspace_id).zone
    today = now.astimezone(zone).date()
    cursor = _cursor(conn, workspace_id)
    first = sendings.first_day(conn, workspace_id, zone)
    over = Span(first or today, today - timedelta(days=OPEN), zone)
    if over.first > over.last:
        _move(conn, workspace_id, _Cursor(now, today), behind=False)
        return 0
    if cursor is None:
        cursor = _Cursor(now, today)
    elif cursor.looked_until <= now - LOOK_AGAIN:
        touched = attribution.touched(conn, workspace_id, cursor.looked_until - LATE, now)
        kept_days.mark_stale(conn, workspace_id, sendings.days_of(conn, workspace_id, touched, zone) if touched else ())
        if cursor.swept_on < today:
            kept_days.mark_stale(conn, workspace_id, Span(today - SWEPT, over.last, zone).days)
        cursor = _Cursor(now, today)
    kept = kept_days.which(conn, workspace_id, over)
    missing = over.without({day for day, stale in kept.items() if not stale})
    made = _latest(conn, workspace_id, missing[-1]) if missing else None
    if made is not None:
        kept_days.keep(conn, workspace_id, zone, sending.read(conn, workspace_id, made))
    _move(conn, workspace_id, cursor, behind=bool(missing) and missing != [made])
    return len(made.days) if made is not None else 0


def _latest(conn: Connection, workspace_id: int, run: Span) -> Span:
    """As many of its last days as are made at once, if they are like the day after them."""
    around = Span(run.last, run.last + timedelta(days=1), run.zone)
    a_day = max((of.sent for _, _, of in kept_days.results(conn, workspace_id, around)), default=0)
    days = min(DAYS_AT_ONCE, max(1, EMAILS_AT_ONCE // max(1, a_day)))
    return Span(max(run.first, run.last - timedelta(days=days - 1)), run.last, run.zone)


def _mine(conn: Connection, workspace_id: int) -> bool:
    """Whether no other worker is at it."""
    row = conn.execute(
        "SELECT pg_try_advisory_xact_lock(hashtext('result-days'), %s)", (workspace_id % 2**31,)
    ).fetchone()
    return row == (True,)


def _cursor(conn: Connection, workspace_id: int) -> _Cursor | None:
    # Primary key.
    row = conn.execute(
        "SELECT looked_until, swept_on FROM result_day_cursor WHERE workspace_id = %s", (workspace_id,)
    ).fetchone()
    return _Cursor(*row) if row else None


def _move(conn: Connection, workspace_id: int, cursor: _Cursor, *, behind: bool) -> None:
    # Primary key.
    conn.execute(
        """
        INSERT INTO result_day_cursor (workspace_id, looked_until, swept_on, behind)
        VALUES (%(workspace)s, %(looked_until)s, %(swept_on)s, %(behind)s)
        ON CONFLICT (workspace_id) DO UPDATE
        SET looked_until = excluded.looked_until,
            swept_on = excluded.swept_on,
            behind = excluded.behind
        """,
        {
            "workspace": workspace_id,
            "looked_until": cursor.looked_until,
            "swept_on": cursor.swept_on,
            "behind": behind,
        },
    )
