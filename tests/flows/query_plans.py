"""What PostgreSQL would do for a statement of ours, given tables as large as they get."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import Connection


class _Explaining(psycopg.Cursor[Any]):
    plan = ""

    def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
        told = psycopg.Cursor(self.connection).execute("EXPLAIN " + str(query), params, **more)
        _Explaining.plan = "\n".join(str(row[0]) for row in told)
        raise _Told


class _Told(Exception):
    pass


def plan(conn: Connection, call: Callable[[], Any]) -> str:
    """The plan of the first statement that a call would execute; it is not executed."""
    conn.cursor_factory, before = _Explaining, conn.cursor_factory
    try:
        with suppress(_Told):
            call()
    finally:
        conn.cursor_factory = before
    return _Explaining.plan
