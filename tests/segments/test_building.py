"""Building: the old membership stands until the new one is whole; nothing that happens meanwhile is lost or made up."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from psycopg import Connection

from headwater.core import database, partitions
from headwater.segments import building, saved
from headwater.segments.language import DefinitionError
from headwater.segments.saved import Segment, SegmentError
from tests.segments.shop import NOW, Shop

BUYERS = {"metric": "Placed Order", "in_last": {"days": 30}}
VIEWERS = {"metric": "Viewed Product", "in_last": {"days": 30}}


@pytest.fixture
def shop(conn: Connection, workspace: int) -> Shop:
    partitions.ensure(conn, "event", [NOW, NOW - timedelta(days=40)])
    conn.commit()
    return Shop(conn, workspace)


def state(shop: Shop, segment: Segment) -> Segment:
    return saved.get(shop.conn, shop.workspace, [segment.id])[segment.id]


def until(shop: Shop, segment: Segment, wanted: str) -> None:
    """Step by step until the latest version is so far."""
    for _ in range(50):
        row = shop.conn.execute(
            "SELECT state FROM segment_version WHERE workspace_id = %s AND segment_id = %s AND version = %s",
            (shop.workspace, segment.id, state(shop, segment).version),
        ).fetchone()
        if row == (wanted,):
            return
        shop.conn.commit()
        building.turn(shop.conn, shop.workspace, shop.now)
    raise AssertionError(f"It is never {wanted}.")


def test_a_new_segment_is_filled_with_whoever_belongs_and_tells_of_nobody(shop: Shop) -> None:
    shop.happens("ann", "Placed Order")
    shop.happens("bob", "Viewed Product")

    segment = shop.segment("Buyers", BUYERS, built=False)
    assert (segment.state, segment.progress, segment.members) == ("building", 0.0, 0)
    shop.build()
    shop.keep_up()

    assert shop.members(segment) == {shop.person("ann")}
    built = state(shop, segment)
    assert (built.state, built.progress, built.members, built.as_of) == ("live", None, 1, NOW)
    assert shop.facts(segment) == []


def test_the_old_membership_stands_until_the_new_one_takes_its_place_at_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "CHUNK", 2)
    monkeypatch.setattr(building, "CHUNKS_A_TURN", 1)
    buyers = {shop.person(f"buyer-{number}") for number in range(3)}
    viewers = {shop.person(f"viewer-{number}") for number in range(5)}
    shop.many_happen([(f"buyer-{number}", "Placed Order", timedelta(0), None, {}) for number in range(3)])
    shop.many_happen([(f"viewer-{number}", "Viewed Product", timedelta(0), None, {}) for number in range(5)])
    segment = shop.segment("People", BUYERS)
    shop.redefine(segment, VIEWERS, built=False)

    seen, progress = [], []
    while not state(shop, segment).built:
        seen.append(shop.members(segment))
        progress.append(state(shop, segment).progress)
        shop.conn.commit()
        building.turn(shop.conn, shop.workspace, shop.now)
    shop.build()

    assert all(members == buyers for members in seen)
    assert {0.4, 0.8, 1.0} <= set(progress)
    assert shop.members(segment) == viewers
    left = shop.conn.execute(
        "SELECT count(*) FROM segment_member WHERE workspace_id = %s AND segment_id = %s", (shop.workspace, segment.id)
    ).fetchone()
    assert left == (5,), "the old members are cleared away"
    assert shop.facts(segment) == []


def test_who_stays_through_a_new_definition_has_been_in_it_since_before(shop: Shop) -> None:
    shop.happens("ann", "Placed Order")
    segment = shop.segment("Buyers", BUYERS)
    shop.later(days=2)
    shop.happens("bob", "Viewed Product")

    shop.redefine(segment, {"any": [BUYERS, VIEWERS]})

    rows = shop.conn.execute(
        "SELECT profile_id, entered_at FROM segment_member WHERE workspace_id = %s AND segment_id = %s AND version = 2",
        (shop.workspace, segment.id),
    )
    assert dict(rows.fetchall()) == {shop.person("ann"): NOW, shop.person("bob"): shop.now}


def test_what_happens_while_it_is_built_is_told_of_afterwards(shop: Shop) -> None:
    shop.happens("ann", "Placed Order")
    segment = shop.segment("Buyers", BUYERS, built=False)
    until(shop, segment, "filling")

    shop.happens("bob", "Placed Order")
    shop.keep_up()
    assert shop.members(segment) == set()
    shop.build()
    shop.keep_up()

    assert shop.members(segment) == {shop.person("ann"), shop.person("bob")}
    assert shop.facts(segment) == [(shop.person("bob"), "Entered Segment")]


def test_who_merges_or_goes_while_it_is_built_is_not_in_it_twice_or_as_a_ghost(shop: Shop) -> None:
    for who in ("ann", "bob", "cem", "dee"):
        shop.happens(who, "Placed Order")
    segment = shop.segment("Buyers", BUYERS, built=False)
    until(shop, segment, "filling")

    shop.merges("ann", "bob")
    shop.erases("cem")
    shop.build()
    shop.keep_up()

    assert shop.members(segment) == {shop.person("ann"), shop.person("dee")}
    assert state(shop, segment).members == 2
    assert shop.facts(segment) == []


def test_events_of_a_transaction_that_did_not_know_of_the_segment_are_waited_for(shop: Shop, conn: Connection) -> None:
    shop.person("ann")
    conn.commit()
    with database.connect() as elsewhere:
        blind = Shop(elsewhere, shop.workspace)
        blind.happens("ann", "Placed Order")  # stored and marked, for the segments of that moment; not committed
        segment = shop.segment("Buyers", BUYERS, built=False)
        for _ in range(5):
            conn.commit()
            building.turn(conn, shop.workspace, shop.now)
        assert state(shop, segment).found is None, "it is not evaluated while that transaction is open"
        conn.commit()
        elsewhere.commit()
    shop.build()

    assert shop.members(segment) == {shop.person("ann")}


def test_a_step_that_is_lost_is_taken_again(shop: Shop, conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "CHUNK", 2)
    monkeypatch.setattr(building, "CHUNKS_A_TURN", 1)
    shop.many_happen([(f"buyer-{number}", "Placed Order", timedelta(0), None, {}) for number in range(7)])
    segment = shop.segment("Buyers", BUYERS, built=False)

    for _ in range(30):
        conn.commit()
        building.turn(conn, shop.workspace, shop.now)
        conn.rollback()  # killed before it committed
        building.turn(conn, shop.workspace, shop.now)
        conn.commit()

    assert len(shop.members(segment)) == 7
    assert state(shop, segment).state == "live"


def test_a_definition_that_is_changed_again_is_given_up(shop: Shop) -> None:
    shop.happens("ann", "Placed Order")
    shop.happens("bob", "Viewed Product")
    segment = shop.segment("People", BUYERS, built=False)
    until(shop, segment, "filling")

    shop.redefine(segment, VIEWERS)

    assert shop.members(segment) == {shop.person("bob")}
    rows = shop.conn.execute(
        "SELECT version, state FROM segment_version WHERE workspace_id = %s AND segment_id = %s ORDER BY version",
        (shop.workspace, segment.id),
    ).fetchall()
    assert rows == [(1, "retired"), (2, "live")]


def test_what_cannot_be_evaluated_says_why_and_is_tried_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, conn: Connection
) -> None:
    shop.happens("ann", "Placed Order")
    segment = shop.segment("Buyers", BUYERS)

    def broken(*_: object) -> int:
        raise psycopg.errors.QueryCanceled("canceling statement due to statement timeout")

    with monkeypatch.context() as patched:
        patched.setattr(building, "evaluate", broken)
        shop.redefine(segment, VIEWERS)
    failed = state(shop, segment)
    assert (failed.state, failed.error) == ("failed", "canceling statement due to statement timeout")
    assert shop.members(segment) == {shop.person("ann")}, "the old membership stands"

    conn.execute("UPDATE segment_version SET retry_at = '2020-01-01' WHERE workspace_id = %s", (shop.workspace,))
    shop.build()

    assert state(shop, segment).state == "live"
    assert shop.members(segment) == set()


def test_segments_that_refer_to_it_follow_a_new_definition_quietly(shop: Shop) -> None:
    shop.happens("ann", "Placed Order")
    shop.happens("bob", "Viewed Product")
    base = shop.segment("Base", BUYERS)
    others = shop.segment("Others", {"not": {"segment": "Base"}})
    assert others.definition == {"not": {"segment": base.id}}
    assert shop.members(others) == {shop.person("bob")}

    shop.redefine(base, VIEWERS)
    shop.keep_up()

    assert shop.members(others) == {shop.person("ann")}
    assert shop.facts(others) == []


def test_a_circle_of_references_is_refused_with_its_way(shop: Shop) -> None:
    first = shop.segment("First", BUYERS)
    shop.segment("Second", [{"segment": "First"}, VIEWERS])
    shop.segment("Third", {"any": [VIEWERS, {"segment": "second"}]})

    with pytest.raises(DefinitionError, match="First → Third → Second → First") as refused:
        saved.update(shop.conn, shop.workspace, first.id, shop.now, definition=[VIEWERS, {"not": {"segment": "Third"}}])
    assert refused.value.path == "[1].not.segment"
    with pytest.raises(DefinitionError, match="leads back"):
        saved.update(shop.conn, shop.workspace, first.id, shop.now, definition={"segment": first.id})
    with pytest.raises(DefinitionError, match="there is no segment Nobody"):
        saved.create(shop.conn, shop.workspace, "Fourth", {"segment": "Nobody"}, shop.now)


def test_an_archived_segment_has_no_members_and_is_not_taken_from_those_that_need_it(shop: Shop) -> None:
    shop.happens("ann", "Placed Order")
    base = shop.segment("Base", BUYERS)
    other = shop.segment("Other", {"segment": "Base"})

    with pytest.raises(SegmentError, match="Other refers to it"):
        saved.archive(shop.conn, shop.workspace, base.id, shop.now)
    saved.archive(shop.conn, shop.workspace, other.id, shop.now)
    saved.archive(shop.conn, shop.workspace, base.id, shop.now)
    shop.build()
    shop.happens("bob", "Placed Order")
    shop.keep_up()

    row = shop.conn.execute("SELECT count(*) FROM segment_member WHERE workspace_id = %s", (shop.workspace,)).fetchone()
    assert row == (0,)


def test_the_same_definition_again_builds_nothing(shop: Shop) -> None:
    segment = shop.segment("Buyers", BUYERS)

    saved.update(shop.conn, shop.workspace, segment.id, shop.now, name="Customers", definition=BUYERS, starred=True)

    after = state(shop, segment)
    assert (after.name, after.version, after.state, after.starred) == ("Customers", 1, "live", True)
