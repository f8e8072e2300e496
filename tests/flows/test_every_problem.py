"""Everything that is wrong with a flow is said at once, each problem with its step and field, in the order written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import Connection

from headwater.flows.editing import drafts, publishing
from headwater.flows.errors import FlowError, Problem, WrongStep, problems_of
from headwater.flows.reading import parse
from headwater.flows.reading.findings import MOST
from tests.flows.live_flow import tree

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def problems(*steps: Any, **head: Any) -> list[tuple[str, str]]:
    """(step, field) of what is wrong with such a flow."""
    definition = {"flow": "a-flow", "trigger": {"metric": "X"}, "steps": list(steps), **head}
    with pytest.raises(WrongStep) as refused:
        parse(definition)
    found = problems_of(refused.value)
    first = found[0]
    assert (refused.value.path, refused.value.step, refused.value.message) == (first.field, first.step, first.detail)
    return [(one.step, one.field) for one in found]


def test_the_head_and_every_step_are_looked_at() -> None:
    assert problems(
        {"id": "a", "email": ""},
        {"id": "b", "delay": {}},
        {"id": "c", "email": "fine.mjml"},
        {"id": "d", "webhook": {"url": "nowhere"}},
        trigger={"metric": ""},
        send_window={"from": "8", "to": "20:00"},
    ) == [
        ("", "trigger.metric"),
        ("", "send_window.from"),
        ("a", "steps[0].email"),
        ("b", "steps[1].delay"),
        ("d", "steps[3].webhook.url"),
    ]


def test_steps_come_in_the_order_written_branches_too() -> None:
    asked = {"id": "ask", "if": {"list": ""}, "then": [{"id": "yes", "email": ""}], "else": [{"id": "no", "email": ""}]}

    assert problems(asked, {"id": "last", "coupon": ""}) == [
        ("ask", "steps[0].if.list"),
        ("yes", "steps[0].then[0].email"),
        ("no", "steps[0].else[0].email"),
        ("last", "steps[1].coupon"),
    ]


@pytest.mark.parametrize(
    ("step", "fields"),
    [
        ({"email": "", "name": " ", "status": "asleep"}, ["email", "name", "status"]),
        ({"notify": {"to": ["nobody"], "subject": ""}}, ["notify.to[0]", "notify.subject"]),
        ({"webhook": {"url": "", "headers": {"A": "b\nc"}}}, ["webhook.url", "webhook.headers.A"]),
        ({"update_profile": {"set": {"email": 1}, "unset": 1}}, ["update_profile.set.email", "update_profile.unset"]),
        ({"wait_for": [{"metric": ""}, {"if": {"list": ""}}]}, ["wait_for[0].metric", "wait_for[1].if.list", "within"]),
        ({"split": [{"then": []}, {"if_event": 5}]}, ["split[0]", "split[1].if_event"]),
        ({"random": [{"share": 0}, {"share": "x"}]}, ["random[0].share", "random[1].share"]),
        ({"random": [{"share": 30}, {"share": 30}]}, ["random"]),
        ({"delay": {"until": "later", "timezone": "Mars"}}, ["delay.until", "delay.timezone"]),
        ({"delay": {"before": {}, "date": ""}}, ["delay.before", "delay.date"]),
        ({"goal": {"list": ""}, "unmet": "cry"}, ["goal.list", "unmet"]),
    ],
)  # fmt: skip
def test_every_field_of_a_step_is_looked_at(step: dict[str, Any], fields: list[str]) -> None:
    assert problems({"id": "it", **step}) == [("it", f"steps[0].{field}") for field in fields]


def test_the_emails_of_a_test_are_looked_at_one_by_one() -> None:
    emails = [{"id": "a", "email": "", "share": 50}, {"id": "b", "email": "", "share": 50}]

    assert problems({"id": "tone", "ab_test": emails, "winner": {"by": "luck"}}) == [
        ("tone", "steps[0].winner.by"),
        ("a", "steps[0].ab_test[0].email"),
        ("b", "steps[0].ab_test[1].email"),
    ]


def test_what_cannot_be_a_step_hides_nothing_else() -> None:
    assert problems({"id": "a", "unheard": 1}, {"id": "b", "email": "", "then": []}, {"id": "b", "email": "x"}) == [
        ("a", "steps[0]"),
        ("b", "steps[2].id"),
        ("b", "steps[1].then"),
        ("b", "steps[1].email"),
    ]


def test_a_long_definition_is_not_told_to_its_end() -> None:
    assert len(problems(*({"id": f"e{at}", "email": "", "name": ""} for at in range(150)))) == MOST
    assert ("", "steps[201]") not in problems(*({"id": f"e{at}", "email": "x"} for at in range(300)))


def test_what_is_missing_is_told_beside_what_cannot_be_read(conn: Connection, workspace: int) -> None:
    definition = tree(
        {"id": "fine", "delay": {"days": 1}},
        {"id": "gone", "email": "Unheard of"},
        {"id": "list", "add_to_list": "Nowhere"},
        {"id": "settle", "delay": {}},
        {"id": "code", "coupon": "NONE"},
    )

    saved = drafts.save(conn, workspace, definition, NOW)

    assert saved.problems == (
        Problem("steps[1].email", "gone", "there is no template named Unheard of"),
        Problem("steps[2].add_to_list", "list", "there is no list Nowhere"),
        Problem("steps[3].delay", "settle", "a span needs days, hours, minutes or weeks"),
        Problem("steps[4].coupon", "code", "there is no coupon NONE"),
    )
    assert saved.problem == saved.problems[0]


def test_publishing_refuses_with_all_of_it_and_changes_nothing(conn: Connection, workspace: int) -> None:
    definition = tree({"id": "a", "email": "Unheard of"}, {"id": "b", "email": "Nor of this"})

    with pytest.raises(FlowError) as refused, conn.transaction():
        publishing.apply(conn, workspace, definition, NOW)

    assert [one.step for one in refused.value.problems] == ["a", "b"]
    assert publishing.summaries(conn, workspace) == []


def test_a_step_that_nobody_comes_to_is_told_once_the_rest_can_be_read(conn: Connection, workspace: int) -> None:
    ask = {"id": "ask", "if": {"metric": "X"}, "then": ["exit"], "else": ["exit"]}

    saved = drafts.save(conn, workspace, tree(ask, {"id": "late", "email": "Unheard of"}), NOW)
    half = drafts.save(conn, workspace, tree(ask, {"id": "late", "email": ""}), NOW)

    assert [(one.step, one.field) for one in saved.problems] == [("late", "steps[1].email"), ("late", "steps[1]")]
    assert [(one.step, one.field) for one in half.problems] == [("late", "steps[1].email")]
