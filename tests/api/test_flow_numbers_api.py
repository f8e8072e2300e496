"""The numbers of a flow over the API: every step in order, emails with rates, tests with their chances."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from psycopg import Connection
from psycopg.types.json import Jsonb

from headwater.events import metrics
from headwater.flows import runner
from tests.api.api_client import Answer, Api
from tests.flows.flow_tables import people, publish
from tests.flows.test_numbers import happens, shop

NOW = datetime(2026, 3, 2, 12, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


def numbers(api: Api, conn: Connection, since: datetime = NOW - HOUR, until: datetime = NOW + 9 * HOUR) -> Answer:
    conn.commit()
    return api.get(f"/flows/a-flow/numbers?{urlencode({'since': since.isoformat(), 'until': until.isoformat()})}")


def all_sent(conn: Connection, workspace: int) -> dict[int, int]:
    """Every message goes out and is opened; message by profile."""
    conn.execute(
        "UPDATE message SET state = 'sent', sent_at = %s, opened_at = %s WHERE workspace_id = %s",
        (NOW, NOW, workspace),
    )
    return dict(conn.execute("SELECT profile_id, id FROM message WHERE workspace_id = %s", (workspace,)).fetchall())


def test_steps_stand_in_order_with_words_and_rates(api: Api, conn: Connection) -> None:
    _, crowd = shop(conn, api.workspace)
    ids = all_sent(conn, api.workspace)
    conn.execute(
        "UPDATE message SET state = 'bounced', opened_at = NULL WHERE workspace_id = %s AND profile_id = %s",
        (api.workspace, crowd[9]),
    )
    happens(conn, api.workspace, crowd[0], metrics.CLICKED_EMAIL, NOW + HOUR, message_id=ids[crowd[0]])
    happens(conn, api.workspace, crowd[0], metrics.PLACED_ORDER, NOW + HOUR, value=80)
    runner.run_due(conn, api.workspace, NOW + 2 * HOUR)

    answer = numbers(api, conn)

    assert answer.status == 200
    assert (answer["entered"], answer["waiting"], answer["needs_review"]) == (10, 9, 9)
    assert answer["exited"] == {"exit_event": 1}
    assert [(one["step"], one["words"]) for one in answer["steps"]] == [
        ("a", "email “a” (a.mjml)"),
        ("delay-1", "waits 2 hours"),
        ("b", "email “b” (b.mjml) [manual]"),
    ]
    first, _, second = answer["steps"]
    assert (first["came"], first["waiting"], first["test"]) == (10, 0, None)
    assert (second["waiting"], second["needs_review"], second["email"]) == (9, 9, None)
    email = first["email"]
    assert (email["sent"], email["delivered"], email["bounced"]) == (10, 9, 1)
    assert (email["converted"], email["revenue"]) == (1, 80.0)
    assert email["rates"] == {
        "opened": 1.0, "clicked": 0.0, "converted": 0.1111, "unsubscribed": 0.0, "complained": 0.0, "bounced": 0.1
    }  # fmt: skip
    assert answer["emails"] == email


def test_what_was_not_sent_is_told_by_its_reason(api: Api, conn: Connection) -> None:
    _, crowd = shop(conn, api.workspace)
    happens(conn, api.workspace, crowd[0], metrics.PLACED_ORDER, NOW + HOUR, value=50)

    email = numbers(api, conn)["steps"][0]["email"]

    assert email["skipped"] == {"failed_exit_condition": 1}
    assert (email["planned"], email["sent"], email["rates"]["opened"]) == (9, 0, None)


def test_a_step_that_is_gone_keeps_its_numbers_at_the_end(api: Api, conn: Connection) -> None:
    flow_id, _ = shop(conn, api.workspace)
    conn.execute(
        "UPDATE flow_step_count SET step = 'old' WHERE workspace_id = %s AND flow_id = %s AND step = 'delay-1'",
        (api.workspace, flow_id),
    )

    last = numbers(api, conn)["steps"][-1]

    assert (last["step"], last["words"], last["outcomes"]) == ("old", "no longer in the flow", {"waited": 10})


@pytest.mark.parametrize("decided", [False, True])
def test_a_test_says_how_likely_each_is_the_best(api: Api, conn: Connection, decided: bool) -> None:
    tested = [{"id": name, "email": f"{name}.mjml", "share": 50} for name in ("warm", "crisp")]
    flow_id = publish(conn, api.workspace, NOW, {"id": "tone", "ab_test": tested, "winner": {"by": "opens"}})
    for one in people(conn, api.workspace, NOW, 60):
        happens(conn, api.workspace, one, "Viewed Product", NOW)
    runner.run_due(conn, api.workspace, NOW)
    conn.execute(
        """
        UPDATE message
        SET state = 'sent', sent_at = %s, opened_at = CASE WHEN step = 'warm' THEN %s::timestamptz END
        WHERE workspace_id = %s
        """,
        (NOW, NOW, api.workspace),
    )
    if decided:
        conn.execute(
            """
            INSERT INTO flow_winner (workspace_id, flow_id, step, variation, decided_at, detail)
            VALUES (%s, %s, 'tone', 'warm', %s, %s)
            """,
            (api.workspace, flow_id, NOW, Jsonb({"probability": 0.97, "by_time": False})),
        )

    test = numbers(api, conn)["steps"][0]["test"]

    warm, crisp = test["variations"]
    assert (warm["step"], warm["share"], warm["hits"]) == ("warm", 50.0, warm["sent"])
    assert (crisp["step"], crisp["hits"]) == ("crisp", 0)
    assert warm["sent"] + crisp["sent"] == 60
    assert warm["chance"] > 0.99 > 0.01 > crisp["chance"]
    told = test["winner"] and (test["winner"]["variation"], test["winner"]["chance"])
    assert told == (("warm", 0.97) if decided else None)


def test_a_flow_that_is_not_there_or_not_published_has_no_numbers(api: Api, conn: Connection) -> None:
    conn.execute(
        "INSERT INTO flow (workspace_id, slug, name, created_at, updated_at) VALUES (%s, 'a-flow', 'A', %s, %s)",
        (api.workspace, NOW, NOW),
    )

    assert numbers(api, conn).status == 400
    assert api.get("/flows/other/numbers").status == 404


def test_the_span_is_checked_and_thirty_days_by_itself(api: Api, conn: Connection) -> None:
    shop(conn, api.workspace)

    refused = numbers(api, conn, NOW, NOW)
    assert (refused.status, refused["field"]) == (400, "query.until")
    usual = api.get("/flows/a-flow/numbers").body
    begins, ends = (datetime.fromisoformat(usual[side]) for side in ("since", "until"))
    assert ends - begins == timedelta(days=30)
