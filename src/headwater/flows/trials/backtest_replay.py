"""A few thousand people's history, read and replayed: the part of a backtest that one process does at a time.

Reads like a recipe: events, facts, other mail, then one person after the other through `simulated_life`; at last what
the triggers that let somebody in were worth.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from headwater.delivery import received
from headwater.events import history, metrics
from headwater.events.history import Found, Wanted
from headwater.flows import facts as flow_facts
from headwater.flows.definition import FlowDefinition
from headwater.flows.steps import IssueCoupon
from headwater.flows.trials.asked_ahead import Asked, Prepared, marked, prepare
from headwater.flows.trials.backtest_report import CONVERTED_WITHIN, Company, Tally, followed_by
from headwater.flows.trials.person_changes import Change, CouponAssigned, CouponRedeemed, FlowEntered, Mailed
from headwater.flows.trials.person_in_time import NEVER, Person, Series, instant, ticks
from headwater.flows.trials.simulated_life import Course
from headwater.flows.trials.simulation import Candidates, Life, Setting, Simulation, coming_dates
from headwater.flows.triggers import DateTrigger, ListTrigger, MetricTrigger, starts
from headwater.segments.language import DefinitionError, Facts, Needs
from headwater.segments.property_sql import PropertyWriter

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_NOTHING: dict[str, Any] = {}
_MUCH = 0.1
"""Of a metric's events: so much of them is read in the order of time rather than person by person."""


@dataclass(frozen=True)
class Case:
    """What is replayed: versions of one flow over one span of a workspace's history."""

    workspace_id: int
    definitions: tuple[FlowDefinition, ...]
    settings: tuple[Setting, ...]
    """One for each."""
    start: datetime
    end: datetime
    now: datetime
    zone: ZoneInfo
    flow_id: int | None
    """The flow's own, if it is published: what it really did in the span is left out."""


@dataclass(frozen=True, slots=True)
class Lived:
    """What became of one person in one version, and what else there was."""

    profile_id: int
    version: int
    life: Life
    triggers: int
    company: Company | None
    orders: Sequence[int]
    """When they ordered (ticks)."""


