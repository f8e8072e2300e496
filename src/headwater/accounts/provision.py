"""The first things of an instance: a brand, the keys that reach it, and the person who logs in."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import make_password
from psycopg import Connection

from headwater.accounts import keys


@dataclass(frozen=True)
class Provisioned:
    """Shown once: the private key and the password are stored as hashes only."""

    workspace_id: int
    slug: str
    write_key: str
    private_key: str


def create_workspace(
    conn: Connection,
    name: str,
    now: datetime,
    *,
    slug: str | None = None,
    timezone: str = "UTC",
    currency: str = "USD",
    from_name: str = "",
    from_email: str = "",
    postal_address: str = "",
    website_url: str = "",
) -> Provisioned:
    """Make a brand with a write key and a private key. Raises psycopg's UniqueViolation for a slug that is taken."""
    slug = slug or re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "brand"
    row = conn.execute(
        """
        INSERT INTO workspace (name, slug, timezone, currency, from_name, from_email, reply_to, postal_address,
                               website_url, smart_sending_hours, require_consent, created_at)
        VALUES (%(name)s, %(slug)s, %(timezone)s, %(currency)s, %(from_name)s, %(from_email)s, '', %(postal)s,
                %(website)s, 16, false, %(now)s)
        RETURNING id
        """,
        {
            "name": name,
            "slug": slug,
            "timezone": timezone,
            "currency": currency,
            "from_name": from_name or name,
            "from_email": from_email,
            "postal": postal_address,
            "website": website_url,
            "now": now,
        },  # fmt: skip
    ).fetchone()
    assert row is not None
    return Provisioned(
        row[0], slug, keys.create(conn, row[0], "write", "First"), keys.create(conn, row[0], "private", "First")
    )


def workspace_id(conn: Connection, slug: str) -> int | None:
    row = conn.execute("SELECT id FROM workspace WHERE slug = %s", (slug,)).fetchone()
    return row[0] if row else None


def is_empty(conn: Connection) -> bool:
    """Whether nobody can log in yet."""
    return conn.execute("SELECT 1 FROM app_user LIMIT 1").fetchone() is None


def create_user(conn: Connection, email: str, role: str = "owner") -> str:
    """Make a person with this role in every brand there is; answers a fresh password."""
    password = secrets.token_urlsafe(12)
    row = conn.execute(
        """
        INSERT INTO app_user (email, name, password, is_active, is_staff, is_superuser)
        VALUES (%s, '', %s, true, true, true)
        RETURNING id
        """,
        (email, make_password(password)),
    ).fetchone()
    assert row is not None
    conn.execute(
        "INSERT INTO membership (user_id, workspace_id, role) SELECT %s, id, %s FROM workspace", (row[0], role)
    )
    return password


def reset_password(conn: Connection, email: str) -> str | None:
    """A fresh password for the person with this address, or None if there is no such person."""
    password = secrets.token_urlsafe(12)
    done = conn.execute("UPDATE app_user SET password = %s WHERE email = %s", (make_password(password), email))
    return password if done.rowcount else None


def admit_owners(conn: Connection, workspace_id: int) -> None:
    """Let those who run this instance own this brand."""
    conn.execute(
        """
        INSERT INTO membership (user_id, workspace_id, role)
        SELECT id, %(workspace)s, 'owner'
        FROM app_user
        WHERE is_superuser
        ON CONFLICT DO NOTHING
        """,
        {"workspace": workspace_id},
    )
