"""Profiles, consent and lists over HTTP."""

from __future__ import annotations

from psycopg import Connection

from headwater.accounts import keys
from tests.api.api_client import Api


def test_a_profile_is_made_looked_up_changed_and_erased(api: Api) -> None:
    made = api.post("/profiles", {"email": "Ada@Example.com", "first_name": "Ada", "properties": {"size": 7}})
    assert made.status == 200
    assert (made["email"], made["properties"], made["consent"]["state"]) == (
        "Ada@Example.com",
        {"size": 7},
        "never_subscribed",
    )
    again = api.post("/profiles", {"email": "ada@example.com", "external_id": "42", "last_name": "L"})
    assert (again["id"], again["first_name"], again["external_id"]) == (made["id"], "Ada", "42")
    assert api.get("/profiles?external_id=42")["data"][0]["id"] == made["id"]
    assert api.get("/profiles?email=ADA@example.com")["data"][0]["id"] == made["id"]
    changed = api.patch(f"/profiles/{made['id']}", {"first_name": None, "properties": {"size": None, "colour": "red"}})
    assert (changed["first_name"], changed["properties"]) == (None, {"colour": "red"})
    assert api.delete(f"/profiles/{made['id']}").status == 204
    assert api.get(f"/profiles/{made['id']}").status == 404
    assert api.get("/profiles?email=ada@example.com")["data"] == []


def test_an_identifier_can_be_changed_but_not_taken_from_another(api: Api) -> None:
    one = api.made("/profiles", {"email": "one@example.com"})
    two = api.made("/profiles", {"email": "two@example.com"})
    moved = api.patch(f"/profiles/{one}", {"email": "new@example.com", "external_id": "7"})
    assert (moved["email"], moved["external_id"]) == ("new@example.com", "7")
    assert api.get("/profiles?email=one@example.com")["data"][0]["id"] == one
    refused = api.patch(f"/profiles/{two}", {"email": "NEW@example.com"})
    assert (refused.status, refused["field"]) == (400, "email")
    assert api.patch(f"/profiles/{two}", {"email": "nonsense"}).status == 400
    assert api.patch(f"/profiles/{two}", {"email": None})["email"] is None
    assert api.get("/profiles?email=two@example.com")["data"] == []


def test_bulk_keeps_the_good_and_names_the_bad(api: Api) -> None:
    sent = [{"email": f"p{number}@example.com", "properties": {"n": number}} for number in range(50)]
    sent[3] = {"email": "nonsense"}
    sent[4] = {"first_name": "Nobody"}
    answer = api.post("/profiles/bulk", {"profiles": sent})
    assert answer.status == 200
    assert [entry["index"] for entry in answer["refused"]] == [3, 4]
    assert answer["refused"][0]["field"] == "email"
    assert answer["ids"][3] is None
    assert len({one for one in answer["ids"] if one}) == 48


def test_pages_of_profiles(api: Api) -> None:
    api.post("/profiles/bulk", {"profiles": [{"external_id": str(number)} for number in range(5)]})
    first = api.get("/profiles?limit=2")
    second = api.get(f"/profiles?limit=2&cursor={first['next']}")
    third = api.get(f"/profiles?limit=2&cursor={second['next']}")
    seen = [one["external_id"] for page in (first, second, third) for one in page["data"]]
    assert (sorted(seen), third["next"]) == (["0", "1", "2", "3", "4"], None)
    bad = api.get("/profiles?cursor=abc")
    assert (bad.status, bad["field"]) == (400, "cursor")


def test_merging_leaves_an_alias(api: Api) -> None:
    stays = api.made("/profiles", {"email": "stays@example.com"})
    goes = api.made("/profiles", {"external_id": "9", "first_name": "Nia"})
    merged = api.post("/profiles/merge", {"destination": stays, "source": goes})
    assert (merged["external_id"], merged["first_name"]) == ("9", "Nia")
    assert api.get(f"/profiles/{goes}")["id"] == stays
    assert api.post("/profiles/merge", {"destination": stays, "source": stays}).status == 409
    assert api.post("/profiles/merge", {"destination": stays, "source": 10**12}).status == 404


