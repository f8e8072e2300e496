"""A database connection for a loop that must outlive the database: reopened when the server is back.

Each call is one transaction. Used from one thread at a time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TypeVar

from psycopg import Connection

from headwater.core import database

T = TypeVar("T")


class Session:
    def __init__(self, connect: Callable[[], Connection] = database.connect) -> None:
        self._connect = connect
        self._conn: Connection | None = None
        self.reopened = 0
        """How many connections were opened; a change says that the server was away."""

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Run `work` and commit. Raises what it raised, after rolling back; database.Unavailable: try again later."""
        if self._conn is None or self._conn.closed:
            self._conn = self._connect()
            self.reopened += 1
        try:
            result = work(self._conn)
            self._conn.commit()
        except BaseException:
            self._recover()
            raise
        return result

    def _recover(self) -> None:
        assert self._conn is not None
        try:
            self._conn.rollback()
        except database.Unavailable:
            self.close()

    def close(self) -> None:
        if self._conn is not None:
            with contextlib.suppress(*database.Unavailable):
                self._conn.close()
            self._conn = None
