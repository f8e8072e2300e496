"""Rule 2: a batch of the inbox and all its effects commit together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from headwater.audience import identity, profiles
from headwater.core import database, partitions
from headwater.events import inbox, timeline
from headwater.events.store import Event
from headwater.intake import processor

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def track(message_id: str, *, ts: datetime = NOW, metric: str = "Sneezed", **more: Any) -> bytes:
    user = more.pop("user", {"email": "ann@example.com"})
    return inbox.item(type="track", id=message_id, ts=ts, user=user, metric=metric, **more)


def work(conn: Connection, workspace: int, *items: bytes, received_at: datetime = NOW) -> int:
    inbox.put(conn, workspace, items, received_at)
    return processor.process(conn, workspace, received_at)


def find(conn: Connection, workspace: int, **by: str) -> int:
    found = profiles.find(conn, workspace, **by)  # type: ignore[arg-type]
    assert found is not None
    return found


def metrics_of(conn: Connection, workspace: int, profile_id: int) -> list[str]:
    return sorted(seen.metric for seen in timeline.of_profile(conn, workspace, profile_id))


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """The events that the rooms above were told of."""
    found: list[Event] = []

    def listen(conn: Connection, workspace_id: int, events: Sequence[Event], now: datetime) -> None:
        found.extend(events)

    monkeypatch.setattr(processor, "_effects", lambda: (listen,))
    return found


def test_a_batch_leaves_the_inbox_with_its_effects(conn: Connection, workspace: int) -> None:
    partitions.ensure(conn, "event", [NOW])  # made by the batch, it would lock the table until the batch commits
    conn.commit()
    with database.connect() as other:
        work(other, workspace, track("m-1"), track("m-2"))
        assert conn.execute("SELECT count(*) FROM event WHERE workspace_id = %s", (workspace,)).fetchone() == (0,)
        other.rollback()

    assert inbox.read(conn, workspace, 10) == []
    assert profiles.find(conn, workspace, email="ann@example.com") is None
    assert work(conn, workspace, track("m-1"), track("m-2")) == 2
    assert len(timeline.of_profile(conn, workspace, find(conn, workspace, email="ann@example.com"))) == 2
    assert inbox.read(conn, workspace, 10) == []


def test_a_repeated_message_counts_once_and_is_heard_once(conn: Connection, workspace: int, heard: list[Event]) -> None:
    work(conn, workspace, track("m-1"), track("m-1", ts=NOW - timedelta(seconds=3)))
    work(conn, workspace, track("m-1"), track("m-2"))
    assert len(heard) == 2


def test_late_and_flagged_events_are_history(conn: Connection, workspace: int, heard: list[Event]) -> None:
    work(
        conn,
        workspace,
        track("now"),
        track("a-day", ts=NOW - 24 * HOUR),
        track("late", ts=NOW - 24 * HOUR - timedelta(seconds=1)),
        track("flagged", history=True),
    )
    assert [event.history for event in heard] == [False, False, True, True]
    assert [event.ts for event in heard][2] == NOW - 24 * HOUR - timedelta(seconds=1)


def test_lateness_counts_from_receipt_not_from_processing(conn: Connection, workspace: int, heard: list[Event]) -> None:
    inbox.put(conn, workspace, [track("m-1")], NOW)
    processor.process(conn, workspace, NOW + 48 * HOUR)  # the worker was away
    assert [event.history for event in heard] == [False]


def test_what_a_browser_did_before_belongs_to_the_person(conn: Connection, workspace: int) -> None:
    browser = {"anonymous_id": "a-1"}
    work(conn, workspace, track("m-1", metric="Viewed Product", user=browser, public=True))
    work(
        conn,
        workspace,
        inbox.item(type="identify", id="i-1", ts=NOW, user={**browser, "email": "ann@example.com"}, public=True),
        track("m-2", metric="Placed Order", user=browser, public=True),
    )

    ann = find(conn, workspace, email="ann@example.com")
    assert find(conn, workspace, anonymous_id="a-1") == ann
    assert metrics_of(conn, workspace, ann) == ["Placed Order", "Viewed Product"]


def test_a_known_persons_other_browser_joins_with_its_history(conn: Connection, workspace: int) -> None:
    work(conn, workspace, track("m-1", metric="Placed Order"))
    ann = find(conn, workspace, email="ann@example.com")
    work(conn, workspace, track("m-2", metric="Viewed Product", user={"anonymous_id": "a-2"}, public=True))

    both = {"anonymous_id": "a-2", "email": "ann@example.com"}
    work(conn, workspace, inbox.item(type="identify", id="i-1", ts=NOW, user=both, public=True))

    assert metrics_of(conn, workspace, ann) == ["Placed Order", "Viewed Product"]
    assert conn.execute(
        "SELECT count(*), sum(count) FROM profile_metric WHERE workspace_id = %s AND profile_id = %s", (workspace, ann)
    ).fetchone() == (2, 2)


def test_identify_describes_and_later_words_win(conn: Connection, workspace: int) -> None:
    def identify(message_id: str, **traits: Any) -> bytes:
        return inbox.item(type="identify", id=message_id, ts=NOW, user={"external_id": "u-1"}, traits=traits)

    work(conn, workspace, identify("1", firstName="An", size="S"), identify("2", firstName="Ann", plan="pro"))
    work(conn, workspace, identify("3", plan=None))

    found = profiles.get(conn, workspace, [find(conn, workspace, external_id="u-1")])
    (ann,) = found.values()
    assert ann.first_name == "Ann"
    assert ann.properties == {"size": "S"}


def test_an_alias_with_a_private_key_merges(conn: Connection, workspace: int) -> None:
    work(conn, workspace, track("m-1", user={"external_id": "old"}), track("m-2", user={"external_id": "new"}))
    old = find(conn, workspace, external_id="old")

    previous = {"external_id": "old", "anonymous_id": "old"}
    work(conn, workspace, inbox.item(type="alias", id="a", ts=NOW, user={"external_id": "new"}, previous=previous))

    new = find(conn, workspace, external_id="new")
    assert find(conn, workspace, external_id="old") == new
    assert identity.follow(conn, workspace, [old]) == {old: new}
    assert len(timeline.of_profile(conn, workspace, new)) == 2


def test_aliases_of_one_batch_may_chain(conn: Connection, workspace: int) -> None:
    for one in "abc":
        work(conn, workspace, track(f"m-{one}", user={"external_id": one}))

    def alias(previous: str, user: str) -> bytes:
        return inbox.item(
            type="alias", id=f"{previous}{user}", ts=NOW, user={"external_id": user}, previous={"external_id": previous}
        )

    work(conn, workspace, alias("a", "b"), alias("b", "c"), alias("c", "a"), track("after", user={"external_id": "a"}))

    owners = {find(conn, workspace, external_id=one) for one in "abc"}
    assert len(owners) == 1
    assert len(timeline.of_profile(conn, workspace, owners.pop())) == 4


def test_an_alias_with_a_public_key_moves_nobody_known(conn: Connection, workspace: int) -> None:
    work(conn, workspace, track("m-1", user={"anonymous_id": "a-1", "email": "ann@example.com"}))
    ann = find(conn, workspace, email="ann@example.com")

    thief = {"external_id": "thief", "email": "thief@example.com"}
    for user in ({**thief, "anonymous_id": "a-1"}, thief):
        alias = inbox.item(
            type="alias", id="a", ts=NOW, user=user, previous={"anonymous_id": "a-1", "external_id": "a-1"}, public=True
        )
        work(conn, workspace, alias)

    assert find(conn, workspace, email="ann@example.com") == ann
    assert profiles.find(conn, workspace, external_id="thief") != ann


def test_events_of_merged_profiles_find_the_survivor(conn: Connection, workspace: int) -> None:
    work(conn, workspace, track("m-1", user={"anonymous_id": "a-1"}))
    browser = find(conn, workspace, anonymous_id="a-1")
    work(conn, workspace, track("m-2"), track("m-3", user={"anonymous_id": "a-1", "email": "ann@example.com"}))

    work(conn, workspace, track("m-4", user={"profile_id": browser}))  # an old link in an old email

    assert len(timeline.of_profile(conn, workspace, find(conn, workspace, email="ann@example.com"))) == 4


def test_an_event_of_nobody_is_dropped_quietly(conn: Connection, workspace: int) -> None:
    assert work(conn, workspace, track("m-1", user={"profile_id": 10**12}), track("m-2")) == 2
    assert conn.execute("SELECT count(*) FROM event WHERE workspace_id = %s", (workspace,)).fetchone() == (1,)


# ── what breaks ─────────────────────────────────────────────────────────────────────────────────────────────────────
def _failures(conn: Connection, workspace: int) -> list[tuple[str, str]]:
    rows = conn.execute("SELECT item, error FROM inbox_failure WHERE workspace_id = %s ORDER BY id", (workspace,))
    return [(bytes(item).decode(), error) for item, error in rows]


def test_an_item_that_cannot_be_read_is_set_aside(conn: Connection, workspace: int) -> None:
    assert work(conn, workspace, b"{broken", track("m-1"), b'{"type":"track"}') == 3

    assert [item for item, _ in _failures(conn, workspace)] == ["{broken", '{"type":"track"}']
    assert len(timeline.of_profile(conn, workspace, find(conn, workspace, email="ann@example.com"))) == 1
    assert inbox.read(conn, workspace, 10) == []


def test_items_that_break_processing_stand_aside_and_the_rest_goes_on(
    conn: Connection, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def choke(conn: Connection, workspace_id: int, events: Sequence[Event], now: datetime) -> None:
        if any(event.properties.get("poison") for event in events):
            conn.execute("SELECT 1 / 0")

    monkeypatch.setattr(processor, "_effects", lambda: (choke,))
    items = [track(f"m-{n}", properties={"poison": True} if n in (3, 47) else {}) for n in range(60)]

    assert work(conn, workspace, *items) == 60

    failures = _failures(conn, workspace)
    assert len(failures) == 2
    assert all("DivisionByZero" in error and '"poison":true' in item for item, error in failures)
    assert len(timeline.of_profile(conn, workspace, find(conn, workspace, email="ann@example.com"))) == 58
    row = conn.execute("SELECT count FROM profile_metric WHERE workspace_id = %s", (workspace,)).fetchone()
    assert row == (58,)


@pytest.mark.parametrize(
    "failure",
    [
        psycopg.errors.DeadlockDetected("deadlock detected"),
        psycopg.errors.DiskFull("could not extend file"),
        psycopg.errors.AdminShutdown("terminating connection"),
        psycopg.errors.InternalError_("unexpected data beyond EOF"),
        psycopg.OperationalError("server closed the connection unexpectedly"),
        psycopg.InterfaceError("the connection is lost"),
    ],
)
def test_a_database_that_fails_is_no_fault_of_the_items(
    conn: Connection, workspace: int, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fall(conn: Connection, workspace_id: int, events: Sequence[Event], now: datetime) -> None:
        raise failure

    monkeypatch.setattr(processor, "_effects", lambda: (fall,))
    inbox.put(conn, workspace, [track("m-1")], NOW)

    with pytest.raises(type(failure)), conn.transaction():
        processor.process(conn, workspace, NOW)

    assert len(inbox.read(conn, workspace, 10)) == 1
    assert _failures(conn, workspace) == []


def test_an_order_redeems_its_codes(conn: Connection, workspace: int) -> None:
    from headwater.catalog import coupons

    coupons.define(conn, workspace, "SALE", "static", "SAVE10", None, None, NOW)
    order = {"discount_codes": ["SAVE10", "never-seen"], "items": []}
    assert work(conn, workspace, track("o-1", metric="Placed Order", properties=order, value=20.0)) == 1
    assert _failures(conn, workspace) == []
