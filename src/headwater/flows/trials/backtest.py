"""Replays a workspace's stored history through a flow that is not live (yet), and reports what would have happened.

Everything that decides is the live flow's own (`simulation`). Three things are not as they were then: a person's
properties, lists, segments and consent are today's (lists and segments from when they were joined); imported events
count as though they had come when they happened; and nobody is inside when the span begins.

Reading and replaying a few thousand people is one task; several processes share the tasks of a large history.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from multiprocessing import get_context, parent_process
from threading import Thread

from psycopg import Connection

from headwater.accounts import brand as brands
from headwater.core import collector, database
from headwater.events import history, metrics
from headwater.flows import live
from headwater.flows.definition import FlowDefinition
from headwater.flows.errors import UnknownFlow
from headwater.flows.steps import BackInStock
from headwater.flows.trials import email_coupons
from headwater.flows.trials.backtest_replay import Case, Replay
from headwater.flows.trials.backtest_report import Report, Tally
from headwater.flows.trials.simulation import CouponRule, Setting
from headwater.flows.triggers import DateTrigger, ListTrigger, MetricTrigger, SegmentTrigger
from headwater.segments.language import COLUMNS, DefinitionError

TASK = 1000
"""People whose history is read and replayed at once."""
ALONE = TASK
"""So few people are not worth a second process."""
PROCESSES = 2
LONGEST = timedelta(days=2 * 366)


Version = tuple[FlowDefinition, Mapping[str, Collection[str]]]
"""A definition, with the coupons that its emails show."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backtest is."""

    done: int
    people: int
    events: int
    entries: int
    sent: int

    def plain(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.__slots__}


class WrongSpan(ValueError):
    """A span of time that cannot be replayed; the message says what can."""


def live_version(conn: Connection, workspace_id: int, slug: str) -> Version:
    """The published version of a flow. Raises UnknownFlow."""
    flow = live.by_slug(conn, workspace_id, slug)
    if flow is None:
        raise UnknownFlow(slug)
    return of_saved_emails(conn, workspace_id, flow.definition)


def of_saved_emails(conn: Connection, workspace_id: int, definition: FlowDefinition) -> Version:
    """A definition whose emails are saved templates."""
    return definition, email_coupons.of_templates(conn, workspace_id, definition)


def prepare(
    conn: Connection,
    workspace_id: int,
    versions: Sequence[Version],
    start: datetime,
    end: datetime,
    now: datetime,
) -> Case:
    """One or several versions of a flow, to be replayed over [start, end).

    Raises DefinitionError for a flow that history says nothing about, WrongSpan.
    """
    if not timedelta(0) < end - start <= LONGEST:
        raise WrongSpan("A backtest needs a span of at most two years, which ends after it begins.")
    for definition, _ in versions:
        _check(definition)
    brand = brands.load(conn, workspace_id)
    coupons = _coupons(conn, workspace_id)
    settings = tuple(
        Setting(
            timezone=brand.timezone,
            smart_sending=timedelta(hours=brand.smart_sending_hours),
            quiet_hours=brand.quiet_hours,
            frequency_caps=brand.frequency_caps,
            issues={step: tuple(sorted(names)) for step, names in issues.items()},
            coupons=coupons,
            notes=False,
        )
        for _, issues in versions
    )
    row = conn.execute(
        "SELECT id FROM flow WHERE workspace_id = %s AND slug = %s", (workspace_id, versions[0][0].slug)
    ).fetchone()
    definitions = tuple(replace(definition, tests=()) for definition, _ in versions)
    flow_id = row[0] if row is not None else None
    return Case(workspace_id, definitions, settings, start, end, now, brand.zone, flow_id)


def _check(definition: FlowDefinition) -> None:
    if not isinstance(definition.trigger, MetricTrigger | SegmentTrigger | ListTrigger | DateTrigger):
        raise DefinitionError(
            "trigger", "cannot be backtested: what starts this flow is only told to flows that are live"
        )
    for step in definition.steps.values():
        if isinstance(step, BackInStock):
            raise DefinitionError(step.id, "cannot be backtested: it waits for stock, which is no part of the history")


def _coupons(conn: Connection, workspace_id: int) -> dict[str, CouponRule]:
    # Every coupon of the brand: some dozens.
    rows = conn.execute(
        "SELECT name, expires_after, expires_at FROM coupon WHERE workspace_id = %s", (workspace_id,)
    ).fetchall()
    return {name: CouponRule(after, at) for name, after, at in rows}


def run(conn: Connection, case: Case, processes: int = PROCESSES) -> Generator[Progress | list[Report], None, None]:
    """Replay it: Progress after each few thousand people, at last a list with a Report for each version.

    `conn` finds the people; whoever reads their history opens a connection of its own.
    """
    began = time.perf_counter()
    people = _people(conn, case)
    ids = [profile_id for profile_id, has_address in people if has_address]
    tasks = [ids[place : place + TASK] for place in range(0, len(ids), TASK)]
    whole = [Tally(case.zone, case.end) for _ in case.definitions]
    done = 0
    for count, tallies in _replayed(case, tasks, processes if len(ids) > ALONE else 1):
        done += count
        for kept, more in zip(whole, tallies, strict=True):
            kept.merge(more)
        counts = whole[0].counts
        sent = sum(number for (step, _), number in whole[0].by_day.items() if step)
        yield Progress(done, len(ids), counts["events"], counts["entries"], sent)
    seconds = time.perf_counter() - began
    for tally in whole[1:]:
        tally.counts["events"] = whole[0].counts["events"]
    yield [
        tally.report(definition.slug, definition.steps, case.start, len(people) - len(ids), seconds)
        for tally, definition in zip(whole, case.definitions, strict=True)
    ]


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def _people(conn: Connection, case: Case) -> list[tuple[int, bool]]:
    """Who may have had a trigger in the span, by id, and whether they have an address."""
    found: dict[int, bool] = {}
    for definition in case.definitions:
        found |= dict(_people_of(conn, case, definition))
    return sorted(found.items())


def _people_of(conn: Connection, case: Case, definition: FlowDefinition) -> list[tuple[int, bool]]:
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


def _joined(conn: Connection, case: Case, trigger: ListTrigger) -> list[tuple[int, bool]]:
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


def _dated(conn: Connection, case: Case, trigger: DateTrigger) -> list[tuple[int, bool]]:
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


# ── by one process, or several ──────────────────────────────────────────────────────────────────────────────────────
def _replayed(case: Case, tasks: Sequence[Sequence[int]], processes: int) -> Iterator[tuple[int, list[Tally]]]:
    """(people, a tally for each version) of each task, in the order in which they are done."""
    if processes <= 1:
        with database.connect(autocommit=True) as conn:
            replay = Replay(conn, case)
            for task in tasks:
                yield len(task), replay.people(task)
        return
    with ProcessPoolExecutor(processes, get_context("spawn"), _begin, (case,)) as workers:
        try:
            for done in as_completed([workers.submit(_task, task) for task in tasks]):
                yield done.result()
        finally:
            workers.shutdown(cancel_futures=True)


_replays: list[Replay] = []
"""Of a process that shares the tasks: its one."""


def _begin(case: Case) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    collector.relax()
    _replays[:] = [Replay(database.connect(autocommit=True), case)]


def _end_with_parent() -> None:
    """Leave nothing behind, even when the process that asked for the backtest is killed."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _task(profile_ids: Sequence[int]) -> tuple[int, list[Tally]]:
    return len(profile_ids), _replays[0].people(profile_ids)
