"""What needs attention of calls and imports: on the home page and among the webhooks' settings."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from psycopg import Connection

from headwater.audience.imports import troubles as imports
from headwater.core import clock
from headwater.flows.calls import outbox, troubles
from headwater.flows.calls.outbox import Call
from tests.api.api_client import Api
from tests.flows.flow_tables import people, publish
from tests.flows.query_plans import plan

URL = "https://hooks.shop.example/in"
HOUR = timedelta(hours=1)


@pytest.fixture
def now(conn: Connection) -> datetime:
    return clock.now(conn)


@pytest.fixture
def flow(conn: Connection, workspace: int, now: datetime) -> int:
    return publish(conn, workspace, now, {"id": "a", "email": "a.mjml"})


def called(conn: Connection, workspace: int, flow: int, number: int, at: datetime, state: str, attempts: int) -> None:
    """A webhook of the flow, planned then, whose last attempt was answered 503."""
    (person,) = people(conn, workspace, at, 1)
    outbox.plan(conn, workspace, [Call(flow, number, "tell", person, "webhook", {"url": URL}, {})], at)
    conn.execute(
        """
        UPDATE flow_call
        SET state = %(state)s, attempts = %(attempts)s, error = 'The server answered 503.', response_status = 503,
            finished_at = CASE WHEN %(state)s = 'failed' THEN %(at)s::timestamptz END
        WHERE workspace_id = %(workspace)s AND flow_id = %(flow)s AND enrolment_id = %(number)s
        """,
        {"workspace": workspace, "flow": flow, "number": number, "state": state, "attempts": attempts, "at": at},
    )
    conn.commit()


def brought(conn: Connection, workspace: int, state: str, at: datetime, refused: int = 0, error: str = "") -> int:
    """An import that ended like this."""
    row = conn.execute(
        """
        INSERT INTO profile_import (workspace_id, name, state, created_at, started_at, finished_at, bytes, encoding,
                                    delimiter, header, columns, mapping, total, refused, error)
        VALUES (%s, 'people.csv', %s, %s, %s, %s, 10, 'utf-8', ',', true, '{email}', '[]', 40, %s, NULLIF(%s, ''))
        RETURNING id
        """,
        (workspace, state, at, at, at, refused, error),
    ).fetchone()
    conn.commit()
    assert row is not None
    return int(row[0])


def test_calls_that_keep_failing_are_told_by_flow_and_host(
    api: Api, conn: Connection, flow: int, now: datetime
) -> None:
    called(conn, api.workspace, flow, 1, now - 2 * HOUR, "failed", 1)
    called(conn, api.workspace, flow, 2, now - HOUR, "planned", 1)
    assert api.get("/webhooks/failing").body == [], "two may be chance"
    called(conn, api.workspace, flow, 3, now - HOUR, "planned", 1)

    (found,) = api.get("/webhooks/failing").body
    assert (found["flow"], found["host"], found["kind"]) == ("a-flow", "hooks.shop.example", "webhook")
    assert (found["calls"], found["given_up"], found["last_status"]) == (3, 1, 503)
    assert (found["last_error"], found["rests_until"]) == ("The server answered 503.", None)
    (item,) = api.get("/overview")["attention"]
    assert (item["kind"], item["target"], item["level"]) == ("webhooks", "a-flow", "warning")
    assert item["title"] == "3 webhooks of “a-flow” to hooks.shop.example failed in the last day"
    assert item["detail"] == "The server answered 503. They are tried again for a day."


def test_one_call_that_fails_again_and_again_is_told_of(api: Api, conn: Connection, flow: int, now: datetime) -> None:
    called(conn, api.workspace, flow, 1, now - HOUR, "planned", 3)
    conn.execute("UPDATE flow_call_host SET open_until = %s WHERE workspace_id = %s", (now + HOUR, api.workspace))
    conn.commit()

    (found,) = api.get("/webhooks/failing").body

    assert (found["calls"], found["given_up"]) == (1, 0)
    assert datetime.fromisoformat(found["rests_until"]) == now + HOUR


def test_what_was_long_ago_or_went_well_or_is_another_brand_s_is_not_told(
    api: Api, conn: Connection, flow: int, now: datetime
) -> None:
    for number in range(5):
        called(conn, api.workspace, flow, number, now - 25 * HOUR, "failed", 4)
        called(conn, api.workspace, flow, 10 + number, now - HOUR, "done", 4)
    assert api.get("/webhooks/failing").body == []
    for number in range(5):
        called(conn, api.workspace, flow, 20 + number, now - HOUR, "failed", 4)
    assert len(api.get("/webhooks/failing").body) == 1
    assert troubles.failing(conn, api.workspace + 1, now) == []


def test_imports_that_left_rows_out_or_stopped_are_told_with_their_page(
    api: Api, conn: Connection, now: datetime
) -> None:
    some = brought(conn, api.workspace, "done", now - HOUR, refused=12)
    stopped = brought(conn, api.workspace, "failed", now - 2 * HOUR, error="The file ends in the middle of a row.")
    brought(conn, api.workspace, "done", now - HOUR)
    brought(conn, api.workspace, "cancelled", now - HOUR, refused=3)
    brought(conn, api.workspace, "done", now - 8 * 24 * HOUR, refused=3)

    items = api.get("/overview")["attention"]

    assert [(item["kind"], item["target"], item["level"]) for item in items] == [
        ("import", str(stopped), "error"), ("import", str(some), "warning"),
    ]  # fmt: skip
    assert items[0]["title"] == "The import of “people.csv” stopped"
    assert items[0]["detail"] == "The file ends in the middle of a row."
    assert items[1]["title"] == "12 of 40 rows of “people.csv” were not taken in"


def test_failing_calls_are_found_among_many_by_their_index(
    conn: Connection, workspace: int, flow: int, now: datetime
) -> None:
    conn.execute(
        """
        INSERT INTO flow_call (workspace_id, flow_id, enrolment_id, step, profile_id, kind, host, spec, trigger, state,
                               next_at, deadline, planned_at, error)
        SELECT %(workspace)s, %(flow)s, number, 'tell', 1, 'webhook', 'hooks.shop.example', '{}', '{}', 'done', %(now)s,
               %(now)s, %(now)s - number * interval '1 minute', CASE WHEN number %% 500 = 0 THEN 'It failed.' END
        FROM generate_series(1, 5000) AS number
        """,
        {"workspace": workspace, "flow": flow, "now": now},
    )
    conn.execute("ANALYZE flow_call")
    assert "flow_call_error" in plan(conn, lambda: troubles.failing(conn, workspace, now))


def test_imports_that_ended_lately_are_found_by_their_index(conn: Connection, workspace: int, now: datetime) -> None:
    conn.execute("SET LOCAL enable_seqscan = off")
    assert "profile_import_finished" in plan(conn, lambda: imports.ended_since(conn, workspace, now))
