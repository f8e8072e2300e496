"""A definition before it is saved: in words, counted with who can get email, and explained for one person."""

from __future__ import annotations

import pytest

from tests.api.api_client import Api

GOLD = {"property": "tier", "equals": "gold"}


@pytest.fixture
def people(api: Api) -> Api:
    """Three people: two are gold, and one of these has unsubscribed."""
    for name, tier in (("ann", "gold"), ("bob", "tin"), ("cem", "gold")):
        api.made("/profiles", {"email": f"{name}@example.com", "properties": {"tier": tier}})
    api.post("/consent/unsubscribe", {"profiles": [{"email": "cem@example.com"}]})
    return api


@pytest.mark.parametrize("exact", [False, True])
def test_a_count_says_how_many_of_them_can_get_email_and_of_how_many(people: Api, exact: bool) -> None:
    found = people.post("/segments/preview", {"definition": GOLD, "exact": exact})

    assert (found["count"], found["can_receive"], found["people"]) == (2, 1, 3)
    assert found["description"] == "tier is “gold”"


def test_a_condition_is_put_into_words_where_it_stands(api: Api) -> None:
    vip = api.made("/segments", {"name": "VIPs", "definition": GOLD})

    def words(definition: object, context: str) -> object:
        return api.post("/segments/describe", {"definition": definition, "context": context}).body["description"]

    assert words({"segment": vip}, "segment") == "is in the segment VIPs"
    assert words({"metric": "A", "since": "flow-start"}, "flow") == "A at least once since starting this flow"
    same = {"property": "order_id", "equals": {"event": "order_id"}}
    assert words([same], "event-filter") == "order_id is the order_id of the event that started the flow"


def test_what_only_flows_know_is_refused_in_a_segment(api: Api) -> None:
    refused = api.post("/segments/describe", {"definition": {"metric": "A", "since": "flow-start"}})
    assert (refused.status, refused["field"]) == (400, "since")
    wrong = api.post("/segments/describe", {"definition": [{"metric": "A"}], "context": "event-filter"})
    assert (wrong.status, wrong["field"]) == (400, "[0]")


def test_why_somebody_would_be_in_it_is_told_before_it_is_saved(people: Api) -> None:
    ids = {one["email"]: one["id"] for one in people.get("/profiles")["data"]}

    told = people.post("/segments/why", {"definition": GOLD, "profile": ids["bob@example.com"]})

    assert (told["member"], told["entered_at"]) == (False, None)
    assert told["answer"]["facts"] == ["tier: “tin”"]
    assert people.post("/segments/why", {"definition": GOLD, "profile": 999_999_999}).status == 404
