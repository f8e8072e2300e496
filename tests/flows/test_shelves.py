"""Prices that fall and stock that runs low start flows: for whom, once each, and whatever is killed meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from psycopg import Connection

from headwater.catalog import products
from headwater.core import database
from headwater.events import inbox
from headwater.flows.shelves import rounds, watch
from headwater.intake import processor
from tests.flows.flow_tables import add_version, did, enrolments, people, publish

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EMAIL = {"email": "a.mjml"}
VIEWED, CART, CHECKOUT = "Viewed Product", "Added to Cart", "Started Checkout"


def drop_flow(conn: Connection, workspace: int, slug: str = "drops", **more: Any) -> int:
    trigger = {"price_drop": {"percent": 10}, "audience": ["viewed", "cart", "checkout"], **more}
    return publish(conn, workspace, NOW, EMAIL, flow=slug, trigger=trigger)


def low_flow(conn: Connection, workspace: int, at_most: int = 10, **more: Any) -> int:
    trigger = {"low_stock": {"at_most": at_most}, "audience": ["viewed", "cart", "checkout"], **more}
    return publish(conn, workspace, NOW, EMAIL, flow="low", trigger=trigger)


def put(conn: Connection, workspace: int, product: str, at: datetime = NOW, **fields: Any) -> None:
    products.upsert(conn, workspace, [{"id": product, **fields}], at)


def run(conn: Connection, workspace: int, now: datetime = NOW) -> int:
    """Turns until there is nothing to do; how many there were."""
    turns = 0
    while watch.turn(conn, workspace, now):
        turns += 1
    return turns


def items(conn: Connection, workspace: int) -> list[dict[str, Any]]:
    """What came into the inbox."""
    return [orjson.loads(one) for row in inbox.read(conn, workspace, 1_000_000) for one in row.items]


def told(conn: Connection, workspace: int) -> list[tuple[str, str, int, str]]:
    """(flow, product, person, what they did), whom it was told."""
    return [
        (
            one["properties"]["flow"],
            one["properties"]["product_id"],
            one["user"]["profile_id"],
            one["properties"]["did"],
        )
        for one in items(conn, workspace)
    ]


def lines(*product_ids: Any) -> Mapping[str, Any]:
    return {"items": [{"product_id": one} for one in product_ids]}


# ── what is told ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_price_that_falls_is_told_to_those_who_met_the_product(conn: Connection, workspace: int) -> None:
    drop_flow(conn, workspace)
    run(conn, workspace)
    looked, other, nobody = people(conn, workspace, NOW, 3)
    put(conn, workspace, "mug", title="Mug", category="Mugs", price=20, stock=7)
    did(conn, workspace, looked, VIEWED, NOW - DAY, {"product_id": "mug"})
    did(conn, workspace, other, VIEWED, NOW - DAY, {"product_id": "pen"})

    put(conn, workspace, "mug", NOW, price=15)
    run(conn, workspace, NOW + HOUR)

    [item] = items(conn, workspace)
    assert (item["type"], item["metric"], item["user"]) == ("track", "Price Dropped", {"profile_id": looked})
    assert (item["once"], item["history"], item["ts"]) == (True, False, NOW.isoformat())
    assert item["properties"] == {
        "flow": "drops",
        "product_id": "mug",
        "title": "Mug",
        "category": "Mugs",
        "price": 15.0,
        "old_price": 20.0,
        "dropped_by": 5.0,
        "dropped_percent": 25.0,
        "stock": 7,
        "did": "viewed",
    }


def test_stock_that_runs_low_is_told(conn: Connection, workspace: int) -> None:
    low_flow(conn, workspace)
    run(conn, workspace)
    [person] = people(conn, workspace, NOW, 1)
    put(conn, workspace, "mug", title="Mug", price=20, stock=12)
    did(conn, workspace, person, CART, NOW - DAY, {"product_id": "mug"})

    put(conn, workspace, "mug", stock=11)
    run(conn, workspace)
    assert told(conn, workspace) == []
    put(conn, workspace, "mug", stock=10)
    run(conn, workspace)
    put(conn, workspace, "mug", stock=9)
    run(conn, workspace)

    [item] = items(conn, workspace)
    assert (item["metric"], item["properties"]) == (
        "Low in Stock",
        {"flow": "low", "product_id": "mug", "title": "Mug", "price": 20.0, "stock": 10, "did": "cart"},
    )


def test_the_event_takes_the_person_into_that_flow_only(conn: Connection, workspace: int) -> None:
    flow = drop_flow(conn, workspace)
    drop_flow(conn, workspace, "steep", price_drop={"percent": 90})
    run(conn, workspace)
    [person] = people(conn, workspace, NOW, 1)
    put(conn, workspace, "mug", price=20)
    did(conn, workspace, person, VIEWED, NOW - DAY, {"product_id": "mug"})
    put(conn, workspace, "mug", price=15)
    run(conn, workspace)

    processor.process(conn, workspace, NOW + HOUR)

    [enrolment] = enrolments(conn, workspace)
    assert (enrolment["flow_id"], enrolment["profile_id"], enrolment["started_at"]) == (flow, person, NOW)


# ── to whom ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_each_did_counts_within_its_span(conn: Connection, workspace: int) -> None:
    drop_flow(conn, workspace, within={"days": 30})
    run(conn, workspace)
    put(conn, workspace, "42", price=20)
    viewer, filler, buyer, liner, early, late, anonymous_like = people(conn, workspace, NOW, 7)
    [unknown] = people(conn, workspace, NOW, 1, email=False)
    did(conn, workspace, viewer, VIEWED, NOW - 29 * DAY, {"product_id": 42})
    did(conn, workspace, filler, CART, NOW - DAY, {"product_id": "42"})
    did(conn, workspace, buyer, CHECKOUT, NOW - DAY, lines("7", 42))
    did(conn, workspace, liner, CART, NOW, lines("42"))
    did(conn, workspace, early, VIEWED, NOW - 30 * DAY, {"product_id": "42"})
    did(conn, workspace, late, VIEWED, NOW + HOUR, {"product_id": "42"})
    did(conn, workspace, anonymous_like, "Placed Order", NOW - DAY, lines("42"))
    did(conn, workspace, unknown, VIEWED, NOW - DAY, {"product_id": "42"})

    put(conn, workspace, "42", price=15)
    run(conn, workspace, NOW + 2 * HOUR)

    assert sorted(told(conn, workspace)) == [
        ("drops", "42", viewer, "viewed"),
        ("drops", "42", filler, "cart"),
        ("drops", "42", buyer, "checkout"),
        ("drops", "42", liner, "cart"),
    ]


def test_only_the_audience_of_the_flow_is_told(conn: Connection, workspace: int) -> None:
    drop_flow(conn, workspace, audience=["checkout"])
    run(conn, workspace)
    put(conn, workspace, "mug", price=20)
    viewer, buyer = people(conn, workspace, NOW, 2)
    did(conn, workspace, viewer, VIEWED, NOW - DAY, {"product_id": "mug"})
    did(conn, workspace, viewer, CART, NOW - DAY, {"product_id": "mug"})
    did(conn, workspace, buyer, CHECKOUT, NOW - DAY, lines("mug"))

    put(conn, workspace, "mug", price=15)
    run(conn, workspace)

    assert told(conn, workspace) == [("drops", "mug", buyer, "checkout")]


def test_who_did_several_things_is_told_once_with_the_most_serious(conn: Connection, workspace: int) -> None:
    drop_flow(conn, workspace)
    run(conn, workspace)
    put(conn, workspace, "mug", price=20)
    put(conn, workspace, "pen", price=20)
    [person] = people(conn, workspace, NOW, 1)
    for days in range(1, 4):
        did(conn, workspace, person, VIEWED, NOW - days * DAY, {"product_id": "mug"})
        did(conn, workspace, person, VIEWED, NOW - days * DAY - HOUR, {"product_id": "pen"})
    did(conn, workspace, person, CART, NOW - 5 * DAY, {"product_id": "mug"})

    products.upsert(conn, workspace, [{"id": "mug", "price": 15}, {"id": "pen", "price": 15}], NOW)
    run(conn, workspace)

    assert sorted(told(conn, workspace)) == [("drops", "mug", person, "cart"), ("drops", "pen", person, "viewed")]


def test_odd_events_do_no_harm(conn: Connection, workspace: int) -> None:
    drop_flow(conn, workspace)
    run(conn, workspace)
    put(conn, workspace, "mug", price=20)
    [person] = people(conn, workspace, NOW, 1)
    odd: list[Any] = [{}, {"items": "mug"}, {"items": {"product_id": "mug"}}, {"items": ["mug", None, 3, []]}]
    for minutes, properties in enumerate([*odd, {"product_id": None}, {"product_id": ["mug"]}]):
        did(conn, workspace, person, CHECKOUT, NOW - timedelta(minutes=minutes), properties)

    put(conn, workspace, "mug", price=15)
    run(conn, workspace)

    assert told(conn, workspace) == []


def test_another_brands_people_are_not_told(conn: Connection, workspace: int) -> None:
    drop_flow(conn, workspace)
    run(conn, workspace)
    row = conn.execute(
        "INSERT INTO workspace (name, slug, timezone, currency, from_name, from_email, reply_to, postal_address,"
        " website_url, smart_sending_hours, require_consent, created_at)"
        " SELECT name, slug || '-2', timezone, currency, from_name, from_email, reply_to, postal_address, website_url,"
        " smart_sending_hours, require_consent, created_at FROM workspace WHERE id = %s RETURNING id",
        (workspace,),
    ).fetchone()
    assert row is not None
    [stranger] = people(conn, row[0], NOW, 1)
    put(conn, row[0], "mug", price=20)
    put(conn, workspace, "mug", price=20)
    did(conn, row[0], stranger, VIEWED, NOW - DAY, {"product_id": "mug"})

    put(conn, row[0], "mug", price=15)
    put(conn, workspace, "mug", price=15)
    run(conn, workspace)

    assert (told(conn, workspace), told(conn, row[0])) == ([], [])


# ── what is not told ────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "fields",
    [{"published": False}, {"stock": 0}, {"price": 19}, {"price": None}, {"category": "Pens"}],
)
def test_what_may_not_be_told(conn: Connection, workspace: int, fields: dict[str, Any]) -> None:
    drop_flow(conn, workspace, where=[{"property": "category", "equals": "Mugs"}])
    run(conn, workspace)
    [person] = people(conn, workspace, NOW, 1)
    put(conn, workspace, "mug", price=20, category="Mugs", stock=5)
    did(conn, workspace, person, VIEWED, NOW - DAY, {"product_id": "mug"})

    put(conn, workspace, "mug", **{"price": 15, **fields})
    run(conn, workspace)
    assert told(conn, workspace) == []

    put(conn, workspace, "mug", price=10, category="Mugs", stock=5, published=True)  # the same person would be told
    run(conn, workspace)
    assert len(told(conn, workspace)) == 1


def test_a_product_deleted_meanwhile_is_not_told(conn: Connection, workspace: int) -> None:
    drop_flow(conn, workspace)
    run(conn, workspace)
    [person] = people(conn, workspace, NOW, 1)
    put(conn, workspace, "mug", price=20)
    did(conn, workspace, person, VIEWED, NOW - DAY, {"product_id": "mug"})

    put(conn, workspace, "mug", price=15)
    products.delete(conn, workspace, ["mug"], NOW)
    run(conn, workspace)

    assert told(conn, workspace) == []


def test_a_price_that_rises_again_before_it_is_told_is_not(conn: Connection, workspace: int) -> None:
    drop_flow(conn, workspace)
    run(conn, workspace)
    [person] = people(conn, workspace, NOW, 1)
    put(conn, workspace, "mug", price=20)
    did(conn, workspace, person, VIEWED, NOW - DAY, {"product_id": "mug"})

    put(conn, workspace, "mug", price=15)
    watch.turn(conn, workspace, NOW)  # judged
    put(conn, workspace, "mug", price=19)
    run(conn, workspace)

    assert told(conn, workspace) == []


def test_several_changes_in_one_turn_are_one_drop_to_what_it_costs_now(conn: Connection, workspace: int) -> None:
    drop_flow(conn, workspace)
    run(conn, workspace)
    [person] = people(conn, workspace, NOW, 1)
    put(conn, workspace, "mug", price=20)
    did(conn, workspace, person, VIEWED, NOW - DAY, {"product_id": "mug"})

    for minutes, price in enumerate([17, 15, 14.5]):
        put(conn, workspace, "mug", NOW + timedelta(minutes=minutes), price=price)
    run(conn, workspace, NOW + HOUR)

    [item] = items(conn, workspace)
    assert (item["properties"]["old_price"], item["properties"]["price"]) == (20.0, 14.5)


def test_a_rise_that_falls_back_is_remembered_over_turns(conn: Connection, workspace: int) -> None:
    drop_flow(conn, workspace)
    run(conn, workspace)
    [person] = people(conn, workspace, NOW, 1)
    put(conn, workspace, "mug", NOW - DAY, price=20)
    did(conn, workspace, person, VIEWED, NOW - DAY, {"product_id": "mug"})

    for hours, price in [(0, 30), (5, 20), (50, 30), (75, 20)]:
        put(conn, workspace, "mug", NOW + hours * HOUR, price=price)
        run(conn, workspace, NOW + hours * HOUR)

    [item] = items(conn, workspace)
    assert (item["ts"], item["properties"]["old_price"]) == ((NOW + 75 * HOUR).isoformat(), 30.0)


def test_what_changed_before_the_flow_was_live_is_not_told(conn: Connection, workspace: int) -> None:
    [person] = people(conn, workspace, NOW, 1)
    put(conn, workspace, "mug", price=20)
    did(conn, workspace, person, VIEWED, NOW - DAY, {"product_id": "mug"})
    put(conn, workspace, "mug", price=15)
    flow = drop_flow(conn, workspace)
    run(conn, workspace)
    assert told(conn, workspace) == []

    conn.execute("UPDATE flow SET status = 'paused' WHERE workspace_id = %s AND id = %s", (workspace, flow))
    run(conn, workspace)
    put(conn, workspace, "mug", price=10)
    conn.execute("UPDATE flow SET status = 'live' WHERE workspace_id = %s AND id = %s", (workspace, flow))
    run(conn, workspace)
    assert told(conn, workspace) == []

    put(conn, workspace, "mug", price=5)
    run(conn, workspace)
    assert len(told(conn, workspace)) == 1


def test_a_flow_that_is_paused_while_it_is_told_of_takes_nobody_in(conn: Connection, workspace: int) -> None:
    flow = drop_flow(conn, workspace)
    run(conn, workspace)
    [person] = people(conn, workspace, NOW, 1)
    put(conn, workspace, "mug", price=20)
    did(conn, workspace, person, VIEWED, NOW - DAY, {"product_id": "mug"})
    put(conn, workspace, "mug", price=15)
    watch.turn(conn, workspace, NOW)
    watch.turn(conn, workspace, NOW)
    conn.execute("UPDATE flow SET status = 'paused' WHERE workspace_id = %s AND id = %s", (workspace, flow))
    run(conn, workspace)

    assert told(conn, workspace) == []
    assert conn.execute("SELECT FROM shelf_person WHERE workspace_id = %s", (workspace,)).fetchall() == []


# ── turns ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def crowd(conn: Connection, workspace: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Twenty people who met one of two products, some in several ways; turns are tiny. Judged, nobody is told yet."""
    monkeypatch.setattr(rounds, "SLICES", {"checkout": 2, "cart": 4, "viewed": 4})
    monkeypatch.setattr(rounds, "TOLD_A_TURN", 3)
    monkeypatch.setattr(rounds, "_ITEMS_A_ROW", 2)
    monkeypatch.setattr(watch, "CHANGES_A_TURN", 1)
    drop_flow(conn, workspace)
    low_flow(conn, workspace, audience=["viewed"])
    run(conn, workspace)
    crowd = people(conn, workspace, NOW, 20)
    for product in ("mug", "pen"):
        put(conn, workspace, product, price=20, stock=50)
    for number, person in enumerate(crowd):
        at = NOW - (number // 7) * DAY - HOUR  # many at the same moment
        did(conn, workspace, person, VIEWED, at, {"product_id": "mug" if number % 2 else "pen"})
        did(conn, workspace, person, VIEWED, at - DAY, {"product_id": "mug"})
        if number % 5 == 0:
            did(conn, workspace, person, CHECKOUT, at, lines("mug"))
    put(conn, workspace, "mug", price=15)
    put(conn, workspace, "pen", price=15, stock=5)
    conn.commit()
    return crowd


def expected(crowd: list[int]) -> Counter[tuple[str, str, int, str]]:
    return Counter(
        [("drops", "mug", person, "viewed" if number % 5 else "checkout") for number, person in enumerate(crowd)]
        + [("drops", "pen", person, "viewed") for number, person in enumerate(crowd) if number % 2 == 0]
        + [("low", "pen", person, "viewed") for number, person in enumerate(crowd) if number % 2 == 0]
    )


def test_a_large_audience_is_told_over_many_turns(conn: Connection, workspace: int, crowd: list[int]) -> None:
    assert run(conn, workspace) > 20

    assert Counter(told(conn, workspace)) == expected(crowd)
    assert len({one["id"] for one in items(conn, workspace)}) == len(items(conn, workspace))


def test_every_turn_killed_and_done_again_tells_everybody_once(
    conn: Connection, workspace: int, crowd: list[int]
) -> None:
    while True:
        watch.turn(conn, workspace, NOW)
        conn.rollback()
        done = watch.turn(conn, workspace, NOW)
        conn.commit()
        if not done:
            break

    assert Counter(told(conn, workspace)) == expected(crowd)


def test_what_came_into_the_inbox_is_counted_once_each(conn: Connection, workspace: int, crowd: list[int]) -> None:
    run(conn, workspace)
    while processor.process(conn, workspace, NOW + HOUR):
        pass

    row = conn.execute(
        "SELECT count(*) FROM event JOIN metric ON metric.id = event.metric_id AND metric.workspace_id = %(w)s"
        " WHERE event.workspace_id = %(w)s AND metric.name IN ('Price Dropped', 'Low in Stock')",
        {"w": workspace},
    ).fetchone()
    assert row == (sum(expected(crowd).values()),)
    assert conn.execute("SELECT error FROM inbox_failure WHERE workspace_id = %s", (workspace,)).fetchall() == []


def test_changes_during_a_round_are_told_after_it_when_it_has_rested(
    conn: Connection, workspace: int, crowd: list[int]
) -> None:
    for _ in range(6):  # in the middle of reading
        watch.turn(conn, workspace, NOW)
    put(conn, workspace, "mug", price=10)
    run(conn, workspace)
    first = len(items(conn, workspace))
    assert 0 < first == sum(expected(crowd).values())
    assert workspace not in watch.workspaces_with_work(conn, NOW)

    later = NOW + HOUR
    assert workspace in watch.workspaces_with_work(conn, later)
    run(conn, workspace, later)

    again = items(conn, workspace)[first:]
    assert {one["user"]["profile_id"] for one in again} == set(crowd)
    assert {(one["properties"]["old_price"], one["properties"]["price"]) for one in again} == {(15.0, 10.0)}


def test_two_workers_do_not_tell_twice(conn: Connection, workspace: int, crowd: list[int]) -> None:
    with database.connect() as other:
        for _ in range(40):
            watch.turn(conn, workspace, NOW)
            assert watch.turn(other, workspace, NOW) == 0  # the first is at it
            conn.commit()
            watch.turn(other, workspace, NOW)
            other.commit()
        assert watch.turn(other, workspace, NOW) == 0

    assert Counter(told(conn, workspace)) == expected(crowd)


# ── finding work ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_there_is_work_only_where_a_flow_watches_and_something_changed(conn: Connection, workspace: int) -> None:
    def found() -> bool:
        return workspace in watch.workspaces_with_work(conn, NOW)

    publish(conn, workspace, NOW, EMAIL)
    put(conn, workspace, "mug", price=20)
    put(conn, workspace, "mug", price=15)
    assert not found()

    flow = drop_flow(conn, workspace)
    assert found()
    run(conn, workspace)
    assert not found()

    put(conn, workspace, "mug", title="Cup")
    assert not found()
    put(conn, workspace, "mug", price=16)
    assert found()
    run(conn, workspace)
    assert not found()

    tree = {"flow": "drops", "trigger": {"metric": VIEWED}, "steps": [EMAIL]}
    add_version(conn, workspace, flow, 2, tree, NOW)
    assert found()
    run(conn, workspace)
    put(conn, workspace, "mug", price=1)
    assert not found()
