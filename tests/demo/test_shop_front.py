"""The shop tells the intake everything once, in order, and says it later when the intake is away."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from psycopg import Connection

from headwater.accounts import keys
from headwater.demo.shop_front import Away, NotAccepted, ShopFront, track
from tests.intake.served import Served
from tests.running_instance import free_port


@pytest.fixture(scope="module")
def served(server: Any) -> Any:
    running = Served()
    yield running
    running.kill()


@pytest.fixture
def front(conn: Connection, workspace: int, served: Served) -> ShopFront:
    key = keys.create(conn, workspace, "write")
    conn.commit()
    return ShopFront(served.url, key)


def heard(conn: Connection, workspace: int) -> list[dict[str, Any]]:
    rows = conn.execute("SELECT items FROM inbox WHERE workspace_id = %s ORDER BY id", (workspace,)).fetchall()
    return [orjson.loads(line) for row in rows for line in bytes(row[0]).split(b"\n")]


def numbered(count: int) -> list[Any]:
    return [track("7", "Counted", {"number": number}) for number in range(count)]


def test_many_calls_arrive_in_order_and_under_ids_of_their_own(
    conn: Connection, workspace: int, front: ShopFront
) -> None:
    front.say(numbered(450))

    items = heard(conn, workspace)
    assert [item["properties"]["number"] for item in items] == list(range(450))
    assert len({item["id"] for item in items}) == 450
    assert front.waiting == []


def test_what_was_said_while_the_intake_was_away_goes_first(conn: Connection, workspace: int, front: ShopFront) -> None:
    back, front.base_url = front.base_url, f"http://127.0.0.1:{free_port()}"
    with pytest.raises(Away):
        front.say(numbered(2))

    front.base_url = back
    front.say([track("7", "Said afterwards", {})])

    assert [item["metric"] for item in heard(conn, workspace)] == ["Counted", "Counted", "Said afterwards"]


def test_a_wrong_key_is_told(served: Served) -> None:
    with pytest.raises(NotAccepted, match="answered 401"):
        ShopFront(served.url, "hw_wk_wrong").say(numbered(1))


def test_a_single_call_that_is_refused_is_told(front: ShopFront) -> None:
    with pytest.raises(NotAccepted, match="refused .*private key"):
        front.say([*numbered(1), track("7", "Opened Email", {})])
