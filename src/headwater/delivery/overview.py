"""How a workspace's messages of late are doing, by state: for the home page."""

from __future__ import annotations

from datetime import datetime

from psycopg import Connection


def states_since(conn: Connection, workspace_id: int, since: datetime) -> dict[str, int]:
    """Messages by state, of flows entered and campaigns scheduled since then."""
    # Partitions before `since` are not read; the others by the primary key's first column.
    rows = conn.execute(
        """
        SELECT state, count(*)
        FROM message
        WHERE workspace_id = %(workspace)s
          AND origin_at >= %(since)s
        GROUP BY state
        """,
        {"workspace": workspace_id, "since": since},
    ).fetchall()
    return dict(rows)
