"""The flow's half of "why": what each step decided for each enrolment, appended, never changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import orjson
from psycopg import Connection

from headwater.flows.engine import Note


def write(conn: Connection, workspace_id: int, notes: Iterable[tuple[int, Note]], at: datetime) -> None:
    """Append what was decided, as (enrolment, note), in one COPY."""
    rows = [
        (
            workspace_id,
            enrolment_id,
            note.step,
            at,
            note.outcome,
            orjson.dumps(note.detail).decode() if note.detail else None,
        )
        for enrolment_id, note in notes
    ]
    if not rows:
        return
    with (
        conn.cursor() as cursor,
        cursor.copy("COPY enrolment_step (workspace_id, enrolment_id, step, at, outcome, detail) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)
