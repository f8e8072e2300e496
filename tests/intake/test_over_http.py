"""A real server: an unmodified client library, and what is left when the server is killed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from psycopg import Connection
from segment.analytics.client import Client

from headwater.audience import profiles
from headwater.core import clock
from headwater.events import timeline
from tests.intake.front_door import FrontDoor
from tests.intake.served import Served


@pytest.fixture
def served(door: FrontDoor) -> Iterator[Served]:
    found = Served()
    try:
        yield found
    finally:
        found.kill()


@pytest.mark.parametrize("gzip", [False, True])
def test_segments_python_library_works_unmodified(
    served: Served, door: FrontDoor, conn: Connection, workspace: int, gzip: bool
) -> None:
    failures: list[Any] = []
    client = Client(door.write_key, host=served.url, gzip=gzip, on_error=lambda *what: failures.append(what))

    client.track(anonymous_id="a-1", event="Product Viewed", properties={"product_id": "p-1", "name": "Boots"})
    client.identify("u-1", {"email": "ann@example.com", "firstName": "Ann"}, anonymous_id="a-1")
    client.page("u-1", "Home", "/", {"title": "Home"})
    client.group("u-1", "g-1", {"name": "Initech"})
    client.track("u-1", "Order Completed", {"order_id": "o-1", "total": 42.5, "products": [{"product_id": "p-1"}]})
    for n in range(300):
        client.track("u-1", "Sneezed", {"n": n}, timestamp=clock.now() - timedelta(hours=n))
    client.shutdown()

    assert failures == []
    door.process(clock.now())
    ann = profiles.find(conn, workspace, email="ann@example.com")
    assert ann is not None
    assert profiles.find(conn, workspace, anonymous_id="a-1") == ann
    profile = profiles.get(conn, workspace, [ann])[ann]
    assert (profile.first_name, profile.external_id) == ("Ann", "u-1")
    counted = conn.execute(
        "SELECT metric.name, count, sum FROM profile_metric JOIN metric ON metric.id = metric_id"
        " WHERE profile_metric.workspace_id = %s AND profile_id = %s ORDER BY 1",
        (workspace, ann),
    ).fetchall()
    assert [(name, count) for name, count, _ in counted] == [
        ("Active on Site", 1), ("Placed Order", 1), ("Sneezed", 300), ("Viewed Product", 1),
    ]  # fmt: skip
    assert [float(total) for name, _, total in counted if name == "Placed Order"] == [42.5]
    late = [seen for seen in timeline.of_profile(conn, workspace, ann, limit=500) if seen.history]
    assert len(late) == 300 - 24


def test_the_library_delivers_what_a_killed_server_did_not_answer(
    served: Served, door: FrontDoor, conn: Connection, workspace: int
) -> None:
    """Retries carry other clock corrections and reach another server; each event counts once all the same."""
    client = Client(door.write_key, host=served.url, sync_mode=True, max_retries=0)
    client.track("u-1", "Sneezed", message_id="m-1")
    client.track("u-1", "Sneezed", message_id="m-1")
    door.process(clock.now())

    who = profiles.find(conn, workspace, external_id="u-1")
    assert who is not None
    assert len(timeline.of_profile(conn, workspace, who)) == 1


@pytest.mark.faults
def test_what_a_killed_server_acknowledged_is_in_the_database(served: Served, door: FrontDoor, workspace: int) -> None:
    acknowledged: list[str] = []
    enough = threading.Event()

    def flood(thread: int) -> None:
        session = requests.Session()
        for n in range(100_000):
            ids = [f"m-{thread}-{n}-{k}" for k in range(20)]
            batch = [{"type": "track", "userId": "u-1", "event": "Sneezed", "messageId": one} for one in ids]
            try:
                answer = session.post(
                    f"{served.url}/v1/batch", json={"batch": batch, "writeKey": door.write_key}, timeout=10
                )
            except requests.RequestException:
                return
            if answer.status_code != 200:
                return
            acknowledged.extend(ids)
            if len(acknowledged) > 4000:
                enough.set()

    threads = [threading.Thread(target=flood, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    assert enough.wait(60)
    served.kill()
    for thread in threads:
        thread.join()

    stored = {item["id"].removeprefix("public:") for item in door.waiting()}
    assert len(acknowledged) > 4000
    assert set(acknowledged) <= stored
