"""What a flow does next: one pure function from a definition, an enrolment, what is known and `now` to effects.

The live runner, tests, previews and backtests run this same function. It never looks at a clock or a database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from headwater.flows.definition import Countdown, Delay, Email, Exit, FlowDefinition, Split, Step, TriggerSplit
from headwater.flows.delays import ends
from headwater.segments.conditions import AnyOf
from headwater.segments.language import CouponState, Facts, Place, evaluate, matches

LOOK_AGAIN = timedelta(minutes=5)
"""How long a countdown waits for an email that is still on its way to issue the coupon."""

UNSETTLED = frozenset({"planned", "claimed"})
"""Message states after which the ledger may still issue the coupon."""

EXIT_EVENT = "exit_event"
FAILED_PROFILE_FILTER = "failed_profile_filter"
EXIT_STEP = "exit_step"
PROFILE_DELETED = "profile_deleted"
STEP_REMOVED = "step_removed"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A profile's way through a flow: where it stands, and what began it."""

    id: int
    profile_id: int
    started_at: datetime
    wake_at: datetime  # when the step is due
    step: str | None = None  # the step it waits before; None: the first
    trigger: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """What the engine may look at besides the enrolment."""

    facts: Facts | None  # None: the profile is gone
    brand_timezone: str = "UTC"
    messages: Mapping[str, str] | None = None
    """In the ledger, of this enrolment: state by step. Needed where it stands at a countdown; None: not looked up."""


# ── effects ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Intend:
    """Put this email in the ledger."""

    step: Email
    send_at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """What a step decided: the flow's half of "why"."""

    step: str
    outcome: str
    detail: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Stand before this step until then."""

    step: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Leave:
    """The enrolment ends before its last step."""

    reason: str


@dataclass(frozen=True, slots=True)
class Complete:
    """The enrolment went through to the end."""


Effect = Intend | Note | Wait | Leave | Complete
End = Wait | Leave | Complete


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one turn of the engine decided: what to do on the way, and where it ends."""

    end: End
    intents: tuple[Intend, ...] = ()
    notes: tuple[Note, ...] = ()


def place_of(definition: FlowDefinition, enrolment: Enrolment) -> Place:
    """Where the conditions of a flow are asked from."""
    return Place(enrolment.started_at, definition.trigger_metric, enrolment.id)


def refusal(definition: FlowDefinition, facts: Facts, now: datetime) -> tuple[str, str] | None:
    """Why nobody in these circumstances enters or goes on: (reason, which step of the argument); None: go on.

    Asked at entry, before every step, and by the gate in the transaction that claims a message. `facts` carry a place.
    """
    if definition.exits is not None and evaluate(definition.exits, facts, now):
        assert isinstance(definition.exits, AnyOf)
        asked = zip(definition.exit_on, definition.exits.of, strict=True)
        happened = next(exit_on.metric for exit_on, condition in asked if evaluate(condition, facts, now))
        return EXIT_EVENT, happened
    if definition.profile_filters is not None and not evaluate(definition.profile_filters, facts, now):
        return FAILED_PROFILE_FILTER, ""
    return None


def advance(definition: FlowDefinition, enrolment: Enrolment, known: Known, now: datetime) -> Outcome:
    """Walk from where the enrolment stands until it must wait or ends.

    Delays count from when the step was due, not from when a busy worker came to it, so lateness never adds up; delays
    that are over already are walked through. Steps only lead forward: at most each step once.
    """
    here = enrolment.step if enrolment.step is not None else definition.first
    if known.facts is None:
        return Outcome(Leave(PROFILE_DELETED), notes=(Note(here, "exited", {"reason": PROFILE_DELETED}),))
    facts = known.facts.asked_from(place_of(definition, enrolment))
    refused = refusal(definition, facts, now)
    if refused is not None:
        reason, detail = refused
        return Outcome(Leave(reason), notes=(Note(here, "exited", _detail(reason, detail)),))
    walk = _Walk(definition, enrolment, known, facts, now)
    return walk.from_step(here)


