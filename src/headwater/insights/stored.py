"""How much of a brand is kept: people, events and emails by month."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import Connection

from headwater.audience import profiles
from headwater.delivery import sendings
from headwater.events import totals
from headwater.events.totals import Month


@dataclass(frozen=True, slots=True)
class Stored:
    profiles: int
    events: int
    messages: int
    events_by_month: list[Month]
    messages_by_month: list[Month]


def load(conn: Connection, workspace_id: int) -> Stored:
    """Everything that is there now."""
    events = totals.per_month(conn, workspace_id)
    messages = [Month(month, count) for month, count in sendings.per_month(conn, workspace_id)]
    return Stored(
        profiles=profiles.count(conn, workspace_id),
        events=sum(one.count for one in events),
        messages=sum(one.count for one in messages),
        events_by_month=events,
        messages_by_month=messages,
    )
