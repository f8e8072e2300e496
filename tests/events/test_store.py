"""The event store: each event once, and roll-ups that agree with the events."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from headwater.events import metrics, store, timeline
from headwater.events.store import Event
from tests.events.happenings import NOW, event

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def _count(conn: Connection, workspace: int, table: str = "event") -> int:
    row = conn.execute(f"SELECT count(*) FROM {table} WHERE workspace_id = %s", (workspace,)).fetchone()
    assert row is not None
    return int(row[0])


def test_what_is_stored_is_what_was_said(conn: Connection, workspace: int) -> None:
    properties = {
        "title": "Tabs\tand\nlines", "path": "C:\\new\\N", "quote": 'say "hi"', "none": None,
        "deep": {"a": [1, {"b": 2.5}]}, "text": "ünïcode ✓ \u2028", "nul": "a\x00b", "empty": "", "sql": "\\.",
    }  # fmt: skip
    one = event(conn, workspace, "m-1", value=Decimal("12.30"), properties=properties)

    assert store.append(conn, workspace, [one], NOW) == [one]

    seen = timeline.of_profile(conn, workspace, 1)[0]
    assert seen.properties == {**properties, "nul": "ab"}
    assert (seen.value, seen.ts, seen.metric) == (Decimal("12.30"), NOW, metrics.VIEWED_PRODUCT)


def test_a_repeated_delivery_counts_once(conn: Connection, workspace: int) -> None:
    one = event(conn, workspace, "m-1", value=5)

    assert len(store.append(conn, workspace, [one, one], NOW)) == 1
    assert store.append(conn, workspace, [one], NOW + DAY) == []

    assert _count(conn, workspace) == 1
    assert conn.execute("SELECT count, sum FROM profile_metric WHERE workspace_id = %s", (workspace,)).fetchone() == (
        1,
        5,
    )


@pytest.mark.parametrize("drift", [SECOND, -SECOND, timedelta(hours=30), -timedelta(hours=30)])
def test_a_retry_with_another_clock_correction_counts_once(conn: Connection, workspace: int, drift: timedelta) -> None:
    start_of_month = datetime(2026, 3, 1, tzinfo=NOW.tzinfo)  # the retry may land in another partition
    store.append(conn, workspace, [event(conn, workspace, "m-1", ts=start_of_month)], NOW)

    assert store.append(conn, workspace, [event(conn, workspace, "m-1", ts=start_of_month + drift)], NOW) == []
    assert _count(conn, workspace) == 1


def test_the_same_message_id_in_two_workspaces_is_two_events(conn: Connection, workspace: int) -> None:
    assert store.event_id(workspace, "m-1") != store.event_id(workspace + 1, "m-1")


def test_two_writers_of_one_event_cannot_both_store_it(conn: Connection, workspace: int) -> None:
    from headwater.core import database

    one = event(conn, workspace, "m-1")
    conn.commit()
    with database.connect() as other:
        store.append(other, workspace, [one], NOW)
        other.commit()
    assert store.append(conn, workspace, [one], NOW) == []
    with pytest.raises(psycopg.errors.UniqueViolation):  # the last defence: the primary key
        store._copy(conn, workspace, [one], NOW, store._Totals())


def test_months_get_their_partitions(conn: Connection, workspace: int) -> None:
    months = [datetime(2019, month, 15, tzinfo=NOW.tzinfo) for month in (1, 6, 12)]

    store.append(conn, workspace, [event(conn, workspace, f"m-{ts}", ts=ts) for ts in months], NOW)

    rows = conn.execute(
        "SELECT tableoid::regclass::text FROM event WHERE workspace_id = %s ORDER BY ts", (workspace,)
    ).fetchall()
    assert [row[0] for row in rows] == ["event_y2019m01", "event_y2019m06", "event_y2019m12"]


_events = st.lists(
    st.tuples(
        st.integers(0, 25),  # message id: some are repeated
        st.integers(1, 3),  # profile
        st.sampled_from([metrics.PLACED_ORDER, metrics.VIEWED_PRODUCT]),
        st.integers(-2 * 86_400, 0),  # seconds before now
        st.none() | st.decimals(-1000, 1000, places=2) | st.floats(-1e12, 1e12).map(lambda value: round(value, 4)),
    ),
    max_size=15,
)


@given(batches=st.lists(_events, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_roll_ups_agree_with_the_events(conn: Connection, workspace: int, batches: list[list[Any]]) -> None:
    with conn.transaction(force_rollback=True):
        stored = 0
        for batch in batches:
            events: list[Event] = [
                event(conn, workspace, f"m-{n}", profile=profile, metric=metric, ts=NOW + seconds * SECOND, value=value)
                for n, profile, metric, seconds, value in batch
            ]
            stored += len(store.append(conn, workspace, events, NOW))
        assert _count(conn, workspace) == stored == len({row[0] for batch in batches for row in batch})
        for table, recount in _RECOUNTS.items():
            kept = conn.execute(f"SELECT * FROM ({_KEPT[table]}) AS kept ORDER BY 1, 2, 3", (workspace,)).fetchall()
            assert kept == conn.execute(f"SELECT * FROM ({recount}) AS r ORDER BY 1, 2, 3", (workspace,)).fetchall()


_KEPT = {
    "profile_metric": "SELECT profile_id, metric_id, count, sum, first_ts, last_ts FROM profile_metric"
    " WHERE workspace_id = %s",
    "profile_metric_day": "SELECT profile_id, metric_id, day, count::bigint, sum FROM profile_metric_day"
    " WHERE workspace_id = %s",
    "metric_day": "SELECT metric_id, day, count, sum FROM metric_day WHERE workspace_id = %s",
}
_RECOUNTS = {
    "profile_metric": "SELECT profile_id, metric_id, count(*), COALESCE(sum(value), 0), min(ts), max(ts) FROM event"
    " WHERE workspace_id = %s GROUP BY 1, 2",
    "profile_metric_day": "SELECT profile_id, metric_id, ts::date, count(*), COALESCE(sum(value), 0) FROM event"
    " WHERE workspace_id = %s GROUP BY 1, 2, 3",
    "metric_day": "SELECT metric_id, ts::date, count(*), COALESCE(sum(value), 0) FROM event"
    " WHERE workspace_id = %s GROUP BY 1, 2",
}


def test_a_timeline_is_newest_first_and_pages(conn: Connection, workspace: int) -> None:
    store.append(conn, workspace, [event(conn, workspace, f"m-{n}", ts=NOW - n * DAY) for n in range(40)], NOW)
    store.append(conn, workspace, [event(conn, workspace, "other", profile=2)], NOW)

    first = timeline.of_profile(conn, workspace, 1, limit=10)
    second = timeline.of_profile(conn, workspace, 1, limit=10, before=first[-1].ts)

    assert [one.ts for one in first + second] == [NOW - n * DAY for n in range(20)]


def test_metrics_are_made_once(conn: Connection, workspace: int) -> None:
    first = metrics.ids(conn, workspace, ["Placed Order", "Sneezed", "Placed Order"], NOW)
    assert metrics.ids(conn, workspace, ["Sneezed"], NOW) == {"Sneezed": first["Sneezed"]}
    assert len(set(first.values())) == 2
    assert metrics.known_ids(conn, workspace, ["Never Seen"]) == {}
