"""The role that builds segments: one evaluation, then the members stored in bounded chunks beside the standing ones.

A version's life: waiting → filling → live, then leaving → retired when another takes its place. Each step is a short
transaction, so a process that is killed loses at most one, and intake is never held up. Until the last chunk is stored
the old membership stands; then the new one takes its place at once. Nobody who enters or leaves by a definition's
change is told of as an event; whoever changes while it is built is asked again afterwards, and told of.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import psycopg
import structlog
from psycopg import Connection

from headwater.accounts import brand
from headwater.core import clock, database
from headwater.segments import live, membership, profile_dates, requests, sweeping
from headwater.segments.compile import for_everybody, to_sql
from headwater.segments.conditions import DateTest, InSegment, leaves
from headwater.segments.live import Live

log = structlog.get_logger()

CHUNK = 10_000
CHUNKS_A_TURN = 5
LEAVING_A_TURN = 50_000
RETRY = timedelta(seconds=60)
"""After how long an evaluation that failed is tried again; wall clock."""


def workspaces_with_work(conn: Connection, now: datetime) -> list[int]:
    """Workspaces with versions to build or to clear away."""
    rows = conn.execute(
        """
        SELECT DISTINCT workspace_id
        FROM segment_version
        WHERE state IN ('waiting', 'filling', 'leaving')
           OR (state = 'failed' AND retry_at <= %(wall)s)
        """,
        {"wall": clock.wall()},
    ).fetchall()
    return [row[0] for row in rows]


def turn(conn: Connection, workspace_id: int, now: datetime) -> int:
    """One step of one version. 0: nothing can be done now, or someone else is at it."""
    mine = conn.execute(
        "SELECT pg_try_advisory_xact_lock(hashtext('segment-building'), %s)", (workspace_id % 2**31,)
    ).fetchone()
    if mine != (True,):
        return 0
    # What is to be done, what is nearest to its end first. Index segment_version_unfinished.
    rows = conn.execute(
        """
        SELECT segment_id, version, state
        FROM segment_version
        WHERE workspace_id = %(workspace)s
          AND (state IN ('waiting', 'filling', 'leaving') OR (state = 'failed' AND retry_at <= %(wall)s))
        ORDER BY array_position(ARRAY['filling', 'waiting', 'failed', 'leaving'], state), segment_id, version
        """,
        {"workspace": workspace_id, "wall": clock.wall()},
    ).fetchall()
    steps = {"filling": _fill, "waiting": _begin, "failed": _begin, "leaving": _clear}
    for segment_id, version, state in rows:
        if steps[state](conn, workspace_id, segment_id, version, now):
            return 1
    return 0


# ── waiting ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _begin(conn: Connection, workspace_id: int, segment_id: int, version: int, now: datetime) -> bool:
    segment = live.segments(conn, workspace_id).get(segment_id)
    if segment is None:
        return _set(conn, workspace_id, segment_id, version, "leaving")
    if not _others_know(conn, workspace_id, segment_id, version):
        return False
    if not _referred_are_built(conn, workspace_id, segment):
        return False
    try:
        with conn.transaction():
            found = evaluate(conn, workspace_id, segment, version, now)
    except Exception as error:  # whatever is wrong with it, the other segments are built
        if isinstance(error, database.Unavailable) and not isinstance(error, psycopg.errors.QueryCanceled):
            raise
        log.warning("segment_not_built", workspace=workspace_id, segment=segment_id, error=str(error)[:200])
        _fail(conn, workspace_id, segment_id, version, str(error))
        return True
    conn.execute(
        """
        UPDATE segment_version
        SET state = 'filling', evaluated_at = %(now)s, found = %(found)s, stored = 0, error = NULL
        WHERE workspace_id = %(workspace)s
          AND segment_id = %(segment)s
          AND version = %(version)s
        """,
        {"workspace": workspace_id, "segment": segment_id, "version": version, "now": now, "found": found},
    )
    return True


def _others_know(conn: Connection, workspace_id: int, segment_id: int, version: int) -> bool:
    """Whether every transaction that may have marked without knowing of this version has ended.

    One that looked at the segments before the version was committed had written before, so it has a lower transaction
    number than the one that notes the barrier here, after that commit.
    """
    scope = {"workspace": workspace_id, "segment": segment_id, "version": version}
    row = conn.execute(
        """
        SELECT barrier IS NOT NULL, barrier < pg_snapshot_xmin(pg_current_snapshot())
        FROM segment_version
        WHERE workspace_id = %(workspace)s
          AND segment_id = %(segment)s
          AND version = %(version)s
        """,
        scope,
    ).fetchone()
    if row is None or row[0]:
        return bool(row and row[1])
    conn.execute(
        """
        UPDATE segment_version
        SET barrier = pg_current_xact_id()
        WHERE workspace_id = %(workspace)s
          AND segment_id = %(segment)s
          AND version = %(version)s
        """,
        scope,
    )
    return False


def _referred_are_built(conn: Connection, workspace_id: int, segment: Live) -> bool:
    wanted = {leaf.segment for leaf in leaves(segment.condition) if isinstance(leaf, InSegment)}
    if not wanted:
        return True
    segments = live.segments(conn, workspace_id)
    return all(segments[one].built for one in wanted if isinstance(one, int) and one in segments)


def evaluate(conn: Connection, workspace_id: int, segment: Live, version: int, now: datetime) -> int:
    """Who belongs as of `now`, by one statement, noted in chunks; answers how many."""
    paths = {leaf.path for leaf in leaves(segment.condition) if isinstance(leaf, DateTest)}
    profile_dates.refresh(conn, workspace_id, paths)
    for_everybody(conn)
    statement, values = to_sql(conn, segment.condition, workspace_id, now)
    values |= {"build_segment": segment.id, "build_version": version, "build_chunk": CHUNK, "workspace": workspace_id}
    conn.execute(
        """
        DELETE FROM segment_chunk
        WHERE workspace_id = %(workspace)s
          AND segment_id = %(build_segment)s
          AND version = %(build_version)s
        """,
        values,
    )
    # The ids in their order, which a merge with the index of people gives for nothing, cut into slices.
    row = conn.execute(
        f"""
        WITH everyone AS MATERIALIZED (
            SELECT array_agg(m.profile_id) AS ids
            FROM ({statement}\nORDER BY p.id) AS m
        ), noted AS (
            INSERT INTO segment_chunk (workspace_id, segment_id, version, number, profile_ids)
            SELECT %(workspace)s, %(build_segment)s, %(build_version)s, number,
                   ids[number * %(build_chunk)s + 1 : (number + 1) * %(build_chunk)s]
            FROM everyone
            CROSS JOIN generate_series(0, (COALESCE(cardinality(ids), 0) - 1) / %(build_chunk)s) AS number
            WHERE cardinality(ids) > 0
        )
        SELECT COALESCE(cardinality(ids), 0) FROM everyone
        """,  # noqa: S608 - compiled; values are parameters
        values,
    ).fetchone()
    assert row is not None
    return int(row[0])


# Who was in the segment before stays in it since then.
_KEPT_SINCE = """
            LEFT JOIN segment_member old
              ON old.workspace_id = %(workspace)s
             AND old.segment_id = %(segment)s
             AND old.version = %(live)s
             AND old.profile_id = member.id
