"""The inbox: what is acknowledged and not yet processed. Rule 1 lives here: answered means committed.

An item is one canonical JSON object in bytes, made by `item()`. A row holds many items, one a line (JSON has no raw
line ends), and `Writer` gathers what concurrent requests bring within a few milliseconds into one row and one commit.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import orjson
import psycopg
from psycopg import AsyncConnection, Connection

from headwater.core import clock, database, settings

Kind = Literal["track", "identify", "alias", "group"]


def item(
    *,
    type: Kind,
    id: str,
    ts: datetime,
    user: Mapping[str, Any],
    metric: str | None = None,
    properties: Mapping[str, Any] | None = None,
    value: float | None = None,
    traits: Mapping[str, Any] | None = None,
    previous: Mapping[str, Any] | None = None,
    history: bool = False,
    public: bool = False,
    once: bool = False,
) -> bytes:
    """One canonical item.

    `user` and `previous` name a profile by external_id, email, phone, anonymous_id, profile_id. `public`: it came with
    a write key, so it must not change identifiers that exist. `history`: it fills the past and triggers nothing.
    `once`: a transaction of ours puts it here, so it cannot come twice.
    """
    return orjson.dumps(
        {
            "type": type,
            "id": id,
            "ts": ts,
            "user": user,
            "metric": metric,
            "properties": properties or {},
            "value": value,
            "traits": traits or {},
            "previous": previous,
            "history": history,
            "public": public,
            "once": once,
        },
        default=str,
    )


CHANNEL = "inbox"
"""Where the `Writer` says that it put something in."""

_INSERT = "INSERT INTO inbox (workspace_id, received_at, count, items) VALUES (%s, %s, %s, %b)"


def put(conn: Connection, workspace_id: int, items: Sequence[bytes], received_at: datetime) -> None:
    """Add items in the caller's transaction, to be processed after it commits."""
    if items:
        conn.execute(_INSERT, (workspace_id, received_at, len(items), b"\n".join(items)))


@dataclass(frozen=True, slots=True)
class Row:
    """What one group commit brought for one workspace."""

    id: int
    received_at: datetime
    items: list[bytes]


def read(conn: Connection, workspace_id: int, limit_items: int) -> list[Row]:
    """The oldest rows, in order, until they hold `limit_items`; always whole rows, at least one if there is any."""
    # For the workspace's one processor. Index: primary key.
    rows = conn.execute(
        """
        SELECT id, received_at, items
        FROM (
            SELECT id, received_at, items, sum(count) OVER (ORDER BY id) - count AS before
            FROM (
                SELECT id, received_at, items, count
                FROM inbox
                WHERE workspace_id = %(workspace)s
                ORDER BY id
                LIMIT 400
            ) AS oldest
        ) AS counted
        WHERE before < %(limit)s
        ORDER BY id
        """,
        {"workspace": workspace_id, "limit": limit_items},
        binary=True,
    ).fetchall()
    return [Row(row[0], row[1], bytes(row[2]).split(b"\n")) for row in rows]


def remove(conn: Connection, workspace_id: int, rows: Sequence[Row]) -> None:
    """Take processed rows out, in the transaction that holds their effects."""
    conn.execute("DELETE FROM inbox WHERE workspace_id = %s AND id = ANY(%s)", (workspace_id, [row.id for row in rows]))


def set_aside(
    conn: Connection, workspace_id: int, received_at: datetime, failed: Sequence[tuple[bytes, str]], now: datetime
) -> None:
    """Keep items that could not be processed, with the reason: nothing acknowledged is lost."""
    if failed:
        conn.execute(
            """
            INSERT INTO inbox_failure (workspace_id, received_at, failed_at, item, error)
            SELECT %(workspace)s, %(received)s, %(now)s, item, error
            FROM unnest(%(items)s::bytea[], %(errors)s::text[]) AS failed (item, error)
            """,
            {
                "workspace": workspace_id,
                "received": received_at,
                "now": now,
                "items": [item for item, _ in failed],
                "errors": [error[:2000] for _, error in failed],
            },
        )


def workspaces_with_work(conn: Connection) -> list[int]:
    """The workspaces whose inbox is not empty: one index probe each."""
    rows = conn.execute(
        """
        SELECT workspace.id
        FROM workspace
        WHERE EXISTS (
            SELECT FROM inbox
            WHERE workspace_id = workspace.id
        )
        ORDER BY workspace.id
        """
    ).fetchall()
    return [row[0] for row in rows]


