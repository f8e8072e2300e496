"""The simulator: who enters, when things happen, what goes and what does not, by a virtual clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headwater.accounts.limits import FrequencyCap, QuietHours
from headwater.delivery.reasons import Reason
from headwater.flows.reading import parse
from headwater.flows.trials import guard
from headwater.flows.trials.asked_ahead import prepare
from headwater.flows.trials.person_changes import (
    Consented,
    EnteredSegment,
    FlowEntered,
    Joined,
    Left,
    LeftSegment,
    Mailed,
    PropertiesSet,
    Stocked,
)
from headwater.flows.trials.simulation import CouponRule, Setting
from headwater.flows.triggers import DateTrigger
from headwater.segments.language import Entry
from tests.flows.flow_people import START, flow, recipe
from tests.flows.flow_trees import Tree, flows
from tests.flows.flow_worlds import CODE, News, World, worlds
from tests.flows.simulated_people import NO_MAIL_RULES, Someone, ends, sent, told

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
ONE = {"id": "one", "email": "one.mjml"}
TWO = {"id": "two", "email": "two.mjml"}
A_DAY = {"delay": {"days": 1}}
VIEWED, ORDERED = "Viewed Product", "Placed Order"


# ── entering ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_who_enters_again_too_soon_does_not() -> None:
    definition = flow(ONE, entry={"again": {"after": {"days": 14}}})
    someone = Someone()
    for day in (0, 3, 13, 14, 20, 40):
        someone.does(VIEWED, day * DAY)

    life = someone.through(definition)

    assert sent(life) == [("one", 0 * DAY), ("one", 14 * DAY), ("one", 40 * DAY)]
    assert life.refused == {"again": 3}


def test_never_again_is_never() -> None:
    life = Someone().does(VIEWED).does(VIEWED, 400 * DAY).through(flow(ONE, entry={"again": "never"}))

    assert [run.entered_at for run in life.runs] == [START]
    assert life.refused == {"again": 1}


def test_always_runs_side_by_side() -> None:
    life = Someone().does(VIEWED).does(VIEWED, HOUR).through(flow(A_DAY, ONE))

    assert sent(life) == [("one", DAY), ("one", DAY + HOUR)]


def test_the_first_trigger_that_filters_let_in_counts() -> None:
    definition = flow(
        ONE,
        profile_filters=[{"metric": ORDERED, "count": {"equals": 0}, "in_last": {"days": 10}}],
        entry={"again": {"after": {"days": 14}}},
    )
    someone = Someone().does(ORDERED, -DAY)
    for day in range(12):
        someone.does(VIEWED, day * DAY)

    life = someone.through(definition)

    assert sent(life) == [("one", 9 * DAY)]
    assert life.refused == {"failed_profile_filter": 9, "again": 2}


def test_an_order_in_the_very_instant_of_a_trigger_concerns_that_trigger_alone() -> None:
    someone = Someone().does(VIEWED).does(ORDERED).does(VIEWED, HOUR)

    life = someone.through(flow(ONE, exit_on=[{"metric": ORDERED}]))

    assert sent(life) == [("one", HOUR)]
    assert life.refused == {"exit_event": 1}


def test_nobody_enters_without_an_address() -> None:
    life = Someone(attributes={}).does(VIEWED).through(flow(ONE))

    assert life.runs == []
    assert life.refused == {"no_address": 1}


def test_one_run_for_each_value_of_the_key() -> None:
    definition = flow(A_DAY, ONE, entry={"again": "always", "key": "cart_id"})
    someone = Someone().does(VIEWED, cart_id="a").does(VIEWED, HOUR, cart_id="b").does(VIEWED, 2 * HOUR, cart_id="a")

    life = someone.through(definition)

    assert sent(life) == [("one", DAY), ("one", DAY + HOUR)]


@pytest.mark.parametrize(
    ("merge", "expected"),
    [
        ("ignore", [("cheap", DAY)]),
        ("replace", [("dear", DAY)]),
        ("restart", [("dear", DAY + HOUR)]),
    ],
)
def test_a_key_that_is_inside_is_merged(merge: str, expected: list[Any]) -> None:
    asks = {
        "if_event": {"property": "price", "at_least": 50},
        "then": [{"id": "dear", "email": "dear.mjml"}],
        "else": [{"id": "cheap", "email": "cheap.mjml"}],
    }
    definition = flow(A_DAY, asks, entry={"again": "always", "key": "cart_id", "merge": merge})
    someone = Someone().does(VIEWED, cart_id="a", price=10).does(VIEWED, HOUR, cart_id="a", price=80)

    assert sent(someone.through(definition)) == expected


def test_the_held_out_enter_and_hear_nothing() -> None:
    definition = flow(ONE, entry={"again": "never", "holdout": 30})

    out = [
        profile_id
        for profile_id in range(1, 301)
        if ends(Someone(profile_id).does(VIEWED).through(definition)) == ["holdout_group"]
    ]

    assert 60 < len(out) < 120
    assert sent(Someone(out[0]).does(VIEWED).through(definition)) == []


def test_a_list_starts_it_whatever_its_name_is_written_like() -> None:
    definition = parse({"flow": "hello", "trigger": {"list": "Newsletter"}, "steps": [ONE, A_DAY, TWO]})

    stays = Someone().changed(Joined("newsletter"), HOUR)
    leaves = Someone().changed(Joined("Newsletter"), HOUR).changed(Left("Newsletter"), 3 * HOUR)

    assert sent(stays.through(definition)) == [("one", HOUR), ("two", HOUR + DAY)]
    assert sent(leaves.through(definition)) == [("one", HOUR)]
    assert leaves.through(definition).runs[0].skips == [("two", START + HOUR + DAY, Reason.NOT_IN_AUDIENCE)]


# ── leaving ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_exit_ends_it_at_once() -> None:
    someone = Someone().does(VIEWED).does(ORDERED, 3 * HOUR)

    [run] = someone.through(flow(ONE, A_DAY, TWO, exit_on=[{"metric": ORDERED}])).runs

    assert (run.end, run.ended_at) == ("exit_event", START + 3 * HOUR)
    assert run.step == "two"


def test_an_exit_by_condition_is_looked_at_when_it_comes_true() -> None:
    definition = flow(A_DAY, ONE, exit_on=[{"if": {"property": "plan", "equals": "gold"}}])
    someone = Someone().does(VIEWED).changed(PropertiesSet({"plan": "gold"}), 5 * HOUR)

    [run] = someone.through(definition).runs

    assert (run.end, run.ended_at) == ("exit_condition", START + 5 * HOUR)


@pytest.mark.parametrize("notes", [True, False])
def test_an_exit_that_time_alone_brings_about_is_looked_at_then(notes: bool) -> None:
    lapsed = {"if": {"metric": "Opened Email", "at_least_ago": {"hours": 30}}}
    definition = flow(ONE, A_DAY, TWO, {"delay": {"days": 9}}, {"email": "three.mjml"}, exit_on=[lapsed])
    someone = Someone().does(VIEWED).does("Opened Email", 2 * HOUR)

    [run] = someone.through(definition, replace(NO_MAIL_RULES, notes=notes)).runs

    assert [step for step, _ in run.sends] == ["one", "two"]
    assert (run.end, run.ended_at) == ("exit_condition", START + 32 * HOUR)


def test_who_enters_another_flow_is_looked_at_if_that_ends_this_one() -> None:
    definition = flow(A_DAY, ONE, exit_on=[{"if": {"in_flow": "another"}}])
    someone = Someone().does(VIEWED)
    someone.changed(FlowEntered(Entry("a-third", START + 2 * HOUR, 70)), 2 * HOUR)
    someone.changed(FlowEntered(Entry("another", START + 5 * HOUR, 71)), 5 * HOUR)

    [run] = someone.through(definition).runs

    assert (run.end, run.ended_at) == ("exit_condition", START + 5 * HOUR)


def test_an_exit_may_compare_with_the_event_that_began_it() -> None:
    same = {"metric": "Refunded Order", "where": [{"property": "order_id", "equals": {"event": "order_id"}}]}
    definition = parse({"flow": "care", "trigger": {"metric": ORDERED}, "exit_on": [same], "steps": [A_DAY, ONE]})
    someone = Someone().does(ORDERED, order_id=1).does(ORDERED, HOUR, order_id=2)
    someone.does("Refunded Order", 2 * HOUR, order_id=2)

    assert ends(someone.through(definition)) == ["completed", "exit_event"]


def test_who_unsubscribes_leaves() -> None:
    someone = Someone().does(VIEWED).changed(Consented("unsubscribed"), HOUR)

    [run] = someone.through(flow(A_DAY, ONE)).runs

    assert (run.end, run.ended_at) == ("unsubscribed", START + HOUR)


# ── waiting ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_wait_ends_with_the_event_or_with_its_time() -> None:
    wait = {
        "wait_for": [{"metric": "Clicked Email", "then": [ONE, "exit"]}],
        "within": {"days": 2},
        "else": [TWO],
    }

    clicks = Someone().does(VIEWED).does("Clicked Email", 5 * HOUR).through(flow(wait))
    waits = Someone().does(VIEWED).through(flow(wait))

    assert sent(clicks) == [("one", 5 * HOUR)]
    assert sent(waits) == [("two", 2 * DAY)]


def test_a_goal_is_jumped_to() -> None:
    definition = flow(A_DAY, ONE, {"id": "goal", "goal": {"metric": ORDERED, "since": "flow-start"}}, TWO)

    life = Someone().does(VIEWED).does(ORDERED, HOUR).through(definition)

    assert sent(life) == [("two", HOUR)]


def test_stock_is_waited_for() -> None:
    definition = parse(
        {
            "flow": "back",
            "trigger": {"metric": "Subscribed to Back in Stock"},
            "steps": [{"back_in_stock": {"minimum_stock": 3}}, ONE],
        }
    )
    someone = Someone().does("Subscribed to Back in Stock", product_id="p1")
    someone.changed(Stocked("p2", 9), HOUR).changed(Stocked("p1", 2), 2 * HOUR).changed(Stocked("p1", 3), 3 * HOUR)

    assert sent(someone.through(definition)) == [("one", 3 * HOUR)]


def test_a_segment_is_entered_and_left() -> None:
    definition = parse({"flow": "vip", "trigger": {"segment": "VIP"}, "steps": [ONE, A_DAY, TWO]})
    someone = Someone().changed(EnteredSegment("VIP"), 0 * DAY).does("Entered Segment", segment="VIP")
    someone.changed(LeftSegment("VIP"), 4 * HOUR)

    life = someone.through(definition)

    assert sent(life) == [("one", 0 * DAY)]
    assert life.runs[0].skips[0][2] is Reason.NOT_IN_AUDIENCE


def test_what_waits_for_a_decision_is_approved_at_once() -> None:
    assert sent(Someone().does(VIEWED).through(flow({**ONE, "status": "manual"}, A_DAY, TWO))) == [
        ("one", 0 * DAY),
        ("two", DAY),
    ]


def test_drafts_are_skipped() -> None:
    life = Someone().does(VIEWED).through(flow({**ONE, "status": "draft"}, TWO))

    assert sent(life) == [("two", 0 * DAY)]
    assert life.runs[0].skips == [("one", START, Reason.MESSAGE_DRAFT)]


def test_it_stops_where_it_is_told_to() -> None:
    life = Someone().does(VIEWED).does(VIEWED, 3 * DAY).through(flow(A_DAY, ONE), until=START + 3 * DAY + HOUR)

    assert sent(life) == [("one", DAY)]
    assert [(run.end, run.step) for run in life.runs] == [("completed", "one"), (None, "one")]


# ── at the gate ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_smart_sending_keeps_back_what_comes_too_soon() -> None:
    definition = flow(ONE, {"delay": {"hours": 3}}, TWO, {"delay": {"hours": 13}}, {"id": "three", "email": "c.mjml"})

    life = Someone().does(VIEWED).through(definition, Setting(smart_sending=16 * HOUR))

    assert sent(life) == [("one", 0 * DAY), ("three", 16 * HOUR)]
    assert life.runs[0].skips == [("two", START + 3 * HOUR, Reason.SMART_SENDING)]


def test_other_mail_starts_the_timer_too() -> None:
    someone = Someone().changed(Mailed("campaign"), -HOUR).does(VIEWED)

    assert sent(someone.through(flow(ONE), Setting(smart_sending=16 * HOUR))) == []
    assert sent(someone.through(flow({**ONE, "smart_sending": False}), Setting())) == [("one", 0 * DAY)]


def test_frequency_caps_count_days_of_the_person() -> None:
    setting = Setting(smart_sending=timedelta(0), frequency_caps=(FrequencyCap("any", 1, 1),))
    definition = flow(ONE, {"delay": {"hours": 10}}, TWO, {"delay": {"hours": 10}}, {"id": "three", "email": "c.mjml"})

    life = Someone().does(VIEWED).through(definition, setting)  # at noon in New York

    assert sent(life) == [("one", 0 * DAY), ("three", 20 * HOUR)]
    assert life.runs[0].skips == [("two", START + 10 * HOUR, Reason.FREQUENCY_CAPPED)]


def test_quiet_hours_hold_an_email_until_they_end() -> None:
    setting = Setting(smart_sending=timedelta(0), quiet_hours=QuietHours(time(11), time(15)), spread=False)

    assert sent(Someone().does(VIEWED).through(flow(ONE), setting)) == [("one", 3 * HOUR)]


def test_an_email_that_waits_for_its_hours_is_asked_again() -> None:
    setting = Setting(smart_sending=timedelta(0), quiet_hours=QuietHours(time(11), time(15)), spread=False)
    definition = flow(ONE, exit_on=[{"metric": ORDERED}])

    life = Someone().does(VIEWED).does(ORDERED, HOUR).through(definition, setting)

    assert sent(life) == []
    assert life.runs[0].skips == [("one", START + 3 * HOUR, Reason.FAILED_EXIT_CONDITION)]


def test_a_window_of_weekdays_is_waited_for_over_the_weekend() -> None:
    window = {"weekdays": ["monday", "tuesday", "wednesday", "thursday", "friday"], "from": "09:00", "to": "18:00"}
    definition = flow({"delay": {"days": 4, "hours": 7}}, ONE, send_window=window)  # Friday, 19:00

    life = Someone().does(VIEWED).through(definition, replace(NO_MAIL_RULES, spread=False))

    # The clocks of New York went forward in between.
    assert sent(life) == [("one", datetime(2026, 3, 9, 13, 0, tzinfo=UTC) - START)]


def test_consent_is_asked_at_the_gate() -> None:
    someone = Someone(more={"consent": "unsubscribed"}).does(VIEWED)

    assert sent(someone.through(flow({**ONE, "transactional": True}))) == [("one", 0 * DAY)]
    assert someone.through(flow(ONE)).runs[0].skips == [("one", START, Reason.UNSUBSCRIBED)]


def test_an_email_that_goes_issues_its_coupon_once() -> None:
    setting = Setting(
        smart_sending=timedelta(0), issues={"one": ["SAVE"]}, coupons={"SAVE": CouponRule(timedelta(days=3))}
    )
    steps = [ONE, {"delay": {"before": {"hours": 24}, "expiry_of": "SAVE"}}, TWO]

    assert sent(Someone().does(VIEWED).through(flow(*steps), setting)) == [("one", 0 * DAY), ("two", 2 * DAY)]


def test_the_flow_itself_changes_the_person() -> None:
    updates = {"update_profile": {"set": {"plan": "gold"}}}
    asks = {"if": {"property": "plan", "equals": "gold"}, "then": [ONE], "else": [TWO]}

    life = Someone().does(VIEWED).through(flow(updates, asks))

    assert sent(life) == [("one", 0 * DAY)]
    assert [step.id for step, _ in life.runs[0].acts] == ["update-profile-1"]


def test_a_recipe_as_it_comes() -> None:
    browse = recipe("browse-abandonment")
    setting = Setting(timezone="America/New_York", issues={"offer": ["BROWSE10"]})

    life = Someone().does(VIEWED, price=89).through(browse, setting)

    assert [step for step, _ in sent(life)] == ["welcome", "popular", "offer", "expiring"]
    assert ends(life) == ["completed"]


# ── shortcuts change nothing ────────────────────────────────────────────────────────────────────────────────────────
PLAIN = Setting(smart_sending=timedelta(0), issues={"email-1": [CODE]}, coupons={CODE: CouponRule(2 * DAY)})
SETTINGS = (
    PLAIN,
    replace(PLAIN, smart_sending=16 * HOUR),
    replace(PLAIN, smart_sending=2 * HOUR, frequency_caps=(FrequencyCap("any", 2, 1), FrequencyCap("flow", 3, 7))),
    replace(PLAIN, quiet_hours=QuietHours(time(20), time(9)), timezone="Europe/Berlin"),
)


def lived(world: World) -> Someone:
    """The world's person with a few rounds of what happens there."""
    someone = Someone(
        world.profile_id,
        {"email": "p@example.com", "timezone": world.zone},
        {
            "consent": "subscribed",
            "properties": dict(world.properties),
            "lists": {"Newsletter": START - DAY} if world.member else {},
            "segments": {"VIP": START - DAY} if world.member else {},
        },
    )
    for turn in range(3):
        someone.does("Viewed Product", 30 * turn * HOUR, 5, **world.trigger)
        for news in world.news:
            _happens(someone, news, 30 * turn * HOUR)
    return someone


