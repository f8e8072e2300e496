"""Saved segments: a named definition of a workspace, checked before it is stored, then built in the background."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from headwater.segments import live, requests
from headwater.segments.language import Condition, DefinitionError, parse


class SegmentError(ValueError):
    """A segment that cannot be saved or archived; `field` says which of its fields is wrong."""

    def __init__(self, field: str | None, message: str) -> None:
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
    starred: bool
    version: int
    live_version: int | None
    as_of: datetime | None
    members: int
    """Of the membership that stands, when it was last changed."""
    state: str
    """building, live, or failed; of an archived one: archived."""
    found: int | None
    """While it is built: how many members there are to store,"""
    stored: int
    """and how many are."""
    error: str | None

    @property
    def condition(self) -> Condition:
        return parse(self.definition)

    @property
    def built(self) -> bool:
        """The stored membership is that of the definition."""
        return self.live_version == self.version

    @property
    def progress(self) -> float | None:
        """The share of the building that is done, 0 to 1; None when nothing is being built."""
        if self.state != "building":
            return None
        return 0.0 if self.found is None else self.stored / self.found if self.found else 1.0


# A segment and how far its latest version is. Primary keys.
_SELECT = """
    SELECT s.id, s.name, s.definition, s.created_at, s.updated_at, s.archived_at, s.starred, s.version,
           s.live_version, s.as_of, s.members,
           CASE WHEN s.archived_at IS NOT NULL THEN 'archived'
                WHEN v.state IN ('live', 'failed') THEN v.state
                ELSE 'building' END AS state,
           v.found, COALESCE(v.stored, 0) AS stored, v.error
    FROM segment s
    LEFT JOIN segment_version v
      ON v.workspace_id = s.workspace_id
     AND v.segment_id = s.id
     AND v.version = s.version
    WHERE s.workspace_id = %(workspace)s
