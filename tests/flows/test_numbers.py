"""The numbers of a flow agree with what happened, before and after the counts are summed up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from psycopg import Connection

from headwater.events import metrics
from headwater.flows import entry, numbers, runner
from tests.flows.flow_tables import enrolments, event, people, publish, stored

NOW = datetime(2026, 3, 2, 12, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


def happens(conn: Connection, workspace: int, person: int, metric: str, at: datetime, **properties: Any) -> None:
    value = properties.pop("value", None)
    one = event(conn, workspace, person, metric, at, properties, value=value)
    entry.on_events(conn, workspace, stored(conn, workspace, [one], at), at)


def shop(conn: Connection, workspace: int) -> tuple[int, list[int]]:
    """Ten people in a flow of two emails: three have ordered before the second, one is held at it, one was sent it."""
    second = {"email": "b.mjml", "status": "manual"}
    flow_id = publish(
        conn, workspace, NOW, {"email": "a.mjml"}, {"delay": {"hours": 2}}, second, exit_on=["Placed Order"]
    )
    crowd = people(conn, workspace, NOW, 10)
    for one in crowd:
        happens(conn, workspace, one, "Viewed Product", NOW)
    runner.run_due(conn, workspace, NOW)
    return flow_id, crowd


def test_people_outcomes_and_exits(conn: Connection, workspace: int) -> None:
    flow_id, crowd = shop(conn, workspace)
    for one in crowd[:3]:
        happens(conn, workspace, one, "Placed Order", NOW + HOUR, value=50)
    conn.execute(
        "UPDATE enrolment SET wake_at = wake_at + interval '1 day' WHERE workspace_id = %s AND profile_id = %s",
        (workspace, crowd[3]),
    )
    runner.run_due(conn, workspace, NOW + 2 * HOUR)

    found = numbers.of_flow(conn, workspace, flow_id, NOW - HOUR, NOW + 9 * HOUR)

    assert (found.entered, found.waiting, found.needs_review, found.exited) == (10, 7, 6, {"exit_event": 3})
    assert (found.steps["b"].waiting, found.steps["b"].needs_review) == (7, 6)
    assert found.steps["a"].outcomes == {"intended": 10}
    first = found.steps["a"].results
    assert first is not None
    assert first.skipped == {"failed_exit_condition": 3}
    assert first.planned == 7


def test_opens_orders_and_unsubscribes_go_to_the_email_behind_them(conn: Connection, workspace: int) -> None:
    flow_id, crowd = shop(conn, workspace)
    ids = dict(conn.execute("SELECT profile_id, id FROM message WHERE workspace_id = %s", (workspace,)).fetchall())
    conn.execute(
        "UPDATE message SET state = 'sent', sent_at = %s, opened_at = %s WHERE workspace_id = %s",
        (NOW, NOW, workspace),
    )
    buyer, late, machine, gone = crowd[:4]
    for one in (buyer, late):
        happens(conn, workspace, one, metrics.CLICKED_EMAIL, NOW + HOUR, message_id=ids[one])
    happens(conn, workspace, machine, metrics.OPENED_EMAIL, NOW + HOUR, message_id=ids[machine], machine=True)
    happens(conn, workspace, gone, metrics.UNSUBSCRIBED, NOW + HOUR, message_id=ids[gone])
    happens(conn, workspace, buyer, metrics.PLACED_ORDER, NOW + 2 * HOUR, value=80)
    happens(conn, workspace, late, metrics.PLACED_ORDER, NOW + timedelta(days=6), value=70)
    happens(conn, workspace, machine, metrics.PLACED_ORDER, NOW + 2 * HOUR, value=60)

    sent = numbers.of_flow(conn, workspace, flow_id, NOW - HOUR, NOW + timedelta(days=9)).steps["a"].results

    assert sent is not None
    assert (sent.sent, sent.delivered, sent.opened) == (10, 10, 10)
    assert (sent.converted, sent.revenue, sent.unsubscribed) == (1, Decimal(80), 1)


def test_summing_up_changes_no_number(conn: Connection, workspace: int) -> None:
    flow_id, _ = shop(conn, workspace)
    runner.run_due(conn, workspace, NOW + 2 * HOUR)
    before = numbers.of_flow(conn, workspace, flow_id, NOW - HOUR, NOW + 9 * HOUR)
    assert workspace in numbers.workspaces_with_work(conn, NOW + 3 * HOUR)

    assert numbers.sum_up(conn, workspace, NOW + 3 * HOUR) > 0
    assert numbers.sum_up(conn, workspace, NOW + 3 * HOUR) == 0

    assert numbers.of_flow(conn, workspace, flow_id, NOW - HOUR, NOW + 9 * HOUR) == before
    assert workspace not in numbers.workspaces_with_work(conn, NOW + 3 * HOUR)
    assert len(enrolments(conn, workspace)) == 10
