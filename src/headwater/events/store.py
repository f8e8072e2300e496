"""The event store: appends events once, and keeps their roll-ups, in one transaction.

An event's id is derived from the workspace and the sender's message id, so a repeated delivery counts once. A retry may
carry another clock correction and so a slightly different time: ids are looked up within two days of the event's time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection

from headwater.core import arrays, jsonb, partitions

_SAME_WITHIN = timedelta(days=2)
_NOTHING = Decimal(0)
_SLICE = 100


class Event(msgspec.Struct, frozen=True, gc=False):
    """Something a profile did, as stored. `value` is money in the workspace's currency."""

    id: UUID
    ts: datetime
    metric: str
    metric_id: int
    profile_id: int
    value: Decimal | float | None
    properties: dict[str, Any]
    history: bool


def event_id(workspace_id: int, message_id: str) -> UUID:
    """The id of the event that this message tells of: the same for every delivery of it."""
    state = _keyed(workspace_id).copy()
    state.update(message_id.encode())
    return UUID(bytes=state.digest())


@lru_cache(maxsize=1000)
def _keyed(workspace_id: int) -> hashlib.blake2b:
    return hashlib.blake2b(digest_size=16, key=workspace_id.to_bytes(8, "big"))


def append(
    conn: Connection, workspace_id: int, events: Sequence[Event], received_at: datetime, once: Collection[UUID] = ()
) -> list[Event]:
    """Store the events that are new and roll them up; answers those, in order.

    `once`: ids of events that cannot be known yet, for which nobody looks.
    """
    fresh = _unseen(conn, workspace_id, events, once)
    if fresh:
        partitions.ensure(conn, "event", {_month(event.ts) for event in fresh})
        totals = _Totals()
        _copy(conn, workspace_id, fresh, received_at, totals)
        with conn.pipeline():  # the server works on one while the next is put into words
            _add_profile_metric(conn, workspace_id, totals.per_profile)
            _add_profile_days(conn, workspace_id, totals.per_day)
            _add_days(conn, workspace_id, totals.per_day)
    return fresh


def _month(ts: datetime) -> datetime:
    return ts.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _unseen(conn: Connection, workspace_id: int, events: Sequence[Event], once: Collection[UUID]) -> list[Event]:
    first: dict[UUID, Event] = {}
    for event in events:
        first.setdefault(event.id, event)
    asked = [event for event in first.values() if event.id not in once] if once else list(first.values())
    if not asked:
        return list(first.values())
    # For the processor, per batch. Index: each partition's primary key, one probe an event in the month or two around
    # its time. LATERAL with LIMIT keeps it so, whatever the planner believes of a table not analysed since it grew.
    known = conn.execute(
        """
        SELECT wanted.id
        FROM unnest(%(ids)s::uuid[], %(stamps)s::timestamptz[]) AS wanted (id, ts)
        CROSS JOIN LATERAL (
            SELECT
            FROM event
            WHERE event.workspace_id = %(workspace)s
              AND event.id = wanted.id
              AND event.ts BETWEEN wanted.ts - %(within)s::interval AND wanted.ts + %(within)s::interval
            LIMIT 1
        ) AS seen
        """,
        {
            "workspace": workspace_id,
            "ids": arrays.plain([event.id.hex for event in asked]),
            "stamps": arrays.instants([event.ts for event in asked]),
            "within": _SAME_WITHIN,
        },
        binary=True,
    ).fetchall()
    for (seen,) in known:
        first.pop(seen, None)
    return list(first.values())


def _copy(conn: Connection, workspace_id: int, events: Sequence[Event], received_at: datetime, totals: _Totals) -> None:
    """Write the events and count them. The server takes in one slice while the next is put into words."""
    received = received_at.isoformat()
    with conn.cursor().copy(
        "COPY event (workspace_id, id, ts, metric_id, profile_id, value, history, received_at, properties) FROM STDIN"
    ) as copy:
        for start in range(0, len(events), _SLICE):
            part = events[start : start + _SLICE]
            copy.write(b"".join([_line(workspace_id, event, received) for event in part]))
            totals.count(part)


