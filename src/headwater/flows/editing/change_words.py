"""How a flow's fields read in a comparison of two versions: a delay as 2 hours, a condition as a sentence. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from headwater.flows.definition import FlowDefinition
from headwater.flows.steps import LIVE, Branch, Email, MultiSplit, RandomSplit, Step, WaitFor
from headwater.flows.triggers import Trigger
from headwater.flows.wording import occurrence_words, step_words, trigger_words
from headwater.segments.language import describe
from headwater.segments.wording import describe_span

_LONGEST = 80
"""Characters of a value that has no words of its own."""

_SAID = frozenset(
    {
        "delay", "if", "if_event", "update_profile", "add_to_list", "remove_from_list", "coupon", "webhook", "notify",
        "back_in_stock", "goal",
    }
)  # fmt: skip
"""Fields that say what the whole step does."""


def step_said(flow: FlowDefinition, step: Step) -> str:
    """What a step does: “Welcome 1” (welcome.mjml); waits 2 hours."""
    return step_words(flow, step).removeprefix("email ")


def field_words(flow: FlowDefinition, step: Step, field: str, value: Any) -> str:
    """What a field of a step says; `value` is as written."""
    if field in _SAID:
        said = step_words(flow, step)
        return said.removesuffix(f" [{getattr(step, 'status', LIVE)}]").removeprefix("waits ").removeprefix("goal: ")
    if field == "filters" and isinstance(step, Email):
        return describe(step.filters)
    if field == "within" and isinstance(step, WaitFor):
        return describe_span(step.within)
    if field in ("wait_for", "split", "random"):
        return "; ".join(_ways(step))
    return _plain(field, value)


def head_words(flow: FlowDefinition, field: str, value: Any) -> str:
    """What a field of a flow's head says."""
    match field:
        case "trigger":
            return _trigger(flow.trigger)
        case "profile_filters":
            return describe(flow.profile_filters)
        case "exit_on":
            asked = (
                occurrence_words(one.event) if one.event is not None else describe(one.condition)
                for one in flow.exit_on
            )
            return ", ".join(asked) or "nothing"
        case "tests":
            return f"{len(flow.tests)} test{'' if len(flow.tests) == 1 else 's'}"
        case "entry.again":
            if flow.again_after is None:
                return "never"
            return f"after {describe_span(flow.again_after)}" if flow.again_after else "always"
        case "entry.holdout":
            return f"{flow.holdout:f} %"
    return _plain(field, value)


def way_words(step: Step, branch: str) -> str:
    """What a way out of a step is called; `branch`: the list of its steps, as written: else, wait_for[1].then."""
    if branch == "else":
        return {WaitFor: "when the time is over", MultiSplit: "everyone else"}.get(type(step), "no")
    if branch == "then":
        return "yes"
    place = int(branch[branch.index("[") + 1 : branch.index("]")])
    if isinstance(step, MultiSplit | WaitFor):
        return step.branches[place].name or _cut(_asked(step.branches[place]))
    assert isinstance(step, RandomSplit)
    share, one = step.shares[place]
    return one.name or f"{share:f} %"


def _trigger(trigger: Trigger) -> str:
    return trigger_words(trigger).removeprefix("someone does: ")


def _ways(step: Step) -> Iterator[str]:
    match step:
        case WaitFor() | MultiSplit():
            yield from (_asked(branch) for branch in step.branches)
        case RandomSplit():
            yield from (f"{share:f} %{f' ({one.name})' if one.name else ''}" for share, one in step.shares)


def _asked(branch: Branch) -> str:
    if branch.event is not None:
        asked = occurrence_words(branch.event)
    else:
        asked = describe(branch.condition if branch.condition is not None else branch.where)
    return f"{branch.name}: {asked}" if branch.name else asked


def _plain(field: str, value: Any) -> str:
    if value is None or value in ({}, []):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return f"“{_cut(value)}”" if field in ("name", "description") else _cut(value)
    return _cut(orjson.dumps(value).decode())


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
