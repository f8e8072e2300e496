"""Which segments the flows of a workspace look at, for whoever wants to change or remove one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from psycopg import Connection

from headwater.flows import live
from headwater.flows.editing.references import references


@dataclass(frozen=True, slots=True)
class FlowUse:
    """A live or paused flow that names a segment."""

    segment: int | str
    """As the flow names it: by id or by name."""
    slug: str
    name: str
    status: str
    starts: bool
    """Entering or leaving the segment starts the flow; otherwise a condition of it asks."""


def in_flows(conn: Connection, workspace_id: int) -> Iterator[FlowUse]:
    """One a flow and segment."""
    flows = live.running(conn, workspace_id)
    # Names as people know them, of a handful of flows. Primary key.
    rows = conn.execute(
        "SELECT id, slug, name FROM flow WHERE workspace_id = %(workspace)s AND id = ANY (%(ids)s)",
        {"workspace": workspace_id, "ids": [flow.id for flow in flows]},
    ).fetchall()
    named = {flow_id: (slug, name) for flow_id, slug, name in rows}
    for flow in flows:
        found: dict[int | str, bool] = {}
        for one in references(flow.definition):
            if one.kind == "segment":
                found[one.named] = found.get(one.named, False) or one.begins
        for segment, starts in found.items():
            yield FlowUse(segment, *named[flow.id], flow.status, starts)
