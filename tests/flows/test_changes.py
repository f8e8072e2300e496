"""What differs between two versions: each change once, at its step, and in words that a marketer reads."""

from __future__ import annotations

from typing import Any

import pytest

from headwater.flows.editing import changes
from headwater.flows.editing.changes import diff

A, B, C = ({"id": step, "email": f"{step}.mjml"} for step in "abc")
WAIT = {"id": "settle", "delay": {"hours": 2}}
ORDERED = {"metric": "Placed Order"}


def flow(*steps: Any, **more: Any) -> dict[str, Any]:
    return {"flow": "a-flow", "trigger": {"metric": "Viewed Product"}, "steps": list(steps), **more}


def found(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(change.kind, change.step, change.field) for change in diff(old, new)]


def words(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [change.words for change in diff(old, new)]


def test_the_same_is_no_change() -> None:
    assert diff(flow(A, WAIT, B), flow(A, WAIT, B)) == ()


def test_a_delay_reads_as_spans() -> None:
    longer = {"id": "settle", "delay": {"hours": 3}}

    [change] = diff(flow(A, WAIT, B), flow(A, longer, B))

    assert (change.kind, change.step, change.step_kind, change.field) == ("changed", "settle", "delay", "delay")
    assert (change.before, change.after) == ({"hours": 2}, {"hours": 3})
    assert change.words == "delay settle: 2 hours → 3 hours"


def test_what_comes_between_or_goes_from_between_moves_nobody() -> None:
    assert found(flow(A, B), flow(A, WAIT, B)) == [("added", "settle", "")]
    assert found(flow(A, WAIT, B), flow(A, B)) == [("removed", "settle", "")]
    assert words(flow(A, B), flow(A, WAIT, B)) == ["delay settle added after a: waits 2 hours"]
    assert words(flow(A, WAIT, B), flow(A, B)) == ["delay settle removed: waits 2 hours"]


def test_one_that_changes_its_turn_has_moved() -> None:
    assert found(flow(A, B, C), flow(B, C, A)) == [("moved", "a", "")]
    assert words(flow(A, B, C), flow(B, C, A)) == ["email a moved: at the beginning → after c"]


def test_into_a_branch_and_out_of_one_is_moved() -> None:
    asked = {"id": "ask", "if": ORDERED, "then": [], "else": []}
    inside = {**asked, "else": [B]}

    assert found(flow(A, asked, B), flow(A, inside)) == [("moved", "b", "")]
    assert words(flow(A, inside), flow(A, asked, B)) == ["email b moved: first in ask (no) → after ask"]
    assert found(flow(A, inside), flow(A, {**asked, "then": [B]})) == [("moved", "b", "")]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"if": ORDERED, "then": [B]}, "yes"),
        ({"if": ORDERED, "then": [], "else": [B]}, "no"),
        ({"wait_for": [{"metric": "Placed Order", "then": [B]}], "within": {"days": 1}}, "Placed Order"),
        ({"wait_for": [{"metric": "X", "name": "Bought", "then": [B]}], "within": {"days": 1}}, "Bought"),
        ({"wait_for": [{"metric": "X"}], "within": {"days": 1}, "else": [B]}, "when the time is over"),
        ({"split": [{"if": {"list": "VIP"}, "then": [B]}]}, "is on the list VIP"),
        ({"split": [{"if": {"list": "VIP"}}], "else": [B]}, "everyone else"),
        ({"random": [{"share": 30, "then": [B]}, {"share": 70}]}, "30 %"),
        ({"random": [{"share": 30}, {"share": 70, "name": "Most", "then": [B]}]}, "Most"),
    ],
)
def test_a_branch_is_called_what_it_asks(step: dict[str, Any], said: str) -> None:
    asked = {"id": "ask", **step}

    assert words(flow(A), flow(A, asked))[1] == f"email b added first in ask ({said}): “b” (b.mjml)"


def test_what_stands_in_a_branch_goes_with_it() -> None:
    asked = {"id": "ask", "if": ORDERED, "then": [B]}
    old, new = flow(A, asked, C), flow(asked, C, A)

    assert found(old, new) == [("moved", "a", "")]
    assert changes.moved(old, new) == {"a"}
    assert changes.moved(flow(asked, A), flow({"id": "other", "if": ORDERED, "then": [asked]}, A)) == {"ask", "b"}


