"""The message ledger: one row per intended email, and everything that moves it from state to state.

planned → claimed → sent → bounced / complained, or skipped, cancelled, failed (each with a reason). A claim is a lease
with a fence: what a late worker brings back no longer fits. Knows nothing of gates, content or SMTP.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from headwater.core import arrays, partitions
from headwater.delivery.reasons import Reason


@dataclass(frozen=True, slots=True)
class Intent:
    """One wanted email. All but `send_at` and the version is its key: to intend it twice is to intend it once."""

    source: str
    source_id: int
    step: str
    profile_id: int
    occurrence: int
    origin_at: datetime
    """Constant for the source's occurrence: when the enrolment began, when the campaign was scheduled."""
    send_at: datetime
    template_version_id: int | None = None
    skip: Reason | None = None
    """Set: it will not go, for this reason; the row says so (a draft, a step that was declined)."""


@dataclass(frozen=True)
class Progress:
    """How far a source's messages are."""

    states: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    """Of the skipped, cancelled and failed."""
    opened: int = 0
    clicked: int = 0

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def open(self) -> int:
        """Not finished yet."""
        return self.states.get("planned", 0) + self.states.get("claimed", 0)


@dataclass(frozen=True)
class LedgerEntry:
    """One message as people see it."""

    id: int
    source: str
    source_id: int
    step: str
    profile_id: int
    occurrence: int
    state: str
    reason: str | None
    detail: str | None
    planned_at: datetime
    send_at: datetime
    attempts: int
    address: str | None
    sent_at: datetime | None
    finished_at: datetime | None
    opened_at: datetime | None
    clicked_at: datetime | None
    template_version_id: int | None
    context: dict[str, Any] | None


# Intend: for flows' runner and test sends. The order of insertion is the key's, so that two writers cannot deadlock.
# Unique index: (workspace_id, source, source_id, step, profile_id, occurrence, origin_at).
_INTEND = """
INSERT INTO message (workspace_id, origin_at, source, source_id, step, profile_id, occurrence,
                     template_version_id, planned_at, send_at, state, reason, finished_at)
SELECT %(workspace)s, wanted.origin_at, wanted.source, wanted.source_id, wanted.step, wanted.profile_id,
       wanted.occurrence, wanted.template_version_id, %(now)s, wanted.send_at,
       CASE WHEN wanted.skip IS NULL THEN 'planned' ELSE 'skipped' END, wanted.skip,
       CASE WHEN wanted.skip IS NOT NULL THEN %(now)s::timestamptz END
FROM unnest(%(sources)s::text[], %(source_ids)s::bigint[], %(steps)s::text[], %(profiles)s::bigint[],
            %(occurrences)s::bigint[], %(origins)s::timestamptz[], %(send_ats)s::timestamptz[], %(versions)s::bigint[],
            %(skips)s::text[])
     AS wanted (source, source_id, step, profile_id, occurrence, origin_at, send_at, template_version_id, skip)
ORDER BY wanted.source, wanted.source_id, wanted.step, wanted.profile_id, wanted.occurrence
ON CONFLICT (workspace_id, source, source_id, step, profile_id, occurrence, origin_at) DO NOTHING
"""


def intend(conn: Connection, workspace_id: int, intents: Sequence[Intent], now: datetime) -> int:
    """Write the intents that are not in the ledger yet; answers how many were new."""
    if not intents:
        return 0
    partitions.ensure(conn, "message", {intent.origin_at for intent in intents})
    return conn.execute(
        _INTEND,
        {
            "workspace": workspace_id,
            "now": now,
            "sources": arrays.texts([intent.source for intent in intents]),
            "source_ids": arrays.plain([intent.source_id for intent in intents]),
            "steps": arrays.texts([intent.step for intent in intents]),
            "profiles": arrays.plain([intent.profile_id for intent in intents]),
            "occurrences": arrays.plain([intent.occurrence for intent in intents]),
            "origins": arrays.instants([intent.origin_at for intent in intents]),
            "send_ats": arrays.instants([intent.send_at for intent in intents]),
            "versions": [intent.template_version_id for intent in intents],
            "skips": arrays.texts([intent.skip for intent in intents]),
        },
    ).rowcount


def intend_query(selection: str) -> str:
    """INSERT … SELECT of one message per profile that `selection` yields (a query of a single column, profile_id).

    For audiences too large to pass through Python. The caller first calls `partitions.ensure` for `origin_at`, and adds
    to the selection's own parameters: workspace, source, source_id, step, occurrence, origin_at, send_at,
    template_version_id, now. `rowcount` says how many were new.
    """
    return f"""
    INSERT INTO message (workspace_id, origin_at, source, source_id, step, profile_id, occurrence,
                         template_version_id, planned_at, send_at)
    SELECT %(workspace)s, %(origin_at)s::timestamptz, %(source)s, %(source_id)s, %(step)s, chosen.profile_id,
           %(occurrence)s, %(template_version_id)s::bigint, %(now)s::timestamptz, %(send_at)s::timestamptz
    FROM ({selection}) AS chosen (profile_id)
    ON CONFLICT (workspace_id, source, source_id, step, profile_id, occurrence, origin_at) DO NOTHING
    """  # noqa: S608 - the selection is compiled by segments, never typed by a person


