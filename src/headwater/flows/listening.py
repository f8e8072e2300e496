"""What makes it worth a look at somebody who waits: which events, entries into flows, and changes of the person. Pure.

A wait, a goal or an exit asks a condition; its answer can only change with one of these (or with time, which the engine
knows by itself), so nobody else is ever looked at early.
"""

from __future__ import annotations

from dataclasses import dataclass

from headwater.events import standard as metrics
from headwater.flows.steps import Occurrence
from headwater.segments.conditions import (
    CanReceive,
    Condition,
    Consent,
    Coupon,
    DateTest,
    Did,
    Filter,
    InFlow,
    InSegment,
    Near,
    OnList,
    ProfileTest,
    Region,
    Sequence,
    Suppressed,
    leaves,
)
from headwater.segments.referring import refers

PERSON = "person"
"""Instead of a metric: a property, list, consent or suppression of the person changed."""

_ENTRY = "\0entered "
"""Begins what stands instead of a metric for an entry into a flow: no metric can be called so."""


def entry_into(flow: str) -> str:
    """What is listened to, instead of a metric, by who asks whether the person has entered this flow (its slug)."""
    return _ENTRY + flow


def is_metric(heard: str) -> bool:
    """Whether what is listened to is events of a metric."""
    return heard != PERSON and not heard.startswith(_ENTRY)


@dataclass(frozen=True)
class Listening:
    metric: str  # or PERSON, or `entry_into` a flow
    where: Filter | None  # asked of the event; None: any
    steps: frozenset[str] | None  # matters to those who stand there; None: wherever they stand


def heard(event: Occurrence | None, condition: Condition | None, steps: frozenset[str] | None) -> list[Listening]:
    """What an event or a condition listens to, for those who stand at these steps."""
    if event is not None:
        return [Listening(event.metric, None if refers(event.where) else event.where, steps)]
    found = {metric for leaf in leaves(condition) for metric in _mentions(leaf)}
    return [Listening(metric, None, steps) for metric in sorted(found)]


def _mentions(leaf: Condition) -> tuple[str, ...]:
    match leaf:
        case Did():
            return (leaf.metric,)
        case Sequence():
            return (leaf.metric, *(step.metric for step in leaf.steps))
        case InSegment():
            return metrics.ENTERED_SEGMENT, metrics.LEFT_SEGMENT
        case Coupon():
            return metrics.COUPON_ASSIGNED, metrics.PLACED_ORDER
        case InFlow(flow):
            return (entry_into(flow),)
        case OnList() | Consent() | Suppressed() | CanReceive() | ProfileTest() | DateTest() | Region() | Near():
            return (PERSON,)
    return ()
