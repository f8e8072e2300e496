"""Storing an uploaded file: its rows in parts of bounded size, in the order of the file, never all of it in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import BinaryIO

import msgspec
import orjson
from psycopg import Connection
from psycopg.types.json import Jsonb

from headwater.audience.imports import guessing, reading
from headwater.audience.imports.jobs import PREVIEW_ROWS
from headwater.audience.imports.reading import Layout, UnreadableFile

MAX_BYTES = 100_000_000
PART_ROWS = 2_000
PART_BYTES = 4_000_000
"""A part ends early with the row that passes this."""


def store(
    conn: Connection,
    workspace_id: int,
    name: str,
    file: BinaryIO,
    size: int,
    now: datetime,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> int:
    """Keep a file of people, to be mapped and taken in; its import's id. Raises UnreadableFile."""
    if size > MAX_BYTES:
        raise UnreadableFile(
            f"The file has {size / 1e6:,.0f} MB; an import takes {MAX_BYTES // 10**6} MB. Split it in two."
        )
    written = reading.layout(file, encoding=encoding, delimiter=delimiter)
    import_id = _begin(conn, workspace_id, name, size, written, now)
    total = parts = 0
    first: list[Sequence[str]] = []
    for rows in _parts(reading.rows(file, written)):
        parts += 1
        total += len(rows)
        if parts == 1:
            first = [orjson.loads(line)[1] for line in rows[:PREVIEW_ROWS]]
        conn.execute(
            "INSERT INTO profile_import_part (workspace_id, import_id, number, rows) VALUES (%s, %s, %s, %b)",
            (workspace_id, import_id, parts, b"\n".join(rows)),
        )
    if not total:
        raise UnreadableFile("The file has a header and no rows.")
    conn.execute(
        """
        UPDATE profile_import
        SET total = %(total)s,
            parts = %(parts)s,
            mapping = %(mapping)s
        WHERE workspace_id = %(workspace)s
          AND id = %(id)s
        """,
        {
            "workspace": workspace_id,
            "id": import_id,
            "total": total,
            "parts": parts,
            "mapping": Jsonb(msgspec.to_builtins(guessing.guess(written.columns, first))),
        },
    )
    return import_id


def _begin(conn: Connection, workspace_id: int, name: str, size: int, written: Layout, now: datetime) -> int:
    row = conn.execute(
        """
        INSERT INTO profile_import
            (workspace_id, name, created_at, bytes, encoding, delimiter, header, columns, mapping)
        VALUES (%(workspace)s, %(name)s, %(now)s, %(bytes)s, %(encoding)s, %(delimiter)s, %(header)s, %(columns)s, '[]')
        RETURNING id
        """,
        {
            "workspace": workspace_id,
            "name": name.replace("\x00", "").strip()[:200] or "people.csv",
            "now": now,
            "bytes": size,
            "encoding": written.encoding,
            "delimiter": written.delimiter,
            "header": written.header,
            "columns": written.columns,
        },
    ).fetchone()
    assert row is not None
    return int(row[0])


def _parts(rows: Iterator[tuple[int, list[str]]]) -> Iterator[list[bytes]]:
    part: list[bytes] = []
    size = 0
    for row in rows:
        line = orjson.dumps(row)
        part.append(line)
        size += len(line)
        if len(part) == PART_ROWS or size >= PART_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part
