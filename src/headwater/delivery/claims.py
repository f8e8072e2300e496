"""A claim on messages: a lease with a fence, from the moment rows are locked until their outcome is known.

Statements only; `claiming` puts them together with gates and content, `sender` renews and gives back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from headwater.delivery.reasons import Reason

LEASE = timedelta(seconds=30)
"""How long a claim stays with a worker that says nothing; wall clock."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A due message, locked by the claiming transaction. `fence` is the one that the claim is about to write."""

    id: int
    origin_at: datetime
    source: str
    source_id: int
    step: str
    profile_id: int
    occurrence: int
    template_version_id: int | None
    planned_at: datetime
    send_at: datetime
    wanted_at: datetime
    """Its first `send_at`: holds do not move it, and lateness counts from here."""
    deadline: datetime | None
    attempts: int
    fence: int
    context: dict[str, Any] | None


def workspaces_with_work(conn: Connection, now: datetime, wall: datetime) -> list[int]:
    """The workspaces in which a message is due or a lease has run out. The one query that looks across workspaces."""
    # For the sender's idle poll. The first entry of message_due and of message_leased, for each workspace: with
    # EXISTS the planner may walk a whole index instead, which grows with all that is planned ahead.
    rows = conn.execute(
        """
        SELECT workspace.id
        FROM workspace
        CROSS JOIN LATERAL (
            (
                SELECT send_at <= %(now)s AS there
                FROM message
                WHERE workspace_id = workspace.id
                  AND state = 'planned'
                ORDER BY send_at
                LIMIT 1
            )
            UNION ALL
            (
                SELECT lease_until < %(wall)s
                FROM message
                WHERE workspace_id = workspace.id
                  AND state = 'claimed'
                ORDER BY lease_until
                LIMIT 1
            )
        ) AS work
        WHERE work.there
        GROUP BY workspace.id
        ORDER BY workspace.id
        """,
        {"now": now, "wall": wall},
    ).fetchall()
    return [row[0] for row in rows]


def reclaim(conn: Connection, workspace_id: int, wall: datetime) -> int:
    """Messages whose lease ran out (their worker is gone) are planned again. Answers how many.

    The fence stays: until somebody claims them anew, a worker that was merely late may still settle them.
    """
    # Index: message_leased. Locked with SKIP LOCKED, so that several workers do not wait for one another.
    return conn.execute(
        """
        UPDATE message
        SET state = 'planned',
            lease_until = NULL,
            attempts = LEAST(message.attempts + 1, 30000)
        FROM (
            SELECT id, origin_at
            FROM message
            WHERE workspace_id = %(workspace)s
              AND state = 'claimed'
              AND lease_until < %(wall)s
            FOR UPDATE SKIP LOCKED
        ) AS orphan
        WHERE message.workspace_id = %(workspace)s
          AND message.id = orphan.id
          AND message.origin_at = orphan.origin_at
        """,
        {"workspace": workspace_id, "wall": wall},
    ).rowcount


