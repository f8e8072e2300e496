"""Builders of the flow tests: definitions, people's facts, and a walk through a flow with time moved by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import headwater.flows
from headwater.flows import engine
from headwater.flows.definition import FlowDefinition
from headwater.flows.reading import files, parse
from headwater.segments.language import CouponState, Facts, Happening, Total

RECIPES = Path(headwater.flows.__file__).parent / "recipes"
START = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # a Monday, noon in New York


def recipe(slug: str) -> FlowDefinition:
    return parse(files.read((RECIPES / slug / "flow.yaml").read_text()))


def flow(*steps: Any, **more: Any) -> FlowDefinition:
    return parse({"flow": "a-flow", "trigger": {"metric": "Viewed Product"}, "steps": list(steps), **more})


@dataclass
class Person:
    """A profile in memory, whose facts follow what it does."""

    timezone: str | None = "America/New_York"
    did: list[tuple[str, datetime]] = field(default_factory=list)
    coupons: list[CouponState] = field(default_factory=list)

    def facts(self) -> Facts:
        events: dict[str, list[Happening]] = {}
        for metric, ts in self.did:
            events.setdefault(metric, []).append(Happening(ts))
        totals = {
            metric: Total(len(found), Decimal(0), min(e.ts for e in found), max(e.ts for e in found))
            for metric, found in events.items()
        }
        return Facts(
            profile_id=1,
            attributes={"timezone": self.timezone, "email": "p@example.com"},
            totals=totals,
            events=events,
            coupons=tuple(self.coupons),
        )


@dataclass
class Journey:
    """What happened on a walk: emails with when they were due, the path of wakes, and how it ended."""

    emails: list[tuple[str, datetime]] = field(default_factory=list)
    wakes: list[datetime] = field(default_factory=list)
    notes: list[engine.Note] = field(default_factory=list)
    end: engine.Leave | engine.Complete | None = None


def walk(
    definition: FlowDefinition,
    person: Person,
    *,
    lag: timedelta = timedelta(0),
    sent: Callable[[str, datetime], None] = lambda step, at: None,
    trigger: Mapping[str, Any] | None = None,
    turns: int = 300,
) -> Journey:
    """Walk to the end. Each wake is handled `lag` late; `sent` is told of each email when it goes out."""
    journey = Journey()
    place = engine.Enrolment(7, 1, START, START, None, trigger or {})
    states: dict[str, str] = {}
    for _ in range(turns):
        now = place.due_at + lag
        journey.wakes.append(now)
        outcome = engine.advance(definition, place, engine.Known(person.facts(), "UTC", dict(states)), now)
        journey.notes += outcome.notes
        for intent in outcome.intents:
            journey.emails.append((intent.step.id, intent.send_at))
            states[intent.step.id] = "sent"
            sent(intent.step.id, now)
        if not isinstance(outcome.end, engine.Wait):
            journey.end = outcome.end
            return journey
        place = stood(place, outcome.end)
    raise AssertionError("the walk does not end")


def stood(place: engine.Enrolment, wait: engine.Wait) -> engine.Enrolment:
    """The enrolment after a turn that ended in a wait."""
    return replace(place, due_at=wait.until, step=wait.step, since=wait.since, held=wait.held)
