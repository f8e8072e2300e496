"""A segment as a CSV file: asked for, made in the background by a role of the worker, kept for a week.

The role writes it in parts of bounded size. A part, and how far the export is, are one transaction, so a worker that is
killed loses at most the part in hand and doubles nobody. Each part is of the membership that stands when it is
written: who enters or leaves meanwhile is in the file or not, by the order of profile ids.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from psycopg import Connection
from psycopg.rows import class_row

from headwater.segments import saved
from headwater.segments.saved import SegmentError

PART_ROWS = 20_000
PART_CHARACTERS = 16_000_000
"""A part ends early with the row that passes this: properties can be long."""
MAX_COLUMNS = 100
KEPT = timedelta(days=7)
"""How long a finished export can be fetched; instance clock."""
PARTS_CLEARED_A_TURN = 50

DEFAULT = (
    "id", "external_id", "email", "phone", "first_name", "last_name", "country", "consent", "entered_at",
)  # fmt: skip
_PROPERTY = "properties."
_LONGEST_NAME = 200


class NotBuilt(SegmentError):
    """The segment's membership has not been stored yet."""


class NotKept(LookupError):
    """This part of an export is not there, or not any more."""


@dataclass(frozen=True)
class Export:
    id: int
    segment_id: int
    segment: str
    """Its name."""
    state: str
    """running, done, failed or expired."""
    created_at: datetime
    finished_at: datetime | None
    columns: list[str]
    rows: int
    """Written so far,"""
    total: int
    """of about so many; of a finished one, exactly."""
    bytes: int
    parts: int
    error: str | None

    @property
    def expires_at(self) -> datetime | None:
        """When its content is removed; None unless it was finished."""
        return self.finished_at + KEPT if self.finished_at is not None and self.state in ("done", "expired") else None


# ── asking for one ──────────────────────────────────────────────────────────────────────────────────────────────────
def start(conn: Connection, workspace_id: int, segment_id: int, columns: Sequence[str] | None, now: datetime) -> Export:
    """Have a segment exported, with these columns or the usual ones.

    Raises SegmentError if there is no such segment or column, NotBuilt if its members are not stored yet.
    """
    wanted = checked(columns)
    segment = saved.get(conn, workspace_id, [segment_id]).get(segment_id)
    if segment is None or segment.archived_at is not None:
        raise SegmentError(None, f"There is no segment {segment_id}.")
    if segment.live_version is None:
        raise NotBuilt(None, f"The segment {segment.name} has not been built yet; export it once it has.")
    row = conn.execute(
        """
        INSERT INTO segment_export (workspace_id, segment_id, created_at, columns)
        VALUES (%(workspace)s, %(segment)s, %(now)s, %(columns)s)
        RETURNING id
        """,
        {"workspace": workspace_id, "segment": segment_id, "now": now, "columns": wanted},
    ).fetchone()
    assert row is not None
    found = get(conn, workspace_id, row[0])
    assert found is not None
    return found


def checked(columns: Sequence[str] | None) -> list[str]:
    """These columns, or the usual ones for None. Raises SegmentError for none, too many, unknown or doubled ones."""
    if columns is None:
        return list(DEFAULT)
    if not 1 <= len(columns) <= MAX_COLUMNS:
        raise SegmentError("columns", f"An export has 1 to {MAX_COLUMNS} columns.")
    for index, name in enumerate(columns):
        if name not in _FIELDS and not _is_property(name):
            raise SegmentError(
                "columns", f"There is no column {name!r}: name one of {', '.join(_FIELDS)}, or properties.<name>."
            )
        if name in columns[:index]:
            raise SegmentError("columns", f"The column {name} is named twice.")
    return list(columns)


def _is_property(name: str) -> bool:
    path = name.removeprefix(_PROPERTY)
    return path != name and all(path.split(".")) and "\x00" not in name and len(name) <= _LONGEST_NAME


# ── looking at them ─────────────────────────────────────────────────────────────────────────────────────────────────
_SELECT = """
    SELECT e.id, e.segment_id, s.name AS segment, e.state, e.created_at, e.finished_at, e.columns, e.rows,
           CASE WHEN e.state IN ('done', 'expired') THEN e.rows ELSE GREATEST(s.members, e.rows) END AS total,
           e.bytes, e.parts, e.error
    FROM segment_export e
    JOIN segment s ON s.workspace_id = e.workspace_id AND s.id = e.segment_id
    WHERE e.workspace_id = %(workspace)s
"""


