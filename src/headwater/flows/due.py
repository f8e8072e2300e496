"""The enrolments whose step is due: finding, claiming and moving them. Statements only; `runner` puts them together.

A claim is the row's lock: it lasts as long as the transaction that moves the enrolment on, and a killed worker leaves
nothing half done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from headwater.core import arrays
from headwater.flows.definition import FlowDefinition
from headwater.flows.effects import Complete, End, Enrolment, Leave, Wait
from headwater.flows.live import Flow


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed enrolment, with the definition that it goes by."""

    flow: Flow
    version: int
    """The one that its step was taken on; of someone pinned, the one that they finish on."""
    pinned: bool
    definition: FlowDefinition
    enrolment: Enrolment


def workspaces_with_work(conn: Connection, now: datetime) -> list[int]:
    """The workspaces in which someone's step is due. The one query that looks across workspaces."""
    # For the worker's idle poll. Index enrolment_due, one probe a live flow.
    rows = conn.execute(
        """
        SELECT DISTINCT f.workspace_id
        FROM flow f
        WHERE f.status = 'live'
          AND EXISTS (
              SELECT FROM enrolment e
              WHERE e.workspace_id = f.workspace_id
                AND e.flow_id = f.id
                AND e.state = 'waiting'
                AND e.wake_at <= %(now)s
          )
        ORDER BY f.workspace_id
        """,
        {"now": now},
    ).fetchall()
    return [row[0] for row in rows]


def claim(conn: Connection, workspace_id: int, flows: Mapping[int, Flow], now: datetime, limit: int) -> list[Due]:
    """Lock up to `limit` due enrolments that no other worker holds, of the flow with the longest due first."""
    if not flows:
        return []
    # Index enrolment_due, read in its order: one probe a flow, then as many entries as are taken.
    rows = conn.execute(
        """
        SELECT e.flow_id, e.version, e.pinned, e.id, e.profile_id, e.started_at, COALESCE(e.due_at, e.wake_at), e.step,
               e.trigger, e.since, e.held
        FROM (
            SELECT w.id
            FROM unnest(%(flows)s::bigint[]) AS w (id)
            ORDER BY (
                SELECT o.wake_at
                FROM enrolment o
                WHERE o.workspace_id = %(workspace)s
                  AND o.flow_id = w.id
                  AND o.state = 'waiting'
                ORDER BY o.wake_at
                LIMIT 1
            )
        ) AS f
        CROSS JOIN LATERAL (
            SELECT *
            FROM enrolment d
            WHERE d.workspace_id = %(workspace)s
              AND d.flow_id = f.id
              AND d.state = 'waiting'
              AND d.wake_at <= %(now)s
            ORDER BY d.wake_at
            LIMIT %(limit)s
            FOR UPDATE SKIP LOCKED
        ) AS e
        LIMIT %(limit)s
        """,
        {"workspace": workspace_id, "flows": list(flows), "now": now, "limit": limit},
    ).fetchall()
    return [
        Due(flow := flows[flow_id], version, pinned, flow.definition, Enrolment(*enrolment))
        for flow_id, version, pinned, *enrolment in rows
    ]


def move(conn: Connection, workspace_id: int, due: Sequence[Due], ends: Sequence[End], now: datetime) -> None:
    """Each enrolment to where its turn ended."""
    columns = [columns_of(end) for end in ends]
    # The rows are locked by `claim`. Primary key.
    conn.execute(
        """
        UPDATE enrolment
        SET step = COALESCE(moved.step, enrolment.step),
            state = moved.state,
            reason = moved.reason,
            wake_at = moved.wake_at,
            due_at = moved.due_at,
            since = moved.since,
            held = moved.held,
            item = moved.item,
            version = moved.version,
            finished_at = CASE WHEN moved.state <> 'waiting' THEN %(now)s::timestamptz END
        FROM unnest(%(ids)s::bigint[], %(steps)s::text[], %(states)s::text[], %(reasons)s::text[],
                    %(wakes)s::timestamptz[], %(dues)s::timestamptz[], %(sinces)s::timestamptz[], %(helds)s::text[],
                    %(items)s::text[], %(versions)s::int[])
             AS moved (id, step, state, reason, wake_at, due_at, since, held, item, version)
        WHERE enrolment.workspace_id = %(workspace)s
          AND enrolment.id = moved.id
        """,
        {
            "workspace": workspace_id,
            "now": now,
            "ids": arrays.plain([one.enrolment.id for one in due]),
            "steps": arrays.texts([one.step for one in columns]),
            "states": arrays.texts([one.state for one in columns]),
            "reasons": arrays.texts([one.reason for one in columns]),
            "wakes": arrays.instants([one.wake_at for one in columns]),
            "dues": arrays.instants([one.due_at for one in columns]),
            "sinces": arrays.instants([one.since for one in columns]),
            "helds": arrays.texts([one.held for one in columns]),
            "items": arrays.texts([one.item for one in columns]),
            "versions": arrays.plain([one.version if one.pinned else one.flow.version for one in due]),
        },
    )


@dataclass(frozen=True, slots=True)
class Columns:
    """Where an enrolment stands, as its row says it."""

    state: str
    step: str | None = None
    reason: str | None = None
    wake_at: datetime | None = None
    due_at: datetime | None = None
    since: datetime | None = None
    held: str | None = None
    item: str | None = None


def columns_of(end: End) -> Columns:
    """How a turn's end is stored: held for review it wakes by nothing, and keeps when it was due."""
    match end:
        case Wait(step, until, look_at, since, held, item):
            if held == "review":
                return Columns("waiting", step, None, None, until, since, held)
            early = look_at is not None
            return Columns("waiting", step, None, look_at or until, until if early else None, since, held, item)
        case Leave(reason):
            return Columns("exited", reason=reason)
        case Complete():
            return Columns("completed")
