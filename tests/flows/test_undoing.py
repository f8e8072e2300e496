"""Undoing a publish: the version before is a new version, and whoever was moved and has not gone on since goes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from headwater.flows import runner
from headwater.flows.editing import publishing, undoing, versions
from headwater.flows.editing.moves import Choice
from headwater.flows.errors import FlowError, UnknownFlow
from tests.flows.flow_tables import enrol, messages, people
from tests.flows.live_flow import delay, mail, publish, standing, tree

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
OLD = tree(mail("a"), delay("settle", days=1), mail("b"), mail("c"))
NEW = tree(mail("a"), mail("x"), mail("c"))


def inside(conn: Connection, workspace: int, count: int, definition: dict[str, Any] = OLD) -> list[int]:
    flow_id = publish(conn, workspace, NOW, definition).id
    found = people(conn, workspace, NOW, count)
    enrol(conn, workspace, flow_id, found, NOW)
    runner.run_due(conn, workspace, NOW)
    return found


@pytest.mark.parametrize("choice", [{"continue_at": "x"}, "finish", "exit"])
def test_whoever_was_moved_goes_back(conn: Connection, workspace: int, choice: Choice) -> None:
    inside(conn, workspace, 3)
    before, planned = standing(conn, workspace), messages(conn, workspace)
    publish(conn, workspace, NOW + HOUR, NEW, people={"b": choice})
    assert standing(conn, workspace) != before

    done = undoing.undo(conn, workspace, "a-flow", NOW + 2 * HOUR)

    assert (done.version, done.put_back, done.changed) == (3, 3, True)
    assert standing(conn, workspace) == before
    assert messages(conn, workspace) == planned
    assert publishing.plan(conn, workspace, OLD, NOW).changes == ()


def test_who_was_retimed_goes_back(conn: Connection, workspace: int) -> None:
    inside(conn, workspace, 1)
    before = standing(conn, workspace)
    longer = tree(mail("a"), delay("settle", days=4), mail("b"), mail("c"))
    publish(conn, workspace, NOW + HOUR, longer, retime=["settle"])

    undoing.undo(conn, workspace, "a-flow", NOW + 2 * HOUR)

    assert standing(conn, workspace) == before


def test_whom_a_review_held_is_held_again(conn: Connection, workspace: int) -> None:
    inside(conn, workspace, 1, tree(mail("a", status="manual"), mail("b")))
    before = standing(conn, workspace)
    publish(conn, workspace, NOW + HOUR, tree(mail("b")))

    undoing.undo(conn, workspace, "a-flow", NOW + 2 * HOUR)

    assert (before[0]["held"], standing(conn, workspace)) == ("review", before)


def test_who_has_gone_on_since_stays_where_they_are(conn: Connection, workspace: int) -> None:
    flow_id = publish(conn, workspace, NOW, OLD).id
    early, late = people(conn, workspace, NOW, 2)
    enrol(conn, workspace, flow_id, [early], NOW, step="b", wake_in=HOUR)
    enrol(conn, workspace, flow_id, [late], NOW, step="b", wake_in=DAY)
    later = tree(mail("a"), mail("x"), delay("rest", days=5), mail("c"))
    publish(conn, workspace, NOW, later, people={"b": {"continue_at": "x"}})
    runner.run_due(conn, workspace, NOW + HOUR)

    done = undoing.undo(conn, workspace, "a-flow", NOW + 2 * HOUR)

    assert done.put_back == 1
    assert [(one["step"], one["wake_at"]) for one in standing(conn, workspace)] == [
        ("c", NOW + HOUR + 5 * DAY),
        ("b", NOW + DAY),
    ]


def test_who_stands_at_a_step_that_undoing_takes_away_follows(conn: Connection, workspace: int) -> None:
    flow_id = publish(conn, workspace, NOW, OLD).id
    publish(conn, workspace, NOW + HOUR, NEW)
    enrol(conn, workspace, flow_id, people(conn, workspace, NOW, 1), NOW + HOUR, step="x")
    conn.execute("UPDATE enrolment SET version = 2 WHERE workspace_id = %s", (workspace,))

    undoing.undo(conn, workspace, "a-flow", NOW + 2 * HOUR)
    runner.run_due(conn, workspace, NOW + 2 * HOUR)

    assert [row[0] for row in messages(conn, workspace)] == ["c"]


def test_undoing_an_undo_moves_them_again(conn: Connection, workspace: int) -> None:
    inside(conn, workspace, 2)
    publish(conn, workspace, NOW + HOUR, NEW, people={"b": "exit"})
    moved, taken_back = standing(conn, workspace), messages(conn, workspace)
    undoing.undo(conn, workspace, "a-flow", NOW + 2 * HOUR)

    done = undoing.undo(conn, workspace, "a-flow", NOW + 3 * HOUR)

    assert (done.version, done.put_back) == (4, 2)
    assert standing(conn, workspace) == moved
    assert len(taken_back) == 2


def test_only_the_last_publish_is_undone(conn: Connection, workspace: int) -> None:
    inside(conn, workspace, 1)
    publish(conn, workspace, NOW + HOUR, NEW, people={"b": {"continue_at": "x"}})
    publish(conn, workspace, NOW + HOUR, tree(mail("x"), mail("y")))

    done = undoing.undo(conn, workspace, "a-flow", NOW + 2 * HOUR)

    assert (done.version, done.put_back) == (4, 0)
    assert standing(conn, workspace)[0]["step"] == "x"
    assert conn.execute("SELECT count(*) FROM flow_move WHERE workspace_id = %s", (workspace,)).fetchone() == (0,)


def test_the_history_says_what_was_undone(conn: Connection, workspace: int) -> None:
    inside(conn, workspace, 1)
    publish(conn, workspace, NOW + HOUR, NEW)
    undoing.undo(conn, workspace, "a-flow", NOW + 2 * HOUR)
    row = versions.find(conn, workspace, "a-flow")

    found = versions.history(conn, workspace, row.id)

    assert [(one.version, one.undoes) for one in found] == [(3, 2), (2, None), (1, None)]
    assert [one.published_at for one in found] == [NOW + 2 * HOUR, NOW + HOUR, NOW]
    assert found[0].definition == found[2].definition


def test_a_paused_flow_stays_paused(conn: Connection, workspace: int) -> None:
    inside(conn, workspace, 1)
    publish(conn, workspace, NOW + HOUR, NEW)
    conn.execute("UPDATE flow SET status = 'paused' WHERE workspace_id = %s", (workspace,))

    assert undoing.undo(conn, workspace, "a-flow", NOW + 2 * HOUR).status == "paused"


def test_there_must_be_an_earlier_version(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, OLD)

    with pytest.raises(FlowError, match="no earlier version"):
        undoing.undo(conn, workspace, "a-flow", NOW)
    with pytest.raises(UnknownFlow):
        undoing.undo(conn, workspace + 1, "a-flow", NOW)