def get(conn: Connection, workspace_id: int, export_id: int) -> Export | None:
    """An export, also of a segment that is archived by now."""
    with conn.cursor(row_factory=class_row(Export)) as cursor:
        # Primary keys.
        return cursor.execute(_SELECT + " AND e.id = %(id)s", {"workspace": workspace_id, "id": export_id}).fetchone()


def page(
    conn: Connection, workspace_id: int, *, segment_id: int | None = None, before: int | None = None, limit: int = 100
) -> list[Export]:
    """Exports, of one segment or of all, the newest first, from before the given id."""
    with conn.cursor(row_factory=class_row(Export)) as cursor:
        # Primary key, backwards; a workspace has few of them.
        return cursor.execute(
            _SELECT
            + """
              AND (%(segment)s::bigint IS NULL OR e.segment_id = %(segment)s)
              AND (%(before)s::bigint IS NULL OR e.id < %(before)s)
            ORDER BY e.id DESC
            LIMIT %(limit)s
            """,
            {"workspace": workspace_id, "segment": segment_id, "before": before, "limit": limit},
        ).fetchall()


def parts(conn: Connection, workspace_id: int, export_id: int) -> Iterator[bytes]:
    """The content, part by part; nothing if there is none. Holds `conn`: a download asks for each `part` on its own."""
    found = get(conn, workspace_id, export_id)
    for number in range(1, found.parts + 1 if found is not None else 1):
        yield part(conn, workspace_id, export_id, number)


def part(conn: Connection, workspace_id: int, export_id: int, number: int) -> bytes:
    """One of an export's parts, from 1 on. Raises NotKept."""
    # Primary key.
    row = conn.execute(
        """
        SELECT content
        FROM segment_export_part
        WHERE workspace_id = %(workspace)s
          AND export_id = %(export)s
          AND number = %(number)s
        """,
        {"workspace": workspace_id, "export": export_id, "number": number},
    ).fetchone()
    if row is None:
        raise NotKept(f"Part {number} of the export {export_id} is not kept any more.")
    return bytes(row[0])


def delete(conn: Connection, workspace_id: int, export_id: int) -> bool:
    """Remove an export with its content; one that is still running ends with that. False if there is no such export."""
    # Primary key; waits for a part that is just being written.
    done = conn.execute(
        "DELETE FROM segment_export WHERE workspace_id = %(workspace)s AND id = %(id)s",
        {"workspace": workspace_id, "id": export_id},
    )
    return done.rowcount > 0


# ── the role ────────────────────────────────────────────────────────────────────────────────────────────────────────
def workspaces_with_work(conn: Connection, now: datetime) -> list[int]:
    """Workspaces with exports that are running, or whose content is to be removed."""
    # Indexes segment_export_running and segment_export_kept: a few rows each.
    rows = conn.execute(
        """
        SELECT workspace_id
        FROM segment_export
        WHERE state = 'running'
        UNION
        SELECT workspace_id
        FROM segment_export
        WHERE state <> 'running'
          AND parts > 0
          AND (state <> 'done' OR finished_at <= %(old)s)
        """,
        {"old": now - KEPT},
    ).fetchall()
    return [row[0] for row in rows]


def turn(conn: Connection, workspace_id: int, now: datetime) -> int:
    """The next part of an export, or the removal of old content. 0: nothing to do, or someone else is at it."""
    return _continue(conn, workspace_id, now) or _clear(conn, workspace_id, now)


@dataclass(frozen=True, slots=True)
class _Running:
    """An export that this transaction holds."""

    id: int
    segment_id: int
    columns: list[str]
    after_profile: int
    parts: int


@dataclass(frozen=True, slots=True)
class _Part:
    content: bytes
    rows: int
    last: int
    """The id of the last member that it covers."""
    more: bool
    """There are members after that."""


def _continue(conn: Connection, workspace_id: int, now: datetime) -> int:
    export = _take(conn, workspace_id)
    if export is None:
        return 0
    written = _read(conn, workspace_id, export)
    # Asked after reading: members of a segment that is in use now were all there when they were read.
    if _archived(conn, workspace_id, export.segment_id):
        _fail(conn, workspace_id, export.id, "The segment was taken out of use before the export was finished.", now)
        return 1
    _store(conn, workspace_id, export, written, now)
    return max(written.rows, 1)


