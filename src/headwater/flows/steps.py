"""The kinds of steps: what each holds, and where it leads. Pure data; what they do is the engine's.

Steps are a table: each knows the id of the next, so branches rejoin and an enrolment remembers its place by one id.
They only lead forward, so every walk ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

from headwater.flows.delays import Span
from headwater.segments.conditions import Condition, Filter, Path

LIVE, DRAFT, MANUAL = "live", "draft", "manual"
STATUSES = (LIVE, DRAFT, MANUAL)
"""A draft is skipped; at a manual step the person is held until somebody decides."""


@dataclass(frozen=True)
class Occurrence:
    """An event that passes a filter: what ends a flow, what is waited for."""

    metric: str
    where: Filter | None = None


# ── what sends ──────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Email:
    id: str
    template: str  # a file beside the flow, or the name of a saved template
    template_id: int | None  # known once published
    name: str
    next: str | None
    smart_sending: bool = True
    transactional: bool = False
    filters: Condition | None = None
    utm: Mapping[str, str] | None = None
    status: str = LIVE


@dataclass(frozen=True)
class Winner:
    """When a variation has won: certain enough with enough people, or the best one after a span."""

    by: str = "clicks"  # clicks, opens, orders
    certainty: Decimal = Decimal(90)  # percent
    at_least: int = 500  # people who got each
    after: timedelta | None = None


@dataclass(frozen=True)
class AbTest:
    """One of several emails, by a stable share of the people; the winner, once there is one."""

    id: str
    variations: tuple[tuple[str, Decimal], ...]  # the id of the email, its share in percent
    winner: Winner | None
    next: str | None


@dataclass(frozen=True)
class Webhook:
    id: str
    spec: Mapping[str, Any]  # url, headers, body
    next: str | None
    status: str = LIVE


@dataclass(frozen=True)
class Notify:
    id: str
    spec: Mapping[str, Any]  # to, subject, text
    next: str | None
    status: str = LIVE


# ── what changes ────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class UpdateProfile:
    id: str
    set: Mapping[str, Any]  # values; {date: today}, {event: path}
    unset: tuple[str, ...]
    add_to: Mapping[str, Any]
    remove_from: Mapping[str, Any]
    next: str | None
    status: str = LIVE


@dataclass(frozen=True)
class ChangeList:
    id: str
    list: int | str
    add: bool
    next: str | None
    status: str = LIVE


@dataclass(frozen=True)
class IssueCoupon:
    id: str
    coupon: str
    next: str | None


# ── what waits ──────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Delay:
    id: str
    span: Span
    next: str | None


@dataclass(frozen=True)
class Countdown:
    """Waits until some time before the profile's code of a coupon expires."""

    id: str
    before: timedelta
    coupon: str
    next: str | None


@dataclass(frozen=True)
class DateCountdown:
    """Waits until some time before a date among the profile's properties, at a time of day."""

    id: str
    before: timedelta
    path: Path
    until: time
    timezone: str  # profile, or an IANA name
    next: str | None


@dataclass(frozen=True)
class Branch:
    """One way on. Exactly one of `event` and `condition` is asked; a name is for people."""

    then: str | None
    event: Occurrence | None = None
    condition: Condition | None = None
    where: Filter | None = None  # asked of the event that started the flow
    name: str = ""


@dataclass(frozen=True)
class WaitFor:
    """Waits until something happens or holds; the first decides, and `otherwise` when the time has run out."""

    id: str
    branches: tuple[Branch, ...]
    within: timedelta
    otherwise: str | None
    count_past: bool = False
    reset_on: tuple[Occurrence, ...] = ()


@dataclass(frozen=True)
class BackInStock:
    """Waits until the product of the event is in stock again."""

    id: str
    minimum_stock: int
    people_per_unit: int | None  # None: all at once
    every: timedelta
    give_up_after: timedelta
    next: str | None


# ── what asks ───────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Split:
    """Asks the profile."""

    id: str
    condition: Condition
    then: str | None
    otherwise: str | None


@dataclass(frozen=True)
class TriggerSplit:
    """Asks the event that started the flow."""

    id: str
    where: Filter
    then: str | None
    otherwise: str | None


@dataclass(frozen=True)
class MultiSplit:
    """The first branch that holds."""

    id: str
    branches: tuple[Branch, ...]
    otherwise: str | None


@dataclass(frozen=True)
class RandomSplit:
    """Stable shares of all people: the same person goes the same way, always."""

    id: str
    shares: tuple[tuple[Decimal, Branch], ...]  # in percent, of 100 together
    salt: str


@dataclass(frozen=True)
class Goal:
    """Where those above jump to who meet the condition."""

    id: str
    condition: Condition
    unmet: str  # go_on, wait, leave
    next: str | None


@dataclass(frozen=True)
class Exit:
    id: str


Acting = UpdateProfile | ChangeList | IssueCoupon | Webhook | Notify
"""Steps that the runner carries out itself, in the transaction that moves the person on."""

Sending = Email | AbTest

Step = (
    Email
    | AbTest
    | Webhook
    | Notify
    | UpdateProfile
    | ChangeList
    | IssueCoupon
    | Delay
    | Countdown
    | DateCountdown
    | WaitFor
    | BackInStock
    | Split
    | TriggerSplit
    | MultiSplit
    | RandomSplit
    | Goal
    | Exit
)


def leads_to(step: Step) -> tuple[str | None, ...]:
    """The steps that may come next, the usual one first."""
    match step:
        case Split() | TriggerSplit():
            return step.then, step.otherwise
        case MultiSplit():
            return *(branch.then for branch in step.branches), step.otherwise
        case WaitFor():  # most wait in vain
            return step.otherwise, *(branch.then for branch in step.branches)
        case RandomSplit():
            return tuple(branch.then for _, branch in step.shares)
        case AbTest():
            return *(email for email, _ in step.variations), step.next
        case Exit():
            return ()
    return (step.next,)
