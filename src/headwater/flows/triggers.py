"""What starts a flow. Pure data, and whether an event is one that does.

Everything but joining a list and the coming of a date reaches flows as an event; those that the system makes itself (a
price fell, a call asked for it) are directed at one flow by its short name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from headwater.events import standard as metrics
from headwater.flows.occasions import DateRule
from headwater.segments.conditions import Condition, Filter, InSegment, Negation, OnList
from headwater.segments.language import matches


@dataclass(frozen=True)
class MetricTrigger:
    metric: str
    where: Filter | None = None


@dataclass(frozen=True)
class ListTrigger:
    list: int | str


@dataclass(frozen=True)
class SegmentTrigger:
    segment: int | str
    entered: bool = True
    stay: bool = True  # asked again at each send


@dataclass(frozen=True)
class DateTrigger:
    rule: DateRule


@dataclass(frozen=True)
class PriceDropTrigger:
    percent: Decimal | None
    amount: Decimal | None
    audience: tuple[str, ...]  # viewed, cart, checkout
    within: timedelta
    where: Filter | None = None


@dataclass(frozen=True)
class LowStockTrigger:
    at_most: int
    audience: tuple[str, ...]
    within: timedelta
    where: Filter | None = None


@dataclass(frozen=True)
class CallTrigger:
    """By name: from another system (api) or by hand (manual)."""

    kind: str


Trigger = MetricTrigger | ListTrigger | SegmentTrigger | DateTrigger | PriceDropTrigger | LowStockTrigger | CallTrigger


def metric_of(trigger: Trigger) -> str | None:
    """The metric whose events start the flow; None: no event does."""
    match trigger:
        case MetricTrigger(metric):
            return metric
        case SegmentTrigger():
            return metrics.ENTERED_SEGMENT if trigger.entered else metrics.LEFT_SEGMENT
        case PriceDropTrigger():
            return metrics.PRICE_DROPPED
        case LowStockTrigger():
            return metrics.LOW_IN_STOCK
        case CallTrigger():
            return metrics.STARTED_FLOW
    return None


def starts(trigger: Trigger, slug: str, properties: Mapping[str, Any], value: Decimal | float | None) -> bool:
    """Whether an event of the trigger's metric starts the flow of this short name."""
    match trigger:
        case MetricTrigger(_, where):
            return matches(where, properties, value)
        case SegmentTrigger(segment):
            if isinstance(segment, int):
                return properties.get("segment_id") == segment
            return str(properties.get("segment", "")).lower() == segment.lower()
        case PriceDropTrigger() | LowStockTrigger():
            return properties.get("flow") == slug and matches(trigger.where, properties, value)
        case CallTrigger(kind):
            return kind == "api" and properties.get("flow") == slug
    return False


def audience(trigger: Trigger) -> Condition | None:
    """What must still hold of a person at each send, for what started the flow to stand."""
    match trigger:
        case ListTrigger(named):
            return OnList(named)
        case SegmentTrigger(segment, entered, True):
            return InSegment(segment) if entered else Negation(InSegment(segment))
    return None
