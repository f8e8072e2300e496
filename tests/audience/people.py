"""Builders for the audience's tests."""

from __future__ import annotations

from datetime import UTC, datetime

from psycopg import Connection

from headwater.audience import identity, profiles
from headwater.audience.identity import Claim

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def resolve(conn: Connection, workspace: int, *claims: Claim, now: datetime = NOW) -> list[int]:
    """One batch of claims."""
    identity.lock(conn, workspace)
    return identity.resolve(conn, workspace, claims, now)


def person(conn: Connection, workspace: int, now: datetime = NOW, **identifiers: str) -> int:
    """A profile with these identifiers."""
    return resolve(conn, workspace, Claim(**identifiers), now=now)[0]  # type: ignore[arg-type]


def owner(conn: Connection, workspace: int, kind: str, value: str) -> int | None:
    row = conn.execute(
        "SELECT profile_id FROM profile_identifier WHERE workspace_id = %s AND kind = %s AND value = %s",
        (workspace, kind, value),
    ).fetchone()
    return row[0] if row else None


def stored(conn: Connection, workspace: int) -> dict[int, profiles.Profile]:
    return {one.id: one for one in profiles.page(conn, workspace, limit=10_000)}
