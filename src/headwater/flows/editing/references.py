"""What a flow names besides its emails: lists, segments and coupons, each with the place where it does; and the steps
that nobody can come to. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from headwater.flows.definition import FlowDefinition
from headwater.flows.steps import (
    ChangeList,
    Countdown,
    Email,
    Goal,
    IssueCoupon,
    MultiSplit,
    Split,
    Step,
    WaitFor,
    leads_to,
)
from headwater.flows.triggers import ListTrigger, SegmentTrigger
from headwater.segments.conditions import Condition, Coupon, InSegment, OnList, leaves


@dataclass(frozen=True)
class Reference:
    """Something of the workspace that the flow looks at or changes."""

    kind: str
    """list, segment, coupon"""
    named: int | str
    """Its name or id."""
    step: str
    """'': in the head of the flow."""
    field: str
    """The path within the step, or within the head."""
    begins: bool = False
    """People come to the flow by it, or are put there: a list of that name may be made for the flow."""


def references(definition: FlowDefinition) -> Iterator[Reference]:
    """Everything that must exist for the flow to do what it says."""
    match definition.trigger:
        case ListTrigger(named):
            yield Reference("list", named, "", "trigger.list", begins=True)
        case SegmentTrigger(segment):
            yield Reference("segment", segment, "", "trigger.segment", begins=True)
    for step in definition.steps.values():
        match step:
            case ChangeList():
                field = "add_to_list" if step.add else "remove_from_list"
                yield Reference("list", step.list, step.id, field, begins=step.add)
            case Countdown():
                yield Reference("coupon", step.coupon, step.id, "delay.expiry_of")
            case IssueCoupon():
                yield Reference("coupon", step.coupon, step.id, "coupon")
    for step_id, field, condition in _conditions(definition):
        for leaf in leaves(condition):
            match leaf:
                case OnList():
                    yield Reference("list", leaf.list, step_id, field)
                case InSegment():
                    yield Reference("segment", leaf.segment, step_id, field)
                case Coupon(name=str(name)):
                    yield Reference("coupon", name, step_id, field)


def unreachable(definition: FlowDefinition) -> list[str]:
    """The steps that nobody comes to: everybody has left before them. In the order written."""
    reached: set[str] = set()
    ahead: list[str | None] = [definition.first]
    while ahead:
        step_id = ahead.pop()
        if step_id is not None and step_id not in reached:
            reached.add(step_id)
            ahead += leads_to(definition.steps[step_id])
    return [step_id for step_id in definition.steps if step_id not in reached]


def _conditions(definition: FlowDefinition) -> Iterator[tuple[str, str, Condition | None]]:
    """(step, field, condition)"""
    yield "", "profile_filters", definition.profile_filters
    for index, exit_on in enumerate(definition.exit_on):
        yield "", f"exit_on[{index}].if", exit_on.condition
    for step in definition.steps.values():
        for field, condition in _asked(step):
            yield step.id, field, condition


def _asked(step: Step) -> Iterator[tuple[str, Condition | None]]:
    match step:
        case Email():
            yield "filters", step.filters
        case Split():
            yield "if", step.condition
        case Goal():
            yield "goal", step.condition
        case MultiSplit():
            yield from ((f"split[{index}].if", branch.condition) for index, branch in enumerate(step.branches))
        case WaitFor():
            yield from ((f"wait_for[{index}].if", branch.condition) for index, branch in enumerate(step.branches))
