"""How a flow would go for one real person from now on, if something started it for them: on the simulator. Pure.

What they may do on the way is assumed by whoever asks: an order an hour after the second email, an unsubscribe. Each
assumption is placed by what the walk came to without it and those after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from headwater.flows.definition import FlowDefinition
from headwater.flows.reading.tests import NOT_ENTERED, TRIGGER, FileTest, Given, tests_of
from headwater.flows.steps import Acting, Email
from headwater.flows.trials.file_tests import lived
from headwater.flows.trials.person_changes import Mailed
from headwater.flows.trials.simulation import COMPLETED, Run, Setting
from headwater.flows.triggers import CallTrigger, DateTrigger, ListTrigger, SegmentTrigger
from headwater.flows.wording import step_words
from headwater.segments.language import Facts


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of the person by now."""

    facts: Facts
    events: Sequence[Given]
    """In the order of time."""
    mail: Sequence[tuple[datetime, Mailed]]


@dataclass(frozen=True, slots=True)
class Assumption:
    """What the person does so long after a step was taken; without a step: after the beginning."""

    step: str | None
    later: timedelta
    does: Mapping[str, Any]
    """As in the tests of flow files: {"metric": "Placed Order", "value": 89}, {"unsubscribes": true}."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something on the way. kind: entered, email, skipped, done, decided, assumed, completed, left or waiting."""

    at: datetime
    kind: str
    step: str | None = None
    words: str = ""
    outcome: str | None = None
    """Of what was decided: yes, no, took, timed_out …; why an email was skipped; why they left."""
    template_id: int | None = None
    template: str | None = None


@dataclass(frozen=True, slots=True)
class Walk:
    moments: tuple[Moment, ...]
    refused: str | None
    """Why they would not come in: again, no_address, profile_filters, exit_on, trigger; None: they would."""
    misses: tuple[int, ...]
    """Assumptions that could not be placed: the person never comes to their step."""


def walk(
    definition: FlowDefinition,
    setting: Setting,
    past: Past,
    started: Mapping[str, Any],
    now: datetime,
    assumed: Sequence[Assumption] = (),
) -> Walk:
    """`started`: properties and value of the event that starts it. Raises DefinitionError for what cannot be read."""
    definition = _called(definition)
    happens = _beginning(definition, started, now)
    moments: list[Moment] = []
    misses: list[int] = []
    life, candidates = lived(definition, _test(definition, setting, past, happens, now), setting.issues, past.events)
    for place, one in enumerate(assumed):
        reached = now if one.step is None else next((_taken(run, one.step) for run in life.runs), None)
        if reached is None:
            misses.append(place)
            continue
        at = reached + one.later
        happens = [*happens, {"at": at.isoformat(), **one.does}]
        moments.append(Moment(at, "assumed", words=str(one.does.get("metric") or next(iter(one.does)))))
        test = _test(definition, setting, past, happens, now)
        life, candidates = lived(definition, test, setting.issues, past.events)
    for run in life.runs:
        moments += _moments(definition, run)
    refused = None
    if not life.runs:
        reason = next(iter(life.refused), None)
        refused = TRIGGER if reason is None or not candidates else NOT_ENTERED[reason]
    ends = max((one.at for one in moments if one.kind in ("completed", "left")), default=None)
    kept = [one for one in moments if one.kind != "assumed" or ends is None or one.at <= ends]
    return Walk(tuple(sorted(kept, key=lambda one: one.at)), refused, tuple(misses))


# ── what starts it ─────────────────────────────────────────────────────────────────────────────────────────────────
def _called(definition: FlowDefinition) -> FlowDefinition:
    """No event starts a flow to which people are added by hand; being added is as being called for."""
    by_hand = isinstance(definition.trigger, CallTrigger) and definition.trigger.kind == "manual"
    return replace(definition, trigger=CallTrigger("api")) if by_hand else definition


def _beginning(definition: FlowDefinition, started: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    at = now.isoformat()
    match definition.trigger:
        case DateTrigger():
            return []
        case ListTrigger(named):
            return [{"at": at, "joins": named}]
        case SegmentTrigger(segment, entered):
            return [{"at": at, "enters" if entered else "exits": segment}]
    event: dict[str, Any] = {"at": at, "metric": definition.trigger_metric, **started}
    return [event]


def _test(
    definition: FlowDefinition, setting: Setting, past: Past, happens: Sequence[Mapping[str, Any]], now: datetime
) -> FileTest:
    """The walk as a test of a flow file has it, of this person instead of a made-up one."""
    tree: dict[str, Any] = {"name": "walk", "events": list(happens), "expect": []}
    if isinstance(definition.trigger, DateTrigger):
        tree["from"] = now.isoformat()
    [read] = tests_of(replace(definition, tests=(tree,)))
    changes = sorted([*past.mail, *read.changes], key=lambda change: change[0])
    return replace(read, known=_before(definition, past.facts), setting=setting, changes=tuple(changes))


def _before(definition: FlowDefinition, facts: Facts) -> Facts:
    """Before they joined the list that starts it: they join it now."""
    trigger = definition.trigger
    if not isinstance(trigger, ListTrigger):
        return facts
    mine = str(trigger.list).lower()
    return replace(facts, lists={name: at for name, at in facts.lists.items() if str(name).lower() != mine})


def _taken(run: Run, step: str) -> datetime | None:
    sent = [at for email, at in run.sends if email == step]
    return next(iter([*sent, *(at for act, at in run.acts if act.id == step)]), None)


# ── what came of it ─────────────────────────────────────────────────────────────────────────────────────────────────
def _moments(definition: FlowDefinition, run: Run) -> list[Moment]:
    found = [Moment(run.entered_at, "entered")]
    found += [_of_email(definition, step, at, "email", None) for step, at in run.sends]
    found += [_of_email(definition, step, at, "skipped", reason.words) for step, at, reason in run.skips]
    found += [Moment(at, "done", act.id, step_words(definition, act)) for act, at in run.acts]
    for at, note in run.notes:
        step = definition.steps.get(note.step)
        if step is not None and not isinstance(step, Email | Acting) and note.outcome != "exited":
            found.append(Moment(at, "decided", note.step, step_words(definition, step), note.outcome))
    found.append(_end(definition, run, max(one.at for one in found)))
    return found


def _of_email(definition: FlowDefinition, step: str, at: datetime, kind: str, outcome: str | None) -> Moment:
    email = definition.steps[step]
    assert isinstance(email, Email)
    return Moment(at, kind, step, email.name, outcome, email.template_id, email.template)


def _end(definition: FlowDefinition, run: Run, latest: datetime) -> Moment:
    stood = definition.steps.get(run.step or "")
    words = step_words(definition, stood) if stood is not None else ""
    if run.end is None or run.ended_at is None:
        return Moment(latest, "waiting", run.step, words)
    if run.end == COMPLETED:
        return Moment(run.ended_at, "completed")
    return Moment(run.ended_at, "left", run.step, words, run.end)
