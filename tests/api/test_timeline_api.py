"""The API twin of `headwater why`."""

from __future__ import annotations

import orjson

from tests.api.api_client import MJML, Api


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


def test_why_somebody_is_not_in_a_flow(api: Api) -> None:
    person = api.made("/profiles", {"email": "ada@example.com"})
    api.post("/templates", {"name": "Mine", "subject": "Hello", "mjml": MJML})
    api.put("/flows/mine", {"trigger": {"metric": "X"}, "steps": [{"email": "Mine"}]})

    answer = api.get(f"/profiles/{person}/flows/mine/why")

    assert answer.status == 200
    assert (answer["verdict"], answer["words"]) == ("no_trigger", "No X of theirs is known.")
    assert answer["starts_when"] == "someone does: X"
    assert api.get(f"/profiles/{person}/flows/other/why").status == 404
    assert api.get("/profiles/99/flows/mine/why").status == 404
