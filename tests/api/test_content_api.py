"""Templates, catalog, coupons, segments, flows, campaigns, messages and the brand over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg import Connection

from headwater.campaigns import runner
from headwater.core import clock
from tests.api.api_client import MJML, Api

AT = "2026-01-01T00:00Z"
EMAIL: dict[str, Any] = {"subject": "Hello {{ first_name | default: 'there' }}", "mjml": MJML}


def test_templates_have_versions_and_a_preview(api: Api) -> None:
    made = api.post("/templates", {"name": "Welcome", **EMAIL})
    assert made.status == 201, made
    path = f"/templates/{made['id']}"
    assert api.post("/templates", {"name": "welcome", **EMAIL}).status == 409
    person = api.made("/profiles", {"email": "ada@example.com", "first_name": "Ada"})
    shown = api.post(f"{path}/preview", {"profile_id": person})
    assert (shown.status, shown["subject"]) == (200, "Hello Ada"), shown
    assert "Hello Ada" in shown["html"]
    assert "Hello there" in api.post(f"{path}/preview")["text"]
    saved = api.put(path, {**EMAIL, "subject": "Hi"})
    assert saved["current_version"] != made["current_version"]
    versions = api.get(f"{path}/versions")["data"]
    assert [version["subject"] for version in versions] == ["Hi", EMAIL["subject"]]
    assert api.get(f"{path}/versions/{made['current_version']}")["content"]["subject"] == EMAIL["subject"]
    assert api.get("/templates")["data"][0]["name"] == "Welcome"
    assert api.delete(path).status == 204
    assert api.get(path).status == 404


def test_a_preview_shows_a_sample_code_and_issues_none(api: Api) -> None:
    api.post("/coupons", {"name": "BROWSE10", "kind": "generated"})
    body = MJML.replace("Hello", "{{ coupon.code }}")
    made = api.made("/templates", {"name": "Offer", **EMAIL, "mjml": body, "data": {"coupon": "BROWSE10"}})
    assert "BROWSE10-PREVIEW" in api.post(f"/templates/{made}/preview")["html"]
    assert api.get("/coupons/BROWSE10")["assigned"] == 0


def test_what_is_wrong_with_an_email_is_said(api: Api) -> None:
    bad = {"name": "Bad", "subject": "X", "mjml": MJML.replace("{% footer %}", "")}
    refused = api.post("/templates", bad)
    assert (refused.status, refused["field"]) == (400, "mjml")
    assert "unsubscribe" in refused["detail"]
    problems = api.post("/templates/check", {"subject": "X", "mjml": bad["mjml"]}).body
    assert problems[0]["level"] == "error"


def test_products_and_reviews(api: Api) -> None:
    sent = [{"id": "a/1", "title": "Mug", "price": 12.5, "category": "mugs"}, {"id": "2", "title": "Pen"}]
    assert api.post("/products", {"products": sent})["stored"] == 2
    api.post("/products", {"products": [{"id": "a/1", "stock": 3}]})
    one = api.get("/products/a/1")
    assert (one["title"], one["price"], one["stock"]) == ("Mug", 12.5, 3)
    assert [entry["id"] for entry in api.get("/products?category=mugs")["data"]] == ["a/1"]
    review = {
        "id": "r",
        "product_id": "a/1",
        "rating": 5,
        "author": "A",
        "body": "Good",
        "created_at": "2026-01-01T00:00Z",
    }
    stored = api.post("/reviews", {"reviews": [review, {**review, "id": "s", "product_id": "nowhere"}]})
    assert (stored["stored"], stored["refused"]) == (1, ["s"])
    assert api.get("/reviews?product_id=a/1")["data"][0]["rating"] == 5
    bad = api.post("/reviews", {"reviews": [{**review, "rating": 6}]})
    assert (bad.status, bad["field"]) == (400, "reviews.0.rating")
    assert api.delete("/reviews/r").status == 204
    assert api.delete("/products/a/1").status == 204
    assert api.get("/products/a/1").status == 404


def test_coupons_and_their_codes(api: Api) -> None:
    pool = api.post("/coupons", {"name": "POOL", "kind": "pool", "expires_after_hours": 72})
    assert (pool["remaining"], pool["expires_after_hours"]) == (0, 72)
    assert api.post("/coupons/POOL/codes", {"codes": ["A", "B", "A"]})["added"] == 2
    assert api.get("/coupons/POOL")["remaining"] == 2
    assert [entry["name"] for entry in api.get("/coupons")["data"]] == ["POOL"]
    assert api.post("/coupons", {"name": "POOL", "kind": "static", "code": "X"})["field"] == "kind"
    assert api.get("/coupon-codes/A").status == 404
    assert api.post("/coupons/NOPE/codes", {"codes": ["A"]}).status == 404


def test_segments_count_and_list_their_members(api: Api) -> None:
    for number in range(3):
        api.post("/profiles", {"email": f"p{number}@example.com", "properties": {"tier": "gold" if number else "tin"}})
    gold = {"property": "tier", "equals": "gold"}
    preview = api.post("/segments/count", {"definition": gold})
    assert (preview.status, preview["count"]) == (200, 2), preview
    made = api.post("/segments", {"name": "Gold", "definition": gold})
    assert made.status == 201
    path = f"/segments/{made['id']}"
    assert api.get(f"{path}/count")["count"] == 2
    first = api.get(f"{path}/members?limit=1")
    rest = api.get(f"{path}/members?limit=1&cursor={first['next']}")
    assert [one["email"] for one in first["data"] + rest["data"]] == ["p1@example.com", "p2@example.com"]
    assert api.patch(path, {"name": "Golden"})["name"] == "Golden"
    bad = api.post("/segments", {"name": "Bad", "definition": {"all": [{"nonsense": 1}]}})
    assert (bad.status, bad["type"]) == (400, "invalid_request")
    assert bad["field"]
    assert api.delete(path).status == 204
    assert api.get(f"{path}/count").status == 404


def test_a_flow_is_applied_paused_and_archived(api: Api) -> None:
    api.made("/templates", {"name": "Welcome", **EMAIL})
    definition = {
        "name": "Welcome series",
        "trigger": {"metric": "Signed Up"},
        "steps": [{"id": "first", "email": "Welcome"}],
    }
    applied = api.put("/flows/welcome", definition)
    assert (applied.status, applied["created"]) == (200, True), applied
    assert api.put("/flows/welcome", definition)["changed"] is False
    assert api.get("/flows/welcome")["definition"]["trigger"] == {"metric": "Signed Up"}
    assert api.post("/flows/welcome/pause")["status"] == "paused"
    assert api.post("/flows/welcome/resume")["status"] == "live"
    assert api.get("/flows/welcome/report")["messages"] == 0
    assert api.post("/flows/welcome/archive")["status"] == "archived"
    assert api.get("/flows").body == []
    assert api.get("/flows?archived=true").body[0]["slug"] == "welcome"
    bad = api.put("/flows/other", {"name": "X", "trigger": {"metric": "Y"}, "steps": [{"id": "a", "email": "Nope"}]})
    assert (bad.status, bad["type"]) == (400, "invalid_request")
    assert "Nope" in bad["detail"]


@pytest.fixture
def ready(api: Api) -> dict[str, int]:
    """A list of two people and an email."""
    chosen = api.made("/lists", {"name": "All"})
    people = [{"email": f"p{number}@example.com"} for number in range(2)]
    api.post(f"/lists/{chosen}/members", {"profiles": people})
    return {"list": chosen, "template": api.made("/templates", {"name": "Sale", **EMAIL})}


def test_a_campaign_from_draft_to_report(api: Api, conn: Connection, ready: dict[str, int]) -> None:
    draft = {"name": "Sale", "template_id": ready["template"], "included": [{"list": ready["list"]}]}
    counted = api.post("/campaigns/estimate", {"included": draft["included"]})
    assert (counted["members"], counted["reachable"], counted["going"]) == (2, 2, 2)
    made = api.post("/campaigns", draft)
    assert (made.status, made["status"]) == (201, "draft"), made
    path = f"/campaigns/{made['id']}"
    assert api.patch(path, {"name": "Big sale"})["name"] == "Big sale"
    scheduled = api.post(f"{path}/schedule", {"send_at": "2100-01-01T09:00:00-05:00"})
    assert (scheduled["status"], scheduled["send_at"]) == ("scheduled", "2100-01-01T14:00:00Z")
    late = api.patch(path, {"name": "Too late"})
    assert (late.status, late["type"]) == (409, "conflict")
    assert api.post(f"{path}/unschedule")["status"] == "draft"
    api.patch(path, {"send_at": None})
    assert api.call("POST", f"{path}/schedule")["status"] == "scheduled"
    while runner.run_due(conn, api.workspace, clock.now(conn)):
        conn.commit()
    conn.commit()
    assert api.get(path)["status"] == "sending"
    person = api.get("/profiles?email=p0@example.com")["data"][0]["id"]
    message = api.get(f"/messages?profile_id={person}").body[0]
    assert (message["source"], message["state"]) == ("campaign", "planned")
    assert api.get(f"/messages/{message['id']}")["profile_id"] == person
    assert api.post(f"{path}/cancel")["status_reason"] == "cancelled_during_send"
    report = api.get(f"{path}/report")
    assert (report["recipients"], report["states"], report["reasons"]) == (2, {"cancelled": 2}, {"cancelled": 2})
    assert api.get(f"/messages/{message['id']}")["reason_title"] == "Cancelled"
    assert api.delete(path).status == 409
    assert api.get("/campaigns?status=cancelled")["data"][0]["id"] == made["id"]


def test_what_keeps_a_campaign_from_going_names_the_field(api: Api, ready: dict[str, int]) -> None:
    made = api.made("/campaigns", {"name": "Empty"})
    refused = api.post(f"/campaigns/{made}/schedule")
    assert (refused.status, refused["field"]) == (400, "included")
    assert api.post("/campaigns", {"name": "X", "included": [{"list": 10**9}]})["field"] == "included"
    assert api.post("/campaigns", {"name": "X", "template_id": 10**9})["field"] == "template_id"
    assert api.delete(f"/campaigns/{made}").status == 204


def test_a_series_is_planned_scheduled_and_cancelled(api: Api, ready: dict[str, int]) -> None:
    days = [
        {"name": f"Day {day}", "send_at": f"2100-01-0{day}T09:00:00Z", "template_id": ready["template"]}
        for day in (1, 2, 3)
    ]
    made = api.post("/series", {"name": "Sale", "campaigns": days, "included": [{"list": ready["list"]}]})
    assert (made.status, made["starts_at"]) == (201, "2100-01-01T09:00:00Z"), made
    path = f"/series/{made['id']}"
    assert {one["status"] for one in api.post(f"{path}/schedule")["campaigns"]} == {"scheduled"}
    assert {one["status"] for one in api.post(f"{path}/cancel")["campaigns"]} == {"cancelled"}
    assert [one["id"] for one in api.get("/series")["data"]] == [made["id"]]


def test_the_brand_and_its_metrics(api: Api) -> None:
    changed = api.patch("/brand", {"timezone": "Europe/Berlin", "from_email": "shop@example.com"})
    assert (changed["timezone"], changed["from_name"]) == ("Europe/Berlin", "Juniper")
    for bad in ({"timezone": "Mars"}, {"from_email": "no"}, {"currency": "usd"}, {"from_name": "A\r\nBcc: x"}):
        refused = api.patch("/brand", bad)
        assert (refused.status, refused["field"]) == (400, next(iter(bad)))
    assert api.get("/metrics").body == []
