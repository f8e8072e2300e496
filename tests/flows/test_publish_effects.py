"""What publishing means for the people inside: how many wait where, where they go, and what was chosen instead."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from headwater.flows import runner
from headwater.flows.editing import publishing
from headwater.flows.editing.publish_effects import Standing
from headwater.flows.errors import FlowError
from tests.flows.flow_tables import enrol, messages, people
from tests.flows.live_flow import delay, mail, publish, standing, tree

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
THREE = tree(mail("a"), delay("settle", days=1), mail("b"), delay("rest", days=2), mail("c"))


def inside(conn: Connection, workspace: int, count: int, definition: dict[str, Any] = THREE) -> int:
    """A live flow in which people wait before `b`; its id."""
    flow_id = publish(conn, workspace, NOW, definition).id
    enrol(conn, workspace, flow_id, people(conn, workspace, NOW, count), NOW)
    while runner.run_due(conn, workspace, NOW):
        pass
    return flow_id


def steps(conn: Connection, workspace: int) -> list[Any]:
    return [one["step"] for one in standing(conn, workspace)]


# ── effects ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_removed_step_is_told_with_its_people_and_where_they_go(conn: Connection, workspace: int) -> None:
    inside(conn, workspace, 3)

    planned = publishing.plan(conn, workspace, tree(mail("a"), delay("rest", days=2), mail("c")), NOW)

    [b] = planned.effect.standing
    assert b == Standing("b", "email “b” (Hello)", 3, 0, "removed", "rest")
    assert b.needs_choice is True
    assert planned.effect.retimable == ()


def test_nothing_left_ahead_means_leaving(conn: Connection, workspace: int) -> None:
    inside(conn, workspace, 1)

    [b] = publishing.plan(conn, workspace, tree(mail("a")), NOW).effect.standing

    assert (b.fate, b.goes_to) == ("removed", None)


def test_a_moved_step_is_told_and_one_that_stays_asks_nothing(conn: Connection, workspace: int) -> None:
    inside(conn, workspace, 2)
    asked = {"id": "ask", "if": {"metric": "Placed Order"}, "then": [mail("b")]}

    [moved] = publishing.plan(conn, workspace, tree(mail("a"), asked, mail("c")), NOW).effect.standing
    [stays] = publishing.plan(conn, workspace, tree(mail("a"), mail("new"), mail("b")), NOW).effect.standing

    assert (moved.fate, moved.goes_to, moved.needs_choice) == ("moved", "b", True)
    assert (stays.fate, stays.goes_to, stays.needs_choice) == ("stays", "b", False)


def test_a_changed_delay_says_how_many_wait_by_it(conn: Connection, workspace: int) -> None:
    inside(conn, workspace, 3)
    longer = tree(mail("a"), delay("settle", days=3), mail("b"), delay("rest", days=3), mail("c"))

    found = publishing.plan(conn, workspace, longer, NOW).effect.retimable

    assert [(one.delay, one.people) for one in found] == [("settle", 3), ("rest", 0)]


def test_whom_a_review_holds_and_who_finishes_elsewhere_are_counted_apart(conn: Connection, workspace: int) -> None:
    inside(conn, workspace, 3)
    conn.execute(
        "UPDATE enrolment SET pinned = true WHERE id = (SELECT min(id) FROM enrolment WHERE workspace_id = %s)",
        (workspace,),
    )
    conn.execute(
        "UPDATE enrolment SET held = 'review' WHERE id = (SELECT max(id) FROM enrolment WHERE workspace_id = %s)",
        (workspace,),
    )

    effect = publishing.plan(conn, workspace, tree(mail("a")), NOW).effect

    assert [(one.people, one.in_review) for one in effect.standing] == [(2, 1)]
    assert effect.pinned == 1


def test_who_stands_at_a_step_of_an_earlier_version_is_led_by_that_version(conn: Connection, workspace: int) -> None:
    inside(conn, workspace, 1)
    publish(conn, workspace, NOW + HOUR, tree(mail("a"), delay("rest", days=2), mail("c")))

    [gone] = publishing.plan(conn, workspace, tree(mail("a"), mail("c")), NOW + HOUR).effect.standing
    [back] = publishing.plan(conn, workspace, THREE, NOW + HOUR).effect.standing

    assert (gone.step, gone.words, gone.fate, gone.goes_to) == ("b", "", "removed", "c")
    assert (back.step, back.fate) == ("b", "stays")


@pytest.mark.slow
def test_the_effect_on_a_hundred_thousand_people_is_known_within_a_second(conn: Connection, workspace: int) -> None:
    flow_id = publish(conn, workspace, NOW, THREE).id
    enrol(conn, workspace, flow_id, people(conn, workspace, NOW, 100_000), NOW, step="b", wake_in=DAY)
    conn.execute(
        """
        INSERT INTO enrolment_step (workspace_id, enrolment_id, step, at, outcome, detail)
        SELECT workspace_id, id, note.step, %s, note.outcome, '{"until": "2026-03-03T12:00:00+00:00"}'
        FROM enrolment, (VALUES ('a', 'intended'), ('settle', 'waited')) AS note (step, outcome)
        WHERE workspace_id = %s
        """,
        (NOW, workspace),
    )
    conn.execute(
        """
        INSERT INTO enrolment (workspace_id, flow_id, profile_id, entry_key, version, started_at, entered_at, trigger,
                               state)
        SELECT workspace_id, flow_id, profile_id, 'before', 1, started_at, entered_at, '{}', 'completed'
        FROM enrolment
        WHERE workspace_id = %s
        """,
        (workspace,),
    )
    conn.commit()
    conn.execute("ANALYZE enrolment")
    conn.execute("ANALYZE enrolment_step")
    longer = tree(mail("a"), delay("settle", days=3), mail("b"))

    began = time.perf_counter()
    effect = publishing.plan(conn, workspace, longer, NOW).effect
    took = time.perf_counter() - began

    assert [(one.step, one.people) for one in effect.standing] == [("b", 100_000)]
    assert [(one.delay, one.people) for one in effect.retimable] == [("settle", 100_000)]
    assert took < 1


# ── choices ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_without_a_choice_they_follow_the_new_version_at_their_own_time(conn: Connection, workspace: int) -> None:
    inside(conn, workspace, 1)
    before = standing(conn, workspace)

    publish(conn, workspace, NOW + HOUR, tree(mail("a"), mail("c")))
    assert standing(conn, workspace) == before
    runner.run_due(conn, workspace, NOW + DAY)

    assert [row[0] for row in messages(conn, workspace)] == ["a", "c"]


def test_they_continue_at_a_step_at_their_own_time(conn: Connection, workspace: int) -> None:
    inside(conn, workspace, 2)

    done = publish(
        conn, workspace, NOW + HOUR, tree(mail("a"), mail("x"), mail("c")), people={"b": {"continue_at": "c"}}
    )

    assert done.moved == 2
    [one, _] = standing(conn, workspace)
    assert (one["step"], one["wake_at"], one["version"]) == ("c", NOW + DAY, 2)
    runner.run_due(conn, workspace, NOW + DAY)
    assert [row[0] for row in messages(conn, workspace)] == ["a", "a", "c", "c"]


def test_they_finish_on_the_version_that_they_are_on(conn: Connection, workspace: int) -> None:
    inside(conn, workspace, 1)

    publish(conn, workspace, NOW + HOUR, tree(mail("a"), mail("x")), people={"b": "finish"})
    for days in (1, 3):
        runner.run_due(conn, workspace, NOW + days * DAY)

    assert [row[0] for row in messages(conn, workspace)] == ["a", "b", "c"]
    assert [(one["pinned"], one["version"], one["state"]) for one in standing(conn, workspace)] == [
        (True, 1, "completed")
    ]


def test_finishing_is_on_the_version_that_was_live(conn: Connection, workspace: int) -> None:
    inside(conn, workspace, 1)
    publish(conn, workspace, NOW + HOUR, tree(mail("a"), delay("settle", days=1), mail("b"), mail("y")))

    publish(conn, workspace, NOW + HOUR, tree(mail("a")), people={"b": "finish"})
    runner.run_due(conn, workspace, NOW + DAY)

    assert [row[0] for row in messages(conn, workspace)] == ["a", "b", "y"]


def test_who_finishes_on_an_earlier_version_is_left_alone(conn: Connection, workspace: int) -> None:
    inside(conn, workspace, 1)
    asked = {"id": "ask", "if": {"metric": "Placed Order"}, "then": [mail("b")]}
    publish(conn, workspace, NOW + HOUR, tree(mail("a"), asked), people={"b": "finish"})

    done = publish(conn, workspace, NOW + HOUR, tree(mail("a"), mail("d")), people={"b": "exit"})
    runner.run_due(conn, workspace, NOW + DAY)

    assert done.moved == 0
    assert [row[0] for row in messages(conn, workspace)] == ["a", "b"]


def test_they_leave(conn: Connection, workspace: int) -> None:
    inside(conn, workspace, 2)

    done = publish(conn, workspace, NOW + HOUR, tree(mail("a"), mail("c")), people={"b": "exit"})

    assert done.moved == 2
    assert {(one["state"], one["reason"]) for one in standing(conn, workspace)} == {("exited", "step_removed")}
    assert {row[2:4] for row in messages(conn, workspace)} == {("cancelled", "cancelled")}


def test_only_those_who_wait_at_the_step_are_moved(conn: Connection, workspace: int) -> None:
    flow_id = publish(conn, workspace, NOW, THREE).id
    everyone = people(conn, workspace, NOW, 3)
    for person, step in zip(everyone, ("a", "b", "c"), strict=True):
        enrol(conn, workspace, flow_id, [person], NOW, step=step)

    publish(conn, workspace, NOW, tree(mail("a"), mail("c"), mail("d")), people={"b": {"continue_at": "d"}})

    assert steps(conn, workspace) == ["a", "d", "c"]


def test_who_waits_for_something_to_happen_continues_before_another_step(conn: Connection, workspace: int) -> None:
    look = {"id": "look", "wait_for": [{"metric": "Placed Order", "then": []}], "within": {"days": 3}}
    inside(conn, workspace, 1, tree(look, mail("b")))
    assert standing(conn, workspace)[0]["since"] == NOW

    publish(conn, workspace, NOW + HOUR, tree(mail("x"), mail("b")), people={"look": {"continue_at": "x"}})

    [one] = standing(conn, workspace)
    assert (one["step"], one["since"], one["wake_at"]) == ("x", None, NOW + 3 * DAY)


def test_whom_a_review_holds_continues_now(conn: Connection, workspace: int) -> None:
    inside(conn, workspace, 1, tree(mail("a", status="manual"), mail("b")))

    publish(conn, workspace, NOW + HOUR, tree(mail("b")), people={"a": {"continue_at": "b"}})

    [one] = standing(conn, workspace)
    assert (one["step"], one["held"], one["wake_at"]) == ("b", None, NOW + HOUR)


def test_nobody_is_held_for_ever_at_a_step_that_is_gone(conn: Connection, workspace: int) -> None:
    inside(conn, workspace, 1, tree(mail("a", status="manual"), mail("b")))

    publish(conn, workspace, NOW + HOUR, tree(mail("b")))
    runner.run_due(conn, workspace, NOW + HOUR)

    assert [row[0] for row in messages(conn, workspace)] == ["b"]


def test_a_wait_for_stock_that_is_gone_is_over(conn: Connection, workspace: int) -> None:
    flow_id = publish(conn, workspace, NOW, tree({"id": "stock", "back_in_stock": {}}, mail("b"))).id
    enrol(conn, workspace, flow_id, people(conn, workspace, NOW, 1), NOW, step="stock", wake_in=180 * DAY)
    conn.execute(
        "UPDATE enrolment SET held = 'stock', item = 'p1', since = %s WHERE workspace_id = %s", (NOW, workspace)
    )

    [planned] = publishing.plan(conn, workspace, tree(mail("b")), NOW).effect.standing
    publish(conn, workspace, NOW + HOUR, tree(mail("b")))

    assert planned.goes_to is None
    assert [(one["state"], one["reason"]) for one in standing(conn, workspace)] == [("exited", "step_removed")]


@pytest.mark.parametrize(
    ("choices", "path"),
    [
        ({"b": {"continue_at": "gone"}}, "people.b.continue_at"),
        ({"b": "stay"}, "people.b"),
        ({"b": {"continue_at": "c", "now": True}}, "people.b"),
        ({"unheard": "exit"}, "people.unheard"),
    ],
)
def test_a_choice_that_cannot_be_made_publishes_nothing(
    conn: Connection, workspace: int, choices: Any, path: str
) -> None:
    inside(conn, workspace, 1)
    conn.commit()

    with pytest.raises(FlowError) as refused:
        publish(conn, workspace, NOW, tree(mail("a"), mail("c")), people=choices)
    conn.rollback()

    assert refused.value.path == path
    assert publishing.published(conn, workspace, "a-flow")[0].version == 1


def test_what_was_done_stands_in_each_persons_way(conn: Connection, workspace: int) -> None:
    inside(conn, workspace, 1)

    publish(conn, workspace, NOW + HOUR, tree(mail("a"), mail("c")), people={"b": {"continue_at": "c"}})

    row = conn.execute(
        "SELECT step, outcome, detail FROM enrolment_step WHERE workspace_id = %s ORDER BY id DESC LIMIT 1",
        (workspace,),
    ).fetchone()
    assert row == ("b", "moved", {"to": "c", "version": 2})
