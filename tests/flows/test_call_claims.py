"""Leases with a fence: who may call what at once, and whose results count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from psycopg import Connection

from headwater.core import database
from headwater.flows.calls import claims as call_claims
from headwater.flows.calls import outbox as calls
from headwater.flows.calls.claims import Claimed
from headwater.flows.calls.outcomes import HostHealth, Settlement
from tests.conftest import NOW
from tests.flows.call_builders import Hands, Outbox, receiving

WALL = NOW
LATER = NOW + timedelta(seconds=61)
DONE = Settlement("done", status=200)
SHOP, OTHER = "https://shop.example/", "https://other.example/"


@pytest.fixture
def outbox(conn: Connection, workspace: int) -> Outbox:
    conn.execute("DELETE FROM flow_call")
    conn.commit()
    return Outbox(conn, workspace, Hands(NOW))


def claim(outbox: Outbox, limit: int = 20, conn: Connection | None = None) -> list[Claimed]:
    return call_claims.claim(conn or outbox.conn, outbox.workspace, outbox.hands.at, WALL, limit)


def settle(outbox: Outbox, claims: Sequence[Claimed], what: Settlement) -> set[int]:
    return call_claims.settle(outbox.conn, outbox.workspace, [(one, what) for one in claims], outbox.hands.at)


def test_a_host_gets_four_calls_at_once_from_all_workers_together(outbox: Outbox) -> None:
    outbox.webhook(SHOP, 10)
    first = claim(outbox)
    outbox.conn.commit()
    assert len(first) == 4
    with database.connect() as another:
        assert claim(outbox, conn=another) == []
    settle(outbox, first[:3], DONE)
    assert len(claim(outbox)) == 3


def test_two_workers_never_claim_the_same_call(outbox: Outbox) -> None:
    outbox.webhook(SHOP, 8)
    mine = claim(outbox, 2)
    outbox.conn.commit()
    with database.connect() as another:
        theirs = claim(outbox, conn=another)
    assert len(mine) == len(theirs) == 2
    assert not {one.id for one in mine} & {one.id for one in theirs}


def test_a_long_backlog_leaves_room_for_other_hosts(outbox: Outbox) -> None:
    outbox.webhook(SHOP, 10)
    outbox.hands.advance(minutes=5)
    outbox.webhook(OTHER)
    assert {one.host for one in claim(outbox, 2)} == {"other.example", "shop.example"}


def test_a_host_that_has_rested_gets_a_single_call(outbox: Outbox) -> None:
    outbox.webhook(SHOP, 5)
    (call,) = outbox.webhook(OTHER)
    resting = HostHealth(10, 1, NOW + timedelta(minutes=5))
    call_claims.note_health(outbox.conn, outbox.workspace, {"shop.example": resting})
    assert [one.id for one in claim(outbox)] == [call]
    assert call_claims.workspaces_with_work(outbox.conn, NOW, WALL) == []

    outbox.hands.advance(minutes=5)
    assert call_claims.workspaces_with_work(outbox.conn, outbox.hands.at, WALL) == [outbox.workspace]
    assert len(claim(outbox)) == 1
    assert claim(outbox) == []


def test_a_late_result_of_a_lost_lease_settles_nothing(outbox: Outbox) -> None:
    (call,) = outbox.webhook(SHOP)
    (late,) = claim(outbox)
    (orphan,) = call_claims.lost(outbox.conn, outbox.workspace, LATER)
    settle(outbox, [orphan], Settlement("planned", "The worker went away.", next_at=NOW))
    (holder,) = claim(outbox)
    assert holder.fence == late.fence + 1

    assert settle(outbox, [late], DONE) == set()
    assert outbox.states()[call] == "claimed"
    assert settle(outbox, [holder], Settlement("failed", "The server answered 400.", 400)) == {call}
    assert settle(outbox, [late], DONE) == set()
    assert outbox.states()[call] == "failed"


def test_a_late_delivery_counts_while_nobody_else_has_claimed_it(outbox: Outbox) -> None:
    (call,) = outbox.webhook(SHOP)
    (late,) = claim(outbox)
    (orphan,) = call_claims.lost(outbox.conn, outbox.workspace, LATER)
    settle(outbox, [orphan], Settlement("planned", next_at=NOW))
    assert settle(outbox, [late], Settlement("failed", "late")) == set()
    assert settle(outbox, [late], DONE) == {call}
    assert claim(outbox) == []


def test_a_lease_lasts_a_minute(outbox: Outbox) -> None:
    outbox.webhook(SHOP)
    claim(outbox)
    assert call_claims.lost(outbox.conn, outbox.workspace, WALL + timedelta(seconds=59)) == []
    assert call_claims.workspaces_with_work(outbox.conn, NOW, WALL + timedelta(seconds=59)) == []
    assert call_claims.workspaces_with_work(outbox.conn, NOW, LATER) == [outbox.workspace]
    assert len(call_claims.lost(outbox.conn, outbox.workspace, LATER)) == 1


def test_a_worker_killed_in_the_middle_of_a_call_is_made_up_for(outbox: Outbox) -> None:
    with receiving() as receiver:
        (call,) = outbox.webhook(receiver.url)
        claim(outbox)  # by a worker that is never heard of again
        outbox.conn.commit()
        outbox.work()
        made = outbox.made()[call]
        assert (made.state, made.attempts) == ("planned", 1)
        assert "went away" in (made.error or "")

        outbox.hands.advance(minutes=1)
        outbox.work()
        assert outbox.states()[call] == "done"
        assert len(receiver.got) == 1


def test_what_waited_for_a_day_is_given_up(outbox: Outbox) -> None:
    both = outbox.webhook(SHOP, 2)
    (first,) = claim(outbox, 1)
    settle(outbox, [first], Settlement("planned", "The server answered 503.", 503, NOW + timedelta(hours=1)))
    resting = HostHealth(10, 1, NOW + timedelta(hours=25))
    call_claims.note_health(outbox.conn, outbox.workspace, {"shop.example": resting})

    outbox.hands.advance(hours=24)
    assert call_claims.give_up(outbox.conn, outbox.workspace, outbox.hands.at) == 0
    outbox.hands.advance(seconds=1)
    assert call_claims.workspaces_with_work(outbox.conn, outbox.hands.at, WALL) == [outbox.workspace]
    assert call_claims.give_up(outbox.conn, outbox.workspace, outbox.hands.at) == 2
    made = outbox.made()
    assert {made[call].state for call in both} == {"failed"}
    assert made.pop(first.id).error == f"The server answered 503. {call_claims.GAVE_UP}"
    assert [one.error for one in made.values()] == [call_claims.GAVE_UP]


def test_errors_are_kept_whatever_characters_they_hold(outbox: Outbox) -> None:
    (call,) = outbox.webhook(SHOP)
    settle(outbox, claim(outbox), Settlement("failed", "a\x00b\udc80" + "x" * 5000))
    kept = outbox.made()[call].error or ""
    assert kept.startswith("ab?x")
    assert len(kept) == 1000


def test_lists_run_backwards(outbox: Outbox) -> None:
    made = outbox.webhook(SHOP, 5)
    found = calls.of_flow(outbox.conn, outbox.workspace, outbox.flow, limit=2)
    assert [one.id for one in found] == made[:2:-1]
    older = calls.of_flow(outbox.conn, outbox.workspace, outbox.flow, limit=2, before=found[-1].id)
    assert [one.id for one in older] == made[2:0:-1]
    assert calls.of_flow(outbox.conn, outbox.workspace + 1, outbox.flow) == []
