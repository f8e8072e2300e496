"""Roles in a brand, from the least to the most, and who calls on behalf of a brand. Each role may what lesser ones may.

analyst: reads. marketer: changes audience, content, flows and campaigns, and sends. admin: the brand's settings, keys
and people too. owner: may also make and unmake owners.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from psycopg import Connection

Role = Literal["analyst", "marketer", "admin", "owner"]
ROLES: tuple[Role, ...] = ("analyst", "marketer", "admin", "owner")

KEY_ROLE: Role = "admin"
"""What a private key may: everything but what belongs to owners."""


def reaches(role: Role, least: Role) -> bool:
    """Whether a role may what `least` may."""
    return ROLES.index(role) >= ROLES.index(least)


@dataclass(frozen=True)
class Caller:
    """Who calls the API for a brand: a private key, or a person with their role there."""

    workspace_id: int
    role: Role
    user_id: int | None = None
    """None: a private key."""


def in_brand(conn: Connection, user_id: int, slug: str) -> Caller | None:
    """This person in the brand with this slug; None if there is no such brand or they are not of it.

    One row by the unique slug, one by the unique (user, workspace).
    """
    found = conn.execute(
        """
        SELECT workspace.id, membership.role
        FROM workspace
        JOIN membership ON membership.workspace_id = workspace.id
        WHERE workspace.slug = %(slug)s
          AND membership.user_id = %(user)s
        """,
        {"slug": slug, "user": user_id},
    ).fetchone()
    return Caller(found[0], found[1], user_id) if found else None
