"""Who is suppressed and why, as a list for people to look at: the latest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from headwater.audience.consent import SuppressionReason


@dataclass(frozen=True, slots=True)
class Suppressed:
    profile_id: int
    email: str | None
    name: str | None
    reason: SuppressionReason
    at: datetime
    detail: dict[str, Any]


Place = tuple[datetime, int, str]
"""(at, profile id, reason): where a page begins."""


def page(
    conn: Connection,
    workspace_id: int,
    *,
    q: str | None = None,
    reason: SuppressionReason | None = None,
    after: Place | None = None,
    limit: int = 100,
) -> list[Suppressed]:
    """Suppressions, the latest first, from after the given one. `q`: a part of the address or the name."""
    pattern = q.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") if q else ""
    at, profile_id, because = after if after is not None else (None, None, None)
    with conn.cursor(row_factory=class_row(Suppressed)) as cursor:
        # Index suppression_at, backwards from the cursor on; the person by primary key.
        return cursor.execute(
            """
            SELECT s.profile_id, p.email,
                   NULLIF(concat_ws(' ', p.first_name, p.last_name), '') AS name, s.reason, s.at, s.detail
            FROM suppression s
            JOIN profile p
              ON p.workspace_id = s.workspace_id
             AND p.id = s.profile_id
            WHERE s.workspace_id = %(workspace)s
              AND (%(reason)s::text IS NULL OR s.reason = %(reason)s)
              AND (%(at)s::timestamptz IS NULL OR s.at <= %(at)s)
              AND (%(at)s::timestamptz IS NULL OR (s.at, s.profile_id, s.reason) < (%(at)s, %(profile)s, %(because)s))
              AND (%(pattern)s::text = ''
                   OR lower(concat_ws(' ', p.email, p.first_name, p.last_name)) LIKE '%%' || %(pattern)s || '%%')
            ORDER BY s.at DESC, s.profile_id DESC, s.reason DESC
            LIMIT %(limit)s
            """,
            {
                "workspace": workspace_id,
                "reason": reason,
                "at": at,
                "profile": profile_id,
                "because": because,
                "pattern": pattern,
                "limit": limit,
            },
        ).fetchall()


def counts(conn: Connection, workspace_id: int) -> dict[str, int]:
    """How many people are suppressed for each reason. Index: the primary key's entries of the workspace."""
    return dict(
        conn.execute(
            "SELECT reason, count(*) FROM suppression WHERE workspace_id = %s GROUP BY reason", (workspace_id,)
        ).fetchall()
    )
