"""Builders for the tests of imports: files, and the role at work."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime

from psycopg import Connection

from headwater.audience.imports import jobs, taking_in, uploads
from headwater.audience.imports.jobs import Import, Wanted
from headwater.audience.imports.mapping import Column

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EMAIL, FIRST_NAME, SKIP = Column("email"), Column("first_name"), Column("skip")


def uploaded(conn: Connection, workspace: int, content: str | bytes, **told: str) -> Import:
    """A file that has been read and stored."""
    data = content.encode() if isinstance(content, str) else content
    made = uploads.store(conn, workspace, "people.csv", io.BytesIO(data), len(data), NOW, **told)
    return now(conn, workspace, made)


def now(conn: Connection, workspace: int, import_id: int) -> Import:
    found = jobs.get(conn, workspace, import_id)
    assert found is not None
    return found


def started(
    conn: Connection, workspace: int, content: str | bytes, mapping: Sequence[Column] | None = None, **how: object
) -> Import:
    """A file that is to be taken in, by this mapping or the proposed one; committed."""
    found = uploaded(conn, workspace, content)
    wanted = Wanted(found.read_mapping if mapping is None else mapping, **how)  # type: ignore[arg-type]
    jobs.arrange(conn, workspace, found.id, wanted, NOW)
    jobs.start(conn, workspace, found.id, NOW)
    conn.commit()
    return found


def work(conn: Connection, workspace: int, at: datetime = NOW) -> None:
    """The role, until there is nothing to do."""
    while taking_in.turn(conn, workspace, at):
        conn.commit()
    conn.commit()


def imported(conn: Connection, workspace: int, content: str | bytes, *columns: Column, **how: object) -> Import:
    """A file taken in."""
    found = started(conn, workspace, content, columns or None, **how)
    work(conn, workspace)
    return now(conn, workspace, found.id)