def _happens(someone: Someone, news: News, later: timedelta) -> None:
    at = news.after + later + MINUTE * (later // HOUR % 7)
    if news.metric is not None:
        someone.does(news.metric, at, 10, **news.properties)
    elif news.sets:
        someone.changed(PropertiesSet(news.sets), at)
    elif news.turns == "consent":
        someone.changed(Consented("unsubscribed"), at)
    elif news.turns == "list":
        someone.changed(Left("Newsletter"), at)
    else:
        someone.changed(LeftSegment("VIP"), at)


ENDS = START + 60 * DAY


@settings(deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))
@given(
    flows.filter(lambda tree: "date" not in tree["trigger"] and "list" not in tree["trigger"]),
    worlds,
    st.sampled_from(SETTINGS),
)
def test_what_is_not_asked_twice_and_what_is_answered_ahead_change_nothing(
    tree: Tree, world: World, setting: Setting
) -> None:
    definition = parse(tree)
    assert not isinstance(definition.trigger, DateTrigger)
    someone = lived(world)
    hypothesis.note(f"{tree}\n{world}")

    fast = someone.through(definition, replace(setting, notes=False), ENDS)
    ahead = someone.through_prepared(prepare(definition), replace(setting, notes=False), ENDS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guard.Guard, "stands_until", lambda self, person: person.at)
        slow = someone.through(definition, setting, ENDS)

    assert told(fast) == told(slow)
    assert told(ahead) == told(slow)
    assert fast.refused == slow.refused == ahead.refused
