"""One turn through a flow's steps: the instant that the walk has reached, and what it gathered on its way.

Pure, and part of the engine: `engine.advance` asks exits and filters first and then takes this walk.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from headwater.delivery.reasons import Reason
from headwater.flows.definition import FlowDefinition
from headwater.flows.delays import ends
from headwater.flows.effects import Act, Complete, End, Enrolment, Intend, Known, Leave, Note, Outcome, Wait
from headwater.flows.steps import (
    DRAFT,
    LIVE,
    MANUAL,
    AbTest,
    Acting,
    BackInStock,
    ChangeList,
    Countdown,
    DateCountdown,
    Delay,
    Email,
    Exit,
    Goal,
    IssueCoupon,
    MultiSplit,
    Notify,
    RandomSplit,
    Split,
    Step,
    TriggerSplit,
    UpdateProfile,
    WaitFor,
    Webhook,
)
from headwater.flows.waiting import first_to_happen, instant_before, restarted
from headwater.segments.boundaries import next_change
from headwater.segments.language import CouponState, Facts, evaluate, in_sample, matches

LOOK_AGAIN = timedelta(minutes=5)
"""How long a countdown waits for an email that is still on its way to issue the coupon."""

PATIENCE = timedelta(days=365)
"""How long someone waits at a goal that they have not met; nobody waits for ever."""

UNSETTLED = frozenset({"planned", "claimed"})
"""Message states after which the ledger may still issue the coupon."""

EXIT_STEP = "exit_step"
STEP_REMOVED = "step_removed"
NOT_RESTOCKED = "not_restocked"
GOAL_UNMET = "goal_unmet"

BEHIND = "behind"

_NEXT_TURN = (UpdateProfile, ChangeList, IssueCoupon)
"""After these the facts are others: what follows is asked in a turn of its own."""


class Walk:
    """Walks until the enrolment must wait, or ends."""

    def __init__(
        self, definition: FlowDefinition, enrolment: Enrolment, known: Known, facts: Facts, now: datetime
    ) -> None:
        self.definition = definition
        self.enrolment = enrolment
        self.known = known
        self.facts = facts
        self.now = now
        self.at = enrolment.due_at
        self.intents: list[Intend] = []
        self.notes: list[Note] = []
        self.acts: list[Act] = []
        self.jumped = False

    def turn(self, here: str) -> Outcome:
        """From where the enrolment stands: over to a goal that is met, on if the step is due, else it waits on."""
        goal = self._goal_met(here)
        if goal is not None:
            self._note(here, "jumped", goal=goal.id)
            self.jumped = True
            self.at = self.now
            return self._from(goal.id)
        if self._undecided(here):
            return self._end(Wait(here, self.at, held="review"))
        step = self.definition.steps.get(here)
        if self.at > self.now and not (self.enrolment.since and isinstance(step, WaitFor | Goal | BackInStock)):
            return self._end(Wait(here, self.at))
        return self._from(here)

    def _goal_met(self, here: str) -> Goal | None:
        """The last goal ahead whose condition holds: all that lies before it has lost its purpose."""
        ahead = self._ahead(here, self.at, self.enrolment.since)
        met = [goal for goal in ahead if evaluate(goal.condition, self.facts, self.now)]
        return met[-1] if met else None

    def _ahead(self, step_id: str, until: datetime, since: datetime | None) -> tuple[Goal, ...]:
        """The goals that someone who stands there until then may reach; in a delay before a goal, that one too."""
        ahead = self.definition.goals_ahead(step_id)
        step = self.definition.steps.get(step_id)
        return (step, *ahead) if isinstance(step, Goal) and until > self.now and since is None else ahead

    def _undecided(self, here: str) -> bool:
        return self.enrolment.held == "review" and self.enrolment.step == here

    def _from(self, step_id: str | None) -> Outcome:
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
        if isinstance(end, Wait) and end.until > self.now:
            end = self._looking(end)
        return Outcome(end, tuple(self.intents), tuple(self.notes), tuple(self.acts), self.jumped)

    def _looking(self, end: Wait) -> Wait:
        """The wait with a look at the instant at which time alone brings about a goal ahead, or an exit."""
        goals = [goal.condition for goal in self._ahead(end.step, end.until, end.since)]
        asked = (*goals, *self.definition.timed_exits)
        changes = [next_change(condition, self.facts, self.now) for condition in asked]
        looks = [change for change in (end.look_at, *changes) if change is not None and change < end.until]
        return replace(end, look_at=min(looks)) if asked and looks else end

    def _note(self, step: str, outcome: str, **detail: Any) -> None:
        self.notes.append(Note(step, outcome, detail or None))

    def _take(self, step: Step) -> str | None | End:
        """Do one step: the id of the next, or the end of this turn."""
        match step:
            case Email():
                return self._email(step)
            case Delay():
                return self._delay(step)
            case Split():
                return self._branch(step, evaluate(step.condition, self.facts, self.now))
            case TriggerSplit():
                return self._branch(step, self._trigger_passes(step.where))
            case Countdown():
                return self._countdown(step)
            case WaitFor():
                return self._wait_for(step)
            case UpdateProfile() | ChangeList() | IssueCoupon() | Webhook() | Notify():
                return self._act(step)
            case AbTest():
                return self._ab_test(step)
            case MultiSplit():
                return self._multi_split(step)
            case RandomSplit():
                share, branch = _share(step.shares, step.salt, self.facts.profile_id)
                self._note(step.id, "took", branch=branch.name or f"{share:f} %")
                return branch.then
            case DateCountdown():
                return self._date_countdown(step)
            case BackInStock():
                return self._back_in_stock(step)
            case Goal():
                return self._goal(step)
            case Exit():
                self._note(step.id, "exited", reason=EXIT_STEP)
                return Leave(EXIT_STEP)

    # ── what sends and changes ──────────────────────────────────────────────────────────────────────────────────────
    def _email(self, step: Email) -> str | None | End:
        verdict = self._verdict(step, step.status)
        if isinstance(verdict, Wait):
            return verdict
        if verdict is None or isinstance(verdict, Reason):
            self.intents.append(Intend(step, self.at, verdict))
        if verdict is None:
            self._note(step.id, "intended")
        return step.next

    def _ab_test(self, step: AbTest) -> str | None | End:
        winner = self.known.winners.get(step.id)
        ids = [email for email, _ in step.variations]
        if winner not in ids:
            shares = tuple((share, email) for email, share in step.variations)
            _, winner = _share(shares, f"{self.definition.slug}:{step.id}", self.facts.profile_id)
        self._note(step.id, "took", branch=winner)
        return winner

    def _act(self, step: Acting) -> str | None | End:
        verdict = self._verdict(step, getattr(step, "status", LIVE))
        if isinstance(verdict, Wait):
            return verdict
        if verdict is not None:
            return step.next
        audience = self.definition.audience
        if audience is not None and not evaluate(audience, self.facts, self.now):
            self._note(step.id, "skipped", reason=str(Reason.NOT_IN_AUDIENCE))
            return step.next
        self.acts.append(Act(step, self.at))
        self._note(step.id, "done")
        if isinstance(step, _NEXT_TURN) and step.next is not None:
            return Wait(step.next, self.at)
        return step.next

    def _verdict(self, step: Email | Acting, status: str) -> Wait | Reason | str | None:
        """Whether a step that sends or changes something is taken: None: yes; a reason: skipped; held; or passed."""
        if self._behind():
            self._note(step.id, "passed", reason="behind")
            return BEHIND
        decided = self._decided(step.id)
        if decided:
            self.at = self.now  # what comes after counts from the decision
        reason = self._skipped(step, status)
        if reason is not None:
            self._note(step.id, "skipped", reason=str(reason))
            return reason
        if status == MANUAL and not decided:
            self._note(step.id, "held", reason="review")
            return Wait(step.id, self.at, held="review")
        return None

    def _skipped(self, step: Email | Acting, status: str) -> Reason | None:
        if status == DRAFT:
            return Reason.MESSAGE_DRAFT
        if self.enrolment.held == "overdue":
            return Reason.OVERDUE
        return Reason.NOT_REVIEWED if self.enrolment.held == "declined" and self._decided(step.id) else None

    def _decided(self, step_id: str) -> bool:
        here = self.enrolment.step if self.enrolment.step is not None else self.definition.first
        return self.enrolment.held in ("approved", "declined") and here == step_id

    def _behind(self) -> bool:
        """Somebody is being put in the middle of the flow, and this step would have been before."""
        return self.enrolment.placing and self.at <= self.now

    # ── what waits ──────────────────────────────────────────────────────────────────────────────────────────────────
    def _delay(self, step: Delay) -> str | None | End:
        if step.next not in self.definition.acting:
            return step.next  # nothing ahead for which to hold anyone
        until = ends(step.span, self.at, self.facts.attributes.get("timezone"), self.known.brand_timezone)
        return self._wait(step, until)

    def _countdown(self, step: Countdown) -> str | None | End:
        if step.next not in self.definition.acting:
            return step.next
        code = self._code(step.coupon)
        valid = code is not None and code.valid(self.now)
        if not valid and self._still_coming():
            self._note(step.id, "waited", **{"for": step.coupon})
            return Wait(step.id, self.now + LOOK_AGAIN)
        if code is None or not valid or code.expires_at is None:
            reason = "never given" if code is None else "no longer valid" if not valid else "never expires"
            self._note(step.id, "passed", coupon=step.coupon, reason=reason)
            return step.next
        return self._wait(step, max(self.at, code.expires_at - step.before))

    def _date_countdown(self, step: DateCountdown) -> str | None | End:
        if step.next not in self.definition.acting:
            return step.next
        ends_at = instant_before(step, self.facts, self.known.brand_timezone)
        if ends_at is None:
            self._note(step.id, "passed", reason="no date")
            return step.next
        return self._wait(step, max(self.at, ends_at))

    def _wait(self, step: Delay | Countdown | DateCountdown, until: datetime) -> str | None | End:
        assert step.next is not None
        self._note(step.id, "waited", until=until.isoformat())
        self.at = until
        return step.next if until <= self.now else Wait(step.next, until)

    def _code(self, coupon: str) -> CouponState | None:
        held = [code for code in self.facts.coupons if code.name == coupon]
        return max(held, key=lambda code: code.assigned_at, default=None)

    def _still_coming(self) -> bool:
        """An email of this enrolment may still issue the coupon: intended just now, not settled, or not looked up."""
        if self.enrolment.placing:
            return False  # nothing was sent
        messages = self.known.messages
        return bool(self.intents) or messages is None or any(state in UNSETTLED for state in messages.values())

    def _standing(self, step: Step) -> bool:
        """Whether the enrolment stands in this step already, waiting."""
        here = self.enrolment.step if self.enrolment.step is not None else self.definition.first
        return here == step.id and self.enrolment.since is not None and not self.jumped

    def _wait_for(self, step: WaitFor) -> str | None | End:
        standing = self._standing(step)
        since = self.enrolment.since if standing else self.at
        assert since is not None
        due = self.enrolment.due_at if standing else since + step.within
        since, due = restarted(step, self.facts, since, due)
        found = first_to_happen(step, self.facts, since, due, self.now)
        if found is not None:
            at, _, branch = found
            happened = branch.event.metric if branch.event is not None else "condition"
            self._note(step.id, "happened", branch=branch.name or happened)
            self.at = max(self.at if not standing else since, at)
            return branch.then
        if due <= self.now:
            self._note(step.id, "timed_out")
            self.at = due
            return step.otherwise
        if not standing:
            self._note(step.id, "waited", until=due.isoformat())
        return Wait(step.id, due, self._next_look(step, due), since=since)

    def _next_look(self, step: WaitFor, due: datetime) -> datetime | None:
        changes = [next_change(branch.condition, self.facts, self.now) for branch in step.branches if branch.condition]
        return min((change for change in changes if change is not None and change < due), default=None)

    def _back_in_stock(self, step: BackInStock) -> str | None | End:
        if step.next not in self.definition.acting:
            return step.next
        if self.enrolment.held == "released" and self._standing(step):
            self._note(step.id, "released")
            self.at = self.now
            return step.next
        if self._standing(step) and self.enrolment.due_at <= self.now:
            self._note(step.id, "exited", reason=NOT_RESTOCKED)
            return Leave(NOT_RESTOCKED)
        properties = self.facts.place.event if self.facts.place is not None else {}
        item = properties.get("variant_id") or properties.get("product_id")
        if item is None:
            self._note(step.id, "passed", reason="no product")
            return step.next
        if self.known.in_stock is None:
            return Wait(step.id, self.at)  # not looked up yet: in the next turn
        if self._standing(step):
            since, until = self.enrolment.since, self.enrolment.due_at
        elif str(item) in self.known.in_stock:
            self._note(step.id, "passed", reason="in stock")
            return step.next
        else:
            since, until = self.at, self.at + step.give_up_after
            self._note(step.id, "waited", **{"for": str(item)})
        return Wait(step.id, until, since=since, held="stock", item=str(item))

    # ── what asks ───────────────────────────────────────────────────────────────────────────────────────────────────
    def _branch(self, step: Split | TriggerSplit, answer: bool) -> str | None:
        self._note(step.id, "yes" if answer else "no")
        return step.then if answer else step.otherwise

    def _trigger_passes(self, where: Any) -> bool:
        trigger = self.enrolment.trigger
        return matches(where, trigger.get("properties") or {}, trigger.get("value"))

    def _multi_split(self, step: MultiSplit) -> str | None:
        for index, branch in enumerate(step.branches):
            asked = branch.condition
            holds = self._trigger_passes(branch.where) if asked is None else evaluate(asked, self.facts, self.now)
            if holds:
                self._note(step.id, "took", branch=branch.name or f"branch {index + 1}")
                return branch.then
        self._note(step.id, "took", branch="else")
        return step.otherwise

    def _goal(self, step: Goal) -> str | None | End:
        if evaluate(step.condition, self.facts, self.now):
            self._note(step.id, "reached")
            if self._standing(step):
                self.at = self.now
            return step.next
        if step.unmet == "leave" or (self._standing(step) and self.enrolment.due_at <= self.now):
            self._note(step.id, "exited", reason=GOAL_UNMET)
            return Leave(GOAL_UNMET)
        if step.unmet == "go_on":
            self._note(step.id, "unmet")
            return step.next
        if self._standing(step):
            due, since = self.enrolment.due_at, self.enrolment.since
        else:
            due, since = self.at + PATIENCE, self.at
            self._note(step.id, "waited", **{"for": "goal"})
        change = next_change(step.condition, self.facts, self.now)
        return Wait(step.id, due, change if change is not None and change < due else None, since=since)


def _share(shares: tuple[tuple[Decimal, Any], ...], salt: str, profile_id: int) -> tuple[Decimal, Any]:
    """The share that a profile falls into: by its hash under the salt, the same always."""
    reached = Decimal(0)
    for share, what in shares:
        reached += share
        if in_sample(profile_id, reached, salt):
            return share, what
    return shares[-1]
