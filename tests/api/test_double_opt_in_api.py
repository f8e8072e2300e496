"""Lists with double opt-in over HTTP: how they are made and changed, and what joining one answers."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg import Connection

from headwater.core import clock
from headwater.delivery import ledger
from tests.api.api_client import Api

ANN, BOB = {"email": "ann@example.com"}, {"email": "bob@example.com"}
THEN = "2026-01-02T03:04:05Z"


@pytest.fixture
def news(api: Api) -> str:
    return f"/lists/{api.made('/lists', {'name': 'News', 'opt_in': 'double'})}"


def consent(api: Api, person: dict[str, str]) -> dict[str, Any]:
    (found,) = api.get(f"/profiles?email={person['email']}")["data"]
    return dict(found["consent"])


def id_of(api: Api, person: dict[str, str]) -> int:
    return int(api.get(f"/profiles?email={person['email']}")["data"][0]["id"])


def sizes(api: Api, path: str) -> tuple[int, int]:
    shown = api.get(path)
    return shown["members"], shown["pending"]


def test_a_list_says_how_it_is_joined_and_that_can_change(api: Api) -> None:
    single = api.post("/lists", {"name": "Single"})
    assert (single["opt_in"], single["pending"]) == ("single", 0)
    path = f"/lists/{single['id']}"
    assert api.patch(path, {"opt_in": "double"})["opt_in"] == "double"
    renamed = api.patch(path, {"name": "Double"})
    assert (renamed["name"], renamed["opt_in"]) == ("Double", "double")
    assert [(one["name"], one["opt_in"]) for one in api.get("/lists").body] == [("Double", "double")]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"opt_in": "triple"}, "opt_in"),
        ({"opt_in": 2}, "opt_in"),
        ({"name": ""}, "name"),
    ],
)
def test_what_is_no_opt_in_is_refused(api: Api, news: str, body: dict[str, Any], field: str) -> None:
    for answer in (api.patch(news, body), api.post("/lists", {"name": "Other"} | body)):
        assert (answer.status, answer["field"]) == (400, field)
    assert api.get(news)["opt_in"] == "double"


def test_joining_answers_who_was_added_and_who_is_pending(api: Api, conn: Connection, news: str) -> None:
    api.post(f"{news}/members", {"profiles": [BOB], "confirmed": True, "consented_at": THEN})

    answer = api.post(f"{news}/members", {"profiles": [ANN, BOB, {"external_id": "no-mail"}, {"email": "x"}]})

    ann = id_of(api, ANN)
    assert (answer["added"], answer["added_profiles"]) == (0, [])
    assert (answer["pending"], answer["pending_profiles"]) == (1, [ann])
    assert [(one["index"], one["field"]) for one in answer["refused"]] == [(2, "email"), (3, "email")]
    assert sizes(api, news) == (1, 1)
    assert [one["profile_id"] for one in api.get(f"{news}/members")["data"]] == [id_of(api, BOB)]
    assert [entry.source for entry in ledger.of_profile(conn, api.workspace, ann)] == ["confirmation"]


def test_a_single_opt_in_list_is_joined_at_once(api: Api) -> None:
    single = api.made("/lists", {"name": "Single"})
    answer = api.post(f"/lists/{single}/members", {"profiles": [ANN]})
    assert (answer["added"], answer["added_profiles"]) == (1, [id_of(api, ANN)])
    assert (answer["pending"], answer["pending_profiles"]) == (0, [])
    assert consent(api, ANN)["state"] == "never_subscribed"


def test_subscribing_to_it_subscribes_nobody_before_they_confirm(api: Api, news: str) -> None:
    list_id = int(news.rpartition("/")[2])

    answer = api.post("/consent/subscribe", {"profiles": [ANN, {"external_id": "no-mail"}], "list_id": list_id})

    assert answer["profiles"] == 0
    assert answer["pending_profiles"] == [id_of(api, ANN)]
    assert [one["index"] for one in answer["refused"]] == [1]
    assert consent(api, ANN)["state"] == "never_subscribed"
    assert sizes(api, news) == (0, 1)


@pytest.mark.parametrize("by", ["confirmed", "historical"])
def test_who_confirmed_elsewhere_or_long_ago_joins_at_once(api: Api, conn: Connection, news: str, by: str) -> None:
    list_id = int(news.rpartition("/")[2])
    body = {by: True, "consented_at": THEN, "method": "shop"}

    subscribed = api.post("/consent/subscribe", {"profiles": [ANN], "list_id": list_id} | body)
    added = api.post(f"{news}/members", {"profiles": [BOB]} | body)

    assert (subscribed["profiles"], subscribed["pending"], added["added"], added["pending"]) == (1, 0, 1, 0)
    assert sizes(api, news) == (2, 0)
    for person in (ANN, BOB):
        known = consent(api, person)
        assert (known["state"], known["changed_at"], known["method"]) == ("subscribed", THEN, "shop")
        assert ledger.of_profile(conn, api.workspace, id_of(api, person)) == []


@pytest.mark.parametrize("claim", [{"confirmed": True}, {"historical": True}])
def test_that_needs_the_time_of_their_consent(api: Api, news: str, claim: dict[str, bool]) -> None:
    list_id = int(news.rpartition("/")[2])
    for path, body in ((f"{news}/members", {}), ("/consent/subscribe", {"list_id": list_id})):
        answer = api.post(path, {"profiles": [ANN]} | body | claim)
        assert (answer.status, answer["field"]) == (400, "consented_at")
        ancient = api.post(path, {"profiles": [ANN], "consented_at": "1989-12-31T00:00:00Z"} | body | claim)
        assert (ancient.status, ancient["field"]) == (400, "consented_at")
    assert sizes(api, news) == (0, 0)


def test_a_consent_from_the_future_is_one_of_now(api: Api, conn: Connection, news: str) -> None:
    api.post(f"{news}/members", {"profiles": [ANN], "confirmed": True, "consented_at": "2999-01-01T00:00:00Z"})
    assert consent(api, ANN)["changed_at"] <= clock.now(conn).isoformat()


def test_taking_someone_off_takes_their_wish_away(api: Api, news: str) -> None:
    api.post(f"{news}/members", {"profiles": [ANN]})
    assert api.post(f"{news}/members/remove", {"profiles": [ANN]})["removed"] == 0
    assert sizes(api, news) == (0, 0)
