"""Hosts that flows call and that do not answer as they should: for what needs attention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class Trouble:
    host: str
    failures: int
    """In a row, until now."""
    open_until: datetime | None
    """Until when it is left alone."""


def failing(conn: Connection, workspace_id: int, at_least: int) -> list[Trouble]:
    """Hosts with so many failures in a row, the worst first."""
    with conn.cursor(row_factory=class_row(Trouble)) as cursor:
        # Index: flow_call_host's primary key; one row a host.
        return cursor.execute(
            """
            SELECT host, failures, open_until
            FROM flow_call_host
            WHERE workspace_id = %(workspace)s
              AND failures >= %(at_least)s
            ORDER BY failures DESC, host
            LIMIT 20
            """,
            {"workspace": workspace_id, "at_least": at_least},
        ).fetchall()
