"""What mail people got in a span of time, and what they made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from headwater.delivery.frequency import PLANNED_AHEAD
from headwater.delivery.sendings import MARKETING


@dataclass(frozen=True, slots=True)
class Received:
    """An email that was sent; `kind` is its source."""

    profile_id: int
    at: datetime
    kind: str
    source_id: int
    transactional: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """How many emails of flows and campaigns reached somebody, and how many of these they answered to."""

    received: int
    opened: int
    """By a person: machines' opens are not noted in the ledger."""
    clicked: int


def between(
    conn: Connection, workspace_id: int, profile_ids: Sequence[int], start: datetime, end: datetime
) -> list[Received]:
    """By person, in the order of time."""
    # For a backtest, a few thousand people at a time. Index: message_profile.
    rows = conn.execute(
        """
        SELECT profile_id, sent_at, source, source_id, transactional
        FROM message
        WHERE workspace_id = %(workspace)s
          AND profile_id = ANY (%(people)s)
          AND planned_at >= %(planned_since)s
          AND planned_at < %(end)s
          AND sent_at >= %(start)s
          AND sent_at < %(end)s
        ORDER BY profile_id, sent_at
        """,
        {
            "workspace": workspace_id,
            "people": list(profile_ids),
            "planned_since": start - PLANNED_AHEAD,
            "start": start,
            "end": end,
        },
    ).fetchall()
    return [Received(*row) for row in rows]


def answered(conn: Connection, workspace_id: int, profile_id: int, start: datetime, end: datetime) -> Answered:
    """Of the emails that left for one person in [start, end), by what became of them until now."""
    # For a profile's page. Index: message_profile, from the first day on which such an email can have been planned.
    row = conn.execute(
        """
        SELECT count(*), count(opened_at), count(clicked_at)
        FROM message
        WHERE workspace_id = %(workspace)s
          AND profile_id = %(profile)s
          AND planned_at >= %(planned_since)s
          AND planned_at < %(end)s
          AND sent_at >= %(start)s
          AND sent_at < %(end)s
          AND state <> 'bounced'
          AND source = ANY (%(sources)s)
        """,
        {
            "workspace": workspace_id,
            "profile": profile_id,
            "planned_since": start - PLANNED_AHEAD,
            "start": start,
            "end": end,
            "sources": MARKETING,
        },
    ).fetchone()
    assert row is not None
    return Answered(*row)
