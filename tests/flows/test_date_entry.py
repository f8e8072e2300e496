"""A date that is written: taken in ahead of time, put in the middle of the flow, or out of it, once a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from headwater.audience import identity, merging, profiles
from headwater.audience.identity import Claim
from headwater.core import database
from headwater.flows import runner
from tests.flows.dated_people import YEARLY, by_date, dated, look_ahead
from tests.flows.flow_tables import enrolments, messages, people

NOW = datetime(2026, 3, 2, 13, 30, tzinfo=UTC)  # half past eight in New York
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
THREE: list[Any] = [
    {"email": "a.mjml"},
    {"delay": {"days": 2}},
    {"email": "b.mjml"},
    {"delay": {"days": 2}},
    {"email": "c.mjml"},
]


def says(conn: Connection, workspace: int, profile: int, now: datetime, **properties: Any) -> None:
    profiles.write(conn, workspace, {profile: properties}, now)


def standing(conn: Connection, workspace: int) -> list[tuple[str, str, str | None, str | None]]:
    """(key, state, reason, step) of each enrolment, in their order."""
    return [(one["entry_key"], one["state"], one["reason"], one["step"]) for one in enrolments(conn, workspace)]


def test_a_date_of_the_next_day_is_taken_in_when_it_is_written(conn: Connection, workspace: int) -> None:
    by_date(conn, workspace, NOW, *THREE)

    [person, _] = dated(conn, workspace, NOW, "1990-03-03", "1990-03-04")

    [one] = enrolments(conn, workspace)
    assert (one["profile_id"], one["entry_key"]) == (person, "date:2026-03-03")
    assert one["started_at"] == one["wake_at"] == datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
    trigger = conn.execute("SELECT trigger FROM enrolment WHERE id = %s", (one["id"],)).fetchone()
    assert trigger == (
        {
            "property": "birthday",
            "day": "2026-03-03",
            "ts": "2026-03-03T14:00:00+00:00",
            "properties": {"date": "2026-03-03", "property": "birthday"},
        },
    )


@pytest.mark.parametrize(
    ("ago", "step"),
    [
        (timedelta(minutes=1), "b"),
        (2 * DAY, "c"),
        (3 * DAY, "c"),
        (4 * DAY + HOUR, None),  # all of it lies behind
    ],
)
def test_a_date_inside_the_timeline_puts_a_person_into_the_middle(
    conn: Connection, workspace: int, ago: timedelta, step: str | None
) -> None:
    by_date(conn, workspace, NOW, *THREE)
    now = datetime(2026, 3, 20, 13, 0, tzinfo=UTC) + ago  # from nine on the 20th in New York

    dated(conn, workspace, now, "1990-03-20")

    assert [one["step"] for one in enrolments(conn, workspace)] == ([step] if step is not None else [])
    runner.run_due(conn, workspace, now)
    assert messages(conn, workspace) == []  # nothing is made up for


def test_a_date_that_moves_away_ends_the_flow_at_once(conn: Connection, workspace: int) -> None:
    by_date(conn, workspace, NOW, *THREE)
    [person] = dated(conn, workspace, NOW, "1990-03-02")
    look_ahead(conn, workspace, NOW)
    runner.run_due(conn, workspace, NOW + 3 * HOUR)

    says(conn, workspace, person, NOW + DAY, birthday="1990-07-01")
    runner.run_due(conn, workspace, NOW + DAY)

    assert standing(conn, workspace) == [("date:2026-03-02", "exited", "date_changed", "b")]


def test_a_date_that_moves_within_the_timeline_is_followed(conn: Connection, workspace: int) -> None:
    by_date(conn, workspace, NOW, *THREE)
    [person] = dated(conn, workspace, NOW, "1990-03-02")

    says(conn, workspace, person, NOW + HOUR, birthday="1990-03-03")
    runner.run_due(conn, workspace, NOW + HOUR)

    assert standing(conn, workspace) == [
        ("date:2026-03-02", "exited", "date_changed", "a"),
        ("date:2026-03-03", "waiting", None, "a"),
    ]


@pytest.mark.parametrize("value", [None, "unknown", 7])
def test_a_date_that_is_removed_ends_the_flow(conn: Connection, workspace: int, value: Any) -> None:
    by_date(conn, workspace, NOW, *THREE)
    [person] = dated(conn, workspace, NOW, "1990-03-02")

    says(conn, workspace, person, NOW + HOUR, birthday=value)
    runner.run_due(conn, workspace, NOW + HOUR)

    assert standing(conn, workspace) == [("date:2026-03-02", "exited", "date_changed", "a")]
    assert conn.execute("SELECT FROM flow_date WHERE workspace_id = %s", (workspace,)).fetchall() == []


def test_a_date_that_is_put_right_again_comes_in_again(conn: Connection, workspace: int) -> None:
    by_date(conn, workspace, NOW, *THREE)
    [person] = dated(conn, workspace, NOW, "1990-03-03")
    says(conn, workspace, person, NOW + HOUR, birthday="1990-08-01")
    runner.run_due(conn, workspace, NOW + HOUR)

    says(conn, workspace, person, NOW + 2 * HOUR, birthday="1990-03-03")

    assert standing(conn, workspace) == [
        ("date:2026-03-03", "exited", "date_changed", "a"),
        ("date:2026-03-03/1", "waiting", None, "a"),
    ]


def test_a_date_that_is_put_right_before_anybody_looked_has_not_moved(conn: Connection, workspace: int) -> None:
    by_date(conn, workspace, NOW, *THREE)
    [person] = dated(conn, workspace, NOW, "1990-03-03")

    says(conn, workspace, person, NOW + HOUR, birthday="1990-08-01")
    says(conn, workspace, person, NOW + HOUR, birthday="1990-03-03")
    runner.run_due(conn, workspace, NOW + HOUR)

    [one] = enrolments(conn, workspace)
    assert (one["state"], one["wake_at"]) == ("waiting", datetime(2026, 3, 3, 14, 0, tzinfo=UTC))


def test_a_date_written_again_unchanged_takes_nobody_in_from_the_past(conn: Connection, workspace: int) -> None:
    [person] = dated(conn, workspace, NOW - 30 * DAY, "1990-03-01")
    by_date(conn, workspace, NOW, *THREE)

    says(conn, workspace, person, NOW + HOUR, birthday="1990-03-01", plan="gold")

    assert enrolments(conn, workspace) == []


def test_while_the_dates_are_being_written_down_only_the_future_counts(conn: Connection, workspace: int) -> None:
    [past, coming] = dated(conn, workspace, NOW - 30 * DAY, "1990-03-01", "1990-03-02")
    by_date(conn, workspace, NOW, *THREE)
    conn.execute("UPDATE flow_dates SET stage = 'filling' WHERE workspace_id = %s", (workspace,))
    conn.execute("DELETE FROM flow_date WHERE workspace_id = %s", (workspace,))
    conn.execute("DELETE FROM enrolment WHERE workspace_id = %s", (workspace,))

    for person, day in ((past, "1990-03-01"), (coming, "1990-03-02")):
        says(conn, workspace, person, NOW, birthday=day, plan="gold")

    assert [one["profile_id"] for one in enrolments(conn, workspace)] == [coming]


# ── zones ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_another_time_zone_does_not_start_the_day_again(conn: Connection, workspace: int) -> None:
    by_date(conn, workspace, NOW, *THREE)
    [person] = dated(conn, workspace, NOW, "1990-03-03")

    for zone in ("Europe/Berlin", "America/Los_Angeles", "Asia/Tokyo"):
        says(conn, workspace, person, NOW, timezone=zone)
    look_ahead(conn, workspace, NOW + 2 * HOUR)
    runner.run_due(conn, workspace, NOW + 2 * HOUR)

    assert standing(conn, workspace) == [("date:2026-03-03", "waiting", None, "a")]


def test_whom_a_move_brings_near_is_taken_in(conn: Connection, workspace: int) -> None:
    by_date(conn, workspace, NOW, *THREE)
    [person] = dated(conn, workspace, NOW, "1990-03-04", zone="America/Los_Angeles")
    now = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
    assert enrolments(conn, workspace) == []

    says(conn, workspace, person, now, timezone="Asia/Tokyo")

    [one] = enrolments(conn, workspace)
    assert one["started_at"] == datetime(2026, 3, 4, 0, 0, tzinfo=UTC)


def test_a_rule_with_a_zone_of_its_own_does_not_ask_where_people_are(conn: Connection, workspace: int) -> None:
    by_date(conn, workspace, NOW, *THREE, trigger={**YEARLY, "timezone": "Europe/Berlin"})

    dated(conn, workspace, NOW, "1990-03-03", zone="Asia/Tokyo")

    assert [one["started_at"] for one in enrolments(conn, workspace)] == [datetime(2026, 3, 3, 8, 0, tzinfo=UTC)]


def test_a_day_starts_a_flow_once_though_two_transactions_see_different_zones(conn: Connection, workspace: int) -> None:
    """The look ahead reads the old zone while the change of it, which finds nobody inside yet, is on its way."""
    by_date(conn, workspace, NOW, *THREE)
    [person] = dated(conn, workspace, NOW, "1990-03-05")
    conn.commit()
    now = NOW + 2 * DAY
    with database.connect() as other:
        says(other, workspace, person, now, timezone="America/Halifax")
        assert len(enrolments(other, workspace)) == 1
        conn.execute("SET lock_timeout = '50ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            look_ahead(conn, workspace, now)  # it waits for the other, rather than taking the person in twice
        conn.rollback()
        other.commit()
    look_ahead(conn, workspace, now)

    assert len(enrolments(conn, workspace)) == 1


def test_nine_is_nine_on_the_day_that_clocks_change(conn: Connection, workspace: int) -> None:
    by_date(conn, workspace, NOW, *THREE)
    now = datetime(2026, 3, 7, 15, 0, tzinfo=UTC)

    dated(conn, workspace, now, "1990-03-08")  # in New York clocks go forward on 8 March 2026

    assert [one["started_at"] for one in enrolments(conn, workspace)] == [datetime(2026, 3, 8, 13, 0, tzinfo=UTC)]


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_who_says_who_they_are_is_taken_in_ahead_of_time(conn: Connection, workspace: int) -> None:
    by_date(conn, workspace, NOW, *THREE)
    person = identity.resolve(conn, workspace, [Claim(anonymous_id="browser")], NOW)[0]
    says(conn, workspace, person, NOW, birthday="1990-03-03")
    assert enrolments(conn, workspace) == []  # no address

    identity.resolve(conn, workspace, [Claim(anonymous_id="browser", email="a@example.com")], NOW)

    assert [one["profile_id"] for one in enrolments(conn, workspace)] == [person]


def test_a_survivor_has_the_other_ones_date(conn: Connection, workspace: int) -> None:
    by_date(conn, workspace, NOW, *THREE)
    [source] = dated(conn, workspace, NOW, "1990-03-03")
    [destination] = people(conn, workspace, NOW, 1)

    merging.merge(conn, workspace, destination, source, NOW)

    assert [one["profile_id"] for one in enrolments(conn, workspace)] == [destination]
    assert conn.execute("SELECT profile_id FROM flow_date WHERE workspace_id = %s", (workspace,)).fetchall() == [
        (destination,)
    ]


def test_a_survivor_with_a_date_of_its_own_leaves_by_the_other_ones(conn: Connection, workspace: int) -> None:
    by_date(conn, workspace, NOW, *THREE)
    [source, destination] = dated(conn, workspace, NOW, "1990-03-03", "1990-08-01")

    merging.merge(conn, workspace, destination, source, NOW)
    runner.run_due(conn, workspace, NOW)

    assert standing(conn, workspace) == [("date:2026-03-03", "exited", "date_changed", "a")]


def test_the_day_that_a_profile_was_made_is_a_date_too(conn: Connection, workspace: int) -> None:
    year_on = {"date": "created_at", "after": {"days": 1}, "at": "09:00"}
    by_date(conn, workspace, NOW, *THREE, trigger=year_on)

    made = identity.resolve(conn, workspace, [Claim(email="new@example.com")], NOW)

    assert [(one["profile_id"], one["started_at"]) for one in enrolments(conn, workspace)] == [
        (made[0], datetime(2026, 3, 3, 14, 0, tzinfo=UTC))
    ]


def test_an_erased_persons_date_is_forgotten(conn: Connection, workspace: int) -> None:
    by_date(conn, workspace, NOW, *THREE)
    [person] = dated(conn, workspace, NOW, "1990-03-03")

    profiles.erase(conn, workspace, [person], NOW)

    assert conn.execute("SELECT FROM flow_date WHERE workspace_id = %s", (workspace,)).fetchall() == []


def test_a_paused_flow_takes_nobody_in(conn: Connection, workspace: int) -> None:
    flow = by_date(conn, workspace, NOW, *THREE)
    conn.execute("UPDATE flow SET status = 'paused' WHERE id = %s", (flow,))

    dated(conn, workspace, NOW, "1990-03-03")

    assert enrolments(conn, workspace) == []