def test_branches_are_known_by_what_they_ask() -> None:
    clicked = {"metric": "Clicked Email", "then": [B]}
    ordered = {"metric": "Placed Order", "then": [C]}
    wait = {"id": "look", "wait_for": [clicked], "within": {"days": 1}}

    before, after = flow(A, wait), flow(A, {**wait, "wait_for": [ordered, clicked]})

    assert found(before, after) == [("changed", "look", "wait_for"), ("added", "c", "")]
    assert words(before, after)[0] == "wait for look: Clicked Email → Placed Order; Clicked Email"


def test_fields_of_an_email() -> None:
    old = flow({**A, "name": "One", "filters": [{"property": "plan", "equals": "gold"}]})
    new = flow({**A, "email": "b.mjml", "name": "Two", "status": "manual", "smart_sending": False})

    assert words(old, new) == [
        "email a: a.mjml → b.mjml",
        "email a, name: “One” → “Two”",
        "email a, filters: plan is “gold” → everyone",
        "email a, status: live → manual",
        "email a, smart sending: yes → no",
    ]


def test_conditions_goals_and_other_kinds() -> None:
    old = flow({"id": "ask", "if": ORDERED, "then": [A]}, {"id": "aim", "goal": ORDERED}, B)
    new = flow({"id": "ask", "if": {"metric": "Viewed Product"}, "then": [A]}, {"id": "aim", "delay": {"days": 1}}, B)

    assert words(old, new) == [
        "if ask: if Placed Order at least once → if Viewed Product at least once",
        "delay aim was another kind of step: goal: Placed Order at least once → waits 1 day",
    ]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({}, {"name": "New"}, "name: nothing → “New”"),
        ({}, {"priority": "cart"}, "priority: nothing → cart"),
        ({}, {"entry": {"again": {"after": {"days": 14}}}}, "again: always → after 14 days"),
        ({}, {"exit_on": [ORDERED, {"if": {"list": "VIP"}}]}, "exit on: nothing → Placed Order, is on the list VIP"),
        ({}, {"profile_filters": [{"list": "VIP"}]}, "profile filters: everyone → is on the list VIP"),
        ({}, {"trigger": {"list": "VIP"}}, "trigger: Viewed Product → someone joins the list VIP"),
        ({}, {"tests": [{"name": "one"}]}, "tests: 0 tests → 1 test"),
        ({"entry": {"holdout": 10}}, {"entry": {"holdout": 20}}, "holdout: 10 % → 20 %"),
        (
            {"coupons": {"X": {"kind": "pool"}}},
            {"coupons": {"X": {"kind": "generated", "prefix": "X"}}},
            'coupons: {"X":{"kind":"pool"}} → {"X":{"kind":"generated","prefix":"X"}}',
        ),
    ],
)
def test_the_head(before: dict[str, Any], after: dict[str, Any], said: str) -> None:
    entered = {"entry": {"again": "always"}} if "trigger" in after else {}

    assert said in words(flow(A, **entered, **before), flow(A, **{**entered, **after}))


def test_what_is_left_out_is_what_it_usually_is() -> None:
    old, new = (
        flow(A, WAIT, B),
        flow({**A, "status": "live"}, WAIT, {**B, "smart_sending": True}, entry={"again": "always"}),
    )

    [change] = diff(old, new)

    assert change.words == "written differently, with the same meaning"


def test_variations_of_a_test_and_a_webhooks_body() -> None:
    ab = {"id": "tone", "ab_test": [{**A, "share": 50}, {**B, "share": 50}]}
    uneven = {"id": "tone", "ab_test": [{**A, "share": 40}, {**B, "share": 60}]}
    three = {"id": "tone", "ab_test": [{**A, "share": 40}, {**B, "share": 40}, {**C, "share": 20}]}
    hook = {"id": "tell", "webhook": {"url": "https://x.example/y", "body": {"a": "1"}}}

    assert words(flow(ab), flow(uneven)) == ["email a, share: 50 → 40", "email b, share: 50 → 60"]
    assert ("added", "c", "") in found(flow(ab), flow(three))
    assert words(flow(A, hook), flow(A, {**hook, "webhook": {"url": "https://x.example/y"}})) == [
        "webhook tell changed"
    ]


def test_a_first_version_adds_everything() -> None:
    assert [change.words for change in diff(None, flow(A, "exit"))] == [
        "email a added at the beginning: “a” (a.mjml)",
        "exit exit-1 added after a: leaves",
    ]
