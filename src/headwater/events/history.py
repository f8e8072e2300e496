"""Stored events as history to be replayed: by person and metric, packed, and no more of them than is asked for.

Filters arrive as SQL and leave as answers (an event is left out, or a bit says that it passes), so properties seldom
leave the database. Times are microseconds since 2000, as PostgreSQL counts them.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg import Connection

from headwater.core import arrays

MOST_BITS = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to read of one metric. Conditions are SQL on an event `e`."""

    metric_id: int
    since: datetime
    until: datetime
    """Just before it."""
    only: str | None = None
    """None: every event."""
    bits: tuple[str, ...] = ()
    """Asked of each event: the answers are bits of a number, the first the lowest. At most MOST_BITS."""
    keys: tuple[str, ...] = ()
    """The properties to bring, by their names at the top."""
    values: bool = False

    @property
    def plain(self) -> bool:
        """Nothing but the times of all events is wanted."""
        return not (self.only or self.bits or self.keys or self.values)


@dataclass(frozen=True, slots=True)
class Found:
    """One person's events of one metric, in the order of time."""

    profile_id: int
    metric_id: int
    read: int
    """Those left out too."""
    times: array[int]
    bits: array[int] | None = None
    values: list[Decimal | None] | None = None
    properties: list[dict[str, Any]] | None = None


def known_people(
    conn: Connection, workspace_id: int, metric_id: int, start: datetime, end: datetime
) -> list[tuple[int, bool, int]]:
    """Who may have events of the metric in a span: (profile, whether they have an address, how many they ever had).

    By id, and a few more than have any: it looks at the first and the last event alone.
    """
    # For a backtest, once. Index: profile_metric's primary key, read through for one metric.
    return conn.execute(
        """
        SELECT kept.profile_id, profile.email IS NOT NULL, kept.count
        FROM profile_metric AS kept
        JOIN profile
          ON profile.workspace_id = kept.workspace_id
         AND profile.id = kept.profile_id
        WHERE kept.workspace_id = %(workspace)s
          AND kept.metric_id = %(metric)s
          AND kept.last_ts >= %(start)s
          AND kept.first_ts < %(end)s
        ORDER BY kept.profile_id
        """,
        {"workspace": workspace_id, "metric": metric_id, "start": start, "end": end},
    ).fetchall()


def shares(
    conn: Connection, workspace_id: int, metric_ids: Sequence[int], profile_ids: Sequence[int]
) -> dict[int, float]:
    """Which share of each metric's events, from 0 to 1, is of these people."""
    # For a backtest, once for many thousands of people. Primary keys of profile_metric and metric_day.
    rows = conn.execute(
        """
        SELECT asked.metric_id, COALESCE(theirs.count / NULLIF(everybodys.count, 0), 0)::float8
        FROM unnest(%(metrics)s::bigint[]) AS asked (metric_id)
        CROSS JOIN LATERAL (
            SELECT sum(count) AS count
            FROM profile_metric
            WHERE workspace_id = %(workspace)s
              AND metric_id = asked.metric_id
              AND profile_id = ANY (%(people)s::bigint[])
        ) AS theirs
        CROSS JOIN LATERAL (
            SELECT sum(count) AS count
            FROM metric_day
            WHERE workspace_id = %(workspace)s
              AND metric_id = asked.metric_id
        ) AS everybodys
        """,
        {"workspace": workspace_id, "metrics": list(metric_ids), "people": arrays.plain(profile_ids)},
    ).fetchall()
    return dict(rows)


def read_through(
    conn: Connection,
    workspace_id: int,
    profile_ids: Sequence[int],
    wanted: Sequence[Wanted],
    parameters: Mapping[str, Any],
) -> Iterator[Found]:
    """The same as `read`, for many people at once who did much of what is wanted.

    Events lie in the order of time, so those of one person are far apart, and to fetch them person by person costs
    three times what reading through them all does.
    """
    with conn.transaction():
        conn.execute("SET LOCAL enable_indexscan = off")
        conn.execute("SET LOCAL enable_indexonlyscan = off")
        yield from read(conn, workspace_id, profile_ids, wanted, parameters)


def read(
    conn: Connection,
    workspace_id: int,
    profile_ids: Sequence[int],
    wanted: Sequence[Wanted],
    parameters: Mapping[str, Any],
) -> Iterator[Found]:
    """What is wanted of these people's events. `parameters`: those of the conditions."""
    plain = [one for one in wanted if one.plain]
    scope = {**parameters, "workspace": workspace_id, "people": arrays.plain(profile_ids)}
    if plain:
        yield from _plain(conn, plain, scope)
    for one in wanted:
        if not one.plain:
            yield from _looked_into(conn, one, scope)


