"""The engine, whatever the flow: it ends, never takes a step twice, never goes back in time, and is a function."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.flows import engine
from headwater.flows.definition import FlowDefinition
from headwater.flows.reading import parse
from headwater.segments.language import CouponState
from tests.flows.flow_people import START, Person, flow, walk

# ── generated flows and histories ───────────────────────────────────────────────────────────────────────────────────
METRICS = ("Viewed Product", "Placed Order", "Opened Email")
conditions = st.one_of(
    st.builds(
        lambda metric, op, n, window: {"metric": metric, "count": {op: n}, **window},
        st.sampled_from(METRICS),
        st.sampled_from(["equals", "at_least", "less_than"]),
        st.integers(0, 2),
        st.sampled_from([{}, {"since": "flow-start"}, {"in_last": {"days": 2}}]),
    ),
    st.integers(0, 100).map(lambda percent: {"sample": percent}),
    st.sampled_from([{"coupon": "C", "state": "valid"}, {"not_in_flow": "another", "in_last": {"days": 3}}]),
)
delays = st.one_of(
    st.integers(1, 90).map(lambda hours: {"hours": hours}),
    st.builds(
        lambda days, until, weekdays: {"days": days, "until": until, **({"weekdays": weekdays} if weekdays else {})},
        st.integers(0, 5),
        st.sampled_from(["00:00", "02:30", "10:00", "23:59"]),
        st.sampled_from([[], ["monday"], ["saturday", "tuesday"]]),
    ),
    st.just({"before": {"hours": 24}, "expiry_of": "C"}),
)
leaf = st.one_of(
    st.just({"email": "e"}), st.just({"email": "e"}), delays.map(lambda delay: {"delay": delay}), st.just("exit")
)
steps = st.recursive(
    leaf,
    lambda inner: st.builds(
        lambda condition, then, otherwise: {"if": condition, "then": then, "else": otherwise},
        conditions,
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3),
    ),
    max_leaves=10,
)


def numbered(tree: list[Any]) -> list[Any]:
    """The steps with emails named apart, and nothing behind an exit."""
    count = 0

    def name(nodes: list[Any]) -> list[Any]:
        nonlocal count
        kept: list[Any] = []
        for node in nodes:
            if isinstance(node, dict):
                node = {key: name(value) if key in ("then", "else") else value for key, value in node.items()}
                if "email" in node:
                    count += 1
                    node["email"] = f"email-{count}.mjml"
            kept.append(node)
            if node == "exit":
                break
        return kept

    return name(tree)


flows = st.builds(
    lambda tree, filters, exit_on: parse(
        {
            "flow": "generated",
            "trigger": {"metric": "Viewed Product"},
            "profile_filters": filters,
            "exit_on": exit_on,
            "steps": numbered(tree),
        }
    ),
    st.lists(steps, min_size=1, max_size=6),
    st.lists(conditions, max_size=2),
    st.sampled_from([[], [{"metric": "Placed Order"}]]),
)
people = st.builds(
    Person,
    st.sampled_from(["America/New_York", "Australia/Lord_Howe", "nowhere", None]),
    st.lists(
        st.tuples(st.sampled_from(METRICS), st.integers(-200, 400).map(lambda h: START + timedelta(hours=h))),
        max_size=4,
    ),
    st.one_of(st.just([]), st.just([CouponState("C", "1", START, START + timedelta(days=3))])),
)


@settings(max_examples=1500, deadline=None)
@given(flows, people, st.integers(0, 5000).map(lambda minutes: timedelta(minutes=minutes)))
def test_every_walk_ends_takes_each_step_once_and_never_goes_back(
    definition: FlowDefinition, person: Person, lag: timedelta
) -> None:
    journey = walk(definition, person, lag=lag)

    emails = [step for step, _ in journey.emails]
    assert journey.end is not None
    assert len(emails) == len(set(emails))
    assert all(due >= START for _, due in journey.emails)
    assert [due for _, due in journey.emails] == sorted(due for _, due in journey.emails)
    assert journey.wakes == sorted(journey.wakes)
    decided = [note.step for note in journey.notes if note.outcome in ("intended", "yes", "no", "passed")]
    assert len(decided) == len(set(decided))


@settings(max_examples=300, deadline=None)
@given(flows, people, st.integers(0, 400))
def test_the_same_inputs_give_the_same_effects(definition: FlowDefinition, person: Person, hours: int) -> None:
    place = engine.Enrolment(7, 1, START, START)
    known = engine.Known(person.facts(), "Europe/Berlin", {})
    now = START + timedelta(hours=hours)

    assert engine.advance(definition, place, known, now) == engine.advance(definition, place, known, now)


# ── single decisions ────────────────────────────────────────────────────────────────────────────────────────────────
def test_emails_without_a_delay_between_them_are_due_at_the_same_moment() -> None:
    journey = walk(flow({"email": "a.mjml"}, {"email": "b.mjml"}), Person())

    assert journey.emails == [("a", START), ("b", START)]
    assert len(journey.wakes) == 1


def test_delays_that_are_over_are_walked_through_in_one_turn() -> None:
    definition = flow({"delay": {"hours": 1}}, {"email": "a.mjml"}, {"delay": {"hours": 1}}, {"email": "b.mjml"})

    journey = walk(definition, Person(), lag=timedelta(hours=5))

    assert journey.emails == [("a", START + timedelta(hours=1)), ("b", START + timedelta(hours=2))]
    assert len(journey.wakes) == 1


def test_a_last_delay_holds_nobody() -> None:
    journey = walk(flow({"email": "a.mjml"}, {"delay": {"days": 30}}), Person())

    assert journey.end == engine.Complete()
    assert len(journey.wakes) == 1


@pytest.mark.parametrize(("category", "email"), [("Shoes", "shoes"), ("Bags", "other")])
def test_a_trigger_split_asks_the_event(category: str, email: str) -> None:
    definition = flow(
        {
            "if_event": [{"property": "items[].category", "equals": "Shoes"}],
            "then": [{"email": "shoes.mjml"}],
            "else": [{"email": "other.mjml"}],
        }
    )

    journey = walk(definition, Person(), trigger={"properties": {"items": [{"category": category}]}})

    assert [step for step, _ in journey.emails] == [email]


def test_the_trigger_is_not_its_own_consequence() -> None:
    winback = flow({"email": "a.mjml"}, trigger={"metric": "Placed Order"}, exit_on=["Placed Order"])
    once = Person(did=[("Placed Order", START)])
    again = Person(did=[("Placed Order", START), ("Placed Order", START + timedelta(seconds=1))])

    assert walk(winback, once).end == engine.Complete()
    assert walk(winback, again).end == engine.Leave(engine.EXIT_EVENT)


def test_another_metric_at_the_very_instant_of_the_trigger_counts_as_since() -> None:
    definition = flow({"email": "a.mjml"}, exit_on=["Placed Order"])

    journey = walk(definition, Person(did=[("Viewed Product", START), ("Placed Order", START)]))

    assert journey.end == engine.Leave(engine.EXIT_EVENT)


def test_a_deleted_person_leaves() -> None:
    outcome = engine.advance(flow({"email": "a.mjml"}), engine.Enrolment(7, 1, START, START), engine.Known(None), START)

    assert outcome.end == engine.Leave(engine.PROFILE_DELETED)


def test_a_random_split_is_stable_and_about_its_share() -> None:
    definition = flow({"id": "half", "if": {"sample": 30}, "then": [{"email": "a.mjml"}]})

    def lands(profile_id: int) -> bool:
        known = engine.Known(replace(Person().facts(), profile_id=profile_id))
        return bool(engine.advance(definition, engine.Enrolment(1, profile_id, START, START), known, START).intents)

    landed = [lands(profile_id) for profile_id in range(2000)]

    assert landed == [lands(profile_id) for profile_id in range(2000)]
    assert 500 < sum(landed) < 700


# ── edits while people wait ─────────────────────────────────────────────────────────────────────────────────────────
def test_whoever_waits_at_a_removed_step_goes_on_at_the_next_that_is_left() -> None:
    old = flow({"email": "a.mjml"}, {"email": "b.mjml"}, {"id": "ask", "if": {"metric": "M"}}, {"email": "c.mjml"})
    new = flow({"email": "a.mjml"}, {"email": "c.mjml"})

    assert engine.reroute(old, new, "b") == "c"
    assert engine.reroute(old, new, "ask") == "c"
    assert engine.reroute(old, flow({"email": "a.mjml"}), "b") is None


def test_a_step_of_no_version_ends_the_enrolment() -> None:
    outcome = engine.advance(
        flow({"email": "a.mjml"}),
        engine.Enrolment(7, 1, START, START, "gone"),
        engine.Known(Person().facts()),
        datetime(2026, 4, 1, tzinfo=UTC),
    )

    assert outcome.end == engine.Leave(engine.STEP_REMOVED)
