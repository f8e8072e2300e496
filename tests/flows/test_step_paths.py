"""A path in a definition leads to the id of its step, even where it cannot be read; and what a flow refers to."""

from __future__ import annotations

from typing import Any

import pytest

from headwater.flows.editing.references import references, unreachable
from headwater.flows.errors import FlowError, WrongStep
from headwater.flows.reading import parse
from headwater.flows.reading.step_paths import ids, refusal, step_at

TREE: dict[str, Any] = {
    "flow": "a-flow",
    "trigger": {"metric": "X"},
    "steps": [
        {"email": "hello.mjml"},
        {"id": "ask", "if": {"list": "VIP"}, "then": [{"delay": {"days": 1}}, {"id": "more", "email": "more.mjml"}]},
        {"id": "tone", "ab_test": [{"email": "a.mjml", "share": 50}, {"email": "b.mjml", "share": 50}]},
    ],
}


def test_every_step_has_its_path() -> None:
    assert ids(TREE) == {
        "steps[0]": "hello",
        "steps[1]": "ask",
        "steps[1].then[0]": "delay-1",
        "steps[1].then[1]": "more",
        "steps[2]": "tone",
        "steps[2].ab_test[0]": "a",
        "steps[2].ab_test[1]": "b",
    }


@pytest.mark.parametrize(
    ("path", "step"),
    [
        ("steps[0].email", "hello"),
        ("steps[1].if.list", "ask"),
        ("steps[1].then[0].delay.dayz", "delay-1"),
        ("steps[2].ab_test[1].share", "b"),
        ("trigger.metric", ""),
        ("steps", ""),
        ("", ""),
        ("hello.mjml", ""),
        ("steps[7]", ""),
    ],
)
def test_a_path_leads_to_its_step(path: str, step: str) -> None:
    assert step_at(TREE, path) == step


@pytest.mark.parametrize(
    ("steps", "step", "path"),
    [
        ([{"email": "a.mjml"}, {"id": "settle", "delay": {"dayz": 1}}], "settle", "steps[1].delay.dayz"),
        ([{"email": "a.mjml"}, {"id": "what", "unheard": 1}], "what", "steps[1]"),
        ([{"id": "same", "email": "a.mjml"}, {"id": "same", "email": "b.mjml"}], "same", "steps[1].id"),
        ("no list", "", "steps"),
        ([5], "", "steps[0]"),
    ],
)
def test_what_is_wrong_is_said_with_its_step(steps: Any, step: str, path: str) -> None:
    tree = {**TREE, "steps": steps}

    with pytest.raises(WrongStep) as refused:
        parse(tree)

    assert (refused.value.step, refused.value.path) == (step, path)


def test_a_step_that_is_known_already_stays() -> None:
    refused = refusal(TREE, [FlowError("hello.mjml", "is broken", "hello")])

    assert (refused.step, refused.path) == ("hello", "hello.mjml")


def test_what_a_flow_refers_to() -> None:
    tree = {
        "flow": "a-flow",
        "trigger": {"segment": "VIP customers"},
        "profile_filters": [{"not": {"list": "Staff"}}],
        "exit_on": ["Placed Order", {"if": {"segment": 7}}],
        "steps": [
            {"id": "code", "coupon": "TEN"},
            {"id": "before", "delay": {"before": {"hours": 1}, "expiry_of": "TWENTY"}},
            {"id": "mail", "email": "a.mjml", "filters": [{"coupon": "THIRTY", "state": "valid"}]},
            {"id": "join", "add_to_list": "Joined"},
            {"id": "leave", "remove_from_list": 3},
            {"id": "ways", "split": [{"if": {"list": "One"}, "then": []}, {"if": {"list": "Two"}, "then": []}]},
            {"id": "look", "wait_for": [{"if": {"list": "Three"}, "then": []}], "within": {"days": 1}},
            {"id": "aim", "goal": {"list": "Four"}},
        ],
    }

    found = {(one.kind, one.named, one.step, one.field, one.begins) for one in references(parse(tree))}

    assert found == {
        ("segment", "VIP customers", "", "trigger.segment", True),
        ("list", "Staff", "", "profile_filters", False),
        ("segment", 7, "", "exit_on[1].if", False),
        ("coupon", "TEN", "code", "coupon", False),
        ("coupon", "TWENTY", "before", "delay.expiry_of", False),
        ("coupon", "THIRTY", "mail", "filters", False),
        ("list", "Joined", "join", "add_to_list", True),
        ("list", 3, "leave", "remove_from_list", False),
        ("list", "One", "ways", "split[0].if", False),
        ("list", "Two", "ways", "split[1].if", False),
        ("list", "Three", "look", "wait_for[0].if", False),
        ("list", "Four", "aim", "goal", False),
    }


def test_what_follows_when_all_have_left_is_never_reached() -> None:
    asked = {"id": "ask", "if": {"list": "VIP"}, "then": ["exit"], "else": ["exit"]}
    late = [{"id": "late", "email": "a.mjml"}, {"id": "later", "email": "b.mjml"}]
    tree = {"flow": "a-flow", "trigger": {"metric": "X"}, "steps": [asked, *late]}

    assert unreachable(parse(tree)) == ["late", "later"]
    assert unreachable(parse({**tree, "steps": [{**asked, "else": []}, *late]})) == []