def due(conn: Connection, workspace_id: int, now: datetime, limit: int) -> list[Claimed]:
    """Lock up to `limit` due messages that no other transaction holds, the longest waiting first."""
    # Index: message_due.
    rows = conn.execute(
        """
        SELECT id, origin_at, source, source_id, step, profile_id, occurrence, template_version_id,
               planned_at, send_at, COALESCE(wanted_at, send_at), deadline, attempts, fence + 1, context
        FROM message
        WHERE workspace_id = %(workspace)s
          AND state = 'planned'
          AND send_at <= %(now)s
        ORDER BY send_at
        LIMIT %(limit)s
        FOR UPDATE SKIP LOCKED
        """,
        {"workspace": workspace_id, "now": now, "limit": limit},
    ).fetchall()
    return [Claimed(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Key:
    """What names a claimed message in every later statement. A fence that no longer fits names nothing."""

    id: int
    origin_at: datetime
    fence: int


def columns(keys: Sequence[Key]) -> dict[str, Any]:
    return {
        "ids": [key.id for key in keys],
        "origins": [key.origin_at for key in keys],
        "fences": [key.fence for key in keys],
    }


@dataclass(frozen=True, slots=True)
class Claim:
    """What the claim settled for one message."""

    key: Key
    address: str
    template_version_id: int
    context: str | None = None
    """JSON: what it shows besides the person and the event."""
    transactional: bool = False


def write_claims(conn: Connection, workspace_id: int, claims: Sequence[Claim], lease_until: datetime) -> None:
    """Make locked messages claimed."""
    # In the claim's transaction: the rows are locked by `due`. Index: primary key.
    conn.execute(
        """
        UPDATE message
        SET state = 'claimed',
            fence = claim.fence,
            lease_until = %(lease_until)s,
            address = claim.address,
            template_version_id = claim.version,
            context = COALESCE(claim.context::jsonb, message.context),
            transactional = claim.transactional
        FROM unnest(%(ids)s::bigint[], %(origins)s::timestamptz[], %(fences)s::bigint[],
                    %(addresses)s::text[], %(versions)s::bigint[], %(contexts)s::text[], %(transactional)s::boolean[])
             AS claim (id, origin_at, fence, address, version, context, transactional)
        WHERE message.workspace_id = %(workspace)s
          AND message.id = claim.id
          AND message.origin_at = claim.origin_at
        """,
        {
            "workspace": workspace_id,
            "lease_until": lease_until,
            "addresses": [claim.address for claim in claims],
            "versions": [claim.template_version_id for claim in claims],
            "contexts": [claim.context for claim in claims],
            "transactional": [claim.transactional for claim in claims],
            **columns([claim.key for claim in claims]),
        },
    )


def write_skips(
    conn: Connection, workspace_id: int, skips: Sequence[tuple[Key, Reason, str | None]], now: datetime
) -> list[int]:
    """End messages with a reason, before anything left; those whose fence no longer fits stay. Answers which ended."""
    # From the claim (rows locked, fence not yet written) and from the sender (template errors). Index: primary key.
    rows = conn.execute(
        """
        UPDATE message
        SET state = CASE WHEN skip.reason = 'gave_up' THEN 'failed' ELSE 'skipped' END,
            reason = skip.reason,
            detail = COALESCE(skip.detail, message.detail),
            fence = skip.fence,
            lease_until = NULL,
            finished_at = %(now)s
        FROM unnest(%(ids)s::bigint[], %(origins)s::timestamptz[], %(fences)s::bigint[],
                    %(reasons)s::text[], %(details)s::text[])
             AS skip (id, origin_at, fence, reason, detail)
        WHERE message.workspace_id = %(workspace)s
          AND message.id = skip.id
          AND message.origin_at = skip.origin_at
          AND (message.state = 'claimed' AND message.fence = skip.fence
               OR message.state = 'planned' AND message.fence IN (skip.fence, skip.fence - 1))
        RETURNING message.id
        """,
        {
            "workspace": workspace_id,
            "now": now,
            "reasons": [str(skip[1]) for skip in skips],
            "details": [skip[2][:2000] if skip[2] else None for skip in skips],
            **columns([skip[0] for skip in skips]),
        },
    ).fetchall()
    return [row[0] for row in rows]


def hold(conn: Connection, workspace_id: int, held: Sequence[tuple[Key, datetime]]) -> None:
    """Put locked, planned messages off until a later moment, without an attempt. When they were wanted is kept."""
    # Index: primary key.
    conn.execute(
        """
        UPDATE message
        SET send_at = hold.until,
            wanted_at = COALESCE(message.wanted_at, message.send_at)
        FROM unnest(%(ids)s::bigint[], %(origins)s::timestamptz[], %(until)s::timestamptz[])
             AS hold (id, origin_at, until)
        WHERE message.workspace_id = %(workspace)s
          AND message.id = hold.id
          AND message.origin_at = hold.origin_at
        """,
        {
            "workspace": workspace_id,
            "until": [until for _, until in held],
            "ids": [key.id for key, _ in held],
            "origins": [key.origin_at for key, _ in held],
        },
    )


def renew(conn: Connection, workspace_id: int, keys: Sequence[Key], lease_until: datetime) -> set[int]:
    """Lengthen the leases of messages on the wire; answers the ids that are still ours."""
    # For the sender, every few seconds. Index: primary key.
    rows = conn.execute(
        """
        UPDATE message
        SET lease_until = %(lease_until)s
        FROM unnest(%(ids)s::bigint[], %(origins)s::timestamptz[], %(fences)s::bigint[]) AS held (id, origin_at, fence)
        WHERE message.workspace_id = %(workspace)s
          AND message.id = held.id
          AND message.origin_at = held.origin_at
          AND message.fence = held.fence
          AND message.state = 'claimed'
        RETURNING message.id
        """,
        {"workspace": workspace_id, "lease_until": lease_until, **columns(keys)},
    ).fetchall()
    return {row[0] for row in rows}


def give_back(conn: Connection, workspace_id: int, keys: Sequence[Key]) -> int:
    """Claimed messages that were not tried are planned again at once, without an attempt. Answers how many."""
    # For a clean stop, and for claims that grew old before a connection was free. Index: primary key.
    return conn.execute(
        """
        UPDATE message
        SET state = 'planned',
            lease_until = NULL
        FROM unnest(%(ids)s::bigint[], %(origins)s::timestamptz[], %(fences)s::bigint[]) AS held (id, origin_at, fence)
        WHERE message.workspace_id = %(workspace)s
          AND message.id = held.id
          AND message.origin_at = held.origin_at
          AND message.fence = held.fence
          AND message.state = 'claimed'
        """,
        {"workspace": workspace_id, **columns(keys)},
    ).rowcount