def test_consent_with_its_proof(api: Api) -> None:
    people = [{"email": "a@example.com"}, {"email": "b@example.com"}, {"email": "oops"}]
    done = api.post(
        "/consent/subscribe",
        {"profiles": people, "consented_at": "2024-05-01T10:00:00+02:00", "detail": {"form": "footer"}},
    )
    assert (done["profiles"], done["refused"][0]["index"]) == (2, 2)
    one = api.get("/profiles?email=a@example.com")["data"][0]
    assert one["consent"]["state"] == "subscribed"
    proof = api.get(f"/profiles/{one['id']}/consent").body
    assert (proof[0]["at"], proof[0]["detail"]) == ("2024-05-01T08:00:00Z", {"form": "footer"})
    api.post("/consent/unsubscribe", {"profiles": [{"id": one["id"]}]})
    assert api.get(f"/profiles/{one['id']}")["consent"]["state"] == "unsubscribed"


def test_suppression_is_another_axis(api: Api) -> None:
    api.post("/consent/subscribe", {"profiles": [{"email": "a@example.com"}]})
    api.post("/consent/suppress", {"profiles": [{"email": "a@example.com"}], "reason": "hard_bounce"})
    one = api.get("/profiles?email=a@example.com")["data"][0]
    assert one["consent"]["state"] == "subscribed"
    assert [entry["reason"] for entry in one["consent"]["suppressions"]] == ["hard_bounce"]
    lifted = api.post("/consent/unsuppress", {"profiles": [{"id": one["id"]}, {"email": "who@example.com"}]})
    assert (lifted["profiles"], lifted["refused"][0]["index"]) == (1, 1)
    assert api.get(f"/profiles/{one['id']}")["consent"]["suppressions"] == []
    assert api.get("/profiles?email=who@example.com")["data"] == []


def test_lists_and_their_members(api: Api) -> None:
    made = api.post("/lists", {"name": "Newsletter"})
    assert made.status == 201
    path = f"/lists/{made['id']}"
    assert api.post("/lists", {"name": "newsletter"}).status == 400
    people = [{"email": f"p{number}@example.com"} for number in range(3)]
    assert api.post(f"{path}/members", {"profiles": people})["added"] == 3
    assert api.post(f"{path}/members", {"profiles": people})["added"] == 0
    first = api.get(f"{path}/members?limit=2")
    rest = api.get(f"{path}/members?limit=2&cursor={first['next']}")
    assert [one["email"] for one in first["data"] + rest["data"]] == [one["email"] for one in people]
    gone = api.post(f"{path}/members/remove", {"profiles": [people[0], {"email": "who@example.com"}]})
    assert (gone["removed"], gone["refused"][0]["index"]) == (1, 1)
    assert api.patch(path, {"name": "News"})["members"] == 2
    assert api.delete(path).status == 204
    assert api.get(path).status == 404
    assert api.get("/lists").body == []


def test_subscribing_can_join_a_list(api: Api) -> None:
    joined = api.made("/lists", {"name": "VIP"})
    api.post("/consent/subscribe", {"profiles": [{"email": "a@example.com"}], "list_id": joined})
    assert api.get(f"/lists/{joined}")["members"] == 1
    assert api.post("/consent/subscribe", {"profiles": [{"email": "a@example.com"}], "list_id": 10**9}).status == 404


def test_a_write_key_and_a_revoked_key_open_nothing(api: Api, conn: Connection) -> None:
    write = keys.create(conn, api.workspace, "write")
    conn.commit()
    refused = api.call("GET", "/profiles", key=write)
    assert (refused.status, refused["type"]) == (403, "forbidden")
    for key in ("", "hw_sk_wrong"):
        refused = api.call("GET", "/profiles", key=key)
        assert (refused.status, refused["type"]) == (401, "not_authenticated")
    fresh = api.post("/keys", {"kind": "private", "name": "CI"})["key"]
    mine = [key for key in api.get("/keys").body if key["name"] == "CI"][0]
    assert mine["public"] is None
    assert api.call("GET", "/brand", key=fresh).status == 200
    assert api.delete(f"/keys/{mine['id']}").status == 204
    assert api.call("GET", "/brand", key=fresh).status == 401
