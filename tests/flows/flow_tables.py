"""Flows, people and what they did, written straight into the tables: the given of the tests with a database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from psycopg import Connection
from psycopg.types.json import Jsonb

from headwater.events import metrics, store
from headwater.events.store import Event


def publish(conn: Connection, workspace: int, now: datetime, *steps: Any, **more: Any) -> int:
    """A live flow with one version, whose emails have no content; its id."""
    tree = {"flow": "a-flow", "trigger": {"metric": "Viewed Product"}, "steps": list(steps), **more}
    row = conn.execute(
        """
        INSERT INTO flow (workspace_id, slug, name, status, live_version, created_at, updated_at)
        VALUES (%s, %s, %s, 'live', 1, %s, %s)
        RETURNING id
        """,
        (workspace, tree["flow"], tree["flow"], now, now),
    ).fetchone()
    assert row is not None
    add_version(conn, workspace, row[0], 1, tree, now)
    return int(row[0])


def add_version(
    conn: Connection, workspace: int, flow_id: int, version: int, tree: Mapping[str, Any], now: datetime
) -> None:
    conn.execute(
        """
        INSERT INTO flow_version (workspace_id, flow_id, version, definition, published_at)
        VALUES (%s, %s, %s, %s, %s)
        """,
        (workspace, flow_id, version, Jsonb(tree), now),
    )
    conn.execute("UPDATE flow SET live_version = %s WHERE workspace_id = %s AND id = %s", (version, workspace, flow_id))


def people(conn: Connection, workspace: int, now: datetime, count: int, *, email: bool = True) -> list[int]:
    rows = conn.execute(
        """
        INSERT INTO profile (workspace_id, email, timezone, created_at, updated_at)
        SELECT %(w)s, CASE WHEN %(email)s THEN 'p' || n || '@example.com' END, 'America/New_York', %(now)s, %(now)s
        FROM generate_series(1, %(count)s) AS n
        RETURNING id
        """,
        {"w": workspace, "now": now, "count": count, "email": email},
    ).fetchall()
    return [row[0] for row in rows]


def event(
    conn: Connection,
    workspace: int,
    profile_id: int,
    metric: str,
    ts: datetime,
    properties: Mapping[str, Any] | None = None,
    *,
    value: float | None = None,
    history: bool = False,
    key: str = "",
) -> Event:
    metric_id = metrics.ids(conn, workspace, [metric], ts)[metric]
    identity: UUID = uuid5(NAMESPACE_OID, f"{workspace}/{profile_id}/{metric}/{ts.isoformat()}/{key}")
    return Event(
        id=identity,
        ts=ts,
        metric=metric,
        metric_id=metric_id,
        profile_id=profile_id,
        value=value,
        properties=dict(properties or {}),
        history=history,
    )


def stored(conn: Connection, workspace: int, events: Sequence[Event], now: datetime) -> list[Event]:
    return store.append(conn, workspace, events, now)


def did(
    conn: Connection,
    workspace: int,
    profile_id: int,
    metric: str,
    ts: datetime,
    properties: Mapping[str, Any] | None = None,
) -> list[Event]:
    """Store one event, as the processor would before it calls the flows."""
    return stored(conn, workspace, [event(conn, workspace, profile_id, metric, ts, properties)], ts)


def enrolments(conn: Connection, workspace: int) -> list[dict[str, Any]]:
    cursor = conn.execute(
        """
        SELECT id, flow_id, profile_id, entry_key, version, started_at, step, state, reason, wake_at
        FROM enrolment
        WHERE workspace_id = %s
        ORDER BY id
        """,
        (workspace,),
    )
    assert cursor.description is not None
    names = [column.name for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def messages(conn: Connection, workspace: int) -> list[tuple[str, int, str, str | None, datetime]]:
    """(step, profile, state, reason, send_at), in the order they are due."""
    return conn.execute(
        """
        SELECT step, profile_id, state, reason, send_at
        FROM message
        WHERE workspace_id = %s
        ORDER BY send_at, id
        """,
        (workspace,),
    ).fetchall()


def enrol(
    conn: Connection,
    workspace: int,
    flow_id: int,
    profile_ids: Iterable[int],
    at: datetime,
    *,
    step: str | None = None,
    wake_in: timedelta = timedelta(0),
) -> None:
    """Enrolments that wait before a step."""
    conn.execute(
        """
        INSERT INTO enrolment (workspace_id, flow_id, profile_id, entry_key, version, started_at, entered_at,
                               trigger, step, wake_at)
        SELECT %(w)s, %(flow)s, id, 'given', 1, %(at)s, %(at)s, '{}', %(step)s, %(wake)s
        FROM unnest(%(ids)s::bigint[]) AS given (id)
        """,
        {"w": workspace, "flow": flow_id, "at": at, "step": step, "wake": at + wake_in, "ids": list(profile_ids)},
    )
