"""The tree of a definition: what each condition holds, and nothing about how it is read, answered or stored.

Every node is frozen and hashable, so that a parsed definition can be cached, compared and shared between threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

Scalar = str | int | float | bool


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
class Ago:
    """Rolling: at `now - least` or earlier, and after `now - most` if that is given."""

    least: timedelta
    most: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Since:
    """At or after a fixed instant."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Before:
    """Before a fixed instant."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Between:
    """From a fixed instant until just before another."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class SinceFlowStart:
    """At or after the event that started the flow; of the flow's own trigger metric only what came after it."""


Window = InLast | Ago | Since | Before | Between | SinceFlowStart | None


def offsets(window: Window) -> tuple[timedelta, ...]:
    """How long after an instant the window's answer about it changes by the passing of time alone."""
    match window:
        case InLast(span):
            return (span,)
        case Ago(least, most):
            return (least,) if most is None else (least, most)
    return ()


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


# ── properties ──────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Step:
    """One part of a property's path; `every` marks a list whose items are looked at one by one: items[]."""

    key: str
    every: bool = False


Path = tuple[Step, ...]


def written(path: Path) -> str:
    """A path as people write it: items[].category."""
    return ".".join(step.key + ("[]" if step.every else "") for step in path)


@dataclass(frozen=True, slots=True)
class OfEvent:
    """Instead of a value: what the event that started the flow holds there. Only in flows, and only in `where`."""

    path: Path


Operand = Scalar | tuple[Scalar | Decimal, ...] | Decimal | OfEvent | None


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison of a property: of an event in `where`, of the profile elsewhere."""

    __test__ = False  # not a test case, whatever pytest thinks of the name

    path: Path
    operator: str
    operand: Operand
    kinds: tuple[str, ...] = field(init=False, default=(), repr=False)
    """The operand's types: to Python 1 and true are equal, to a condition they are not."""

    def __post_init__(self) -> None:
        operands = self.operand if isinstance(self.operand, tuple) else (self.operand,)
        object.__setattr__(self, "kinds", tuple(type(one).__name__ for one in operands))


@dataclass(frozen=True, slots=True)
class ProfileTest:
    test: Test


@dataclass(frozen=True, slots=True)
class Rolling:
    """A date later than `now + after` and no later than `now + until`; None: no such bound."""

    after: timedelta | None = None
    until: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Fixed:
    """A date from `start` on and before `end`: an instant, or a calendar day of the brand."""

    start: datetime | date | None = None
    end: datetime | date | None = None


@dataclass(frozen=True, slots=True)
class Anniversary:
    """The day of the year returns within so many days around today: from `first` to `last` days from now."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class InMonth:
    """In a month of any year, 1 to 12; 0: the present one."""

    month: int


@dataclass(frozen=True, slots=True)
class DateTest:
    """What a date among the profile's properties must be; created_at is one too."""

    path: Path
    asked: Rolling | Fixed | Anniversary | InMonth


# ── conditions ──────────────────────────────────────────────────────────────────────────────────────────────────────
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
    by_total: bool = field(init=False, compare=False)
    """The all-time total (count, sum, first, last) decides, without a look at single events."""

    def __post_init__(self) -> None:
        asked = _PRESENCE.get((self.operator, self.operand)) if self.measure == "count" else None
        object.__setattr__(self, "presence", asked)
        object.__setattr__(self, "by_total", self.where is None and self._open_ended(asked))

    def _open_ended(self, presence: bool | None) -> bool:
        if presence is None:
            return self.window is None
        return not isinstance(self.window, Between) and not (isinstance(self.window, Ago) and self.window.most)


_PRESENCE = {
    ("at_least", Decimal(1)): True,
    ("greater_than", Decimal(0)): True,
    ("not_equals", Decimal(0)): True,
    ("equals", Decimal(0)): False,
    ("less_than", Decimal(1)): False,
    ("at_most", Decimal(0)): False,
}


@dataclass(frozen=True, slots=True)
class Follow:
    """A further step of a sequence, seen from the one before it: a metric that did, or did not, come `within` a span.

    `before`: it is looked for in the time before. Did not … within a span after: known only when the span has passed.
    """

    metric: str
    did: bool = True
    within: timedelta | None = None
    before: bool = False
    where: Filter | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """Did a metric in a window, and then (or before it) did or did not do others, step by step."""

    metric: str
    steps: tuple[Follow, ...]
    window: Window = None
    where: Filter | None = None


@dataclass(frozen=True, slots=True)
class OnList:
    """Member of a list, named or by id; with a window: joined within it."""

    list: int | str
    window: Window = None


@dataclass(frozen=True, slots=True)
class InSegment:
    """Member of another segment, named or by id; with a window: entered it then. Saved segments name others by id."""

    segment: int | str
    window: Window = None


@dataclass(frozen=True, slots=True)
class Consent:
    """The present state of consent; for the two that are decided, how and when it was."""

    state: str  # subscribed, unsubscribed, never_subscribed
    methods: tuple[str, ...] = ()
    window: Window = None


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Nothing may be sent, for this reason (None: any); with a window: since then."""

    reason: str | None = None
    window: Window = None


@dataclass(frozen=True, slots=True)
class CanReceive:
    """Has an address, is not suppressed, has not unsubscribed, and consented where the brand demands it."""


@dataclass(frozen=True, slots=True)
class Region:
    """Lives in one of a region's countries."""

    name: str
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """Within a distance of a point, by the profile's properties `latitude` and `longitude` (degrees)."""

    latitude: float
    longitude: float
    km: float


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
    AllOf
    | AnyOf
    | Negation
    | Test
    | ProfileTest
    | DateTest
    | Did
    | Sequence
    | OnList
    | InSegment
    | Consent
    | Suppressed
    | CanReceive
    | Region
    | Near
    | Coupon
    | InFlow
    | Sample
)


def leaves(condition: Condition | None) -> Iterator[Condition]:
    """Every condition of a tree that is not a group."""
    match condition:
        case None:
            return
        case AllOf(of) | AnyOf(of):
            for child in of:
                yield from leaves(child)
        case Negation(child):
            yield from leaves(child)
        case _:
            yield condition
