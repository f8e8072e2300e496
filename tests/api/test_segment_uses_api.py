"""What uses a segment, and how large every segment has been, for the list of them."""

from __future__ import annotations

import pytest
from psycopg import Connection

from headwater.core import clock
from headwater.segments import building, upkeep
from tests.api.api_client import MJML, Api

EVERYONE: dict[str, list[object]] = {"all": []}


@pytest.fixture
def vip(api: Api) -> int:
    return api.made("/segments", {"name": "VIPs", "definition": EVERYONE})


def uses(api: Api, segment: int) -> set[tuple[str, str, str | None, str]]:
    found = api.get(f"/segments/uses?segment_id={segment}").body
    return {(one["kind"], one["name"], one["status"], one["how"]) for one in found}


def test_flows_name_it_by_name_or_id_and_start_by_it_or_ask_for_it(api: Api, vip: int) -> None:
    api.made("/templates", {"name": "Hello", "subject": "Hello", "mjml": MJML})
    steps = [{"id": "a", "email": "Hello"}]
    api.put("/flows/starts", {"name": "Thanks", "trigger": {"segment": "vips"}, "steps": steps})
    asks = {"name": "Asks", "trigger": {"metric": "A"}, "profile_filters": [{"not": {"segment": vip}}], "steps": steps}
    api.put("/flows/asks", asks)
    api.put("/flows/other", {"name": "Other", "trigger": {"metric": "A"}, "steps": steps})

    assert uses(api, vip) == {("flow", "Thanks", "live", "starts"), ("flow", "Asks", "live", "asks")}

    api.post("/flows/starts/archive")
    assert uses(api, vip) == {("flow", "Asks", "live", "asks")}


def test_campaigns_go_to_it_or_leave_it_out_until_they_have_ended(api: Api, vip: int) -> None:
    api.made("/campaigns", {"name": "Sale", "included": [{"segment": vip}]})
    gone = api.made("/campaigns", {"name": "Gone", "excluded": [{"segment": vip}], "included": [{"segment": vip}]})

    assert uses(api, vip) == {
        ("campaign", "Sale", "draft", "includes"),
        ("campaign", "Gone", "draft", "includes"),
        ("campaign", "Gone", "draft", "excludes"),
    }

    assert api.delete(f"/campaigns/{gone}").status == 204
    assert uses(api, vip) == {("campaign", "Sale", "draft", "includes")}


def test_segments_build_on_it_and_all_uses_come_in_one_answer(api: Api, vip: int) -> None:
    top = api.made("/segments", {"name": "Top", "definition": [{"segment": vip}]})
    api.made("/segments", {"name": "Toppest", "definition": [{"segment": top}]})

    assert uses(api, vip) == {("segment", "Top", None, "builds_on")}
    assert {(one["segment_id"], one["name"]) for one in api.get("/segments/uses").body} == {
        (vip, "Top"),
        (top, "Toppest"),
    }


def test_sizes_are_told_day_by_day_once_it_has_been_built(api: Api, vip: int, conn: Connection) -> None:
    api.made("/profiles", {"email": "ann@example.com"})
    assert api.get("/segments/sizes").body == []

    idle = 0
    while idle < 2:
        conn.commit()
        now = clock.now(conn)
        idle = 0 if building.turn(conn, api.workspace, now) + upkeep.turn(conn, api.workspace, now) else idle + 1
    conn.commit()

    assert api.get("/segments/sizes?days=7").body == [{"segment_id": vip, "members": [1]}]


def test_segments_are_searched_by_a_part_of_their_name(api: Api, vip: int) -> None:
    api.made("/segments", {"name": "100% wool", "definition": EVERYONE})

    assert [one["name"] for one in api.get("/segments?q=vip")["data"]] == ["VIPs"]
    assert [one["name"] for one in api.get("/segments?q=%25")["data"]] == ["100% wool"]
