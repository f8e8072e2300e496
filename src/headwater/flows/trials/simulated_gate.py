"""What the gate says of a simulated email when it is due: the same decisions, in the order of a claim. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from headwater.accounts.limits import FrequencyCap
from headwater.core.wall_clock import first_zone
from headwater.delivery import gates, hours, turns
from headwater.delivery.gates import GateFacts
from headwater.delivery.reasons import Reason
from headwater.flows import engine, send_refusal
from headwater.flows.steps import Email
from headwater.flows.trials.person_in_time import NEVER, Person
from headwater.flows.trials.simulated_run import Inside, Planned
from headwater.flows.trials.simulation import COMPLETED, Simulation
from headwater.segments.language import Facts

Safe = Callable[[Inside, int], bool]
"""Whether, at an instant (ticks), exits and filters certainly let a run go on: asking again would say the same."""


@dataclass(frozen=True, slots=True)
class Held:
    """Not now: quiet hours, or outside its window."""

    until: datetime


# ── one email ───────────────────────────────────────────────────────────────────────────────────────────────────────
def verdict(simulation: Simulation, message: Planned, facts: Facts, safe: bool, now: datetime) -> Reason | Held | None:
    """None: nothing but the person's other mail can still stop it."""
    setting, window = simulation.setting, simulation.definition.send_window
    transactional, wanted = message.email.transactional, message.wanted_at
    if window is not None and not transactional:
        timezone = facts.attributes.get("timezone")
        wanted = hours.next_allowed(wanted, timezone, setting.timezone, None, window) or wanted
    asked = GateFacts(
        email=facts.attributes.get("email"),
        consent=facts.consent,
        suppressions=tuple(facts.suppressions),
        require_consent=facts.consent_required,
        refusal=_refusal(simulation, message, facts, safe, now),
        transactional=transactional,
        wanted_at=wanted,
        lasts=send_refusal.LATEST,
    )
    reason = gates.judge(asked, now)
    if reason is not None or transactional or not simulation.heeds_hours:
        return reason
    return _heed_hours(simulation, facts, gates.last_moment(asked), now)


def _refusal(simulation: Simulation, message: Planned, facts: Facts, safe: bool, now: datetime) -> Reason | None:
    definition, run = simulation.definition, message.inside.run
    by_end = send_refusal.by_end(run.end if run.end != COMPLETED else None)
    if by_end is not None:
        return by_end[0]
    if safe and not simulation.asks_more(message.email):
        return None
    enrolment = message.inside.enrolment
    asked = facts.asked_from(engine.place_of(definition, enrolment))
    refused = None if safe else engine.refusal(definition, asked, now)
    if refused is not None:
        return send_refusal.by_rules(definition, refused)[0]
    found = send_refusal.by_email(definition, message.email, enrolment, asked, simulation.setting.timezone, now)
    return found[0] if found is not None else None


def _heed_hours(simulation: Simulation, facts: Facts, latest: datetime | None, now: datetime) -> Reason | Held | None:
    setting, quiet, window = simulation.setting, simulation.setting.quiet_hours, simulation.definition.send_window
    timezone = facts.attributes.get("timezone")
    opens = hours.next_allowed(now, timezone, setting.timezone, quiet, window)
    if opens == now:
        return None
    if opens is None or (latest is not None and opens > latest):
        return Reason.QUIET_HOURS_EXPIRED
    if not setting.spread:
        return Held(opens)
    local = first_zone(timezone, setting.timezone)
    return Held(hours.held_until(opens, latest, facts.profile_id, local, quiet, window))


