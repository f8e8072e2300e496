"""The table of people, one profile's page, and suppressions, over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta

from psycopg import Connection

from headwater.core import clock
from headwater.events import metrics
from headwater.intake import processor
from tests.api.api_client import MJML, Api
from tests.delivery.test_received import mail
from tests.flows.test_numbers import happens


def test_a_page_of_people(api: Api) -> None:
    people = [{"email": f"p{number}@example.com", "first_name": "Ada", "country": "DE"} for number in range(5)]
    api.post("/profiles/bulk", {"profiles": people})
    first = api.get("/profiles/table?limit=2&sort=email&order=asc&q=ada")
    assert [one["email"] for one in first["data"]] == ["p0@example.com", "p1@example.com"]
    assert (first["total"], first["exact"], first["previous"]) == (5, True, None)
    row = first["data"][0]
    assert (row["consent"], row["suppressed"], row["orders"], row["value"]) == ("never_subscribed", [], 0, 0)
    second = api.get(f"/profiles/table?limit=2&sort=email&order=asc&q=ada&cursor={first['next']}")
    assert [one["email"] for one in second["data"]] == ["p2@example.com", "p3@example.com"]
    back = api.get(f"/profiles/table?limit=2&sort=email&order=asc&q=ada&cursor={second['previous']}")
    assert back["data"] == first["data"]
    assert api.get("/profiles/table?country=FR")["data"] == []
    assert api.get("/profiles/table?created_since=2100-01-01T00:00Z")["data"] == []


def test_what_cannot_be_asked_is_said(api: Api, conn: Connection) -> None:
    assert api.get("/profiles/table?cursor=nonsense")["field"] == "cursor"
    assert api.get("/profiles/table?sort=shoe").status == 400
    assert api.get("/profiles/table?list_id=999999").status == 404
    assert api.get("/profiles/table?segment_id=999999").status == 404
    unbuilt = api.made("/segments", {"name": "New", "definition": {"all": []}})
    assert api.get(f"/profiles/table?segment_id={unbuilt}").status == 409


def test_the_numbers_of_a_profile(api: Api, conn: Connection) -> None:
    one = api.made("/profiles", {"email": "a@example.com"})
    now = clock.now(conn)
    ordered, looked = now - timedelta(days=3), now - timedelta(days=1)
    happens(conn, api.workspace, one, metrics.PLACED_ORDER, ordered - timedelta(days=200), value=20)
    happens(conn, api.workspace, one, metrics.PLACED_ORDER, ordered, value=30.5)
    happens(conn, api.workspace, one, metrics.VIEWED_PRODUCT, looked)
    mail(conn, api.workspace, one, now - timedelta(days=2))
    mail(conn, api.workspace, one, now - timedelta(days=91))
    conn.commit()
    found = api.get(f"/profiles/{one}/numbers")
    assert (found["orders"], found["value"], found["currency"]) == (2, 50.5, "USD")
    assert [datetime.fromisoformat(found[name]) for name in ("last_order_at", "last_active_at")] == [ordered, looked]
    assert (found["days"], found["received"], found["opened"], found["clicked"]) == (90, 1, 0, 0)


def test_somebody_who_did_nothing_has_numbers_too(api: Api) -> None:
    one = api.made("/profiles", {"email": "a@example.com"})
    found = api.get(f"/profiles/{one}/numbers")
    assert (found["orders"], found["value"], found["last_order_at"], found["last_active_at"]) == (0, 0, None, None)
    assert (found["received"], found["opened"], found["clicked"]) == (0, 0, 0)
    assert api.get("/profiles/999999/numbers").status == 404


def test_the_lists_of_a_profile(api: Api) -> None:
    one = api.made("/profiles", {"email": "a@example.com"})
    chosen = api.made("/lists", {"name": "News"})
    api.post(f"/lists/{chosen}/members", {"profiles": [{"id": one}]})
    found = api.get(f"/profiles/{one}/lists").body
    assert [(entry["list_id"], entry["name"], entry["method"]) for entry in found] == [(chosen, "News", "api")]
    assert api.get("/profiles/999999/lists").status == 404


def test_where_a_profile_is_in_flows(api: Api, conn: Connection) -> None:
    one = api.made("/profiles", {"email": "a@example.com"})
    steps = [{"id": "wait", "delay": {"days": 1}}, {"id": "mail", "email": "Hello"}]
    api.post("/templates", {"name": "Hello", "subject": "Hello", "mjml": MJML})
    flow = {"name": "By call", "trigger": {"api": {}}, "steps": steps}
    assert api.put("/flows/by-call", flow).status == 200
    assert api.post("/flows/by-call/start", {"profile": {"id": one}}).status in (200, 202)
    while processor.process(conn, api.workspace, clock.now(conn)):
        conn.commit()
    conn.commit()
    found = api.get(f"/profiles/{one}/flows").body
    assert [(entry["slug"], entry["flow"], entry["state"]) for entry in found] == [("by-call", "By call", "waiting")]
    assert found[0]["next"]
    assert found[0]["next_at"] is not None
    assert found[0]["end"] is None


def test_suppressions_are_listed_searched_and_lifted(api: Api) -> None:
    for number in range(3):
        api.post("/consent/suppress", {"profiles": [{"email": f"p{number}@example.com"}]})
    api.post("/consent/suppress", {"profiles": [{"email": "p0@example.com"}], "reason": "spam_complaint"})
    first = api.get("/suppressions?limit=2")
    second = api.get(f"/suppressions?limit=2&cursor={first['next']}")
    assert len(first["data"] + second["data"]) == 4
    assert second["next"] is None
    complaint = api.get("/suppressions?reason=spam_complaint")["data"]
    assert [(one["email"], one["may_lift"]) for one in complaint] == [("p0@example.com", False)]
    assert [one["email"] for one in api.get("/suppressions?q=P1@EX")["data"]] == ["p1@example.com"]
    assert api.get("/suppressions?q=%25")["data"] == []
    assert {one["reason"]: one["people"] for one in api.get("/suppressions/reasons").body}["user_suppressed"] == 3
    assert api.get("/suppressions?cursor=x").status == 400

    one = {"email": "p0@example.com"}
    refused = api.post("/consent/unsuppress", {"profiles": [one], "reason": "spam_complaint"})
    assert (refused.status, refused["field"]) == (400, "reason")
    assert api.post("/consent/unsuppress", {"profiles": [one]}).status == 200
    assert [entry["reason"] for entry in api.get("/suppressions?q=p0")["data"]] == ["spam_complaint"]
