"""Saved segments: a named definition of a workspace, checked before it is stored, evaluated when it is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from headwater.segments.language import Condition, DefinitionError, parse


class SegmentError(ValueError):
    """A segment that cannot be saved under this name; `field` says which of its fields is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Segment:
    id: int
    name: str
    definition: Any
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None

    @property
    def condition(self) -> Condition:
        return parse(self.definition)


def create(conn: Connection, workspace_id: int, name: str, definition: Any, now: datetime) -> Segment:
    """Save a new segment. Raises DefinitionError, or SegmentError for an empty or taken name."""
    parse(definition, path="")
    values = {"workspace": workspace_id, "name": _name(name), "definition": Jsonb(definition), "now": now}
    try:
        with conn.transaction(), conn.cursor(row_factory=class_row(Segment)) as cursor:
            found = cursor.execute(
                """
                INSERT INTO segment (workspace_id, name, definition, created_at, updated_at)
                VALUES (%(workspace)s, %(name)s, %(definition)s, %(now)s, %(now)s)
                RETURNING id, name, definition, created_at, updated_at, archived_at
                """,
                values,
            ).fetchone()
    except psycopg.errors.UniqueViolation:
        raise SegmentError("name", f"There is already a segment named {name}.") from None
    assert found is not None
    return found


def get(conn: Connection, workspace_id: int, segment_ids: Sequence[int]) -> dict[int, Segment]:
    """Segments by id, archived ones too (a campaign may still name them)."""
    with conn.cursor(row_factory=class_row(Segment)) as cursor:
        rows = cursor.execute(
            """
            SELECT id, name, definition, created_at, updated_at, archived_at
            FROM segment
            WHERE workspace_id = %(workspace)s
              AND id = ANY (%(ids)s)
            """,
            {"workspace": workspace_id, "ids": list(segment_ids)},
        ).fetchall()
    return {segment.id: segment for segment in rows}


def find(conn: Connection, workspace_id: int, name: str) -> Segment | None:
    """The segment of this name, whatever its case."""
    with conn.cursor(row_factory=class_row(Segment)) as cursor:
        return cursor.execute(
            """
            SELECT id, name, definition, created_at, updated_at, archived_at
            FROM segment
            WHERE workspace_id = %(workspace)s
              AND lower(name) = lower(%(name)s)
              AND archived_at IS NULL
            """,
            {"workspace": workspace_id, "name": name},
        ).fetchone()


def page(conn: Connection, workspace_id: int, *, after: int = 0, limit: int = 100) -> list[Segment]:
    """Segments that are not archived, by id, from after the given one."""
    with conn.cursor(row_factory=class_row(Segment)) as cursor:
        return cursor.execute(
            """
            SELECT id, name, definition, created_at, updated_at, archived_at
            FROM segment
            WHERE workspace_id = %(workspace)s
              AND id > %(after)s
              AND archived_at IS NULL
            ORDER BY id
            LIMIT %(limit)s
            """,
            {"workspace": workspace_id, "after": after, "limit": limit},
        ).fetchall()


def update(
    conn: Connection,
    workspace_id: int,
    segment_id: int,
    now: datetime,
    *,
    name: str | None = None,
    definition: Any = None,
) -> Segment | None:
    """Rename it, or give it another definition; None if there is no such segment. Raises as `create` does."""
    if definition is not None:
        parse(definition, path="")
    values = {
        "workspace": workspace_id,
        "id": segment_id,
        "name": _name(name) if name is not None else None,
        "definition": Jsonb(definition) if definition is not None else None,
        "now": now,
    }
    try:
        with conn.transaction(), conn.cursor(row_factory=class_row(Segment)) as cursor:
            return cursor.execute(
                """
                UPDATE segment
                SET name = COALESCE(%(name)s, name),
                    definition = COALESCE(%(definition)s, definition),
                    updated_at = %(now)s
                WHERE workspace_id = %(workspace)s
                  AND id = %(id)s
                  AND archived_at IS NULL
                RETURNING id, name, definition, created_at, updated_at, archived_at
                """,
                values,
            ).fetchone()
    except psycopg.errors.UniqueViolation:
        raise SegmentError("name", f"There is already a segment named {name}.") from None


def archive(conn: Connection, workspace_id: int, segment_id: int, now: datetime) -> bool:
    """Take it out of use, and free its name; False if there is no such segment."""
    done = conn.execute(
        """
        UPDATE segment
        SET archived_at = %(now)s
        WHERE workspace_id = %(workspace)s
          AND id = %(id)s
          AND archived_at IS NULL
        """,
        {"workspace": workspace_id, "id": segment_id, "now": now},
    )
    return done.rowcount > 0


def _name(name: str) -> str:
    tidy = name.strip()
    if not tidy or len(tidy) > 200 or "\x00" in tidy:
        raise SegmentError("name", "A segment needs a name of at most 200 characters.")
    return tidy


__all__ = ["DefinitionError", "Segment", "SegmentError", "archive", "create", "find", "get", "page", "update"]
