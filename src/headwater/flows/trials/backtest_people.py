"""Whose history a backtest reads: those who may have had a trigger in the span, in blocks for several processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from headwater.events import history, metrics
from headwater.flows.definition import FlowDefinition
from headwater.flows.trials.backtest_replay import Case
from headwater.flows.triggers import DateTrigger, ListTrigger
from headwater.segments.language import COLUMNS

BLOCK = 4_000_000
"""Events of the trigger's metric, about, of the people whose history is read at once."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who may have had a trigger in the span."""

    id: int
    has_address: bool
    events: int = 1
    """About how many events of the trigger's metric they have."""


def people(conn: Connection, case: Case) -> list[Who]:
    """By id."""
    found: dict[int, Who] = {}
    for definition in case.definitions:
        found |= {row[0]: Who(*row) for row in _people_of(conn, case, definition)}
    return [found[profile_id] for profile_id in sorted(found)]


def blocks(people: Sequence[Who], processes: int) -> list[list[int]]:
    """Their ids in blocks of about the same work: one for each process, or more."""
    total = sum(one.events for one in people)
    size = max(1, min(BLOCK, -(-total // processes)))
    found: list[list[int]] = [[]]
    gathered = 0
    for one in people:
        if gathered >= size:
            found.append([])
            gathered = 0
        found[-1].append(one.id)
        gathered += one.events
    return [block for block in found if block]


def _people_of(conn: Connection, case: Case, definition: FlowDefinition) -> list[Any]:
    trigger = definition.trigger
    if isinstance(trigger, ListTrigger):
        return _joined(conn, case, trigger)
    if isinstance(trigger, DateTrigger):
        return _dated(conn, case, trigger)
    assert definition.trigger_metric is not None
    metric_id = metrics.known_ids(conn, case.workspace_id, [definition.trigger_metric]).get(definition.trigger_metric)
    if metric_id is None:
        return []
    return history.known_people(conn, case.workspace_id, metric_id, case.start, case.end)


def _joined(conn: Connection, case: Case, trigger: ListTrigger) -> list[Any]:
    # Members who joined the list in the span. Index: list_member's primary key, one list.
    return conn.execute(
        """
        SELECT member.profile_id, profile.email IS NOT NULL
        FROM list
        JOIN list_member AS member
          ON member.workspace_id = list.workspace_id
         AND member.list_id = list.id
        JOIN profile
          ON profile.workspace_id = member.workspace_id
         AND profile.id = member.profile_id
        WHERE list.workspace_id = %(workspace)s
          AND (list.id = %(id)s OR lower(list.name) = lower(%(name)s))
          AND member.added_at >= %(start)s
          AND member.added_at < %(end)s
        """,
        {
            "workspace": case.workspace_id,
            "id": trigger.list if isinstance(trigger.list, int) else None,
            "name": trigger.list if isinstance(trigger.list, str) else None,
            "start": case.start,
            "end": case.end,
        },
    ).fetchall()


def _dated(conn: Connection, case: Case, trigger: DateTrigger) -> list[Any]:
    key = trigger.rule.path[0].key
    held = f"profile.{key} IS NOT NULL" if key in COLUMNS or key == "created_at" else "profile.properties ? %(key)s"
    # Who has such a date. Reads the workspace's profiles once: for a backtest.
    return conn.execute(
        f"""
        SELECT profile.id, profile.email IS NOT NULL
        FROM profile
        WHERE profile.workspace_id = %(workspace)s
          AND {held}
        """,  # noqa: S608 - the name of a column, of a closed list
        {"workspace": case.workspace_id, "key": key},
    ).fetchall()
