"""Which campaigns send a template."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True)
class CampaignUse:
    template_id: int
    id: int
    name: str
    status: str


def of_templates(conn: Connection, workspace_id: int, template_ids: Collection[int]) -> list[CampaignUse]:
    """The campaigns that send one of these templates or once did, those that are not over first, then the newest."""
    # For the list of templates, and before one is put away. A brand has hundreds of campaigns; index: the primary key.
    with conn.cursor(row_factory=class_row(CampaignUse)) as cursor:
        return cursor.execute(
            """
            SELECT template_id, id, name, status
            FROM campaign
            WHERE workspace_id = %(workspace)s
              AND template_id = ANY(%(templates)s::bigint[])
            ORDER BY status IN ('sent', 'cancelled', 'no_recipients'), id DESC
            """,
            {"workspace": workspace_id, "templates": list(template_ids)},
        ).fetchall()
