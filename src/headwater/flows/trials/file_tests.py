"""A flow's own tests, run on the simulator: what came of each, and a difference that people can read. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any
from zoneinfo import ZoneInfo

from headwater.core.wall_clock import first_zone
from headwater.flows.definition import FlowDefinition
from headwater.flows.reading.tests import NOT_ENTERED, TRIGGER, End, FileTest, Given, tests_of
from headwater.flows.trials.person_in_time import NEVER, Person, Series, ticks
from headwater.flows.trials.simulated_life import Course
from headwater.flows.trials.simulation import COMPLETED, Candidates, Life, Run, Simulation, coming_dates
from headwater.flows.triggers import DateTrigger, starts

_AHEAD = timedelta(days=5 * 366)
"""How far ahead of a test's beginning a date may lie."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one test."""

    name: str
    passed: bool
    difference: tuple[str, ...] = ()
    """Lines: "  " as expected, "- " expected and missing, "+ " not expected, "? " what explains it."""


def run_tests(definition: FlowDefinition, issues: Mapping[str, Collection[str]]) -> list[Result]:
    """Run a flow's tests. `issues`: the coupons that each email shows, by its step. Raises DefinitionError."""
    plain = replace(definition, holdout=Decimal(0))  # nobody in a test is held out
    return [_compared(test, *lived(plain, test, issues)) for test in tests_of(definition)]


def lived(
    definition: FlowDefinition, test: FileTest, issues: Mapping[str, Collection[str]], past: Sequence[Given] = ()
) -> tuple[Life, int]:
    """What happened, and how many events would have started the flow. `past`: events before the test, which start
    nothing."""
    simulation = Simulation(definition, replace(test.setting, issues=issues))
    given = _by_metric(test.events)
    series = {metric: _series(events) for metric, events in _by_metric((*past, *test.events)).items()}
    person = Person(test.known, series, simulation.windows)
    candidates = _candidates(definition, test, given, person)
    changes = [(ticks(at), change) for at, change in test.changes]
    course = Course(simulation, person, candidates, changes, ticks(test.until or test.begins + _AHEAD))
    life = course.until(ticks(test.until) if test.until is not None else NEVER)
    return life, len(course.candidates.times)


def _by_metric(events: Sequence[Given]) -> dict[str, list[Given]]:
    found: dict[str, list[Given]] = {}
    for event in events:
        found.setdefault(event.metric, []).append(event)
    return found


def _series(events: Sequence[Given]) -> Series:
    return Series(
        [ticks(event.at) for event in events],
        [event.properties for event in events],
        [event.value for event in events],
    )


def _candidates(
    definition: FlowDefinition, test: FileTest, given: Mapping[str, Sequence[Given]], person: Person
) -> Candidates:
    if isinstance(definition.trigger, DateTrigger):
        return _dates(definition.trigger, test, person)
    started = [
        event
        for event in given.get(definition.trigger_metric or "", ())
        if starts(definition.trigger, definition.slug, event.properties, event.value)
    ]
    return Candidates([ticks(event.at) for event in started], lambda place: _trigger(started[place]))


def _dates(trigger: DateTrigger, test: FileTest, person: Person) -> Candidates:
    """The comings of the date; without `until`, the first alone."""
    end = test.until or test.begins + _AHEAD
    found = coming_dates(trigger, person.facts, test.setting.timezone, ticks(test.begins), ticks(end))
    return found if test.until is not None else replace(found, times=found.times[:1])


def _trigger(event: Given) -> dict[str, Any]:
    value = float(event.value) if event.value is not None else None
    return {"metric": event.metric, "ts": event.at.isoformat(), "value": value, "properties": event.properties}


# ── comparing ───────────────────────────────────────────────────────────────────────────────────────────────────────
def _compared(test: FileTest, life: Life, candidates: int) -> Result:
    local = first_zone(test.known.attributes.get("timezone"), test.setting.timezone)
    got = _steps(life, test.mentions_acts)
    agreed = len(got) == len(test.expected) and all(
        wanted.step == step and wanted.at in (None, at) for wanted, (step, at) in zip(test.expected, got, strict=True)
    )
    ended = _end(life, candidates)
    if agreed and _as_expected(test.end, ended):
        return Result(test.name, True)
    wanted_lines = [_line(one.step, one.at, local) for one in test.expected]
    got_lines = [
        # Where no time is expected, none is compared.
        _line(step, at if any(one.step == step and one.at for one in test.expected) else None, local)
        if any(one.step == step for one in test.expected)
        else _line(step, at, local)
        for step, at in got
    ]
    lines = _difference(wanted_lines, got_lines)
    if not _as_expected(test.end, ended):
        assert test.end is not None
        lines += [f"- {_told(test.end)}", f"+ {_told(ended)}"]
    return Result(test.name, False, (*lines, *_explained(life, local)))


def _steps(life: Life, acts: bool) -> list[tuple[str, datetime]]:
    """What was sent (and done), in the order of time."""
    sent = [send for run in life.runs for send in run.sends]
    done = [(step.id, at) for run in life.runs for step, at in run.acts] if acts else []
    return sorted([*sent, *done], key=lambda one: one[1])


def _end(life: Life, candidates: int) -> End:
    """The end of the run that ended last; of one that has not ended, that it waits."""
    if not life.runs:
        refused = next(iter(life.refused), None)
        return End("not_entered", TRIGGER if refused is None or not candidates else NOT_ENTERED[refused])
    last = max(life.runs, key=lambda run: (run.end is None, run.ended_at or run.entered_at, run.number))
    if last.end is None:
        return End("waiting", last.step)
    return End("completed") if last.end == COMPLETED else End("left", last.end)


def _as_expected(wanted: End | None, got: End) -> bool:
    return wanted is None or (wanted.kind == got.kind and wanted.reason in (None, got.reason))


def _told(end: End) -> str:
    reason = f": {end.reason}" if end.reason else ""
    return f"{end.kind.replace('_', ' ')}{reason}"


def _line(step: str, at: datetime | None, local: ZoneInfo) -> str:
    return f"{step} at {_moment(at, local)}" if at is not None else step


def _moment(at: datetime, local: ZoneInfo) -> str:
    """Tue 3 Mar 2026 10:00, by the person's clock."""
    wall = at.astimezone(local)
    seconds = f":{wall:%S}" if wall.second else ""
    return f"{wall:%a} {wall.day} {wall:%b %Y %H:%M}{seconds}"


def _difference(wanted: Sequence[str], got: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for kind, begin, end, other_begin, other_end in SequenceMatcher(None, wanted, got, False).get_opcodes():
        if kind == "equal":
            lines += [f"  {line}" for line in wanted[begin:end]]
        else:
            lines += [f"- {line}" for line in wanted[begin:end]]
            lines += [f"+ {line}" for line in got[other_begin:other_end]]
    return lines


def _explained(life: Life, local: ZoneInfo) -> list[str]:
    """The emails that did not go, and why; where a run ended early, when."""
    lines = []
    for run in life.runs:
        lines += [f"? {step} was skipped at {_moment(at, local)}: {reason.words}" for step, at, reason in run.skips]
        if run.end not in (None, COMPLETED) and run.ended_at is not None:
            lines.append(f"? left at {_moment(run.ended_at, local)}{_event_of(run)}")
    return lines


def _event_of(run: Run) -> str:
    details = [note.detail for _, note in run.notes if note.outcome == "exited" and note.detail]
    event = details[-1].get("event") if details else None
    return f" with {event}" if event else ""
