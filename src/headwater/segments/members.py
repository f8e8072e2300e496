"""Who meets a condition, page by page."""

from __future__ import annotations

from datetime import datetime

from psycopg import Connection

from headwater.segments.compile import to_sql
from headwater.segments.conditions import Condition


def page(
    conn: Connection, workspace_id: int, condition: Condition, now: datetime, *, after: int = 0, limit: int = 100
) -> list[int]:
    """Profile ids of those who meet it now, in order, from after the given one."""
    statement, values = to_sql(conn, condition, workspace_id, now)
    rows = conn.execute(
        f"""
        SELECT member.profile_id
        FROM ({statement}) AS member
        WHERE member.profile_id > %(members_after)s
        ORDER BY member.profile_id
        LIMIT %(members_limit)s
        """,  # noqa: S608 - compiled; values are parameters
        {**values, "members_after": after, "members_limit": limit},
    ).fetchall()
    return [row[0] for row in rows]
