"""A flow's own tests: what can be written, what is refused, and what a difference looks like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headwater.flows.reading import files, parse
from headwater.flows.trials import email_coupons
from headwater.flows.trials.file_tests import Result, run_tests
from headwater.segments.language import DefinitionError
from tests.flows.flow_people import RECIPES

ONE = {"id": "one", "email": "one.mjml"}
LATER = {"after": {"days": 1}}
QUIET = {"events": [{"at": "2026-03-02 12:00", "metric": "Viewed Product"}], "expect": []}
CHEAP = {"metric": "Viewed Product", "where": [{"property": "price", "equals": 1}]}
TWO = {"id": "two", "email": "two.mjml"}
A_DAY = {"delay": {"days": 1}}
VIEWS = {"at": "2026-03-02 12:00", "metric": "Viewed Product", "properties": {"price": 89}}


def results(*tests: dict[str, Any], steps: list[Any] | None = None, **more: Any) -> list[Result]:
    """What comes of these tests of a flow that people enter who look at a product."""
    definition = {"flow": "a-flow", "trigger": {"metric": "Viewed Product"}, "steps": steps or [ONE, A_DAY, TWO]}
    named = [{"name": f"test {number}", **test} for number, test in enumerate(tests)]
    return run_tests(parse({**definition, **more, "tests": named}), {"one": ["SAVE"]})


def passes(test: dict[str, Any], **more: Any) -> bool:
    [result] = results(test, **more)
    return result.passed


# ── what passes ─────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("recipe", sorted(path.parent.name for path in RECIPES.glob("*/flow.yaml")))
def test_the_recipes_own_tests_pass(recipe: str) -> None:
    folder: Path = RECIPES / recipe
    definition = parse(files.read((folder / "flow.yaml").read_text("utf-8")), slug=recipe)

    found = run_tests(definition, email_coupons.of_folder(folder, definition))

    assert found, "a recipe has tests"
    assert [(result.name, result.difference) for result in found if not result.passed] == []


def test_times_are_those_of_the_person() -> None:
    expect = [
        {"email": "one", "at": "2026-03-07 12:00"},
        {"email": "two", "at": "2026-03-08 13:00"},  # 24 hours later, and the clocks went forward
        {"completed": True},
    ]
    events = [{**VIEWS, "at": "2026-03-07 12:00"}]

    assert passes({"person": {"timezone": "America/New_York"}, "events": events, "expect": expect})
    assert not passes({"person": {"timezone": "Asia/Tokyo"}, "events": events, "expect": expect})
    assert passes({"events": [{**VIEWS, "at": "2026-03-07T12:00:00-05:00"}], "expect": [
        {"email": "one", "at": "2026-03-07 17:00"}, {"email": "two", "after": {"days": 1}}]})  # fmt: skip


def test_an_end_that_is_not_told_is_not_compared() -> None:
    assert passes({"events": [VIEWS], "expect": [{"email": "one"}, {"email": "two"}]})
    assert not passes({"events": [VIEWS], "expect": [{"email": "one"}]})
    assert not passes({"events": [VIEWS], "expect": [{"email": "two"}, {"email": "one"}]})


@pytest.mark.parametrize(
    ("happens", "end"),
    [
        ({"metric": "Placed Order"}, {"left": "exit_event"}),
        ({"unsubscribes": True}, {"left": "unsubscribed"}),
        ({"set": {"plan": "gold"}}, {"left": "exit_condition"}),
        ({"joins": "VIP"}, {"left": "exit_condition"}),
        ({"enters": "Big spenders"}, {"left": "exit_condition"}),
    ],
)
def test_what_happens_meanwhile(happens: dict[str, Any], end: dict[str, Any]) -> None:
    exits = [
        {"metric": "Placed Order"},
        {"if": {"any": [{"property": "plan", "equals": "gold"}, {"list": "VIP"}, {"segment": "Big spenders"}]}},
    ]
    events = [VIEWS, {"after": {"hours": 5}, **happens}]

    assert passes({"events": events, "expect": [{"email": "one"}, end]}, exit_on=exits)


def test_a_list_flow_begins_when_someone_joins() -> None:
    trigger = {"list": "Newsletter"}
    joins = {"at": "2026-03-02 12:00", "joins": "Newsletter"}
    leaves = {"after": {"hours": 2}, "leaves": "Newsletter"}

    assert passes({"events": [joins], "expect": [{"email": "one"}, {"email": "two"}]}, trigger=trigger)
    assert passes({"events": [joins, leaves], "expect": [{"email": "one"}, {"completed": True}]}, trigger=trigger)


def test_a_segment_is_entered_and_left() -> None:
    trigger = {"segment": "VIP"}
    enters = {"at": "2026-03-02 12:00", "enters": "VIP"}
    exits = {"after": {"hours": 2}, "exits": "VIP"}

    assert passes({"events": [enters], "expect": [{"email": "one"}, {"email": "two"}]}, trigger=trigger)
    assert passes({"events": [enters, exits], "expect": [{"email": "one"}]}, trigger=trigger)


def test_a_call_names_its_flow_by_itself() -> None:
    assert passes(
        {"events": [{"at": "2026-03-02 12:00", "metric": "Started Flow"}], "expect": [{"email": "one"}]},
        trigger={"api": {}},
        steps=[ONE],
    )


def test_coupons_that_the_person_holds_and_uses() -> None:
    steps = [{"if": {"coupon": "SAVE", "state": "valid"}, "then": [ONE], "else": [TWO]}]
    coupons = {"SAVE": {"kind": "generated", "prefix": "S", "expires_after": {"days": 5}}}

    def held(**coupon: Any) -> dict[str, Any]:
        return {"coupons": [{"name": "SAVE", **coupon}]}

    def gets(email: str, person: dict[str, Any], *events: Any) -> bool:
        test = {"person": person, "events": [VIEWS, *events], "expect": [{"email": email}]}
        return passes(test, steps=[A_DAY, *steps], coupons=coupons)

    assert gets("one", held(assigned={"ago": {"days": 3}}))
    assert gets("two", held(assigned={"ago": {"days": 5}}))
    assert gets("one", held(assigned={"ago": {"days": 5}}, expires={"in": {"days": 2}}))
    assert gets("two", held(assigned={"ago": {"days": 3}}, redeemed={"ago": {"days": 1}}))
    assert gets("two", held(assigned={"ago": {"days": 3}}), {"after": {"hours": 1}, "redeems": "SAVE"})


def test_who_was_on_a_list_or_in_another_flow_for_how_long() -> None:
    steps = [
        {"if": {"list": "News", "in_last": {"days": 7}}, "then": [ONE]},
        {"if": {"in_flow": "other", "in_last": {"days": 7}}, "then": [TWO]},
    ]
    lately = {"lists": {"News": {"ago": {"days": 3}}}, "flows": [{"flow": "other", "entered": {"ago": {"days": 3}}}]}
    long_ago = {"lists": ["News"], "flows": [{"flow": "other", "entered": {"ago": {"days": 30}}}]}
    brand = {"smart_sending_hours": 0}

    assert passes(
        {"person": lately, "brand": brand, "events": [VIEWS], "expect": [{"email": "one"}, {"email": "two"}]},
        steps=steps,
    )
    assert passes({"person": long_ago, "events": [VIEWS], "expect": []}, steps=steps)


def test_smart_sending_counts_other_mail_as_the_brand_has_it() -> None:
    events = [VIEWS, {"after": {"hours": 20}, "gets": "campaign"}]
    test = {"events": events, "expect": [{"email": "one"}, {"completed": True}]}

    assert passes(test)
    assert not passes({**test, "brand": {"smart_sending_hours": 3}})


def test_hours_in_which_nothing_goes() -> None:
    brand = {"timezone": "Europe/Berlin", "quiet_hours": {"from": "11:00", "to": "14:00"}}

    assert passes(
        {"brand": brand, "events": [VIEWS], "expect": [{"email": "one", "at": "2026-03-02 14:00"}]}, steps=[ONE]
    )


def test_steps_that_change_something_are_compared_where_a_test_names_one() -> None:
    steps = [
        {"id": "mark", "update_profile": {"set": {"plan": "gold"}}},
        {"id": "tell", "webhook": {"url": "https://a.b"}},
    ]

    assert passes({"events": [VIEWS], "expect": [{"completed": True}]}, steps=steps)
    assert passes(
        {"events": [VIEWS], "expect": [{"done": "mark"}, {"done": "tell", "after": {"hours": 0}}]}, steps=steps
    )
    assert not passes({"events": [VIEWS], "expect": [{"done": "mark"}]}, steps=steps)


def test_time_can_be_stopped() -> None:
    assert passes({"events": [VIEWS], "until": "2026-03-03 10:00", "expect": [{"email": "one"}, {"waiting": "two"}]})


def test_dates_come_once_or_until_a_time() -> None:
    trigger = {"date": "birthday", "repeat": "yearly", "at": "09:00"}
    person = {"properties": {"birthday": "1990-05-31"}}
    once = {"person": person, "from": "2026-01-01", "expect": [{"email": "one", "at": "2026-05-31 09:00"}]}
    twice = [{"email": "one", "at": "2026-05-31 09:00"}, {"email": "one", "at": "2027-05-31 09:00"}]

    assert passes(once, trigger=trigger, steps=[ONE])
    assert passes({**once, "until": "2028-01-01", "expect": twice}, trigger=trigger, steps=[ONE])


def test_a_date_that_changes_comes_anew() -> None:
    moved = {"at": "2026-05-30 12:00", "set": {"birthday": "1990-07-01"}}

    assert passes(
        {
            "person": {"properties": {"birthday": "1990-05-31"}},
            "from": "2026-01-01",
            "until": "2026-12-01",
            "events": [moved],
            "expect": [{"email": "one", "at": "2026-07-01 00:00"}],
        },
        trigger={"date": "birthday", "repeat": "yearly"},
        steps=[ONE],
    )


@pytest.mark.parametrize(
    ("reason", "test", "more"),
    [
        ("trigger", {"events": [VIEWS]}, {"trigger": CHEAP}),
        ("profile_filters", {"events": [VIEWS]}, {"profile_filters": [{"property": "plan", "equals": "gold"}]}),
        ("exit_on", {"events": [VIEWS]}, {"exit_on": [{"if": {"consent": "subscribed"}}]}),
        ("no_address", {"person": {"email": None}, "events": [VIEWS]}, {}),
    ],
)  # fmt: skip
def test_why_nobody_enters(reason: str, test: dict[str, Any], more: dict[str, Any]) -> None:
    assert passes({**test, "expect": [{"not_entered": reason}]}, **more)
    assert passes({**test, "expect": [{"not_entered": True}]}, **more)
    assert not passes({**test, "expect": [{"completed": True}]}, **more)


def test_nobody_in_a_test_is_held_out() -> None:
    entry = {"again": "always", "holdout": 90}

    assert all(
        passes(
            {"person": {"id": number}, "events": [VIEWS], "expect": [{"email": "one"}, {"email": "two"}]}, entry=entry
        )
        for number in range(1, 20)
    )


def test_the_person_decides_about_shares() -> None:
    steps = [{"random": [{"share": 50, "then": [ONE]}, {"share": 50, "then": [TWO]}]}]

    def gets(email: str) -> list[int]:
        tests = [{"person": {"id": number}, "events": [VIEWS], "expect": [{"email": email}]} for number in range(1, 21)]
        return [number for number, result in enumerate(results(*tests, steps=steps), 1) if result.passed]

    assert gets("one")
    assert gets("two")
    assert sorted(gets("one") + gets("two")) == list(range(1, 21))


# ── what a difference says ──────────────────────────────────────────────────────────────────────────────────────────
def test_a_difference_tells_what_was_expected_and_what_came() -> None:
    [result] = results(
        {
            "person": {"timezone": "America/New_York"},
            "events": [VIEWS, {"after": {"hours": 30}, "metric": "Placed Order"}],
            "expect": [{"email": "one", "after": {"hours": 1}}, {"email": "two"}, {"completed": True}],
        },
        steps=[ONE, A_DAY, {**TWO, "filters": [{"consent": "unsubscribed"}]}, A_DAY],
        exit_on=[{"metric": "Placed Order"}],
    )

    assert not result.passed
    assert result.difference == (
        "- one at Mon 2 Mar 2026 13:00",
        "- two",
        "+ one at Mon 2 Mar 2026 12:00",
        "? two was skipped at Tue 3 Mar 2026 12:00: Fails the message's own filters",
    )


def test_a_difference_tells_of_another_end() -> None:
    [result] = results(
        {
            "events": [VIEWS, {"after": {"hours": 3}, "metric": "Placed Order"}],
            "expect": [{"email": "one"}, {"completed": True}],
        },
        exit_on=[{"metric": "Placed Order"}],
    )

    assert result.difference == (
        "  one",
        "- completed",
        "+ left: exit_event",
        "? left at Mon 2 Mar 2026 15:00 with Placed Order",
    )


# ── what is refused ─────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("path", "test"),
    [
        ("tests[0].events", {"events": [], "expect": []}),
        ("tests[0].events[0].at", {"events": [{"metric": "Viewed Product"}], "expect": []}),
        ("tests[0].events[0].at", {"events": [{**VIEWS, "at": "tomorrow"}], "expect": []}),
        ("tests[0].events[1]", {"events": [VIEWS, {"metric": "Placed Order"}], "expect": []}),
        ("tests[0].events[1]", {"events": [VIEWS, LATER], "expect": []}),
        ("tests[0].events[1].after", {"events": [VIEWS, {"after": 3, "metric": "Placed Order"}], "expect": []}),
        ("tests[0].events[1].stock", {"events": [VIEWS, {**LATER, "stock": {"to": 5}}], "expect": []}),
        ("tests[0].events[1].unsubscribes", {"events": [VIEWS, {**LATER, "unsubscribes": 1}], "expect": []}),
        ("tests[0].expect", {"events": [VIEWS]}),
        ("tests[0].expect[0].email", {"events": [VIEWS], "expect": [{"email": "three"}]}),
        ("tests[0].expect[0].done", {"events": [VIEWS], "expect": [{"done": "one"}]}),
        ("tests[0].expect[0].left", {"events": [VIEWS], "expect": [{"left": "bored"}]}),
        ("tests[0].expect[1]", {"events": [VIEWS], "expect": [{"completed": True}, {"email": "one"}]}),
        ("tests[0].person.timezone", {"person": {"timezone": "Mars"}, "events": [VIEWS], "expect": []}),
        ("tests[0].person.consent", {"person": {"consent": "maybe"}, "events": [VIEWS], "expect": []}),
        ("tests[0].person.coupons[0].assigned", {"person": {"coupons": [{"name": "A"}]}, **QUIET}),
        ("tests[0].person.plan", {"person": {"plan": "gold"}, "events": [VIEWS], "expect": []}),
        ("tests[0].brand.quiet_hours.to", {"brand": {"quiet_hours": {"from": "9:00"}}, "events": [VIEWS]}),
        ("tests[0].from", {"from": "2026-03-01", "events": [VIEWS], "expect": []}),
        ("tests[0].colour", {"colour": "red", "events": [VIEWS], "expect": []}),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_its_place(path: str, test: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError) as refused:
        results(test)

    assert refused.value.path == path


def test_a_date_flow_needs_a_beginning() -> None:
    with pytest.raises(DefinitionError) as refused:
        results({"expect": []}, trigger={"date": "birthday"})

    assert refused.value.path == "tests[0].from"
