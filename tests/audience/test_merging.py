"""What becomes of two profiles that turn out to be one person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from psycopg import Connection

from headwater.audience import consent, identity, lists, merging, profiles
from headwater.audience.identity import Claim
from headwater.events import metrics, store
from headwater.events.store import Event
from tests.audience.people import NOW, owner, person, resolve, stored

DAY = timedelta(days=1)


def _pair(conn: Connection, workspace: int) -> tuple[int, int]:
    return person(conn, workspace, email="kept@example.com"), person(conn, workspace, email="gone@example.com")


def test_the_destination_wins_and_the_source_fills_blanks(conn: Connection, workspace: int) -> None:
    kept, gone = _pair(conn, workspace)
    profiles.write(
        conn,
        workspace,
        {
            kept: {"first_name": "Ann", "size": "M"},
            gone: {"first_name": "Anna", "last_name": "Lee", "size": "L", "colour": "red"},
        },
        NOW,
    )

    merging.merge(conn, workspace, kept, gone, NOW)

    survivor = stored(conn, workspace)[kept]
    assert (survivor.first_name, survivor.last_name, survivor.email) == ("Ann", "Lee", "kept@example.com")
    assert survivor.properties == {"size": "M", "colour": "red"}
    assert owner(conn, workspace, "email", "gone@example.com") == kept
    assert list(stored(conn, workspace)) == [kept]


def test_old_ids_lead_to_the_survivor_through_any_chain(conn: Connection, workspace: int) -> None:
    a, b = _pair(conn, workspace)
    c = person(conn, workspace, email="third@example.com")

    merging.merge(conn, workspace, b, a, NOW)
    merging.merge(conn, workspace, c, b, NOW)

    assert identity.follow(conn, workspace, [a, b, c]) == {a: c, b: c, c: c}
    assert resolve(conn, workspace, Claim(profile_id=a)) == [c]


@pytest.mark.parametrize(
    ("kept_state", "kept_at", "gone_state", "gone_at", "expected"),
    [
        ("subscribed", 0, "unsubscribed", 1, "unsubscribed"),
        ("subscribed", 1, "unsubscribed", 0, "subscribed"),
        ("unsubscribed", 1, "subscribed", 0, "unsubscribed"),
        ("unsubscribed", 0, "subscribed", 1, "subscribed"),
        ("subscribed", 0, "unsubscribed", 0, "unsubscribed"),
        ("unsubscribed", 0, "subscribed", 0, "unsubscribed"),
        (None, 0, "unsubscribed", 0, "unsubscribed"),
        (None, 0, "subscribed", 0, "subscribed"),
        ("subscribed", 0, None, 0, "subscribed"),
    ],
)
def test_the_later_decision_counts_and_refusal_wins_a_tie(
    conn: Connection,
    workspace: int,
    kept_state: str | None,
    kept_at: int,
    gone_state: str | None,
    gone_at: int,
    expected: str,
) -> None:
    kept, gone = _pair(conn, workspace)
    decide = {"subscribed": consent.subscribe, "unsubscribed": consent.unsubscribe}
    for profile_id, state, days in ((kept, kept_state, kept_at), (gone, gone_state, gone_at)):
        if state:
            decide[state](conn, workspace, [profile_id], at=NOW + days * DAY, now=NOW + 2 * DAY, method="api")

    merging.merge(conn, workspace, kept, gone, NOW + 3 * DAY)

    assert consent.of_profiles(conn, workspace, [kept])[kept]["state"] == expected
    assert len(consent.records(conn, workspace, kept)) == (kept_state is not None) + (gone_state is not None)


def test_refused_open_tracking_stays_refused(conn: Connection, workspace: int) -> None:
    kept, gone = _pair(conn, workspace)
    consent.subscribe(conn, workspace, [kept], at=NOW, now=NOW, method="api")
    consent.subscribe(conn, workspace, [gone], at=NOW - DAY, now=NOW, method="api")
    conn.execute("UPDATE consent SET open_tracking = 'granted' WHERE profile_id = %s", (kept,))
    conn.execute("UPDATE consent SET open_tracking = 'refused' WHERE profile_id = %s", (gone,))

    merging.merge(conn, workspace, kept, gone, NOW)

    row = conn.execute("SELECT state, open_tracking FROM consent WHERE profile_id = %s", (kept,)).fetchone()
    assert row == ("subscribed", "refused")


def test_suppressions_and_lists_unite(conn: Connection, workspace: int) -> None:
    kept, gone = _pair(conn, workspace)
    consent.suppress(conn, workspace, [kept], "user_suppressed", at=NOW)
    consent.suppress(conn, workspace, [gone], "hard_bounce", at=NOW)
    both = lists.create(conn, workspace, "Both", NOW)
    only = lists.create(conn, workspace, "Only the other's", NOW)
    lists.add(conn, workspace, both, [kept, gone], NOW, "api")
    lists.add(conn, workspace, only, [gone], NOW, "api")

    merging.merge(conn, workspace, kept, gone, NOW)

    reasons = {one["reason"] for one in consent.of_profiles(conn, workspace, [kept])[kept]["suppressions"]}
    assert reasons == {"user_suppressed", "hard_bounce"}
    assert [one[0] for one in lists.members(conn, workspace, both)] == [kept]
    assert [one[0] for one in lists.members(conn, workspace, only)] == [kept]


def test_events_and_roll_ups_move(conn: Connection, workspace: int) -> None:
    kept, gone = _pair(conn, workspace)
    metric = metrics.ids(conn, workspace, ["Placed Order"], NOW)["Placed Order"]
    when = [NOW - 3 * DAY, NOW - 2 * DAY, NOW - 2 * DAY]
    store.append(
        conn,
        workspace,
        [
            Event(uuid4(), ts, "Placed Order", metric, profile, 10, {}, False)
            for ts, profile in zip(when, (kept, gone, gone), strict=True)
        ],
        NOW,
    )

    merging.merge(conn, workspace, kept, gone, NOW)

    assert conn.execute(
        "SELECT profile_id, count(*) FROM event WHERE workspace_id = %s GROUP BY 1", (workspace,)
    ).fetchall() == [(kept, 3)]
    assert conn.execute(
        "SELECT profile_id, count, sum, first_ts, last_ts FROM profile_metric WHERE workspace_id = %s", (workspace,)
    ).fetchall() == [(kept, 3, 30, NOW - 3 * DAY, NOW - 2 * DAY)]
    assert conn.execute(
        "SELECT profile_id, day, count, sum FROM profile_metric_day WHERE workspace_id = %s ORDER BY day", (workspace,)
    ).fetchall() == [(kept, (NOW - 3 * DAY).date(), 1, 10), (kept, (NOW - 2 * DAY).date(), 2, 20)]


def test_a_profile_does_not_merge_with_itself_or_a_stranger(conn: Connection, workspace: int) -> None:
    kept, gone = _pair(conn, workspace)
    with pytest.raises(merging.MergeRefused):
        merging.merge(conn, workspace, kept, kept, NOW)
    with pytest.raises(merging.MergeRefused):
        merging.merge(conn, workspace, kept, gone + 10**6, NOW)


def test_the_profile_is_as_old_as_the_older(conn: Connection, workspace: int) -> None:
    kept = person(conn, workspace, email="kept@example.com", now=NOW)
    gone = person(conn, workspace, email="gone@example.com", now=datetime(2020, 1, 1, tzinfo=UTC))

    merging.merge(conn, workspace, kept, gone, NOW)

    assert stored(conn, workspace)[kept].created_at == datetime(2020, 1, 1, tzinfo=UTC)
