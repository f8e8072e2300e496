"""Builders for simulations: a person with what they did, put through a flow by the virtual clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from headwater.flows.definition import FlowDefinition
from headwater.flows.trials.asked_ahead import Prepared, marked
from headwater.flows.trials.person_changes import Change
from headwater.flows.trials.person_in_time import NEVER, Person, Series, ticks
from headwater.flows.trials.simulated_life import Course
from headwater.flows.trials.simulation import Candidates, Life, Setting, Simulation
from headwater.flows.triggers import starts
from headwater.segments.language import Facts, matches
from tests.flows.flow_people import START

NO_MAIL_RULES = Setting(smart_sending=timedelta(0))


@dataclass
class Someone:
    """A person whose events and changes are told by how long after START they come."""

    profile_id: int = 1
    attributes: Mapping[str, Any] = field(
        default_factory=lambda: {"email": "p@example.com", "timezone": "America/New_York"}
    )
    more: Mapping[str, Any] = field(default_factory=lambda: {"consent": "subscribed"})
    did: list[tuple[datetime, str, Mapping[str, Any], Decimal | None]] = field(default_factory=list)
    changes: list[tuple[datetime, Change]] = field(default_factory=list)

    def does(
        self, metric: str, after: timedelta = timedelta(0), value: float | None = None, **properties: Any
    ) -> Someone:
        self.did.append((START + after, metric, properties, Decimal(str(value)) if value is not None else None))
        return self

    def changed(self, change: Change, after: timedelta) -> Someone:
        self.changes.append((START + after, change))
        return self

    def through(
        self, definition: FlowDefinition, setting: Setting = NO_MAIL_RULES, until: datetime | None = None
    ) -> Life:
        """What becomes of them in the flow."""
        return self._lived(Simulation(definition, setting), self._series(), until)

    def through_prepared(
        self, prepared: Prepared, setting: Setting = NO_MAIL_RULES, until: datetime | None = None
    ) -> Life:
        """The same with filters that were answered ahead, as a backtest reads the events."""
        series = {}
        for metric, asked in prepared.asked.items():
            kept = [one for one in self._events(metric) if matches(asked.only, one[2], one[3])]
            marks = [
                sum(1 << place for place, mark in enumerate(asked.marks) if matches(mark, one[2], one[3]))
                for one in kept
            ]
            series[metric] = Series(
                [ticks(one[0]) for one in kept],
                [
                    {**{key: one[2].get(key) for key in asked.keys}, **marked(bits, len(asked.marks))}
                    for one, bits in zip(kept, marks, strict=True)
                ],
                [one[3] for one in kept] if asked.values else None,
            )
        return self._lived(Simulation(prepared.definitions[0], setting), series, until)

    def _lived(self, simulation: Simulation, series: dict[str, Series], until: datetime | None) -> Life:
        definition = simulation.definition
        person = Person(Facts(self.profile_id, self.attributes, **self.more), series, simulation.windows)
        events = series.get(definition.trigger_metric or "", Series([], [], []))
        assert events.properties is not None
        values = events.values or [None] * len(events.times)
        places = [
            place
            for place, (held, value) in enumerate(zip(events.properties, values, strict=True))
            if starts(definition.trigger, definition.slug, held, value)
        ]
        candidates = Candidates(
            [events.times[place] for place in places],
            lambda place: {
                "metric": definition.trigger_metric,
                "value": values[places[place]],
                "properties": (events.properties or [])[places[place]],
            },
        )
        changes = [(ticks(at), change) for at, change in sorted(self.changes, key=lambda one: one[0])]
        return Course(simulation, person, candidates, changes).until(ticks(until) if until else NEVER)

    def _series(self) -> dict[str, Series]:
        return {
            metric: Series([ticks(one[0]) for one in found], [one[2] for one in found], [one[3] for one in found])
            for metric in {one[1] for one in self.did}
            if (found := self._events(metric))
        }

    def _events(self, metric: str) -> Sequence[tuple[datetime, str, Mapping[str, Any], Decimal | None]]:
        return sorted((one for one in self.did if one[1] == metric), key=lambda one: one[0])


def sent(life: Life) -> list[tuple[str, timedelta]]:
    """Every email with how long after START it went, in the order of time."""
    sends = sorted((send for run in life.runs for send in run.sends), key=lambda send: send[1])
    return [(step, at - START) for step, at in sends]


def ends(life: Life) -> list[str | None]:
    return [run.end for run in life.runs]


def told(life: Life) -> list[Any]:
    """Everything but what each step decided."""
    return [
        (
            run.entered_at - START,
            [(step, at - START) for step, at in run.sends],
            [(step, at - START, str(reason)) for step, at, reason in run.skips],
            [(step.id, at - START) for step, at in run.acts],
            run.end,
            run.ended_at - START if run.ended_at is not None else None,
        )
        for run in life.runs
    ]
