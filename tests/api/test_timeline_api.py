"""The API twin of `headwater why`."""

from __future__ import annotations

import orjson

from tests.api.api_client import Api


def test_a_persons_timeline_says_what_happened(api: Api) -> None:
    person = api.made("/profiles", {"email": "ada@example.com"})
    api.post("/consent/subscribe", {"profiles": [{"id": person}], "detail": {"form": "footer"}})
    told = api.get(f"/profiles/{person}/timeline")
    assert told.status == 200
    assert "ubscribed" in orjson.dumps(told.body).decode()
    twin = api.get("/why?email=ADA@example.com")
    assert (twin["profile"], twin["entries"]) == (told["profile"], told["entries"])


def test_nobody_has_no_timeline(api: Api) -> None:
    assert api.get("/why?email=nobody@example.com").status == 404
    assert api.get("/profiles/99/timeline").status == 404
    missing = api.get("/why")
    assert (missing.status, missing["field"]) == (400, "query.email")
