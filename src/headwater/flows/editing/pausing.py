"""Pausing a flow freezes its people where they are; resuming lets them go on; archiving ends it for all of them.

What came due meanwhile is overdue. Whoever resumes says what becomes of it: sent now, skipped, or left with the people
who were to get it. Without a word, an email goes unless it is more than 24 hours late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from headwater.delivery import ledger
from headwater.delivery.reasons import Reason
from headwater.flows import exits
from headwater.flows.editing import versions
from headwater.flows.editing.versions import SOURCE, FlowRow
from headwater.flows.errors import FlowError
from headwater.flows.source import HOLD

SEND, SKIP, EXIT = "send", "skip", "exit"
OVERDUE = (SEND, SKIP, EXIT)
"""What becomes of those whose step came due while the flow was paused."""

LEFT_OVERDUE = "overdue"
LEFT_ARCHIVED = "flow_archived"
CHUNK = 10_000


@dataclass(frozen=True)
class Overdue:
    """What came due while a flow was paused."""

    people: int = 0
    """Whose step came due,"""
    messages: int = 0
    """and emails that were planned before and have not gone."""


def pause(conn: Connection, workspace_id: int, slug: str, now: datetime) -> None:
    """Nobody enters, and nobody inside goes on. Raises UnknownFlow, FlowError."""
    row = _published(conn, workspace_id, slug)
    _set(conn, workspace_id, row, "paused", now)


def resume(conn: Connection, workspace_id: int, slug: str, now: datetime, overdue: str | None = None) -> Overdue:
    """Live again. `overdue` says what becomes of what came due meanwhile: send, skip or exit; None: emails that are
    more than 24 hours late are skipped. Answers what `overdue` concerned. Raises UnknownFlow, FlowError.
    """
    if overdue is not None and overdue not in OVERDUE:
        raise FlowError("overdue", f"must be one of {', '.join(OVERDUE)}")
    row = _published(conn, workspace_id, slug)
    was_paused = row.status == "paused"
    _set(conn, workspace_id, row, "live", now)
    if not was_paused or overdue is None:
        return Overdue()
    if overdue == SEND:
        return Overdue(*_send(conn, workspace_id, row.id, now))
    if overdue == SKIP:
        return Overdue(*_skip(conn, workspace_id, row.id, now))
    return Overdue(*_exit(conn, workspace_id, row.id, now))


def archive(conn: Connection, workspace_id: int, slug: str, now: datetime) -> None:
    """Nobody goes on: those who wait leave, and what they planned is cancelled. Raises UnknownFlow."""
    row = versions.find(conn, workspace_id, slug, lock=True)
    _set(conn, workspace_id, row, "archived", now)
    # Index enrolment_due.
    conn.execute(
        """
        UPDATE enrolment
        SET state = 'exited',
            reason = %(reason)s,
            wake_at = NULL,
            due_at = NULL,
            held = NULL,
            finished_at = %(now)s
        WHERE workspace_id = %(workspace)s
          AND flow_id = %(flow)s
          AND state = 'waiting'
        """,
        {"workspace": workspace_id, "flow": row.id, "reason": LEFT_ARCHIVED, "now": now},
    )
    ledger.cancel(conn, workspace_id, SOURCE, row.id, Reason.FLOW_ARCHIVED, now)


def overdue(conn: Connection, workspace_id: int, slug: str, now: datetime) -> Overdue:
    """What `resume` would be asked about. Nothing, unless the flow is paused. Raises UnknownFlow."""
    row = versions.find(conn, workspace_id, slug)
    if row.status != "paused":
        return Overdue()
    # Indexes enrolment_due and message_due.
    counted = conn.execute(
        f"""
        SELECT (SELECT count(*) FROM enrolment WHERE {_DUE}),
               (SELECT count(*) FROM message WHERE {_PLANNED})
        """,  # noqa: S608 - constants
        _values(workspace_id, row.id, now),
    ).fetchone()
    assert counted is not None
    return Overdue(*counted)


def _published(conn: Connection, workspace_id: int, slug: str) -> FlowRow:
    row = versions.find(conn, workspace_id, slug, lock=True)
    if row.version is None:
        raise FlowError("status", "the flow has not been published yet; apply it first")
    return row


def _set(conn: Connection, workspace_id: int, row: FlowRow, status: str, now: datetime) -> None:
    # Primary key.
    conn.execute(
        """
        UPDATE flow
        SET status = %(status)s,
            updated_at = %(now)s
        WHERE workspace_id = %(workspace)s
          AND id = %(id)s
        """,
        {"workspace": workspace_id, "id": row.id, "status": status, "now": now},
    )


# ── overdue ─────────────────────────────────────────────────────────────────────────────────────────────────────────
_DUE = """workspace_id = %(workspace)s
          AND flow_id = %(flow)s
          AND state = 'waiting'
          AND wake_at <= %(now)s
          AND COALESCE(due_at, wake_at) <= %(now)s"""
"""Whose step came due; not whom something else would have had a look at."""

_PLANNED = """workspace_id = %(workspace)s
          AND source = 'flow'
          AND source_id = %(flow)s
          AND state = 'planned'
          AND send_at <= %(soon)s
          AND COALESCE(wanted_at, send_at) <= %(now)s"""
"""Emails that only the pause keeps from going: they are looked at again and again, and so are due a moment later."""


def _values(workspace_id: int, flow_id: int, now: datetime) -> dict[str, object]:
    return {"workspace": workspace_id, "flow": flow_id, "now": now, "soon": now + HOLD}


def _send(conn: Connection, workspace_id: int, flow_id: int, now: datetime) -> tuple[int, int]:
    """As if it came due this moment: nothing of it is late."""
    values = _values(workspace_id, flow_id, now)
    # Index enrolment_due.
    people = conn.execute(
        f"""
        UPDATE enrolment
        SET wake_at = %(now)s,
            due_at = NULL
        WHERE {_DUE}
        """,  # noqa: S608 - a constant
        values,
    ).rowcount
    # Index message_due.
    messages = conn.execute(
        f"""
        UPDATE message
        SET send_at = %(now)s,
            wanted_at = NULL
        WHERE {_PLANNED}
        """,  # noqa: S608 - a constant
        values,
    ).rowcount
    return people, messages


def _skip(conn: Connection, workspace_id: int, flow_id: int, now: datetime) -> tuple[int, int]:
    """The engine skips what these people come to in their next turn. What a review decided about stays decided."""
    values = _values(workspace_id, flow_id, now)
    # Index enrolment_due.
    people = conn.execute(
        f"""
        UPDATE enrolment
        SET held = 'overdue'
        WHERE {_DUE}
          AND held IS NULL
        """,  # noqa: S608 - a constant
        values,
    ).rowcount
    return people, _skip_messages(conn, workspace_id, flow_id, now)


def _exit(conn: Connection, workspace_id: int, flow_id: int, now: datetime) -> tuple[int, int]:
    """These people leave, and no email goes that came due meanwhile."""
    values = _values(workspace_id, flow_id, now)
    messages = _skip_messages(conn, workspace_id, flow_id, now)
    # Index enrolment_due.
    rows = conn.execute(f"SELECT id FROM enrolment WHERE {_DUE} ORDER BY id", values).fetchall()  # noqa: S608
    people = 0
    for start in range(0, len(rows), CHUNK):
        chunk = [row[0] for row in rows[start : start + CHUNK]]
        people += exits.end(conn, workspace_id, chunk, LEFT_OVERDUE, Reason.OVERDUE, now)
    return people, messages


def _skip_messages(conn: Connection, workspace_id: int, flow_id: int, now: datetime) -> int:
    # Index message_due.
    return conn.execute(
        f"""
        UPDATE message
        SET state = 'skipped',
            reason = %(reason)s,
            finished_at = %(now)s
        WHERE {_PLANNED}
        """,  # noqa: S608 - a constant
        _values(workspace_id, flow_id, now) | {"reason": Reason.OVERDUE},
    ).rowcount