def _line(workspace_id: int, e: Event, received: str) -> bytes:
    value = "\\N" if e.value is None else e.value
    columns = (
        f"{workspace_id}\t{e.id.hex}\t{e.ts.isoformat()}\t{e.metric_id}\t{e.profile_id}\t{value}\t"
        f"{'t' if e.history else 'f'}\t{received}\t"
    )
    # JSON text has no raw tab or line end; only its backslashes mean something to COPY.
    return columns.encode() + jsonb.encoded(e.properties).replace(b"\\", b"\\\\") + b"\n"


class _Totals:
    """What a batch adds to the roll-ups."""

    def __init__(self) -> None:
        self.per_profile: dict[tuple[int, int], list[Any]] = {}
        """[count, sum, first, last] by (profile, metric)."""
        self.per_day: dict[tuple[int, int, date], list[Any]] = {}
        """[count, sum] by (metric, profile, UTC day)."""

    def count(self, events: Sequence[Event]) -> None:
        for e in events:
            money = Decimal(str(e.value)) if e.value else _NOTHING
            ts = e.ts
            total = self.per_profile.get((e.profile_id, e.metric_id))
            if total is None:
                self.per_profile[(e.profile_id, e.metric_id)] = [1, money, ts, ts]
            else:
                total[0] += 1
                total[1] += money
                if ts < total[2]:
                    total[2] = ts
                elif ts > total[3]:
                    total[3] = ts
            key = (e.metric_id, e.profile_id, ts.date() if ts.tzinfo is UTC else ts.astimezone(UTC).date())
            day = self.per_day.get(key)
            if day is None:
                self.per_day[key] = [1, money]
            else:
                day[0] += 1
                day[1] += money


def _add_profile_metric(conn: Connection, workspace_id: int, totals: Mapping[tuple[int, int], list[Any]]) -> None:
    keys = sorted(totals)
    found = [totals[key] for key in keys]
    # In the batch's transaction. Index: primary key; sorted, so that the upsert walks it in order.
    conn.execute(
        """
        INSERT INTO profile_metric AS kept (workspace_id, profile_id, metric_id, count, sum, first_ts, last_ts)
        SELECT %(workspace)s, *
        FROM unnest(%(profiles)s::bigint[], %(metrics)s::bigint[], %(counts)s::bigint[], %(sums)s::numeric[],
                    %(firsts)s::timestamptz[], %(lasts)s::timestamptz[])
        ON CONFLICT (workspace_id, profile_id, metric_id) DO UPDATE
        SET count = kept.count + excluded.count,
            sum = kept.sum + excluded.sum,
            first_ts = LEAST(kept.first_ts, excluded.first_ts),
            last_ts = GREATEST(kept.last_ts, excluded.last_ts)
        """,
        {
            "workspace": workspace_id,
            "profiles": arrays.plain([key[0] for key in keys]),
            "metrics": arrays.plain([key[1] for key in keys]),
            "counts": arrays.plain([total[0] for total in found]),
            "sums": arrays.plain([total[1] for total in found]),
            "firsts": arrays.instants([total[2] for total in found]),
            "lasts": arrays.instants([total[3] for total in found]),
        },
    )


def _add_profile_days(conn: Connection, workspace_id: int, days: Mapping[tuple[int, int, date], list[Any]]) -> None:
    keys = sorted(days)
    # In the batch's transaction. Index: primary key, walked in order.
    conn.execute(
        """
        INSERT INTO profile_metric_day AS kept (workspace_id, metric_id, profile_id, day, count, sum)
        SELECT %(workspace)s, *
        FROM unnest(%(metrics)s::bigint[], %(profiles)s::bigint[], %(days)s::date[], %(counts)s::int[],
                    %(sums)s::numeric[])
        ON CONFLICT (workspace_id, metric_id, profile_id, day) DO UPDATE
        SET count = kept.count + excluded.count,
            sum = kept.sum + excluded.sum
        """,
        {
            "workspace": workspace_id,
            "metrics": arrays.plain([key[0] for key in keys]),
            "profiles": arrays.plain([key[1] for key in keys]),
            "days": arrays.plain([key[2] for key in keys]),
            "counts": arrays.plain([days[key][0] for key in keys]),
            "sums": arrays.plain([days[key][1] for key in keys]),
        },
    )


