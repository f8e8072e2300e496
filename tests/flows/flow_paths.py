"""The way through a flow told once more: from what the notes say, along the steps as they are written.

What a step asks is asked again, so that each answer and each place after it is held to the definition.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import accumulate
from typing import Any

from headwater.flows.definition import FlowDefinition
from headwater.flows.effects import Complete, Leave, Note, Wait
from headwater.flows.steps import (
    AbTest,
    BackInStock,
    Countdown,
    DateCountdown,
    Delay,
    Exit,
    Goal,
    MultiSplit,
    RandomSplit,
    Split,
    TriggerSplit,
    WaitFor,
    leads_to,
)
from headwater.segments.language import evaluate, in_sample, matches
from tests.flows.flow_turns import Journey, Turn, facts_of, here, refused
from tests.flows.flow_worlds import World


def the_way_is_one_of_the_flow(journey: Journey, world: World) -> None:
    definition = journey.definition
    for turn in journey.turns:
        at, end = {here(journey, turn)}, turn.outcome.end
        if refused(turn):
            continue
        for note in turn.outcome.notes:
            assert note.step in _over(at, definition), (note, at)
            at = set(after(journey, turn, note))
        at = _over(at, definition)
        match end:
            case Wait(step):
                assert step in at
            case Complete():
                assert None in at
            case Leave():
                assert turn.outcome.notes[-1].outcome == "exited"


def _over(at: Iterable[str | None], definition: FlowDefinition) -> set[str | None]:
    """With the steps behind waits for which nobody is held: nothing that acts lies ahead."""
    found = set(at)
    for step_id, step in definition.steps.items():
        waits = isinstance(step, Delay | Countdown | DateCountdown | BackInStock)
        if step_id in found and waits and step.next not in definition.acting:
            found.add(step.next)
    return found


def after(journey: Journey, turn: Turn, note: Note) -> tuple[str | None, ...]:
    """Where someone may stand after what a note says, as the flow is written; asks what a step asks once more."""
    definition, facts = journey.definition, facts_of(journey, turn)
    step, detail = definition.steps[note.step], note.detail or {}
    properties = turn.place.trigger["properties"]
    match note.outcome, step:
        case "jumped", _:
            return (detail["goal"],)
        case "held", _:
            return (step.id,)
        case "waited", WaitFor() | BackInStock():
            return (step.id,)
        case "waited", Countdown() if "for" in detail:
            return (step.id,)
        case ("yes" | "no") as answer, Split():
            assert evaluate(step.condition, facts, turn.now) is (answer == "yes")
            return (step.then if answer == "yes" else step.otherwise,)
        case ("yes" | "no") as answer, TriggerSplit():
            assert matches(step.where, properties, 5) is (answer == "yes")
            return (step.then if answer == "yes" else step.otherwise,)
        case "took", MultiSplit():
            holds = [
                matches(one.where, properties, 5) if one.condition is None else evaluate(one.condition, facts, turn.now)
                for one in step.branches
            ]
            return (step.branches[holds.index(True)].then if any(holds) else step.otherwise,)
        case "took", RandomSplit():
            return (_share([(share, one.then) for share, one in step.shares], step.id, journey, facts.profile_id),)
        case "took", AbTest():
            if step.id in turn.known.winners:
                return (turn.known.winners[step.id],)
            shares = [(share, email) for email, share in step.variations]
            return (_share(shares, step.id, journey, facts.profile_id),)
        case "happened", WaitFor():
            standing = turn.place.step == step.id and turn.place.since is not None and not step.reset_on
            assert not standing or detail["branch"] != "condition" or turn.now <= turn.place.due_at
            return tuple(
                one.then for one in step.branches
                if detail["branch"] == (one.event.metric if one.event is not None else "condition")
            )  # fmt: skip
        case "timed_out", WaitFor():
            return (step.otherwise,)
        case ("reached" | "unmet" | "waited" | "exited") as came, Goal(unmet=unmet) if not refused(turn):
            assert evaluate(step.condition, facts, turn.now) is (came == "reached")
            assert {"unmet": unmet == "go_on", "waited": unmet == "wait", "exited": unmet != "go_on"}.get(came, True)
            return (step.id,) if came == "waited" else () if came == "exited" else (step.next,)
        case "exited", _:
            return ()
    assert not isinstance(step, Exit)
    return leads_to(step)


def _share(shares: list[tuple[Decimal, Any]], step: str, journey: Journey, profile_id: int) -> Any:
    """The first whose share, with those before it, holds the person."""
    reached = list(accumulate(share for share, _ in shares))
    assert reached[-1] == 100
    salt = f"{journey.definition.slug}:{step}"
    return next(where for most, (_, where) in zip(reached, shares, strict=True) if in_sample(profile_id, most, salt))
