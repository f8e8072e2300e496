"""Pause freezes, resume asks what becomes of what came due meanwhile, archive ends it for everybody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from headwater.delivery import claims
from headwater.flows import runner, waking
from headwater.flows.editing import pausing, publishing
from headwater.flows.editing.pausing import Overdue
from headwater.flows.errors import FlowError, UnknownFlow
from headwater.flows.source import FlowSource
from tests.flows.flow_tables import enrol, enrolments, messages, people
from tests.flows.live_flow import delay, mail, publish, standing, tree

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LATER = NOW + 3 * DAY
FLOW = tree(mail("a"), delay("settle", days=1), mail("b"), delay("rest", days=1), mail("c"))


def paused(conn: Connection, workspace: int, definition: dict[str, Any] = FLOW) -> list[int]:
    """A flow that is paused while one person waits before `b` and one has longer to wait."""
    flow_id = publish(conn, workspace, NOW, definition).id
    found = people(conn, workspace, NOW, 2)
    enrol(conn, workspace, flow_id, found[:1], NOW)
    runner.run_due(conn, workspace, NOW)
    conn.execute("UPDATE message SET state = 'sent' WHERE workspace_id = %s", (workspace,))
    enrol(conn, workspace, flow_id, found[1:], NOW, step="c", wake_in=9 * DAY)
    pausing.pause(conn, workspace, "a-flow", NOW + HOUR)
    return found


def briefs(conn: Connection, workspace: int, now: datetime) -> list[tuple[str, bool]]:
    """(step, whether the gate lets it go) of what is due."""
    due = claims.due(conn, workspace, now, 100)
    said = FlowSource().brief(conn, workspace, due, now)
    return [(one.step, said[one.id].refuse is None and one.wanted_at + said[one.id].lasts >= now) for one in due]


def test_a_paused_flow_moves_nobody(conn: Connection, workspace: int) -> None:
    paused(conn, workspace)
    before = standing(conn, workspace)

    assert runner.run_due(conn, workspace, LATER) == 0
    assert standing(conn, workspace) == before
    assert publishing.published(conn, workspace, "a-flow")[0].status == "paused"


def test_how_much_is_overdue_is_known_before(conn: Connection, workspace: int) -> None:
    paused(conn, workspace)

    assert pausing.overdue(conn, workspace, "a-flow", NOW + 2 * HOUR) == Overdue(0, 0)
    assert pausing.overdue(conn, workspace, "a-flow", LATER) == Overdue(1, 0)
    pausing.resume(conn, workspace, "a-flow", LATER)
    assert pausing.overdue(conn, workspace, "a-flow", LATER) == Overdue(0, 0)


def test_without_a_word_what_is_late_by_more_than_a_day_is_stale(conn: Connection, workspace: int) -> None:
    paused(conn, workspace)

    assert pausing.resume(conn, workspace, "a-flow", LATER) == Overdue()
    runner.run_due(conn, workspace, LATER)

    assert briefs(conn, workspace, LATER) == [("b", False), ("c", True)]


def test_send_makes_it_due_now(conn: Connection, workspace: int) -> None:
    paused(conn, workspace)

    assert pausing.resume(conn, workspace, "a-flow", LATER, "send") == Overdue(1, 0)
    runner.run_due(conn, workspace, LATER)

    assert briefs(conn, workspace, LATER) == [("b", True)]
    assert standing(conn, workspace)[0]["wake_at"] == LATER + DAY
    assert standing(conn, workspace)[1]["wake_at"] == NOW + 9 * DAY


def test_skip_passes_over_what_came_due_and_goes_on(conn: Connection, workspace: int) -> None:
    paused(conn, workspace)

    assert pausing.resume(conn, workspace, "a-flow", NOW + DAY + HOUR, "skip") == Overdue(1, 0)
    runner.run_due(conn, workspace, NOW + DAY + HOUR)
    runner.run_due(conn, workspace, NOW + 2 * DAY)

    told = [(step, state, reason) for step, _, state, reason, _ in messages(conn, workspace)]
    assert told == [("a", "sent", None), ("b", "skipped", "overdue"), ("c", "planned", None)]


def test_exit_lets_them_leave(conn: Connection, workspace: int) -> None:
    paused(conn, workspace)

    assert pausing.resume(conn, workspace, "a-flow", LATER, "exit") == Overdue(1, 0)

    assert [(one["state"], one["reason"]) for one in enrolments(conn, workspace)] == [
        ("exited", "overdue"),
        ("waiting", None),
    ]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [("send", ("planned", None)), ("skip", ("skipped", "overdue")), ("exit", ("skipped", "overdue"))],
)
def test_what_was_planned_before_is_overdue_too(
    conn: Connection, workspace: int, chosen: str, expected: tuple[str, str | None]
) -> None:
    paused(conn, workspace)
    # Looked at again and again while paused. Others wait for their hours, or come due in a moment.
    conn.execute(
        "UPDATE message SET state = 'planned', wanted_at = send_at, send_at = %s WHERE workspace_id = %s",
        (LATER + timedelta(seconds=30), workspace),
    )
    conn.execute(
        """
        INSERT INTO message (workspace_id, origin_at, source, source_id, step, profile_id, planned_at, send_at,
                             wanted_at)
        SELECT m.workspace_id, m.origin_at, m.source, m.source_id, other.step, m.profile_id, m.planned_at,
               other.send_at, other.wanted_at
        FROM message m, (VALUES ('held', %s, %s), ('soon', %s, NULL)) AS other (step, send_at, wanted_at)
        WHERE m.workspace_id = %s
        """,
        (LATER + HOUR, NOW, LATER + timedelta(seconds=30), workspace),
    )

    done = pausing.resume(conn, workspace, "a-flow", LATER, chosen)

    assert done == Overdue(1, 1)
    told = {step: (state, reason) for step, _, state, reason, _ in messages(conn, workspace)}
    assert told == {"a": expected, "held": ("planned", None), "soon": ("planned", None)}
    if chosen == "send":
        assert briefs(conn, workspace, LATER) == [("a", True)]


def test_whom_only_a_look_awaits_is_not_overdue(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, FLOW)
    vip = conn.execute("INSERT INTO list (workspace_id, name, created_at) VALUES (%s, 'VIP', %s)", (workspace, NOW))
    assert vip.rowcount == 1
    definition = tree(mail("a"), delay("settle", days=5), mail("b"), exit_on=[{"if": {"list": "VIP"}}])
    publish(conn, workspace, NOW, definition)
    [person] = people(conn, workspace, NOW, 1)
    flow_id = publishing.published(conn, workspace, "a-flow")[0].id
    enrol(conn, workspace, flow_id, [person], NOW)
    runner.run_due(conn, workspace, NOW)
    conn.execute("UPDATE message SET state = 'sent' WHERE workspace_id = %s", (workspace,))
    pausing.pause(conn, workspace, "a-flow", NOW)
    waking.on_people(conn, workspace, [person], NOW + HOUR)

    assert pausing.overdue(conn, workspace, "a-flow", NOW + DAY) == Overdue(0, 0)
    assert pausing.resume(conn, workspace, "a-flow", NOW + DAY, "exit") == Overdue(0, 0)


def test_archiving_ends_it_for_everybody(conn: Connection, workspace: int) -> None:
    flow_id = publish(conn, workspace, NOW, tree(mail("a"), delay("settle", days=1), mail("b", status="manual"))).id
    enrol(conn, workspace, flow_id, people(conn, workspace, NOW, 1), NOW)
    runner.run_due(conn, workspace, NOW)

    pausing.archive(conn, workspace, "a-flow", NOW + HOUR)

    assert [(one["state"], one["reason"], one["due_at"]) for one in standing(conn, workspace)] == [
        ("exited", "flow_archived", None)
    ]
    assert [row[2:4] for row in messages(conn, workspace)] == [("cancelled", "flow_archived")]
    assert publishing.summaries(conn, workspace) == []


def test_a_flow_that_is_live_has_nothing_overdue_to_ask_about(conn: Connection, workspace: int) -> None:
    flow_id = publish(conn, workspace, NOW, FLOW).id
    enrol(conn, workspace, flow_id, people(conn, workspace, NOW, 1), NOW)

    assert pausing.resume(conn, workspace, "a-flow", LATER, "exit") == Overdue(0, 0)


def test_what_cannot_be_is_said(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, FLOW)
    conn.execute(
        "INSERT INTO flow (workspace_id, slug, name, created_at, updated_at) VALUES (%s, 'b', 'b', %s, %s)",
        (workspace, NOW, NOW),
    )

    with pytest.raises(FlowError, match="not been published"):
        pausing.pause(conn, workspace, "b", NOW)
    with pytest.raises(FlowError, match="send, skip, exit"):
        pausing.resume(conn, workspace, "a-flow", NOW, "later")
    for change in (pausing.pause, pausing.resume, pausing.archive, pausing.overdue):
        with pytest.raises(UnknownFlow):
            change(conn, workspace + 1, "a-flow", NOW)
