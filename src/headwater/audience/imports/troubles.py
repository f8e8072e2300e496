"""Imports that ended with rows left out, or stopped: for what needs attention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class Trouble:
    id: int
    name: str
    """Of the file."""
    refused: int
    """Rows that were not taken in."""
    total: int
    error: str | None
    """Why it stopped; None: it went through."""


def ended_since(conn: Connection, workspace_id: int, since: datetime) -> list[Trouble]:
    """Those that ended since then, the newest first. What somebody cancelled needs nobody."""
    with conn.cursor(row_factory=class_row(Trouble)) as cursor:
        # Index profile_import_finished; a brand has a handful of imports a week.
        return cursor.execute(
            """
            SELECT id, name, refused, total, CASE WHEN state = 'failed' THEN COALESCE(error, '') END AS error
            FROM profile_import
            WHERE workspace_id = %(workspace)s
              AND finished_at >= %(since)s
              AND (state = 'failed' OR state = 'done' AND refused > 0)
            ORDER BY finished_at DESC, id DESC
            LIMIT 20
            """,
            {"workspace": workspace_id, "since": since},
        ).fetchall()
