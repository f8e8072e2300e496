"""Asking someone into a brand: a link that works once, for seven days, in the hands of whoever holds it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from headwater.accounts import members
from headwater.accounts.keys import digest
from headwater.accounts.members import MemberError
from headwater.accounts.roles import Role

LASTS = timedelta(days=7)


@dataclass(frozen=True)
class Invitation:
    id: int
    workspace_id: int
    brand: str
    slug: str
    email: str
    role: Role
    invited_by: str | None
    """The address of who invited; None: a private key did, or they are gone."""
    created_at: datetime
    expires_at: datetime


_COLUMNS = """
    SELECT invitation.id, invitation.workspace_id, workspace.name AS brand, workspace.slug, invitation.email,
           invitation.role, app_user.email AS invited_by, invitation.created_at, invitation.expires_at
    FROM invitation
    JOIN workspace ON workspace.id = invitation.workspace_id
    LEFT JOIN app_user ON app_user.id = invitation.invited_by_id
"""


def invite(
    conn: Connection, workspace_id: int, email: str, role: Role, by: Role, invited_by: int | None, now: datetime
) -> tuple[Invitation, str]:
    """Ask an address in; the invitation and the secret of its link. An open one to that address is replaced.

    Raises MemberError for a role above one's own and for who is in the brand already.
    """
    members.may_give(role, by)
    email = email.lower()
    if any(member.email.lower() == email for member in members.of_brand(conn, workspace_id)):
        raise MemberError(f"{email} is in this brand already.", field="email")
    token = secrets.token_urlsafe(32)
    row = conn.execute(
        """
        INSERT INTO invitation (workspace_id, email, role, digest, invited_by_id, created_at, expires_at)
        VALUES (%(workspace)s, %(email)s, %(role)s, %(digest)s, %(by)s, %(now)s, %(end)s)
        ON CONFLICT (workspace_id, email) WHERE accepted_at IS NULL
        DO UPDATE
        SET role = excluded.role,
            digest = excluded.digest,
            invited_by_id = excluded.invited_by_id,
            created_at = excluded.created_at,
            expires_at = excluded.expires_at
        RETURNING id
        """,
        {
            "workspace": workspace_id,
            "email": email,
            "role": role,
            "digest": digest(token),
            "by": invited_by,
            "now": now,
            "end": now + LASTS,
        },
    ).fetchone()
    assert row is not None
    found = _select(conn, "WHERE invitation.id = %(id)s", {"id": row[0]})
    return found[0], token


def open_ones(conn: Connection, workspace_id: int) -> list[Invitation]:
    """Those that nobody has accepted, run out or not, the newest first. By the unique (workspace_id, email)."""
    return _select(
        conn,
        "WHERE invitation.workspace_id = %(workspace)s AND invitation.accepted_at IS NULL ORDER BY invitation.id DESC",
        {"workspace": workspace_id},
    )


def withdraw(conn: Connection, workspace_id: int, invitation_id: int) -> bool:
    """Make its link useless; False if there is no such open invitation."""
    return (
        conn.execute(
            """
            DELETE FROM invitation
            WHERE workspace_id = %(workspace)s
              AND id = %(id)s
              AND accepted_at IS NULL
            """,
            {"workspace": workspace_id, "id": invitation_id},
        ).rowcount
        == 1
    )


def by_token(conn: Connection, token: str, now: datetime, *, lock: bool = False) -> Invitation | None:
    """The invitation of a link; None if it is unknown, withdrawn, accepted or run out. By the unique digest."""
    if lock:
        conn.execute("SELECT 1 FROM invitation WHERE digest = %(digest)s FOR UPDATE", {"digest": digest(token)})
    found = _select(
        conn,
        "WHERE invitation.digest = %(digest)s AND invitation.accepted_at IS NULL AND invitation.expires_at > %(now)s",
        {"digest": digest(token), "now": now},
    )
    return found[0] if found else None


def accept(conn: Connection, invitation: Invitation, user_id: int, now: datetime) -> None:
    """Let this person in. The caller has locked the invitation. Raises MemberError if they are in already."""
    if not members.join(conn, invitation.workspace_id, user_id, invitation.role):
        raise MemberError(f"You are in {invitation.brand} already.")
    conn.execute("UPDATE invitation SET accepted_at = %(now)s WHERE id = %(id)s", {"now": now, "id": invitation.id})


def _select(conn: Connection, condition: str, given: dict[str, Any]) -> list[Invitation]:
    """`condition` is one of the constants above."""
    with conn.cursor(row_factory=class_row(Invitation)) as cursor:
        return cursor.execute(_COLUMNS + condition, given).fetchall()
