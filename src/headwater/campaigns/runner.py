"""Moves campaigns on: puts due audiences into the ledger chunk by chunk, starts them, and closes finished ones.

Each call is one transaction's work: a chunk's rows and the cursor behind them commit together, so that a process killed
anywhere leaves nothing out and adds nobody twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import psycopg
from psycopg import Connection
from psycopg.rows import class_row

from headwater.campaigns import audience, schedule, series
from headwater.campaigns.campaigns import COLUMNS, SOURCE, Campaign
from headwater.campaigns.errors import CampaignError
from headwater.core import partitions
from headwater.delivery import ledger
from headwater.delivery.reasons import Reason
from headwater.segments.conditions import DefinitionError

CHUNK = 20_000


def workspaces_with_work(conn: Connection, now: datetime) -> list[int]:
    """The workspaces that have a campaign to move on. The one query that looks across workspaces."""
    # For the worker's idle poll. Index: campaign_due.
    rows = conn.execute(
        """
        SELECT workspace.id
        FROM workspace
        WHERE EXISTS (
            SELECT FROM campaign
            WHERE workspace_id = workspace.id
              AND status IN ('scheduled', 'adding_recipients', 'sending')
              AND (send_at <= %(now)s OR audience_at = 'schedule' AND audience_done_at IS NULL)
        )
        ORDER BY workspace.id
        """,
        {"now": now},
    ).fetchall()
    return [row[0] for row in rows]


def run_due(conn: Connection, workspace_id: int, now: datetime, chunk: int = CHUNK) -> int:
    """Move what is due one step on. Answers how much was done; 0: nothing to do until something changes."""
    due = _claim(conn, workspace_id, now)
    waiting = [one for one in due if schedule.adds_recipients(_standing(one), now)]
    done = 0
    if waiting:
        first = waiting[0]
        try:
            with conn.transaction():
                grown, added = _add_recipients(conn, workspace_id, first, now, chunk)
        except (CampaignError, DefinitionError, psycopg.DataError, psycopg.ProgrammingError) as error:
            # Its audience can't be read any more: stop this one for good, so that the others go on.
            _give_up(conn, workspace_id, first, str(error).splitlines()[0], now)
            return 1
        due = [grown if one.id == grown.id else one for one in due]
        done += added
    sending = [one.id for one in due if one.audience_done_at is not None]
    unfinished = ledger.unfinished(conn, workspace_id, SOURCE, sending) if sending else set()
    moved = [(one, schedule.status(_standing(one, one.id in unfinished), now)) for one in due]
    changed = [(one, status) for one, status in moved if status != one.status]
    _write(conn, workspace_id, changed, now)
    return done + len(changed)


def _claim(conn: Connection, workspace_id: int, now: datetime) -> list[Campaign]:
    with conn.cursor(row_factory=class_row(Campaign)) as cursor:
        # Due campaigns that no other worker is moving, and that no one is cancelling. Index: campaign_due.
        return cursor.execute(
            f"""
            SELECT {COLUMNS}
            FROM campaign
            WHERE workspace_id = %(workspace)s
              AND status IN ('scheduled', 'adding_recipients', 'sending')
              AND (send_at <= %(now)s OR audience_at = 'schedule' AND audience_done_at IS NULL)
            ORDER BY send_at, id
            FOR UPDATE SKIP LOCKED
            """,  # noqa: S608 - constant columns
            {"workspace": workspace_id, "now": now},
        ).fetchall()


def _standing(campaign: Campaign, unfinished: bool = True) -> schedule.Standing:
    assert campaign.send_at is not None
    return schedule.Standing(
        campaign.status,
        campaign.send_at,
        campaign.audience_at,
        campaign.audience_done_at is not None,
        campaign.recipients,
        unfinished,
    )


def _add_recipients(
    conn: Connection, workspace_id: int, campaign: Campaign, now: datetime, chunk: int
) -> tuple[Campaign, int]:
    """The next chunk of the audience into the ledger; the campaign as it stands then, and how many were looked at."""
    assert campaign.origin_at is not None
    # A list archived meanwhile would be empty: someone it should have kept out would get the email.
    audience.check(conn, workspace_id, campaign.audience)
    buyers = series.buyers(conn, workspace_id, [campaign.series_id]) if campaign.series_id else {}
    chosen = audience.selection(
        conn,
        workspace_id,
        campaign.audience,
        now,
        buyers=buyers.get(campaign.series_id or 0),
        after=campaign.cursor,
        limit=chunk,
    )
    partitions.ensure(conn, "message", [campaign.origin_at])
    # The chunk by profile id, its rows, and where it ended. Indexes: see audience.selection; the ledger's intent key.
    row = conn.execute(
        f"""
        WITH chosen AS MATERIALIZED (
            {chosen.sql}
        ), planned AS (
            {ledger.intend_query("SELECT profile_id FROM chosen")}
            RETURNING profile_id
        )
        SELECT count(*), COALESCE(max(profile_id), 0), (SELECT count(*) FROM planned)
        FROM chosen
        """,  # noqa: S608 - compiled by segments; values are parameters
        {
            **chosen.params,
            "workspace": workspace_id,
            "source": SOURCE,
            "source_id": campaign.id,
            "step": "",
            "occurrence": 0,
            "origin_at": campaign.origin_at,
            "send_at": campaign.send_at,
            "template_version_id": campaign.template_version_id,
            "now": now,
        },
    ).fetchone()
    assert row is not None
    looked_at, last, planned = row
    finished = looked_at < chunk
    conn.execute(
        """
        UPDATE campaign
        SET cursor = GREATEST(cursor, %(cursor)s),
            recipients = recipients + %(planned)s,
            audience_done_at = CASE WHEN %(finished)s THEN %(now)s::timestamptz END
        WHERE workspace_id = %(workspace)s
          AND id = %(id)s
        """,
        {
            "workspace": workspace_id,
            "id": campaign.id,
            "cursor": last,
            "planned": planned,
            "finished": finished,
            "now": now,
        },
    )
    grown = replace(
        campaign,
        cursor=max(campaign.cursor, last),
        recipients=campaign.recipients + planned,
        audience_done_at=now if finished else None,
    )
    return grown, looked_at


def _give_up(conn: Connection, workspace_id: int, campaign: Campaign, reason: str, now: datetime) -> None:
    ledger.cancel(conn, workspace_id, SOURCE, campaign.id, Reason.CANCELLED, now)
    # Index: primary key.
    conn.execute(
        """
        UPDATE campaign
        SET status = 'cancelled',
            status_reason = %(reason)s,
            finished_at = %(now)s,
            updated_at = %(now)s
        WHERE workspace_id = %(workspace)s
          AND id = %(id)s
        """,
        {"workspace": workspace_id, "id": campaign.id, "reason": reason, "now": now},
    )


def _write(conn: Connection, workspace_id: int, changed: Sequence[tuple[Campaign, str]], now: datetime) -> None:
    if not changed:
        return
    # Index: primary key.
    conn.execute(
        """
        UPDATE campaign
        SET status = moved.status,
            finished_at = CASE WHEN moved.status IN ('sent', 'no_recipients') THEN %(now)s::timestamptz END,
            updated_at = %(now)s
        FROM unnest(%(ids)s::bigint[], %(statuses)s::text[]) AS moved (id, status)
        WHERE campaign.workspace_id = %(workspace)s
          AND campaign.id = moved.id
        """,
        {
            "workspace": workspace_id,
            "ids": [campaign.id for campaign, _ in changed],
            "statuses": [status for _, status in changed],
            "now": now,
        },
    )