"""


def create(conn: Connection, workspace_id: int, name: str, definition: Any, now: datetime) -> Segment:
    """Save a new segment, and have it built. Raises DefinitionError, or SegmentError for an empty or taken name."""
    tree = checked(conn, workspace_id, definition)
    values = {"workspace": workspace_id, "name": _name(name), "definition": Jsonb(tree), "now": now}
    try:
        with conn.transaction():
            row = conn.execute(
                """
                INSERT INTO segment (workspace_id, name, definition, created_at, updated_at)
                VALUES (%(workspace)s, %(name)s, %(definition)s, %(now)s, %(now)s)
                RETURNING id
                """,
                values,
            ).fetchone()
    except psycopg.errors.UniqueViolation:
        raise SegmentError("name", f"There is already a segment named {name}.") from None
    assert row is not None
    requests.build(conn, workspace_id, row[0], 1, tree, now)
    return get(conn, workspace_id, [row[0]])[row[0]]


def get(conn: Connection, workspace_id: int, segment_ids: Sequence[int]) -> dict[int, Segment]:
    """Segments by id, archived ones too (a campaign may still name them)."""
    with conn.cursor(row_factory=class_row(Segment)) as cursor:
        rows = cursor.execute(
            _SELECT + " AND s.id = ANY (%(ids)s)", {"workspace": workspace_id, "ids": list(segment_ids)}
        ).fetchall()
    return {segment.id: segment for segment in rows}


def find(conn: Connection, workspace_id: int, name: str) -> Segment | None:
    """The segment of this name, whatever its case."""
    with conn.cursor(row_factory=class_row(Segment)) as cursor:
        return cursor.execute(
            _SELECT + " AND lower(s.name) = lower(%(name)s) AND s.archived_at IS NULL",
            {"workspace": workspace_id, "name": name},
        ).fetchone()


def page(conn: Connection, workspace_id: int, *, after: int = 0, limit: int = 100, q: str = "") -> list[Segment]:
    """Segments that are not archived, by id, from after the given one; with `q`, those with it in their name."""
    with conn.cursor(row_factory=class_row(Segment)) as cursor:
        return cursor.execute(
            _SELECT
            + """
              AND s.id > %(after)s
              AND s.archived_at IS NULL
              AND strpos(lower(s.name), lower(%(q)s)) > 0
            ORDER BY s.id
            LIMIT %(limit)s
            """,
            {"workspace": workspace_id, "after": after, "limit": limit, "q": q.replace("\x00", "")},
        ).fetchall()


def update(
    conn: Connection,
    workspace_id: int,
    segment_id: int,
    now: datetime,
    *,
    name: str | None = None,
    definition: Any = None,
    starred: bool | None = None,
) -> Segment | None:
    """Rename or star it, or give it another definition, which is then built while the old membership stands.

    None if there is no such segment. Raises as `create` does.
    """
    # One at a time, so that two changes cannot close a circle between them.
    conn.execute("SELECT pg_advisory_xact_lock(hashtext('segment-definitions'), %s)", (workspace_id % 2**31,))
    tree = checked(conn, workspace_id, definition, segment_id) if definition is not None else None
    values = {
        "workspace": workspace_id,
        "id": segment_id,
        "name": _name(name) if name is not None else None,
        "definition": Jsonb(tree) if tree is not None else None,
        "starred": starred,
        "now": now,
    }
    try:
        with conn.transaction():
            row = conn.execute(
                """
                WITH before AS (
                    SELECT definition
                    FROM segment
                    WHERE workspace_id = %(workspace)s
                      AND id = %(id)s
                    FOR UPDATE
                )
                UPDATE segment
                SET name = COALESCE(%(name)s, name),
                    definition = COALESCE(%(definition)s, segment.definition),
                    starred = COALESCE(%(starred)s, starred),
                    version = version + (COALESCE(%(definition)s, before.definition) <> before.definition)::int,
                    updated_at = %(now)s
                FROM before
                WHERE workspace_id = %(workspace)s
                  AND id = %(id)s
                  AND archived_at IS NULL
                RETURNING version, segment.definition <> before.definition
                """,
                values,
            ).fetchone()
    except psycopg.errors.UniqueViolation:
        raise SegmentError("name", f"There is already a segment named {name}.") from None
    if row is None:
        return None
    version, redefined = row
    if redefined:
        requests.build(conn, workspace_id, segment_id, version, tree, now)
    return get(conn, workspace_id, [segment_id])[segment_id]


def archive(conn: Connection, workspace_id: int, segment_id: int, now: datetime) -> bool:
    """Take it out of use, and free its name; False if there is no such segment.

    Raises SegmentError while another segment refers to it.
    """
    for one in live.segments(conn, workspace_id).values():
        if one.id != segment_id and segment_id in requests.referred(one.condition):
            raise SegmentError(None, f"The segment {one.name} refers to it; change that one first.")
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
    if done.rowcount:
        conn.execute(
            """
            UPDATE segment_version
            SET state = 'leaving'
            WHERE workspace_id = %(workspace)s
              AND segment_id = %(id)s
              AND state <> 'retired'
            """,
            {"workspace": workspace_id, "id": segment_id},
        )
    return done.rowcount > 0


# ── definitions ─────────────────────────────────────────────────────────────────────────────────────────────────────
def checked(conn: Connection, workspace_id: int, definition: Any, segment_id: int | None = None) -> Any:
    """The definition as it is stored: segments that it refers to by name are named by id.

    Raises DefinitionError with the path of what is wrong: of a segment that does not exist, or that refers back to
    `segment_id`, too.
    """
    parse(definition, path="")
    segments = live.segments(conn, workspace_id)
    ids = {one.name.lower(): one.id for one in segments.values()}
    return _resolved(definition, "", segments, ids, segment_id)


def _resolved(tree: Any, path: str, segments: Mapping[int, live.Live], ids: Mapping[str, int], own: int | None) -> Any:
    if isinstance(tree, list):
        return [_resolved(part, f"{path}[{index}]", segments, ids, own) for index, part in enumerate(tree)]
    if not isinstance(tree, Mapping):
        return tree
    for group in ("all", "any", "not"):
        if group in tree:
            return {group: _resolved(tree[group], f"{path}.{group}" if path else group, segments, ids, own)}
    if "segment" not in tree:
        return dict(tree)
    where = f"{path}.segment" if path else "segment"
    named = tree["segment"]
    referred = ids.get(named.lower()) if isinstance(named, str) else named
    if referred is None or referred not in segments:
        raise DefinitionError(where, f"there is no segment {named}")
    way = _way_back(segments, referred, own) if own is not None else None
    if way is not None:
        raise DefinitionError(where, f"leads back to this segment: {' → '.join(segments[one].name for one in way)}")
    return {**tree, "segment": referred}


def _way_back(segments: Mapping[int, live.Live], start: int, own: int) -> list[int] | None:
    """From a segment along what it refers to, back to `own`; None if that leads nowhere."""
    if start == own:
        return [own]
    ways = [[start]]
    seen = {start}
    while ways:
        way = ways.pop()
        for one in requests.referred(segments[way[-1]].condition) & segments.keys():
            if one == own:
                return [own, *way, own]
            if one not in seen:
                seen.add(one)
                ways.append([*way, one])
    return None


def names(conn: Connection, workspace_id: int) -> dict[int | str, str]:
    """Names by id, for definitions as sentences."""
    rows = conn.execute("SELECT id, name FROM segment WHERE workspace_id = %s", (workspace_id,)).fetchall()
    return dict(rows)


def _name(name: str) -> str:
    tidy = name.strip()
    if not tidy or len(tidy) > 200 or "\x00" in tidy:
        raise SegmentError("name", "A segment needs a name of at most 200 characters.")
    return tidy


__all__ = ["DefinitionError", "Segment", "SegmentError", "archive", "create", "find", "get", "page", "update"]