class _Walk:
    """One turn: the instant that the walk has reached, and what it gathered on its way."""

    def __init__(
        self, definition: FlowDefinition, enrolment: Enrolment, known: Known, facts: Facts, now: datetime
    ) -> None:
        self.definition = definition
        self.enrolment = enrolment
        self.known = known
        self.facts = facts
        self.now = now
        self.at = enrolment.wake_at
        self.intents: list[Intend] = []
        self.notes: list[Note] = []

    def from_step(self, step_id: str | None) -> Outcome:
        while step_id is not None:
            step = self.definition.steps.get(step_id)
            if step is None:
                return self._end(Leave(STEP_REMOVED))
            following = self._take(step)
            if not isinstance(following, str | None):
                return self._end(following)
            step_id = following
        return self._end(Complete())

    def _end(self, end: End) -> Outcome:
        return Outcome(end, tuple(self.intents), tuple(self.notes))

    def _take(self, step: Step) -> str | None | End:
        """Do one step: the id of the next, or the end of this turn."""
        match step:
            case Email():
                self.intents.append(Intend(step, self.at))
                self.notes.append(Note(step.id, "intended"))
                return step.next
            case Delay():
                return self._delay(step)
            case Countdown():
                return self._countdown(step)
            case Split():
                return self._branch(step, evaluate(step.condition, self.facts, self.now))
            case TriggerSplit():
                trigger = self.enrolment.trigger
                return self._branch(step, matches(step.where, trigger.get("properties") or {}, trigger.get("value")))
            case Exit():
                self.notes.append(Note(step.id, "exited", {"reason": EXIT_STEP}))
                return Leave(EXIT_STEP)

    def _branch(self, step: Split | TriggerSplit, answer: bool) -> str | None:
        self.notes.append(Note(step.id, "yes" if answer else "no"))
        return step.then if answer else step.otherwise

    def _delay(self, step: Delay) -> str | None | End:
        if step.next is None:
            return None  # a delay with nothing after it is no reason to hold anyone
        until = ends(step.span, self.at, self.facts.attributes.get("timezone"), self.known.brand_timezone)
        return self._wait(step, until)

    def _countdown(self, step: Countdown) -> str | None | End:
        if step.next is None:
            return None
        code = self._code(step.coupon)
        valid = code is not None and code.valid(self.now)
        if not valid and self._still_coming():
            self.notes.append(Note(step.id, "waited", {"for": step.coupon}))
            return Wait(step.id, self.now + LOOK_AGAIN)
        if code is None or not valid or code.expires_at is None:
            reason = "never given" if code is None else "no longer valid" if not valid else "never expires"
            self.notes.append(Note(step.id, "passed", {"coupon": step.coupon, "reason": reason}))
            return step.next
        return self._wait(step, max(self.at, code.expires_at - step.before))

    def _wait(self, step: Delay | Countdown, until: datetime) -> str | None | End:
        assert step.next is not None
        self.notes.append(Note(step.id, "waited", {"until": until.isoformat()}))
        self.at = until
        return step.next if until <= self.now else Wait(step.next, until)

    def _code(self, coupon: str) -> CouponState | None:
        held = [code for code in self.facts.coupons if code.name == coupon]
        return max(held, key=lambda code: code.assigned_at, default=None)

    def _still_coming(self) -> bool:
        """An email of this enrolment may still issue the coupon: intended just now, not settled, or not looked up."""
        messages = self.known.messages
        return bool(self.intents) or messages is None or any(state in UNSETTLED for state in messages.values())


def reroute(old: FlowDefinition, new: FlowDefinition, step: str) -> str | None:
    """Where in `new` someone stands who waits before a step of `old` that was removed: at the next that is left.

    None: nothing of what lay ahead is left. A removed split leads to its first branch.
    """
    ahead: str | None = step
    while ahead is not None and ahead not in new.steps:
        match old.steps.get(ahead):
            case Split(then=following) | TriggerSplit(then=following):
                ahead = following
            case Email(next=following) | Delay(next=following) | Countdown(next=following):
                ahead = following
            case _:
                return None
    return ahead


def _detail(reason: str, what: str) -> dict[str, Any]:
    return {"reason": reason, "event": what} if what else {"reason": reason}
