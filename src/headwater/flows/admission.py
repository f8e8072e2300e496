"""Who may enter a flow once its trigger has happened: what one entry stands for, how soon again, who is held out. Pure.

Shared by those who enrol people (`entry`) and by those who only simulate it (`simulation`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from headwater.flows.definition import FlowDefinition
from headwater.segments.language import in_sample

HOLDOUT = "holdout_group"


def key_of(path: Sequence[str], properties: Mapping[str, Any]) -> str:
    """What one enrolment stands for: the value of the property that the flow is entered by; '': the event itself."""
    value: Any = properties
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return str(value)[:500] if path and isinstance(value, str | int) and value != "" else ""


def asks_again(definition: FlowDefinition) -> bool:
    """Whether an earlier entry matters at all."""
    return definition.again_after is None or bool(definition.again_after) or bool(definition.key)


def may_enter_again(definition: FlowDefinition, at: datetime, before: datetime | None) -> bool:
    """Whether someone whose last entry (with this key) began at `before` may enter at `at`; None: there was none."""
    if before is None:
        return True
    after = definition.again_after
    return after is not None and at - before >= after


def held_out(definition: FlowDefinition, profile_id: int) -> bool:
    """Whether the person is left out of the flow to measure against: always the same people."""
    return bool(definition.holdout) and in_sample(profile_id, definition.holdout, f"{definition.slug}:holdout")
