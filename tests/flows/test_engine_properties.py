"""The engine proved on flows and histories that nobody thought of: what holds whatever the flow and whatever happens.

The rules stand in `flow_rules`, flows and worlds in `flow_trees` and `flow_worlds`; the last tests count what was
seen.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headwater.delivery.reasons import Reason
from headwater.flows.definition import FlowDefinition
from headwater.flows.effects import Enrolment, Known, Leave, Outcome, Wait
from headwater.flows.engine import advance
from headwater.flows.reading import parse
from headwater.flows.steps import BackInStock, Step
from headwater.segments.language import Facts, Happening
from tests.flows.flow_people import START, Person, flow
from tests.flows.flow_rules import RULES
from tests.flows.flow_told import told
from tests.flows.flow_travel import travel
from tests.flows.flow_trees import Tree, clockwork, flows
from tests.flows.flow_turns import Journey
from tests.flows.flow_worlds import DAY, HOUR, World, worlds

SEEN: Counter[str] = Counter()
"""How many flows were walked with how many histories, and what happened in how many of them."""

proved = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def several(strategy: st.SearchStrategy[Any], count: int) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.tuples(*[strategy] * count)


def each(trees: tuple[Tree, ...], lives: tuple[World, ...], prove: Callable[[Tree, World], None]) -> None:
    """Prove it of every flow in every world."""
    for tree in trees:
        for world in lives:
            SEEN["cases"] += 1
            try:
                prove(tree, world)
            except BaseException:
                hypothesis.note(f"\nThe flow: {tree}\nThe world: {world}")
                raise


# ── whatever the flow ───────────────────────────────────────────────────────────────────────────────────────────────
@settings(proved, max_examples=480)
@given(several(flows, 3), several(worlds, 5))
def test_the_rules_hold_of_every_way_through_every_flow(trees: tuple[Tree, ...], lives: tuple[World, ...]) -> None:
    def prove(tree: Tree, world: World) -> None:
        journey = travel(parse(tree), world)
        see(journey)
        for rule in RULES:
            rule(journey, world)

    each(trees, lives, prove)


def see(journey: Journey) -> None:
    """Count, once a case, each kind of step with what came of it, and each effect and end."""
    found = set()
    for turn in journey.turns:
        outcome = turn.outcome
        found |= {f"{_kind(journey.definition.steps[note.step])} {note.outcome}" for note in outcome.notes}
        found |= {"skips" if intent.skip else "intends" for intent in outcome.intents}
        found |= {f"acts by {_kind(act.step)}" for act in outcome.acts}
        found |= {"jumps"} if outcome.jumped else set()
        found |= {"looks again"} if isinstance(outcome.end, Wait) and outcome.end.look_at is not None else set()
        found |= {f"a turn by {turn.why}", f"ends in {type(outcome.end).__name__}"}
        found |= {f"leaves: {outcome.end.reason}"} if isinstance(outcome.end, Leave) else set()
    found |= {"is not looked at"} if journey.asked else set()
    SEEN.update(found)


def _kind(step: Step) -> str:
    return type(step).__name__


# ── where only time and events decide ───────────────────────────────────────────────────────────────────────────────
def eventful(world: World) -> World:
    """Without changes of the person, and with news that is heard of at once."""
    return replace(world, news=tuple(replace(one, late=timedelta(0)) for one in world.news if one.metric is not None))


@settings(proved, max_examples=400)
@given(several(clockwork, 2), several(worlds.map(eventful), 4))
def test_it_comes_as_it_is_written_however_late_a_worker_is(trees: tuple[Tree, ...], lives: tuple[World, ...]) -> None:
    """Lateness never adds up: not for delays, not for waits, not where nobody looked at what had happened."""

    def prove(tree: Tree, world: World) -> None:
        definition, story = parse(tree), told(tree, world)
        for how in ({}, {"late": False}, {"looks": False}):
            journey = travel(definition, world, **how)
            intents = [intent for turn in journey.turns for intent in turn.outcome.intents if intent.skip is None]
            assert [(intent.step.id, intent.send_at) for intent in intents] == story.emails
            assert [act.at for turn in journey.turns for act in turn.outcome.acts] == story.calls

    each(trees, lives, prove)


# ── somewhere in the middle ─────────────────────────────────────────────────────────────────────────────────────────
@settings(proved, max_examples=200)
@given(several(flows, 2), several(worlds, 3), st.integers(0, 400).map(lambda hours: hours * HOUR))
def test_nothing_is_made_up_for_of_what_lies_behind_who_is_placed(
    trees: tuple[Tree, ...], lives: tuple[World, ...], ago: timedelta
) -> None:
    def prove(tree: Tree, world: World) -> None:
        definition = parse(tree)
        placed, *later = travel(definition, world, placed=ago).turns
        assert placed.outcome.intents == placed.outcome.acts == ()
        if isinstance(definition.steps[definition.first], BackInStock):
            return  # whether the product is there is known a turn later
        for turn in later:
            assert all(intent.send_at > placed.now for intent in turn.outcome.intents)
            assert all(act.at > placed.now for act in turn.outcome.acts)

    each(trees, lives, prove)


@settings(proved, max_examples=120)
@given(several(flows, 2), several(worlds, 3))
def test_what_is_overdue_is_skipped_and_the_rest_of_the_flow_is_not(
    trees: tuple[Tree, ...], lives: tuple[World, ...]
) -> None:
    def prove(tree: Tree, world: World) -> None:
        definition = parse(tree)
        for turn in travel(definition, world).turns:
            if turn.place.held is not None:
                continue
            outcome = advance(definition, replace(turn.place, held="overdue"), turn.known, turn.now)
            assert outcome.acts == ()
            assert {intent.skip for intent in outcome.intents} <= {Reason.OVERDUE, Reason.MESSAGE_DRAFT}
            assert not isinstance(outcome.end, Wait) or outcome.end.held in (None, "stock")

    each(trees, lives, prove)


@settings(proved, max_examples=150)
@given(several(flows, 2), several(worlds, 3))
def test_a_definition_that_is_read_again_decides_the_same(trees: tuple[Tree, ...], lives: tuple[World, ...]) -> None:
    def prove(tree: Tree, world: World) -> None:
        definition, again = parse(tree), parse(json.loads(json.dumps(tree)))
        assert definition == again
        for turn in travel(definition, world).turns:
            assert advance(again, turn.place, turn.known, turn.now) == turn.outcome

    each(trees, lives, prove)


# ── what the rules have found, as single stories ────────────────────────────────────────────────────────────────────
ORDERED = {"metric": "Placed Order", "since": "flow-start"}


def stood(definition: FlowDefinition, **more: Any) -> Enrolment:
    """Who has come as far as the first wait of the flow."""
    begun = Enrolment(7, 1, START, START)
    wait = advance(definition, begun, Known(Person().facts()), START).end
    assert isinstance(wait, Wait)
    return replace(begun, step=wait.step, due_at=wait.until, since=wait.since, held=wait.held, **more)


def emails(outcome: Outcome) -> list[tuple[str, datetime]]:
    return [(intent.step.id, intent.send_at) for intent in outcome.intents]


def test_who_meets_a_goal_in_the_delay_just_before_it_jumps_too() -> None:
    definition = flow({"delay": {"days": 2}}, {"goal": ORDERED}, {"email": "thanks.mjml"})
    bought = Known(Person(did=[("Placed Order", START + HOUR)]).facts())

    outcome = advance(definition, stood(definition), bought, START + HOUR)

    assert emails(outcome) == [("thanks", START + HOUR)]
    assert outcome.jumped


def test_a_goal_that_time_alone_brings_about_is_looked_at_then() -> None:
    lapsed = {"metric": "Opened Email", "at_least_ago": {"days": 2}}
    definition = flow({"delay": {"days": 5}}, {"email": "a.mjml"}, {"goal": lapsed}, {"email": "b.mjml"})
    opened = Known(Person(did=[("Opened Email", START - HOUR)]).facts())

    wait = advance(definition, Enrolment(7, 1, START, START), opened, START).end

    assert wait == Wait("a", START + 5 * DAY, look_at=START - HOUR + 2 * DAY)


def test_an_exit_that_time_alone_brings_about_is_looked_at_then() -> None:
    lapsed = {"if": {"metric": "Opened Email", "at_least_ago": {"days": 2}}}
    definition = flow({"delay": {"days": 5}}, {"email": "a.mjml"}, exit_on=[lapsed])
    opened = Known(Person(did=[("Opened Email", START - HOUR)]).facts())
    comes = START - HOUR + 2 * DAY

    wait = advance(definition, Enrolment(7, 1, START, START), opened, START).end
    look = advance(definition, stood(definition), opened, comes)

    assert wait == Wait("a", START + 5 * DAY, look_at=comes)
    assert look.end == Leave("exit_condition")


def test_an_exit_on_which_time_has_no_influence_is_not_looked_at() -> None:
    asked = {"if": {"metric": "Placed Order", "count": {"at_least": 2}, "since": "flow-start"}}
    definition = flow({"delay": {"days": 5}}, {"email": "a.mjml"}, exit_on=[asked, "Refunded Order"])

    assert definition.timed_exits == ()
    assert advance(definition, Enrolment(7, 1, START, START), Known(Person().facts()), START).end == Wait(
        "a", START + 5 * DAY
    )


def test_what_was_waited_for_before_the_time_began_anew_is_not_lost_on_a_late_worker() -> None:
    branch = {"metric": "Clicked Email", "then": [{"email": "more.mjml"}]}
    definition = flow({"wait_for": [branch], "within": {"days": 3}, "reset_on": ["Added to Cart"]})
    did = [("Clicked Email", START + HOUR), ("Added to Cart", START + 2 * HOUR)]

    outcome = advance(definition, stood(definition), Known(Person(did=did).facts()), START + 9 * DAY)

    assert emails(outcome) == [("more", START + HOUR)]


def test_what_follows_a_step_that_was_declined_counts_from_then() -> None:
    manual = {"email": "a.mjml", "status": "manual"}
    definition = flow(manual, {"delay": {"days": 1}}, {"email": "b.mjml"})
    declined = replace(stood(definition), held="declined")

    outcome = advance(definition, declined, Known(Person().facts()), START + 5 * DAY)

    assert outcome.end == Wait("b", START + 6 * DAY)


def test_time_alone_is_foreseen_where_a_filter_refers_to_the_event_that_began_the_flow() -> None:
    where = [{"property": "product_id", "equals": {"event": "product_id"}}]
    viewed = {"metric": "Viewed Product", "at_least_ago": {"days": 2}, "where": where}
    definition = flow({"goal": viewed, "unmet": "wait"}, {"email": "a.mjml"})
    product = {"product_id": "p1"}
    known = Known(Facts(1, {"email": "p@example.com"}, events={"Viewed Product": [Happening(START, None, product)]}))

    wait = advance(definition, Enrolment(7, 1, START, START, trigger={"properties": product}), known, START).end

    assert isinstance(wait, Wait)
    assert wait.look_at == START + 2 * DAY


# ── what was seen ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_enough_was_seen() -> None:
    """Of flows and histories in a run of this whole file: the tests above have drawn them."""
    assert SEEN["cases"] >= 10_000


OFTEN = (
    "Email intended", "Email skipped", "Email held", "AbTest took", "RandomSplit took", "MultiSplit took", "Split yes",
    "Split no", "TriggerSplit yes", "TriggerSplit no", "Delay waited", "Countdown waited", "Countdown passed",
    "DateCountdown waited", "DateCountdown passed", "WaitFor waited", "WaitFor happened", "WaitFor timed_out",
    "BackInStock waited", "BackInStock passed", "BackInStock released", "Goal reached", "Goal unmet", "Goal waited",
    "Exit exited", "UpdateProfile held", "ChangeList skipped", "Webhook skipped", "Notify held",
    "acts by UpdateProfile", "acts by ChangeList", "acts by IssueCoupon", "acts by Webhook", "acts by Notify",
    "jumps", "looks again", "is not looked at", "a turn by wake", "a turn by peek", "a turn by exit",
    "ends in Complete",
    "leaves: exit_event", "leaves: exit_condition", "leaves: exit_step", "leaves: failed_profile_filter",
    "leaves: date_changed", "leaves: goal_unmet", "leaves: not_restocked",
)  # fmt: skip


@pytest.mark.parametrize("what", OFTEN)
def test_each_kind_of_step_and_each_effect_was_seen_often(what: str) -> None:
    assert SEEN[what] >= 30
