"""Campaigns over HTTP: listed with numbers, taken apart, reviewed, paused, copied, in the calendar; series changed."""

from __future__ import annotations

import pytest
from psycopg import Connection

from headwater.campaigns import runner
from headwater.core import clock
from tests.api.api_client import MJML, Api, api_for


@pytest.fixture
def draft(api: Api) -> int:
    """A campaign to two people, ready to go."""
    chosen = api.made("/lists", {"name": "All"})
    people = [{"email": f"p{number}@example.com"} for number in range(2)]
    api.post(f"/lists/{chosen}/members", {"profiles": people})
    template = api.made("/templates", {"name": "Sale", "subject": "Sale", "mjml": MJML})
    return api.made("/campaigns", {"name": "Spring", "template_id": template, "included": [{"list": chosen}]})


def go(api: Api, conn: Connection, campaign: int) -> None:
    assert api.post(f"/campaigns/{campaign}/schedule").status == 200
    while runner.run_due(conn, api.workspace, clock.now(conn)):
        conn.commit()
    conn.commit()


def test_a_list_is_searched_and_shows_numbers(api: Api, conn: Connection, draft: int) -> None:
    api.made("/campaigns", {"name": "Autumn"})
    go(api, conn, draft)
    (row,) = api.get("/campaigns?q=spr&status=sending,sent")["data"]
    assert (row["id"], row["figures"]["recipients"], row["figures"]["revenue"]) == (draft, 2, 0)
    assert [one["name"] for one in api.get("/campaigns?sort=name")["data"]] == ["Autumn", "Spring"]
    assert api.get("/campaigns?sort=colour")["field"] == "query.sort"


def test_the_review_says_what_is_in_the_way(api: Api, draft: int) -> None:
    review = api.get(f"/campaigns/{draft}/review")
    assert (review["can_be_scheduled"], review["audience"]["going"]) == (True, 2)
    empty = api.made("/campaigns", {"name": "Empty"})
    refused = api.get(f"/campaigns/{empty}/review")
    assert refused["can_be_scheduled"] is False
    assert {one["step"] for one in refused["findings"] if one["level"] == "error"} == {"audience", "content"}


def test_it_is_paused_goes_on_and_is_cancelled_with_numbers(api: Api, conn: Connection, draft: int) -> None:
    go(api, conn, draft)
    path = f"/campaigns/{draft}"
    assert api.post(f"{path}/pause")["status"] == "paused"
    assert api.post(f"{path}/pause").status == 409
    assert api.post(f"{path}/resume")["status"] == "sending"
    stands = api.get(f"{path}/progress")
    assert (stands["recipients"], stands["done"], stands["taken_back"]) == (2, 0, 2)
    cancelled = api.post(f"{path}/cancel")
    assert (cancelled["status"], cancelled["taken_back"], cancelled["sent"]) == ("cancelled", 2, 0)
    report = api.get(f"{path}/report")
    assert report["skipped"] == [{"reason": "cancelled", "words": "Cancelled", "people": 2}]


def test_a_copy_is_a_draft(api: Api, conn: Connection, draft: int) -> None:
    go(api, conn, draft)
    copy = api.post(f"/campaigns/{draft}/duplicate", {"name": "Again"})
    assert (copy.status, copy["name"], copy["status"], copy["gone"]) == (201, "Again", "draft", [])


def test_the_calendar_shows_days(api: Api, draft: int) -> None:
    api.patch(f"/campaigns/{draft}", {"send_at": "2100-01-02T03:30:00Z"})
    shown = api.get("/campaigns/calendar?from=2100-01-01&to=2100-01-31")
    assert shown["timezone"] == "America/New_York"
    assert [(one["id"], one["day"]) for one in shown["campaigns"]] == [(draft, "2100-01-01")]
    assert api.get("/campaigns/calendar?from=2100-01-02&to=2100-01-01").status == 400


def test_a_series_is_changed_and_made_a_draft_again(api: Api, draft: int) -> None:
    one = api.get(f"/campaigns/{draft}")
    day = {"name": "Day 1", "send_at": "2100-01-01T09:00:00Z", "template_id": one["template_id"]}
    made = api.post("/series", {"name": "Sale", "campaigns": [day], "included": one["included"]})
    path = f"/series/{made['id']}"
    kept = {**day, "id": made["campaigns"][0]["id"], "name": "First"}
    added = {**day, "send_at": "2100-01-02T09:00:00Z", "name": "Second"}
    body = {"name": "Sale", "campaigns": [added, kept], "included": one["included"]}
    changed = api.put(path, body)
    assert [one["name"] for one in changed["campaigns"]] == ["First", "Second"]
    listed = api.get("/campaigns?sort=name")["data"]
    assert {(one["name"], one["series"]) for one in listed} >= {
        ("First", "Sale"),
        ("Second", "Sale"),
        (one["name"], None),
    }
    assert {one["status"] for one in api.post(f"{path}/schedule")["campaigns"]} == {"scheduled"}
    assert api.put(path, body).status == 409
    assert {one["status"] for one in api.post(f"{path}/unschedule")["campaigns"]} == {"draft"}
    assert api.delete(path).status == 204
    assert api.get(path).status == 404


def test_another_brand_finds_none_of_it(api: Api, conn: Connection, draft: int) -> None:
    day = {"name": "Day 1", "send_at": "2100-01-01T09:00:00Z"}
    series = api.made("/series", {"name": "Sale", "campaigns": [day]})
    row = conn.execute(
        """
        INSERT INTO workspace (name, slug, timezone, currency, from_name, from_email, reply_to, postal_address,
                               website_url, smart_sending_hours, require_consent, created_at)
        VALUES ('Other', md5(random()::text), 'UTC', 'USD', '', '', '', '', '', 16, false, '2026-01-01')
        RETURNING id
        """
    ).fetchone()
    assert row is not None
    stranger = api_for(conn, row[0])
    for act in ("pause", "resume", "duplicate"):
        assert stranger.post(f"/campaigns/{draft}/{act}").status == 404
    for view in ("review", "progress", "report"):
        assert stranger.get(f"/campaigns/{draft}/{view}").status == 404
    assert stranger.put(f"/series/{series}", {"name": "Stolen", "campaigns": [day]}).status == 404
    assert stranger.post(f"/series/{series}/unschedule").status == 404
    assert stranger.delete(f"/series/{series}").status == 404
    assert stranger.get("/campaigns/calendar?from=2100-01-01&to=2100-01-31")["campaigns"] == []
    assert api.get(f"/series/{series}")["name"] == "Sale"
