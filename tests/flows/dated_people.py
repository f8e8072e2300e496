"""People with dates among their properties, a flow that these start, and the role that looks ahead for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import Connection

from headwater.audience import profiles
from headwater.flows.arrivals import date_rounds
from tests.flows.flow_tables import people, publish

YEARLY = {"date": "birthday", "repeat": "yearly", "at": "09:00"}


def dated(conn: Connection, workspace: int, now: datetime, *values: Any, zone: str | None = None) -> list[int]:
    """People with these birthdays, as the processor would write them; in New York unless said."""
    made = people(conn, workspace, now, len(values))
    more = {"timezone": zone} if zone is not None else {}
    written = {one: {"birthday": value, **more} for one, value in zip(made, values, strict=True)}
    profiles.write(conn, workspace, written, now)
    return made


def by_date(conn: Connection, workspace: int, now: datetime, *steps: Any, **more: Any) -> int:
    """A live flow by the birthday, every year at nine, whose dates are kept."""
    flow = publish(conn, workspace, now, *steps, **{"trigger": YEARLY, **more})
    look_ahead(conn, workspace, now)
    return flow


def look_ahead(conn: Connection, workspace: int, now: datetime) -> None:
    """The role, until there is nothing to do for now; each turn is a transaction."""
    conn.commit()
    for _ in range(50):
        done = date_rounds.turn(conn, workspace, now)
        conn.commit()
        if not done:
            return
    raise AssertionError("the role does not come to rest")
