"""What a person may choose about a brand's email: which of their lists to stay on, or none of it at all.

Shown are the lists that the person is on; a list somebody is not on may be none of their business.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import class_row

from headwater.audience import lists


@dataclass(frozen=True, slots=True)
class OwnList:
    id: int
    name: str


def own_lists(conn: Connection, workspace_id: int, profile_id: int) -> list[OwnList]:
    """The lists in use that this person is on, by name."""
    with conn.cursor(row_factory=class_row(OwnList)) as cursor:
        # For one person's page. Index list_member_profile.
        return cursor.execute(
            """
            SELECT list.id, list.name
            FROM list_member
            JOIN list
              ON list.workspace_id = list_member.workspace_id
             AND list.id = list_member.list_id
             AND list.archived_at IS NULL
            WHERE list_member.workspace_id = %(workspace)s
              AND list_member.profile_id = %(profile)s
            ORDER BY lower(list.name), list.id
            """,
            {"workspace": workspace_id, "profile": profile_id},
        ).fetchall()


def keep_only(conn: Connection, workspace_id: int, profile_id: int, kept: Collection[int]) -> list[OwnList]:
    """Take the person off their other lists; answers those that they left. Puts nobody on a list."""
    left = [one for one in own_lists(conn, workspace_id, profile_id) if one.id not in kept]
    for one in left:
        lists.remove(conn, workspace_id, one.id, [profile_id])
    return left
