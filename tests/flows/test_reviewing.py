"""A manual step holds people until somebody decides; statuses of steps change while people wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from psycopg import Connection

from headwater.flows import runner
from headwater.flows.editing import publishing, reviewing
from headwater.flows.errors import FlowError, UnknownFlow
from tests.flows.flow_tables import enrol, messages, people
from tests.flows.live_flow import delay, mail, publish, standing, tree

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FLOW = tree(mail("a", status="manual"), delay("settle", days=1), mail("b"))


def held(conn: Connection, workspace: int, count: int) -> list[int]:
    flow_id = publish(conn, workspace, NOW, FLOW).id
    found = people(conn, workspace, NOW, count)
    enrol(conn, workspace, flow_id, found, NOW)
    runner.run_due(conn, workspace, NOW + HOUR)
    return found


def told(conn: Connection, workspace: int) -> list[tuple[str, str, str | None]]:
    return [(step, state, reason) for step, _, state, reason, _ in messages(conn, workspace)]


def test_who_is_held_is_listed_with_the_time_since_when(conn: Connection, workspace: int) -> None:
    first, second = held(conn, workspace, 2)

    found = reviewing.waiting(conn, workspace, "a-flow")

    assert [(one.step, one.profile_id, one.email, one.since) for one in found] == [
        ("a", first, "p1@example.com", NOW),
        ("a", second, "p2@example.com", NOW),
    ]
    assert [one.profile_id for one in reviewing.waiting(conn, workspace, "a-flow", after=found[0].enrolment_id)] == [
        second
    ]
    assert reviewing.waiting(conn, workspace, "a-flow", step="b") == []
    assert publishing.published(conn, workspace, "a-flow")[0].in_review == 2
    assert runner.run_due(conn, workspace, NOW + 9 * DAY) == 0


def test_sent_to_some_they_go_on_from_now(conn: Connection, workspace: int) -> None:
    first, second = held(conn, workspace, 2)

    assert reviewing.decide(conn, workspace, "a-flow", "a", "send", [first, 999], NOW + 2 * DAY) == 1
    runner.run_due(conn, workspace, NOW + 2 * DAY)

    assert messages(conn, workspace) == [("a", first, "planned", None, NOW + 2 * DAY)]
    assert [one.profile_id for one in reviewing.waiting(conn, workspace, "a-flow")] == [second]
    assert standing(conn, workspace)[0]["wake_at"] == NOW + 3 * DAY


def test_cancelled_for_all_they_go_on_without_it(conn: Connection, workspace: int) -> None:
    held(conn, workspace, 2)

    assert reviewing.decide(conn, workspace, "a-flow", "a", "cancel", None, NOW + 2 * DAY) == 2
    runner.run_due(conn, workspace, NOW + 2 * DAY)

    assert told(conn, workspace) == [("a", "skipped", "not_reviewed")] * 2
    assert [one["wake_at"] for one in standing(conn, workspace)] == [NOW + 3 * DAY] * 2


def test_a_decision_is_made_once(conn: Connection, workspace: int) -> None:
    held(conn, workspace, 1)

    assert reviewing.decide(conn, workspace, "a-flow", "a", "send", None, NOW) == 1
    assert reviewing.decide(conn, workspace, "a-flow", "a", "cancel", None, NOW) == 0
    assert reviewing.decide(conn, workspace, "a-flow", "b", "cancel", None, NOW) == 0


def test_live_again_those_in_review_stay_there(conn: Connection, workspace: int) -> None:
    held(conn, workspace, 1)

    publishing.set_step_status(conn, workspace, "a-flow", "a", "live", NOW + HOUR)
    newcomer = people(conn, workspace, NOW, 2)[1:]
    enrol(conn, workspace, publishing.published(conn, workspace, "a-flow")[0].id, newcomer, NOW + HOUR)
    runner.run_due(conn, workspace, NOW + HOUR)

    assert [(row[0], row[1]) for row in messages(conn, workspace)] == [("a", newcomer[0])]
    assert len(reviewing.waiting(conn, workspace, "a-flow")) == 1
    reviewing.decide(conn, workspace, "a-flow", "a", "send", None, NOW + HOUR)
    runner.run_due(conn, workspace, NOW + HOUR)
    assert len(messages(conn, workspace)) == 2


def test_a_draft_is_skipped_by_those_who_come_to_it(conn: Connection, workspace: int) -> None:
    flow_id = publish(conn, workspace, NOW, tree(mail("x"), delay("settle", days=1), mail("b"), mail("c"))).id
    enrol(conn, workspace, flow_id, people(conn, workspace, NOW, 1), NOW)
    runner.run_due(conn, workspace, NOW)

    publishing.set_step_status(conn, workspace, "a-flow", "b", "draft", NOW + HOUR)
    runner.run_due(conn, workspace, NOW + DAY)
    publishing.set_step_status(conn, workspace, "a-flow", "b", "live", NOW + DAY)

    assert runner.run_due(conn, workspace, NOW + 2 * DAY) == 0
    assert told(conn, workspace) == [
        ("x", "planned", None),
        ("b", "skipped", "message_draft"),
        ("c", "planned", None),
    ]


def test_what_cannot_be_decided_is_said(conn: Connection, workspace: int) -> None:
    held(conn, workspace, 1)

    with pytest.raises(FlowError, match="send, cancel"):
        reviewing.decide(conn, workspace, "a-flow", "a", "approve", None, NOW)
    with pytest.raises(UnknownFlow):
        reviewing.decide(conn, workspace + 1, "a-flow", "a", "send", None, NOW)
    with pytest.raises(UnknownFlow):
        reviewing.waiting(conn, workspace + 1, "a-flow")
