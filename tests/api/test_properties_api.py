"""What people and events carry, for editors of conditions."""

from __future__ import annotations

import pytest
from psycopg import Connection

from headwater.accounts import provision
from headwater.core import clock
from headwater.events import inbox
from headwater.intake import processor
from tests.api.api_client import Api, api_for


@pytest.fixture
def shop(api: Api, conn: Connection) -> Api:
    for name, tier in (("ann", "gold"), ("bob", "tin"), ("cem", "gold")):
        properties = {"tier": tier, "points": 5}
        api.made("/profiles", {"email": f"{name}@example.com", "country": "DE", "properties": properties})
    now = clock.now(conn)
    order = inbox.item(
        type="track",
        id="1",
        ts=now,
        user={"email": "ann@example.com"},
        metric="Placed Order",
        value=40,
        properties={"items": [{"category": "Shoes"}], "order_id": "o-1"},
    )
    inbox.put(conn, api.workspace, [order], now)
    while processor.process(conn, api.workspace, now):
        pass
    conn.commit()
    return api


def test_a_profile_s_own_fields_come_first_then_its_properties(shop: Api) -> None:
    found = {one["path"]: one for one in shop.get("/properties").body}

    assert list(found)[:2] == ["email", "phone"]
    assert found["country"]["values"] == [{"value": "DE", "count": 3}]
    assert found["email"]["values"] == []
    assert found["created_at"]["kind"] == "date"
    assert found["tier"]["values"] == [{"value": "gold", "count": 2}, {"value": "tin", "count": 1}]
    assert (found["points"]["kind"], found["points"]["held"]) == ("number", 3)


def test_the_events_of_a_metric_tell_their_value_and_properties(shop: Api) -> None:
    found = shop.get("/properties/events?metric=Placed%20Order").body

    assert [(one["path"], one["kind"]) for one in found] == [
        ("$value", "number"),
        ("items", "list"),
        ("items[].category", "text"),
        ("order_id", "text"),
    ]
    assert shop.get("/properties/events?metric=Unheard%20of").body == []
    assert shop.get("/properties/events").status == 400


def test_another_brand_sees_nothing_of_it(shop: Api, conn: Connection) -> None:
    other = api_for(conn, provision.create_workspace(conn, "Other", clock.now(conn)).workspace_id)

    assert "tier" not in {one["path"] for one in other.get("/properties").body}
    assert other.get("/properties/events?metric=Placed%20Order").body == []