class Replay:
    """A case made ready, on a connection of its own."""

    def __init__(self, conn: Connection, case: Case) -> None:
        self.conn = conn
        # A plan made for no people in particular reads person by person: fifteen times as long.
        conn.execute("SET plan_cache_mode = force_custom_plan")
        self.case = case
        self.prepared: Prepared = prepare(*case.definitions)
        self.simulations = [
            Simulation(definition, setting)
            for definition, setting in zip(self.prepared.definitions, case.settings, strict=True)
        ]
        self.metrics = metrics.known_ids(conn, case.workspace_id, self.prepared.asked)
        self.names = {metric_id: name for name, metric_id in self.metrics.items()}
        writer = PropertyWriter(case.now, case.zone)
        self.wanted = [self._wanted(name, self.prepared.asked[name], writer) for name in sorted(self.metrics)]
        self.rest = self.wanted
        self.ahead: dict[int, list[Found]] = {}
        """Read already, by person; `rest` is what was not."""
        self.parameters = writer.values
        self.needs = _person_needs(self.simulations)
        self.start, self.end = ticks(case.start), ticks(case.end)
        self.events = 0
        """Read since they were last asked for."""

    def _wanted(self, metric: str, asked: Asked, writer: PropertyWriter) -> Wanted:
        if len(asked.marks) > history.MOST_BITS:
            raise DefinitionError("", f"asks more than {history.MOST_BITS} different things of {metric}")
        begins = asked.reach.begin(ticks(self.case.start), ticks(self.case.start))
        return Wanted(
            self.metrics[metric],
            BEGINNING if begins == -NEVER else instant(begins),
            self.case.end + (CONVERTED_WITHIN if metric == metrics.PLACED_ORDER else timedelta(0)),
            writer.where(asked.only) if asked.only is not None else None,
            tuple(writer.where(mark) for mark in asked.marks),
            asked.keys,
            asked.values,
        )

    def block(self, profile_ids: Sequence[int], at_once: int) -> Iterator[tuple[int, list[Tally]]]:
        """Replay the history of many people, so many at once: (people, a tally for each version)."""
        heavy = [one for one in self.wanted if not one.plain]
        shares = history.shares(self.conn, self.case.workspace_id, [one.metric_id for one in heavy], profile_ids)
        through = [one for one in heavy if shares[one.metric_id] > _MUCH and len(profile_ids) > at_once]
        for one in history.read_through(self.conn, self.case.workspace_id, profile_ids, through, self.parameters):
            self.ahead.setdefault(one.profile_id, []).append(one)
        self.rest = [one for one in self.wanted if one not in through]
        for place in range(0, len(profile_ids), at_once):
            part = profile_ids[place : place + at_once]
            yield len(part), self.people(part)

    def people(self, profile_ids: Sequence[int]) -> list[Tally]:
        """Replay these people's history; a tally for each version."""
        tallies = [Tally(self.case.zone, self.case.end) for _ in self.simulations]
        entered: list[list[Lived]] = [[] for _ in self.simulations]
        for one in self.lives(profile_ids):
            tallies[one.version].add(one.life, one.triggers, one.company)
            if one.life.runs:
                entered[one.version].append(one)
        for tally, lives, simulation in zip(tallies, entered, self.simulations, strict=True):
            self._stakes(simulation.definition, lives, tally)
        tallies[0].counts["events"], self.events = self.events, 0
        return tallies

    def lives(self, profile_ids: Sequence[int]) -> Iterator[Lived]:
        """Those of these people who had a trigger in the span, in each version."""
        case = self.case
        found: dict[int, dict[str, Series]] = defaultdict(dict)
        ahead = (one for profile_id in profile_ids for one in self.ahead.pop(profile_id, ()))
        others = history.read(self.conn, case.workspace_id, profile_ids, self.rest, self.parameters)
        for one in chain(ahead, others):
            self.events += one.read
            name = self.names[one.metric_id]
            found[one.profile_id][name] = _series(one, self.prepared.asked[name])
        starts_at = ((profile_id, case.start) for profile_id in profile_ids)
        known = flow_facts.load(self.conn, case.workspace_id, starts_at, self.needs, case.now)
        mail, flows = self._mail(profile_ids), self._flows(profile_ids)
        for profile_id, facts in known.items():
            series, letters = found.get(profile_id, {}), mail.get(profile_id, ())
            company = _company(letters, flows.get(profile_id, ()))
            orders = series[metrics.PLACED_ORDER].times if metrics.PLACED_ORDER in series else ()
            for version, simulation in enumerate(self.simulations):
                life, triggers = self._life(simulation, facts, series if version == 0 else _apart(series), letters)
                if triggers:
                    yield Lived(profile_id, version, life, triggers, company, orders)

    def _life(
        self, simulation: Simulation, facts: Facts, series: dict[str, Series], mail: Sequence[received.Received]
    ) -> tuple[Life, int]:
        candidates = self._candidates(simulation, facts, series)
        if not candidates.times:
            return Life(), 0
        changes: list[tuple[int, Change]] = [(ticks(one.at), Mailed(one.kind, one.transactional)) for one in mail]  # type: ignore[arg-type]
        if facts.coupons or facts.entries:
            facts, more = _unrolled(facts, simulation, self.case.start)
            changes = sorted([*changes, *more], key=lambda change: change[0])
        person = Person(facts, series, simulation.windows)
        return Course(simulation, person, candidates, changes).until(self.end), len(candidates.times)

    # ── what takes people in ────────────────────────────────────────────────────────────────────────────────────────
    def _candidates(self, simulation: Simulation, facts: Facts, series: Mapping[str, Series]) -> Candidates:
        trigger = simulation.definition.trigger
        if isinstance(trigger, DateTrigger):
            return coming_dates(trigger, facts, simulation.setting.timezone, self.start, self.end)
        if isinstance(trigger, ListTrigger):
            joined = facts.lists.get(trigger.list)
            times = [ticks(joined)] if joined is not None and self.case.start <= joined < self.case.end else []
            return Candidates(times, lambda place: {"list": trigger.list, "name": str(trigger.list)})
        metric = simulation.definition.trigger_metric
        events = series.get(metric) if metric is not None else None
        return self._events(simulation, events) if events is not None else Candidates((), lambda place: _NOTHING)

    def _events(self, simulation: Simulation, events: Series) -> Candidates:
        definition, properties = simulation.definition, events.properties
        metric = definition.trigger_metric
        first, last = bisect_left(events.times, self.start), bisect_left(events.times, self.end)
        if isinstance(definition.trigger, MetricTrigger) and definition.trigger.where is None:
            if properties is None:
                plain = {"metric": metric}
                return Candidates(events.times[first:last], lambda place: plain)
            return Candidates(
                events.times[first:last],
                lambda place: {"metric": metric, "properties": properties[first + place]},
            )
        held = properties or [_NOTHING] * len(events.times)
        places = [
            place for place in range(first, last) if starts(definition.trigger, definition.slug, held[place], None)
        ]
        return Candidates(
            [events.times[place] for place in places],
            lambda place: {"metric": metric, "properties": held[places[place]]},
        )

    # ── what else there was ─────────────────────────────────────────────────────────────────────────────────────────
    def _mail(self, profile_ids: Sequence[int]) -> dict[int, list[received.Received]]:
        """Mail that people really got, but for the flow's own, from where smart sending and caps look back to."""
        caps = [cap.days + 1 for setting in self.case.settings for cap in setting.frequency_caps]
        window = max(setting.smart_sending for setting in self.case.settings)
        since = self.case.start - max(window, timedelta(days=max(caps, default=0)))
        found: dict[int, list[received.Received]] = defaultdict(list)
        for one in received.between(self.conn, self.case.workspace_id, profile_ids, since, self.case.end):
            if one.kind in ("flow", "campaign") and (one.kind, one.source_id) != ("flow", self.case.flow_id):
                found[one.profile_id].append(one)
        return found

    def _flows(self, profile_ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
        """Entries into other flows in the span."""
        found: dict[int, list[tuple[int, str]]] = defaultdict(list)
        # For a backtest, a few thousand people at a time. Index enrolment_profile.
        rows = self.conn.execute(
            """
            SELECT e.profile_id, e.started_at, f.slug
            FROM enrolment e
            JOIN flow f
              ON f.workspace_id = e.workspace_id
             AND f.id = e.flow_id
            WHERE e.workspace_id = %(workspace)s
              AND e.profile_id = ANY (%(people)s)
              AND e.flow_id IS DISTINCT FROM %(own)s::bigint
              AND e.started_at >= %(start)s
              AND e.started_at < %(end)s
            """,
            {
                "workspace": self.case.workspace_id,
                "people": list(profile_ids),
                "own": self.case.flow_id,
                "start": self.case.start,
                "end": self.case.end,
            },
        )
        for profile_id, started_at, slug in rows:
            found[profile_id].append((ticks(started_at), slug))
        return found

    def _stakes(self, definition: FlowDefinition, lives: Sequence[Lived], tally: Tally) -> None:
        """What the triggers were worth after which nothing was ordered, and what was ordered after the others."""
        alone: list[tuple[int, int]] = []
        bought: list[tuple[int, int]] = []
        runs = 0
        for one in lives:
            followed, soon = followed_by(one.life, one.orders)
            runs += len(followed)
            bought += [(one.profile_id, at) for at in soon]
            alone += [
                (one.profile_id, run.entered)
                for run, ordered in zip(one.life.runs, followed, strict=True)
                if not ordered
            ]
        worth = self._worth(definition.trigger_metric, alone)
        tally.stakes(runs - len(alone), len(alone), worth, len(bought), self._worth(metrics.PLACED_ORDER, bought))

    def _worth(self, metric: str | None, events: Sequence[tuple[int, int]]) -> float:
        metric_id = self.metrics.get(metric or "")
        return history.worth(self.conn, self.case.workspace_id, metric_id, events) if metric_id else 0.0


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _person_needs(simulations: Sequence[Simulation]) -> Needs:
    """What is no event: of those the history is read."""
    whole = Needs()
    for simulation in simulations:
        whole |= simulation.needs
        trigger = simulation.definition.trigger
        if isinstance(trigger, ListTrigger):
            whole |= Needs(lists=frozenset([trigger.list]))
    return replace(whole, totals=frozenset(), events=frozenset(), event_properties=frozenset())


def _series(found: Found, asked: Asked) -> Series:
    """The events as conditions see them: with the marks that answer filters, and the properties that are looked at."""
    properties: list[Mapping[str, Any]] | None = None
    if found.bits is not None:
        marks = {bits: marked(bits, len(asked.marks)) for bits in set(found.bits)}
        properties = [marks[bits] for bits in found.bits]
        if found.properties is not None:
            properties = [{**held, **mark} for held, mark in zip(found.properties, properties, strict=True)]
    elif found.properties is not None:
        properties = list(found.properties)
    return Series(found.times, properties, found.values)


def _apart(series: Mapping[str, Series]) -> dict[str, Series]:
    """The same for another version, whose simulation may add events of its own."""
    own = dict(series)
    assigned = own.get(metrics.COUPON_ASSIGNED)
    if assigned is not None:
        properties = list(assigned.properties) if assigned.properties is not None else None
        own[metrics.COUPON_ASSIGNED] = Series(list(assigned.times), properties, None)
    return own


def _company(mail: Sequence[received.Received], flows: Sequence[tuple[int, str]]) -> Company | None:
    if not mail and not flows:
        return None
    return Company(flows, [ticks(one.at) for one in mail if one.kind == "campaign"])


def _unrolled(facts: Facts, simulation: Simulation, start: datetime) -> tuple[Facts, list[tuple[int, Change]]]:
    """The person as they were at the start, and what came after it; what the flow itself really did is left out."""
    slug = simulation.definition.slug
    steps = simulation.definition.steps.values()
    own = {name for names in simulation.setting.issues.values() for name in names}
    own |= {step.coupon for step in steps if isinstance(step, IssueCoupon)}
    changes: list[tuple[int, Change]] = []
    coupons = []
    for code in facts.coupons:
        later = code.assigned_at >= start
        if later and code.name in own:
            continue
        if code.redeemed_at is not None and code.redeemed_at >= start:
            changes.append((ticks(code.redeemed_at), CouponRedeemed(code.name)))
            code = replace(code, redeemed_at=None)
        if later:
            changes.append((ticks(code.assigned_at), CouponAssigned(code)))
        else:
            coupons.append(code)
    others = [entry for entry in facts.entries if entry.flow != slug or entry.at < start]
    changes += [(ticks(entry.at), FlowEntered(entry)) for entry in others if entry.at >= start]
    before = tuple(entry for entry in others if entry.at < start)
    return replace(facts, coupons=tuple(coupons), entries=before), changes
