"""Single decisions of the engine. What holds of it whatever the flow is in `test_engine_properties`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from headwater.flows import engine
from tests.flows.flow_people import START, Person, flow, walk


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
