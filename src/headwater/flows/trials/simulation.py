"""A flow simulated for one person at a time, by a virtual clock: what it takes and what it gives. Pure.

`simulated_life` is the clock, `simulated_gate` what it asks of an email; both use the live flow's own decisions.

What is simulated, and what is not:

- Events close, wake and enter at their own time, then steps that are due are taken, then emails that are due are put to
  the gate: consent, exits, filters, goals, hours, smart sending, caps. Of things at one instant that is the order.
- Everything else of the shop stands still: no opens or clicks of simulated emails, no other flow that goes first.
- What waits for somebody to decide (`status: manual`) is approved at once. An A/B test has no winner.
- Who waits for stock is among the first to be told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from headwater.accounts.limits import FrequencyCap, QuietHours
from headwater.delivery.reasons import Reason
from headwater.events import standard as metrics
from headwater.flows.definition import FlowDefinition
from headwater.flows.effects import Known, Note
from headwater.flows.engine import EXIT_EVENT
from headwater.flows.occasions import occasions
from headwater.flows.steps import Acting, BackInStock, Countdown, Email
from headwater.flows.trials.guard import Guard, guard_of
from headwater.flows.trials.person_in_time import Windows, instant, ticks, windows
from headwater.flows.trials.strides import Stride, strides
from headwater.flows.triggers import DateTrigger
from headwater.segments.language import Facts, Needs
from headwater.segments.properties import Passes, leads_to, passer

COMPLETED = "completed"
UNSUBSCRIBED = "unsubscribed"
RESTARTED = "restarted"

AGAIN = "again"
NO_ADDRESS = "no_address"
"""Why a trigger let nobody in, beside what the engine refuses for."""


@dataclass(frozen=True, slots=True)
class CouponRule:
    """When a code that is issued ends: so long after, or at a fixed moment, whichever comes first."""

    expires_after: timedelta | None = None
    expires_at: datetime | None = None

    def expiry(self, now: datetime) -> datetime | None:
        ends = [end for end in (now + self.expires_after if self.expires_after else None, self.expires_at) if end]
        return min(ends, default=None)


@dataclass(frozen=True)
class Setting:
    """The brand, and what else the simulation needs to be told."""

    timezone: str = "UTC"
    smart_sending: timedelta = timedelta(hours=16)
    quiet_hours: QuietHours | None = None
    frequency_caps: tuple[FrequencyCap, ...] = ()
    spread: bool = True
    """What waited for the end of quiet hours is spread over minutes, as delivery does it."""
    notes: bool = True
    """Whether runs keep what each step decided."""
    issues: Mapping[str, Collection[str]] = field(default_factory=dict)
    """The coupons that an email shows, by its step."""
    coupons: Mapping[str, CouponRule] = field(default_factory=dict)
    """Those that exist already, by name; a flow's own count where they do not."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What would take the person in: instants (ticks) in order, and the trigger behind each, by its place."""

    times: Sequence[int]
    trigger: Callable[[int], Mapping[str, Any]]


@dataclass(slots=True)
class Run:
    """One way through the flow: what was sent, skipped and done on it, and how it ended."""

    number: int
    place: int
    """Of its trigger among the candidates; -1: it was none of them."""
    entered_at: datetime
    entered: int
    """The same in ticks."""
    trigger: Mapping[str, Any]
    sends: list[tuple[str, datetime]] = field(default_factory=list)
    skips: list[tuple[str, datetime, Reason]] = field(default_factory=list)
    acts: list[tuple[Acting, datetime]] = field(default_factory=list)
    notes: list[tuple[datetime, Note]] = field(default_factory=list)
    end: str | None = None
    """completed, or why it ended early; None: still on the way when the simulation ended."""
    ended_at: datetime | None = None
    step: str | None = None
    """Where it stands, or stood when it ended early."""


@dataclass(slots=True)
class Life:
    """All that a person did in the flow."""

    runs: list[Run] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    """How many triggers let nobody in, by reason: again, no_address, or the engine's."""


@dataclass(frozen=True, slots=True)
class Ending:
    """An event that ends the flow at once."""

    metric: str
    passes: Passes | None
    reason: str


