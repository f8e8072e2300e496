"""API keys: making them, and finding the workspace that a presented key belongs to."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

from headwater.core import clock


@dataclass(frozen=True)
class KeyHolder:
    workspace_id: int
    kind: str
    """'private' or 'write'."""


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def create(conn: Connection, workspace_id: int, kind: str, name: str = "") -> str:
    """Make a key of `kind` ('private' or 'write') and answer it; a private key can't be shown again."""
    key = {"private": "hw_sk_", "write": "hw_wk_"}[kind] + secrets.token_urlsafe(32)
    conn.execute(
        "INSERT INTO api_key (workspace_id, kind, name, prefix, digest, public, created_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (workspace_id, kind, name, key[:12], digest(key), key if kind == "write" else None, clock.now(conn)),
    )
    return key


def find(conn: Connection, key: str) -> KeyHolder | None:
    """Whose key this is, or None for an unknown or revoked one."""
    row = conn.execute(
        "SELECT workspace_id, kind FROM api_key WHERE digest = %s AND revoked_at IS NULL", (digest(key),)
    ).fetchone()
    return KeyHolder(row[0], row[1]) if row else None


@dataclass(frozen=True)
class Key:
    """A key as lists show it; `public` is the whole of a write key, a private one can't be shown again."""

    id: int
    kind: str
    name: str
    prefix: str
    public: str | None
    created_at: datetime


def of_workspace(conn: Connection, workspace_id: int) -> list[Key]:
    """The keys in use, the oldest first."""
    with conn.cursor(row_factory=class_row(Key)) as cursor:
        return cursor.execute(
            """
            SELECT id, kind, name, prefix, public, created_at
            FROM api_key
            WHERE workspace_id = %(workspace)s
              AND revoked_at IS NULL
            ORDER BY id
            """,
            {"workspace": workspace_id},
        ).fetchall()


def revoke(conn: Connection, workspace_id: int, key_id: int, now: datetime) -> bool:
    """End a key; False if there is no such key in use."""
    return (
        conn.execute(
            """
            UPDATE api_key
            SET revoked_at = %(now)s
            WHERE workspace_id = %(workspace)s
              AND id = %(key)s
              AND revoked_at IS NULL
            """,
            {"workspace": workspace_id, "key": key_id, "now": now},
        ).rowcount
        == 1
    )
