"""Flows as lists show them: status, version, and how many people wait in them, went through, and left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from headwater.flows.editing import versions
from headwater.flows.errors import UnknownFlow


@dataclass(frozen=True)
class Summary:
    """A flow as lists show it."""

    id: int
    slug: str
    name: str
    status: str
    version: int | None
    waiting: int
    completed: int
    exited: int
    updated_at: datetime
    in_review: int
    """Of those who wait, held until somebody decides."""
    has_draft: bool


def summaries(conn: Connection, workspace_id: int, *, archived: bool = False) -> list[Summary]:
    """The flows of a workspace, by short name."""
    return _summaries(conn, workspace_id, archived, None)


def published(conn: Connection, workspace_id: int, slug: str) -> tuple[Summary, Mapping[str, Any] | None]:
    """One flow with the definition of its live version. Raises UnknownFlow."""
    found = _summaries(conn, workspace_id, True, slug)
    if not found:
        raise UnknownFlow(slug)
    return found[0], versions.definition(conn, workspace_id, found[0].id, found[0].version)


def _summaries(conn: Connection, workspace_id: int, archived: bool, slug: str | None) -> list[Summary]:
    # For the list of flows. Counts by a walk of the flow's enrolments: for people, not for hot paths.
    rows = conn.execute(
        """
        SELECT f.id, f.slug, f.name, f.status, f.live_version,
               count(e.id) FILTER (WHERE e.state = 'waiting'),
               count(e.id) FILTER (WHERE e.state = 'completed'),
               count(e.id) FILTER (WHERE e.state = 'exited'),
               f.updated_at,
               count(e.id) FILTER (WHERE e.state = 'waiting' AND e.held = 'review'),
               f.draft IS NOT NULL
        FROM flow f
        LEFT JOIN enrolment e
               ON e.workspace_id = f.workspace_id
              AND e.flow_id = f.id
        WHERE f.workspace_id = %(workspace)s
          AND (%(archived)s OR f.status <> 'archived')
          AND (%(slug)s::text IS NULL OR f.slug = %(slug)s)
        GROUP BY f.workspace_id, f.id
        ORDER BY f.slug
        """,
        {"workspace": workspace_id, "archived": archived, "slug": slug},
    ).fetchall()
    return [Summary(*row) for row in rows]
