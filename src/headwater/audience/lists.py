"""Lists and who is on them. Being added is a fact that can start flows (`on_join`), except in a historical import.

People join through `joining`, which asks them to confirm where the list wants double opt-in; `add` asks nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import psycopg
from psycopg import Connection
from psycopg.rows import class_row

from headwater.audience.listeners import listeners

OptIn = Literal["single", "double"]

Joined = Callable[[Connection, int, int, Sequence[int], datetime], None]
"""(conn, workspace_id, list_id, profile_ids, now)"""

_joined: list[Joined] = []


def on_join(listener: Joined) -> None:
    """Have `listener` called, in the same transaction, with those who newly joined a list."""
    if listener not in _joined:
        _joined.append(listener)


class ListError(Exception):
    """A list cannot be made or changed as asked; the message says why."""


@dataclass(frozen=True, slots=True)
class List:
    id: int
    name: str
    opt_in: OptIn
    created_at: datetime
    members: int
    pending: int
    """Those who asked to join and have not confirmed yet."""


def create(conn: Connection, workspace_id: int, name: str, now: datetime, opt_in: OptIn = "single") -> int:
    """Make a list; answers its id. Raises ListError if the name is empty or taken."""
    if not name.strip():
        raise ListError("A list needs a name.")
    try:
        with conn.transaction():
            row = conn.execute(
                "INSERT INTO list (workspace_id, name, opt_in, created_at) VALUES (%s, %s, %s, %s) RETURNING id",
                (workspace_id, name.strip(), opt_in, now),
            ).fetchone()
    except psycopg.errors.UniqueViolation:
        raise ListError(f"There is a list named {name.strip()!r} already.") from None
    assert row is not None
    return int(row[0])


def find(conn: Connection, workspace_id: int, name: str) -> int | None:
    """The id of the list of this name (case does not count), or None."""
    row = conn.execute(
        "SELECT id FROM list WHERE workspace_id = %s AND lower(name) = lower(%s) AND archived_at IS NULL",
        (workspace_id, name.strip()),
    ).fetchone()
    return row[0] if row else None


def rename(conn: Connection, workspace_id: int, list_id: int, name: str, now: datetime) -> bool:
    """False if there is no such list. Raises ListError if the name is empty or taken."""
    if not name.strip():
        raise ListError("A list needs a name.")
    try:
        with conn.transaction():
            done = conn.execute(
                "UPDATE list SET name = %s WHERE workspace_id = %s AND id = %s AND archived_at IS NULL",
                (name.strip(), workspace_id, list_id),
            )
    except psycopg.errors.UniqueViolation:
        raise ListError(f"There is a list named {name.strip()!r} already.") from None
    return done.rowcount == 1 and _changed(conn, workspace_id, now)


def set_opt_in(conn: Connection, workspace_id: int, list_id: int, wanted: OptIn) -> bool:
    """Have later joins confirmed, or not. False if there is no such list.

    Who is on the list stays, and who has been asked can still confirm.
    """
    done = conn.execute(
        "UPDATE list SET opt_in = %s WHERE workspace_id = %s AND id = %s AND archived_at IS NULL",
        (wanted, workspace_id, list_id),
    )
    return done.rowcount == 1


def archive(conn: Connection, workspace_id: int, list_id: int, now: datetime) -> bool:
    """Take a list out of use; its members stay recorded. False if there is no such list."""
    done = conn.execute(
        "UPDATE list SET archived_at = %s WHERE workspace_id = %s AND id = %s AND archived_at IS NULL",
        (now, workspace_id, list_id),
    )
    return done.rowcount == 1 and _changed(conn, workspace_id, now)


def _changed(conn: Connection, workspace_id: int, now: datetime) -> bool:
    for listener in listeners:
        listener.on_lists(conn, workspace_id, now)
    return True


# Lists with their sizes, for people looking at them. Indexes: the primary keys' first columns.
_SELECT = """
SELECT list.id, list.name, list.opt_in, list.created_at, (
           SELECT count(*)
           FROM list_member
           WHERE list_member.workspace_id = list.workspace_id
             AND list_member.list_id = list.id
       ) AS members, (
           SELECT count(*)
           FROM list_pending
           WHERE list_pending.workspace_id = list.workspace_id
             AND list_pending.list_id = list.id
       ) AS pending
FROM list
WHERE workspace_id = %(workspace)s
  AND archived_at IS NULL
