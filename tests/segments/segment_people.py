"""People and what they did, written straight into the tables: the segment tests' given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from psycopg import Connection
from psycopg.types.json import Jsonb

from headwater.core import partitions


@dataclass(frozen=True)
class Happened:
    metric: str
    ts: datetime
    value: Decimal | None = None
    properties: Mapping[str, Any] | None = None


def metric(conn: Connection, workspace: int, name: str, at: datetime) -> int:
    row = conn.execute(
        """
        INSERT INTO metric (workspace_id, name, created_at)
        VALUES (%s, %s, %s)
        ON CONFLICT (workspace_id, name) DO UPDATE SET name = excluded.name
        RETURNING id
        """,
        (workspace, name, at),
    ).fetchone()
    assert row is not None
    return int(row[0])


def profile(conn: Connection, workspace: int, at: datetime, **attributes: Any) -> int:
    properties = attributes.pop("properties", {})
    names = list(attributes)
    row = conn.execute(
        f"""
        INSERT INTO profile (workspace_id, created_at, updated_at, properties{"".join(", " + name for name in names)})
        VALUES (%s, %s, %s, %s{", %s" * len(names)})
        RETURNING id
        """,
        (workspace, at, at, Jsonb(properties), *attributes.values()),
    ).fetchone()
    assert row is not None
    return int(row[0])


def events(conn: Connection, workspace: int, profile_id: int, happened: Iterable[Happened]) -> None:
    """Events with the roll-up that intake would write beside them."""
    happened = list(happened)
    partitions.ensure(conn, "event", [event.ts for event in happened])
    for event in happened:
        metric_id = metric(conn, workspace, event.metric, event.ts)
        conn.execute(
            """
            INSERT INTO event (workspace_id, id, ts, metric_id, profile_id, value, received_at, properties)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
            """,
            (
                workspace,
                uuid4(),
                event.ts,
                metric_id,
                profile_id,
                event.value,
                event.ts,
                Jsonb(dict(event.properties or {})),
            ),
        )
        conn.execute(
            """
            INSERT INTO profile_metric AS m (workspace_id, profile_id, metric_id, count, sum, first_ts, last_ts)
            VALUES (%(w)s, %(p)s, %(m)s, 1, COALESCE(%(v)s, 0), %(ts)s, %(ts)s)
            ON CONFLICT (workspace_id, profile_id, metric_id) DO UPDATE
            SET count = m.count + 1,
                sum = m.sum + excluded.sum,
                first_ts = LEAST(m.first_ts, excluded.first_ts),
                last_ts = GREATEST(m.last_ts, excluded.last_ts)
            """,
            {"w": workspace, "p": profile_id, "m": metric_id, "v": event.value, "ts": event.ts},
        )


def a_list(conn: Connection, workspace: int, name: str, at: datetime) -> int:
    row = conn.execute(
        "INSERT INTO list (workspace_id, name, created_at) VALUES (%s, %s, %s) RETURNING id", (workspace, name, at)
    ).fetchone()
    assert row is not None
    return int(row[0])


def on_list(conn: Connection, workspace: int, list_id: int, profile_id: int, at: datetime) -> None:
    conn.execute(
        "INSERT INTO list_member (workspace_id, list_id, profile_id, added_at, method) VALUES (%s, %s, %s, %s, 'test')",
        (workspace, list_id, profile_id, at),
    )


def a_segment(conn: Connection, workspace: int, name: str, at: datetime) -> int:
    """A segment whose membership is written by hand."""
    row = conn.execute(
        """
        INSERT INTO segment (workspace_id, name, definition, created_at, updated_at, live_version)
        VALUES (%s, %s, '[]', %s, %s, 1)
        RETURNING id
        """,
        (workspace, name, at, at),
    ).fetchone()
    assert row is not None
    return int(row[0])


def in_segment(conn: Connection, workspace: int, segment_id: int, profile_id: int, at: datetime) -> None:
    conn.execute(
        "INSERT INTO segment_member (workspace_id, segment_id, version, profile_id, entered_at)"
        " VALUES (%s, %s, 1, %s, %s)",
        (workspace, segment_id, profile_id, at),
    )


def consents(conn: Connection, workspace: int, profile_id: int, state: str, at: datetime, method: str = "test") -> None:
    conn.execute(
        "INSERT INTO consent (workspace_id, profile_id, state, changed_at, method) VALUES (%s, %s, %s, %s, %s)",
        (workspace, profile_id, state, at, method),
    )


def suppressed(conn: Connection, workspace: int, profile_id: int, at: datetime, reason: str = "hard_bounce") -> None:
    conn.execute(
        "INSERT INTO suppression (workspace_id, profile_id, reason, at) VALUES (%s, %s, %s, %s)",
        (workspace, profile_id, reason, at),
    )
