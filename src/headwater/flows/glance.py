"""Flows at a glance: which there are, whether they run, and who is held in them until somebody decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class Glance:
    """A flow without the counts that take a walk of its enrolments."""

    id: int
    slug: str
    name: str
    status: str
    draft: Mapping[str, Any] | None
    """A definition that is being written, beside the one that runs."""
    in_review: int


def all_flows(conn: Connection, workspace_id: int) -> list[Glance]:
    """Every flow of a workspace, archived ones too, by name."""
    with conn.cursor(row_factory=class_row(Glance)) as cursor:
        # For the overview and the reports. Indexes: flow's unique (workspace_id, slug), enrolment_review.
        return cursor.execute(
            """
            SELECT flow.id, flow.slug, flow.name, flow.status, flow.draft, (
                       SELECT count(*)
                       FROM enrolment
                       WHERE enrolment.workspace_id = flow.workspace_id
                         AND enrolment.flow_id = flow.id
                         AND enrolment.held = 'review'
                         AND enrolment.state = 'waiting'
                   ) AS in_review
            FROM flow
            WHERE flow.workspace_id = %(workspace)s
            ORDER BY lower(flow.name), flow.id
            """,
            {"workspace": workspace_id},
        ).fetchall()
