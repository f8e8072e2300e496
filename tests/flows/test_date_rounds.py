"""Looking ahead for flows by a date: a full day, once an hour, at everybody's dates; nobody twice, nobody left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from headwater.core import database
from headwater.flows import runner
from headwater.flows.arrivals import date_rounds, kept_dates
from headwater.flows.arrivals.date_entry import flows_by_date, rule_of
from tests.flows.dated_people import YEARLY, by_date, dated, look_ahead
from tests.flows.flow_tables import add_version, enrolments, people, publish
from tests.flows.query_plans import plan

NOW = datetime(2026, 3, 2, 13, 30, tzinfo=UTC)  # half past eight in New York
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ONCE = {"date": "birthday"}
EMAIL: Any = {"email": "a.mjml"}
TWO: list[Any] = [EMAIL, {"delay": {"days": 10}}, {"email": "b.mjml"}]


def inside(conn: Connection, workspace: int) -> list[tuple[int, str]]:
    """(profile, key) of each enrolment, by profile."""
    return sorted((one["profile_id"], one["entry_key"]) for one in enrolments(conn, workspace))


def row(conn: Connection, workspace: int) -> tuple[Any, ...]:
    found = conn.execute("SELECT stage, until, target FROM flow_dates WHERE workspace_id = %s", (workspace,)).fetchone()
    assert found is not None
    return found


def kept(conn: Connection, workspace: int) -> int:
    found = conn.execute("SELECT count(*) FROM flow_date WHERE workspace_id = %s", (workspace,)).fetchone()
    assert found is not None
    return int(found[0])


def test_a_flow_that_goes_live_takes_in_who_comes_next_and_makes_up_for_nobody(
    conn: Connection, workspace: int
) -> None:
    _, today, tomorrow, _ = dated(conn, workspace, NOW, "1990-03-01", "1990-03-02", "1990-03-03", "1990-03-04")

    by_date(conn, workspace, NOW, *TWO)

    assert inside(conn, workspace) == [(today, "date:2026-03-02"), (tomorrow, "date:2026-03-03")]
    assert row(conn, workspace) == ("ready", NOW + 25 * HOUR, None)


def test_it_looks_once_an_hour_a_full_day_ahead(conn: Connection, workspace: int) -> None:
    [person] = dated(conn, workspace, NOW, "1990-03-04")
    by_date(conn, workspace, NOW, *TWO)

    assert workspace not in date_rounds.workspaces_with_work(conn, NOW + 59 * timedelta(minutes=1))
    assert date_rounds.turn(conn, workspace, NOW + 59 * timedelta(minutes=1)) == 0
    for hour in range(25):
        now = NOW + hour * HOUR
        assert (workspace in date_rounds.workspaces_with_work(conn, now)) is (hour > 0)
        look_ahead(conn, workspace, now)

    assert inside(conn, workspace) == [(person, "date:2026-03-04")]
    assert row(conn, workspace)[1] == NOW + 49 * HOUR


@pytest.mark.parametrize(
    ("trigger", "value", "now", "day", "at"),
    [
        (YEARLY, "1996-02-29", "2027-02-27 20:00", "2027-02-28", "2027-02-28 14:00"),
        (YEARLY, "1996-02-29", "2028-02-28 20:00", "2028-02-29", "2028-02-29 14:00"),
        ({**YEARLY, "before": {"days": 7}}, "1990-01-03", "2026-12-26 20:00", "2027-01-03", "2026-12-27 14:00"),
        ({**YEARLY, "repeat": "monthly"}, "2026-01-31", "2026-04-29 20:00", "2026-04-30", "2026-04-30 13:00"),
        ({**ONCE, "after": {"days": 3}}, "2026-03-02", "2026-03-04 08:00", "2026-03-02", "2026-03-05 05:00"),
        (ONCE, "2026-03-08T23:30:00-07:00", "2026-03-08 20:00", "2026-03-09", "2026-03-09 04:00"),
    ],
)  # fmt: skip
def test_dates_of_every_kind_are_found(
    conn: Connection, workspace: int, trigger: Any, value: str, now: str, day: str, at: str
) -> None:
    dated(conn, workspace, NOW - 90 * DAY, value)
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)

    by_date(conn, workspace, moment, *TWO, trigger=trigger)

    assert [(one["entry_key"], f"{one['started_at']:%Y-%m-%d %H:%M}") for one in enrolments(conn, workspace)] == [
        (f"date:{day}", at)
    ]


def test_a_year_later_the_day_comes_again(conn: Connection, workspace: int) -> None:
    [person] = dated(conn, workspace, NOW, "1990-03-03")
    by_date(conn, workspace, NOW, EMAIL)

    look_ahead(conn, workspace, NOW + 365 * DAY)

    assert inside(conn, workspace) == [(person, "date:2026-03-03"), (person, "date:2027-03-03")]


def test_a_worker_that_was_away_makes_up_for_a_day(conn: Connection, workspace: int) -> None:
    _, last_night, _ = dated(conn, workspace, NOW, "1990-03-09", "1990-03-10", "1990-04-01")
    by_date(conn, workspace, NOW, *TWO)

    look_ahead(conn, workspace, datetime(2026, 3, 11, 12, 0, tzinfo=UTC))

    assert inside(conn, workspace) == [(last_night, "date:2026-03-10")]


# ── versions and statuses ───────────────────────────────────────────────────────────────────────────────────────────
def publish_again(conn: Connection, workspace: int, flow: int, version: int, now: datetime, **trigger: Any) -> None:
    tree = {"flow": "a-flow", "trigger": {**YEARLY, **trigger}, "steps": TWO}
    add_version(conn, workspace, flow, version, tree, now)


def test_a_new_version_begins_anew_and_takes_nobody_in_twice(conn: Connection, workspace: int) -> None:
    [person, other] = dated(conn, workspace, NOW, "1990-03-03", "1990-03-10")
    flow = by_date(conn, workspace, NOW, *TWO)

    publish_again(conn, workspace, flow, 2, NOW, before={"days": 7})
    look_ahead(conn, workspace, NOW)
    assert inside(conn, workspace) == [(person, "date:2026-03-03"), (other, "date:2026-03-10")]

    publish_again(conn, workspace, flow, 3, NOW)
    look_ahead(conn, workspace, NOW + HOUR)

    assert inside(conn, workspace) == [(person, "date:2026-03-03"), (other, "date:2026-03-10")]


def test_a_version_with_another_property_has_its_dates_written_down(conn: Connection, workspace: int) -> None:
    [person] = dated(conn, workspace, NOW, "1990-08-01")
    conn.execute("""UPDATE profile SET properties = properties || '{"renewal": "2026-03-03"}'""")
    flow = by_date(conn, workspace, NOW, *TWO)

    publish_again(conn, workspace, flow, 2, NOW, date="renewal")
    look_ahead(conn, workspace, NOW)

    assert inside(conn, workspace) == [(person, "date:2026-03-03")]
    assert conn.execute("SELECT day FROM flow_date WHERE workspace_id = %s", (workspace,)).fetchall() == [
        ("2026-03-03",)
    ]


def test_an_edit_of_how_long_before_the_day_it_starts_ends_nothing(conn: Connection, workspace: int) -> None:
    dated(conn, workspace, NOW, "1990-03-03")
    flow = by_date(conn, workspace, NOW, *TWO)

    publish_again(conn, workspace, flow, 2, NOW, before={"days": 7})
    runner.run_due(conn, workspace, NOW + 25 * HOUR)

    assert [(one["state"], one["step"]) for one in enrolments(conn, workspace)] == [("waiting", "b")]


@pytest.mark.parametrize("status", ["paused", "archived"])
def test_a_flow_that_stops_forgets_its_dates(conn: Connection, workspace: int, status: str) -> None:
    dated(conn, workspace, NOW, "1990-08-01", "1990-09-01")
    flow = by_date(conn, workspace, NOW, *TWO)

    conn.execute("UPDATE flow SET status = %s WHERE id = %s", (status, flow))
    assert workspace in date_rounds.workspaces_with_work(conn, NOW)
    look_ahead(conn, workspace, NOW)

    assert kept(conn, workspace) == 0
    assert workspace not in date_rounds.workspaces_with_work(conn, NOW)


def test_a_flow_that_is_resumed_begins_at_its_time(conn: Connection, workspace: int) -> None:
    _, coming = dated(conn, workspace, NOW, "1990-03-06", "1990-03-10")
    flow = by_date(conn, workspace, NOW, *TWO)
    conn.execute("UPDATE flow SET status = 'paused' WHERE id = %s", (flow,))
    look_ahead(conn, workspace, NOW)

    conn.execute("UPDATE flow SET status = 'live' WHERE id = %s", (flow,))
    look_ahead(conn, workspace, NOW + 7 * DAY)

    assert inside(conn, workspace) == [(coming, "date:2026-03-10")]


def test_a_flow_by_a_date_no_longer_is_let_go(conn: Connection, workspace: int) -> None:
    dated(conn, workspace, NOW, "1990-08-01")
    flow = by_date(conn, workspace, NOW, *TWO)

    add_version(conn, workspace, flow, 2, {"flow": "a-flow", "trigger": {"metric": "X"}, "steps": TWO}, NOW)
    look_ahead(conn, workspace, NOW)

    assert kept(conn, workspace) == 0
    assert conn.execute("SELECT FROM flow_dates WHERE workspace_id = %s", (workspace,)).fetchall() == []


# ── in pieces ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_everybody_is_taken_in_once_though_turns_are_broken_off(
    conn: Connection, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(date_rounds, "PEOPLE_A_TURN", 3)
    monkeypatch.setattr(date_rounds, "DATES_A_TURN", 4)
    everyone = dated(conn, workspace, NOW, *["1990-03-03"] * 10)
    publish(conn, workspace, NOW, *TWO, trigger=YEARLY)
    conn.commit()

    for turn in range(60):
        done = date_rounds.turn(conn, workspace, NOW)
        if turn % 2:
            conn.rollback()  # killed
        else:
            conn.commit()
            if not done:
                break

    assert inside(conn, workspace) == [(person, "date:2026-03-03") for person in everyone]


def test_two_workers_do_not_look_ahead_at_once(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, *TWO, trigger=YEARLY)
    conn.commit()

    assert date_rounds.turn(conn, workspace, NOW) == 1
    with database.connect() as other:
        assert date_rounds.turn(other, workspace, NOW) == 0


def test_who_wrote_a_date_before_the_flow_was_seen_is_waited_for(conn: Connection, workspace: int) -> None:
    [person] = people(conn, workspace, NOW, 1)
    conn.commit()
    with database.connect() as other:  # writes, and has looked: there was no flow
        other.execute("""UPDATE profile SET properties = '{"birthday": "1990-03-03"}' WHERE id = %s""", (person,))
        publish(conn, workspace, NOW, *TWO, trigger=YEARLY)
        look_ahead(conn, workspace, NOW)
        assert row(conn, workspace)[0] == "waiting"
        other.commit()

    look_ahead(conn, workspace, NOW)

    assert inside(conn, workspace) == [(person, "date:2026-03-03")]


def test_what_is_written_while_dates_are_written_down_stands(conn: Connection, workspace: int) -> None:
    [person] = dated(conn, workspace, NOW, "1990-08-01")
    flow = publish(conn, workspace, NOW, *TWO, trigger=YEARLY)
    [read] = flows_by_date(conn, workspace)
    path = rule_of(read).path
    kept_dates.renew(conn, workspace, flow, path, [person])
    conn.execute("""UPDATE profile SET properties = '{"birthday": "1990-09-01"}' WHERE id = %s""", (person,))

    assert kept_dates.fill(conn, workspace, flow, path, 0, 10) == (1, person)

    assert conn.execute("SELECT day FROM flow_date WHERE flow_id = %s", (flow,)).fetchall() == [("1990-08-01",)]


def test_each_workspace_looks_at_its_own_people(conn: Connection, workspace: int) -> None:
    dated(conn, workspace, NOW, "1990-03-03")

    look_ahead(conn, workspace + 1, NOW)

    assert inside(conn, workspace) == []


# ── at size ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_look_reads_a_few_days_of_an_index_and_a_change_one_row(conn: Connection, workspace: int) -> None:
    flow = by_date(conn, workspace, NOW, *TWO)
    conn.execute(
        """
        WITH made AS (
            INSERT INTO profile (workspace_id, created_at, updated_at)
            SELECT %(w)s, %(now)s, %(now)s
            FROM generate_series(1, 30000)
            RETURNING id
        )
        INSERT INTO flow_date (workspace_id, profile_id, flow_id, day, value)
        SELECT %(w)s, id, %(flow)s, day, day
        FROM made
        CROSS JOIN LATERAL (SELECT (date '1960-01-01' + (id * 37 %% 20000)::int)::text) AS d (day)
        """,
        {"w": workspace, "flow": flow, "now": NOW},
    )
    # What the planner knows otherwise hangs on when autovacuum came by last, and on what other tests left.
    conn.execute("ANALYZE profile")
    conn.execute("ANALYZE flow_date")
    rule = rule_of(flows_by_date(conn, workspace)[0])
    span, ids = (NOW, NOW + HOUR), list(range(4000))

    of_people = plan(conn, lambda: kept_dates.coming_of(conn, workspace, flow, rule, *span, ids))
    change = plan(conn, lambda: kept_dates.renew(conn, workspace, flow, rule.path, ids))
    ahead = plan(conn, lambda: kept_dates.coming(conn, workspace, flow, rule, *span, after=0, most=5000))

    assert "flow_date_pkey" in of_people
    assert "flow_date_pkey" in change
    assert "flow_date_of_year" in ahead
    for found in (of_people, change, ahead):
        assert "Seq Scan on flow_date" not in found
    conn.rollback()
