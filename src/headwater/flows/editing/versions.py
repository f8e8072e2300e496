"""A flow's row and its versions, which never change once they are published. Statements only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from headwater.flows.errors import UnknownFlow

SOURCE = "flow"
"""What the ledger calls flows."""


@dataclass(frozen=True)
class FlowRow:
    id: int
    slug: str
    name: str
    status: str
    version: int | None
    """The live one; None: never published."""
    draft: Mapping[str, Any] | None


@dataclass(frozen=True)
class Version:
    version: int
    published_at: datetime
    undoes: int | None
    """The version whose publishing it took back."""
    definition: Mapping[str, Any]
    published_by: str | None
    """The name, or else the address, of the person who published it."""


_ROW = "SELECT id, slug, name, status, live_version AS version, draft FROM flow"


def find(conn: Connection, workspace_id: int, slug: str, *, lock: bool = False) -> FlowRow:
    """A flow; locked, so that two people who change it at once take turns. Raises UnknownFlow."""
    # By the unique (workspace_id, slug). The lock lets enrolments refer to the flow meanwhile.
    with conn.cursor(row_factory=class_row(FlowRow)) as cursor:
        found = cursor.execute(
            f"{_ROW} WHERE workspace_id = %(workspace)s AND slug = %(slug)s"  # noqa: S608 - constants
            f"{' FOR NO KEY UPDATE' if lock else ''}",
            {"workspace": workspace_id, "slug": slug},
        ).fetchone()
    if found is None:
        raise UnknownFlow(slug)
    return found


def begin(conn: Connection, workspace_id: int, slug: str, name: str, now: datetime) -> tuple[FlowRow, bool]:
    """The flow's row, locked; made, as a draft, unless it exists. Answers whether it was made."""
    made = conn.execute(
        """
        INSERT INTO flow (workspace_id, slug, name, created_at, updated_at)
        VALUES (%(workspace)s, %(slug)s, %(name)s, %(now)s, %(now)s)
        ON CONFLICT (workspace_id, slug) DO NOTHING
        """,
        {"workspace": workspace_id, "slug": slug, "name": name, "now": now},
    )
    return find(conn, workspace_id, slug, lock=True), made.rowcount > 0


def definition(conn: Connection, workspace_id: int, flow_id: int, version: int | None) -> Mapping[str, Any] | None:
    """A version's definition as it is stored. Primary key."""
    row = conn.execute(
        """
        SELECT definition
        FROM flow_version
        WHERE workspace_id = %(workspace)s
          AND flow_id = %(flow)s
          AND version = %(version)s
        """,
        {"workspace": workspace_id, "flow": flow_id, "version": version},
    ).fetchone()
    return row[0] if row is not None else None


def is_same(conn: Connection, workspace_id: int, flow_id: int, version: int, tree: Any) -> bool:
    """Whether the version is this definition, as the database compares them. Primary key."""
    row = conn.execute(
        """
        SELECT definition = %(tree)s
        FROM flow_version
        WHERE workspace_id = %(workspace)s
          AND flow_id = %(flow)s
          AND version = %(version)s
        """,
        {"workspace": workspace_id, "flow": flow_id, "version": version, "tree": Jsonb(tree)},
    ).fetchone()
    return bool(row and row[0])


def add(conn: Connection, workspace_id: int, flow_id: int, tree: Any, undoes: int | None, now: datetime) -> int:
    """A new version; answers its number. The caller holds the flow's lock."""
    row = conn.execute(
        """
        INSERT INTO flow_version (workspace_id, flow_id, version, definition, undoes, published_at)
        SELECT %(workspace)s, %(flow)s, COALESCE(max(version), 0) + 1, %(tree)s, %(undoes)s, %(now)s
        FROM flow_version
        WHERE workspace_id = %(workspace)s
          AND flow_id = %(flow)s
        RETURNING version
        """,
        {"workspace": workspace_id, "flow": flow_id, "tree": Jsonb(tree), "undoes": undoes, "now": now},
    ).fetchone()
    assert row is not None
    return int(row[0])


def sign(conn: Connection, workspace_id: int, flow_id: int, version: int, user_id: int) -> None:
    """Say who publishes it, in the transaction that does. Primary key."""
    conn.execute(
        """
        UPDATE flow_version
        SET published_by = %(user)s
        WHERE workspace_id = %(workspace)s
          AND flow_id = %(flow)s
          AND version = %(version)s
        """,
        {"workspace": workspace_id, "flow": flow_id, "version": version, "user": user_id},
    )


def set_live(
    conn: Connection, workspace_id: int, flow_id: int, version: int, name: str, status: str, now: datetime
) -> None:
    """Have this version run. What is unchanged stays untouched. Primary key."""
    conn.execute(
        """
        UPDATE flow
        SET live_version = %(version)s,
            name = %(name)s,
            status = %(status)s,
            updated_at = %(now)s
        WHERE workspace_id = %(workspace)s
          AND id = %(flow)s
          AND (live_version, name, status) IS DISTINCT FROM (%(version)s::int, %(name)s, %(status)s)
        """,
        {"workspace": workspace_id, "flow": flow_id, "version": version, "name": name, "status": status, "now": now},
    )


def set_draft(conn: Connection, workspace_id: int, flow_id: int, tree: Any, now: datetime) -> None:
    """Keep a draft beside what runs; None: forget it. A flow that never ran is called as its draft is. Primary key."""
    name = tree.get("name") if isinstance(tree, Mapping) else None
    conn.execute(
        """
        UPDATE flow
        SET draft = %(tree)s,
            name = CASE WHEN live_version IS NULL THEN COALESCE(%(name)s::text, name) ELSE name END,
            updated_at = %(now)s
        WHERE workspace_id = %(workspace)s
          AND id = %(flow)s
          AND draft IS DISTINCT FROM %(tree)s
        """,
        {
            "workspace": workspace_id,
            "flow": flow_id,
            "tree": Jsonb(tree) if tree is not None else None,
            "name": name if isinstance(name, str) and name else None,
            "now": now,
        },
    )


def history(
    conn: Connection, workspace_id: int, flow_id: int, *, before: int | None = None, limit: int = 100
) -> list[Version]:
    """Versions, the newest first, from before the given one. Primary key."""
    with conn.cursor(row_factory=class_row(Version)) as cursor:
        return cursor.execute(
            """
            SELECT version, published_at, undoes, definition,
                   COALESCE(NULLIF(app_user.name, ''), app_user.email) AS published_by
            FROM flow_version
            LEFT JOIN app_user ON app_user.id = flow_version.published_by
            WHERE workspace_id = %(workspace)s
              AND flow_id = %(flow)s
              AND (%(before)s::int IS NULL OR version < %(before)s)
            ORDER BY version DESC
            LIMIT %(limit)s
            """,
            {"workspace": workspace_id, "flow": flow_id, "before": before, "limit": limit},
        ).fetchall()