def _plain(conn: Connection, wanted: Sequence[Wanted], scope: Mapping[str, Any]) -> Iterator[Found]:
    # For a backtest, a few thousand people at a time: the times of events, from an index alone (event_profile).
    rows = _binary(
        conn,
        """
        SELECT e.profile_id, e.metric_id, count(*), string_agg(timestamptz_send(e.ts), ''::bytea)
        FROM unnest(%(metrics)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
             AS w (metric_id, since, until)
        JOIN event e
          ON e.metric_id = w.metric_id
         AND e.ts >= w.since
         AND e.ts < w.until
        WHERE e.workspace_id = %(workspace)s
          AND e.profile_id = ANY (%(people)s::bigint[])
          AND e.ts >= %(earliest)s
          AND e.ts < %(latest)s
        GROUP BY e.profile_id, e.metric_id
        """,
        {
            **scope,
            "metrics": [one.metric_id for one in wanted],
            "since": [one.since for one in wanted],
            "until": [one.until for one in wanted],
            "earliest": min(one.since for one in wanted),
            "latest": max(one.until for one in wanted),
        },
    )
    for profile_id, metric_id, count, times in rows:
        yield _in_order(Found(profile_id, metric_id, count, _numbers(times)))


def _looked_into(conn: Connection, one: Wanted, scope: Mapping[str, Any]) -> Iterator[Found]:
    """One metric whose events are asked for more than their time."""
    some = f" FILTER (WHERE {one.only})" if one.only else ""
    asked = " | ".join(f"(CASE WHEN {bit} THEN {1 << place}::bigint ELSE 0 END)" for place, bit in enumerate(one.bits))
    names = {f"key_{place}": name for place, name in enumerate(one.keys)}
    kept = ", ".join(f"%({name})s::text, e.properties -> %({name})s::text" for name in names)
    columns = [
        f"string_agg(int8send({asked}), ''::bytea){some}" if one.bits else "NULL",
        f"array_agg(e.value){some}" if one.values else "NULL",
        f"array_agg(jsonb_build_object({kept})){some}" if one.keys else "NULL",
    ]
    # For a backtest, a few thousand people at a time. Index: event_profile, then the events themselves.
    rows = _binary(
        conn,
        f"""
        SELECT e.profile_id, count(*), string_agg(timestamptz_send(e.ts), ''::bytea){some},
               {", ".join(columns)}
        FROM event e
        WHERE e.workspace_id = %(workspace)s
          AND e.profile_id = ANY (%(people)s::bigint[])
          AND e.metric_id = %(metric)s
          AND e.ts >= %(since)s
          AND e.ts < %(until)s
        GROUP BY e.profile_id
        """,  # noqa: S608 - conditions are written by segments, with their values as parameters
        {**scope, **names, "metric": one.metric_id, "since": one.since, "until": one.until},
    )
    for profile_id, count, times, bits, values, properties in rows:
        found = Found(
            profile_id,
            one.metric_id,
            count,
            _numbers(times or b""),
            _numbers(bits or b"") if one.bits else None,
            values or [] if one.values else None,
            properties or [] if one.keys else None,
        )
        yield _in_order(found)


def _in_order(found: Found) -> Found:
    """By time; what the server gathers comes in the order of its reading, the same for all columns."""
    ordered = array("q", sorted(found.times))
    if ordered == found.times:
        return found
    if found.bits is None and found.values is None and found.properties is None:
        return Found(found.profile_id, found.metric_id, found.read, ordered)
    places = sorted(range(len(ordered)), key=found.times.__getitem__)
    return Found(
        found.profile_id,
        found.metric_id,
        found.read,
        ordered,
        array("q", [found.bits[place] for place in places]) if found.bits is not None else None,
        [found.values[place] for place in places] if found.values is not None else None,
        [found.properties[place] for place in places] if found.properties is not None else None,
    )


def _binary(conn: Connection, statement: str, parameters: Mapping[str, Any]) -> list[Any]:
    with conn.cursor(binary=True) as cursor:
        return cursor.execute(statement, parameters).fetchall()


def _numbers(packed: bytes) -> array[int]:
    numbers = array("q", packed)
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def worth(conn: Connection, workspace_id: int, metric_id: int, events: Sequence[tuple[int, int]]) -> float:
    """What these events, given by profile and time, were worth together: their values, or else their prices."""
    if not events:
        return 0.0
    # For a backtest, of the events that took somebody in and of the orders that followed. Index: event_profile.
    row = conn.execute(
        """
        SELECT COALESCE(sum(told.amount), 0)::float8
        FROM unnest(%(profiles)s::bigint[], %(times)s::bigint[]) AS asked (profile_id, time)
        CROSS JOIN LATERAL (
            SELECT COALESCE(e.value, CASE WHEN jsonb_typeof(e.properties -> 'price') = 'number'
                                          THEN (e.properties ->> 'price')::numeric END) AS amount
            FROM event e
            WHERE e.workspace_id = %(workspace)s
              AND e.profile_id = asked.profile_id
              AND e.metric_id = %(metric)s
              AND e.ts = '2000-01-01 00:00:00+00'::timestamptz + asked.time * interval '1 microsecond'
            LIMIT 1
        ) AS told
        """,
        {
            "workspace": workspace_id,
            "metric": metric_id,
            "profiles": arrays.plain(profile_id for profile_id, _ in events),
            "times": arrays.plain(at for _, at in events),
        },
    ).fetchone()
    assert row is not None
    return float(row[0])
