"""A definition made ready to be replayed: what it asks of single events becomes questions that are answered in reading.

Filters on stored events are answered once, where the events lie. If all that looks at a metric asks the same, only the
events that pass are read, and the filter falls away. Otherwise each event carries the answers as marks, and the filter
asks for its mark. Filters that compare with the event that started the flow keep the properties they look at. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from headwater.events import standard as metrics
from headwater.flows.definition import FlowDefinition
from headwater.flows.listening import is_metric
from headwater.flows.steps import (
    BackInStock,
    Branch,
    Email,
    Goal,
    MultiSplit,
    Occurrence,
    Split,
    Step,
    TriggerSplit,
    UpdateProfile,
    WaitFor,
)
from headwater.flows.trials.person_in_time import Windows, wider
from headwater.flows.triggers import MetricTrigger, SegmentTrigger
from headwater.segments.conditions import (
    AllOf,
    AnyOf,
    Condition,
    Did,
    Filter,
    Negation,
    OfEvent,
    Sequence,
    Test,
    leaves,
)
from headwater.segments.conditions import Step as PathStep
from headwater.segments.needs import needs
from headwater.segments.parsing import parse_path
from headwater.segments.referring import refers

MARK = "\0"
"""Begins the names of marks: no stored property can be called so."""
YES = "yes"

_Change = Callable[[str, Filter | None], Filter | None]
"""(metric, filter on its events) → the filter in its place."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of one metric's events."""

    only: Filter | None = None
    """Events that do not pass are of no interest."""
    marks: tuple[Filter, ...] = ()
    """Asked of each event, and marked on it if it passes."""
    keys: tuple[str, ...] = ()
    """Properties that are looked at themselves."""
    values: bool = False
    """Whether values are summed up."""
    reach: Windows = Windows(flow_start=True)
    """From where on they are looked at."""


@dataclass(frozen=True)
class Prepared:
    definitions: tuple[FlowDefinition, ...]
    asked: Mapping[str, Asked]
    """By metric: all those that the definitions look at."""


def prepare(*definitions: FlowDefinition) -> Prepared:
    """Definitions with their filters answered ahead, and the questions of all of them together.

    Of orders every one is read, since a report tells what was bought.
    """
    uses: dict[str, list[Filter | None]] = {}

    def collect(metric: str, where: Filter | None) -> Filter | None:
        known = uses.setdefault(metric, [])
        if where not in known:
            known.append(where)
        return where

    for definition in definitions:
        _rewritten(definition, collect)
    for metric in {metrics.PLACED_ORDER}.union(*(_heard(definition) for definition in definitions)):
        collect(metric, None)
    asked = {metric: _asked(metric, filters, definitions) for metric, filters in uses.items()}

    def answer(metric: str, where: Filter | None) -> Filter | None:
        if where is None or refers(where):
            return where
        if asked[metric].only is not None:
            return None
        return Test((PathStep(f"{MARK}{asked[metric].marks.index(where)}"),), "equals", YES)

    return Prepared(tuple(_rewritten(definition, answer) for definition in definitions), asked)


def marked(bits: int, marks: int) -> dict[str, Any]:
    """The marks of an event, as properties, by the answers as bits."""
    return {f"{MARK}{place}": YES for place in range(marks) if bits >> place & 1}


def _asked(metric: str, filters: list[Filter | None], definitions: tuple[FlowDefinition, ...]) -> Asked:
    plain = [where for where in filters if where is not None and not refers(where)]
    keys = {name for where in filters if refers(where) for name in _names(where)}
    reach, values = Windows(flow_start=True), "$value" in keys
    for definition in definitions:
        if metric == definition.trigger_metric:
            keys |= _trigger_keys(definition)
        for leaf in _leaves(definition):
            reach = _reached(reach, metric, leaf)
            values = values or (isinstance(leaf, Did) and leaf.metric == metric and leaf.measure == "sum")
    alone = len(filters) == 1 and bool(plain)
    return Asked(
        plain[0] if alone else None,
        () if alone else tuple(plain),
        tuple(sorted(keys - {"$value"})),
        values,
        reach,
    )


def _reached(reach: Windows, metric: str, leaf: Condition) -> Windows:
    if isinstance(leaf, Did) and leaf.by_total:
        return wider(reach, leaf.window) if leaf.metric == metric else reach
    for name, window in needs(leaf).events:
        reach = wider(reach, window) if name == metric else reach
    return reach


