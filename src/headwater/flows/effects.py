"""What the engine takes (an enrolment, what is known) and what it gives (effects). Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from headwater.delivery.reasons import Reason
from headwater.flows.steps import Acting, Email
from headwater.segments.language import Facts


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A profile's way through a flow: where it stands, and what began it."""

    id: int
    profile_id: int
    started_at: datetime
    due_at: datetime
    """When the step is due; a look before that (something happened) finds only waits, goals and exits."""
    step: str | None = None  # the step it waits before; None: the first
    trigger: Mapping[str, Any] = field(default_factory=dict)
    since: datetime | None = None
    """Since when it stands in the step itself, waiting for something to happen."""
    held: str | None = None  # review, approved, declined, stock, released, overdue
    placing: bool = False
    """Put in the middle of the flow where it would be by now: what lies behind is passed, not made up for."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the engine may look at besides the enrolment."""

    facts: Facts | None  # None: the profile is gone
    brand_timezone: str = "UTC"
    messages: Mapping[str, str] | None = None
    """In the ledger, of this enrolment: state by step. Needed where it stands at a countdown; None: not looked up."""
    winners: Mapping[str, str] = field(default_factory=dict)
    """The variation that has won, by the id of the test."""
    in_stock: frozenset[str] | None = None
    """Of the products that are waited for, those in stock. Needed at a wait for stock; None: not looked up."""


# ── effects ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Intend:
    """Put this email in the ledger; with a reason: as skipped."""

    step: Email
    send_at: datetime
    skip: Reason | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """Carry out this step."""

    step: Acting
    at: datetime


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
    look_at: datetime | None = None
    """Earlier than `until`: when an answer can change by the passing of time."""
    since: datetime | None = None
    """In the step itself, since then."""
    held: str | None = None
    """review: until somebody decides; stock: until the item is in stock."""
    item: str | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """The enrolment ends before its last step."""

    reason: str


@dataclass(frozen=True, slots=True)
class Complete:
    """The enrolment went through to the end."""


End = Wait | Leave | Complete


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one turn of the engine decided: what to do on the way, and where it ends."""

    end: End
    intents: tuple[Intend, ...] = ()
    notes: tuple[Note, ...] = ()
    acts: tuple[Act, ...] = ()
    jumped: bool = False
    """To a goal: what is still planned of the steps that were passed over is cancelled."""
