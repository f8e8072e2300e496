"""A flow walked for one real person from now on, and a flow's own tests, over the API."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from headwater.core import clock, partitions
from tests.api.api_client import MJML, Answer, Api
from tests.events.stored_history import History

HOUR = timedelta(hours=1)
FLOW: dict[str, Any] = {
    "name": "Views",
    "trigger": {"metric": "Viewed Product", "where": [{"property": "price", "greater_than": 0}]},
    "profile_filters": [{"metric": "Placed Order", "count": {"equals": 0}, "in_last": {"days": 10}}],
    "entry": {"again": {"after": {"days": 14}}},
    "exit_on": [{"metric": "Placed Order"}],
    "steps": [
        {"delay": {"hours": 2}},
        {"id": "first", "email": "Hello"},
        {"id": "rest", "delay": {"days": 1}},
        {"id": "known", "if": {"metric": "Placed Order"}, "then": [{"id": "thanks", "email": "Hello"}]},
        {"id": "last", "email": "Hello"},
    ],
    "tests": [
        {
            "name": "Two emails",
            "events": [{"at": "2026-03-02 12:00", "metric": "Viewed Product", "properties": {"price": 3}}],
            "expect": [{"email": "first", "after": {"hours": 2}}, {"email": "last", "after": {"hours": 26}}],
        },
        {
            "name": "Wrong",
            "events": [{"at": "2026-03-02 12:00", "metric": "Viewed Product", "properties": {"price": 3}}],
            "expect": [{"email": "first", "after": {"hours": 3}}],
        },
    ],
}


@pytest.fixture
def made(api: Api) -> Api:
    api.made("/templates", {"name": "Hello", "subject": "Hello", "mjml": MJML})
    assert api.put("/flows/views", FLOW).status == 200
    return api


@pytest.fixture
def history(made: Api, conn: Connection) -> History:
    return History(conn, made.workspace, clock.now(conn) - timedelta(days=300))


def walked(api: Api, conn: Connection, person: int, **more: Any) -> Answer:
    conn.commit()
    return api.post("/flows/views/walk", {"profile_id": person, "properties": {"price": 9}} | more)


def told(answer: Answer) -> list[tuple[str, str | None, timedelta]]:
    """(kind, step, how long after now), without the waits."""
    assert answer.status == 200, answer.body
    now = datetime.fromisoformat(answer["now"])
    found = [(one["kind"], one["step"], datetime.fromisoformat(one["at"]) - now) for one in answer["moments"]]
    return [one for one in found if one[0] != "decided"]


def test_what_would_be_sent_when(made: Api, conn: Connection, history: History) -> None:
    [person] = history.people(1)

    answer = walked(made, conn, person)

    assert told(answer) == [
        ("entered", None, timedelta(0)),
        ("email", "first", 2 * HOUR),
        ("email", "last", 26 * HOUR),
        ("completed", None, 26 * HOUR),
    ]
    assert [one["outcome"] for one in answer["moments"] if one["step"] == "known"] == ["no"]
    assert answer["words"]["stops"] == ["Placed Order"]
    assert made.get("/flows/views/people")["data"] == []


def test_their_past_decides(made: Api, conn: Connection, history: History) -> None:
    buyer, fresh = history.people(2)
    now = clock.now(conn)
    history.did(buyer, "Placed Order", now - timedelta(days=100), 30)
    history.did(fresh, "Placed Order", now - timedelta(days=3), 30)

    assert ("email", "thanks", 26 * HOUR) in told(walked(made, conn, buyer))
    refused = walked(made, conn, fresh)
    assert (refused["refused"], refused["moments"]) == ("profile_filters", [])


def test_what_they_may_do_is_assumed(made: Api, conn: Connection, history: History) -> None:
    [person] = history.people(1)
    order = {"step": "first", "minutes": 90, "metric": "Placed Order", "value": 40}
    never = {"step": "last", "minutes": 5, "unsubscribes": True}

    answer = walked(made, conn, person, assume=[order, never])

    assert told(answer) == [
        ("entered", None, timedelta(0)),
        ("email", "first", 2 * HOUR),
        ("assumed", None, 3.5 * HOUR),
        ("left", "known", 3.5 * HOUR),
    ]
    assert answer["moments"][-1]["outcome"] == "exit_event"
    assert answer["misses"] == [1]


def test_the_trigger_has_its_own_filter(made: Api, conn: Connection, history: History) -> None:
    [person] = history.people(1)

    assert walked(made, conn, person, properties={"price": 0})["refused"] == "trigger"


def test_who_came_in_lately_is_told_so(made: Api, conn: Connection, history: History) -> None:
    [person] = history.people(1)
    now = clock.now(conn)
    conn.execute(
        """
        INSERT INTO enrolment (workspace_id, flow_id, profile_id, entry_key, version, started_at, entered_at, trigger)
        SELECT workspace_id, id, %(person)s, 'x', 1, %(at)s, %(at)s, '{}'
        FROM flow
        WHERE workspace_id = %(w)s
        """,
        {"w": made.workspace, "person": person, "at": now - timedelta(days=2)},
    )

    answer = walked(made, conn, person)

    assert answer["entered_lately"] is not None
    assert ("email", "first", 2 * HOUR) in told(answer)


def test_an_email_that_just_came_keeps_the_next_one_back(made: Api, conn: Connection, history: History) -> None:
    [person] = history.people(1)
    now = clock.now(conn)
    partitions.ensure(conn, "message", [now])
    conn.execute(
        """
        INSERT INTO message (workspace_id, source, source_id, step, profile_id, state,
                             origin_at, planned_at, send_at, sent_at)
        VALUES (%(w)s, 'campaign', 1, 'a', %(person)s, 'sent', %(now)s, %(now)s, %(at)s, %(at)s)
        """,
        {"w": made.workspace, "person": person, "now": now, "at": now - HOUR},
    )

    answer = walked(made, conn, person)

    assert ("skipped", "first", 2 * HOUR) in told(answer)
    assert ("email", "last", 26 * HOUR) in told(answer)


@pytest.mark.parametrize(
    ("trigger", "kind"),
    [
        ({"list": "Newsletter"}, "entered"),
        ({"segment": "Everyone", "stay": False}, "entered"),
        ({"api": {}}, "entered"),
        ({"manual": {}}, "entered"),
        ({"price_drop": {"percent": 10}}, "entered"),
    ],
)
def test_flows_of_other_triggers_can_be_walked(
    made: Api, conn: Connection, history: History, trigger: Any, kind: str
) -> None:
    made.made("/lists", {"name": "Newsletter"})
    made.made("/segments", {"name": "Everyone", "definition": {"property": "email", "is_set": True}})
    [person] = history.people(1)
    made.put("/flows/views?publish=false", {"trigger": trigger, "steps": [{"id": "hi", "email": "Hello"}]})

    answer = walked(made, conn, person, version="draft", properties={})

    assert [one[0] for one in told(answer)] == [kind, "email", "completed"], answer.body


def test_a_date_flow_walks_to_the_date(made: Api, conn: Connection, history: History) -> None:
    [person] = history.people(1)
    conn.execute(
        """UPDATE profile SET properties = '{"birthday": "1990-05-05"}' WHERE workspace_id = %s""", (made.workspace,)
    )
    trigger = {"date": "birthday", "repeat": "yearly", "at": "09:00"}
    made.put("/flows/views?publish=false", {"trigger": trigger, "steps": [{"id": "hi", "email": "Hello"}]})

    answer = walked(made, conn, person, version="draft")

    assert [one["kind"] for one in answer["moments"]] == ["entered", "email", "completed"]
    assert answer["moments"][0]["at"][5:10] == "05-05"


def test_the_tests_of_a_flow_are_run(made: Api) -> None:
    passed, failed = made.post("/flows/views/tests").body

    assert (passed["name"], passed["passed"]) == ("Two emails", True)
    assert (failed["name"], failed["passed"]) == ("Wrong", False)
    assert any(line.startswith("- first at") for line in failed["difference"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"profile_id": 2**40}, 404),
        ({"version": "draft"}, 409),
        ({"assume": [{"step": "first"}]}, 400),
        ({"assume": [{"metric": "Placed Order", "unsubscribes": True}]}, 400),
        ({"assume": [{"metric": ""}]}, 400),
    ],
)
def test_a_wrong_call_is_refused(made: Api, conn: Connection, history: History, body: Any, status: int) -> None:
    [person] = history.people(1)

    assert walked(made, conn, person, **body).status == status