"""


# ── filling ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _fill(conn: Connection, workspace_id: int, segment_id: int, version: int, now: datetime) -> bool:
    segment = live.segments(conn, workspace_id).get(segment_id)
    replaces = segment is not None and segment.live_version is not None
    row = conn.execute(
        f"""
        WITH taken AS (
            DELETE FROM segment_chunk
            WHERE workspace_id = %(workspace)s
              AND segment_id = %(segment)s
              AND version = %(version)s
              AND number IN (
                  SELECT number
                  FROM segment_chunk
                  WHERE workspace_id = %(workspace)s
                    AND segment_id = %(segment)s
                    AND version = %(version)s
                  ORDER BY number
                  LIMIT %(chunks)s
              )
            RETURNING number, profile_ids
        ), member AS (
            SELECT id
            FROM taken
            CROSS JOIN LATERAL unnest(profile_ids) AS id
            ORDER BY number, id
        ), put AS (
            INSERT INTO segment_member (workspace_id, segment_id, version, profile_id, entered_at)
            SELECT %(workspace)s, %(segment)s, %(version)s, member.id,
                   {"COALESCE(old.entered_at, built.evaluated_at)" if replaces else "built.evaluated_at"}
            FROM member
            CROSS JOIN (
                SELECT evaluated_at
                FROM segment_version
                WHERE workspace_id = %(workspace)s
                  AND segment_id = %(segment)s
                  AND version = %(version)s
            ) AS built
            {_KEPT_SINCE if replaces else ""}
        )
        SELECT COALESCE(sum(cardinality(profile_ids)), 0)::bigint FROM taken
        """,  # noqa: S608 - constants of this file
        {
            "workspace": workspace_id,
            "segment": segment_id,
            "version": version,
            "chunks": CHUNKS_A_TURN,
            "live": segment.live_version if segment is not None else None,
        },
    ).fetchone()
    assert row is not None
    if not row[0]:
        return _go_live(conn, workspace_id, segment_id, version, now)
    conn.execute(
        """
        UPDATE segment_version
        SET stored = stored + %(stored)s
        WHERE workspace_id = %(workspace)s
          AND segment_id = %(segment)s
          AND version = %(version)s
        """,
        {"workspace": workspace_id, "segment": segment_id, "version": version, "stored": row[0]},
    )
    return True


def _go_live(conn: Connection, workspace_id: int, segment_id: int, version: int, now: datetime) -> bool:
    """The new membership takes the place of the old one, in one transaction, while no other changes it."""
    membership.lock(conn, workspace_id)
    segment = live.segments(conn, workspace_id).get(segment_id)
    if segment is None or segment.version != version:
        return _set(conn, workspace_id, segment_id, version, "leaving")
    values = {
        "workspace": workspace_id,
        "segment": segment_id,
        "version": version,
        "timed": sweeping.timed(segment.condition),
        "day": now.astimezone(brand.load(conn, workspace_id).zone).date(),
    }
    if segment.live_version is not None:
        _set(conn, workspace_id, segment_id, segment.live_version, "leaving")
    _set(conn, workspace_id, segment_id, version, "live")
    conn.execute(
        """
        UPDATE segment
        SET live_version = %(version)s,
            timed = %(timed)s,
            as_of = (
                SELECT evaluated_at
                FROM segment_version
                WHERE workspace_id = %(workspace)s
                  AND segment_id = %(segment)s
                  AND version = %(version)s
            ),
            members = (
                SELECT count(*)
                FROM segment_member
                WHERE workspace_id = %(workspace)s
                  AND segment_id = %(segment)s
                  AND version = %(version)s
            )
        WHERE workspace_id = %(workspace)s
          AND id = %(segment)s
        """,
        values,
    )
    conn.execute(
        """
        INSERT INTO segment_day (workspace_id, segment_id, day, members, entered, "left")
        SELECT workspace_id, id, %(day)s, members, 0, 0
        FROM segment
        WHERE workspace_id = %(workspace)s
          AND id = %(segment)s
        ON CONFLICT (workspace_id, segment_id, day) DO UPDATE
        SET members = excluded.members
        """,
        values,
    )
    # Whoever refers to it follows, as quietly. (Those that are not built yet have waited for it.)
    segments = live.segments(conn, workspace_id).values()
    referring = [one.id for one in segments if one.built and segment_id in requests.referred(one.condition)]
    requests.rebuild(conn, workspace_id, referring, now)
    return True


# ── leaving ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _clear(conn: Connection, workspace_id: int, segment_id: int, version: int, now: datetime) -> bool:
    scope = {"workspace": workspace_id, "segment": segment_id, "version": version, "most": LEAVING_A_TURN}
    conn.execute(
        """
        DELETE FROM segment_chunk
        WHERE workspace_id = %(workspace)s
          AND segment_id = %(segment)s
          AND version = %(version)s
        """,
        scope,
    )
    gone = conn.execute(
        """
        DELETE FROM segment_member
        WHERE ctid = ANY (ARRAY(
            SELECT ctid
            FROM segment_member
            WHERE workspace_id = %(workspace)s
              AND segment_id = %(segment)s
              AND version = %(version)s
            LIMIT %(most)s
        ))
        """,
        scope,
    )
    if gone.rowcount < LEAVING_A_TURN:
        _set(conn, workspace_id, segment_id, version, "retired")
    return True


def _set(conn: Connection, workspace_id: int, segment_id: int, version: int, state: str) -> bool:
    conn.execute(
        """
        UPDATE segment_version
        SET state = %(state)s
        WHERE workspace_id = %(workspace)s
          AND segment_id = %(segment)s
          AND version = %(version)s
        """,
        {"workspace": workspace_id, "segment": segment_id, "version": version, "state": state},
    )
    return True


def _fail(conn: Connection, workspace_id: int, segment_id: int, version: int, error: str) -> None:
    conn.execute(
        """
        UPDATE segment_version
        SET state = 'failed', error = %(error)s, retry_at = %(retry)s
        WHERE workspace_id = %(workspace)s
          AND segment_id = %(segment)s
          AND version = %(version)s
        """,
        {
            "workspace": workspace_id,
            "segment": segment_id,
            "version": version,
            "error": error[:2000],
            "retry": clock.wall() + RETRY,
        },
    )
