"""The people of a brand: who they are there, how roles change, how they leave. No brand loses its last owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

from headwater.accounts import roles
from headwater.accounts.roles import Role


class MemberError(Exception):
    """What may not be done with a member; the message says why and what to do first."""

    def __init__(self, message: str, status: int = 409, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.field = field


@dataclass(frozen=True)
class Member:
    id: int
    user_id: int
    email: str
    name: str
    role: Role
    two_factor: bool
    last_login: datetime | None


@dataclass(frozen=True)
class OwnBrand:
    """A brand as one of its people sees it."""

    id: int
    slug: str
    name: str
    role: Role
    timezone: str
    currency: str


def of_brand(conn: Connection, workspace_id: int) -> list[Member]:
    """Everyone in a brand, the longest there first; two_factor: they have a second factor or a passkey."""
    with conn.cursor(row_factory=class_row(Member)) as cursor:
        return cursor.execute(
            """
            SELECT membership.id, app_user.id AS user_id, app_user.email, app_user.name, membership.role,
                   EXISTS (SELECT 1
                           FROM mfa_authenticator
                           WHERE user_id = app_user.id) AS two_factor,
                   app_user.last_login
            FROM membership
            JOIN app_user ON app_user.id = membership.user_id
            WHERE membership.workspace_id = %(workspace)s
            ORDER BY membership.id
            """,
            {"workspace": workspace_id},
        ).fetchall()


def brands_of(conn: Connection, user_id: int) -> list[OwnBrand]:
    """The brands that a person works in, by name. By the index on membership (user_id)."""
    with conn.cursor(row_factory=class_row(OwnBrand)) as cursor:
        return cursor.execute(
            """
            SELECT workspace.id, workspace.slug, workspace.name, membership.role, workspace.timezone,
                   workspace.currency
            FROM membership
            JOIN workspace ON workspace.id = membership.workspace_id
            WHERE membership.user_id = %(user)s
            ORDER BY lower(workspace.name), workspace.id
            """,
            {"user": user_id},
        ).fetchall()


def join(conn: Connection, workspace_id: int, user_id: int, role: Role) -> bool:
    """Let someone in; False: they are in already, and keep their role."""
    return (
        conn.execute(
            """
            INSERT INTO membership (user_id, workspace_id, role)
            VALUES (%(user)s, %(workspace)s, %(role)s)
            ON CONFLICT DO NOTHING
            """,
            {"user": user_id, "workspace": workspace_id, "role": role},
        ).rowcount
        == 1
    )


def change_role(conn: Connection, workspace_id: int, member_id: int, role: Role, by: Role) -> Member:
    """Give a member another role. `by`: the role of who asks.

    Raises LookupError for an unknown member, MemberError for a role above one's own, for changing someone above
    oneself, and for the last owner.
    """
    may_give(role, by)
    member = _reachable(conn, workspace_id, member_id, by)
    if member.role == "owner" and role != "owner":
        _require_another_owner(conn, workspace_id, member_id)
    conn.execute(
        "UPDATE membership SET role = %(role)s WHERE workspace_id = %(workspace)s AND id = %(member)s",
        {"role": role, "workspace": workspace_id, "member": member_id},
    )
    return _found(conn, workspace_id, member_id)


def remove(conn: Connection, workspace_id: int, member_id: int, by: Role) -> None:
    """Take someone out of a brand; their account stays. Raises as change_role does."""
    member = _reachable(conn, workspace_id, member_id, by)
    if member.role == "owner":
        _require_another_owner(conn, workspace_id, member_id)
    conn.execute(
        "DELETE FROM membership WHERE workspace_id = %(workspace)s AND id = %(member)s",
        {"workspace": workspace_id, "member": member_id},
    )


def may_give(role: Role, by: Role) -> None:
    """Raises MemberError for a role above one's own."""
    if not roles.reaches(by, role):
        raise MemberError(f"Nobody gives a role above their own: yours here is {by}.", 403, "role")


def _reachable(conn: Connection, workspace_id: int, member_id: int, by: Role) -> Member:
    """The member, with the brand's people locked: two owners who leave at once would leave none."""
    conn.execute(
        "SELECT 1 FROM membership WHERE workspace_id = %(workspace)s ORDER BY id FOR UPDATE",
        {"workspace": workspace_id},
    )
    member = _found(conn, workspace_id, member_id)
    if not roles.reaches(by, member.role):
        raise MemberError(f"{member.email} is {member.role} here, above your own role, {by}.", 403)
    return member


def _found(conn: Connection, workspace_id: int, member_id: int) -> Member:
    for member in of_brand(conn, workspace_id):
        if member.id == member_id:
            return member
    raise LookupError(f"member {member_id}")


def _require_another_owner(conn: Connection, workspace_id: int, member_id: int) -> None:
    other = conn.execute(
        """
        SELECT 1
        FROM membership
        WHERE workspace_id = %(workspace)s
          AND role = 'owner'
          AND id <> %(member)s
        LIMIT 1
        """,
        {"workspace": workspace_id, "member": member_id},
    ).fetchone()
    if other is None:
        raise MemberError("This is the brand's last owner. Make someone else an owner first.")
