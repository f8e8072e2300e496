"""An import as people see and steer it: looked at, mapped, started, cancelled. `taking_in` does the work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec
import orjson
from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from headwater.audience import consent, lists
from headwater.audience.imports import mapping as columns_of
from headwater.audience.imports.mapping import Column, MappingError

State = Literal["draft", "running", "done", "cancelled", "failed"]
Existing = Literal["update", "skip"]
PREVIEW_ROWS = 20


class ImportRefused(ValueError):
    """An import that can't be set up like this; `field` says what to change."""

    def __init__(self, field: str | None, message: str) -> None:
        super().__init__(message)
        self.field = field


class WrongState(Exception):
    """This can't be done with an import in its state; the message says why."""


@dataclass(frozen=True)
class Import:
    """A file of people, and how far it is."""

    id: int
    name: str
    state: State
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    bytes: int
    encoding: str
    delimiter: str
    header: bool
    columns: list[str]
    mapping: list[dict[str, Any]]
    list_id: int | None
    list_name: str | None
    starts_flows: bool
    consent_source: str | None
    consented_at: datetime | None
    existing: Existing
    total: int
    """Rows of the file. Of those that are through, each is one of the next five."""
    made: int
    changed: int
    same: int
    skipped: int
    refused: int
    noted: int
    """Rows taken in without a part of what they say."""
    subscribed: int
    kept_out: int
    """People whom the import did not subscribe because they unsubscribed or are suppressed."""
    joined: int
    error: str | None

    @property
    def done(self) -> int:
        """Rows that are through."""
        return self.made + self.changed + self.same + self.skipped + self.refused

    @property
    def read_mapping(self) -> list[Column]:
        return msgspec.convert(self.mapping, list[Column])


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a file is to be taken in."""

    mapping: Sequence[Column]
    list_id: int | None = None
    starts_flows: bool = False
    """Joining the list starts the flows that begin with it, as if people had joined just now."""
    consent_source: str | None = None
    """They have consented to email: how. None: consent stays as it is."""
    consented_at: datetime | None = None
    existing: Existing = "update"
    """skip: rows about people who are known already are passed over."""


# ── looking ─────────────────────────────────────────────────────────────────────────────────────────────────────────
_SELECT = """
    SELECT i.id, i.name, i.state, i.created_at, i.started_at, i.finished_at, i.bytes, i.encoding, i.delimiter,
           i.header, i.columns, i.mapping, i.list_id, l.name AS list_name, i.starts_flows, i.consent_source,
           i.consented_at, i.existing, i.total, i.made, i.changed, i.same, i.skipped, i.refused, i.noted,
           i.subscribed, i.kept_out, i.joined, i.error
    FROM profile_import i
    LEFT JOIN list l
      ON l.workspace_id = i.workspace_id
     AND l.id = i.list_id
    WHERE i.workspace_id = %(workspace)s
