"""What a simulation keeps of somebody who is inside a flow, and of an email that waits for its time. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from headwater.delivery.reasons import Reason
from headwater.flows.effects import Enrolment, Wait
from headwater.flows.steps import Email
from headwater.flows.trials.person_in_time import NEVER, ticks
from headwater.flows.trials.simulation import Run


class Inside:
    """A run on its way: where it stands, and for what it is looked at next (ticks)."""

    __slots__ = (
        "begun", "due_at", "exit_at", "exit_by", "held", "item", "look_at", "over", "profile_id", "run", "safe_until",
        "safe_version", "since", "states", "step", "trigger", "wake",
    )  # fmt: skip

    def __init__(self, run: Run, profile_id: int, begun: int) -> None:
        self.run = run
        self.profile_id = profile_id
        self.trigger: Mapping[str, Any] = run.trigger
        self.begun = self.wake = begun
        self.step: str | None = None
        self.due_at = run.entered_at
        self.since: datetime | None = None
        self.held: str | None = None
        self.item: str | None = None
        self.look_at = self.exit_at = NEVER
        self.exit_by = ("", "")
        """The reason and the metric of the event at `exit_at`."""
        self.safe_until = self.safe_version = 0
        """Until then exits and filters need not be asked, as long as the person's version is this."""
        self.states: dict[str, str] = {}
        """Of its messages, by step."""
        self.over = False

    @property
    def enrolment(self) -> Enrolment:
        """As the engine takes it."""
        run = self.run
        return Enrolment(
            run.number, self.profile_id, run.entered_at, self.due_at, self.step, self.trigger, self.since, self.held
        )

    def stand(self, wait: Wait, at: int) -> None:
        """Where a turn of the engine ended. What waits for somebody to decide is approved at once."""
        review = wait.held == "review"
        self.step, self.due_at, self.since, self.item = wait.step, wait.until, wait.since, wait.item
        self.held = "approved" if review else wait.held
        self.wake = at if review else max(at, ticks(wait.look_at or wait.until))


class Planned:
    """An email that waits for its time."""

    __slots__ = ("email", "inside", "number", "send", "send_at", "wanted_at")

    def __init__(self, number: int, inside: Inside, email: Email, send_at: datetime, send: int) -> None:
        self.number = number
        self.inside = inside
        self.email = email
        self.wanted_at = self.send_at = send_at
        self.send = send

    def hold(self, until: datetime) -> None:
        self.send_at, self.send = until, ticks(until)

    def skip(self, reason: Reason, now: datetime) -> None:
        self.inside.states[self.email.id] = "skipped"
        self.inside.run.skips.append((self.email.id, now, reason))