def _add_days(conn: Connection, workspace_id: int, days: Mapping[tuple[int, int, date], list[Any]]) -> None:
    whole: dict[tuple[int, date], list[Any]] = {}
    for (metric_id, _, day), (count, total) in days.items():
        kept = whole.setdefault((metric_id, day), [0, _NOTHING])
        kept[0] += count
        kept[1] += total
    keys = sorted(whole)
    # One row per metric and day; only the workspace's one processor writes here.
    conn.execute(
        """
        INSERT INTO metric_day AS kept (workspace_id, metric_id, day, count, sum)
        SELECT %(workspace)s, *
        FROM unnest(%(metrics)s::bigint[], %(days)s::date[], %(counts)s::bigint[], %(sums)s::numeric[])
        ON CONFLICT (workspace_id, metric_id, day) DO UPDATE
        SET count = kept.count + excluded.count,
            sum = kept.sum + excluded.sum
        """,
        {
            "workspace": workspace_id,
            "metrics": arrays.plain([key[0] for key in keys]),
            "days": arrays.plain([key[1] for key in keys]),
            "counts": arrays.plain([whole[key][0] for key in keys]),
            "sums": arrays.plain([whole[key][1] for key in keys]),
        },
    )


def merge(conn: Connection, workspace_id: int, destination: int, source: int, now: datetime) -> None:
    """Give the source profile's events and roll-ups to the destination. For `audience.merging.on_merge`."""
    scope = {"workspace": workspace_id, "destination": destination, "source": source}
    for statement in _MERGE:
        conn.execute(statement, scope)


_MERGE = (
    """
    UPDATE event
    SET profile_id = %(destination)s
    WHERE workspace_id = %(workspace)s
      AND profile_id = %(source)s
    """,
    """
    WITH moved AS (
        DELETE FROM profile_metric
        WHERE workspace_id = %(workspace)s
          AND profile_id = %(source)s
        RETURNING metric_id, count, sum, first_ts, last_ts
    )
    INSERT INTO profile_metric AS kept (workspace_id, profile_id, metric_id, count, sum, first_ts, last_ts)
    SELECT %(workspace)s, %(destination)s, metric_id, count, sum, first_ts, last_ts
    FROM moved
    ON CONFLICT (workspace_id, profile_id, metric_id) DO UPDATE
    SET count = kept.count + excluded.count,
        sum = kept.sum + excluded.sum,
        first_ts = LEAST(kept.first_ts, excluded.first_ts),
        last_ts = GREATEST(kept.last_ts, excluded.last_ts)
    """,
    # The primary key begins with the metric: one probe for each metric of the workspace.
    """
    WITH moved AS (
        DELETE FROM profile_metric_day
        USING metric
        WHERE profile_metric_day.workspace_id = %(workspace)s
          AND profile_metric_day.metric_id = metric.id
          AND profile_metric_day.profile_id = %(source)s
          AND metric.workspace_id = %(workspace)s
        RETURNING profile_metric_day.metric_id, day, count, sum
    )
    INSERT INTO profile_metric_day AS kept (workspace_id, metric_id, profile_id, day, count, sum)
    SELECT %(workspace)s, metric_id, %(destination)s, day, count, sum
    FROM moved
    ON CONFLICT (workspace_id, metric_id, profile_id, day) DO UPDATE
    SET count = kept.count + excluded.count,
        sum = kept.sum + excluded.sum
    """,
)


def erase(conn: Connection, workspace_id: int, profile_ids: Sequence[int]) -> None:
    """Delete these profiles' events and roll-ups; daily totals stay. For `audience.profiles.on_erase`."""
    scope = {"workspace": workspace_id, "ids": list(profile_ids)}
    for table in ("event", "profile_metric", "profile_metric_day"):
        conn.execute(f"DELETE FROM {table} WHERE workspace_id = %(workspace)s AND profile_id = ANY(%(ids)s)", scope)  # noqa: S608