"""


def get(conn: Connection, workspace_id: int, import_id: int) -> Import | None:
    """An import."""
    with conn.cursor(row_factory=class_row(Import)) as cursor:
        # Primary key.
        return cursor.execute(_SELECT + " AND i.id = %(id)s", {"workspace": workspace_id, "id": import_id}).fetchone()


def page(conn: Connection, workspace_id: int, *, before: int | None = None, limit: int = 100) -> list[Import]:
    """Imports, the newest first, from before the given id."""
    with conn.cursor(row_factory=class_row(Import)) as cursor:
        # Primary key, backwards.
        return cursor.execute(
            _SELECT
            + """
              AND (%(before)s::bigint IS NULL OR i.id < %(before)s)
            ORDER BY i.id DESC
            LIMIT %(limit)s
            """,
            {"workspace": workspace_id, "before": before, "limit": limit},
        ).fetchall()


def preview(conn: Connection, workspace_id: int, import_id: int) -> list[list[str]]:
    """The cells of the first rows, while the file is kept."""
    # Primary key.
    row = conn.execute(
        """
        SELECT rows
        FROM profile_import_part
        WHERE workspace_id = %(workspace)s
          AND import_id = %(id)s
          AND number = 1
        """,
        {"workspace": workspace_id, "id": import_id},
    ).fetchone()
    if row is None:
        return []
    return [orjson.loads(line)[1] for line in bytes(row[0]).split(b"\n", PREVIEW_ROWS)[:PREVIEW_ROWS]]


def errors(
    conn: Connection, workspace_id: int, import_id: int, after: int = 0, limit: int = 1000
) -> list[tuple[int, bool, str, list[str]]]:
    """(row, refused, reason, cells) of the rows with problems, in order, from after the given row."""
    # Primary key.
    return conn.execute(
        """
        SELECT row, refused, reason, cells
        FROM profile_import_error
        WHERE workspace_id = %(workspace)s
          AND import_id = %(id)s
          AND row > %(after)s
        ORDER BY row
        LIMIT %(limit)s
        """,
        {"workspace": workspace_id, "id": import_id, "after": after, "limit": limit},
    ).fetchall()


# ── steering ────────────────────────────────────────────────────────────────────────────────────────────────────────
def arrange(conn: Connection, workspace_id: int, import_id: int, wanted: Wanted, now: datetime) -> None:
    """Say how a file is to be taken in, before it is started. Raises LookupError, WrongState, ImportRefused."""
    found = _held(conn, workspace_id, import_id)
    if found.state != "draft":
        raise WrongState("This import has been started; upload the file again to take it in otherwise.")
    _check(conn, workspace_id, found, wanted, now)
    conn.execute(
        """
        UPDATE profile_import
        SET mapping = %(mapping)s,
            list_id = %(list)s,
            starts_flows = %(starts_flows)s,
            consent_source = %(source)s,
            consented_at = %(consented_at)s,
            existing = %(existing)s
        WHERE workspace_id = %(workspace)s
          AND id = %(id)s
        """,
        {
            "workspace": workspace_id,
            "id": import_id,
            "mapping": Jsonb(msgspec.to_builtins(list(wanted.mapping))),
            "list": wanted.list_id,
            "starts_flows": wanted.starts_flows,
            "source": wanted.consent_source and wanted.consent_source.strip(),
            "consented_at": wanted.consented_at,
            "existing": wanted.existing,
        },
    )


def _check(conn: Connection, workspace_id: int, found: Import, wanted: Wanted, now: datetime) -> None:
    try:
        columns_of.check(wanted.mapping, found.columns)
    except MappingError as error:
        raise ImportRefused(error.field, str(error)) from None
    if (wanted.consent_source is None) is not (wanted.consented_at is None):
        raise ImportRefused("consent", "Consent needs both: how people gave it, and when.")
    if wanted.consent_source is not None and not wanted.consent_source.strip():
        raise ImportRefused("consent.source", "Say how these people consented: this is the proof that is kept.")
    if wanted.consented_at is not None and not consent.EARLIEST <= wanted.consented_at <= now:
        raise ImportRefused("consent.at", "The time of consent lies between 1990-01-01 and now.")
    if wanted.list_id is None:
        if wanted.starts_flows:
            raise ImportRefused("starts_flows", "Flows start by joining a list: choose one.")
        return
    opt_in = lists.opt_in(conn, workspace_id, wanted.list_id)
    if opt_in is None:
        raise ImportRefused("list_id", f"There is no list {wanted.list_id}.")
    if opt_in == "double" and wanted.consented_at is None:
        raise ImportRefused(
            "list_id", "This list has double opt-in: say how and when these people consented, or choose another list."
        )


def start(conn: Connection, workspace_id: int, import_id: int, now: datetime) -> None:
    """Have it taken in. Raises LookupError, WrongState, ImportRefused."""
    found = _held(conn, workspace_id, import_id)
    if found.state != "draft":
        raise WrongState("This import has been started before.")
    kept = Wanted(
        found.read_mapping, found.list_id, found.starts_flows, found.consent_source, found.consented_at, found.existing
    )
    _check(conn, workspace_id, found, kept, now)
    _move(conn, workspace_id, import_id, "running", now)


def cancel(conn: Connection, workspace_id: int, import_id: int, now: datetime) -> None:
    """Take no more of it in; what is in stays. Raises LookupError, WrongState."""
    found = _held(conn, workspace_id, import_id)
    if found.state not in ("draft", "running"):
        raise WrongState(f"This import is {found.state} already.")
    _move(conn, workspace_id, import_id, "cancelled", now)


def _held(conn: Connection, workspace_id: int, import_id: int) -> Import:
    """The import, locked: waits for a part that is just being taken in. Primary key."""
    conn.execute("SELECT FROM profile_import WHERE workspace_id = %s AND id = %s FOR UPDATE", (workspace_id, import_id))
    found = get(conn, workspace_id, import_id)
    if found is None:
        raise LookupError(f"There is no import {import_id}.")
    return found


def _move(conn: Connection, workspace_id: int, import_id: int, state: State, now: datetime) -> None:
    conn.execute(
        """
        UPDATE profile_import
        SET state = %(state)s,
            started_at = CASE WHEN %(state)s = 'running' THEN %(now)s ELSE started_at END,
            finished_at = CASE WHEN %(state)s = 'running' THEN NULL ELSE %(now)s END
        WHERE workspace_id = %(workspace)s
          AND id = %(id)s
        """,
        {"workspace": workspace_id, "id": import_id, "state": state, "now": now},
    )
