"""A flow filled from the past: everybody where they would be by now, nothing made up for, nobody who ever was in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from headwater.flows import entry, runner
from headwater.flows.arrivals import adding
from headwater.flows.errors import FlowError
from tests.flows.flow_tables import did, enrol, enrolments, event, messages, people, publish, stored
from tests.flows.test_adding import listed, run, segmented

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
THREE: list[Any] = [
    {"delay": {"hours": 2}},
    {"email": "a.mjml"},
    {"delay": {"days": 2}},
    {"email": "b.mjml"},
    {"delay": {"days": 2}},
    {"email": "c.mjml"},
]


def fill(conn: Connection, workspace: int, **more: Any) -> adding.Adding:
    """Ask for it, and have the role do it."""
    job = adding.back_populate(conn, workspace, "a-flow", "a test", NOW, **more)
    return run(conn, workspace, job, NOW)


def standing(conn: Connection, workspace: int) -> list[tuple[int, str | None, datetime]]:
    """(profile, step, when it is due), by when they began."""
    found = sorted(enrolments(conn, workspace), key=lambda one: one["started_at"])
    return [(one["profile_id"], one["step"], one["wake_at"]) for one in found]


def test_each_is_put_where_they_would_be(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, *THREE)
    ages = [timedelta(minutes=30), 3 * HOUR, 3 * DAY, 4 * DAY + 3 * HOUR, 9 * DAY]
    everyone = people(conn, workspace, NOW, len(ages))
    for person, age in zip(everyone, ages, strict=True):
        did(conn, workspace, person, "Viewed Product", NOW - age)

    job = fill(conn, workspace)

    fresh, waiting, older, _, _ = everyone
    assert standing(conn, workspace) == [
        (older, "c", NOW + DAY + 2 * HOUR),
        (waiting, "b", NOW + 2 * DAY - HOUR),
        (fresh, "a", NOW + timedelta(minutes=90)),
    ]
    assert (job.kind, job.state, job.total, job.done, job.entered) == ("backfill", "done", None, 3, 3)
    runner.run_due(conn, workspace, NOW)
    assert messages(conn, workspace) == []


def test_who_is_through_by_now_is_left_out_also_where_ways_are_shorter(conn: Connection, workspace: int) -> None:
    asked = {"property": "plan", "equals": "gold"}
    steps = [{"if": asked, "then": [{"delay": {"days": 9}}, {"email": "a.mjml"}], "else": [{"delay": {"days": 1}}]}]
    publish(conn, workspace, NOW, *steps, {"email": "b.mjml"})
    [person] = people(conn, workspace, NOW, 1)
    did(conn, workspace, person, "Viewed Product", NOW - 3 * DAY)

    job = fill(conn, workspace)

    assert (job.done, job.entered) == (1, 0)


@pytest.mark.parametrize(
    "behind",
    [
        {"email": "z.mjml", "status": "draft"},
        {"email": "z.mjml", "status": "manual"},
        {"delay": {"before": {"hours": 2}, "expiry_of": "GIFT"}},
        {"coupon": "GIFT"},
        {"update_profile": {"set": {"seen": True}}},
        {"webhook": {"url": "https://example.com/"}},
    ],
)
def test_nothing_that_lies_behind_is_made_up_for(conn: Connection, workspace: int, behind: Any) -> None:
    publish(conn, workspace, NOW, behind, *THREE)
    [person] = people(conn, workspace, NOW, 1)
    did(conn, workspace, person, "Viewed Product", NOW - 3 * HOUR)

    fill(conn, workspace)
    runner.run_due(conn, workspace, NOW + HOUR)

    assert standing(conn, workspace) == [(person, "b", NOW + 2 * DAY - HOUR)]
    assert messages(conn, workspace) == []
    assert conn.execute("SELECT FROM flow_call WHERE workspace_id = %s", (workspace,)).fetchall() == []
    assert conn.execute("SELECT properties FROM profile WHERE id = %s", (person,)).fetchone() == ({},)


def test_the_trigger_filter_the_exits_and_the_filters_are_asked(conn: Connection, workspace: int) -> None:
    priced = {"metric": "Viewed Product", "where": [{"property": "price", "greater_than": 10}]}
    country = [{"not": {"property": "country", "equals": "FR"}}]
    publish(conn, workspace, NOW, *THREE, trigger=priced, exit_on=["Placed Order"], profile_filters=country)
    taken, cheap, buyer, filtered = people(conn, workspace, NOW, 4)
    for person, price in ((taken, 20), (cheap, 5), (buyer, 20), (filtered, 20)):
        did(conn, workspace, person, "Viewed Product", NOW - DAY, {"price": price})
    did(conn, workspace, buyer, "Placed Order", NOW - HOUR)
    conn.execute("UPDATE profile SET country = 'FR' WHERE id = %s", (filtered,))

    fill(conn, workspace)

    assert [person for person, _, _ in standing(conn, workspace)] == [taken]


def test_imported_events_are_the_past_too(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, *THREE)
    [person] = people(conn, workspace, NOW, 1)
    stored(conn, workspace, [event(conn, workspace, person, "Viewed Product", NOW - DAY, history=True)], NOW)

    assert fill(conn, workspace).entered == 1


def test_who_ever_was_in_the_flow_is_not_taken_again(conn: Connection, workspace: int) -> None:
    flow = publish(conn, workspace, NOW, *THREE)
    been, fresh = people(conn, workspace, NOW, 2)
    for person in (been, fresh):
        did(conn, workspace, person, "Viewed Product", NOW - DAY)
    enrol(conn, workspace, flow, [been], NOW - 300 * DAY)
    conn.execute("UPDATE enrolment SET state = 'completed' WHERE workspace_id = %s", (workspace,))

    fill(conn, workspace)
    fill(conn, workspace)

    assert [person for person, _, _ in standing(conn, workspace)] == [been, fresh]


@pytest.mark.parametrize(
    ("again", "ages"),
    [
        ("always", [3 * DAY, DAY]),
        ("never", [3 * DAY]),
        ({"after": {"days": 2}}, [3 * DAY, DAY]),
        ({"after": {"days": 3}}, [3 * DAY]),
    ],
)
@pytest.mark.parametrize("at_once", [5_000, 1])
def test_several_events_of_a_person_count_as_if_the_flow_had_been_live(
    conn: Connection, workspace: int, again: Any, ages: list[timedelta], at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "PEOPLE_A_TURN", at_once)
    publish(conn, workspace, NOW, *THREE, entry={"again": again})
    [person] = people(conn, workspace, NOW, 1)
    for age in (3 * DAY, DAY):
        did(conn, workspace, person, "Viewed Product", NOW - age)

    fill(conn, workspace)

    assert [one["started_at"] for one in enrolments(conn, workspace)] == [NOW - age for age in ages]


def test_everybody_is_placed_once_though_turns_are_broken_off(
    conn: Connection, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "PEOPLE_A_TURN", 3)
    publish(conn, workspace, NOW, *THREE)
    everyone = people(conn, workspace, NOW, 11)
    for number, person in enumerate(everyone):
        did(conn, workspace, person, "Viewed Product", NOW - DAY + number // 4 * HOUR)  # some at the same instant
    job = adding.back_populate(conn, workspace, "a-flow", "a test", NOW)
    conn.commit()

    for turn in range(30):
        done = adding.turn(conn, workspace, NOW)
        if turn % 2:
            conn.commit()
        else:
            conn.rollback()  # killed
        if not done:
            break

    found = run(conn, workspace, job, NOW)
    assert (found.state, found.done, found.entered) == ("done", 11, 11)
    assert sorted(person for person, _, _ in standing(conn, workspace)) == everyone


def test_who_enters_meanwhile_is_not_put_in_by_the_past(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, *THREE)
    [person] = people(conn, workspace, NOW, 1)
    did(conn, workspace, person, "Viewed Product", NOW - DAY)
    job = adding.back_populate(conn, workspace, "a-flow", "a test", NOW)
    later = NOW + timedelta(seconds=1)
    entry.on_events(conn, workspace, did(conn, workspace, person, "Viewed Product", later), later)

    run(conn, workspace, job, later)

    assert [one["started_at"] for one in enrolments(conn, workspace)] == [later]


def test_no_further_back_than_is_said(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, *THREE)
    near, far = people(conn, workspace, NOW, 2)
    did(conn, workspace, near, "Viewed Product", NOW - DAY)
    did(conn, workspace, far, "Viewed Product", NOW - 3 * DAY)

    fill(conn, workspace, reach=2 * DAY)

    assert [person for person, _, _ in standing(conn, workspace)] == [near]


# ── lists and segments ──────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("kind", ["list", "segment"])
def test_people_count_from_when_they_joined(conn: Connection, workspace: int, kind: str) -> None:
    publish(conn, workspace, NOW, *THREE, trigger={kind: "VIP"})
    old, new = people(conn, workspace, NOW, 2)
    make = listed if kind == "list" else segmented
    made = make(conn, workspace, "VIP", [old], NOW - 90 * DAY)
    at = "added_at" if kind == "list" else "entered_at"
    method = ", method" if kind == "list" else ""
    version = ", version" if kind == "segment" else ""
    conn.execute(
        f"""
        INSERT INTO {kind}_member (workspace_id, {kind}_id, profile_id, {at}{method}{version})
        VALUES (%s, %s, %s, %s{", 'x'" if method else ", 1"})
        """,
        (workspace, made, new, NOW - 3 * DAY),
    )

    job = fill(conn, workspace)

    assert (job.done, job.entered) == (2, 1)
    assert standing(conn, workspace) == [(new, "c", NOW + DAY + 2 * HOUR)]


@pytest.mark.parametrize("kind", ["list", "segment"])
def test_or_from_now_whenever_they_joined(conn: Connection, workspace: int, kind: str) -> None:
    publish(conn, workspace, NOW, *THREE, trigger={kind: "VIP"})
    members = people(conn, workspace, NOW, 2)
    make = listed if kind == "list" else segmented
    make(conn, workspace, "VIP", members, NOW - 90 * DAY)

    fill(conn, workspace, from_now=True)

    assert sorted(standing(conn, workspace)) == [(person, "a", NOW + 2 * HOUR) for person in members]


def test_a_flow_without_a_delay_may_only_begin_now(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, {"email": "a.mjml"}, trigger={"list": "VIP"})
    listed(conn, workspace, "VIP", people(conn, workspace, NOW, 1), NOW - 90 * DAY)

    with pytest.raises(FlowError, match="no delay"):
        fill(conn, workspace)
    assert fill(conn, workspace, from_now=True).entered == 1


@pytest.mark.parametrize(
    "trigger",
    [
        {"date": "birthday"},
        {"price_drop": {"percent": 10}},
        {"low_stock": {"at_most": 3}},
        {"api": {}},
        {"manual": {}},
        {"segment": "VIP", "on": "left"},
    ],
)
def test_flows_without_such_a_past_are_not_filled(conn: Connection, workspace: int, trigger: Any) -> None:
    publish(conn, workspace, NOW, *THREE, trigger=trigger)

    with pytest.raises(FlowError, match="cannot be filled from the past"):
        fill(conn, workspace)


def test_what_happened_to_people_does_not_count_from_now(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, *THREE)

    with pytest.raises(FlowError, match="counts from when it happened"):
        fill(conn, workspace, from_now=True)
