"""What campaigns are on their way, and whether there ever was one: for the home page."""

from __future__ import annotations

from psycopg import Connection
from psycopg.rows import class_row

from headwater.campaigns.campaigns import COLUMNS, Campaign


def on_their_way(conn: Connection, workspace_id: int, limit: int) -> list[Campaign]:
    """Campaigns on their way: being sent, then scheduled, the soonest first."""
    with conn.cursor(row_factory=class_row(Campaign)) as cursor:
        # For the overview. Index campaign_due, in its order.
        return cursor.execute(
            f"""
            SELECT {COLUMNS}
            FROM campaign
            WHERE workspace_id = %(workspace)s
              AND status IN ('scheduled', 'adding_recipients', 'sending')
            ORDER BY send_at, id
            LIMIT %(limit)s
            """,  # noqa: S608 - constant columns
            {"workspace": workspace_id, "limit": limit},
        ).fetchall()


def any_scheduled(conn: Connection, workspace_id: int) -> bool:
    """Whether a campaign was ever scheduled."""
    # For the set-up of a new brand. Primary key's first column; the first hit ends it.
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM campaign WHERE workspace_id = %s AND origin_at IS NOT NULL)", (workspace_id,)
    ).fetchone()
    assert row is not None
    return bool(row[0])
