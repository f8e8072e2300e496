"""Replays a workspace's stored history through a flow that is not live (yet), and reports what would have happened.

Everything that decides is the live flow's own (`simulation`). Three things are not as they were then: a person's
properties, lists, segments and consent are today's (lists and segments from when they were joined); imported events
count as though they had come when they happened; and nobody is inside when the span begins.

People are read and replayed in blocks, which several processes share.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from psycopg import Connection

from headwater.accounts import brand as brands
from headwater.flows import live
from headwater.flows.definition import FlowDefinition
from headwater.flows.errors import UnknownFlow
from headwater.flows.steps import BackInStock
from headwater.flows.trials import backtest_people, backtest_workers, brand_setting, email_coupons
from headwater.flows.trials.backtest_replay import Case
from headwater.flows.trials.backtest_report import Report, Tally
from headwater.flows.triggers import DateTrigger, ListTrigger, MetricTrigger, SegmentTrigger
from headwater.segments.language import DefinitionError

ALONE = 1000
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
    settings = tuple(brand_setting.of_brand(conn, workspace_id, issues, notes=False) for _, issues in versions)
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


def run(conn: Connection, case: Case, processes: int = PROCESSES) -> Generator[Progress | list[Report], None, None]:
    """Replay it: Progress after each few thousand people, at last a list with a Report for each version.

    `conn` finds the people; whoever reads their history opens a connection of its own.
    """
    began = time.perf_counter()
    people = backtest_people.people(conn, case)
    known = [one for one in people if one.has_address]
    processes = processes if len(known) > ALONE else 1
    blocks = backtest_people.blocks(known, processes)
    whole = [Tally(case.zone, case.end) for _ in case.definitions]
    done = 0
    for count, tallies in backtest_workers.replayed(case, blocks, processes):
        done += count
        for kept, more in zip(whole, tallies, strict=True):
            kept.merge(more)
        counts = whole[0].counts
        sent = sum(number for (step, _), number in whole[0].by_day.items() if step)
        yield Progress(done, len(known), counts["events"], counts["entries"], sent)
    seconds = time.perf_counter() - began
    for tally in whole[1:]:
        tally.counts["events"] = whole[0].counts["events"]
    yield [
        tally.report(definition.slug, definition.steps, case.start, len(people) - len(known), seconds)
        for tally, definition in zip(whole, case.definitions, strict=True)
    ]
