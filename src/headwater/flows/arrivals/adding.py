"""Jobs that put many people into a flow at once: by hand, or from the past, so that a flow does not begin empty.

By hand works for manual flows, and for those that a list or segment starts, as if everybody had joined just then. From
the past works where something happened to each person at a time of their own: they are put where they would be by now,
and nothing is made up for. The role takes some thousand people a turn; they and how far the job is commit together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from headwater.events import metrics
from headwater.flows import entry, live
from headwater.flows.arrivals import selections
from headwater.flows.arrivals.selections import Job, Place, Selection
from headwater.flows.errors import FlowError, UnknownFlow
from headwater.flows.extent import timeline
from headwater.flows.live import Flow
from headwater.flows.triggers import CallTrigger, ListTrigger, MetricTrigger, SegmentTrigger

PEOPLE_A_TURN = 5_000

MANUAL, BACKFILL = "manual", "backfill"


@dataclass(frozen=True)
class Adding:
    """A job."""

    id: int
    flow_id: int
    kind: str
    """manual or backfill."""
    selection: dict[str, Any]
    by: str
    state: str
    """running, done or failed."""
    total: int | None
    """About so many are to be looked at; None: nobody has counted."""
    done: int
    """So many were looked at (people, or events of the past),"""
    entered: int
    """and so many have entered."""
    after_profile: int
    after_ts: datetime | None
    created_at: datetime
    finished_at: datetime | None
    error: str | None


# ── asking for one ──────────────────────────────────────────────────────────────────────────────────────────────────
def by_hand(conn: Connection, workspace_id: int, slug: str, wanted: Selection, by: str, now: datetime) -> Adding:
    """Add people (of `selections`) to a flow. `by`: who asks for it.

    Raises UnknownFlow, or FlowError for a flow that nobody can be added to by hand.
    """
    flow = _live(conn, workspace_id, slug)
    began = _began(conn, workspace_id, flow)
    if began is None:
        raise FlowError("trigger", f"{slug} is started by what happens to people; nobody is added to it by hand")
    return _make(conn, workspace_id, flow, MANUAL, replace(wanted, trigger=began), by, now)


def back_populate(
    conn: Connection,
    workspace_id: int,
    slug: str,
    by: str,
    now: datetime,
    *,
    reach: timedelta | None = None,
    from_now: bool = False,
) -> Adding:
    """Put those into a flow who would be in it had it been live before.

    `reach`: how far back at the most; never further than the flow takes. `from_now`: those on its list or in its
    segment begin now, whenever they joined. Raises UnknownFlow, or FlowError for a flow that has no such past.
    """
    flow = _live(conn, workspace_id, slug)
    wanted = _from_the_past(conn, workspace_id, flow)
    if from_now and wanted.metric is not None:
        raise FlowError("from", "what happened to people counts from when it happened")
    longest = timeline(flow.definition)
    if not longest and not from_now:
        raise FlowError("steps", f"{slug} has no delay: whoever it would have taken in is through by now")
    span = reach if from_now else min(longest, reach or longest)
    since = now - span if span is not None else None
    wanted = replace(wanted, since=since, placed=not from_now, fresh=True)
    return _make(conn, workspace_id, flow, BACKFILL, wanted, by, now)


def _from_the_past(conn: Connection, workspace_id: int, flow: Flow) -> Selection:
    trigger = flow.definition.trigger
    match trigger:
        case MetricTrigger():
            return Selection(metric=trigger.metric)
        case ListTrigger():
            wanted, _ = selections.of_list(conn, workspace_id, trigger.list)
        case SegmentTrigger(entered=True):
            wanted, _ = selections.of_segment(conn, workspace_id, trigger.segment)
        case _:
            slug = flow.definition.slug
            raise FlowError(
                "trigger", f"{slug} cannot be filled from the past: only flows by a metric, list or segment"
            )
    return replace(wanted, trigger=_began(conn, workspace_id, flow))


def _began(conn: Connection, workspace_id: int, flow: Flow) -> dict[str, Any] | None:
    """What enrolments remember of their beginning, as if people had joined; None: this flow begins otherwise."""
    trigger = flow.definition.trigger
    match trigger:
        case CallTrigger("manual"):
            return {"properties": {}}
        case ListTrigger():
            _, on = selections.of_list(conn, workspace_id, trigger.list)
            return {"list": on.id, "name": on.name}
        case SegmentTrigger():
            _, segment = selections.of_segment(conn, workspace_id, trigger.segment)
            metric = metrics.ENTERED_SEGMENT if trigger.entered else metrics.LEFT_SEGMENT
            return {"metric": metric, "properties": {"segment_id": segment.id, "segment": segment.name}}
    return None


def _live(conn: Connection, workspace_id: int, slug: str) -> Flow:
    flow = live.by_slug(conn, workspace_id, slug)
    if flow is None:
        raise UnknownFlow(slug)
    if flow.status != "live":
        raise FlowError("status", f"{slug} is {flow.status}, so it takes nobody in")
    return flow


def _make(
    conn: Connection, workspace_id: int, flow: Flow, kind: str, wanted: Selection, by: str, now: datetime
) -> Adding:
    row = conn.execute(
        """
        INSERT INTO flow_adding (workspace_id, flow_id, kind, selection, by, total, created_at)
        VALUES (%(workspace)s, %(flow)s, %(kind)s, %(selection)s, %(by)s, %(total)s, %(now)s)
        RETURNING id
        """,
        {
            "workspace": workspace_id,
            "flow": flow.id,
            "kind": kind,
            "selection": Jsonb(msgspec.to_builtins(wanted)),
            "by": by,
            "total": wanted.total,
            "now": now,
        },
    ).fetchone()
    assert row is not None
    made = get(conn, workspace_id, flow.id, row[0])
    assert made is not None
    return made


# ── looking at them ─────────────────────────────────────────────────────────────────────────────────────────────────
_SELECT = """
    SELECT a.id, a.flow_id, a.kind, a.selection, a.by, a.state, a.total, a.done, a.entered, a.after_profile,
           a.after_ts, a.created_at, a.finished_at, a.error
    FROM flow_adding a
