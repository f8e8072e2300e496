"""The role that keeps membership live: gives effect to marks, and to the passing of time.

A turn takes, for one workspace, the marks that have gathered for a moment and the segments whose time is due, asks the
profiles concerned again, and writes what changed, in one transaction. What a profile does within that moment is asked
once. Idle, it costs two index probes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from psycopg import Connection

from headwater.core import clock
from headwater.segments import live, marks, membership, requests, sweeping
from headwater.segments.live import Live

GATHER = timedelta(milliseconds=150)
"""For how long what happens to a profile is gathered before it is asked again; wall clock."""
SWEEP_EVERY = timedelta(seconds=20)
"""How far the passing of time may lag behind; instance clock."""
AT_ONCE = timedelta(days=1)
"""The longest span that is given effect in one step: after a standstill, in the order in which it happened."""
LONG = timedelta(minutes=10)
SEGMENTS_A_TURN = 25
"""So many segments are given effect to at once where time lags behind longer than `LONG`; else all of them."""
PROFILES_A_TURN = 20_000
BACK = timedelta(minutes=1)
"""A clock this far behind what was given effect was set back."""


def workspaces_with_work(conn: Connection, now: datetime) -> list[int]:
    """Workspaces with marks that have gathered, or with segments whose time is due."""
    rows = conn.execute(
        """
        SELECT workspace.id
        FROM workspace
        WHERE EXISTS (
                  SELECT FROM segment_mark
                  WHERE workspace_id = workspace.id
                    AND marked_at <= %(gathered)s
                    AND held_for IS NULL
              )
           OR EXISTS (
                  SELECT FROM segment
                  WHERE workspace_id = workspace.id
                    AND archived_at IS NULL
                    AND timed
                    AND (as_of <= %(due)s OR (as_of > %(back)s AND live_version = version))
              )
           OR EXISTS (
                  SELECT FROM segment_mark
                  JOIN segment
                    ON segment.workspace_id = segment_mark.workspace_id
                   AND segment.id = segment_mark.segment_id
                   AND (segment.live_version >= segment_mark.held_for OR segment.archived_at IS NOT NULL)
                  WHERE segment_mark.workspace_id = workspace.id
                    AND held_for IS NOT NULL
              )
        """,
        {"gathered": clock.wall() - GATHER, "due": now - SWEEP_EVERY, "back": now + BACK},
    ).fetchall()
    return [row[0] for row in rows]


def turn(conn: Connection, workspace_id: int, now: datetime) -> int:
    """One step; answers how many profiles were asked, times segments. 0: nothing to do, or someone else is at it."""
    if not membership.lock(conn, workspace_id, wait=False):
        return 0
    segments = live.segments(conn, workspace_id)
    ahead = [one.id for one in segments.values() if one.built and one.timed and one.as_of and one.as_of > now + BACK]
    if ahead:  # the clock was set back: what time had done is undone by building anew
        requests.rebuild(conn, workspace_id, ahead, now)
        return len(ahead)
    swept = _due(segments, now)
    asked = sweeping.candidates(conn, workspace_id, swept)
    # Time first: whoever is asked is asked as of the instant up to which it has been given effect.
    until = {segment.id: end for segment, _, end in swept}
    marked, taken = _marked(conn, workspace_id, segments)
    for segment_id, ids in marked.items():
        asked.setdefault(segment_id, set()).update(ids)
    done = 0
    for at, group in _by_time(asked, until, now).items():
        done += sum(len(ids) for ids in group.values())
        changes = membership.ask_again(conn, workspace_id, segments, group, at)
        _refer(conn, workspace_id, changes)
    if taken:
        conn.execute(
            "DELETE FROM segment_mark WHERE workspace_id = %(workspace)s AND id = ANY (%(ids)s)",
            {"workspace": workspace_id, "ids": taken},
        )
    if until:
        _advance(conn, workspace_id, until)
    return done + len(taken) + len(until)


def _due(segments: Mapping[int, Live], now: datetime) -> list[tuple[Live, datetime, datetime]]:
    """The segments whose time is due, the furthest behind first, each with the span to give effect to."""
    due = sorted(
        (one for one in segments.values() if one.timed and one.as_of is not None and one.as_of <= now - SWEEP_EVERY),
        key=lambda one: one.as_of or now,
    )
    if due and due[0].as_of is not None and now - due[0].as_of > LONG:
        due = due[:SEGMENTS_A_TURN]
    return [(one, one.as_of, min(now, one.as_of + AT_ONCE)) for one in due if one.as_of is not None]


def _marked(conn: Connection, workspace_id: int, segments: Mapping[int, Live]) -> tuple[dict[int, set[int]], list[int]]:
    """Profiles by segment of the oldest marks, and the marks' ids. Of a segment being built they are held for later."""
    # The marks that may be given effect, until they hold enough profiles. Primary key.
    rows = conn.execute(
        """
        SELECT id, segment_id, profile_ids
        FROM (
            SELECT m.id, m.segment_id, m.profile_ids,
                   sum(m.count) OVER (ORDER BY m.id) - m.count AS before
            FROM segment_mark m
            LEFT JOIN segment s
              ON s.workspace_id = m.workspace_id
             AND s.id = m.segment_id
             AND s.archived_at IS NULL
            WHERE m.workspace_id = %(workspace)s
              AND (m.held_for IS NULL OR s.id IS NULL OR m.held_for <= s.live_version)
            ORDER BY m.id
            LIMIT 5000
        ) AS oldest
        WHERE before < %(most)s
        """,
        {"workspace": workspace_id, "most": PROFILES_A_TURN},
    ).fetchall()
    found: dict[int, set[int]] = defaultdict(set)
    for _, segment_id, profile_ids in rows:
        if segment_id in segments:
            found[segment_id].update(profile_ids)
    building = {one: segments[one].version for one in found if not segments[one].built}
    marks.write(conn, workspace_id, {one: found[one] for one in building}, building)
    return found, [row[0] for row in rows]


def _by_time(
    asked: Mapping[int, set[int]], until: Mapping[int, datetime], now: datetime
) -> dict[datetime, dict[int, set[int]]]:
    """What is asked, by the instant as of which it is: where time lags behind, that instant and not the present."""
    groups: dict[datetime, dict[int, set[int]]] = defaultdict(dict)
    for segment_id, ids in asked.items():
        groups[until.get(segment_id, now)][segment_id] = ids
    return groups


def _refer(conn: Connection, workspace_id: int, changes: list[membership.Change]) -> None:
    """Mark the segments that refer to those whose membership changed."""
    if not changes:
        return
    watched = marks.watch(conn, workspace_id)
    touched: dict[int, set[int]] = defaultdict(set)
    for change in changes:
        for segment_id in watched.in_segment(change.segment_id):
            touched[segment_id].add(change.profile_id)
    marks.write(conn, workspace_id, touched)


def _advance(conn: Connection, workspace_id: int, until: Mapping[int, datetime]) -> None:
    conn.execute(
        """
        UPDATE segment
        SET as_of = swept.until
        FROM unnest(%(ids)s::bigint[], %(until)s::timestamptz[]) AS swept (id, until)
        WHERE segment.workspace_id = %(workspace)s
          AND segment.id = swept.id
        """,
        {"workspace": workspace_id, "ids": list(until), "until": list(until.values())},
    )
