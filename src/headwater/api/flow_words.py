"""A flow's definition in words, for those who read it rather than change it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ninja import Schema

from headwater.flows.definition import FlowDefinition
from headwater.flows.wording import again_words, exit_words, steps_outline, trigger_words
from headwater.segments.language import describe


class StepLine(Schema):
    """A step or a branch, and what stands under it."""

    text: str
    below: list[StepLine]


class FlowWords(Schema):
    trigger: str
    """someone does: Placed Order"""
    again: str
    """How soon the same person may come in again: never, any time, after 14 days."""
    only_while: str | None
    """What must hold at entry, before every step and at every send."""
    stops: list[str]
    """What ends it at once, wherever the person waits."""
    steps: list[StepLine]


def words_of(definition: FlowDefinition) -> dict[str, Any]:
    filters = definition.profile_filters
    return {
        "trigger": trigger_words(definition.trigger),
        "again": again_words(definition),
        "only_while": describe(filters) if filters is not None else None,
        "stops": [exit_words(one) for one in definition.exit_on],
        "steps": [asdict(line) for line in steps_outline(definition)],
    }
