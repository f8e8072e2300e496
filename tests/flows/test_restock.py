"""People who wait for a product go on when it is in stock again: in which order, how many at once, and nobody twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from headwater.catalog import products
from headwater.core import database
from headwater.flows import entry, runner
from headwater.flows.shelves import restock
from tests.flows.flow_tables import add_version, did, enrol, messages, people, publish

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EMAIL = {"email": "a.mjml"}
TRIGGER = {"metric": "Subscribed to Back in Stock"}


def flow(conn: Connection, workspace: int, slug: str = "back", **settings: Any) -> int:
    step = {"id": "wait", "back_in_stock": settings}
    return publish(conn, workspace, NOW, step, EMAIL, flow=slug, trigger=TRIGGER)


def put(conn: Connection, workspace: int, product: str, at: datetime = NOW, **fields: Any) -> None:
    products.upsert(conn, workspace, [{"id": product, **fields}], at)


def waits(conn: Connection, workspace: int, flow_id: int, count: int = 1, crowd: list[int] | None = None) -> list[int]:
    """People who wait for the mug, the first one the longest; one began a minute after the other."""
    crowd = crowd or people(conn, workspace, NOW, count)
    enrol(conn, workspace, flow_id, reversed(crowd), NOW - DAY, step="wait", wake_in=180 * DAY)
    conn.execute(
        """
        UPDATE enrolment
        SET held = 'stock', item = 'mug', since = %(since)s + number * interval '1 minute'
        FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS one (id, number)
        WHERE workspace_id = %(workspace)s
          AND profile_id = one.id
          AND flow_id = %(flow)s
        """,
        {"workspace": workspace, "flow": flow_id, "since": NOW - DAY, "ids": crowd},
    )
    return crowd


def run(conn: Connection, workspace: int, now: datetime) -> None:
    """Turns until there is nothing to do."""
    while restock.turn(conn, workspace, now):
        pass


def freed(conn: Connection, workspace: int, flow_id: int | None = None) -> dict[int, datetime]:
    """When each who was let go (by one flow) goes on, by person."""
    rows = conn.execute(
        """
        SELECT profile_id, wake_at
        FROM enrolment
        WHERE workspace_id = %(workspace)s
          AND held = 'released'
          AND state = 'waiting'
          AND (flow_id = %(flow)s OR %(flow)s::bigint IS NULL)
        """,
        {"workspace": workspace, "flow": flow_id},
    ).fetchall()
    return dict(rows)


def looks(conn: Connection, workspace: int, now: datetime) -> bool:
    return workspace in restock.workspaces_with_work(conn, now)


# ── when ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_those_who_wait_go_on_when_stock_comes_in(conn: Connection, workspace: int) -> None:
    put(conn, workspace, "mug", stock=0)
    put(conn, workspace, "pen", stock=0)
    crowd = waits(conn, workspace, flow(conn, workspace), 3)
    run(conn, workspace, NOW)
    assert freed(conn, workspace) == {}

    put(conn, workspace, "pen", NOW + MINUTE, stock=9)
    put(conn, workspace, "mug", NOW + MINUTE, stock=1)
    run(conn, workspace, NOW + 2 * MINUTE)

    assert freed(conn, workspace) == dict.fromkeys(crowd, NOW + 2 * MINUTE)


def test_not_before_there_are_as_many_as_the_step_wants(conn: Connection, workspace: int) -> None:
    put(conn, workspace, "mug", stock=0)
    [person] = waits(conn, workspace, flow(conn, workspace, minimum_stock=5), 1)
    run(conn, workspace, NOW)

    put(conn, workspace, "mug", stock=4)
    run(conn, workspace, NOW + MINUTE)
    assert freed(conn, workspace) == {}
    put(conn, workspace, "mug", stock=5)
    run(conn, workspace, NOW + MINUTE)
    assert set(freed(conn, workspace)) == {person}


def test_what_came_in_and_is_gone_again_frees_nobody(conn: Connection, workspace: int) -> None:
    put(conn, workspace, "mug", stock=0)
    waits(conn, workspace, flow(conn, workspace), 1)
    run(conn, workspace, NOW)

    put(conn, workspace, "mug", stock=5)
    put(conn, workspace, "mug", stock=0)
    run(conn, workspace, NOW + MINUTE)

    assert freed(conn, workspace) == {}


@pytest.mark.parametrize("change", [{"stock": None}, {"stock": 3, "published": True}])
def test_a_product_that_is_no_longer_counted_or_comes_in_is_in_stock(
    conn: Connection, workspace: int, change: dict[str, Any]
) -> None:
    put(conn, workspace, "mug", stock=0)
    waits(conn, workspace, flow(conn, workspace), 1)
    run(conn, workspace, NOW)

    put(conn, workspace, "mug", **change)
    run(conn, workspace, NOW + MINUTE)

    assert len(freed(conn, workspace)) == 1


def test_unpublished_it_frees_nobody_until_it_is_shown(conn: Connection, workspace: int) -> None:
    put(conn, workspace, "mug", stock=0, published=False)
    waits(conn, workspace, flow(conn, workspace), 1)
    run(conn, workspace, NOW)
    put(conn, workspace, "mug", stock=5)
    run(conn, workspace, NOW + MINUTE)
    assert freed(conn, workspace) == {}

    put(conn, workspace, "mug", published=True)  # no change of stock: seen when everything is looked at again
    run(conn, workspace, NOW + restock.LOOK_AGAIN)

    assert len(freed(conn, workspace)) == 1


def test_a_product_that_was_deleted_and_comes_back_frees_people(conn: Connection, workspace: int) -> None:
    put(conn, workspace, "mug", stock=0)
    waits(conn, workspace, flow(conn, workspace), 1)
    run(conn, workspace, NOW)
    products.delete(conn, workspace, ["mug"], NOW)
    run(conn, workspace, NOW + MINUTE)
    put(conn, workspace, "mug", stock=5)
    run(conn, workspace, NOW + restock.LOOK_AGAIN)

    assert len(freed(conn, workspace)) == 1


def test_people_of_a_paused_flow_stay_until_it_is_live_again(conn: Connection, workspace: int) -> None:
    put(conn, workspace, "mug", stock=0)
    flow_id = flow(conn, workspace)
    waits(conn, workspace, flow_id, 2)
    run(conn, workspace, NOW)
    conn.execute("UPDATE flow SET status = 'paused' WHERE workspace_id = %s AND id = %s", (workspace, flow_id))
    put(conn, workspace, "mug", stock=5)
    run(conn, workspace, NOW + HOUR)
    assert freed(conn, workspace) == {}

    conn.execute("UPDATE flow SET status = 'live' WHERE workspace_id = %s AND id = %s", (workspace, flow_id))
    run(conn, workspace, NOW + HOUR + restock.LOOK_AGAIN)

    assert len(freed(conn, workspace)) == 2


def test_a_step_that_asks_for_less_from_now_on_frees_people(conn: Connection, workspace: int) -> None:
    put(conn, workspace, "mug", stock=3)
    flow_id = flow(conn, workspace, minimum_stock=10)
    waits(conn, workspace, flow_id, 1)
    run(conn, workspace, NOW)
    tree = {"flow": "back", "trigger": TRIGGER, "steps": [{"id": "wait", "back_in_stock": {}}, EMAIL]}
    add_version(conn, workspace, flow_id, 2, tree, NOW)
    run(conn, workspace, NOW + restock.LOOK_AGAIN)

    assert len(freed(conn, workspace)) == 1


def test_who_left_meanwhile_is_not_woken(conn: Connection, workspace: int) -> None:
    put(conn, workspace, "mug", stock=0)
    first, second = waits(conn, workspace, flow(conn, workspace), 2)
    run(conn, workspace, NOW)
    conn.execute(
        "UPDATE enrolment SET state = 'exited', wake_at = NULL WHERE workspace_id = %s AND profile_id = %s",
        (workspace, first),
    )
    put(conn, workspace, "mug", stock=5)
    run(conn, workspace, NOW + MINUTE)

    assert set(freed(conn, workspace)) == {second}


def test_from_the_event_to_the_email(conn: Connection, workspace: int) -> None:
    flow(conn, workspace)
    put(conn, workspace, "mug", stock=0)
    [person] = people(conn, workspace, NOW, 1)
    asked = did(conn, workspace, person, TRIGGER["metric"], NOW, {"product_id": "mug"})
    entry.on_events(conn, workspace, asked, NOW)
    runner.run_due(conn, workspace, NOW + MINUTE)
    run(conn, workspace, NOW + MINUTE)
    assert messages(conn, workspace) == []

    put(conn, workspace, "mug", stock=1)
    run(conn, workspace, NOW + HOUR)
    runner.run_due(conn, workspace, NOW + HOUR)

    assert [(step, profile) for step, profile, *_ in messages(conn, workspace)] == [("a", person)]


# ── how many ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_batches_the_longest_waiting_first(conn: Connection, workspace: int) -> None:
    put(conn, workspace, "mug", stock=0)
    flow_id = flow(conn, workspace, people_per_unit=2, every={"minutes": 15})
    crowd = waits(conn, workspace, flow_id, 7)
    run(conn, workspace, NOW)

    put(conn, workspace, "mug", stock=1)
    run(conn, workspace, NOW + MINUTE)
    assert set(freed(conn, workspace)) == set(crowd[:2])

    put(conn, workspace, "mug", stock=2)  # more comes in: it counts from the next batch on
    run(conn, workspace, NOW + 15 * MINUTE)
    assert not looks(conn, workspace, NOW + 15 * MINUTE)
    assert set(freed(conn, workspace)) == set(crowd[:2])

    assert looks(conn, workspace, NOW + 16 * MINUTE)
    run(conn, workspace, NOW + 16 * MINUTE)
    assert set(freed(conn, workspace)) == set(crowd[:6])
    run(conn, workspace, NOW + 31 * MINUTE)
    assert set(freed(conn, workspace)) == set(crowd)


def test_no_further_batch_when_the_stock_is_gone_and_again_when_it_comes_in(conn: Connection, workspace: int) -> None:
    put(conn, workspace, "mug", stock=0)
    crowd = waits(conn, workspace, flow(conn, workspace, people_per_unit=2, every={"minutes": 15}), 6)
    run(conn, workspace, NOW)
    put(conn, workspace, "mug", stock=1)
    run(conn, workspace, NOW)
    put(conn, workspace, "mug", stock=0)
    run(conn, workspace, NOW + 20 * MINUTE)
    assert set(freed(conn, workspace)) == set(crowd[:2])

    put(conn, workspace, "mug", stock=1)
    run(conn, workspace, NOW + 21 * MINUTE)
    assert set(freed(conn, workspace)) == set(crowd[:4])


def test_each_flow_frees_its_own(conn: Connection, workspace: int) -> None:
    put(conn, workspace, "mug", stock=0)
    quick, slow = flow(conn, workspace), flow(conn, workspace, "slow", people_per_unit=1)
    crowd = waits(conn, workspace, quick, 3)
    waits(conn, workspace, slow, crowd=crowd)
    run(conn, workspace, NOW)

    put(conn, workspace, "mug", stock=2)
    run(conn, workspace, NOW + MINUTE)

    assert set(freed(conn, workspace, quick)) == set(crowd)
    assert set(freed(conn, workspace, slow)) == set(crowd[:2])


def test_a_crowd_goes_in_turns_of_bounded_size(
    conn: Connection, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restock, "FREED_A_TURN", 4)
    put(conn, workspace, "mug", stock=0)
    put(conn, workspace, "pen", stock=0)
    flow_id = flow(conn, workspace)
    crowd = waits(conn, workspace, flow_id, 10)
    conn.execute("UPDATE enrolment SET item = 'pen' WHERE workspace_id = %s AND profile_id = %s", (workspace, crowd[9]))
    run(conn, workspace, NOW)
    products.upsert(conn, workspace, [{"id": "mug", "stock": 1}, {"id": "pen", "stock": 1}], NOW)

    sizes = []
    while restock.turn(conn, workspace, NOW):
        sizes.append(len(freed(conn, workspace)) - sum(sizes))

    assert max(sizes) == 4
    assert set(freed(conn, workspace)) == set(crowd)


def test_a_batch_is_no_larger_for_going_in_turns(
    conn: Connection, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restock, "FREED_A_TURN", 2)
    put(conn, workspace, "mug", stock=0)
    crowd = waits(conn, workspace, flow(conn, workspace, people_per_unit=5), 10)
    run(conn, workspace, NOW)

    put(conn, workspace, "mug", stock=1)
    run(conn, workspace, NOW)

    assert set(freed(conn, workspace)) == set(crowd[:5])


# ── killed, and beside others ───────────────────────────────────────────────────────────────────────────────────────
def test_every_turn_killed_and_done_again_frees_the_same(
    conn: Connection, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restock, "FREED_A_TURN", 2)
    put(conn, workspace, "mug", stock=0)
    crowd = waits(conn, workspace, flow(conn, workspace, people_per_unit=3), 8)
    run(conn, workspace, NOW)
    put(conn, workspace, "mug", stock=1)
    conn.commit()

    for minutes in (0, 1, 14, 15, 29, 30):
        done = 1
        while done:
            restock.turn(conn, workspace, NOW + minutes * MINUTE)
            conn.rollback()
            done = restock.turn(conn, workspace, NOW + minutes * MINUTE)
            conn.commit()

    at = {NOW: crowd[:3], NOW + 15 * MINUTE: crowd[3:6], NOW + 30 * MINUTE: crowd[6:]}
    assert freed(conn, workspace) == {person: when for when, batch in at.items() for person in batch}


def test_only_one_worker_at_a_time(conn: Connection, workspace: int) -> None:
    put(conn, workspace, "mug", stock=0)
    waits(conn, workspace, flow(conn, workspace), 3)
    conn.commit()
    with database.connect() as other:
        assert restock.turn(conn, workspace, NOW) > 0
        assert restock.turn(other, workspace, NOW) == 0
        conn.commit()
        put(conn, workspace, "mug", stock=5)
        conn.commit()
        assert restock.turn(other, workspace, NOW) > 0


def test_whom_the_runner_moves_just_now_is_left_to_it(conn: Connection, workspace: int) -> None:
    put(conn, workspace, "mug", stock=0)
    first, second = waits(conn, workspace, flow(conn, workspace), 2)
    run(conn, workspace, NOW)
    put(conn, workspace, "mug", stock=5)
    conn.commit()
    with database.connect() as runner:
        runner.execute(
            "SELECT FROM enrolment WHERE workspace_id = %s AND profile_id = %s FOR UPDATE", (workspace, first)
        )
        run(conn, workspace, NOW + MINUTE)
        conn.commit()
    assert set(freed(conn, workspace)) == {second}

    run(conn, workspace, NOW + restock.LOOK_AGAIN)
    assert set(freed(conn, workspace)) == {first, second}


# ── finding work ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_there_is_work_only_where_people_wait_and_something_changed(conn: Connection, workspace: int) -> None:
    put(conn, workspace, "mug", stock=0)
    put(conn, workspace, "mug", stock=1)
    put(conn, workspace, "mug", stock=0)
    assert not looks(conn, workspace, NOW)

    waits(conn, workspace, flow(conn, workspace), 1)
    assert looks(conn, workspace, NOW)
    run(conn, workspace, NOW)
    assert not looks(conn, workspace, NOW + MINUTE)
    assert looks(conn, workspace, NOW + restock.LOOK_AGAIN)

    put(conn, workspace, "mug", stock=1)
    assert looks(conn, workspace, NOW + MINUTE)
    run(conn, workspace, NOW + MINUTE)
    assert not looks(conn, workspace, NOW + DAY)


def test_a_clock_that_is_set_back_does_not_stop_it(conn: Connection, workspace: int) -> None:
    put(conn, workspace, "mug", stock=0)
    waits(conn, workspace, flow(conn, workspace), 1)
    run(conn, workspace, NOW + DAY)
    assert looks(conn, workspace, NOW)

    put(conn, workspace, "mug", published=False)
    put(conn, workspace, "mug", stock=5)
    run(conn, workspace, NOW)
    put(conn, workspace, "mug", published=True)
    run(conn, workspace, NOW + restock.LOOK_AGAIN)

    assert len(freed(conn, workspace)) == 1
