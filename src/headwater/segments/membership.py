"""Stored membership: asking profiles again, and writing who entered and who left, with the facts that tell of it.

A change of membership commits together with an item in the inbox, *Entered Segment* or *Left Segment*, which the
processor makes an event like any other: it can start and end flows, and other segments can ask for it. The caller holds
the workspace's `lock`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from headwater.accounts import brand
from headwater.core import arrays
from headwater.events import inbox, metrics
from headwater.segments import facts
from headwater.segments.compile import to_sql
from headwater.segments.language import Needs, belongs
from headwater.segments.live import Live

MANY = 2000
"""So many profiles of one segment are asked in SQL, fewer in Python from facts that all segments share."""
_FACTS_AT_ONCE = 5000
_ITEMS_A_ROW = 1000


def lock(conn: Connection, workspace_id: int, *, wait: bool = True) -> bool:
    """Be the one who writes membership, until this transaction ends; without `wait`, False if someone else is."""
    key = {"workspace": workspace_id % 2**31}
    if wait:
        conn.execute("SELECT pg_advisory_xact_lock(hashtext('segments'), %(workspace)s)", key)
        return True
    row = conn.execute("SELECT pg_try_advisory_xact_lock(hashtext('segments'), %(workspace)s)", key).fetchone()
    return row == (True,)


@dataclass(frozen=True, slots=True)
class Change:
    segment_id: int
    profile_id: int
    entered: bool


def ask_again(
    conn: Connection,
    workspace_id: int,
    segments: Mapping[int, Live],
    asked: Mapping[int, Iterable[int]],
    now: datetime,
) -> list[Change]:
    """Bring the membership of these profiles, by segment id, up to date; answers what changed.

    A segment is asked as of `now`, or of the instant up to which its time was given effect already if that is later
    (another machine's clock). Segments that were never built are passed over.
    """
    pairs = {one: set(ids) for one, ids in asked.items() if one in segments and segments[one].standing is not None}
    pairs = {one: ids for one, ids in pairs.items() if ids}
    if not pairs:
        return []
    should = _should(conn, workspace_id, segments, pairs, now)
    changes = _write(conn, workspace_id, segments, pairs, should, now)
    if changes:
        count(conn, workspace_id, changes, now)
        tell(conn, workspace_id, segments, changes, now)
    return changes


def _at(segment: Live, now: datetime) -> datetime:
    return max(now, segment.as_of) if segment.as_of is not None else now


# ── who should be in ────────────────────────────────────────────────────────────────────────────────────────────────
Pairs = Mapping[int, set[int]]
"""Profiles by segment id."""


def _should(
    conn: Connection, workspace_id: int, segments: Mapping[int, Live], pairs: Pairs, now: datetime
) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    # Segments that look into single events, of which a profile may have thousands, apart by the metrics of these.
    sorts: dict[frozenset[str], dict[int, set[int]]] = defaultdict(dict)
    for segment_id, ids in pairs.items():
        segment = segments[segment_id]
        if len(ids) < MANY:
            looked_into = frozenset(metric for metric, _ in segment.needs.events)
            sorts[looked_into][segment_id] = ids
        else:
            found[segment_id] = _in_sql(conn, workspace_id, segment, sorted(ids), now)
    for alike in sorts.values():
        found |= _in_python(conn, workspace_id, segments, alike, now)
    return found


def _in_sql(conn: Connection, workspace_id: int, segment: Live, ids: Sequence[int], now: datetime) -> set[int]:
    assert segment.standing is not None
    statement, values = to_sql(conn, segment.standing, workspace_id, _at(segment, now), profile_ids=ids)
    return {row[0] for row in conn.execute(statement, values)}


def _in_python(
    conn: Connection, workspace_id: int, segments: Mapping[int, Live], pairs: Pairs, now: datetime
) -> dict[int, set[int]]:
    wanted = Needs(profile=True)
    by_profile: dict[int, list[int]] = defaultdict(list)
    for segment_id, ids in pairs.items():
        wanted |= segments[segment_id].needs
        for one in ids:
            by_profile[one].append(segment_id)
    found: dict[int, set[int]] = {segment_id: set() for segment_id in pairs}
    profiles = sorted(by_profile)
    for start in range(0, len(profiles), _FACTS_AT_ONCE):
        known = facts.load(conn, workspace_id, profiles[start : start + _FACTS_AT_ONCE], wanted, now)
        for profile_id, its in known.items():
            for segment_id in by_profile[profile_id]:
                segment = segments[segment_id]
                assert segment.standing is not None
                if belongs(segment.standing, its, _at(segment, now)):
                    found[segment_id].add(profile_id)
    return found


# ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _write(
    conn: Connection,
    workspace_id: int,
    segments: Mapping[int, Live],
    pairs: Pairs,
    should: Pairs,
    now: datetime,
) -> list[Change]:
    """Put in whoever should be in, take out whoever should not; answers those of whom that was news."""
    inside = [(one, profile) for one, ids in pairs.items() for profile in sorted(ids & should[one])]
    outside = [(one, profile) for one, ids in pairs.items() for profile in sorted(ids - should[one])]
    # Primary key, one probe a pair.
    entered = conn.execute(
        """
        INSERT INTO segment_member (workspace_id, segment_id, version, profile_id, entered_at)
        SELECT %(workspace)s, segment_id, version, profile_id, at
        FROM unnest(%(segments)s::bigint[], %(versions)s::int[], %(profiles)s::bigint[], %(ats)s::timestamptz[])
             AS c (segment_id, version, profile_id, at)
        ON CONFLICT DO NOTHING
        RETURNING segment_id, profile_id
        """,
        _columns(workspace_id, segments, inside, now),
    ).fetchall()
    left = conn.execute(
        """
        DELETE FROM segment_member
        USING unnest(%(segments)s::bigint[], %(versions)s::int[], %(profiles)s::bigint[])
              AS c (segment_id, version, profile_id)
        WHERE segment_member.workspace_id = %(workspace)s
          AND segment_member.segment_id = c.segment_id
          AND segment_member.version = c.version
          AND segment_member.profile_id = c.profile_id
        RETURNING segment_member.segment_id, segment_member.profile_id
        """,
        _columns(workspace_id, segments, outside, now),
    ).fetchall()
    told = [Change(segment_id, profile_id, True) for segment_id, profile_id in entered]
    return told + [Change(segment_id, profile_id, False) for segment_id, profile_id in left]


def _columns(
    workspace_id: int, segments: Mapping[int, Live], pairs: Sequence[tuple[int, int]], now: datetime
) -> dict[str, Any]:
    versions = {one: segments[one].live_version or 0 for one, _ in pairs}
    ats = {one: _at(segments[one], now).isoformat() for one in versions}
    return {
        "workspace": workspace_id,
        "segments": arrays.plain([pair[0] for pair in pairs]),
        "versions": arrays.plain([versions[pair[0]] for pair in pairs]),
        "profiles": arrays.plain([pair[1] for pair in pairs]),
        "ats": arrays.plain([ats[pair[0]] for pair in pairs]),
    }


def count(conn: Connection, workspace_id: int, changes: Sequence[Change], now: datetime) -> None:
    """Keep each segment's size, and its day's growth: a row a segment and day (of the brand), one writer."""
    entered: dict[int, int] = defaultdict(int)
    left: dict[int, int] = defaultdict(int)
    for one in changes:
        (entered if one.entered else left)[one.segment_id] += 1
    ids = sorted(entered.keys() | left.keys())
    conn.execute(
        """
        WITH changed AS (
            SELECT *
            FROM unnest(%(segments)s::bigint[], %(entered)s::bigint[], %(left)s::bigint[])
                 AS c (segment_id, entered, gone)
        ), sized AS (
            UPDATE segment
            SET members = segment.members + changed.entered - changed.gone
            FROM changed
            WHERE segment.workspace_id = %(workspace)s
              AND segment.id = changed.segment_id
            RETURNING segment.id, segment.members, changed.entered, changed.gone
        )
        INSERT INTO segment_day AS kept (workspace_id, segment_id, day, members, entered, "left")
        SELECT %(workspace)s, id, %(day)s, members, entered, gone
        FROM sized
        ON CONFLICT (workspace_id, segment_id, day) DO UPDATE
        SET members = excluded.members,
            entered = kept.entered + excluded.entered,
            "left" = kept."left" + excluded."left"
        """,
        {
            "workspace": workspace_id,
            "day": now.astimezone(brand.load(conn, workspace_id).zone).date(),
            "segments": ids,
            "entered": [entered[one] for one in ids],
            "left": [left[one] for one in ids],
        },
    )


def tell(
    conn: Connection, workspace_id: int, segments: Mapping[int, Live], changes: Sequence[Change], now: datetime
) -> None:
    """Put what changed into the inbox, as items that become events. Nobody is told of who is gone for good."""
    left = {one.profile_id for one in changes if not one.entered}
    # Who of those that left still is somebody. Primary key.
    rows = conn.execute(
        "SELECT id FROM profile WHERE workspace_id = %(workspace)s AND id = ANY (%(ids)s::bigint[])",
        {"workspace": workspace_id, "ids": arrays.plain(left)},
    ).fetchall()
    there = {row[0] for row in rows}
    told = [one for one in changes if one.entered or one.profile_id in there]
    for start in range(0, len(told), _ITEMS_A_ROW):
        part = told[start : start + _ITEMS_A_ROW]
        inbox.put(conn, workspace_id, [_item(segments[one.segment_id], one, now) for one in part], now)


def _item(segment: Live, change: Change, now: datetime) -> bytes:
    at = _at(segment, now)
    return inbox.item(
        type="track",
        id=f"segment-{segment.id}-{change.profile_id}-{'in' if change.entered else 'out'}-{at.isoformat()}",
        ts=at,
        user={"profile_id": change.profile_id},
        metric=metrics.ENTERED_SEGMENT if change.entered else metrics.LEFT_SEGMENT,
        properties={"segment_id": segment.id, "segment": segment.name},
        once=True,
    )


# ── people who merge or go ──────────────────────────────────────────────────────────────────────────────────────────
def hand_on(conn: Connection, workspace_id: int, destination: int, source: int) -> None:
    """What a merged profile was in, its survivor is in, since the earlier of the two. Nobody is told: nobody entered.

    A version that is being built is put right by the marks that are held for it.
    """
    if not _are_members(conn, workspace_id, [source]):
        return  # as for every browser that becomes a person
    lock(conn, workspace_id)
    # Primary key, one probe a segment.
    conn.execute(
        """
        WITH gone AS (
            DELETE FROM segment_member
            USING segment
            WHERE segment.workspace_id = %(workspace)s
              AND segment_member.workspace_id = segment.workspace_id
              AND segment_member.segment_id = segment.id
              AND segment_member.version = segment.live_version
              AND segment_member.profile_id = %(source)s
            RETURNING segment_member.segment_id, segment_member.version, segment_member.entered_at
        ), kept AS (
            INSERT INTO segment_member AS own (workspace_id, segment_id, version, profile_id, entered_at)
            SELECT %(workspace)s, segment_id, version, %(destination)s, entered_at
            FROM gone
            ON CONFLICT (workspace_id, segment_id, version, profile_id) DO UPDATE
            SET entered_at = LEAST(own.entered_at, excluded.entered_at)
            RETURNING segment_id, (xmax = 0) AS moved
        )
        UPDATE segment
        SET members = members - 1
        FROM kept
        WHERE segment.workspace_id = %(workspace)s
          AND segment.id = kept.segment_id
          AND NOT kept.moved
        """,
        {"workspace": workspace_id, "destination": destination, "source": source},
    )


def forget(conn: Connection, workspace_id: int, profile_ids: Sequence[int]) -> None:
    """Take erased people out of every segment."""
    if not _are_members(conn, workspace_id, profile_ids):
        return
    lock(conn, workspace_id)
    # Primary key, one probe a segment and profile.
    conn.execute(
        """
        WITH gone AS (
            DELETE FROM segment_member
            USING segment
            WHERE segment.workspace_id = %(workspace)s
              AND segment_member.workspace_id = segment.workspace_id
              AND segment_member.segment_id = segment.id
              AND segment_member.version = segment.live_version
              AND segment_member.profile_id = ANY (%(ids)s)
            RETURNING segment_member.segment_id
        ), fewer AS (
            SELECT segment_id, count(*) AS members
            FROM gone
            GROUP BY segment_id
        )
        UPDATE segment
        SET members = segment.members - fewer.members
        FROM fewer
        WHERE segment.workspace_id = %(workspace)s
          AND segment.id = fewer.segment_id
        """,
        {"workspace": workspace_id, "ids": list(profile_ids)},
    )


def _are_members(conn: Connection, workspace_id: int, profile_ids: Sequence[int]) -> bool:
    # Whether any of these is in a segment. Primary key, one probe a segment and profile until one is found.
    row = conn.execute(
        """
        SELECT EXISTS (
            SELECT
            FROM segment
            JOIN segment_member
              ON segment_member.workspace_id = segment.workspace_id
             AND segment_member.segment_id = segment.id
             AND segment_member.version = segment.live_version
             AND segment_member.profile_id = ANY (%(ids)s)
            WHERE segment.workspace_id = %(workspace)s
        )
        """,
        {"workspace": workspace_id, "ids": list(profile_ids)},
    ).fetchone()
    return row == (True,)
