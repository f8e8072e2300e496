"""What a flow is: its trigger, filters, entry rules, exits and steps. Pure data, made by `reading.parse`.

And what follows from it: what must be known to walk it, where goals lie, what to listen to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from headwater.delivery.hours import SendWindow
from headwater.flows.listening import Listening, heard
from headwater.flows.steps import (
    DRAFT,
    Acting,
    ChangeList,
    Countdown,
    DateCountdown,
    Delay,
    Email,
    Goal,
    IssueCoupon,
    MultiSplit,
    Notify,
    Occurrence,
    Split,
    Step,
    UpdateProfile,
    WaitFor,
    Webhook,
    leads_to,
)
from headwater.flows.triggers import DateTrigger, Trigger, audience, metric_of
from headwater.segments.boundaries import changes_by_time
from headwater.segments.conditions import AnyOf, Did, SinceFlowStart
from headwater.segments.language import Condition, Needs, needs
from headwater.segments.referring import refers

PRIORITIES = ("none", "site", "product", "cart", "checkout")
"""From the least to the most important: who writes first when several flows want one person."""

MERGES = ("ignore", "restart", "replace")


@dataclass(frozen=True)
class ExitOn:
    """What ends the flow for a person at once, wherever they wait: an event, or a condition."""

    event: Occurrence | None = None
    condition: Condition | None = None

    @property
    def asked(self) -> Condition:
        """It holds from the moment the event happened since the flow began."""
        if self.event is not None:
            return happened(self.event)
        assert self.condition is not None
        return self.condition

    @property
    def direct(self) -> bool:
        """An event alone decides, without a look at what started the enrolment."""
        return self.event is not None and not refers(self.event.where)


def happened(event: Occurrence) -> Did:
    return Did(event.metric, "count", "at_least", Decimal(1), SinceFlowStart(), event.where)


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
    trigger: Trigger
    steps: Mapping[str, Step]  # in the order written: a step only leads to later ones
    first: str
    description: str = ""
    priority: str = "none"
    profile_filters: Condition | None = None
    again_after: timedelta | None = None  # None: never again; nothing (0): always
    key: tuple[str, ...] = ()  # the path of the event's property that the flow is entered by
    merge: str = "ignore"
    holdout: Decimal = Decimal(0)  # percent
    exit_on: tuple[ExitOn, ...] = ()
    coupons: tuple[CouponPlan, ...] = ()
    send_window: SendWindow | None = None
    tests: tuple[Mapping[str, Any], ...] = ()

    @cached_property
    def emails(self) -> tuple[Email, ...]:
        return tuple(step for step in self.steps.values() if isinstance(step, Email))

    @cached_property
    def rank(self) -> int:
        return PRIORITIES.index(self.priority)

    @cached_property
    def exits(self) -> AnyOf | None:
        """The exits as one condition."""
        return AnyOf(tuple(exit_on.asked for exit_on in self.exit_on)) if self.exit_on else None

    @cached_property
    def timed_exits(self) -> tuple[Condition, ...]:
        """The conditions among the exits that time alone may make true: nothing that happens wakes anybody then."""
        asked = (exit_on.condition for exit_on in self.exit_on)
        return tuple(condition for condition in asked if condition is not None and changes_by_time(condition))

    @cached_property
    def audience(self) -> Condition | None:
        """Whom the trigger goes on to mean, asked at each send: still on the list, still in the segment."""
        return audience(self.trigger)

    @cached_property
    def trigger_metric(self) -> str | None:
        return metric_of(self.trigger)

    # ── what must be known ──────────────────────────────────────────────────────────────────────────────────────────
    @cached_property
    def gate_needs(self) -> Needs:
        """What exits and profile filters look at, asked before every step and every send."""
        dated = Needs(profile=True, properties=True) if isinstance(self.trigger, DateTrigger) else Needs()
        return needs(self.exits) | needs(self.profile_filters) | dated

    @cached_property
    def step_needs(self) -> Needs:
        """What walking any of the steps looks at besides."""
        whole = needs(self.audience) if any(isinstance(step, Acting) for step in self.steps.values()) else Needs()
        for step in self.steps.values():
            whole |= _step_needs(step)
        return whole

    def send_needs(self, email: Email | None) -> Needs:
        """What the gate looks at for one email, besides `gate_needs`."""
        whole = needs(self.audience)
        if email is not None:
            whole |= needs(email.filters)
            for goal in self.goals_ahead(email.id):
                whole |= needs(goal.condition)
        return whole

    # ── what follows from the steps ─────────────────────────────────────────────────────────────────────────────────
    def goals_ahead(self, step_id: str | None) -> tuple[Goal, ...]:
        """The goals that someone who stands before (or in) this step may still reach, in their order."""
        return self._goals.get(step_id or self.first, ())

    @cached_property
    def _goals(self) -> dict[str, tuple[Goal, ...]]:
        if not any(isinstance(step, Goal) for step in self.steps.values()):
            return {}
        order = {step_id: place for place, step_id in enumerate(self.steps)}
        found: dict[str, tuple[Goal, ...]] = {}
        for step_id, step in reversed(list(self.steps.items())):
            ahead = {goal.id: goal for after in leads_to(step) if after for goal in self._here_or_ahead(after, found)}
            found[step_id] = tuple(sorted(ahead.values(), key=lambda goal: order[goal.id]))
        return found

    def _here_or_ahead(self, step_id: str, found: Mapping[str, tuple[Goal, ...]]) -> Iterator[Goal]:
        step = self.steps[step_id]
        if isinstance(step, Goal):
            yield step
        yield from found[step_id]

    @cached_property
    def acting(self) -> frozenset[str]:
        """The steps from which something that sends or changes anything lies ahead, or that do so themselves."""
        found: set[str] = set()
        for step_id, step in reversed(list(self.steps.items())):
            if _acts(step) or any(after in found for after in leads_to(step)):
                found.add(step_id)
        return frozenset(found)

    @cached_property
    def listening(self) -> tuple[Listening, ...]:
        """What makes it worth a look at somebody before their step is due."""
        found = [heard(exit_on.event, exit_on.condition, None) for exit_on in self.exit_on if not exit_on.direct]
        for step in self.steps.values():
            here = frozenset([step.id])
            if isinstance(step, WaitFor):
                found += [heard(branch.event, branch.condition, here) for branch in step.branches]
                found += [heard(event, None, here) for event in step.reset_on]
            elif isinstance(step, Goal):
                above = {at for at in self.steps if step in self.goals_ahead(at)}
                found.append(heard(None, step.condition, frozenset(above | here)))
        return tuple(one for group in found for one in group)


def _acts(step: Step) -> bool:
    match step:
        case IssueCoupon():
            return True
        case Email() | UpdateProfile() | ChangeList() | Webhook() | Notify():
            return step.status != DRAFT
    return False


def _step_needs(step: Step) -> Needs:
    match step:
        case Split(condition=condition) | Goal(condition=condition):
            return needs(condition)
        case Delay() if not step.span.exact:
            return Needs(profile=True)
        case DateCountdown():
            return Needs(profile=True, properties=True)
        case Countdown():
            return Needs(coupons=True)
        case MultiSplit():
            return _union(needs(branch.condition) for branch in step.branches)
        case WaitFor():
            events = [branch.event for branch in step.branches if branch.event is not None] + list(step.reset_on)
            return _union(
                [needs(branch.condition) for branch in step.branches] + [_looked_at(event) for event in events]
            )
    return Needs()


def _looked_at(event: Occurrence) -> Needs:
    into = frozenset([event.metric]) if event.where is not None else frozenset[str]()
    return Needs(events=frozenset([(event.metric, SinceFlowStart())]), event_properties=into)


def _union(parts: Iterable[Needs]) -> Needs:
    whole = Needs()
    for part in parts:
        whole |= part
    return whole
