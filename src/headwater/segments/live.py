"""The segments in use with their parsed definitions: one small query a batch; each version is parsed once a process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

import structlog
from psycopg import Connection

from headwater.segments.conditions import AllOf, DefinitionError, Negation
from headwater.segments.language import Condition, Needs, needs, parse

log = structlog.get_logger()

_KEEP = 5000
_Key = tuple[int, int, int]
_parsed: dict[_Key, Condition] = {}
_guard = Lock()


@dataclass(frozen=True, slots=True)
class Live:
    """A segment that is not archived."""

    id: int
    name: str
    version: int
    """The latest."""
    live_version: int | None
    """The one that the stored membership stands for; None until the first is built."""
    as_of: datetime | None
    timed: bool
    condition: Condition
    """Of the latest version."""
    standing: Condition | None
    """Of the live one,"""
    needs: Needs
    """and what must be known of a profile to ask it."""

    @property
    def built(self) -> bool:
        """The stored membership is that of the latest definition."""
        return self.live_version == self.version


def segments(conn: Connection, workspace_id: int) -> dict[int, Live]:
    """The segments in use, by id. To know what a change touches, ask after writing it: then every transaction that
    does not know of a new definition is older than the one that the definition's building waits out (`building`)."""
    # For each batch of events and each turn of upkeep. Primary key: a few rows.
    rows = conn.execute(
        """
        SELECT id, name, version, live_version, as_of, timed
        FROM segment
        WHERE workspace_id = %(workspace)s
          AND archived_at IS NULL
        ORDER BY id
        """,
        {"workspace": workspace_id},
    ).fetchall()
    wanted = {(workspace_id, row[0], version) for row in rows for version in row[2:4] if version is not None}
    conditions = _conditions(conn, workspace_id, wanted)
    return {
        segment_id: Live(
            segment_id,
            name,
            version,
            live_version,
            as_of,
            timed,
            conditions[workspace_id, segment_id, version],
            conditions[workspace_id, segment_id, live_version] if live_version is not None else None,
            _needs(workspace_id, segment_id, live_version, conditions),
        )
        for segment_id, name, version, live_version, as_of, timed in rows
    }


def _read(segment_id: int, tree: Any) -> Condition:
    """A stored definition; one that the language does not take any more has nobody, and stops nothing else."""
    try:
        return parse(tree)
    except DefinitionError as error:
        log.error("segment_unreadable", segment=segment_id, error=str(error))
        return Negation(AllOf(()))


_needed: dict[_Key, Needs] = {}


def _needs(workspace_id: int, segment_id: int, version: int | None, conditions: Mapping[_Key, Condition]) -> Needs:
    if version is None:
        return Needs()
    key = (workspace_id, segment_id, version)
    found = _needed.get(key)
    if found is None:
        with _guard:
            while len(_needed) >= _KEEP:
                _needed.pop(next(iter(_needed)))
            found = _needed[key] = needs(conditions[key])
    return found


def _conditions(conn: Connection, workspace_id: int, wanted: Iterable[_Key]) -> Mapping[_Key, Condition]:
    found = {key: _parsed.get(key) for key in wanted}
    missing = [key for key, condition in found.items() if condition is None]
    if missing:
        # Definitions not seen yet in this process. Primary key.
        rows = conn.execute(
            """
            SELECT v.segment_id, v.version, v.definition
            FROM unnest(%(segments)s::bigint[], %(versions)s::int[]) AS w (segment_id, version)
            JOIN segment_version v
              ON v.workspace_id = %(workspace)s
             AND v.segment_id = w.segment_id
             AND v.version = w.version
            """,
            {
                "workspace": workspace_id,
                "segments": [key[1] for key in missing],
                "versions": [key[2] for key in missing],
            },
        ).fetchall()
        fresh = {(workspace_id, segment_id, version): _read(segment_id, tree) for segment_id, version, tree in rows}
        with _guard:
            while len(_parsed) + len(fresh) > _KEEP:
                _parsed.pop(next(iter(_parsed)))
            _parsed.update(fresh)
        found |= fresh
    return {key: condition for key, condition in found.items() if condition is not None}
