"""The clock of the instance: the only place that reads time.

Production runs on the wall clock. An instance started with HEADWATER_CLOCK=movable reads the row of `instance_clock`,
so that tests, demos and backtests can set, advance and speed up time for every process at once:
virtual now = virtual_base + (wall now - wall_base) * speed.

Leases and timeouts are about processes, not about customers: they use `wall()`, which nobody moves.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

from psycopg import Connection

from headwater.core import database, settings


class ClockFixed(Exception):
    """Someone tried to move the clock of an instance that runs on the wall clock."""


def wall() -> datetime:
    """The machine's time, timezone-aware UTC. For leases, never for decisions about customers."""
    return datetime.now(UTC)


_REREAD_SECONDS = 0.2
_guard = threading.Lock()
_row: tuple[datetime, datetime, float] | None = None
_read_at = -1.0


def _reading(conn: Connection | None) -> tuple[datetime, datetime, float] | None:
    global _row, _read_at
    if conn is not None:
        _row = read(conn)
        _read_at = time.monotonic()
        return _row
    with _guard:
        if time.monotonic() - _read_at > _REREAD_SECONDS:
            try:
                with database.transaction() as fresh:
                    _row = read(fresh)
            except database.Unavailable:
                if _row is None:
                    raise
            _read_at = time.monotonic()
        return _row


def now(conn: Connection | None = None) -> datetime:
    """The instance's time, timezone-aware UTC. With `conn`, read afresh on it; else at most 0.2 s stale."""
    if settings.current().clock == "real":
        return wall()
    row = _reading(conn)
    if row is None:
        return wall()
    virtual_base, wall_base, speed = row
    return virtual_base + (wall() - wall_base) * speed


def speed() -> float:
    """How many instance seconds pass in one second of the wall clock."""
    if settings.current().clock == "real":
        return 1.0
    row = _reading(None)
    return row[2] if row else 1.0


def read(conn: Connection) -> tuple[datetime, datetime, float] | None:
    """(virtual_base, wall_base, speed) or None when the clock was never moved."""
    found = conn.execute("SELECT virtual_base, wall_base, speed FROM instance_clock").fetchone()
    return (found[0], found[1], found[2]) if found else None


def move(
    conn: Connection, *, to: datetime | None = None, by: timedelta | None = None, at_speed: float | None = None
) -> datetime:
    """Set the clock `to` an instant, advance it `by` a span, or change its speed; answers the new time.

    Raises ClockFixed unless the instance runs with HEADWATER_CLOCK=movable, ValueError for going backwards by `by`
    or a speed below 0.
    """
    if settings.current().clock != "movable":
        raise ClockFixed("This instance runs on the wall clock. Start it with HEADWATER_CLOCK=movable to move time.")
    if by is not None and by < timedelta(0):
        raise ValueError("The clock only advances; use an absolute time to set it back.")
    if at_speed is not None and not 0 <= at_speed <= 100_000:
        raise ValueError("The speed must be from 0 to 100000.")
    moment = wall()
    row = read(conn)
    virtual = moment if row is None else row[0] + (moment - row[1]) * row[2]
    if to is not None:
        virtual = to.astimezone(UTC)
    if by is not None:
        virtual += by
    rate = at_speed if at_speed is not None else (row[2] if row else 1.0)
    conn.execute(
        """
        INSERT INTO instance_clock (singleton, virtual_base, wall_base, speed)
        VALUES (true, %(virtual)s, %(wall)s, %(speed)s)
        ON CONFLICT (singleton) DO UPDATE
        SET virtual_base = excluded.virtual_base, wall_base = excluded.wall_base, speed = excluded.speed
        """,
        {"virtual": virtual, "wall": moment, "speed": rate},
    )
    global _read_at
    _read_at = -1.0
    return virtual
