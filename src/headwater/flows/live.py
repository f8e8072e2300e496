"""The published definitions of a workspace's flows, parsed once a process: versions never change.

One small query a batch says which versions are live; only those not seen yet are read and parsed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Any

from psycopg import Connection

from headwater.flows.definition import FlowDefinition
from headwater.flows.reading import parse

SOURCE = "flow"
"""What the ledger calls flows."""

_KEEP = 2000
_Key = tuple[int, int, int, datetime]
_parsed: dict[_Key, FlowDefinition] = {}
_guard = Lock()


@dataclass(frozen=True)
class Flow:
    """A flow with its published definition."""

    id: int
    status: str  # live, paused, archived
    version: int
    definition: FlowDefinition

    @cached_property
    def marketing_only(self) -> bool:
        """No email of it may go to someone who has unsubscribed."""
        return not any(email.transactional for email in self.definition.emails)


def running(conn: Connection, workspace_id: int) -> list[Flow]:
    """The live and the paused flows: paused ones take nobody in and move nobody, but still let people leave."""
    return _flows(conn, workspace_id, "f.status IN ('live', 'paused')", {})


def by_id(conn: Connection, workspace_id: int, flow_ids: Iterable[int]) -> dict[int, Flow]:
    """Published flows, whatever their status."""
    found = _flows(conn, workspace_id, "f.id = ANY (%(ids)s)", {"ids": list(flow_ids)})
    return {flow.id: flow for flow in found}


def by_slug(conn: Connection, workspace_id: int, slug: str) -> Flow | None:
    """The published flow of this short name, whatever its status."""
    return next(iter(_flows(conn, workspace_id, "f.slug = %(slug)s", {"slug": slug})), None)


def versions(
    conn: Connection, workspace_id: int, wanted: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], FlowDefinition]:
    """Versions by (flow, version): what people finish on, and where someone stood whose step has been removed since."""
    pairs = list(wanted)
    if not pairs:
        return {}
    # Versions by primary key, without their content: that is read once a process.
    rows = conn.execute(
        """
        SELECT v.flow_id, v.version, v.published_at
        FROM unnest(%(flows)s::bigint[], %(versions)s::int[]) AS w (flow_id, version)
        JOIN flow_version v
          ON v.workspace_id = %(workspace)s
         AND v.flow_id = w.flow_id
         AND v.version = w.version
        """,
        {"workspace": workspace_id, "flows": [pair[0] for pair in pairs], "versions": [pair[1] for pair in pairs]},
    ).fetchall()
    keys = [(workspace_id, *row) for row in rows]
    _read(conn, workspace_id, keys)
    return {(key[1], key[2]): _parsed[key] for key in keys}


def _flows(conn: Connection, workspace_id: int, which: str, values: dict[str, Any]) -> list[Flow]:
    # Which versions are published, without their content: a few rows, at each batch. Primary keys.
    rows = conn.execute(
        f"""
        SELECT f.id, f.status, f.live_version, v.published_at
        FROM flow f
        JOIN flow_version v
          ON v.workspace_id = f.workspace_id
         AND v.flow_id = f.id
         AND v.version = f.live_version
        WHERE f.workspace_id = %(workspace)s
          AND {which}
        ORDER BY f.id
        """,  # noqa: S608 - one of a few constants
        {"workspace": workspace_id, **values},
    ).fetchall()
    keys = {(workspace_id, flow_id, version, published): flow_id for flow_id, _, version, published in rows}
    _read(conn, workspace_id, list(keys))
    return [
        Flow(flow_id, status, version, _parsed[workspace_id, flow_id, version, published])
        for flow_id, status, version, published in rows
    ]


def _read(conn: Connection, workspace_id: int, keys: Sequence[_Key]) -> None:
    missing = [key for key in keys if key not in _parsed]
    if not missing:
        return
    rows = conn.execute(
        """
        SELECT v.flow_id, v.version, v.definition
        FROM unnest(%(flows)s::bigint[], %(versions)s::int[]) AS w (flow_id, version)
        JOIN flow_version v
          ON v.workspace_id = %(workspace)s
         AND v.flow_id = w.flow_id
         AND v.version = w.version
        """,
        {"workspace": workspace_id, "flows": [key[1] for key in missing], "versions": [key[2] for key in missing]},
    ).fetchall()
    definitions = {(flow_id, version): parse(tree) for flow_id, version, tree in rows}
    with _guard:
        while len(_parsed) + len(missing) > _KEEP:
            _parsed.pop(next(iter(_parsed)))
        for key in missing:
            _parsed[key] = definitions[key[1], key[2]]
