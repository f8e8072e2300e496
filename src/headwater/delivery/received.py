"""What mail people got in a span of time: for those who ask what more would have meant to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from headwater.delivery.frequency import PLANNED_AHEAD


@dataclass(frozen=True, slots=True)
class Received:
    """An email that was sent; `kind` is its source."""

    profile_id: int
    at: datetime
    kind: str
    source_id: int
    transactional: bool


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
