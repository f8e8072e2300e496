"""What became of whole sources' messages (campaigns, say), many of them at once: for lists, and for reports.

Read from the ledger's own rows, so it is exact; orders and unsubscribes come from the events that name a message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from headwater.delivery.outcomes import Outcomes
from headwater.events import attribution


@dataclass
class SourceTotals(Outcomes):
    """Messages of one source by what became of them until now, with the orders that they brought."""

    recipients: int = 0
    orders: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """When the sources' messages began, which names their partitions, and until when what they brought counts."""

    first: datetime
    last: datetime
    until: datetime


def totals(
    conn: Connection, workspace_id: int, source: str, source_ids: Sequence[int], span: Span
) -> dict[int, SourceTotals]:
    """By source id; three queries however many sources, and a fourth where there were orders."""
    found = counts(conn, workspace_id, source, source_ids, span)
    if not found:
        return found
    parameters = _parameters(workspace_id, source, source_ids, span)
    touched = _touched(conn, parameters)
    people = {profile_id for _, profile_id in touched.values()}
    for credit in attribution.credits(conn, workspace_id, people, span.first, span.until):
        if credit.message_id in touched:
            one = found[touched[credit.message_id][0]]
            one.orders += 1
            one.revenue += credit.value
    for source_id, count in _left(conn, parameters, workspace_id, span).items():
        found[source_id].unsubscribed = count
    return found


def counts(
    conn: Connection, workspace_id: int, source: str, source_ids: Sequence[int], span: Span
) -> dict[int, SourceTotals]:
    """The same without orders and unsubscribes: one query, for what is looked at every few seconds."""
    found = {source_id: SourceTotals() for source_id in source_ids}
    if found:
        _count(conn, found, _parameters(workspace_id, source, source_ids, span))
    return found


def _parameters(workspace_id: int, source: str, source_ids: Sequence[int], span: Span) -> dict[str, object]:
    return {
        "workspace": workspace_id,
        "source": source,
        "source_ids": list(source_ids),
        "first": span.first,
        "last": span.last,
    }


def _count(conn: Connection, found: Mapping[int, SourceTotals], parameters: Mapping[str, object]) -> None:
    # For lists of campaigns. Index: the unique key's first columns, in the partitions of the span.
    rows = conn.execute(
        """
        SELECT source_id, state, reason, count(*), count(opened_at), count(clicked_at)
        FROM message
        WHERE workspace_id = %(workspace)s
          AND source = %(source)s
          AND source_id = ANY(%(source_ids)s::bigint[])
          AND origin_at BETWEEN %(first)s AND %(last)s
        GROUP BY source_id, state, reason
        """,
        parameters,
    ).fetchall()
    for source_id, state, reason, count, opened, clicked in rows:
        found[source_id].recipients += count
        found[source_id].add(state, reason, count, opened, clicked)


def _touched(conn: Connection, parameters: Mapping[str, object]) -> dict[int, tuple[int, int]]:
    # The messages that somebody opened or clicked: (source, profile) by id. Index: the unique key's first columns.
    rows = conn.execute(
        """
        SELECT id, source_id, profile_id
        FROM message
        WHERE workspace_id = %(workspace)s
          AND source = %(source)s
          AND source_id = ANY(%(source_ids)s::bigint[])
          AND origin_at BETWEEN %(first)s AND %(last)s
          AND (opened_at IS NOT NULL OR clicked_at IS NOT NULL)
        """,
        parameters,
    ).fetchall()
    return {row[0]: (row[1], row[2]) for row in rows}


def _left(conn: Connection, parameters: Mapping[str, object], workspace_id: int, span: Span) -> dict[int, int]:
    """How many unsubscribed from a message of each source."""
    messages = attribution.unsubscribed_from(conn, workspace_id, span.first, span.until)
    if not messages:
        return {}
    # Index: the primary key's first columns, in the partitions of the span.
    rows = conn.execute(
        """
        SELECT source_id, count(*)
        FROM message
        WHERE workspace_id = %(workspace)s
          AND id = ANY(%(messages)s::bigint[])
          AND source = %(source)s
          AND source_id = ANY(%(source_ids)s::bigint[])
          AND origin_at BETWEEN %(first)s AND %(last)s
        GROUP BY source_id
        """,
        {**parameters, "messages": messages},
    ).fetchall()
    return dict(rows)
