"""A flow as an outline in words: what starts it, whom it keeps, what ends it, and its steps. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from headwater.flows.definition import (
    Countdown,
    Delay,
    Email,
    Exit,
    FlowDefinition,
    ListTrigger,
    Split,
    TriggerSplit,
)
from headwater.segments.language import describe
from headwater.segments.wording import describe_span

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class Line:
    """One line of the outline, and what stands under it."""

    text: str
    below: tuple[Line, ...] = ()


def outline(flow: FlowDefinition) -> list[Line]:
    """The flow from top to bottom; the branches of a split stand under it."""
    lines = [Line(f"starts when someone {_trigger(flow)}"), Line(f"again: {_again(flow)}")]
    if flow.profile_filters is not None:
        lines.append(Line(f"only while: {describe(flow.profile_filters)}"))
    if flow.exit_on:
        lines.append(Line(f"leaves at once on: {', '.join(exit_on.metric for exit_on in flow.exit_on)}"))
    return [*lines, *_steps(flow, flow.first, None)]


def _trigger(flow: FlowDefinition) -> str:
    if isinstance(flow.trigger, ListTrigger):
        return f"joins the list {flow.trigger.list}"
    where = f" where {describe(flow.trigger.where)}" if flow.trigger.where is not None else ""
    return f"does: {flow.trigger.metric}{where}"


def _again(flow: FlowDefinition) -> str:
    if flow.again_after is None:
        return "never"
    return f"after {describe_span(flow.again_after)}" if flow.again_after else "any time"


def _steps(flow: FlowDefinition, step_id: str | None, until: str | None) -> Iterator[Line]:
    """The steps of one branch, up to where it rejoins."""
    while step_id is not None and step_id != until:
        step = flow.steps[step_id]
        match step:
            case Split() | TriggerSplit():
                asked = describe(step.condition if isinstance(step, Split) else step.where)
                joins = _joins(flow, step)
                then = Line("then", tuple(_steps(flow, step.then, joins)))
                otherwise = Line("else", tuple(_steps(flow, step.otherwise, joins)))
                yield Line(f"if {asked}", tuple(branch for branch in (then, otherwise) if branch.below))
                step_id = joins
            case Exit():
                yield Line("leaves")
                return
            case Email():
                yield Line(f"email “{step.name}” ({step.template})")
                step_id = step.next
            case Countdown():
                yield Line(f"waits until {describe_span(step.before)} before the code of {step.coupon} expires")
                step_id = step.next
            case Delay():
                yield Line(f"waits {_span(step)}")
                step_id = step.next


def _joins(flow: FlowDefinition, split: Split | TriggerSplit) -> str | None:
    """The first step that both branches lead to."""
    first = set(_ahead(flow, split.then))
    return next((step for step in _ahead(flow, split.otherwise) if step in first), None)


def _ahead(flow: FlowDefinition, step_id: str | None) -> Iterator[str]:
    while step_id is not None:
        yield step_id
        match flow.steps[step_id]:
            case Email(next=following) | Delay(next=following) | Countdown(next=following):
                step_id = following
            case Split() | TriggerSplit() as split:
                step_id = _joins(flow, split)
            case _:
                return


def _span(step: Delay) -> str:
    span = step.span
    parts = [f"{span.days} day{'' if span.days == 1 else 's'}"] if span.days else []
    if span.rest:
        parts.append(describe_span(span.rest))
    if span.until is not None:
        parts.append(f"until {span.until:%H:%M} {'their time' if span.timezone == 'profile' else span.timezone}")
    if span.weekdays:
        parts.append("on " + ", ".join(_DAYS[day] for day in sorted(span.weekdays)))
    return ", ".join(parts)
