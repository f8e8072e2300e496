"""The database: connections and transactions through psycopg. SQL itself stands beside the module that uses it.

A function that reads or writes takes an open `Connection` first and never commits: its caller, a thin shell,
owns the transaction. `transaction()` is that shell's tool.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import orjson
import psycopg
from psycopg import Connection
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import ConnectionPool

from headwater.core import settings

set_json_dumps(orjson.dumps)
set_json_loads(orjson.loads)

Unavailable = (psycopg.OperationalError, psycopg.InterfaceError)
"""What psycopg raises when the server is away: the caller waits and tries again."""
Conflict = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
"""Another transaction was in the way, and this one gave way: the caller tries again at once."""


OPTIONS = "-c timezone=UTC -c jit=off"
"""What every session of ours starts with."""


def url() -> str:
    """The connection string of this instance: DATABASE_URL, or the embedded server's socket."""
    current = settings.current()
    if current.database_url:
        return current.database_url
    from headwater.core import postgres

    return postgres.url(current.data_dir)


def connect(conninfo: str | None = None, *, autocommit: bool = False) -> Connection:
    """A new connection in UTC. Long-lived loops keep one; everything else uses `transaction()`."""
    connection = psycopg.connect(conninfo or url(), autocommit=autocommit, options=OPTIONS)
    connection.prepare_threshold = 2
    return connection


@lru_cache(maxsize=1)
def pool() -> ConnectionPool:
    """This process's pool, opened on first use."""
    return ConnectionPool(
        url(),
        min_size=1,
        max_size=16,
        kwargs={"options": OPTIONS, "prepare_threshold": 2},
        check=ConnectionPool.check_connection,
        timeout=10,
        open=True,
    )


@contextmanager
def transaction() -> Iterator[Connection]:
    """One transaction on a pooled connection: commits at the end, rolls back on an exception."""
    with pool().connection() as connection:
        yield connection
