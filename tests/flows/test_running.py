"""The runner: set-based, however many are due; nothing twice with two workers; frozen while paused; true to edits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from headwater.core import database
from headwater.flows import runner, timeline
from tests.flows.flow_tables import add_version, did, enrol, enrolments, messages, people, publish

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
FOUR = [
    {"email": "a.mjml"},
    {"delay": {"days": 1, "until": "10:00"}},
    {"if": {"metric": "Placed Order", "count": {"equals": 0}}, "then": [{"email": "b.mjml"}], "else": ["exit"]},
    {"delay": {"hours": 1}},
    {"email": "c.mjml"},
]


class _Counting(psycopg.Cursor[Any]):
    count = 0

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        _Counting.count += 1
        return super().execute(*args, **kwargs)

    @contextmanager
    def copy(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        _Counting.count += 1
        with super().copy(*args, **kwargs) as copy:
            yield copy


def queries(conn: Connection, workspace: int, now: datetime, limit: int) -> tuple[int, int]:
    """(enrolments advanced, statements) of one turn of the runner."""
    conn.cursor_factory, before = _Counting, conn.cursor_factory
    _Counting.count = 0
    try:
        return runner.run_due(conn, workspace, now, limit), _Counting.count
    finally:
        conn.cursor_factory = before


def test_five_thousand_take_as_many_queries_as_five(conn: Connection, workspace: int) -> None:
    filters = [{"metric": "Placed Order", "count": {"equals": 0}, "since": "flow-start"}]
    flow_id = publish(conn, workspace, NOW, *FOUR, profile_filters=filters, exit_on=["Placed Order"])
    everyone = people(conn, workspace, NOW, 5005)
    did(conn, workspace, everyone[0], "Placed Order", NOW - 100 * HOUR)
    enrol(conn, workspace, flow_id, everyone[:5], NOW)
    warm = queries(conn, workspace, NOW, 5000)
    few = queries(conn, workspace, NOW + 48 * HOUR, 5000)
    enrol(conn, workspace, flow_id, everyone[5:], NOW)
    conn.execute("UPDATE enrolment SET step = 'b' WHERE workspace_id = %s AND state = 'waiting'", (workspace,))

    many = queries(conn, workspace, NOW + 48 * HOUR, 5000)

    assert (warm[0], few[0], many[0]) == (5, 5, 5000)
    assert many[1] <= max(few[1], warm[1])
    assert many[1] <= 15


def test_a_walk_through_the_tables(conn: Connection, workspace: int) -> None:
    flow_id = publish(conn, workspace, NOW, *FOUR)
    browser, customer = people(conn, workspace, NOW, 2)
    did(conn, workspace, customer, "Placed Order", NOW - 100 * HOUR)
    enrol(conn, workspace, flow_id, [browser, customer], NOW)

    assert runner.run_due(conn, workspace, NOW) == 2
    morning = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
    assert [enrolment["wake_at"] for enrolment in enrolments(conn, workspace)] == [morning, morning]
    assert runner.run_due(conn, workspace, morning - timedelta(seconds=1)) == 0
    assert runner.run_due(conn, workspace, morning) == 2
    assert runner.run_due(conn, workspace, morning + HOUR) == 1
    assert runner.run_due(conn, workspace, morning + 1000 * HOUR) == 0

    assert [(step, person) for step, person, _, _, _ in messages(conn, workspace)] == [
        ("a", browser),
        ("a", customer),
        ("b", browser),
        ("c", browser),
    ]
    ended = [(e["state"], e["reason"], e["wake_at"]) for e in enrolments(conn, workspace)]
    assert ended == [("completed", None, None), ("exited", "exit_step", None)]
    notes = conn.execute(
        "SELECT step, outcome FROM enrolment_step WHERE workspace_id = %s AND enrolment_id = %s ORDER BY id",
        (workspace, enrolments(conn, workspace)[0]["id"]),
    ).fetchall()
    assert [outcome for _, outcome in notes] == ["intended", "waited", "yes", "intended", "waited", "intended"]


def test_a_persons_ways_are_told_with_their_steps_and_what_comes_next(conn: Connection, workspace: int) -> None:
    flow_id = publish(conn, workspace, NOW, *FOUR)
    person, other = people(conn, workspace, NOW, 2)
    enrol(conn, workspace, flow_id, [person, other], NOW)
    runner.run_due(conn, workspace, NOW)

    [way] = timeline.of_profile(conn, workspace, person)

    assert (way.flow, way.state, way.step) == ("a-flow", "waiting", "if-1")
    assert way.due_at == datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
    assert [(taken.step, taken.outcome) for taken in way.steps] == [("a", "intended"), ("delay-1", "waited")]
    assert timeline.of_profile(conn, workspace + 1, person) == []


def test_two_workers_never_take_the_same_enrolment(conn: Connection, workspace: int) -> None:
    flow_id = publish(conn, workspace, NOW, {"email": "a.mjml"})
    enrol(conn, workspace, flow_id, people(conn, workspace, NOW, 30), NOW)
    conn.commit()

    with database.connect() as other:
        assert runner.run_due(conn, workspace, NOW, limit=20) == 20
        assert runner.run_due(other, workspace, NOW, limit=20) == 10
        other.commit()
        conn.commit()

    assert len(messages(conn, workspace)) == 30


def test_a_turn_that_is_rolled_back_leaves_nothing_and_is_done_again(conn: Connection, workspace: int) -> None:
    flow_id = publish(conn, workspace, NOW, {"email": "a.mjml"})
    enrol(conn, workspace, flow_id, people(conn, workspace, NOW, 3), NOW)
    conn.commit()
    runner.run_due(conn, workspace, NOW)
    conn.rollback()

    assert messages(conn, workspace) == []
    assert runner.run_due(conn, workspace, NOW) == 3


def test_a_paused_flow_freezes_its_people(conn: Connection, workspace: int) -> None:
    flow_id = publish(conn, workspace, NOW, {"email": "a.mjml"})
    enrol(conn, workspace, flow_id, people(conn, workspace, NOW, 2), NOW)
    conn.execute("UPDATE flow SET status = 'paused' WHERE id = %s", (flow_id,))

    assert runner.run_due(conn, workspace, NOW + HOUR) == 0
    assert workspace not in runner.workspaces_with_work(conn, NOW + HOUR)

    conn.execute("UPDATE flow SET status = 'live' WHERE id = %s", (flow_id,))
    assert workspace in runner.workspaces_with_work(conn, NOW + HOUR)
    assert runner.run_due(conn, workspace, NOW + HOUR) == 2


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([{"email": "a.mjml"}, {"email": "c.mjml"}], ("completed", None, ["c"])),  # the step they wait at was removed
        ([{"email": "a.mjml"}, {"email": "b2.mjml", "id": "b"}], ("completed", None, ["b"])),
        ([{"email": "a.mjml"}], ("exited", "step_removed", [])),  # nothing is left of what lay ahead
    ],
)
def test_people_who_wait_follow_the_live_version(conn: Connection, workspace: int, steps: Any, expected: Any) -> None:
    first = {"delay": {"days": 1}}
    flow_id = publish(conn, workspace, NOW, {"email": "a.mjml"}, first, {"email": "b.mjml"}, {"email": "c.mjml"})
    enrol(conn, workspace, flow_id, people(conn, workspace, NOW, 1), NOW, step="b")
    tree = {"flow": "a-flow", "trigger": {"metric": "Viewed Product"}, "steps": steps}
    add_version(conn, workspace, flow_id, 2, tree, NOW + HOUR)

    runner.run_due(conn, workspace, NOW + HOUR)

    [enrolment] = enrolments(conn, workspace)
    assert (enrolment["state"], enrolment["reason"], [row[0] for row in messages(conn, workspace)]) == expected
    assert enrolment["version"] == 2


def test_a_deleted_persons_enrolment_ends(conn: Connection, workspace: int) -> None:
    flow_id = publish(conn, workspace, NOW, {"email": "a.mjml"})
    [person] = people(conn, workspace, NOW, 1)
    enrol(conn, workspace, flow_id, [person], NOW)
    conn.execute("DELETE FROM profile WHERE workspace_id = %s AND id = %s", (workspace, person))

    runner.run_due(conn, workspace, NOW)

    assert enrolments(conn, workspace)[0]["reason"] == "profile_deleted"
    assert messages(conn, workspace) == []


def test_the_flow_with_the_longest_due_goes_first(conn: Connection, workspace: int) -> None:
    fresh = publish(conn, workspace, NOW, {"email": "a.mjml"}, flow="fresh")
    stale = publish(conn, workspace, NOW, {"email": "a.mjml"}, flow="stale")
    everyone = people(conn, workspace, NOW, 10)
    enrol(conn, workspace, fresh, everyone, NOW)
    enrol(conn, workspace, stale, everyone, NOW - HOUR)

    runner.run_due(conn, workspace, NOW, limit=10)

    assert {e["flow_id"] for e in enrolments(conn, workspace) if e["state"] == "completed"} == {stale}