def _leaves(definition: FlowDefinition) -> Iterator[Condition]:
    """Every condition that the definition asks, wherever."""
    asked = [definition.profile_filters, definition.exits]
    for step in definition.steps.values():
        match step:
            case Email():
                asked.append(step.filters)
            case Split() | Goal():
                asked.append(step.condition)
            case MultiSplit() | WaitFor():
                asked += [branch.condition for branch in step.branches]
    for condition in asked:
        yield from leaves(condition)


def _names(where: Condition | None) -> Iterator[str]:
    for test in leaves(where):
        assert isinstance(test, Test)
        yield test.path[0].key


def _trigger_keys(definition: FlowDefinition) -> set[str]:
    """What is looked at of the event that started the flow."""
    found = {definition.key[0]} if definition.key else set()
    if isinstance(definition.trigger, SegmentTrigger):
        found |= {"segment", "segment_id"}

    def referred(metric: str, where: Filter | None) -> Filter | None:
        tests = [test for test in leaves(where) if isinstance(test, Test)]
        found.update(test.operand.path[0].key for test in tests if isinstance(test.operand, OfEvent))
        return where

    _rewritten(definition, referred)
    for step in definition.steps.values():
        if isinstance(step, BackInStock):
            found |= {"variant_id", "product_id"}
        if isinstance(step, UpdateProfile):
            paths = [value["event"] for value in step.set.values() if isinstance(value, Mapping) and "event" in value]
            found |= {parse_path(path, "event")[0].key for path in paths}
    return found


def _heard(definition: FlowDefinition) -> set[str]:
    """Metrics that are listened to, or start or end the flow, without a question."""
    heard = {one.metric for one in definition.listening if is_metric(one.metric)} - {metrics.COUPON_ASSIGNED}
    if isinstance(definition.trigger, SegmentTrigger) and definition.trigger_metric is not None:
        heard.add(definition.trigger_metric)
    return heard | {metrics.UNSUBSCRIBED}


# ── a definition with other filters ─────────────────────────────────────────────────────────────────────────────────
def _rewritten(definition: FlowDefinition, change: _Change) -> FlowDefinition:
    trigger = definition.trigger
    if isinstance(trigger, MetricTrigger):
        trigger = replace(trigger, where=change(trigger.metric, trigger.where))
    return replace(
        definition,
        trigger=trigger,
        profile_filters=_condition(definition.profile_filters, change),
        exit_on=tuple(
            replace(exit_on, event=_occurrence(exit_on.event, change), condition=_condition(exit_on.condition, change))
            for exit_on in definition.exit_on
        ),
        steps={
            step_id: _step(step, definition.trigger_metric or "", change) for step_id, step in definition.steps.items()
        },
    )


def _occurrence(event: Occurrence | None, change: _Change) -> Occurrence | None:
    return replace(event, where=change(event.metric, event.where)) if event is not None else None


def _step(step: Step, trigger_metric: str, change: _Change) -> Step:
    match step:
        case Email():
            return replace(step, filters=_condition(step.filters, change))
        case Split() | Goal():
            condition = _condition(step.condition, change)
            assert condition is not None
            return replace(step, condition=condition)
        case TriggerSplit():
            # Without a filter everything passes.
            return replace(step, where=change(trigger_metric, step.where) or AllOf(()))
        case MultiSplit():
            return replace(step, branches=tuple(_branch(one, trigger_metric, change) for one in step.branches))
        case WaitFor():
            resets = tuple(replace(event, where=change(event.metric, event.where)) for event in step.reset_on)
            branches = tuple(_branch(one, trigger_metric, change) for one in step.branches)
            return replace(step, branches=branches, reset_on=resets)
    return step


def _branch(branch: Branch, trigger_metric: str, change: _Change) -> Branch:
    return replace(
        branch,
        event=_occurrence(branch.event, change),
        condition=_condition(branch.condition, change),
        where=(change(trigger_metric, branch.where) or AllOf(())) if branch.where is not None else None,
    )


def _condition(condition: Condition | None, change: _Change) -> Condition | None:
    match condition:
        case AllOf(of):
            return AllOf(tuple(_kept(child, change) for child in of))
        case AnyOf(of):
            return AnyOf(tuple(_kept(child, change) for child in of))
        case Negation(child):
            return Negation(_kept(child, change))
        case Did():
            return replace(condition, where=change(condition.metric, condition.where))
        case Sequence():
            steps = tuple(replace(step, where=change(step.metric, step.where)) for step in condition.steps)
            return replace(condition, where=change(condition.metric, condition.where), steps=steps)
    return condition


def _kept(condition: Condition, change: _Change) -> Condition:
    made = _condition(condition, change)
    assert made is not None
    return made
