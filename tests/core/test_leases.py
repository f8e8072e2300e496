"""A lease has one holder, and a late holder cannot act on it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from psycopg import Connection

from headwater.core import leases


def test_a_late_holder_is_fenced_off(conn: Connection) -> None:
    first = leases.acquire(conn, "work", "worker-1", timedelta(seconds=-1))
    assert first is not None
    second = leases.acquire(conn, "work", "worker-2", timedelta(seconds=60))
    assert second is not None
    assert second.fence > first.fence
    assert leases.acquire(conn, "work", "worker-1", timedelta(seconds=60)) is None
    leases.confirm(conn, second)
    with pytest.raises(leases.LeaseLost):
        leases.confirm(conn, first)


def test_renewing_keeps_the_fence(conn: Connection) -> None:
    first = leases.acquire(conn, "renewed", "worker-1", timedelta(seconds=60))
    again = leases.acquire(conn, "renewed", "worker-1", timedelta(seconds=60))
    assert first == again
