"""Asking for a segment to be built: a new version waits until `building` takes it up. Nothing is evaluated here."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from headwater.segments import live
from headwater.segments.conditions import Condition, InSegment, leaves


def build(conn: Connection, workspace_id: int, segment_id: int, version: int, definition: Any, now: datetime) -> None:
    """Have this version built. Versions of the segment that are still being built are given up."""
    values = {"workspace": workspace_id, "segment": segment_id, "version": version}
    conn.execute(
        """
        UPDATE segment_version
        SET state = 'leaving'
        WHERE workspace_id = %(workspace)s
          AND segment_id = %(segment)s
          AND state IN ('waiting', 'filling', 'failed')
        """,
        values,
    )
    conn.execute(
        """
        INSERT INTO segment_version (workspace_id, segment_id, version, definition, created_at)
        VALUES (%(workspace)s, %(segment)s, %(version)s, %(definition)s, %(now)s)
        """,
        {**values, "definition": Jsonb(definition), "now": now},
    )


def rebuild(conn: Connection, workspace_id: int, segment_ids: Collection[int], now: datetime) -> None:
    """Build these segments anew by the definitions they have: nobody's entering or leaving through it is an event."""
    # Each segment's latest version once more, under the next number. Primary keys.
    rows = conn.execute(
        """
        UPDATE segment
        SET version = segment.version + 1
        FROM segment_version
        WHERE segment.workspace_id = %(workspace)s
          AND segment.id = ANY (%(ids)s)
          AND segment.archived_at IS NULL
          AND segment_version.workspace_id = segment.workspace_id
          AND segment_version.segment_id = segment.id
          AND segment_version.version = segment.version
        RETURNING segment.id, segment.version, segment_version.definition
        """,
        {"workspace": workspace_id, "ids": list(segment_ids)},
    ).fetchall()
    for segment_id, version, definition in rows:  # a handful: segments, not people
        build(conn, workspace_id, segment_id, version, definition, now)


def rebuild_where(conn: Connection, workspace_id: int, kinds: tuple[type[Any], ...], now: datetime) -> None:
    """Build anew every segment that holds a condition of these kinds: the brand's rules for them changed."""
    found = [
        one.id
        for one in live.segments(conn, workspace_id).values()
        if any(isinstance(leaf, kinds) for leaf in leaves(one.condition))
    ]
    if found:
        rebuild(conn, workspace_id, found, now)


def referred(condition: Condition) -> set[int]:
    """The ids of the segments that a condition refers to."""
    return {leaf.segment for leaf in leaves(condition) if isinstance(leaf, InSegment) and isinstance(leaf.segment, int)}
