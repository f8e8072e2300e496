"""The role that looks ahead for flows that a date starts: once an hour, at who is to be taken in within a full day.

A flow that goes live first has everybody's dates written down in their order (`kept_dates`), then takes in what comes
from then on; a new version begins anew at its time, and so does a flow that was paused. A turn is one bounded step, and
how far it is commits with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from psycopg import Connection
from psycopg.rows import class_row

from headwater.flows.arrivals import date_entry, kept_dates
from headwater.flows.arrivals.date_entry import AHEAD, rule_of
from headwater.flows.entry import LATEST
from headwater.flows.live import Flow
from headwater.segments.conditions import written

FULL_DAY = timedelta(hours=24)
PEOPLE_A_TURN = 5_000
DATES_A_TURN = 20_000
"""So many profiles are looked at, or dates forgotten, in a turn: about a tenth of a second."""

_LIVE_BY_DATE = """
    FROM flow_version v
    JOIN flow f
      ON f.workspace_id = v.workspace_id
     AND f.id = v.flow_id
     AND f.live_version = v.version
     AND f.status = 'live'
"""


def workspaces_with_work(conn: Connection, now: datetime) -> list[int]:
    """Workspaces with date flows to look ahead for, or that went live, changed or stopped."""
    # Index flow_version_dates: a few rows; then primary keys.
    rows = conn.execute(
        f"""
        SELECT v.workspace_id
        {_LIVE_BY_DATE}
        LEFT JOIN flow_dates d
               ON d.workspace_id = f.workspace_id
              AND d.flow_id = f.id
        WHERE v.definition -> 'trigger' ? 'date'
          AND (d.flow_id IS NULL
               OR d.version <> v.version
               OR d.stage <> 'ready'
               OR d.target IS NOT NULL
               OR d.until <= %(day_ahead)s)
        UNION
        SELECT d.workspace_id
        FROM flow_dates d
        WHERE NOT EXISTS (
            SELECT
            {_LIVE_BY_DATE}
            WHERE v.workspace_id = d.workspace_id
              AND v.flow_id = d.flow_id
              AND v.definition -> 'trigger' ? 'date'
        )
        ORDER BY 1
        """,  # noqa: S608 - a constant of this file
        {"day_ahead": now + FULL_DAY},
    ).fetchall()
    return [row[0] for row in rows]


def turn(conn: Connection, workspace_id: int, now: datetime) -> int:
    """One step for one flow; answers how much was done. 0: nothing to do for now, or someone else is at it."""
    mine = conn.execute(
        "SELECT pg_try_advisory_xact_lock(hashtext('flow-dates'), %s)", (workspace_id % 2**31,)
    ).fetchone()
    if mine != (True,):
        return 0
    places = _places(conn, workspace_id)
    flows = date_entry.flows_by_date(conn, workspace_id)
    for flow in flows:
        done = _step(conn, workspace_id, flow, places.pop(flow.id, None), now)
        if done:
            return done
    return next((_stop(conn, workspace_id, flow_id) for flow_id in places), 0)


# ── how far a flow is ───────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class _Place:
    """The row of a flow; `alone`: every transaction that may not know that it is live has ended."""

    flow_id: int
    version: int
    path: str
    stage: str
    alone: bool
    after_profile: int
    until: datetime
    target: datetime | None


def _places(conn: Connection, workspace_id: int) -> dict[int, _Place]:
    with conn.cursor(row_factory=class_row(_Place)) as cursor:
        # Primary key: a few rows.
        rows = cursor.execute(
            """
            SELECT flow_id, version, path, stage, barrier < pg_snapshot_xmin(pg_current_snapshot()) AS alone,
                   after_profile, until, target
            FROM flow_dates
            WHERE workspace_id = %(workspace)s
            """,
            {"workspace": workspace_id},
        ).fetchall()
    return {place.flow_id: place for place in rows}


def _step(conn: Connection, workspace_id: int, flow: Flow, place: _Place | None, now: datetime) -> int:
    if place is None or place.path != written(rule_of(flow).path):
        return _begin(conn, workspace_id, flow, now)
    if place.version != flow.version:  # its dates are kept already, or are being written down
        after = place.after_profile if place.stage == "filling" else 0
        place = replace(place, version=flow.version, after_profile=after, until=now, target=None)
        _save(conn, workspace_id, place)
    match place.stage:
        case "waiting":
            return _enter_stage(conn, workspace_id, place, "clearing") if place.alone else 0
        case "clearing":
            gone = kept_dates.clear(conn, workspace_id, flow.id, DATES_A_TURN)
            return gone or _enter_stage(conn, workspace_id, place, "filling")
        case "filling":
            return _fill(conn, workspace_id, flow, place)
    return _look_ahead(conn, workspace_id, flow, place, now)


def _begin(conn: Connection, workspace_id: int, flow: Flow, now: datetime) -> int:
    """Note when the flow was first seen to be live.

    Who looked for live flows before that had written before, so they have a lower transaction number than this one.
    """
    # Primary key.
    return conn.execute(
        """
        INSERT INTO flow_dates (workspace_id, flow_id, version, path, barrier, until)
        VALUES (%(workspace)s, %(flow)s, %(version)s, %(path)s, pg_current_xact_id(), %(now)s)
        ON CONFLICT (workspace_id, flow_id) DO UPDATE
        SET version = excluded.version,
            path = excluded.path,
            stage = 'waiting',
            barrier = excluded.barrier,
            after_profile = 0,
            until = excluded.until,
            target = NULL
        """,
        {
            "workspace": workspace_id,
            "flow": flow.id,
            "version": flow.version,
            "path": written(rule_of(flow).path),
            "now": now,
        },
    ).rowcount


def _save(conn: Connection, workspace_id: int, place: _Place) -> None:
    # Primary key.
    conn.execute(
        """
        UPDATE flow_dates
        SET version = %(version)s,
            stage = %(stage)s,
            after_profile = %(after)s,
            until = %(until)s,
            target = %(target)s
        WHERE workspace_id = %(workspace)s
          AND flow_id = %(flow)s
        """,
        {
            "workspace": workspace_id,
            "flow": place.flow_id,
            "version": place.version,
            "stage": place.stage,
            "after": place.after_profile,
            "until": place.until,
            "target": place.target,
        },
    )


def _stop(conn: Connection, workspace_id: int, flow_id: int) -> int:
    """Forget the dates of a flow that no longer goes by them."""
    gone = kept_dates.clear(conn, workspace_id, flow_id, DATES_A_TURN)
    if gone == DATES_A_TURN:
        return gone
    return conn.execute(
        "DELETE FROM flow_dates WHERE workspace_id = %(workspace)s AND flow_id = %(flow)s",
        {"workspace": workspace_id, "flow": flow_id},
    ).rowcount


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _enter_stage(conn: Connection, workspace_id: int, place: _Place, stage: str) -> int:
    _save(conn, workspace_id, replace(place, stage=stage, after_profile=0))
    return 1


def _fill(conn: Connection, workspace_id: int, flow: Flow, place: _Place) -> int:
    path = rule_of(flow).path
    done, last = kept_dates.fill(conn, workspace_id, flow.id, path, place.after_profile, DATES_A_TURN)
    if last is None or done < DATES_A_TURN:
        return _enter_stage(conn, workspace_id, place, "ready")
    _save(conn, workspace_id, replace(place, after_profile=last))
    return done


def _look_ahead(conn: Connection, workspace_id: int, flow: Flow, place: _Place, now: datetime) -> int:
    """Take in whose date starts the flow until a day and an hour from now, some thousand people a turn."""
    if place.target is None and place.until > now + FULL_DAY:
        return 0
    start = max(place.until, now - LATEST)
    end = place.target or now + AHEAD
    people = kept_dates.coming(
        conn, workspace_id, flow.id, rule_of(flow), start, end, after=place.after_profile, most=PEOPLE_A_TURN
    )
    date_entry.enter(conn, workspace_id, flow, people, start, end, now)
    if len(people) < PEOPLE_A_TURN:
        place = replace(place, after_profile=0, until=end, target=None)
    else:
        place = replace(place, after_profile=people[-1], target=end)
    _save(conn, workspace_id, place)
    return max(len(people), 1)