def _take(conn: Connection, workspace_id: int) -> _Running | None:
    with conn.cursor(row_factory=class_row(_Running)) as cursor:
        # The oldest that no other worker is at. Index segment_export_running.
        return cursor.execute(
            """
            SELECT id, segment_id, columns, after_profile, parts
            FROM segment_export
            WHERE workspace_id = %(workspace)s
              AND state = 'running'
            ORDER BY id
            LIMIT 1
            FOR UPDATE SKIP LOCKED
            """,
            {"workspace": workspace_id},
        ).fetchone()


def _archived(conn: Connection, workspace_id: int, segment_id: int) -> bool:
    row = conn.execute(
        "SELECT archived_at IS NOT NULL FROM segment WHERE workspace_id = %s AND id = %s", (workspace_id, segment_id)
    ).fetchone()
    return row is None or bool(row[0])


def _store(conn: Connection, workspace_id: int, export: _Running, written: _Part, now: datetime) -> None:
    conn.execute(
        """
        WITH part AS (
            INSERT INTO segment_export_part (workspace_id, export_id, number, content)
            VALUES (%(workspace)s, %(id)s, %(number)s, %(content)s)
            RETURNING number, length(content) AS bytes
        )
        UPDATE segment_export
        SET after_profile = %(last)s,
            rows = segment_export.rows + %(rows)s,
            bytes = segment_export.bytes + part.bytes,
            parts = part.number,
            state = CASE WHEN %(more)s THEN 'running' ELSE 'done' END,
            finished_at = CASE WHEN %(more)s THEN NULL ELSE %(now)s::timestamptz END
        FROM part
        WHERE workspace_id = %(workspace)s
          AND id = %(id)s
        """,
        {
            "workspace": workspace_id,
            "id": export.id,
            "number": export.parts + 1,
            "content": written.content,
            "last": written.last,
            "rows": written.rows,
            "more": written.more,
            "now": now,
        },
    )


def _fail(conn: Connection, workspace_id: int, export_id: int, error: str, now: datetime) -> None:
    conn.execute(
        """
        UPDATE segment_export
        SET state = 'failed', error = %(error)s, finished_at = %(now)s
        WHERE workspace_id = %(workspace)s
          AND id = %(id)s
        """,
        {"workspace": workspace_id, "id": export_id, "error": error, "now": now},
    )


def _clear(conn: Connection, workspace_id: int, now: datetime) -> int:
    """Remove the last parts of one export that is too old or failed; answers how many."""
    # Index segment_export_kept, then the parts' primary key.
    row = conn.execute(
        """
        WITH due AS (
            SELECT id, parts, GREATEST(parts - %(most)s, 0) AS remaining
            FROM segment_export
            WHERE workspace_id = %(workspace)s
              AND state <> 'running'
              AND parts > 0
              AND (state <> 'done' OR finished_at <= %(old)s)
            ORDER BY finished_at
            LIMIT 1
            FOR UPDATE SKIP LOCKED
        ), removed AS (
            DELETE FROM segment_export_part
            USING due
            WHERE segment_export_part.workspace_id = %(workspace)s
              AND segment_export_part.export_id = due.id
              AND segment_export_part.number > due.remaining
        )
        UPDATE segment_export
        SET parts = due.remaining,
            state = CASE state WHEN 'done' THEN 'expired' ELSE state END
        FROM due
        WHERE segment_export.workspace_id = %(workspace)s
          AND segment_export.id = due.id
        RETURNING due.parts - due.remaining
        """,
        {"workspace": workspace_id, "old": now - KEPT, "most": PARTS_CLEARED_A_TURN},
    ).fetchone()
    return int(row[0]) if row is not None else 0


