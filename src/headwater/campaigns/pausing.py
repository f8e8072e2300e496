"""Holding a campaign that is going out, and letting it go on from where it stands.

While it is paused the runner leaves it alone and its messages are held when they are claimed (`source`): pausing writes
one row, however many people are still to come.
"""

from __future__ import annotations

from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

from headwater.campaigns import campaigns, schedule
from headwater.campaigns.campaigns import COLUMNS, SOURCE, Campaign, said
from headwater.campaigns.errors import WrongStatus
from headwater.campaigns.schedule import PAUSABLE, Standing
from headwater.delivery import ledger


def pause(conn: Connection, workspace_id: int, campaign_id: int, now: datetime) -> Campaign | None:
    """Nothing more leaves until it is resumed; what is on the wire in this moment does. None: there is no such one.

    Raises WrongStatus unless it is going out.
    """
    present = campaigns.lock(conn, workspace_id, campaign_id)
    if present is None:
        return None
    if present.status not in PAUSABLE:
        raise WrongStatus(f"This campaign is {said(present.status)}; only one that is going out can be paused.")
    return _written(conn, workspace_id, campaign_id, "paused", now)


def resume(conn: Connection, workspace_id: int, campaign_id: int, now: datetime) -> Campaign | None:
    """Go on: whoever was still to get it gets it now, however long the pause was. None: there is no such one.

    Raises WrongStatus unless it is paused.
    """
    present = campaigns.lock(conn, workspace_id, campaign_id)
    if present is None:
        return None
    if present.status != "paused":
        raise WrongStatus(f"This campaign is {said(present.status)}, not paused.")
    ledger.due_again(conn, workspace_id, SOURCE, campaign_id, now)
    return _written(conn, workspace_id, campaign_id, _standing_status(present, now), now)


def _standing_status(present: Campaign, now: datetime) -> str:
    assert present.send_at is not None
    standing = Standing(
        "scheduled",
        present.send_at,
        present.audience_at,
        present.audience_done_at is not None,
        present.recipients,
    )
    return schedule.status(standing, now)


def _written(conn: Connection, workspace_id: int, campaign_id: int, status: str, now: datetime) -> Campaign | None:
    with conn.cursor(row_factory=class_row(Campaign)) as cursor:
        # Index: primary key.
        return cursor.execute(
            f"""
            UPDATE campaign
            SET status = %(status)s,
                updated_at = %(now)s
            WHERE workspace_id = %(workspace)s
              AND id = %(id)s
            RETURNING {COLUMNS}
            """,  # noqa: S608 - constant columns
            {"workspace": workspace_id, "id": campaign_id, "status": status, "now": now},
        ).fetchone()
