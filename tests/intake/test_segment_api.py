"""Segment's HTTP tracking API, as its libraries and other people's tools use it."""

from __future__ import annotations

import base64
import gzip
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from headwater.core import clock
from headwater.events import inbox
from tests.intake.front_door import FrontDoor

TRACK = {"userId": "u-1", "event": "Sneezed", "properties": {"loud": True}, "messageId": "m-1"}


def test_a_call_is_one_item_in_the_inbox(door: FrontDoor) -> None:
    answer = door.segment("track", TRACK)

    assert (answer.status, answer.json) == (200, {"success": True})
    (item,) = door.waiting()
    assert item["metric"] == "Sneezed"
    assert item["user"] == {"external_id": "u-1"}
    assert item["properties"] == {"loud": True}
    assert item["public"] is True


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_key_may_stand_in_the_header_or_in_the_body(door: FrontDoor) -> None:
    token = base64.b64encode(f"{door.write_key}:".encode()).decode()
    assert door.call("/v1/track", TRACK, Authorization=f"Basic {token}").status == 200
    assert door.call("/v1/track", TRACK, authorization=f"basic {token}").status == 200
    assert door.call("/v1/track", {**TRACK, "writeKey": door.write_key}).status == 200
    assert door.call("/v1/t", {**TRACK, "writeKey": door.write_key}, Content_Type="text/plain").status == 200
    assert door.call("/v1/batch", {"batch": [{**TRACK, "type": "track"}], "writeKey": door.write_key}).status == 200
    assert len(door.waiting()) == 5


def test_a_private_key_is_no_browser(door: FrontDoor) -> None:
    assert door.call("/v1/track", TRACK, Authorization=f"Bearer {door.private_key}").status == 200
    assert door.waiting()[0]["public"] is False


@pytest.mark.parametrize("authorization", [None, "Basic bm8ta2V5Og==", "Basic ???", "Bearer hw_sk_nothing", "Basic "])
def test_without_a_key_that_exists_nothing_is_taken(door: FrontDoor, authorization: str | None) -> None:
    answer = door.call("/v1/track", TRACK, **({"Authorization": authorization} if authorization else {}))

    assert answer.status == 401
    assert answer.json["type"] == "not_authenticated"
    assert set(answer.json) == {"type", "title", "detail", "field"}
    assert door.waiting() == []