"""


def all_lists(conn: Connection, workspace_id: int) -> list[List]:
    """The lists in use, with their sizes, by name."""
    with conn.cursor(row_factory=class_row(List)) as cursor:
        return cursor.execute(_SELECT + " ORDER BY lower(name)", {"workspace": workspace_id}).fetchall()


def get(conn: Connection, workspace_id: int, list_id: int) -> List | None:
    """A list in use, with its size."""
    with conn.cursor(row_factory=class_row(List)) as cursor:
        return cursor.execute(_SELECT + " AND id = %(list)s", {"workspace": workspace_id, "list": list_id}).fetchone()


def opt_in(conn: Connection, workspace_id: int, list_id: int) -> OptIn | None:
    """How people join this list, in use; None if there is none."""
    row = conn.execute(
        "SELECT opt_in FROM list WHERE workspace_id = %s AND id = %s AND archived_at IS NULL", (workspace_id, list_id)
    ).fetchone()
    return row[0] if row else None


def exists(conn: Connection, workspace_id: int, list_id: int) -> bool:
    """There is such a list, in use."""
    return opt_in(conn, workspace_id, list_id) is not None


def add(
    conn: Connection,
    workspace_id: int,
    list_id: int,
    profile_ids: Sequence[int],
    now: datetime,
    method: str,
    historical: bool = False,
    at: datetime | None = None,
) -> list[int]:
    """Add profiles, whatever the list's opt-in; answers those who were not on it before. Unknown ids are passed over.

    Asks nobody and leaves consent alone: for flows, and for people who have confirmed.
    `historical`: an import of people who joined long ago, at `at`; it starts no flow.
    """
    rows = conn.execute(
        """
        INSERT INTO list_member (workspace_id, list_id, profile_id, added_at, method)
        SELECT profile.workspace_id, list.id, profile.id, %(at)s, %(method)s
        FROM profile
        JOIN list
          ON list.workspace_id = profile.workspace_id
         AND list.id = %(list)s
         AND list.archived_at IS NULL
        WHERE profile.workspace_id = %(workspace)s
          AND profile.id = ANY(%(ids)s)
        ON CONFLICT DO NOTHING
        RETURNING profile_id
        """,
        {"workspace": workspace_id, "list": list_id, "ids": list(profile_ids), "at": at or now, "method": method},
    ).fetchall()
    fresh = [row[0] for row in rows]
    _tell(conn, workspace_id, list_id, fresh)
    if fresh and not historical:
        for listener in _joined:
            listener(conn, workspace_id, list_id, fresh, now)
    return fresh


def remove(conn: Connection, workspace_id: int, list_id: int, profile_ids: Sequence[int]) -> int:
    """Take profiles off the list, and what they asked of it away; answers how many were on it."""
    forget_pending(conn, workspace_id, list_id, profile_ids)
    gone = conn.execute(
        "DELETE FROM list_member WHERE workspace_id = %s AND list_id = %s AND profile_id = ANY(%s)"
        " RETURNING profile_id",
        (workspace_id, list_id, list(profile_ids)),
    ).fetchall()
    _tell(conn, workspace_id, list_id, [row[0] for row in gone])
    return len(gone)


def forget_pending(conn: Connection, workspace_id: int, list_id: int, profile_ids: Sequence[int]) -> None:
    """These people no longer wait to confirm that they want this list: a link that they were sent does nothing."""
    conn.execute(
        "DELETE FROM list_pending WHERE workspace_id = %s AND list_id = %s AND profile_id = ANY(%s)",
        (workspace_id, list_id, list(profile_ids)),
    )


def _tell(conn: Connection, workspace_id: int, list_id: int, profile_ids: Sequence[int]) -> None:
    if profile_ids:
        for listener in listeners:
            listener.on_list(conn, workspace_id, list_id, profile_ids)


def members(
    conn: Connection, workspace_id: int, list_id: int, after: int = 0, limit: int = 100
) -> list[tuple[int, datetime]]:
    """(profile id, joined at) in the order of profile ids, after a given one."""
    return conn.execute(
        """
        SELECT profile_id, added_at
        FROM list_member
        WHERE workspace_id = %s
          AND list_id = %s
          AND profile_id > %s
        ORDER BY profile_id
        LIMIT %s
        """,
        (workspace_id, list_id, after, limit),
    ).fetchall()


@dataclass(frozen=True, slots=True)
class Membership:
    """A list that a person is on."""

    list_id: int
    name: str
    added_at: datetime
    method: str


def memberships(conn: Connection, workspace_id: int, profile_id: int) -> list[Membership]:
    """The lists in use that a person is on, in the order of joining."""
    # For people looking at one profile. Index: list_member_profile.
    rows = conn.execute(
        """
        SELECT list.id, list.name, list_member.added_at, list_member.method
        FROM list_member
        JOIN list
          ON list.workspace_id = list_member.workspace_id
         AND list.id = list_member.list_id
         AND list.archived_at IS NULL
        WHERE list_member.workspace_id = %(workspace)s
          AND list_member.profile_id = %(profile)s
        ORDER BY list_member.added_at, list.id
        """,
        {"workspace": workspace_id, "profile": profile_id},
    ).fetchall()
    return [Membership(*row) for row in rows]


def of_profile(conn: Connection, workspace_id: int, profile_id: int) -> list[tuple[str, datetime, str]]:
    """The same, told: (name, joined at, method)."""
    return [(one.name, one.added_at, one.method) for one in memberships(conn, workspace_id, profile_id)]