async def instance_time() -> datetime:
    """The instance's time, read without blocking the event loop."""
    if settings.current().clock == "real":
        return clock.wall()
    return await asyncio.to_thread(clock.now)


@dataclass(slots=True, eq=False)
class _Waiting:
    """A request whose items wait for their commit."""

    workspace_id: int
    items: Sequence[bytes]
    size: int
    done: asyncio.Future[None]


class Writer:
    """Group commit: concurrent `put`s share one transaction. One per event loop.

    While a commit is under way the next group gathers, so a lone request waits for nothing and a flood shares the
    flush to disk. Raises one of `database.Unavailable` when the database is away, or so slow that too much waits:
    nothing was acknowledged then.
    """

    GATHER_SECONDS = 0.002
    TIMEOUT_SECONDS = 10.0
    GROUP_BYTES = 4 * 1024 * 1024
    """A commit takes requests until it has this much: rows stay of a size that one turn of the processor can take."""
    MOST_WAITING_BYTES = 64 * 1024 * 1024

    def __init__(self) -> None:
        self._waiting: deque[_Waiting] = deque()
        self._waiting_bytes = 0
        self._task: asyncio.Task[None] | None = None
        self._conn: AsyncConnection | None = None

    async def put(self, workspace_id: int, items: Sequence[bytes]) -> None:
        """Returns once the items are committed."""
        if self._waiting_bytes > self.MOST_WAITING_BYTES:
            raise psycopg.OperationalError("Too much waits for the database already.")
        one = _Waiting(workspace_id, items, sum(map(len, items)), asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        self._waiting_bytes += one.size
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())
        await one.done

    async def _drain(self) -> None:
        while self._waiting:
            await asyncio.sleep(self.GATHER_SECONDS if len(self._waiting) > 1 else 0)
            group = self._next_group()
            try:
                await asyncio.wait_for(self._commit(group), self.TIMEOUT_SECONDS)
            except Exception as error:  # whatever went wrong, the waiting requests must hear of it
                await self._forget_connection()
                failure = error if isinstance(error, database.Unavailable) else psycopg.OperationalError(str(error))
                for one in group:
                    if not one.done.done():
                        one.done.set_exception(failure)
            else:
                for one in group:
                    if not one.done.done():
                        one.done.set_result(None)
                await self._wake()

    async def _wake(self) -> None:
        """Have the processors look. Apart from the commit: a notice within it would make all commits wait in line.

        If it fails they find out by themselves, half a second later.
        """
        with contextlib.suppress(*database.Unavailable):
            if self._conn is not None and not self._conn.closed:
                await self._conn.execute(f"NOTIFY {CHANNEL}")

    def _next_group(self) -> list[_Waiting]:
        group: list[_Waiting] = []
        size = 0
        while self._waiting and (not group or size + self._waiting[0].size <= self.GROUP_BYTES):
            group.append(self._waiting.popleft())
            size += group[-1].size
        self._waiting_bytes -= size
        return group

    async def _commit(self, group: list[_Waiting]) -> None:
        conn = await self._connection()
        by_workspace: dict[int, list[bytes]] = {}
        for one in group:
            by_workspace.setdefault(one.workspace_id, []).extend(one.items)
        received_at = await instance_time()
        rows = [(w, received_at, len(items), b"\n".join(items)) for w, items in by_workspace.items()]
        if len(rows) == 1:
            await conn.execute(_INSERT, rows[0])  # autocommit: one round trip
        else:
            async with conn.transaction():
                await conn.cursor().executemany(_INSERT, rows)

    async def _connection(self) -> AsyncConnection:
        if self._conn is None or self._conn.closed:
            self._conn = await AsyncConnection.connect(database.url(), autocommit=True, options=database.OPTIONS)
            self._conn.prepare_threshold = 2
        return self._conn

    async def _forget_connection(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            await conn.close()

    async def close(self) -> None:
        """Wait for what is under way, then close the connection."""
        if self._task is not None:
            await self._task
        await self._forget_connection()


def failures_since(conn: Connection, workspace_id: int, since: datetime) -> int:
    """How many items were set aside since then because they could not be processed."""
    # For what needs attention. Primary key's first column: a table that is empty while all is well.
    row = conn.execute(
        """
        SELECT count(*)
        FROM inbox_failure
        WHERE workspace_id = %(workspace)s
          AND failed_at >= %(since)s
        """,
        {"workspace": workspace_id, "since": since},
    ).fetchone()
    assert row is not None
    return int(row[0])
