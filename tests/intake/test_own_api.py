"""Headwater's own /api/v1/events."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg import Connection

from headwater.audience import profiles
from headwater.core import clock
from tests.intake.front_door import FrontDoor

EVENT = {"metric": "Sneezed", "profile": {"email": "ann@example.com"}, "properties": {"loud": True}}


def test_one_event_or_many(door: FrontDoor) -> None:
    assert door.own(EVENT).status == 202
    assert door.own([EVENT, EVENT]).json == {"success": True, "accepted": 2, "rejected": []}
    assert door.own({"events": [EVENT]}).json["accepted"] == 1

    items = door.waiting()
    assert len(items) == 4
    assert len({item["id"] for item in items}) == 4
    assert all(item["public"] is False for item in items)


def test_only_a_private_key_opens_it(door: FrontDoor) -> None:
    assert door.call("/api/v1/events", EVENT, Authorization=f"Bearer {door.write_key}").status == 403
    assert door.call("/api/v1/events", EVENT).status == 401
    assert door.call("/api/v1/events", {**EVENT, "writeKey": door.private_key}).status in (400, 401)
    assert door.waiting() == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"profile": {"email": "ann@example.com"}}, "metric"),
        ({**EVENT, "metric": " "}, "metric"),
        ({**EVENT, "metric": "x" * 300}, "metric"),
        ({"metric": "Sneezed"}, "profile"),
        ({**EVENT, "profile": {}}, "profile"),
        ({**EVENT, "profile": {"email": "ann"}}, "profile.email"),
        ({**EVENT, "profile": {"phone": "12"}}, "profile.phone"),
        ({**EVENT, "profile": {"id": 0}}, "profile.id"),
        ({**EVENT, "profile": {"id": "seven"}}, "profile.id"),
        ({**EVENT, "profile": {"mail": "ann@example.com"}}, "profile.mail"),
        ({**EVENT, "metrics": "Sneezed"}, "metrics"),
        ({**EVENT, "value": "much"}, "value"),
        ({**EVENT, "value": 1e300}, "value"),
        ({**EVENT, "time": "yesterday"}, "time"),
        ({**EVENT, "unique_id": ""}, "unique_id"),
        ({**EVENT, "properties": [1]}, "properties"),
        ({**EVENT, "history": "yes"}, "history"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_field(door: FrontDoor, body: dict[str, Any], field: str) -> None:
    single = door.own(body)
    assert (single.status, single.json["field"]) == (400, field)

    among = door.own([EVENT, body])
    assert among.status == 202
    assert among.json["accepted"] == 1
    assert [(one["index"], one["field"]) for one in among.json["rejected"]] == [(1, field)]


def test_a_property_called_events_is_no_list_of_events(door: FrontDoor) -> None:
    assert door.own({**EVENT, "properties": {"events": [1, 2]}}).status == 202


def test_at_most_a_thousand(door: FrontDoor) -> None:
    assert door.own([EVENT] * 1001).status == 400
    assert door.own([EVENT] * 1000).status == 202
    assert door.own(b'["' + b"x" * 6_000_000 + b'"]').status == 400


def test_a_unique_id_counts_once_per_metric(door: FrontDoor, conn: Connection, workspace: int) -> None:
    for metric in ("Sneezed", "Sneezed", "Coughed"):
        door.own({**EVENT, "metric": metric, "unique_id": "1"})
    door.process(clock.now())

    ann = profiles.find(conn, workspace, email="ann@example.com")
    assert ann is not None
    assert sorted(one.metric for one in door.seen(ann)) == ["Coughed", "Sneezed"]


def test_an_event_may_describe_its_person(door: FrontDoor, conn: Connection, workspace: int) -> None:
    door.own({**EVENT, "value": 9.99, "profile_properties": {"first_name": "Ann", "size": "M"}})
    door.process(clock.now())

    ann = profiles.find(conn, workspace, email="ann@example.com")
    assert ann is not None
    found = profiles.get(conn, workspace, [ann])[ann]
    assert (found.first_name, found.properties) == ("Ann", {"size": "M"})
    assert float(door.seen(ann)[0].value or 0) == 9.99
