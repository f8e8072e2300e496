"""What became of a source's messages, step by step: read from the ledger's own rows, so it is exact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from headwater.delivery.outcomes import Outcomes
from headwater.events import attribution


@dataclass
class StepResults(Outcomes):
    """Messages planned in a span of time, by what became of them until now, with the orders that they brought."""

    converted: int = 0


def by_step(
    conn: Connection, workspace_id: int, source: str, source_id: int, since: datetime, until: datetime
) -> dict[str, StepResults]:
    """Results of the messages that were planned in [since, until), by step."""
    found: dict[str, StepResults] = defaultdict(StepResults)
    # For the numbers of a flow. Index: the unique key's first columns.
    rows = conn.execute(
        """
        SELECT step, state, reason, count(*), count(opened_at), count(clicked_at)
        FROM message
        WHERE workspace_id = %(workspace)s
          AND source = %(source)s
          AND source_id = %(source_id)s
          AND planned_at >= %(since)s
          AND planned_at < %(until)s
        GROUP BY step, state, reason
        """,
        {"workspace": workspace_id, "source": source, "source_id": source_id, "since": since, "until": until},
    ).fetchall()
    for step, state, reason, count, opened, clicked in rows:
        found[step].add(state, reason, count, opened, clicked)
    touched = _touched(conn, workspace_id, source, source_id, since, until)
    _credit(conn, workspace_id, found, touched, since)
    gone = attribution.unsubscribed_from(conn, workspace_id, since, until)
    for step in _steps(conn, workspace_id, source, source_id, gone).values():
        found[step].unsubscribed += 1
    return dict(found)


@dataclass(frozen=True, slots=True)
class _Touched:
    step: str
    profile_id: int
    sent_at: datetime


def _touched(
    conn: Connection, workspace_id: int, source: str, source_id: int, since: datetime, until: datetime
) -> Mapping[int, _Touched]:
    # The messages of the span that somebody opened or clicked. Index: the unique key's first columns.
    rows = conn.execute(
        """
        SELECT id, step, profile_id, COALESCE(sent_at, planned_at)
        FROM message
        WHERE workspace_id = %(workspace)s
          AND source = %(source)s
          AND source_id = %(source_id)s
          AND planned_at >= %(since)s
          AND planned_at < %(until)s
          AND (opened_at IS NOT NULL OR clicked_at IS NOT NULL)
        """,
        {"workspace": workspace_id, "source": source, "source_id": source_id, "since": since, "until": until},
    ).fetchall()
    return {row[0]: _Touched(*row[1:]) for row in rows}


def _credit(
    conn: Connection,
    workspace_id: int,
    found: Mapping[str, StepResults],
    touched: Mapping[int, _Touched],
    since: datetime,
) -> None:
    """Orders to the step whose email was the last that their customer opened or clicked."""
    if not touched:
        return
    latest = max(one.sent_at for one in touched.values())
    people = {one.profile_id for one in touched.values()}
    until = latest + attribution.WINDOW * 8  # an email may be opened weeks later, and bring an order then
    for credit in attribution.credits(conn, workspace_id, people, since, until):
        if credit.message_id in touched:
            results = found[touched[credit.message_id].step]
            results.converted += 1
            results.revenue += credit.value


def _steps(
    conn: Connection, workspace_id: int, source: str, source_id: int, message_ids: Collection[int]
) -> dict[int, str]:
    """Of these messages, those of the source, with their steps."""
    if not message_ids:
        return {}
    # Index: the primary key's first columns, in each partition.
    rows = conn.execute(
        """
        SELECT id, step
        FROM message
        WHERE workspace_id = %(workspace)s
          AND id = ANY (%(ids)s)
          AND source = %(source)s
          AND source_id = %(source_id)s
        """,
        {"workspace": workspace_id, "ids": list(message_ids), "source": source, "source_id": source_id},
    ).fetchall()
    return dict(rows)
