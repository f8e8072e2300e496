"""Segments over HTTP: saved, built, counted while they are edited, explained; what is wrong is named by its path."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from headwater.core import clock
from headwater.segments import building, upkeep
from tests.api.api_client import Api

BUYERS = [{"metric": "Placed Order", "in_last": {"days": 30}}, {"property": "tier", "equals": "gold"}]


@pytest.fixture
def shop(api: Api, conn: Connection) -> Api:
    """Three customers of whom two bought, and one of these is gold."""
    for name, tier in (("ann", "gold"), ("bob", "tin"), ("cem", "gold")):
        api.made("/profiles", {"email": f"{name}@example.com", "properties": {"tier": tier}})
    orders = [
        {"metric": "Placed Order", "profile": {"email": f"{name}@example.com"}, "value": 40, "unique_id": f"o-{name}"}
        for name in ("ann", "bob")
    ]
    process(api, conn, orders)
    return api


def process(api: Api, conn: Connection, events: list[dict[str, Any]]) -> None:
    from headwater.events import inbox
    from headwater.intake import processor

    now = clock.now(conn)
    items = [
        inbox.item(
            type="track", id=one["unique_id"], ts=now, user=one["profile"], metric=one["metric"], value=one["value"]
        )
        for one in events
    ]
    inbox.put(conn, api.workspace, items, now)
    while processor.process(conn, api.workspace, now):
        pass
    conn.commit()


def work(api: Api, conn: Connection) -> None:
    """What a worker would do in the background."""
    idle = 0
    while idle < 2:
        conn.commit()
        now = clock.now(conn)
        done = building.turn(conn, api.workspace, now) + upkeep.turn(conn, api.workspace, now)
        idle = 0 if done else idle + 1
    conn.commit()


def test_a_segment_is_saved_built_read_and_taken_out_of_use(shop: Api, conn: Connection) -> None:
    made = shop.post("/segments", {"name": "Gold buyers", "definition": BUYERS})
    assert (made.status, made["state"], made["progress"], made["members"]) == (201, "building", 0.0, 0)
    assert made["description"] == "Placed Order at least once in the last 30 days and tier is “gold”"
    path = f"/segments/{made['id']}"
    early = shop.get(f"{path}/members")
    assert [(one["email"], one["entered_at"]) for one in early["data"]] == [("ann@example.com", None)]

    work(shop, conn)

    built = shop.get(path)
    assert (built["state"], built["progress"], built["members"], built["version"]) == ("live", None, 1, 1)
    (member,) = shop.get(f"{path}/members")["data"]
    assert member["email"] == "ann@example.com"
    assert member["entered_at"] is not None
    mine = shop.get(f"/profiles/{member['id']}/segments")
    assert [(one["name"], one["id"]) for one in mine.body] == [("Gold buyers", made["id"])]
    today = shop.get(f"{path}/growth").body[-1]
    assert (today["members"], today["entered"], today["left"]) == (1, 0, 0)

    changed = shop.patch(path, {"definition": BUYERS[1], "starred": True})
    assert (changed["state"], changed["members"], changed["starred"]) == ("building", 1, True)
    work(shop, conn)
    assert shop.get(path)["members"] == 2
    assert shop.post(f"{path}/rebuild").status == 202
    work(shop, conn)
    assert (shop.get(path)["state"], shop.get(path)["version"]) == ("live", 3)

    assert [one["id"] for one in shop.get("/segments")["data"]] == [made["id"]]
    assert shop.delete(path).status == 204
    assert shop.get(path).status == 404
    assert shop.get("/segments")["data"] == []


def test_a_definition_is_counted_with_examples_while_it_is_edited(shop: Api) -> None:
    guessed = shop.post("/segments/preview", {"definition": BUYERS})
    exact = shop.post("/segments/preview", {"definition": BUYERS, "exact": True})

    for found in (guessed, exact):
        assert (found.status, found["count"], found["low"], found["high"], found["exact"]) == (200, 1, 1, 1, True)
        assert [one["email"] for one in found["examples"]] == ["ann@example.com"]
    assert shop.get("/segments")["data"] == []


@pytest.mark.parametrize(
    ("definition", "field"),
    [
        ({"all": [{"metric": "A"}, {"any": [{"metric": "B", "in_last": {"days": -1}}]}]}, "all[1].any[0].in_last.days"),
        ([{"sequence": [{"metric": "A"}]}], "[0].sequence"),
        ({"property": "birthday", "date": {"anniversary": "tomorrow"}}, "date.anniversary"),
        ({"segment": "Nobody"}, "segment"),
        ({"property": "name", "matches": "(a+)+"}, "matches"),
        ({"coupon": "TEN"}, None),
    ],
)
def test_what_is_wrong_is_named_by_its_path_and_nothing_is_half_saved(
    shop: Api, definition: Any, field: str | None
) -> None:
    kept = shop.made("/segments", {"name": "Kept", "definition": BUYERS})
    for refused in (
        shop.post("/segments", {"name": "Wrong", "definition": definition}),
        shop.patch(f"/segments/{kept}", {"name": "Renamed", "definition": definition}),
        shop.post("/segments/preview", {"definition": definition}),
    ):
        assert (refused.status, refused["type"], refused["field"]) == (400, "invalid_request", field), refused

    (only,) = shop.get("/segments")["data"]
    assert (only["name"], only["definition"], only["version"]) == ("Kept", BUYERS, 1)


def test_why_shows_each_answer_its_facts_and_when_time_changes_it(shop: Api, conn: Connection) -> None:
    segment = shop.made("/segments", {"name": "Gold buyers", "definition": BUYERS})
    work(shop, conn)

    ann = shop.get(f"/segments/{segment}/why?email=ann@example.com")
    cem = shop.get(f"/segments/{segment}/why?email=cem@example.com")

    assert (ann["member"], ann["known"]) == (True, True)
    assert ann["entered_at"] is not None
    ordered, tier = ann["answer"]["of"]
    assert (ordered["holds"], tier["holds"]) == (True, True)
    assert ordered["facts"][0].startswith("Placed Order: 1 in all, worth 40")
    assert tier["facts"] == ["tier: “gold”"]
    ordered_at = clock.now(conn)
    assert ann["changes_at"] == ordered["changes_at"]
    assert ann["changes_at"][:10] == (ordered_at + timedelta(days=30)).isoformat()[:10]
    assert tier["changes_at"] is None
    assert (cem["member"], cem["entered_at"], cem["changes_at"]) == (False, None, None)
    assert [part["holds"] for part in cem["answer"]["of"]] == [False, True]
    assert cem["answer"]["of"][0]["facts"] == ["Placed Order never happened"]

    assert shop.get(f"/segments/{segment}/why?email=nobody@example.com").status == 404
    assert shop.get(f"/segments/{segment}/why").status == 400


def test_the_schema_of_definitions_is_published(shop: Api) -> None:
    schema = shop.get("/segments/schema")

    assert schema.status == 200
    assert "$schema" in schema.body


def test_one_segment_can_stand_in_anothers_definition(shop: Api, conn: Connection) -> None:
    base = shop.made("/segments", {"name": "Gold", "definition": BUYERS[1]})
    other = shop.post(
        "/segments", {"name": "Gold, not bought", "definition": [{"segment": "gold"}, {"not": BUYERS[0]}]}
    )
    assert other["definition"] == [{"segment": base}, {"not": BUYERS[0]}]
    assert other["description"].startswith("is in the segment Gold and not (Placed Order")
    work(shop, conn)

    assert [one["email"] for one in shop.get(f"/segments/{other['id']}/members")["data"]] == ["cem@example.com"]
    refused = shop.patch(f"/segments/{base}", {"definition": {"segment": "Gold, not bought"}})
    assert (refused.status, refused["field"]) == (400, "segment")
    assert shop.delete(f"/segments/{base}").status == 400


def test_ready_made_segments_are_saved_once(shop: Api) -> None:
    shelf = {one["slug"]: one for one in shop.get("/segments/ready-made").body}
    assert {"engaged-90", "vip", "never-bought", "window-shoppers", "sunset-pool"} <= shelf.keys()

    first, again = (shop.post("/segments/ready-made/never-bought") for _ in range(2))

    assert (first.status, first["name"], again["id"]) == (201, shelf["never-bought"]["name"], first["id"])
    assert shop.post("/segments/ready-made/nothing").status == 404
