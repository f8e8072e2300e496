"""Every error has one shape: what was sent wrong, how, and where."""

from __future__ import annotations

import orjson
import pytest
from django.test import Client

from headwater.core import database
from tests.api.api_client import Api

SHAPE = {"type", "title", "detail", "field"}


def test_wrong_json_wrong_types_and_missing_fields_name_the_place(api: Api) -> None:
    broken = api.call("POST", "/profiles", b'{"email": ')
    assert (broken.status, set(broken.body)) == (400, SHAPE)
    missing = api.post("/lists", {})
    assert (missing.status, missing["field"], missing["type"]) == (400, "name", "invalid_request")
    deep = api.post("/profiles/bulk", {"profiles": [{"email": "a@b.example"}, {"email": 5}]})
    assert (deep.status, deep["field"]) == (400, "profiles.1.email")
    long = api.get("/profiles?limit=5000")
    assert (long.status, long["field"]) == (400, "query.limit")


@pytest.mark.parametrize("path", ["/nowhere", "/profiles/1/nowhere", "/campaigns/9223372036854775807", "/keys/7/x"])
def test_what_is_not_there_is_404(api: Api, path: str) -> None:
    answer = api.get(path)
    assert (answer.status, answer["type"], set(answer.body)) == (404, "not_found", SHAPE)


@pytest.mark.parametrize("path", ["/profiles/99999999999999999999", "/profiles/0", "/profiles/abc", "/profiles/-1"])
def test_an_id_that_cannot_be_one_is_refused(api: Api, path: str) -> None:
    assert api.get(path).status in (400, 404)


def test_the_wrong_method_says_which_are_right(api: Api) -> None:
    answer = api.call("PUT", "/lists")
    assert (answer.status, answer["type"]) == (405, "method_not_allowed")
    assert "POST" in answer["detail"]


def test_a_value_that_cannot_be_stored_is_the_callers_mistake(api: Api) -> None:
    assert api.post("/lists", {"name": "a\x00b"}).status == 400
    assert api.post("/products", {"products": [{"id": "1", "properties": {"a": "\x00"}}]}).status == 400
    assert api.get("/coupons/a%00b").status == 400
    assert api.call("POST", "/lists", b'{"name": "\\ud800"}').status == 400


def test_the_unforeseen_says_nothing_and_is_logged(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("headwater.events.totals.per_metric", fail)
    answer = api.get("/metrics")
    assert (answer.status, answer["type"]) == (500, "internal_error")
    assert "secret" not in orjson.dumps(answer.body).decode()


def test_a_database_that_is_away_is_503(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise database.Unavailable[0]("gone")

    monkeypatch.setattr("headwater.events.totals.per_metric", away)
    assert api.get("/metrics").status == 503


def test_outside_the_api_errors_are_pages() -> None:
    assert Client().get("/nowhere").headers["Content-Type"].startswith("text/html")
