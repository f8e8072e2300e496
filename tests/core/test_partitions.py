"""Monthly partitions: there before rows arrive, whatever was rolled back before."""

from __future__ import annotations

from datetime import UTC, datetime

from psycopg import Connection

from headwater.core import partitions

MONTH = datetime(2011, 12, 31, 23, 59, tzinfo=UTC)


def _exists(conn: Connection, name: str) -> bool:
    return conn.execute("SELECT to_regclass(%s) IS NOT NULL", (name,)).fetchone() == (True,)


def test_a_partition_lost_in_a_rollback_is_made_again(conn: Connection, workspace: int) -> None:
    with conn.transaction(force_rollback=True):
        partitions.ensure(conn, "event", [MONTH])
        partitions.ensure(conn, "event", [MONTH])  # sees its own, uncommitted
    assert not _exists(conn, "event_y2011m12")

    with conn.transaction(force_rollback=True):
        partitions.ensure(conn, "event", [MONTH, datetime(2012, 1, 1, tzinfo=UTC)])

        assert _exists(conn, "event_y2011m12")
        assert _exists(conn, "event_y2012m01")
