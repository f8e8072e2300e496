"""A changed delay moves nobody, unless it is asked to: then those who wait by it wait as it is written now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from headwater.flows import runner, waking
from headwater.flows.editing import publishing
from headwater.flows.errors import FlowError
from tests.flows.flow_tables import enrol, people
from tests.flows.live_flow import delay, mail, publish, standing, tree

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # seven in the morning in New York
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def flow(**span: Any) -> dict[str, Any]:
    return tree(mail("a"), delay("settle", **span), mail("b"))


def waits(conn: Connection, workspace: int, definition: dict[str, Any], *, late: timedelta = timedelta(0)) -> None:
    """Somebody who waits by the delay; the worker came `late`."""
    flow_id = publish(conn, workspace, NOW, definition).id
    enrol(conn, workspace, flow_id, people(conn, workspace, NOW, 1), NOW)
    runner.run_due(conn, workspace, NOW + late)


def wakes(conn: Connection, workspace: int) -> datetime:
    [one] = standing(conn, workspace)
    found: datetime = one["wake_at"]
    return found


def test_a_longer_delay_moves_nobody_unless_asked(conn: Connection, workspace: int) -> None:
    waits(conn, workspace, flow(days=1))

    done = publish(conn, workspace, NOW + HOUR, flow(days=3))

    assert (done.retimed, wakes(conn, workspace)) == (0, NOW + DAY)


def test_asked_they_wait_as_it_is_now_from_when_they_began(conn: Connection, workspace: int) -> None:
    waits(conn, workspace, flow(days=1), late=timedelta(minutes=5))

    done = publish(conn, workspace, NOW + HOUR, flow(days=3), retime=["settle"])

    assert (done.retimed, wakes(conn, workspace)) == (1, NOW + 3 * DAY)


def test_a_shorter_one_never_leads_into_the_past(conn: Connection, workspace: int) -> None:
    waits(conn, workspace, flow(days=3))

    publish(conn, workspace, NOW + 2 * DAY, flow(days=1), retime=["settle"])

    assert wakes(conn, workspace) == NOW + 2 * DAY


def test_until_a_time_of_day_in_the_persons_zone(conn: Connection, workspace: int) -> None:
    waits(conn, workspace, flow(days=1))

    publish(conn, workspace, NOW + HOUR, flow(days=2, until="10:00"), retime=["settle"])

    assert wakes(conn, workspace) == datetime(2026, 3, 4, 15, 0, tzinfo=UTC)


def test_from_a_time_of_day_it_counts_from_the_note(conn: Connection, workspace: int) -> None:
    waits(conn, workspace, flow(days=1, until="10:00"), late=timedelta(minutes=5))

    publish(conn, workspace, NOW + HOUR, flow(days=2), retime=["settle"])

    assert wakes(conn, workspace) == NOW + timedelta(minutes=5) + 2 * DAY


def test_twice_in_a_row_it_still_counts_from_the_beginning(conn: Connection, workspace: int) -> None:
    waits(conn, workspace, flow(days=1))

    publish(conn, workspace, NOW + HOUR, flow(days=3), retime=["settle"])
    publish(conn, workspace, NOW + 2 * HOUR, flow(days=5), retime=["settle"])

    assert wakes(conn, workspace) == NOW + 5 * DAY


def test_also_after_it_could_not_lead_into_the_past(conn: Connection, workspace: int) -> None:
    waits(conn, workspace, flow(days=3))

    publish(conn, workspace, NOW + 2 * DAY, flow(days=1), retime=["settle"])
    publish(conn, workspace, NOW + 2 * DAY, flow(days=4), retime=["settle"])

    assert wakes(conn, workspace) == NOW + 4 * DAY


def test_who_kept_their_time_at_one_change_is_reckoned_by_the_delay_that_they_began(
    conn: Connection, workspace: int
) -> None:
    waits(conn, workspace, flow(days=1))

    publish(conn, workspace, NOW + HOUR, flow(days=3))
    publish(conn, workspace, NOW + 2 * HOUR, flow(days=5), retime=["settle"])

    assert wakes(conn, workspace) == NOW + 5 * DAY


def test_it_may_be_asked_afterwards(conn: Connection, workspace: int) -> None:
    waits(conn, workspace, flow(days=1))
    publish(conn, workspace, NOW + HOUR, flow(days=3))

    done = publish(conn, workspace, NOW + 2 * HOUR, flow(days=3), retime=["settle"])

    assert (done.changed, done.retimed, wakes(conn, workspace)) == (False, 1, NOW + 3 * DAY)


def test_who_waits_by_another_delay_before_the_same_step_keeps_their_time(conn: Connection, workspace: int) -> None:
    def ways(days: int) -> dict[str, Any]:
        asked = {"metric": "Placed Order"}
        split = {"id": "ask", "if": asked, "then": [delay("one", days=days)], "else": [delay("two", days=1)]}
        return tree(split, mail("b"))

    waits(conn, workspace, ways(2))

    done = publish(conn, workspace, NOW + HOUR, ways(5), retime=["one"])

    assert (done.retimed, wakes(conn, workspace)) == (0, NOW + DAY)


def test_an_early_look_that_is_to_come_still_comes(conn: Connection, workspace: int) -> None:
    definition = {**flow(days=1), "exit_on": [{"if": {"list": 1}}]}
    conn.execute("INSERT INTO list (workspace_id, name, created_at) VALUES (%s, 'VIP', %s)", (workspace, NOW))
    definition["exit_on"] = [{"if": {"list": "VIP"}}]
    waits(conn, workspace, definition)
    [person] = [
        row[0] for row in conn.execute("SELECT profile_id FROM enrolment WHERE workspace_id = %s", (workspace,))
    ]
    waking.on_people(conn, workspace, [person], NOW + HOUR)

    publish(conn, workspace, NOW + HOUR, {**flow(days=3), "exit_on": definition["exit_on"]}, retime=["settle"])

    [one] = standing(conn, workspace)
    assert (one["wake_at"], one["due_at"]) == (NOW + HOUR, NOW + 3 * DAY)
    runner.run_due(conn, workspace, NOW + HOUR)
    assert wakes(conn, workspace) == NOW + 3 * DAY


@pytest.mark.parametrize("named", ["b", "unheard"])
def test_only_a_delay_can_be_retimed(conn: Connection, workspace: int, named: str) -> None:
    waits(conn, workspace, flow(days=1))

    with pytest.raises(FlowError) as refused:
        publishing.apply(conn, workspace, flow(days=2), NOW, retime=[named])

    assert refused.value.path == "retime[0]"