# ── a part's content ────────────────────────────────────────────────────────────────────────────────────────────────
def _read(conn: Connection, workspace_id: int, export: _Running) -> _Part:
    """The next members as CSV: RFC 4180 in UTF-8; the first part begins with the names of the columns."""
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    if export.parts == 0:
        lines.writerow(export.columns)
    shown = [_FIELDS[name].shown if name in _FIELDS else _property for name in export.columns]
    statement, values = _members(export.columns)
    values |= {
        "workspace": workspace_id,
        "segment": export.segment_id,
        "after": export.after_profile,
        "limit": PART_ROWS + 1,
    }
    covered, rows, last, more = 0, 0, export.after_profile, False
    # A cursor of the server: a few rows at a time are in memory, and one snapshot holds for all of them.
    with conn.cursor(name="segment_export") as cursor:
        cursor.itersize = 1000
        for profile_id, exists, *cells in cursor.execute(statement, values):
            if covered == PART_ROWS or text.tell() >= PART_CHARACTERS:
                more = True
                break
            covered, last = covered + 1, profile_id
            if exists:
                lines.writerow([show(cell) for show, cell in zip(shown, cells, strict=True)])
                rows += 1
    return _Part(text.getvalue().encode(), rows, last, more)


def _members(columns: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """The query of these columns: (profile id, whether the profile exists, a value a column)."""
    values: dict[str, Any] = {}
    asked = []
    for index, name in enumerate(columns):
        if name in _FIELDS:
            asked.append(_FIELDS[name].sql)
        else:
            values[f"path{index}"] = name.removeprefix(_PROPERTY).split(".")
            asked.append(f"(p.properties #> %(path{index})s::text[])::text")
    # The members after a profile, in order, with what is asked of them. Primary keys: a range of segment_member's
    # (the version by a sub-select, which keeps its order), then one probe of profile's a member; LATERAL with LIMIT
    # keeps to that.
    statement = f"""
        SELECT m.profile_id, p.id IS NOT NULL, {", ".join(asked)}
        FROM (
            SELECT profile_id, entered_at
            FROM segment_member
            WHERE workspace_id = %(workspace)s
              AND segment_id = %(segment)s
              AND version = (
                  SELECT live_version
                  FROM segment
                  WHERE workspace_id = %(workspace)s
                    AND id = %(segment)s
              )
              AND profile_id > %(after)s
            ORDER BY profile_id
            LIMIT %(limit)s
        ) AS m
        LEFT JOIN LATERAL (
            SELECT *
            FROM profile
            WHERE workspace_id = %(workspace)s
              AND id = m.profile_id
            LIMIT 1
        ) AS p ON true
        ORDER BY m.profile_id
    """  # noqa: S608 - the expressions are constants; values are parameters
    return statement, values


# ── cells ───────────────────────────────────────────────────────────────────────────────────────────────────────────
_E164 = re.compile(r"\+[0-9]{1,15}")


def _same(value: Any) -> Any:
    return value


def _text(value: str | None) -> str | None:
    """A spreadsheet takes what begins like this for a formula, and runs it; behind an apostrophe it is text."""
    return f"'{value}" if value and value[0] in "=+-@\t\r" else value


def _phone(value: str | None) -> str | None:
    return value if value is not None and _E164.fullmatch(value) else _text(value)


def _moment(value: datetime | None) -> str | None:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value is not None else None


def _property(value: str | None) -> str | None:
    """A property from its JSON: text as such, nothing for null, numbers to the last digit, the rest as JSON."""
    if value is None or value == "null":
        return None
    return _text(orjson.loads(value)) if value[0] == '"' else value


@dataclass(frozen=True, slots=True)
class _Field:
    sql: str
    shown: Callable[[Any], Any]


_FIELDS: Mapping[str, _Field] = {
    "id": _Field("p.id", _same),
    "external_id": _Field("p.external_id", _text),
    "email": _Field("p.email", _text),
    "phone": _Field("p.phone", _phone),
    "first_name": _Field("p.first_name", _text),
    "last_name": _Field("p.last_name", _text),
    "locale": _Field("p.locale", _text),
    "timezone": _Field("p.timezone", _text),
    "city": _Field("p.city", _text),
    "region": _Field("p.region", _text),
    "country": _Field("p.country", _text),
    "created_at": _Field("p.created_at", _moment),
    "entered_at": _Field("m.entered_at", _moment),
    "consent": _Field(
        """
        COALESCE((
            SELECT state
            FROM consent
            WHERE workspace_id = %(workspace)s
              AND profile_id = m.profile_id
              AND channel = 'email'
        ), 'never_subscribed')
        """,
        _same,
    ),
}