def cancel(conn: Connection, workspace_id: int, source: str, source_id: int, reason: Reason, now: datetime) -> int:
    """Cancel what is still planned for a source; what is claimed may be on the wire already. Answers how many."""
    # For a cancelled campaign or an archived flow. Index: the unique key's first columns.
    return conn.execute(
        """
        UPDATE message
        SET state = 'cancelled',
            reason = %(reason)s,
            finished_at = %(now)s
        WHERE workspace_id = %(workspace)s
          AND source = %(source)s
          AND source_id = %(source_id)s
          AND state = 'planned'
        """,
        {"workspace": workspace_id, "source": source, "source_id": source_id, "reason": reason, "now": now},
    ).rowcount


def due_again(conn: Connection, workspace_id: int, source: str, source_id: int, now: datetime) -> int:
    """What is planned for a source is wanted from now on, however long it was held. Answers how many.

    Its lateness counts from now, and so does the time for further attempts.
    """
    # For a campaign that goes on after a pause. Index: the unique key's first columns.
    return conn.execute(
        """
        UPDATE message
        SET send_at = %(now)s,
            wanted_at = NULL,
            deadline = NULL
        WHERE workspace_id = %(workspace)s
          AND source = %(source)s
          AND source_id = %(source_id)s
          AND state = 'planned'
        """,
        {"workspace": workspace_id, "source": source, "source_id": source_id, "now": now},
    ).rowcount


def cancel_for_enrolments(
    conn: Connection, workspace_id: int, enrolment_ids: Collection[int], reason: Reason, now: datetime
) -> int:
    """Cancel what is still planned for enrolments that ended. Answers how many."""
    # For exits, in the transaction that closes the enrolments. Index: message_enrolment.
    return conn.execute(
        """
        UPDATE message
        SET state = 'cancelled',
            reason = %(reason)s,
            finished_at = %(now)s
        WHERE workspace_id = %(workspace)s
          AND occurrence = ANY(%(enrolments)s::bigint[])
          AND occurrence <> 0
          AND source = 'flow'
          AND state = 'planned'
        """,
        {"workspace": workspace_id, "enrolments": list(enrolment_ids), "reason": reason, "now": now},
    ).rowcount


def progress(conn: Connection, workspace_id: int, source: str, source_id: int) -> Progress:
    """Counts of a source's messages, by state and by reason."""
    # For the campaign's page and the API. Index: the unique key's first columns.
    rows = conn.execute(
        """
        SELECT state, reason, count(*), count(opened_at), count(clicked_at)
        FROM message
        WHERE workspace_id = %(workspace)s
          AND source = %(source)s
          AND source_id = %(source_id)s
        GROUP BY state, reason
        """,
        {"workspace": workspace_id, "source": source, "source_id": source_id},
    ).fetchall()
    states: dict[str, int] = {}
    reasons: dict[str, int] = {}
    for state, reason, count, _, _ in rows:
        states[state] = states.get(state, 0) + count
        if reason is not None:
            reasons[reason] = reasons.get(reason, 0) + count
    return Progress(states, reasons, sum(row[3] for row in rows), sum(row[4] for row in rows))


def unfinished(conn: Connection, workspace_id: int, source: str, source_ids: Sequence[int]) -> set[int]:
    """Which of these sources still have a planned or claimed message."""
    # For the campaign runner, which closes a campaign after its last message. Indexes: message_due, message_leased.
    rows = conn.execute(
        """
        SELECT wanted.id
        FROM unnest(%(source_ids)s::bigint[]) AS wanted (id)
        WHERE EXISTS (
            SELECT FROM message
            WHERE workspace_id = %(workspace)s
              AND source = %(source)s
              AND source_id = wanted.id
              AND state = 'planned'
        ) OR EXISTS (
            SELECT FROM message
            WHERE workspace_id = %(workspace)s
              AND source = %(source)s
              AND source_id = wanted.id
              AND state = 'claimed'
        )
        """,
        {"workspace": workspace_id, "source": source, "source_ids": list(source_ids)},
    ).fetchall()
    return {row[0] for row in rows}


_ENTRY = """id, source, source_id, step, profile_id, occurrence, state, reason, detail, planned_at, send_at, attempts,
       address, sent_at, finished_at, opened_at, clicked_at, template_version_id, context"""


def of_profile(conn: Connection, workspace_id: int, profile_id: int, limit: int = 500) -> list[LedgerEntry]:
    """A profile's messages, the latest planned first: delivery's half of "why"."""
    # For `headwater why` and the timeline. Index: message_profile.
    with conn.cursor(row_factory=class_row(LedgerEntry)) as cursor:
        return cursor.execute(
            f"""
            SELECT {_ENTRY}
            FROM message
            WHERE workspace_id = %(workspace)s
              AND profile_id = %(profile)s
            ORDER BY planned_at DESC, id DESC
            LIMIT %(limit)s
            """,  # noqa: S608 - a constant list of columns
            {"workspace": workspace_id, "profile": profile_id, "limit": limit},
        ).fetchall()


def get(conn: Connection, workspace_id: int, message_id: int) -> LedgerEntry | None:
    """One message by its id, for the web view and the API."""
    # Index: the primary key's first columns, in each partition.
    with conn.cursor(row_factory=class_row(LedgerEntry)) as cursor:
        return cursor.execute(
            f"""
            SELECT {_ENTRY}
            FROM message
            WHERE workspace_id = %(workspace)s
              AND id = %(message)s
            """,  # noqa: S608 - a constant list of columns
            {"workspace": workspace_id, "message": message_id},
        ).fetchone()
