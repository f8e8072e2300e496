"""What a way through a flow consisted of: the turns of the engine, each with all that it was given and answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from headwater.flows.definition import FlowDefinition
from headwater.flows.effects import Enrolment, Known, Leave, Outcome, Wait
from headwater.flows.engine import DATE_CHANGED, EXIT_CONDITION, EXIT_EVENT, FAILED_PROFILE_FILTER, place_of
from headwater.flows.steps import leads_to
from headwater.segments.language import Facts
from tests.flows.flow_worlds import News

GATES = (EXIT_EVENT, EXIT_CONDITION, FAILED_PROFILE_FILTER, DATE_CHANGED)
"""Why somebody leaves before any step is taken."""


@dataclass(frozen=True)
class Turn:
    """One call of the engine: what it was given, and what it answered."""

    why: str  # wake, exit, peek, placing, unheard
    place: Enrolment
    known: Known
    now: datetime
    outcome: Outcome
    stands_by: Wait | None  # the wait that the person was in
    news: News | None = None
    before: Facts | None = None  # what was known until then


@dataclass
class Journey:
    definition: FlowDefinition
    turns: list[Turn] = field(default_factory=list)
    asked: list[Turn] = field(default_factory=list)
    """Looks that nobody takes, at people to whom the news does not matter; they move nobody."""


def facts_of(journey: Journey, turn: Turn) -> Facts:
    assert turn.known.facts is not None
    return turn.known.facts.asked_from(place_of(journey.definition, turn.place))


def here(journey: Journey, turn: Turn) -> str:
    return turn.place.step or journey.definition.first


def refused(turn: Turn) -> bool:
    """Nobody in these circumstances goes on: no step was taken."""
    return isinstance(turn.outcome.end, Leave) and turn.outcome.end.reason in GATES


def reach(definition: FlowDefinition) -> dict[str, frozenset[str]]:
    """By step: all that may still come after it."""
    found: dict[str, frozenset[str]] = {}
    for step_id, step in reversed(list(definition.steps.items())):
        nearest = [one for one in leads_to(step) if one is not None]
        found[step_id] = frozenset(nearest).union(*(found[one] for one in nearest))
    return found