def test_a_revoked_key_stops_working(door: FrontDoor, conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    assert door.segment("track", TRACK).status == 200
    conn.execute("UPDATE api_key SET revoked_at = created_at WHERE public = %s", (door.write_key,))
    conn.commit()
    monkeypatch.setattr("headwater.intake.keyring._FRESH_SECONDS", 0)  # a few seconds have passed

    assert door.segment("track", TRACK).status == 401


# ── how much ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_gzip_is_understood_and_bounded(door: FrontDoor) -> None:
    body = gzip.compress(b'{"userId":"u-1","event":"Zipped","writeKey":"%s"}' % door.write_key.encode())
    assert door.call("/v1/track", body, Content_Encoding="gzip").status == 200

    bomb = gzip.compress(b'{"writeKey":"%s","batch":["' % door.write_key.encode() + b"0" * 50_000_000 + b'"]}')
    assert len(bomb) < 100_000
    assert door.call("/v1/batch", bomb, Content_Encoding="gzip").status == 400
    assert door.call("/v1/track", b"no gzip", Content_Encoding="gzip").status == 400
    assert door.call("/v1/track", body[:-9], Content_Encoding="gzip").status == 400
    assert len(door.waiting()) == 1


def test_a_call_and_a_batch_have_their_limits(door: FrontDoor) -> None:
    assert door.segment("track", {**TRACK, "properties": {"text": "x" * 33_000}}).status == 400
    assert door.segment("batch", {"batch": [{**TRACK, "type": "track"}] * 2501}).status == 400
    small = {"type": "track", "userId": "u", "event": "e"}
    refused = door.segment("batch", {"batch": [small] * 2501})
    assert (refused.status, refused.json["field"]) == (400, "batch")
    assert door.segment("batch", {"batch": [small] * 2500}).status == 200
    assert door.segment("batch", {"batch": [{**small, "properties": {"a": "x" * 30_000}}] * 18}).status == 400
    assert len(door.waiting()) == 2500


def test_a_large_item_of_a_batch_is_refused_alone(door: FrontDoor) -> None:
    large = {**TRACK, "type": "track", "properties": {"text": "x" * 33_000}}
    answer = door.segment("batch", {"batch": [large, {**TRACK, "type": "track"}]})

    assert answer.status == 200
    assert (answer.json["accepted"], [one["index"] for one in answer.json["rejected"]]) == (1, [0])


# ── what is wrong ───────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("call", "body", "field"),
    [
        ("track", {"userId": "u-1"}, "event"),
        ("track", {"userId": "u-1", "event": "  "}, "event"),
        ("track", {"userId": "u-1", "event": "x" * 300}, "event"),
        ("track", {"userId": "u-1", "event": 7}, "event"),
        ("track", {"userId": "u-1", "event": "Unsubscribed"}, "event"),
        ("track", {"event": "Sneezed"}, "userId"),
        ("track", {"userId": " ", "event": "Sneezed"}, "userId"),
        ("track", {"userId": {}, "event": "Sneezed"}, "userId"),
        ("track", {**TRACK, "properties": []}, "properties"),
        ("track", {**TRACK, "timestamp": "yesterday"}, "timestamp"),
        ("track", {**TRACK, "timestamp": "0001-01-01T00:00:00+14:00"}, "timestamp"),
        ("track", {**TRACK, "timestamp": "1970-01-01T00:00:00Z"}, "timestamp"),
        ("track", {**TRACK, "timestamp": "0001-01-01", "sentAt": "9999-12-31T23:59:59Z"}, "timestamp"),
        ("track", {**TRACK, "timestamp": "2026-01-01", "sentAt": "now"}, "sentAt"),
        ("track", {**TRACK, "messageId": "m" * 100}, "messageId"),
        ("identify", {"traits": {"email": "ann@example.com"}}, "userId"),
        ("group", {"userId": "u-1"}, "groupId"),
        ("alias", {"userId": "u-1"}, "previousId"),
        ("alias", {"previousId": "u-1"}, "userId"),
        ("batch", {"batch": {}}, "batch"),
        ("batch", {"context": {}}, "batch"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_field(door: FrontDoor, call: str, body: dict[str, Any], field: str) -> None:
    answer = door.segment(call, body)

    assert answer.status == 400
    assert answer.json["field"] == field
    assert {"type", "title", "detail", "field"} <= set(answer.json)
    assert door.waiting() == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"5", b'{"event":"\xff"}', b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", b"null"]
)
def test_what_is_no_json_object_is_refused(door: FrontDoor, body: bytes) -> None:
    token = base64.b64encode(f"{door.write_key}:".encode()).decode()
    for path in ("/v1/track", "/v1/batch"):
        assert door.call(path, body, Authorization=f"Basic {token}").status == 400


def test_good_items_of_a_batch_are_kept_and_bad_ones_named(door: FrontDoor) -> None:
    answer = door.segment(
        "batch",
        {
            "batch": [
                {**TRACK, "type": "track"},
                {"type": "track", "userId": "u-1"},
                5,
                {"type": "dance", "userId": "u-1"},
                {"userId": "u-1"},
                {"type": "identify", "userId": "u-1", "traits": {"size": "M"}},
            ]
        },
    )

    assert answer.status == 200
    assert answer.json["accepted"] == 2
    assert [(one["index"], one["field"]) for one in answer.json["rejected"]] == [
        (1, "event"), (2, None), (3, "type"), (4, "type"),
    ]  # fmt: skip
    assert all(one["detail"] for one in answer.json["rejected"])
    assert [item["type"] for item in door.waiting()] == ["track", "identify"]


def test_a_batch_of_nothing_good_is_an_error(door: FrontDoor) -> None:
    answer = door.segment("batch", {"batch": [{"type": "track"}, {}]})
    assert answer.status == 400
    assert answer.json["field"] == "userId"
    assert [one["index"] for one in answer.json["rejected"]] == [0, 1]


def test_paths_and_methods_that_are_not_there(door: FrontDoor) -> None:
    assert door.segment("dance", TRACK).status == 404
    assert door.call("/v1/track", method="GET").status == 405


# ── browsers ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_preflight_is_answered(door: FrontDoor) -> None:
    answer = door.call("/v1/t", method="OPTIONS", Origin="https://shop.example")

    assert answer.status in (200, 204)
    assert answer.headers["access-control-allow-origin"] == "*"
    allowed = re.split(r",\s*", answer.headers["access-control-allow-headers"].lower())
    assert {"authorization", "content-type", "x-retry-count"} <= set(allowed)
    assert answer.headers["access-control-max-age"] == "86400"


def test_answers_may_be_read_by_any_page(door: FrontDoor) -> None:
    assert door.segment("t", TRACK).headers["access-control-allow-origin"] == "*"
    assert door.call("/v1/t", TRACK).headers["access-control-allow-origin"] == "*"


def test_settings_for_the_browser_library(door: FrontDoor) -> None:
    answer = door.call(f"/v1/projects/{door.write_key}/settings", method="GET")
    assert answer.status == 200
    assert answer.json["integrations"]["Segment.io"]["apiKey"] == door.write_key
    assert answer.json["integrations"]["Segment.io"]["apiHost"].endswith("/v1")


@pytest.mark.parametrize(("short", "kind"), [("i", "identify"), ("t", "track"), ("p", "track"), ("s", "track"),
                                             ("g", "group"), ("a", "alias")])  # fmt: skip
def test_the_browsers_short_forms(door: FrontDoor, short: str, kind: str) -> None:
    body = {"userId": "u-1", "event": "e", "groupId": "g", "previousId": "a-1", "writeKey": door.write_key}
    assert door.call(f"/v1/{short}", body, Content_Type="text/plain").status == 200
    assert door.waiting()[0]["type"] == kind


def test_the_browsers_batch(door: FrontDoor) -> None:
    body = {"batch": [{**TRACK, "type": "track"}], "sentAt": "2026-03-02T12:00:00Z", "writeKey": door.write_key}
    assert door.call("/v1/b", body, Content_Type="text/plain;charset=UTF-8").status == 200
    assert len(door.waiting()) == 1


# ── what it means ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_wrong_clock_is_taken_out(door: FrontDoor) -> None:
    received = clock.now()
    wrong = datetime(2031, 5, 1, 10, 0, tzinfo=UTC)  # the sender's clock is years ahead
    door.segment(
        "track", {**TRACK, "timestamp": (wrong - timedelta(minutes=5)).isoformat(), "sentAt": wrong.isoformat()}
    )
    door.segment("batch", {"batch": [{**TRACK, "type": "track", "timestamp": (wrong - timedelta(hours=2)).isoformat()}],
                           "sentAt": wrong.isoformat()})  # fmt: skip

    first, second = (datetime.fromisoformat(item["ts"]) for item in door.waiting())
    assert timedelta(0) <= first - (received - timedelta(minutes=5)) < timedelta(seconds=30)
    assert timedelta(0) <= second - (received - timedelta(hours=2)) < timedelta(seconds=30)


def test_without_sent_at_the_time_is_believed_but_not_the_future(door: FrontDoor) -> None:
    received = clock.now()
    past = received - timedelta(days=3)
    door.segment("track", {**TRACK, "timestamp": past.isoformat()})
    door.segment("track", {**TRACK, "timestamp": (received + timedelta(days=3)).isoformat()})
    door.segment("track", TRACK)

    times = [datetime.fromisoformat(item["ts"]) for item in door.waiting()]
    assert times[0] == past
    assert all(timedelta(0) <= one - received < timedelta(seconds=30) for one in times[1:])


def test_the_batchs_context_stands_under_the_items(door: FrontDoor) -> None:
    door.segment(
        "batch",
        {
            "context": {"traits": {"email": "batch@example.com"}},
            "batch": [
                {"type": "page", "userId": "u-1"},
                {"type": "page", "userId": "u-2", "context": {"traits": {"email": "item@example.com"}}},
            ],
        },
    )
    assert [item["user"]["email"] for item in door.waiting()] == ["batch@example.com", "item@example.com"]


def test_shops_names_become_standard_metrics(door: FrontDoor) -> None:
    product = {
        "product_id": "p-1",
        "sku": "S",
        "name": "Boots",
        "price": 89,
        "category": "Shoes",
        "url": "https://x.example",
    }
    door.segment("track", {"userId": "u-1", "event": "Product Viewed", "properties": product})
    door.segment(
        "track",
        {"userId": "u-1", "event": "Order Completed",
         "properties": {"order_id": "o-1", "total": "99.50", "revenue": 80, "coupon": "SAVE", "products": [product]}},
    )  # fmt: skip
    door.segment("track", {"userId": "u-1", "event": "Product Added", "properties": product})
    door.segment("track", {"userId": "u-1", "event": "Checkout Started", "properties": {"value": 12.5}})

    viewed, ordered, added, checkout = door.waiting()
    assert [one["metric"] for one in (viewed, ordered, added, checkout)] == [
        "Viewed Product", "Placed Order", "Added to Cart", "Started Checkout",
    ]  # fmt: skip
    assert viewed["properties"]["title"] == "Boots"
    assert viewed["value"] is None
    assert ordered["value"] == 99.5
    assert ordered["properties"]["discount_codes"] == ["SAVE"]
    assert ordered["properties"]["items"][0]["title"] == "Boots"
    assert checkout["value"] == 12.5


def test_a_page_is_activity_on_the_site(door: FrontDoor) -> None:
    door.segment(
        "page",
        {"anonymousId": "a-1", "name": "Home", "context": {"page": {"url": "https://x.example/", "title": "Hi"}},
         "properties": {"title": "Home page"}},
    )  # fmt: skip

    (item,) = door.waiting()
    assert item["metric"] == "Active on Site"
    assert item["properties"] == {"name": "Home", "url": "https://x.example/", "title": "Home page"}


def test_the_database_away_means_try_again(door: FrontDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    assert door.segment("track", TRACK).status == 200  # the key is known by now

    async def away(self: inbox.Writer, group: Any) -> None:
        import psycopg

        raise psycopg.OperationalError("server closed the connection")

    monkeypatch.setattr(inbox.Writer, "_commit", away)
    answer = door.segment("track", TRACK)

    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert len(door.waiting()) == 1
