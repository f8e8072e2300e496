"""The webhooks' secret, and what a flow called, over the API."""

from __future__ import annotations

import pytest
from psycopg import Connection

from headwater.core import clock
from headwater.flows.calls import claims, outbox, signing
from headwater.flows.calls.outbox import Call
from headwater.flows.calls.outcomes import Settlement
from tests.api.api_client import Api, api_for
from tests.flows.flow_tables import people, publish

URL = "https://hooks.shop.example/in"


@pytest.fixture
def flow(conn: Connection, workspace: int) -> int:
    """A flow with three calls; the first has failed."""
    now = clock.now(conn)
    flow_id = publish(conn, workspace, now, {"id": "a", "email": "a.mjml"})
    (person,) = people(conn, workspace, now, 1)
    note = {"to": ["ann@team.example", "bob@team.example"], "subject": "s", "text": "t"}
    outbox.plan(conn, workspace, [Call(flow_id, 1, "tell", person, "webhook", {"url": URL}, {})], now)
    claimed = claims.claim(conn, workspace, now, clock.wall(), 1)
    failed = Settlement("failed", "The server answered 404.", 404)
    claims.settle(conn, workspace, [(claimed[0], failed)], now)
    outbox.plan(conn, workspace, [Call(flow_id, 2, "tell", person, "webhook", {"url": URL}, {})], now)
    outbox.plan(conn, workspace, [Call(flow_id, 2, "note", person, "notice", note, {})], now)
    conn.commit()
    return flow_id


def test_the_secret_is_the_one_that_signs_and_each_workspace_has_its_own(api: Api, conn: Connection) -> None:
    secret = api.get("/webhooks/secret")["secret"]
    assert secret == signing.signing_secret(api.workspace)
    assert len(secret) == 70
    assert secret != signing.signing_secret(api.workspace + 1)
    assert api.call("GET", "/webhooks/secret", key="hw_sk_wrong").status == 401


def test_calls_are_listed_with_their_outcome_newest_first(api: Api, flow: int) -> None:
    answer = api.get("/flows/a-flow/calls")
    assert answer.status == 200, answer
    note, waiting, failed = answer["data"]
    assert (note["kind"], note["to"], note["state"]) == ("notice", ["ann@team.example", "bob@team.example"], "planned")
    assert (waiting["kind"], waiting["to"], waiting["attempts"]) == ("webhook", [URL], 0)
    assert waiting["next_at"] == waiting["planned_at"]
    assert (failed["state"], failed["response_status"], failed["attempts"]) == ("failed", 404, 1)
    assert failed["error"] == "The server answered 404."
    assert failed["next_at"] is None
    assert failed["finished_at"] is not None
    assert failed["delivery"] == signing.delivery_id(api.workspace, failed["id"])


def test_calls_come_in_pages(api: Api, flow: int) -> None:
    first = api.get("/flows/a-flow/calls?limit=2")
    second = api.get(f"/flows/a-flow/calls?limit=2&cursor={first['next']}")
    assert [len(first["data"]), len(second["data"]), second["next"]] == [2, 1, None]
    assert first["data"][-1]["id"] > second["data"][0]["id"]


def test_no_flow_no_calls(api: Api, conn: Connection, flow: int) -> None:
    assert api.get("/flows/none/calls").status == 404
    row = conn.execute(
        "INSERT INTO workspace (name, slug, timezone, currency, from_name, from_email, reply_to, postal_address,"
        " website_url, smart_sending_hours, require_consent, created_at)"
        " VALUES ('O', md5(random()::text), 'UTC', 'USD', '', '', '', '', '', 16, false, '2026-01-01') RETURNING id"
    ).fetchone()
    assert row is not None
    assert api_for(conn, row[0]).get("/flows/a-flow/calls").status == 404
