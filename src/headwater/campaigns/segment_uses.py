"""Which segments campaigns are yet to go to, or leave out, for whoever wants to change or remove one."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class CampaignUse:
    """A campaign that has not ended and names a segment."""

    segment: int
    id: int
    name: str
    status: str
    excluded: bool
    """The segment's people are left out."""


def in_campaigns(conn: Connection, workspace_id: int) -> list[CampaignUse]:
    """One a campaign, segment and side of its audience."""
    with conn.cursor(row_factory=class_row(CampaignUse)) as cursor:
        # For the pages of segments. The workspace's campaigns: drafts and those on their way.
        return cursor.execute(
            """
            SELECT DISTINCT (part.of ->> 'segment')::bigint AS segment, c.id, c.name, c.status, part.excluded
            FROM campaign c
            CROSS JOIN LATERAL (
                SELECT of, false AS excluded
                FROM jsonb_array_elements(c.included) AS of
                UNION ALL
                SELECT of, true
                FROM jsonb_array_elements(c.excluded) AS of
            ) AS part
            WHERE c.workspace_id = %(workspace)s
              AND c.status NOT IN ('sent', 'cancelled', 'no_recipients')
              AND part.of ? 'segment'
            ORDER BY c.id DESC
            """,
            {"workspace": workspace_id},
        ).fetchall()
