"""What a flow is: its trigger, filters, entry rules, exits and steps. Pure data, made by `reading.parse`.

Steps are a table: each knows the id of the next, so branches rejoin and an enrolment remembers its place by one id.
Steps only lead forward, so every walk ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import cached_property

from headwater.flows.delays import Span
from headwater.segments.conditions import AnyOf, Did, SinceFlowStart
from headwater.segments.language import Condition, Filter, Needs, needs


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────
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
class Exit:
    id: str


Step = Email | Delay | Countdown | Split | TriggerSplit | Exit


# ── the flow ────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class MetricTrigger:
    metric: str
    where: Filter | None = None


@dataclass(frozen=True)
class ListTrigger:
    list: int | str


@dataclass(frozen=True)
class ExitOn:
    """What ends the flow for a person at once, wherever they wait."""

    metric: str
    where: Filter | None = None


@dataclass(frozen=True)
class CouponPlan:
    """A coupon that the flow's emails use; made when the flow is applied, unless it exists."""

    name: str
    kind: str
    code: str | None
    expires_after: timedelta | None


@dataclass(frozen=True)
class FlowDefinition:
    slug: str
    name: str
    trigger: MetricTrigger | ListTrigger
    steps: Mapping[str, Step]
    first: str
    description: str = ""
    profile_filters: Condition | None = None
    again_after: timedelta | None = None  # None: never again; nothing (0): always
    key: tuple[str, ...] = ()  # the path of the event's property that the flow is entered by
    exit_on: tuple[ExitOn, ...] = ()
    coupons: tuple[CouponPlan, ...] = field(default=())

    @cached_property
    def emails(self) -> tuple[Email, ...]:
        return tuple(step for step in self.steps.values() if isinstance(step, Email))

    @cached_property
    def exits(self) -> Condition | None:
        """The exit events as a condition: it holds from the moment one of them happened since the flow began."""
        return AnyOf(tuple(self.exit_condition(exit_on) for exit_on in self.exit_on)) if self.exit_on else None

    @staticmethod
    def exit_condition(exit_on: ExitOn) -> Did:
        return Did(exit_on.metric, "count", "at_least", Decimal(1), SinceFlowStart(), exit_on.where)

    @cached_property
    def gate_needs(self) -> Needs:
        """What exits and profile filters look at, asked before every step and every send."""
        return needs(self.exits) | needs(self.profile_filters)

    @cached_property
    def step_needs(self) -> Needs:
        """What walking any of the steps looks at besides."""
        whole = Needs()
        for step in self.steps.values():
            if isinstance(step, Split):
                whole |= needs(step.condition)
            elif isinstance(step, Delay) and not step.span.exact:
                whole |= Needs(profile=True)
            elif isinstance(step, Countdown):
                whole |= Needs(coupons=True)
        return whole

    @property
    def trigger_metric(self) -> str | None:
        return self.trigger.metric if isinstance(self.trigger, MetricTrigger) else None
