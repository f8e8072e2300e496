"""Filters that compare with the event that started a flow: {property: order_id, equals: {event: order_id}}. Pure.

Only flows know such an event. `bind` puts its value in the place of the reference before the filter is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headwater.segments.conditions import AllOf, AnyOf, Filter, Negation, OfEvent, Test
from headwater.segments.properties import leads_to


def refers(where: Filter | None) -> bool:
    """Whether a filter looks at the event that started the flow."""
    match where:
        case Test():
            return isinstance(where.operand, OfEvent)
        case AllOf(of) | AnyOf(of):
            return any(refers(child) for child in of)  # type: ignore[arg-type]
        case Negation(child):
            return refers(child)  # type: ignore[arg-type]
    return False


def bind(where: Filter | None, event: Mapping[str, Any]) -> Filter | None:
    """The filter with what this event holds in the place of references.

    What the event lacks equals nothing. Where its path leads to several values, equals one of them.
    """
    match where:
        case Test(path, operator, OfEvent(wanted)):
            held = tuple(value for value in leads_to(event, wanted) if isinstance(value, str | int | float))
            positive = AnyOf(tuple(Test(path, "equals", value) for value in held))
            return positive if operator == "equals" else Negation(positive)
        case AllOf(of):
            return AllOf(tuple(bind(child, event) for child in of))  # type: ignore[arg-type, misc]
        case AnyOf(of):
            return AnyOf(tuple(bind(child, event) for child in of))  # type: ignore[arg-type, misc]
        case Negation(child):
            return Negation(bind(child, event))  # type: ignore[arg-type]
    return where
