"""Leases: one holder at a time for a named piece of work, with a fence that a late holder can't reuse.

Leases are about processes, so they run on the wall clock, never on the instance's movable clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from psycopg import Connection

from headwater.core import clock


class LeaseLost(Exception):
    """Someone else holds the lease now; the work in hand must be dropped without a commit."""


@dataclass(frozen=True)
class Lease:
    name: str
    holder: str
    fence: int


def acquire(conn: Connection, name: str, holder: str, span: timedelta) -> Lease | None:
    """Take or renew the lease `name` for `span`; None while someone else holds it."""
    moment = clock.wall()
    row = conn.execute(
        """
        INSERT INTO lease AS held (name, holder, until, fence)
        VALUES (%(name)s, %(holder)s, %(until)s, 1)
        ON CONFLICT (name) DO UPDATE
        SET holder = excluded.holder,
            until = excluded.until,
            fence = held.fence + CASE WHEN held.holder = excluded.holder THEN 0 ELSE 1 END
        WHERE held.holder = excluded.holder OR held.until < %(wall)s
        RETURNING fence
        """,
        {"name": name, "holder": holder, "until": moment + span, "wall": moment},
    ).fetchone()
    return Lease(name, holder, row[0]) if row else None


def confirm(conn: Connection, lease: Lease) -> None:
    """Lock the lease's row for this transaction and raise LeaseLost unless it is still ours."""
    row = conn.execute(
        "SELECT holder = %(holder)s AND fence = %(fence)s FROM lease WHERE name = %(name)s FOR UPDATE",
        {"name": lease.name, "holder": lease.holder, "fence": lease.fence},
    ).fetchone()
    if row is None or not row[0]:
        raise LeaseLost(lease.name)


def release(conn: Connection, lease: Lease) -> None:
    """Give the lease back at once (a clean stop)."""
    conn.execute(
        "UPDATE lease SET until = %(past)s WHERE name = %(name)s AND holder = %(holder)s AND fence = %(fence)s",
        {"past": clock.wall() - timedelta(seconds=1), "name": lease.name, "holder": lease.holder, "fence": lease.fence},
    )
