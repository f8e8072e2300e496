"""Filters answered where the events lie: what becomes of a definition, and what is asked of which metric."""

from __future__ import annotations

from datetime import timedelta

from headwater.flows.reading import parse
from headwater.flows.steps import TriggerSplit
from headwater.flows.trials.asked_ahead import MARK, YES, Asked, marked, prepare
from headwater.flows.trials.person_in_time import Windows, length
from headwater.segments.language import parse_where
from tests.flows.flow_people import flow, recipe

DEAR = {"property": "price", "at_least": 50}
SHOES = {"property": "category", "equals": "Shoes"}
SAME = {"property": "order_id", "equals": {"event": "order_id"}}
ONE = {"id": "one", "email": "one.mjml"}
DAY = length(timedelta(days=1))


def test_where_all_ask_the_same_only_what_passes_is_read() -> None:
    definition = flow(
        {"if_event": DEAR, "then": [ONE]}, trigger={"metric": "Viewed Product", "where": DEAR}, entry={"again": "never"}
    )

    prepared = prepare(definition)

    assert prepared.asked["Viewed Product"] == Asked(only=parse_where(DEAR))
    assert prepared.definitions[0].trigger.where is None  # type: ignore[union-attr]
    assert isinstance(split := prepared.definitions[0].steps["if-event-1"], TriggerSplit)
    assert split.where == parse_where([])


def test_where_they_ask_different_things_events_carry_the_answers() -> None:
    definition = flow(
        {"if": {"metric": "Viewed Product", "count": {"at_least": 2}, "where": SHOES}, "then": [ONE]},
        trigger={"metric": "Viewed Product", "where": DEAR},
    )

    prepared = prepare(definition)

    assert set(prepared.asked["Viewed Product"].marks) == {parse_where(DEAR), parse_where(SHOES)}
    assert prepared.asked["Viewed Product"].only is None
    assert prepared.definitions[0].trigger.where != parse_where(DEAR)  # type: ignore[union-attr]
    assert marked(0b101, 3) == {f"{MARK}0": YES, f"{MARK}2": YES}


def test_what_compares_with_the_first_event_keeps_its_properties() -> None:
    definition = parse(
        {
            "flow": "care",
            "trigger": {"metric": "Placed Order"},
            "entry": {"key": "cart.id", "again": "always"},
            "exit_on": [{"metric": "Refunded Order", "where": SAME}],
            "steps": [{"update_profile": {"set": {"plan": {"event": "plan.name"}}}}],
        }
    )

    prepared = prepare(definition)

    assert prepared.asked["Refunded Order"].keys == ("order_id",)
    assert prepared.asked["Placed Order"].keys == ("cart", "order_id", "plan")
    assert prepared.definitions[0].exit_on == definition.exit_on


def test_how_far_back_each_metric_is_looked_at() -> None:
    reach = {metric: asked.reach for metric, asked in prepare(recipe("browse-abandonment")).asked.items()}

    assert reach["Viewed Product"] == reach["Added to Cart"] == Windows(flow_start=True)
    assert reach["Placed Order"].always  # whether they ever ordered decides about the offer
    within = flow(ONE, profile_filters=[{"metric": "Clicked Email", "in_last": {"days": 9}}])
    assert prepare(within).asked["Clicked Email"].reach == Windows(span=9 * DAY, flow_start=True)


def test_values_are_read_where_they_are_summed_up() -> None:
    spent = flow({"if": {"metric": "Placed Order", "sum": {"at_least": 5}}, "then": [ONE]})

    assert prepare(spent).asked["Placed Order"].values
    assert not prepare(recipe("browse-abandonment")).asked["Placed Order"].values


def test_two_versions_are_asked_for_together() -> None:
    first = flow(ONE, trigger={"metric": "Viewed Product", "where": DEAR})
    second = flow(ONE, trigger={"metric": "Viewed Product", "where": SHOES})

    both = prepare(first, second)

    assert len(both.asked["Viewed Product"].marks) == 2
    assert both.definitions[0].trigger != both.definitions[1].trigger
    assert prepare(first, first).asked["Viewed Product"].only == parse_where(DEAR)
