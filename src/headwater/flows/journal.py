"""The flow's half of "why": what each step decided for each enrolment, appended, never changed; and how often, for the
numbers per step, as rows of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import orjson
from psycopg import Connection

from headwater.flows.effects import Note

ENTERED = Note("", "entered")
COMPLETED = Note("", "completed")
"""Counted for the flow, and not written to anybody's way: the enrolment itself says it."""

_COPY = "COPY enrolment_step (workspace_id, enrolment_id, step, at, outcome, detail) FROM STDIN"
_REASONED = frozenset({"skipped", "exited"})


def write(conn: Connection, workspace_id: int, notes: Iterable[tuple[int, int, Note]], at: datetime) -> None:
    """Append what was decided, as (flow, enrolment, note), in one COPY, and count it."""
    counted: Counter[tuple[int, str, str]] = Counter()
    rows = []
    for flow_id, enrolment_id, note in notes:
        counted[flow_id, note.step, _outcome(note)] += 1
        if note is not ENTERED and note is not COMPLETED:
            detail = orjson.dumps(note.detail).decode() if note.detail else None
            rows.append((workspace_id, enrolment_id, note.step, at, note.outcome, detail))
    if rows:
        with conn.cursor() as cursor, cursor.copy(_COPY) as copy:
            for row in rows:
                copy.write_row(row)
    _count(conn, workspace_id, counted, at)


def _outcome(note: Note) -> str:
    """Skips and exits are counted by reason."""
    reason = note.detail.get("reason") if note.detail and note.outcome in _REASONED else None
    return f"{note.outcome}:{reason}" if reason else note.outcome


def _count(conn: Connection, workspace_id: int, counted: Counter[tuple[int, str, str]], at: datetime) -> None:
    if not counted:
        return
    # A row a step and outcome of this batch; `numbers` sums them up.
    conn.execute(
        """
        INSERT INTO flow_step_count (workspace_id, flow_id, step, outcome, at, count)
        SELECT %(workspace)s, n.flow_id, n.step, n.outcome, %(at)s, n.count
        FROM unnest(%(flows)s::bigint[], %(steps)s::text[], %(outcomes)s::text[], %(counts)s::bigint[])
             AS n (flow_id, step, outcome, count)
        """,
        {
            "workspace": workspace_id,
            "at": at,
            "flows": [key[0] for key in counted],
            "steps": [key[1] for key in counted],
            "outcomes": [key[2] for key in counted],
            "counts": list(counted.values()),
        },
    )