"""


def get(conn: Connection, workspace_id: int, flow_id: int, job_id: int) -> Adding | None:
    """A job of a flow."""
    with conn.cursor(row_factory=class_row(Adding)) as cursor:
        # Primary key.
        return cursor.execute(
            _SELECT
            + """
            WHERE a.workspace_id = %(workspace)s
              AND a.id = %(id)s
              AND a.flow_id = %(flow)s
            """,
            {"workspace": workspace_id, "flow": flow_id, "id": job_id},
        ).fetchone()


# ── the role ────────────────────────────────────────────────────────────────────────────────────────────────────────
def workspaces_with_work(conn: Connection, now: datetime) -> list[int]:
    """Workspaces with jobs that are running; those of a paused flow wait with it."""
    # Index flow_adding_running: a few rows.
    rows = conn.execute(
        """
        SELECT DISTINCT a.workspace_id
        FROM flow_adding a
        JOIN flow f
          ON f.workspace_id = a.workspace_id
         AND f.id = a.flow_id
        WHERE a.state = 'running'
          AND f.status <> 'paused'
        ORDER BY a.workspace_id
        """
    ).fetchall()
    return [row[0] for row in rows]


def turn(conn: Connection, workspace_id: int, now: datetime) -> int:
    """The next part of a job; answers how many were looked at. 0: nothing to do, or someone else is at it."""
    adding = _take(conn, workspace_id)
    if adding is None:
        return 0
    try:
        flow = live.by_id(conn, workspace_id, [adding.flow_id])[adding.flow_id]
        part = _read(conn, workspace_id, flow, adding)
    except FlowError as error:
        _finish(conn, workspace_id, adding, "failed", error.message, now)
        return 1
    entered = entry.enrol(conn, workspace_id, part.candidates, now)
    _move(conn, workspace_id, adding, part.place, part.looked_at, entered)
    if not part.more:
        _finish(conn, workspace_id, adding, "done", None, now)
    return max(part.looked_at, 1)


def _take(conn: Connection, workspace_id: int) -> Adding | None:
    with conn.cursor(row_factory=class_row(Adding)) as cursor:
        # The oldest that no other worker is at. Index flow_adding_running.
        return cursor.execute(
            _SELECT
            + """
            JOIN flow f
              ON f.workspace_id = a.workspace_id
             AND f.id = a.flow_id
            WHERE a.workspace_id = %(workspace)s
              AND a.state = 'running'
              AND f.status <> 'paused'
            ORDER BY a.id
            LIMIT 1
            FOR UPDATE OF a SKIP LOCKED
            """,
            {"workspace": workspace_id},
        ).fetchone()


def _read(conn: Connection, workspace_id: int, flow: Flow, adding: Adding) -> selections.Part:
    if flow.status != "live":
        raise FlowError("", f"the flow is {flow.status} since")
    wanted = msgspec.convert(adding.selection, Selection)
    trigger = flow.definition.trigger
    if wanted.metric != (trigger.metric if isinstance(trigger, MetricTrigger) else None):
        raise FlowError("", "the flow is started by something else since")
    job = Job(adding.id, flow, adding.created_at, wanted)
    return selections.read(conn, workspace_id, job, Place(adding.after_profile, adding.after_ts), PEOPLE_A_TURN)


def _move(conn: Connection, workspace_id: int, adding: Adding, place: Place, looked_at: int, entered: int) -> None:
    # The row is this transaction's. Primary key.
    conn.execute(
        """
        UPDATE flow_adding
        SET after_profile = %(after)s,
            after_ts = %(after_ts)s,
            done = done + %(done)s,
            entered = entered + %(entered)s
        WHERE workspace_id = %(workspace)s
          AND id = %(id)s
        """,
        {
            "workspace": workspace_id,
            "id": adding.id,
            "after": place.after_profile,
            "after_ts": place.after_ts,
            "done": looked_at,
            "entered": entered,
        },
    )


def _finish(conn: Connection, workspace_id: int, adding: Adding, state: str, error: str | None, now: datetime) -> None:
    conn.execute(
        """
        UPDATE flow_adding
        SET state = %(state)s,
            error = %(error)s,
            finished_at = %(now)s
        WHERE workspace_id = %(workspace)s
          AND id = %(id)s
        """,
        {"workspace": workspace_id, "id": adding.id, "state": state, "error": error, "now": now},
    )
