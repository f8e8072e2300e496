"""Steps that change something, and people who are looked at because something happened, with the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection

from headwater.audience import lists, profiles
from headwater.catalog import coupons
from headwater.flows import entry, profile_updates, runner, waking
from headwater.flows.steps import UpdateProfile
from tests.flows.flow_tables import enrol, enrolments, event, messages, people, publish, stored

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
EMAIL = {"email": "a.mjml"}


def through(conn: Connection, workspace: int, now: datetime = NOW) -> None:
    """Turns until nothing is due."""
    while runner.run_due(conn, workspace, now):
        pass


def put(conn: Connection, workspace: int, *steps: Any, **more: Any) -> int:
    """One person at the beginning of a live flow of these steps."""
    flow_id = publish(conn, workspace, NOW, *steps, **more)
    [person] = people(conn, workspace, NOW, 1)
    enrol(conn, workspace, flow_id, [person], NOW)
    return person


def happens(conn: Connection, workspace: int, person: int, metric: str, at: datetime, **properties: Any) -> None:
    happened = stored(
        conn, workspace, [event(conn, workspace, person, metric, at, properties, key=str(properties))], at
    )
    entry.on_events(conn, workspace, happened, at)


def test_an_update_is_written_and_seen_by_the_next_step(conn: Connection, workspace: int) -> None:
    person = put(
        conn,
        workspace,
        {"update_profile": {"set": {"plan": "gold", "since": {"date": "today"}}, "add_to": {"tags": "vip"}}},
        {"if": {"property": "tags", "contains": "vip"}, "then": [EMAIL]},
    )

    through(conn, workspace)

    held = profiles.get(conn, workspace, [person])[person].properties
    assert held == {"plan": "gold", "since": "2026-03-02", "tags": ["vip"]}
    assert [row[0] for row in messages(conn, workspace)] == ["a"]


def test_lists_among_properties_grow_and_shrink() -> None:
    step = UpdateProfile("u", {"n": {"event": "cart.total"}}, ("old",), {"tags": "b"}, {"marks": 1}, None)

    made = profile_updates.changed(
        step, {"tags": ["a"], "marks": [1, 2, 1], "old": 1}, {"properties": {"cart": {"total": 7}}}, "2026-03-02"
    )

    assert made == {"n": 7, "old": None, "tags": ["a", "b"], "marks": [2]}


def test_a_list_joined_in_one_flow_starts_another(conn: Connection, workspace: int) -> None:
    lists.create(conn, workspace, "Insiders", NOW)
    publish(conn, workspace, NOW, EMAIL, flow="insiders", trigger={"list": "Insiders"})
    put(conn, workspace, {"add_to_list": "Insiders"})

    through(conn, workspace)

    assert [row[0] for row in messages(conn, workspace)] == ["a"]


def test_a_coupon_step_issues_the_code_that_a_countdown_waits_for(conn: Connection, workspace: int) -> None:
    coupons.define(conn, workspace, "TEN", "generated", "TEN", timedelta(days=3), None, NOW)
    put(conn, workspace, {"coupon": "TEN"}, {"delay": {"before": {"days": 1}, "expiry_of": "TEN"}}, EMAIL)

    through(conn, workspace)

    [found] = enrolments(conn, workspace)
    assert (found["step"], found["wake_at"]) == ("a", NOW + timedelta(days=2))


def test_what_is_waited_for_wakes_at_once_and_anything_else_does_not(conn: Connection, workspace: int) -> None:
    person = put(
        conn,
        workspace,
        {"id": "look", "wait_for": [{"metric": "Clicked Email", "then": [EMAIL]}], "within": {"days": 3}},
    )
    through(conn, workspace)

    happens(conn, workspace, person, "Opened Email", NOW + HOUR)
    assert enrolments(conn, workspace)[0]["wake_at"] == NOW + timedelta(days=3)
    happens(conn, workspace, person, "Clicked Email", NOW + 2 * HOUR)
    assert enrolments(conn, workspace)[0]["wake_at"] == NOW + 2 * HOUR
    through(conn, workspace, NOW + 2 * HOUR)

    assert [(row[0], row[4]) for row in messages(conn, workspace)] == [("a", NOW + 2 * HOUR)]


def test_an_exit_that_time_alone_brings_about_is_found_when_it_does(conn: Connection, workspace: int) -> None:
    lapsed = {"if": {"metric": "Opened Email", "at_least_ago": {"days": 2}}}
    person = put(conn, workspace, {"delay": {"days": 5}}, EMAIL, exit_on=[lapsed])
    through(conn, workspace)
    happens(conn, workspace, person, "Opened Email", NOW + HOUR)
    through(conn, workspace, NOW + HOUR)
    comes = NOW + HOUR + timedelta(days=2)
    assert enrolments(conn, workspace)[0]["wake_at"] == comes

    through(conn, workspace, comes - timedelta(seconds=1))
    assert enrolments(conn, workspace)[0]["state"] == "waiting"
    through(conn, workspace, comes)

    assert (enrolments(conn, workspace)[0]["state"], enrolments(conn, workspace)[0]["reason"]) == (
        "exited", "exit_condition"
    )  # fmt: skip


def test_who_enters_a_flow_that_another_one_asks_about_is_looked_at(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, {"delay": {"days": 9}}, EMAIL, flow="cart", trigger={"metric": "Added to Cart"})
    publish(conn, workspace, NOW, {"delay": {"days": 9}}, EMAIL, flow="care", trigger={"metric": "Asked for Help"})
    look = {"id": "look", "wait_for": [{"if": {"in_flow": "cart"}, "then": [EMAIL]}], "within": {"days": 3}}
    person = put(conn, workspace, look)
    through(conn, workspace)

    def first() -> tuple[str, datetime]:
        one = min(enrolments(conn, workspace), key=lambda row: row["id"])
        return one["state"], one["wake_at"]

    happens(conn, workspace, person, "Asked for Help", NOW + HOUR)
    assert first() == ("waiting", NOW + timedelta(days=3))
    happens(conn, workspace, person, "Added to Cart", NOW + 2 * HOUR)
    assert first() == ("waiting", NOW + 2 * HOUR)
    through(conn, workspace, NOW + 2 * HOUR)

    assert first()[0] == "completed"
    assert [(row[0], row[4]) for row in messages(conn, workspace)] == [("a", NOW + 2 * HOUR)]


def test_a_goal_reached_takes_back_what_was_planned_before_it(conn: Connection, workspace: int) -> None:
    bought = {"id": "bought", "goal": {"metric": "Placed Order", "since": "flow-start"}}
    person = put(conn, workspace, EMAIL, {"delay": {"days": 2}}, {"email": "b.mjml"}, bought, {"email": "thanks.mjml"})
    through(conn, workspace)

    happens(conn, workspace, person, "Placed Order", NOW + HOUR)
    through(conn, workspace, NOW + HOUR)

    assert [(row[0], row[2], row[3]) for row in messages(conn, workspace)] == [
        ("a", "cancelled", "goal_reached"),
        ("thanks", "planned", None),
    ]


def test_an_exit_by_a_condition_happens_as_soon_as_it_holds(conn: Connection, workspace: int) -> None:
    person = put(
        conn, workspace, {"delay": {"days": 9}}, EMAIL, exit_on=[{"if": {"property": "plan", "equals": "gold"}}]
    )
    through(conn, workspace)

    profiles.write(conn, workspace, {person: {"plan": "gold"}}, NOW + HOUR)
    waking.on_people(conn, workspace, [person], NOW + HOUR)
    through(conn, workspace, NOW + HOUR)

    [found] = enrolments(conn, workspace)
    assert (found["state"], found["reason"]) == ("exited", "exit_condition")


def test_an_exit_that_names_the_flows_own_event_ends_only_that_run(conn: Connection, workspace: int) -> None:
    refunded = {"metric": "Refunded Order", "where": [{"property": "order_id", "equals": {"event": "order_id"}}]}
    publish(
        conn,
        workspace,
        NOW,
        {"delay": {"days": 9}},
        EMAIL,
        trigger={"metric": "Placed Order"},
        entry={"key": "order_id"},
        exit_on=[refunded],
    )
    [person] = people(conn, workspace, NOW, 1)
    for order in ("1", "2"):
        happens(conn, workspace, person, "Placed Order", NOW, order_id=order)

    happens(conn, workspace, person, "Refunded Order", NOW + HOUR, order_id="2")
    through(conn, workspace, NOW + HOUR)

    assert [(one["entry_key"], one["state"]) for one in enrolments(conn, workspace)] == [
        ("1", "waiting"),
        ("2", "exited"),
    ]


def test_a_look_at_someone_who_is_held_for_review_leaves_them_held(conn: Connection, workspace: int) -> None:
    bought = {"id": "bought", "goal": {"metric": "Placed Order", "since": "flow-start"}}
    person = put(conn, workspace, {**EMAIL, "status": "manual"}, bought)
    through(conn, workspace)

    waking.on_events(
        conn, workspace, entry.live.running(conn, workspace), [event(conn, workspace, person, "Placed Order", NOW)], NOW
    )
    through(conn, workspace)

    row = conn.execute(
        "SELECT held, step, wake_at, due_at FROM enrolment WHERE workspace_id = %s", (workspace,)
    ).fetchone()
    assert row == ("review", "a", None, NOW)


def test_who_finishes_on_an_earlier_version_leaves_by_its_exits(conn: Connection, workspace: int) -> None:
    person = put(conn, workspace, {"delay": {"days": 9}}, EMAIL, exit_on=["Placed Order"])
    through(conn, workspace)
    conn.execute("UPDATE enrolment SET pinned = true WHERE workspace_id = %s", (workspace,))

    happens(conn, workspace, person, "Placed Order", NOW + HOUR)
    assert enrolments(conn, workspace)[0]["wake_at"] == NOW + HOUR
    through(conn, workspace, NOW + HOUR)

    [found] = enrolments(conn, workspace)
    assert (found["state"], found["reason"]) == ("exited", "exit_event")