# ── a person's mail ─────────────────────────────────────────────────────────────────────────────────────────────────
class Mail:
    """The emails that wait for their time, and what reached the person, which smart sending and caps count."""

    __slots__ = ("_got", "_permitted", "_timer", "numbers", "person", "simulation", "waiting")

    def __init__(self, simulation: Simulation, person: Person) -> None:
        self.simulation = simulation
        self.person = person
        self.waiting: list[Planned] = []
        self.numbers = 0
        self._timer: turns.Timer | None = None
        self._got: list[tuple[datetime, str]] = []
        self._permitted = (-1, False)
        """The person's version when the gate last had nothing against them, and whether for transactional mail."""

    def plan(self, inside: Inside, email: Email, send_at: datetime, send: int) -> None:
        self.numbers += 1
        inside.states[email.id] = "planned"
        self.waiting.append(Planned(self.numbers, inside, email, send_at, send))

    def next(self) -> int:
        """When the next is due (ticks)."""
        return min((message.send for message in self.waiting), default=NEVER)

    def take_back(self, inside: Inside, reason: Reason, now: datetime) -> None:
        """Cancel what a run planned."""
        for message in self.waiting:
            if message.inside is inside:
                message.skip(reason, now)
        self.waiting = [message for message in self.waiting if message.inside is not inside]

    def arrived(self, kind: str, now: datetime, *, transactional: bool = False, number: int = 0) -> None:
        """An email reached the person."""
        self._timer = turns.Timer(now + self.simulation.setting.smart_sending, number)
        if not transactional and self.simulation.setting.frequency_caps:
            self._got.append((now, kind))

    def at_once(self, email: Email, now: datetime) -> bool:
        """Send an email, if all that could be asked has been answered already; answers whether it went."""
        permission = (self.person.version, email.transactional)
        if self.waiting or permission != self._permitted or self.simulation.asks_more(email) or not self._free(now):
            return False
        self.numbers += 1
        self.arrived("flow", now, transactional=email.transactional, number=self.numbers)
        return True

    def _free(self, now: datetime) -> bool:
        """Whether nothing that they got can be in the way of one more email."""
        return not self.simulation.setting.frequency_caps and (self._timer is None or self._timer.until <= now)

    def go(self, at: int, now: datetime, safe: Safe) -> list[Planned]:
        """Put what is due to the gate; answers what went."""
        before, self.waiting = self.waiting, []
        wanting: list[Planned] = []
        for message in before:
            if message.send > at:
                self.waiting.append(message)
                continue
            found = self._verdict(message, safe(message.inside, at), now)
            if found is None:
                wanting.append(message)
            elif isinstance(found, Held):
                message.hold(found.until)
                self.waiting.append(message)
            else:
                message.skip(found, now)
        return self._take_turns(wanting, now) if wanting else wanting

    def _verdict(self, message: Planned, safe: bool, now: datetime) -> Reason | Held | None:
        permission = (self.person.version, message.email.transactional)
        if (
            safe
            and permission == self._permitted
            and message.inside.run.end in (None, COMPLETED)
            and message.wanted_at == now
            and not self.simulation.asks_more(message.email)
        ):
            return None  # all that could be asked has been answered already
        self.person.begun = message.inside.begun
        found = verdict(self.simulation, message, self.person.facts, safe, now)
        if found is None and not self.simulation.heeds_hours:
            self._permitted = permission
        return found

    def _take_turns(self, wanting: list[Planned], now: datetime) -> list[Planned]:
        """Of the emails that are due at once, those that neither smart sending nor a cap stops."""
        setting, caps = self.simulation.setting, self.simulation.setting.frequency_caps
        if len(wanting) == 1 and self._free(now):
            self.arrived("flow", now, transactional=wanting[0].email.transactional, number=wanting[0].number)
            return wanting
        profile_id = self.person.facts.profile_id
        local = first_zone(self.person.facts.attributes.get("timezone"), setting.timezone)
        candidates = [
            turns.Candidate(
                message.number,
                profile_id,
                message.send_at,
                rank=self.simulation.definition.rank,
                heeds=message.email.smart_sending and not message.email.transactional,
                capped=not message.email.transactional,
            )
            for message in wanting
        ]
        timers = {profile_id: self._timer} if self._timer is not None else {}
        used = {(profile_id, place): self._used(cap, cap.since(now, local)) for place, cap in enumerate(caps)}
        taken = turns.take(candidates, timers, caps, used, setting.smart_sending, now)
        went = [message for message in wanting if message.number in taken.go]
        for message in went:
            self.arrived("flow", now, transactional=message.email.transactional, number=message.number)
        for number, (reason, _) in taken.refused.items():
            next(message for message in wanting if message.number == number).skip(reason, now)
        return went

    def _used(self, cap: FrequencyCap, since: datetime) -> int:
        return sum(1 for at, kind in self._got if at >= since and cap.limits(kind))
