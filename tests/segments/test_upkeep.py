"""Membership is live: within a turn of every event, at the boundary of every window, told of once each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from headwater.audience import lists
from headwater.core import clock, partitions
from headwater.flows.editing import publishing
from headwater.segments import growth, membership, saved, upkeep
from tests.segments.shop import NOW, Shop

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
ENTERED, LEFT = "Entered Segment", "Left Segment"


@pytest.fixture
def shop(conn: Connection, workspace: int) -> Shop:
    partitions.ensure(conn, "event", [NOW, NOW - 40 * DAY, NOW + 31 * DAY, NOW + 60 * DAY])
    conn.commit()
    return Shop(conn, workspace)


def test_an_event_brings_someone_in_and_is_told_of_once(shop: Shop) -> None:
    segment = shop.segment("Buyers", {"metric": "Placed Order", "in_last": {"days": 30}})

    shop.happens("ann", "Placed Order")
    shop.happens("ann", "Placed Order")
    shop.keep_up()
    shop.happens("ann", "Placed Order")
    shop.keep_up()

    assert shop.members(segment) == {shop.person("ann")}
    assert shop.facts(segment) == [(shop.person("ann"), ENTERED)]


def test_time_takes_people_out_at_the_boundary_and_not_a_second_before(shop: Shop) -> None:
    segment = shop.segment("Buyers", {"metric": "Placed Order", "in_last": {"days": 30}})
    shop.happens("ann", "Placed Order")
    shop.keep_up()

    shop.later(days=30, seconds=-1)
    assert shop.members(segment) == {shop.person("ann")}
    shop.later(seconds=upkeep.SWEEP_EVERY.total_seconds() + 1)

    assert shop.members(segment) == set()
    assert shop.facts(segment) == [(shop.person("ann"), ENTERED), (shop.person("ann"), LEFT)]


def test_time_brings_people_in(shop: Shop) -> None:
    lapsed = [
        {"metric": "Placed Order"},
        {"metric": "Placed Order", "count": {"equals": 0}, "in_last": {"days": 10}},
    ]
    segment = shop.segment("Lapsed", lapsed)
    shop.happens("ann", "Placed Order")
    shop.happens("bob", "Placed Order")
    shop.later(days=8)
    shop.happens("bob", "Placed Order")

    shop.later(days=2, minutes=1)

    assert shop.members(segment) == {shop.person("ann")}
    assert shop.facts(segment) == [(shop.person("ann"), ENTERED)]


def test_looked_and_did_not_buy_is_known_when_the_wait_is_over(shop: Shop) -> None:
    segment = shop.segment(
        "Left without buying",
        {"sequence": [{"metric": "Viewed Product"}, {"metric": "Placed Order", "did": False, "within": {"hours": 2}}]},
    )
    shop.happens("ann", "Viewed Product")
    shop.happens("bob", "Viewed Product")
    shop.later(hours=1)
    shop.happens("bob", "Placed Order")
    shop.keep_up()
    assert shop.members(segment) == set()

    shop.later(hours=1, minutes=1)

    assert shop.members(segment) == {shop.person("ann")}


def test_birthdays_come_and_go_by_the_brands_calendar(shop: Shop) -> None:
    segment = shop.segment("Birthday", {"property": "birthday", "date": {"anniversary": "today"}})
    shop.says("ann", birthday="1990-03-03")
    shop.says("bob", birthday="1992-03-04T02:00:00Z")  # still the 3rd in New York
    shop.says("cem", birthday="soon")
    shop.now = datetime(2026, 3, 3, 4, 59, tzinfo=UTC)
    shop.keep_up()
    assert shop.members(segment) == set()

    shop.later(minutes=2)  # past midnight in New York
    assert shop.members(segment) == {shop.person("ann"), shop.person("bob")}
    shop.says("bob", birthday=None)
    shop.later(hours=24)

    assert shop.members(segment) == set()


def test_after_a_standstill_time_is_given_effect_in_its_order(shop: Shop) -> None:
    segment = shop.segment("Birthday", {"property": "birthday", "date": {"anniversary": "today"}})
    shop.says("ann", birthday="1990-03-04")
    shop.says("bob", birthday="1990-03-06")
    shop.keep_up()

    shop.later(days=9)

    told = [(shop.person(who), what) for who in ("ann", "bob") for what in (ENTERED, LEFT)]
    assert shop.members(segment) == set()
    assert shop.facts(segment) == told


def test_a_clock_that_is_set_back_builds_anew(shop: Shop) -> None:
    segment = shop.segment("Buyers", {"metric": "Placed Order", "in_last": {"days": 30}})
    shop.happens("ann", "Placed Order")
    shop.later(days=31)
    assert shop.members(segment) == set()

    shop.now = NOW
    shop.keep_up()
    shop.build()

    assert shop.members(segment) == {shop.person("ann")}


def test_a_browser_enters_when_it_says_who_it_is_with_what_it_did(shop: Shop) -> None:
    lookers = shop.segment("Lookers", {"metric": "Viewed Product"})
    never = shop.segment("Never bought", {"metric": "Placed Order", "count": {"equals": 0}})
    shop.browses("cookie", "Viewed Product")
    shop.keep_up()
    assert shop.members(lookers) == shop.members(never) == set()

    ann = shop.logs_in("ann", "cookie")
    shop.keep_up()

    assert shop.members(lookers) == shop.members(never) == {ann}


def test_lists_consent_and_names_of_lists_are_followed(shop: Shop) -> None:
    newsletter = lists.create(shop.conn, shop.workspace, "Newsletter", shop.now)
    on_list = shop.segment("On the list", {"list": "Letters"})
    reachable = shop.segment("Reachable", {"can_receive": True})
    ann = shop.person("ann", email="ann@example.com")
    shop.joins("ann", newsletter)
    shop.keep_up()
    assert (shop.members(on_list), shop.members(reachable)) == (set(), {ann})

    lists.rename(shop.conn, shop.workspace, newsletter, "letters", shop.now)
    shop.build()
    shop.unsubscribes("ann")
    shop.keep_up()
    assert (shop.members(on_list), shop.members(reachable)) == ({ann}, set())

    shop.leaves("ann", newsletter)
    shop.keep_up()
    assert shop.members(on_list) == set()


def test_a_merged_profile_hands_on_its_place_without_a_word(shop: Shop) -> None:
    segment = shop.segment("Buyers", {"metric": "Placed Order"})
    shop.happens("bob", "Placed Order")
    shop.keep_up()
    bob, ann = shop.person("bob"), shop.person("ann")

    shop.merges("ann", "bob")
    shop.keep_up()

    assert shop.members(segment) == {ann}
    assert saved.get(shop.conn, shop.workspace, [segment.id])[segment.id].members == 1
    assert bob != ann
    assert shop.facts(segment) == [(ann, ENTERED)], "bob's own entering, which is ann's now"


def test_a_segment_that_refers_to_another_follows_it(shop: Shop) -> None:
    buyers = shop.segment("Buyers", {"metric": "Placed Order", "in_last": {"days": 10}})
    fresh = shop.segment("Fresh buyers", {"segment": "Buyers", "in_last": {"days": 2}})
    shop.happens("ann", "Placed Order")
    shop.keep_up()
    assert shop.members(buyers) == shop.members(fresh) == {shop.person("ann")}

    shop.later(days=2, minutes=1)

    assert (shop.members(buyers), shop.members(fresh)) == ({shop.person("ann")}, set())


def test_entering_a_segment_starts_a_flow_and_redefining_it_does_not(shop: Shop, tmp_path: Any) -> None:
    segment = shop.segment("VIPs", {"metric": "Placed Order", "count": {"at_least": 2}})
    (tmp_path / "flow.yaml").write_text(
        f"""
