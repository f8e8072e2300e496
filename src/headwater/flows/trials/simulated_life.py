"""The virtual clock of one person: events close, wake and enter, due steps are taken, due emails go or do not. Pure.

What each moment brings is decided by the live flow's own code: `engine` and `admission`, and the gate's in
`simulated_gate`. Here is only the order of things, and what is looked at next.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from headwater.core.wall_clock import first_zone
from headwater.delivery.reasons import Reason
from headwater.events import standard as metrics
from headwater.flows import admission
from headwater.flows.delays import ends
from headwater.flows.effects import Act, Complete, Leave, Note, Outcome, Wait
from headwater.flows.engine import EXIT_CONDITION, EXIT_EVENT, FAILED_PROFILE_FILTER, advance, place_of, refusal
from headwater.flows.listening import entry_into
from headwater.flows.profile_updates import changed
from headwater.flows.steps import BackInStock, ChangeList, Email, IssueCoupon, UpdateProfile
from headwater.flows.trials.person_changes import Change, Consented, Joined, Left, Mailed, PropertiesSet, Stocked, apply
from headwater.flows.trials.person_in_time import NEVER, Person, instant, length, ticks
from headwater.flows.trials.simulated_gate import Mail
from headwater.flows.trials.simulated_run import Inside
from headwater.flows.trials.simulation import (
    AGAIN,
    COMPLETED,
    NO_ADDRESS,
    RESTARTED,
    UNSUBSCRIBED,
    Candidates,
    CouponRule,
    Life,
    Run,
    Simulation,
    coming_dates,
)
from headwater.flows.trials.strides import Stride
from headwater.flows.triggers import DateTrigger, ListTrigger
from headwater.segments.language import CouponState, Entry

_REFUSALS = frozenset({EXIT_EVENT, EXIT_CONDITION, FAILED_PROFILE_FILTER})
_NO_RULE = CouponRule()


class Course:
    """One person's time, from one thing that happens to the next."""

    def __init__(
        self,
        simulation: Simulation,
        person: Person,
        candidates: Candidates,
        changes: Sequence[tuple[int, Change]] = (),
        dates_until: int = NEVER,
    ) -> None:
        """`changes`: in the order of time. If one changes the date that starts the flow, its new comings count until
        `dates_until`."""
        self.simulation = simulation
        self.definition = simulation.definition
        self.person = person
        self.candidates = candidates
        self.changes = changes
        self.dates_until = dates_until
        self.life = Life()
        self.inside: list[Inside] = []
        self.mail = Mail(simulation, person)
        self.entered: dict[str, Inside] = {}
        """The last to enter, by key."""
        self.stock: dict[str, int] = {}
        self.asks_again = admission.asks_again(self.definition)
        self.next_candidate = self.next_change = 0
        self.end = NEVER
        self.answered_until = 0
        """Until when exits and filters would answer a candidate as they did last."""

    def until(self, end: int = NEVER) -> Life:
        """Let time pass, until just before `end` or until nothing is left to happen."""
        self.end = end
        while (at := self._next()) < end:
            if not self._only_a_turn(at):
                self._move(at)
        for one in self.inside:
            one.run.step = one.step
        return self.life

    def _next(self) -> int:
        times, place = self.candidates.times, self.next_candidate
        at = times[place] if place < len(times) else NEVER
        if self.next_change < len(self.changes):
            at = min(at, self.changes[self.next_change][0])
        for one in self.inside:
            if one.wake < at:
                at = one.wake
            if one.exit_at < at:
                at = one.exit_at
            if one.look_at < at:
                at = one.look_at
        return min(at, self.mail.next()) if self.mail.waiting else at

    def _only_a_turn(self, at: int) -> bool:
        """Take the turn of a run that is alone, if nothing else happens at this instant; answers whether it was so.

        What `_move` would do, and most of what there is to do.
        """
        if len(self.inside) != 1 or self.mail.waiting or self.next_change < len(self.changes):
            return False
        one, times, place = self.inside[0], self.candidates.times, self.next_candidate
        if one.wake > at or one.exit_at <= at or one.look_at <= at or (place < len(times) and times[place] <= at):
            return False
        now = instant(at)
        self.person.at = at
        self._turn(one, at, now)
        if self.mail.waiting and (one.over or one.wake > at):
            self._deliver(at, now)
        return True

    def _move(self, at: int) -> None:
        """All that happens at one instant."""
        now = instant(at)
        self.person.at = at
        while self.next_change < len(self.changes) and self.changes[self.next_change][0] <= at:
            self.next_change += 1
            self._change(self.changes[self.next_change - 1][1], at, now)
        for one in tuple(self.inside):
            if one.exit_at <= at:
                self._exit(one, now)
            elif one.look_at <= at:
                one.look_at, one.wake = NEVER, min(one.wake, at)
        times = self.candidates.times
        while self.next_candidate < len(times) and times[self.next_candidate] <= at:
            self._candidate(at, now)
        turned = True
        while turned:
            turned = False
            for one in tuple(self.inside):
                if one.wake <= at and not one.over:
                    self._turn(one, at, now)
                    turned = True
        if self.mail.waiting:
            self._deliver(at, now)

    # ── what happens ────────────────────────────────────────────────────────────────────────────────────────────────
    def _change(self, change: Change, at: int, now: datetime) -> None:
        if isinstance(change, Mailed):
            self.mail.arrived(change.kind, now, transactional=change.transactional)
            return
        if isinstance(change, Stocked):
            self._stocked(change.product, change.quantity, at)
            return
        told = apply(change, self.person, at)
        if told is not None:
            self._hear(told, at)
        match change:
            case Joined(named) if told is not None:
                self._joined(named, at, now)
            case PropertiesSet() if isinstance(self.definition.trigger, DateTrigger):
                held, timezone = self.person.facts, self.simulation.setting.timezone
                self.candidates = coming_dates(self.definition.trigger, held, timezone, at + 1, self.dates_until)
                self.next_candidate = 0
            case Consented("unsubscribed"):
                self._happens(metrics.UNSUBSCRIBED, {}, at, now)

    def _hear(self, told: str, at: int) -> None:
        """Look at those who listen to it where they stand."""
        for one in self.inside:
            listens = self.simulation.listens.get(one.step or self.definition.first, ())
            if any(metric == told for metric, _ in listens):
                one.wake = min(one.wake, at)

    def _happens(self, metric: str, properties: Mapping[str, Any], at: int, now: datetime) -> None:
        """An event that the simulation itself brought about."""
        self.person.happened(metric, at, properties)
        for ending in self.simulation.endings:
            if ending.metric == metric and (ending.passes is None or ending.passes(properties, None)):
                for one in [one for one in self.inside if one.begun < at]:
                    one.exit_by = (ending.reason, metric)
                    self._exit(one, now)
        self._hear(metric, at)

    def _stocked(self, product: str, quantity: int, at: int) -> None:
        self.stock[product] = quantity
        for one in self.inside:
            step = self.definition.steps.get(one.step or "")
            if one.item == product and isinstance(step, BackInStock) and quantity >= step.minimum_stock:
                one.held, one.wake = "released", at

    # ── entering ────────────────────────────────────────────────────────────────────────────────────────────────────
    def _candidate(self, at: int, now: datetime) -> None:
        place = self.next_candidate
        self.next_candidate += 1
        reason = self._enter(self.candidates.trigger(place), place, at, now)
        if reason is None:
            self._pass_over(AGAIN, self._again_from(at))
        elif reason in _REFUSALS and self.simulation.guard.alike:
            self._pass_over(reason, self.answered_until)

    def _again_from(self, at: int) -> int:
        """Where nothing but the time decides who may enter again: from when on."""
        if self.definition.key or not self.asks_again:
            return at
        after = self.definition.again_after
        return NEVER if after is None else at + length(after)

    def _pass_over(self, reason: str, until: int) -> None:
        """The candidates before an instant, for whom the answer would be the same."""
        first = self.next_candidate
        self.next_candidate = bisect_left(self.candidates.times, until, first)
        if self.next_candidate > first:
            self.life.refused[reason] += self.next_candidate - first

    def _joined(self, named: int | str, at: int, now: datetime) -> None:
        trigger = self.definition.trigger
        if isinstance(trigger, ListTrigger) and str(trigger.list).lower() == str(named).lower():
            self._enter({"list": named, "name": str(named)}, -1, at, now)

    def _enter(self, trigger: Mapping[str, Any], place: int, at: int, now: datetime) -> str | None:
        """Take the person in; answers what was in the way: re-entry, a missing address, exits or filters."""
        key = self._key(trigger, place) if self.definition.key else ""
        if self.asks_again and self._too_early(key, trigger, now):
            return self._refuse(AGAIN)
        facts = self.person.facts
        if not facts.attributes.get("email"):
            return self._refuse(NO_ADDRESS)
        number = len(self.life.runs) + 1
        one = Inside(Run(number, place, now, at, trigger), facts.profile_id, at)
        self.person.begun = at
        if at >= self.answered_until or not self.simulation.guard.alike:
            asked = facts.asked_from(place_of(self.definition, one.enrolment))
            refused = refusal(self.definition, asked, now)
            self.answered_until = self.simulation.guard.stands_for_others_until(self.person)
            if refused is not None:
                return self._refuse(refused[0])
        self._begin(one, key)
        if admission.held_out(self.definition, facts.profile_id):
            self._end(one, admission.HOLDOUT, now)
        return None

    def _key(self, trigger: Mapping[str, Any], place: int) -> str:
        """Without a value, the event stands for itself."""
        return admission.key_of(self.definition.key, trigger.get("properties") or {}) or f"\0{place}"

    def _refuse(self, reason: str) -> str:
        self.life.refused[reason] += 1
        return reason

    def _too_early(self, key: str, trigger: Mapping[str, Any], now: datetime) -> bool:
        """Whether they entered too lately; whose key is inside already is merged with it, as the flow says."""
        definition, before = self.definition, self.entered.get(key)
        if before is None:
            return False
        began = before.run.entered_at
        if before.over or not definition.key:
            return not admission.may_enter_again(definition, now, began)
        if definition.merge == "replace" and now > began:
            before.trigger, before.safe_until = trigger, 0
        if definition.merge != "restart" or now <= began:
            return True
        self._end(before, RESTARTED, now)
        self.mail.take_back(before, Reason.CANCELLED, now)
        return False

    def _begin(self, one: Inside, key: str) -> None:
        """The first turn follows in the same instant."""
        for ending in self.simulation.endings:
            series = self.person.series.get(ending.metric)
            comes = series.next(one.begun, ending.passes) if series is not None else NEVER
            if comes < one.exit_at:
                one.exit_at, one.exit_by = comes, (ending.reason, ending.metric)
        self.life.runs.append(one.run)
        self.inside.append(one)
        if self.asks_again:
            self.entered[key] = one
        if self.definition.slug in self.simulation.needs.flows:
            self.person.entered(Entry(self.definition.slug, one.run.entered_at, one.run.number))
            self._hear(entry_into(self.definition.slug), one.begun)
        one.safe_until, one.safe_version = self.answered_until, self.person.version

    # ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def _turn(self, one: Inside, at: int, now: datetime) -> None:
        if self._safe(one, at):
            stride = self.simulation.strides.get(one.step or self.definition.first)
            if stride is not None and one.held is None and one.due_at == now and self._stride(one, stride, at, now):
                self._stride_on(one)
                return
            definition = self.simulation.unguarded
        else:
            definition = self.definition
        self.person.begun = one.begun
        known = self.simulation.known(one.step, self.person.facts, one.states, self.stock)
        outcome = advance(definition, one.enrolment, known, now)
        if definition is self.definition:
            one.safe_until = self.simulation.guard.stands_until(self.person)
            one.safe_version = self.person.version
        self._carry(one, outcome, at, now)

    def _stride(self, one: Inside, stride: Stride, at: int, now: datetime) -> bool:
        """What the engine says at this step to everybody; False: not to this person, whose delay is over at once."""
        alone = len(self.inside) == len(stride.emails) == 1
        if stride.step is None:
            self._end(one, stride.left or COMPLETED, now)
        else:
            if stride.wait is not None:
                until, wake = now + stride.wait, at + stride.ticks
            else:
                timezone = self.person.facts.attributes.get("timezone")
                until = ends(stride.span, now, timezone, self.simulation.setting.timezone)
                wake = ticks(until)
            if wake <= at:
                return False
            one.step, one.due_at, one.wake = stride.step, until, wake
            self._listen(one, at)
        for email in stride.emails:
            self._plan(one, email, now, alone, at, now)
        return True

    def _stride_on(self, one: Inside) -> None:
        """Stride after stride, as long as nothing else can happen in between: it saves looking for what comes next."""
        if len(self.inside) != 1:
            return
        times, place = self.candidates.times, self.next_candidate
        end = min(self.end, one.exit_at, one.look_at, times[place] if place < len(times) else NEVER)
        if self.next_change < len(self.changes):
            end = min(end, self.changes[self.next_change][0])
        while not one.over and one.wake < end and one.look_at == NEVER and not self.mail.waiting:
            stride = self.simulation.strides.get(one.step or "")
            if stride is None or not self._safe(one, one.wake):
                return
            self.person.at = one.wake
            if not self._stride(one, stride, one.wake, one.due_at):
                return

    def _safe(self, one: Inside, at: int) -> bool:
        same = self.simulation.guard.events_only or one.safe_version == self.person.version
        return same and at < one.safe_until

    def _carry(self, one: Inside, outcome: Outcome, at: int, now: datetime) -> None:
        """Give the effects of a turn."""
        if outcome.jumped:
            self.mail.take_back(one, Reason.GOAL_REACHED, now)
        if outcome.notes and self.simulation.setting.notes:
            one.run.notes.extend([(now, note) for note in outcome.notes])
        alone = len(self.inside) == len(outcome.intents) == 1 and not outcome.acts
        match outcome.end:
            case Wait():
                one.stand(outcome.end, at)
                self._listen(one, at)
            case Leave(reason):
                self._end(one, reason, now)
            case Complete():
                self._end(one, COMPLETED, now)
        for intent in outcome.intents:
            if intent.skip is not None:
                one.states[intent.step.id] = "skipped"
                one.run.skips.append((intent.step.id, now, intent.skip))
            else:
                self._plan(one, intent.step, intent.send_at, alone, at, now)
        for act in outcome.acts:
            self._act(one, act, at, now)

    def _listen(self, one: Inside, at: int) -> None:
        """For what the run is looked at early where it stands now."""
        one.look_at = NEVER
        if not self.simulation.listens_at_all:
            return
        for metric, passes in self.simulation.listens.get(one.step or "", ()):
            series = self.person.series.get(metric)
            if series is not None:
                one.look_at = min(one.look_at, series.next(at, passes))

    def _exit(self, one: Inside, now: datetime) -> None:
        """An event ends the run, and takes back what it planned."""
        reason, metric = one.exit_by
        one.run.notes.append((now, Note(one.step or "", "exited", {"reason": reason, "event": metric})))
        self._end(one, reason, now)
        self.mail.take_back(one, Reason.UNSUBSCRIBED if reason == UNSUBSCRIBED else Reason.FAILED_EXIT_CONDITION, now)

    def _end(self, one: Inside, reason: str, now: datetime) -> None:
        one.run.end, one.run.ended_at, one.run.step = reason, now, one.step
        one.over = True
        self.inside.remove(one)

    def _act(self, one: Inside, act: Act, at: int, now: datetime) -> None:
        one.run.acts.append((act.step, now))
        match act.step:
            case UpdateProfile() as step:
                today = now.astimezone(first_zone(self.simulation.setting.timezone)).date().isoformat()
                values = changed(step, self.person.facts.properties, one.trigger, today)
                self._change(PropertiesSet(values), at, now)
            case ChangeList(_, named, add):
                self._change(Joined(named) if add else Left(named), at, now)
            case IssueCoupon(_, coupon):
                self._issue(coupon, at, now)

    # ── mail ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _plan(self, one: Inside, email: Email, send_at: datetime, alone: bool, at: int, now: datetime) -> None:
        """Have an email wait for its time; one that comes alone at this instant may go without waiting for others."""
        if alone and send_at == now and self._safe(one, at) and self.mail.at_once(email, now):
            self._sent(one, email, at, now)
        else:
            self.mail.plan(one, email, send_at, ticks(send_at))

    def _deliver(self, at: int, now: datetime) -> None:
        for message in self.mail.go(at, now, self._safe):
            self._sent(message.inside, message.email, at, now)

    def _sent(self, one: Inside, email: Email, at: int, now: datetime) -> None:
        one.run.sends.append((email.id, now))
        one.states[email.id] = "sent"
        for coupon in sorted(self.simulation.setting.issues.get(email.id, ())):
            self._issue(coupon, at, now)

    def _issue(self, coupon: str, at: int, now: datetime) -> None:
        """A code, unless they hold one that has not expired."""
        held = (code for code in self.person.facts.coupons if code.name == coupon)
        if any(code.expires_at is None or code.expires_at > now for code in held):
            return
        expires = self.simulation.rules.get(coupon, _NO_RULE).expiry(now)
        self.person.give(CouponState(coupon, coupon, now, expires))
        if metrics.COUPON_ASSIGNED in self.simulation.metrics:
            self._happens(metrics.COUPON_ASSIGNED, {"coupon": coupon}, at, now)
