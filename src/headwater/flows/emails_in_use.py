"""Which flows send a template: in what runs, or in what is being written."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True)
class FlowUse:
    template_id: int
    slug: str
    name: str
    status: str
    metric: str | None
    """Whose events start it, if events do."""


def of_templates(conn: Connection, workspace_id: int, template_ids: Collection[int]) -> list[FlowUse]:
    """The flows, but for archived ones, whose live definition or draft has an email with one of these templates."""
    # For the list of templates, and before one is put away. A brand has tens of flows; index: flow's primary key.
    with conn.cursor(row_factory=class_row(FlowUse)) as cursor:
        return cursor.execute(
            """
            SELECT DISTINCT (found.template #>> '{}')::bigint AS template_id, flow.slug, flow.name, flow.status,
                   COALESCE(flow_version.definition, flow.draft) #>> '{trigger,metric}' AS metric
            FROM flow
            LEFT JOIN flow_version
                   ON flow_version.workspace_id = flow.workspace_id
                  AND flow_version.flow_id = flow.id
                  AND flow_version.version = flow.live_version
            CROSS JOIN LATERAL (
                SELECT jsonb_path_query(flow_version.definition, 'strict $.**.template_id', '{}', true)
                UNION ALL
                SELECT jsonb_path_query(flow.draft, 'strict $.**.template_id', '{}', true)
            ) AS found (template)
            WHERE flow.workspace_id = %(workspace)s
              AND flow.status <> 'archived'
              AND jsonb_typeof(found.template) = 'number'
              AND (found.template #>> '{}')::numeric = ANY(%(templates)s::bigint[])
            ORDER BY flow.name, flow.slug
            """,
            {"workspace": workspace_id, "templates": list(template_ids)},
        ).fetchall()