flow: vip-welcome
name: VIP welcome
trigger:
  metric: Entered Segment
  where:
    - {{property: segment_id, equals: {segment.id}}}
steps:
  - delay: {{days: 1}}
  - exit
"""
    )
    publishing.apply(shop.conn, shop.workspace, tmp_path, shop.now)
    ann = shop.person("ann", email="ann@example.com")
    shop.person("bob", email="bob@example.com")
    shop.happens("bob", "Placed Order")
    shop.happens("ann", "Placed Order")
    shop.happens("ann", "Placed Order")
    shop.keep_up()
    shop.redefine(segment, {"metric": "Placed Order", "count": {"at_least": 1}})
    shop.keep_up()

    assert len(shop.members(segment)) == 2
    rows = shop.conn.execute("SELECT profile_id FROM enrolment WHERE workspace_id = %s", (shop.workspace,)).fetchall()
    assert rows == [(ann,)]


def test_marks_are_gathered_for_a_moment_and_idle_workspaces_are_left_alone(shop: Shop, conn: Connection) -> None:
    shop.segment("Buyers", {"metric": "Placed Order"})
    assert shop.workspace not in upkeep.workspaces_with_work(conn, shop.now)

    shop.happens("ann", "Placed Order")
    assert shop.workspace not in upkeep.workspaces_with_work(conn, shop.now)
    conn.execute(
        "UPDATE segment_mark SET marked_at = %s WHERE workspace_id = %s", (clock.wall() - SECOND, shop.workspace)
    )

    assert shop.workspace in upkeep.workspaces_with_work(conn, shop.now)


def test_only_one_worker_at_a_time_writes_membership(shop: Shop, conn: Connection) -> None:
    from headwater.core import database

    with database.connect() as elsewhere:
        assert membership.lock(elsewhere, shop.workspace, wait=False)
        assert not membership.lock(conn, shop.workspace, wait=False)
        assert upkeep.turn(conn, shop.workspace, shop.now) == 0


def test_growth_is_kept_by_day_of_the_brand(shop: Shop) -> None:
    segment = shop.segment("Buyers", {"metric": "Placed Order", "in_last": {"days": 2}})
    shop.happens("ann", "Placed Order")
    shop.happens("bob", "Placed Order")
    shop.keep_up()
    shop.later(days=1)
    shop.happens("bob", "Placed Order")
    shop.keep_up()
    shop.later(days=1, minutes=1)

    days = growth.days(shop.conn, shop.workspace, segment.id, NOW.date(), NOW.date() + 2 * DAY)

    assert [(day.members, day.entered, day.left) for day in days] == [(2, 2, 0), (2, 0, 0), (1, 0, 1)]


def test_a_stored_definition_that_nobody_can_read_stops_nothing_else(shop: Shop, conn: Connection) -> None:
    broken = shop.segment("Broken", {"metric": "Placed Order"})
    conn.execute(
        "UPDATE segment_version SET definition = '{\"tarot\": 1}', version = 2 WHERE segment_id = %s", (broken.id,)
    )
    conn.execute("UPDATE segment SET version = 2, live_version = 2 WHERE id = %s", (broken.id,))
    segment = shop.segment("Buyers", {"metric": "Placed Order"})

    shop.happens("ann", "Placed Order")
    shop.keep_up()

    assert shop.members(segment) == {shop.person("ann")}
    assert conn.execute("SELECT count(*) FROM inbox_failure WHERE workspace_id = %s", (shop.workspace,)).fetchone() == (
        0,
    )
