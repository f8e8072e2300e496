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
    slug = slug or _slug(name)
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


def free_slug(conn: Connection, name: str) -> str:
    """A slug for a new brand of this name that no brand has: my-shop, my-shop-2."""
    wanted = _slug(name)
    taken = {row[0] for row in conn.execute("SELECT slug FROM workspace WHERE starts_with(slug, %s)", (wanted,))}
    return next(one for one in (wanted, *(f"{wanted}-{n}" for n in range(2, len(taken) + 3))) if one not in taken)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower())[:40].strip("-") or "brand"


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


def person(conn: Connection, email: str) -> int | None:
    """The id of who logs in with this address, in whichever case."""
    found = conn.execute("SELECT id FROM app_user WHERE lower(email) = lower(%s)", (email,)).fetchone()
    return found[0] if found else None


def create_person(conn: Connection, email: str, name: str, password: str) -> int:
    """Make an account whose address is known to be theirs, in no brand yet. Raises UniqueViolation for a known one."""
    row = conn.execute(
        """
        INSERT INTO app_user (email, name, password, is_active, is_staff, is_superuser)
        VALUES (%(email)s, %(name)s, %(password)s, true, false, false)
        RETURNING id
        """,
        {"email": email, "name": name, "password": make_password(password)},
    ).fetchone()
    assert row is not None
    conn.execute(
        'INSERT INTO account_emailaddress (user_id, email, verified, "primary") VALUES (%s, %s, true, true)',
        (row[0], email),
    )
    return int(row[0])


def reset_password(conn: Connection, email: str) -> str | None:
    """A fresh password for the person with this address, or None if there is no such person."""
    password = secrets.token_urlsafe(12)
    done = conn.execute("UPDATE app_user SET password = %s WHERE email = %s", (make_password(password), email))
    return password if done.rowcount else None


def reset_two_factor(conn: Connection, email: str) -> int | None:
    """Take away second factors and passkeys, for who lost them; how many it was, None for an unknown address."""
    user_id = person(conn, email)
    if user_id is None:
        return None
    return conn.execute("DELETE FROM mfa_authenticator WHERE user_id = %s", (user_id,)).rowcount


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
