"""One clock for the instance, which tests and demos move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from psycopg import Connection

from headwater.core import clock


def test_set_then_advance(conn: Connection) -> None:
    start = datetime(2018, 1, 1, tzinfo=UTC)
    clock.move(conn, to=start, at_speed=0)
    clock.move(conn, by=timedelta(days=2))
    assert clock.now(conn) == start + timedelta(days=2)
    conn.rollback()


def test_the_clock_never_advances_backwards(conn: Connection) -> None:
    with pytest.raises(ValueError, match="only advances"):
        clock.move(conn, by=timedelta(seconds=-1))