class Simulation:
    """One definition under one setting, made ready for many people."""

    def __init__(self, definition: FlowDefinition, setting: Setting) -> None:
        self.definition = definition
        self.setting = setting
        self.rules = {plan.name: CouponRule(plan.expires_after) for plan in definition.coupons} | dict(setting.coupons)
        self.listens: dict[str, list[tuple[str, Passes | None]]] = {step: [] for step in definition.steps}
        for one in definition.listening:
            for step in one.steps if one.steps is not None else definition.steps:
                self.listens[step].append((one.metric, _passes(one.where)))

    @cached_property
    def strides(self) -> Mapping[str, Stride]:
        """Where nothing is asked, what follows; empty where what each step decides is to be noted, and where each wait
        has to be told when time brings about an exit."""
        return strides(self.unguarded) if not self.setting.notes and not self.definition.timed_exits else {}

    @cached_property
    def heeds_hours(self) -> bool:
        """Whether an email may have to wait for quiet hours to end, or its window to open."""
        return self.setting.quiet_hours is not None or self.definition.send_window is not None

    @cached_property
    def endings(self) -> tuple[Ending, ...]:
        """The events that end it wherever the person waits; for a flow of marketing mail, an unsubscribe too."""
        events = [exit_on.event for exit_on in self.definition.exit_on if exit_on.direct and exit_on.event is not None]
        found = [Ending(event.metric, _passes(event.where), EXIT_EVENT) for event in events]
        if not any(email.transactional for email in self.definition.emails):
            found.append(Ending(metrics.UNSUBSCRIBED, None, UNSUBSCRIBED))
        return tuple(found)

    def known(self, step: str | None, facts: Facts, messages: Mapping[str, str], stock: Mapping[str, int]) -> Known:
        """What the runner would look up for somebody who stands at this step."""
        match self.definition.steps.get(step or self.definition.first):
            case Countdown():
                return Known(facts, self.setting.timezone, messages)
            case BackInStock(minimum_stock=least):
                there = frozenset(item for item, quantity in stock.items() if quantity >= least)
                return Known(facts, self.setting.timezone, in_stock=there)
        return Known(facts, self.setting.timezone)

    @cached_property
    def metrics(self) -> frozenset[str]:
        """Whose events matter to anything but as triggers."""
        heard = {metric for listens in self.listens.values() for metric, _ in listens}
        looked_at = self.needs.totals | {metric for metric, _ in self.needs.events}
        return looked_at | heard | {ending.metric for ending in self.endings}

    @cached_property
    def needs(self) -> Needs:
        """What must be known of a person, their address and consent included."""
        whole = Needs(profile=True, consent=True) | self.definition.gate_needs | self.definition.step_needs
        for email in self.definition.emails:
            whole |= self.definition.send_needs(email)
        return whole

    @cached_property
    def listens_at_all(self) -> bool:
        """Whether anybody is ever looked at before their step is due."""
        return any(self.listens.values())

    @cached_property
    def guard(self) -> Guard:
        """How long exits and filters that let somebody go on need not be asked again."""
        return guard_of(self.definition)

    @cached_property
    def unguarded(self) -> FlowDefinition:
        """For those whom exits and filters certainly let go on. Where time alone may bring about an exit it is the
        whole definition, which says when to look."""
        timed = bool(self.definition.timed_exits)
        return self.definition if timed else replace(self.definition, exit_on=(), profile_filters=None)

    def asks_more(self, email: Email) -> bool:
        """Whether the gate asks anything of this email besides exits and filters."""
        return email.id in self._asking

    @cached_property
    def _asking(self) -> frozenset[str]:
        definition = self.definition
        always = definition.audience is not None or isinstance(definition.trigger, DateTrigger)
        return frozenset(
            email.id
            for email in definition.emails
            if always or email.filters is not None or definition.goals_ahead(email.id)
        )

    @cached_property
    def windows(self) -> dict[str, Windows]:
        """From where on single events are looked at, by metric."""
        return windows(self.needs)


def coming_dates(trigger: DateTrigger, facts: Facts, brand_timezone: str, start: int, end: int) -> Candidates:
    """When the date among the person's properties comes, from `start` until just before `end` (ticks)."""
    held = {**facts.properties, **facts.attributes}
    value = next(iter(leads_to(held, trigger.rule.path)), None)
    span = instant(start), instant(end)
    found = occasions(trigger.rule, value, held.get("timezone"), brand_timezone, *span)
    return Candidates([ticks(one.at) for one in found], lambda place: {"day": found[place].day.isoformat()})


def _passes(where: Any) -> Passes | None:
    return passer(where) if where is not None else None
