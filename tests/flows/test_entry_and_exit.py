"""Who enters a flow by which event, how often, and how an event ends what waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from headwater.delivery import ledger
from headwater.flows import entry, profiles, runner
from tests.flows.flow_tables import did, enrol, enrolments, event, messages, people, publish, stored

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EMAIL = {"email": "a.mjml"}
LATER = {"delay": {"hours": 2}}


def views(conn: Connection, workspace: int, profile: int, at: datetime, **properties: Any) -> int:
    """The profile looks at a product; answers how many enrolments that opened."""
    return entry.on_events(conn, workspace, did(conn, workspace, profile, "Viewed Product", at, properties), at)


def test_the_trigger_filter_is_asked_of_the_event(conn: Connection, workspace: int) -> None:
    where = [{"property": "price", "greater_than": 0}]
    publish(conn, workspace, NOW, EMAIL, trigger={"metric": "Viewed Product", "where": where})
    [person] = people(conn, workspace, NOW, 1)

    assert views(conn, workspace, person, NOW, price=0) == 0
    assert views(conn, workspace, person, NOW + HOUR, price=12.5) == 1


def test_a_flow_that_begins_with_a_delay_waits_from_the_events_own_time(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, LATER, EMAIL)
    [person] = people(conn, workspace, NOW, 1)
    viewed = did(conn, workspace, person, "Viewed Product", NOW)

    entry.on_events(conn, workspace, viewed, NOW + timedelta(minutes=10))

    [enrolment] = enrolments(conn, workspace)
    assert (enrolment["step"], enrolment["started_at"], enrolment["wake_at"]) == ("a", NOW, NOW + 2 * HOUR)


def test_history_and_old_events_start_nothing(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, EMAIL)
    first, second = people(conn, workspace, NOW, 2)
    imported = event(conn, workspace, first, "Viewed Product", NOW, history=True)
    old = event(conn, workspace, second, "Viewed Product", NOW - DAY - HOUR)

    opened = entry.on_events(conn, workspace, stored(conn, workspace, [imported, old], NOW), NOW)

    assert opened == 0


def test_who_has_no_address_is_not_taken_in(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, EMAIL)
    [anonymous] = people(conn, workspace, NOW, 1, email=False)

    assert views(conn, workspace, anonymous, NOW) == 0


@pytest.mark.parametrize(
    ("again", "after", "opened"),
    [
        ("always", timedelta(minutes=1), 1),
        ("never", 365 * DAY, 0),
        ({"after": {"days": 14}}, 13 * DAY, 0),
        ({"after": {"days": 14}}, 14 * DAY, 1),
    ],
)
def test_re_entry(conn: Connection, workspace: int, again: Any, after: timedelta, opened: int) -> None:
    publish(conn, workspace, NOW, EMAIL, entry={"again": again})
    [person] = people(conn, workspace, NOW, 1)

    assert views(conn, workspace, person, NOW) == 1
    assert views(conn, workspace, person, NOW + after) == opened


def test_re_entry_holds_within_one_batch(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, EMAIL, entry={"again": {"after": {"hours": 1}}})
    [person] = people(conn, workspace, NOW, 1)
    moments = [NOW, NOW + timedelta(minutes=30), NOW + HOUR, NOW + timedelta(minutes=90)]
    viewed = [event(conn, workspace, person, "Viewed Product", at) for at in moments]

    assert entry.on_events(conn, workspace, stored(conn, workspace, viewed[::-1], NOW), NOW + 2 * HOUR) == 2


def test_a_keyed_flow_runs_once_a_cart(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, EMAIL, entry={"key": "cart_id"})
    [person] = people(conn, workspace, NOW, 1)

    opened = [views(conn, workspace, person, NOW + n * HOUR, cart_id=cart) for n, cart in enumerate(["a", "a", 7, "a"])]

    assert opened == [1, 0, 1, 0]
    assert {enrolment["entry_key"] for enrolment in enrolments(conn, workspace)} == {"a", "7"}


def test_the_same_event_twice_enters_once(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, EMAIL)
    [person] = people(conn, workspace, NOW, 1)
    viewed = did(conn, workspace, person, "Viewed Product", NOW)

    assert entry.on_events(conn, workspace, viewed, NOW) == 1
    assert entry.on_events(conn, workspace, viewed, NOW) == 0


def test_profile_filters_are_asked_at_entry(conn: Connection, workspace: int) -> None:
    none = [{"metric": "Placed Order", "count": {"equals": 0}, "in_last": {"days": 10}}]
    publish(conn, workspace, NOW, EMAIL, profile_filters=none)
    buyer, browser = people(conn, workspace, NOW, 2)
    did(conn, workspace, buyer, "Placed Order", NOW - 3 * DAY)

    assert views(conn, workspace, buyer, NOW) == 0
    assert views(conn, workspace, browser, NOW) == 1


def test_an_order_in_the_same_batch_as_the_view_keeps_the_flow_from_starting(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, LATER, EMAIL, exit_on=["Placed Order"])
    [person] = people(conn, workspace, NOW, 1)
    both = [
        event(conn, workspace, person, "Viewed Product", NOW),
        event(conn, workspace, person, "Placed Order", NOW + timedelta(minutes=5)),
    ]

    assert entry.on_events(conn, workspace, stored(conn, workspace, both, NOW), NOW + HOUR) == 0


def test_an_exit_event_closes_at_once_and_takes_back_what_was_planned(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, EMAIL, LATER, {"email": "b.mjml"}, exit_on=["Placed Order"])
    buyer, other = people(conn, workspace, NOW, 2)
    for person in (buyer, other):
        views(conn, workspace, person, NOW)
    runner.run_due(conn, workspace, NOW)

    entry.on_events(conn, workspace, did(conn, workspace, buyer, "Placed Order", NOW + HOUR), NOW + HOUR)

    states = {enrolment["profile_id"]: enrolment["state"] for enrolment in enrolments(conn, workspace)}
    assert states == {buyer: "exited", other: "waiting"}
    assert {(person, state, reason) for _, person, state, reason, _ in messages(conn, workspace)} == {
        (buyer, "cancelled", "failed_exit_condition"),
        (other, "planned", None),
    }


def test_an_exit_event_from_before_the_flow_began_ends_nothing(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, LATER, EMAIL, exit_on=[{"metric": "Placed Order"}])
    [person] = people(conn, workspace, NOW, 1)
    views(conn, workspace, person, NOW)

    late = did(conn, workspace, person, "Placed Order", NOW - timedelta(seconds=1))
    entry.on_events(conn, workspace, late, NOW + HOUR)

    assert enrolments(conn, workspace)[0]["state"] == "waiting"


def test_an_exit_looks_at_the_event(conn: Connection, workspace: int) -> None:
    shoes = {"metric": "Placed Order", "where": [{"property": "items[].category", "equals": "Shoes"}]}
    publish(conn, workspace, NOW, LATER, EMAIL, exit_on=[shoes])
    [person] = people(conn, workspace, NOW, 1)
    views(conn, workspace, person, NOW)

    def orders(category: str, at: datetime) -> str:
        ordered = did(conn, workspace, person, "Placed Order", at, {"items": [{"category": category}]})
        entry.on_events(conn, workspace, ordered, at)
        return str(enrolments(conn, workspace)[0]["state"])

    assert orders("Bags", NOW + HOUR) == "waiting"
    assert orders("Shoes", NOW + 2 * HOUR) == "exited"


def test_an_unsubscribe_ends_marketing_flows_only(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, LATER, EMAIL)
    publish(conn, workspace, NOW, LATER, {"email": "receipt.mjml", "transactional": True}, flow="receipts")
    [person] = people(conn, workspace, NOW, 1)
    views(conn, workspace, person, NOW)

    entry.on_events(conn, workspace, did(conn, workspace, person, "Unsubscribed", NOW + HOUR), NOW + HOUR)

    assert [enrolment["reason"] for enrolment in enrolments(conn, workspace)] == ["unsubscribed", None]


def test_joining_a_list_enters_its_flow_once(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, EMAIL, trigger={"list": "newsletter"})
    publish(conn, workspace, NOW, EMAIL, trigger={"list": "Another"}, flow="another")
    row = conn.execute(
        "INSERT INTO list (workspace_id, name, created_at) VALUES (%s, 'Newsletter', %s) RETURNING id", (workspace, NOW)
    ).fetchone()
    assert row is not None
    both = people(conn, workspace, NOW, 2)

    entry.on_list_join(conn, workspace, row[0], both, NOW)
    entry.on_list_join(conn, workspace, row[0], both, NOW + DAY)

    assert len(enrolments(conn, workspace)) == 2


def test_a_merged_profiles_enrolments_move_to_the_survivor(conn: Connection, workspace: int) -> None:
    flow_id = publish(conn, workspace, NOW, LATER, EMAIL)
    survivor, merged = people(conn, workspace, NOW, 2)
    views(conn, workspace, merged, NOW)
    enrol(conn, workspace, flow_id, [survivor, merged], NOW, wake_in=HOUR)  # both by the same trigger

    profiles.merge(conn, workspace, survivor, merged, NOW + HOUR)

    left = {(e["profile_id"], e["state"], e["reason"]) for e in enrolments(conn, workspace)}
    assert left == {(survivor, "waiting", None), (merged, "exited", "merged_away")}


def test_a_paused_flow_takes_nobody_in_but_lets_people_leave(conn: Connection, workspace: int) -> None:
    flow_id = publish(conn, workspace, NOW, LATER, EMAIL, exit_on=["Placed Order"])
    first, second = people(conn, workspace, NOW, 2)
    views(conn, workspace, first, NOW)
    conn.execute("UPDATE flow SET status = 'paused' WHERE id = %s", (flow_id,))

    assert views(conn, workspace, second, NOW) == 0
    entry.on_events(conn, workspace, did(conn, workspace, first, "Placed Order", NOW + HOUR), NOW + HOUR)

    assert [enrolment["state"] for enrolment in enrolments(conn, workspace)] == ["exited"]


def test_a_claimed_message_is_not_taken_back(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, EMAIL, LATER, {"email": "b.mjml"}, exit_on=["Placed Order"])
    [person] = people(conn, workspace, NOW, 1)
    views(conn, workspace, person, NOW)
    runner.run_due(conn, workspace, NOW)
    conn.execute("UPDATE message SET state = 'claimed' WHERE workspace_id = %s", (workspace,))

    entry.on_events(conn, workspace, did(conn, workspace, person, "Placed Order", NOW + HOUR), NOW + HOUR)

    [enrolment] = enrolments(conn, workspace)
    assert enrolment["state"] == "exited"
    assert ledger.progress(conn, workspace, "flow", enrolment["flow_id"]).states == {"claimed": 1}


def test_an_erased_persons_enrolments_are_forgotten_with_their_steps(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, LATER, EMAIL)
    erased, other = people(conn, workspace, NOW, 2)
    for person in (erased, other):
        views(conn, workspace, person, NOW)

    profiles.erase(conn, workspace, [erased])

    [left] = enrolments(conn, workspace)
    steps = conn.execute("SELECT enrolment_id FROM enrolment_step WHERE workspace_id = %s", (workspace,)).fetchall()
    assert left["profile_id"] == other
    assert steps == [(left["id"],)]
