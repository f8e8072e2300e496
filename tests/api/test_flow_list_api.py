"""The list of flows as the app shows it: what starts each, who came in lately, what its emails brought."""

from __future__ import annotations

from datetime import timedelta

from psycopg import Connection

from headwater.core import clock
from headwater.flows import runner
from tests.api.api_client import Api
from tests.flows.flow_tables import enrol, people, publish


def test_each_flow_says_what_starts_it_and_what_it_brought(api: Api, conn: Connection) -> None:
    now = clock.now(conn)
    flow = publish(conn, api.workspace, now, {"email": "a.mjml"}, {"delay": {"days": 1}}, {"email": "b.mjml"})
    publish(conn, api.workspace, now, {"email": "a.mjml"}, flow="quiet", trigger={"list": "Newsletter"})
    enrol(conn, api.workspace, flow, people(conn, api.workspace, now, 3), now)
    conn.execute(
        """
        INSERT INTO flow_step_count (workspace_id, flow_id, step, outcome, at, count, summed)
        VALUES (%(w)s, %(f)s, '', 'entered', %(now)s, 3, false), (%(w)s, %(f)s, '', 'entered', %(old)s, 40, false)
        """,
        {"w": api.workspace, "f": flow, "now": now, "old": now - timedelta(days=60)},
    )
    runner.run_due(conn, api.workspace, now)
    conn.execute(
        "UPDATE message SET state = 'sent', sent_at = %s, opened_at = %s WHERE workspace_id = %s",
        (now, now, api.workspace),
    )
    conn.commit()

    table = api.get("/flows/table?days=30")

    assert table.status == 200
    assert (table["days"], table["currency"]) == (30, "USD")
    busy, quiet = table["flows"]
    assert (busy["trigger"], busy["waiting"], busy["entered"]) == ("someone does: Viewed Product", 3, 3)
    assert (quiet["trigger"], quiet["entered"], quiet["sent"]) == ("someone joins the list Newsletter", 0, 0)
    assert quiet["rates"]["opened"] is None


def test_a_draft_without_a_trigger_says_nothing_of_it(api: Api) -> None:
    api.post("/flows", {"flow": "new", "name": "New", "steps": []})
    api.post("/flows", {"flow": "other", "trigger": {"manual": {}}, "steps": []})

    found = {one["slug"]: one["trigger"] for one in api.get("/flows/table")["flows"]}

    assert found == {"new": "", "other": "someone adds people by hand"}


def test_archived_flows_come_when_asked_for(api: Api, conn: Connection) -> None:
    publish(conn, api.workspace, clock.now(conn), {"email": "a.mjml"})
    conn.commit()
    api.post("/flows/a-flow/archive")

    assert api.get("/flows/table")["flows"] == []
    assert [one["status"] for one in api.get("/flows/table?archived=true")["flows"]] == ["archived"]
