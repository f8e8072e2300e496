"""The tree of a definition: what each condition holds, and nothing about how it is read, answered or stored.

Every node is frozen and hashable, so that a parsed definition can be cached, compared and shared between threads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

Scalar = str | int | float | bool
Operand = Scalar | tuple[Scalar, ...] | Decimal | None


class DefinitionError(ValueError):
    """A definition that cannot be used; `path` leads to the node that is wrong, `message` says what to do."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path
        self.message = message


# ── time ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class InLast:
    """Rolling back from now: after `now - span`."""

    span: timedelta


@dataclass(frozen=True, slots=True)
class Since:
    """At or after a fixed instant."""

    at: datetime


@dataclass(frozen=True, slots=True)
class SinceFlowStart:
    """At or after the event that started the flow; of the flow's own trigger metric only what came after it."""


Window = InLast | Since | SinceFlowStart | None


# ── groups ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class AllOf:
    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    of: Condition


# ── conditions ──────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Step:
    """One part of a property's path; `every` marks a list whose items are looked at one by one: items[]."""

    key: str
    every: bool = False


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison of a property: of an event in `where`, of the profile elsewhere."""

    __test__ = False  # not a test case, whatever pytest thinks of the name

    path: tuple[Step, ...]
    operator: str
    operand: Operand


@dataclass(frozen=True, slots=True)
class ProfileTest:
    test: Test


@dataclass(frozen=True, slots=True)
class Did:
    """How often (count) or for how much (sum) a metric happened in a window, under a filter on its properties."""

    metric: str
    measure: str  # count, sum
    operator: str
    operand: Decimal
    window: Window = None
    where: Filter | None = None
    presence: bool | None = field(init=False, compare=False)
    """True: asks for at least one event; False: asks for none; None: the exact number matters."""

    def __post_init__(self) -> None:
        asked = _PRESENCE.get((self.operator, self.operand)) if self.measure == "count" else None
        object.__setattr__(self, "presence", asked)


_PRESENCE = {
    ("at_least", Decimal(1)): True,
    ("greater_than", Decimal(0)): True,
    ("not_equals", Decimal(0)): True,
    ("equals", Decimal(0)): False,
    ("less_than", Decimal(1)): False,
    ("at_most", Decimal(0)): False,
}


@dataclass(frozen=True, slots=True)
class OnList:
    """Member of a list, named or by id; with a window: joined within it."""

    list: int | str
    window: Window = None


@dataclass(frozen=True, slots=True)
class Consent:
    state: str  # subscribed, unsubscribed, never_subscribed


@dataclass(frozen=True, slots=True)
class CanReceive:
    """Has an address, is not suppressed, has not unsubscribed, and consented where the brand demands it."""


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon's state for the profile; name None: any coupon. Only in flows."""

    name: str | None
    state: str  # assigned, valid, redeemed, expired
    window: Window = None
    left: timedelta | None = None


@dataclass(frozen=True, slots=True)
class InFlow:
    """Entered a flow (within a window), apart from the enrolment that asks. Only in flows."""

    flow: str
    window: Window = None


@dataclass(frozen=True, slots=True)
class Sample:
    """A stable share of all profiles: the same people for the same salt, always."""

    percent: Decimal
    salt: str = field(default="")


EventGroup = AllOf | AnyOf | Negation
Filter = Test | EventGroup
Condition = (
    AllOf | AnyOf | Negation | Test | ProfileTest | Did | OnList | Consent | CanReceive | Coupon | InFlow | Sample
)
