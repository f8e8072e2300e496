"""Who gets into a flow: keys and what a second event of one does, holdouts, segments, and what is asked for by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from headwater.events import metrics
from headwater.flows import entry
from tests.flows.flow_tables import enrolments, event, messages, people, publish, stored

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WAITING = ({"id": "settle", "delay": {"hours": 4}}, {"email": "a.mjml"})


def happens(
    conn: Connection, workspace: int, person: int, metric: str, at: datetime, properties: dict[str, Any] | None = None
) -> None:
    entry.on_events(
        conn, workspace, stored(conn, workspace, [event(conn, workspace, person, metric, at, properties)], at), at
    )


def carts(conn: Connection, workspace: int, **more: Any) -> int:
    publish(conn, workspace, NOW, *WAITING, trigger={"metric": "Updated Cart"}, entry={"key": "cart_id", **more})
    [person] = people(conn, workspace, NOW, 1)
    return person


def standings(conn: Connection, workspace: int) -> list[tuple[str, str, str | None, datetime]]:
    return [(one["entry_key"], one["state"], one["reason"], one["started_at"]) for one in enrolments(conn, workspace)]


def test_each_cart_is_a_run_of_its_own(conn: Connection, workspace: int) -> None:
    person = carts(conn, workspace)

    for at, cart in ((NOW, "one"), (NOW + HOUR, "two"), (NOW + 2 * HOUR, "one")):
        happens(conn, workspace, person, "Updated Cart", at, {"cart_id": cart})

    assert standings(conn, workspace) == [
        ("one", "waiting", None, NOW),
        ("two", "waiting", None, NOW + HOUR),
    ]


def test_a_cart_that_changes_can_start_anew(conn: Connection, workspace: int) -> None:
    person = carts(conn, workspace, merge="restart")

    happens(conn, workspace, person, "Updated Cart", NOW, {"cart_id": "one", "total": 10})
    happens(conn, workspace, person, "Updated Cart", NOW + HOUR, {"cart_id": "one", "total": 20})

    assert standings(conn, workspace) == [
        ("one", "exited", "restarted", NOW),
        ("one", "waiting", None, NOW + HOUR),
    ]


def test_a_cart_that_changes_can_bring_its_new_content(conn: Connection, workspace: int) -> None:
    person = carts(conn, workspace, merge="replace")

    happens(conn, workspace, person, "Updated Cart", NOW, {"cart_id": "one", "total": 10})
    before = enrolments(conn, workspace)
    happens(conn, workspace, person, "Updated Cart", NOW + HOUR, {"cart_id": "one", "total": 20})

    assert enrolments(conn, workspace) == before
    held = conn.execute(
        "SELECT trigger -> 'properties' ->> 'total' FROM enrolment WHERE workspace_id = %s", (workspace,)
    )
    assert held.fetchone() == ("20",)


def test_two_events_of_one_cart_in_one_batch_count_as_the_flow_says(conn: Connection, workspace: int) -> None:
    person = carts(conn, workspace, merge="restart")
    both = [event(conn, workspace, person, "Updated Cart", NOW + n * HOUR, {"cart_id": "one"}) for n in range(2)]

    entry.on_events(conn, workspace, stored(conn, workspace, both, NOW), NOW + HOUR)

    assert [one[3] for one in standings(conn, workspace)] == [NOW + HOUR]


def test_a_finished_cart_comes_in_again_only_if_the_flow_says_so(conn: Connection, workspace: int) -> None:
    person = carts(conn, workspace, again={"after": {"days": 1}})
    happens(conn, workspace, person, "Updated Cart", NOW, {"cart_id": "one"})
    conn.execute("UPDATE enrolment SET state = 'completed', wake_at = NULL WHERE workspace_id = %s", (workspace,))

    happens(conn, workspace, person, "Updated Cart", NOW + HOUR, {"cart_id": "one"})
    assert len(enrolments(conn, workspace)) == 1
    happens(conn, workspace, person, "Updated Cart", NOW + 25 * HOUR, {"cart_id": "one"})
    assert len(enrolments(conn, workspace)) == 2


def test_a_holdout_is_kept_out_and_on_record(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, *WAITING, entry={"holdout": 25})
    crowd = people(conn, workspace, NOW, 200)

    viewed = [event(conn, workspace, one, "Viewed Product", NOW) for one in crowd]
    entry.on_events(conn, workspace, stored(conn, workspace, viewed, NOW), NOW)

    found = enrolments(conn, workspace)
    held = {one["profile_id"] for one in found if one["reason"] == "holdout_group"}
    assert len(found) == 200
    assert 30 < len(held) < 70
    assert {one["state"] for one in found if one["profile_id"] not in held} == {"waiting"}
    again = [event(conn, workspace, one, "Viewed Product", NOW + HOUR) for one in crowd]
    entry.on_events(conn, workspace, stored(conn, workspace, again, NOW + HOUR), NOW + HOUR)
    assert held == {one["profile_id"] for one in enrolments(conn, workspace) if one["reason"] == "holdout_group"}
    assert messages(conn, workspace) == []


@pytest.mark.parametrize(
    ("trigger", "metric", "enters"),
    [
        ({"segment": "VIP"}, metrics.ENTERED_SEGMENT, True),
        ({"segment": 5}, metrics.ENTERED_SEGMENT, True),
        ({"segment": "Others"}, metrics.ENTERED_SEGMENT, False),
        ({"segment": "vip", "on": "left"}, metrics.LEFT_SEGMENT, True),
        ({"segment": "VIP", "on": "left"}, metrics.ENTERED_SEGMENT, False),
    ],
)
def test_a_segment_starts_a_flow(
    conn: Connection, workspace: int, trigger: dict[str, Any], metric: str, enters: bool
) -> None:
    publish(conn, workspace, NOW, *WAITING, trigger=trigger)
    [person] = people(conn, workspace, NOW, 1)

    happens(conn, workspace, person, metric, NOW, {"segment_id": 5, "segment": "VIP"})

    assert len(enrolments(conn, workspace)) == enters


def test_a_call_starts_only_the_flow_it_names(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, *WAITING, flow="one", trigger={"api": {}})
    publish(conn, workspace, NOW, *WAITING, flow="two", trigger={"api": {}})
    [person] = people(conn, workspace, NOW, 1)

    happens(conn, workspace, person, metrics.STARTED_FLOW, NOW, {"flow": "two"})

    slugs = conn.execute(
        "SELECT slug FROM flow JOIN enrolment ON flow_id = flow.id WHERE flow.workspace_id = %s", (workspace,)
    )
    assert slugs.fetchall() == [("two",)]


def test_an_event_that_comes_late_places_the_person_by_its_own_time(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, *WAITING)
    [person] = people(conn, workspace, NOW, 1)
    viewed = stored(conn, workspace, [event(conn, workspace, person, "Viewed Product", NOW - 3 * HOUR)], NOW)

    entry.on_events(conn, workspace, viewed, NOW)

    [found] = enrolments(conn, workspace)
    assert (found["started_at"], found["wake_at"]) == (NOW - 3 * HOUR, NOW + HOUR)
