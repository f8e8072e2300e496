"""A claim on calls: a lease with a fence, from the moment rows are locked until their outcome is known.

Statements only, and how the hosts do that are called; what an answer means is decided in `call_outcomes`, and `calling`
puts it all together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from headwater.flows.calls.outbox import Kind
from headwater.flows.calls.outcomes import HostHealth, Settlement, room_at

LEASE = timedelta(seconds=60)
"""How long a claim stays with a worker that says nothing; wall clock. An attempt takes half of it at most."""

GAVE_UP = "Given up: it could not be delivered within 24 hours."


@dataclass(frozen=True, slots=True)
class Claimed:
    """A call that this worker makes now. A fence that no longer fits settles nothing."""

    workspace_id: int
    id: int
    fence: int
    flow: str  # its slug
    step: str
    profile_id: int
    kind: Kind
    host: str
    spec: Mapping[str, Any]
    trigger: Mapping[str, Any]
    attempts: int  # before this one
    deadline: datetime
    reached: Sequence[str]


# Of a host: it may be called, and a call is due. One entry of flow_call_due; asked like this, the planner cannot choose
# to read the whole backlog instead.
_HAS_WORK = """(h.open_until IS NULL OR h.open_until <= %(now)s)
          AND (
              SELECT c.next_at
              FROM flow_call c
              WHERE c.workspace_id = h.workspace_id
                AND c.host = h.host
                AND c.state = 'planned'
              ORDER BY c.next_at
              LIMIT 1
          ) <= %(now)s"""


def workspaces_with_work(conn: Connection, now: datetime, wall: datetime) -> list[int]:
    """The workspaces in which a call is due, has run out of time or lost its worker. Looks across workspaces."""
    # For the idle poll: one entry a host and index (flow_call_due, flow_call_leased, flow_call_deadline).
    rows = conn.execute(
        f"""
        SELECT DISTINCT h.workspace_id
        FROM flow_call_host h
        WHERE {_HAS_WORK}
          OR (
              SELECT c.lease_until
              FROM flow_call c
              WHERE c.workspace_id = h.workspace_id
                AND c.host = h.host
                AND c.state = 'claimed'
              ORDER BY c.lease_until
              LIMIT 1
          ) < %(wall)s
          OR (
              SELECT c.deadline
              FROM flow_call c
              WHERE c.workspace_id = h.workspace_id
                AND c.state = 'planned'
              ORDER BY c.deadline
              LIMIT 1
          ) < %(now)s
        ORDER BY h.workspace_id
        """,  # noqa: S608  a constant of this module
        {"now": now, "wall": wall},
    ).fetchall()
    return [row[0] for row in rows]


def give_up(conn: Connection, workspace_id: int, now: datetime, limit: int = 1000) -> int:
    """End calls whose time ran out while they waited, whoever they waited for. Answers how many."""
    # Index flow_call_deadline; the error of the last attempt stays, it says why.
    return conn.execute(
        """
        UPDATE flow_call
        SET state = 'failed',
            error = COALESCE(flow_call.error || ' ', '') || %(words)s,
            finished_at = %(now)s
        FROM (
            SELECT id
            FROM flow_call
            WHERE workspace_id = %(workspace)s
              AND state = 'planned'
              AND deadline < %(now)s
            ORDER BY deadline
            LIMIT %(limit)s
            FOR UPDATE SKIP LOCKED
        ) AS late
        WHERE flow_call.workspace_id = %(workspace)s
          AND flow_call.id = late.id
        """,
        {"workspace": workspace_id, "now": now, "words": GAVE_UP, "limit": limit},
    ).rowcount


_CLAIMED = """
    c.workspace_id, c.id, c.fence, f.slug AS flow, c.step, c.profile_id, c.kind, c.host, c.spec, c.trigger, c.attempts,
    c.deadline, c.reached
"""


def lost(conn: Connection, workspace_id: int, wall: datetime, limit: int = 100) -> list[Claimed]:
    """Lock calls whose worker is gone: their lease ran out. The caller settles them."""
    with conn.cursor(row_factory=class_row(Claimed)) as cursor:
        # Index flow_call_leased: never more entries than the workers have slots.
        return cursor.execute(
            f"""
            SELECT {_CLAIMED}
            FROM flow_call c
            JOIN flow f
              ON f.workspace_id = c.workspace_id
             AND f.id = c.flow_id
            WHERE c.workspace_id = %(workspace)s
              AND c.state = 'claimed'
              AND c.lease_until < %(wall)s
            LIMIT %(limit)s
            FOR UPDATE OF c SKIP LOCKED
            """,  # noqa: S608  a constant of this module
            {"workspace": workspace_id, "wall": wall, "limit": limit},
        ).fetchall()


def claim(conn: Connection, workspace_id: int, now: datetime, wall: datetime, limit: int) -> list[Claimed]:
    """Up to `limit` due calls for this worker, no more of a host at a time than it may have; fair among hosts.

    The hosts' rows are locked first, and one that has stopped answering is asked by a single call at a time.
    """
    hosts = _hosts_with_work(conn, workspace_id, now)
    if not hosts:
        return []
    with conn.cursor(row_factory=class_row(Claimed)) as cursor:
        # A statement of its own: it sees what other workers claimed before they let go of the hosts' rows.
        # Indexes flow_call_leased (what a host has in hand) and flow_call_due, read in its order.
        return cursor.execute(
            f"""
            WITH due AS (
                SELECT picked.id
                FROM unnest(%(hosts)s::text[], %(most)s::int[]) AS h (host, most)
                CROSS JOIN LATERAL (
                    SELECT h.most - count(*) AS free
                    FROM flow_call held
                    WHERE held.workspace_id = %(workspace)s
                      AND held.host = h.host
                      AND held.state = 'claimed'
                ) AS room
                CROSS JOIN LATERAL (
                    SELECT d.id, d.next_at
                    FROM flow_call d
                    WHERE d.workspace_id = %(workspace)s
                      AND d.host = h.host
                      AND d.state = 'planned'
                      AND d.next_at <= %(now)s
                      AND d.deadline >= %(now)s
                    ORDER BY d.next_at
                    LIMIT GREATEST(room.free, 0)
                    FOR UPDATE SKIP LOCKED
                ) AS picked
                ORDER BY row_number() OVER (PARTITION BY h.host ORDER BY picked.next_at), picked.next_at
                LIMIT %(limit)s
            ), c AS (
                UPDATE flow_call
                SET state = 'claimed',
                    fence = flow_call.fence + 1,
                    lease_until = %(lease_until)s
                FROM due
                WHERE flow_call.workspace_id = %(workspace)s
                  AND flow_call.id = due.id
                RETURNING flow_call.*
            )
            SELECT {_CLAIMED}
            FROM c
            JOIN flow f
              ON f.workspace_id = c.workspace_id
             AND f.id = c.flow_id
            """,  # noqa: S608  a constant of this module
            {
                "workspace": workspace_id,
                "now": now,
                "lease_until": wall + LEASE,
                "limit": limit,
                "hosts": list(hosts),
                "most": list(hosts.values()),
            },
        ).fetchall()


def _hosts_with_work(conn: Connection, workspace_id: int, now: datetime) -> dict[str, int]:
    """Lock the hosts that may be called and have a call due: how many calls each may have in hand at once."""
    # One entry of flow_call_due a host. Waits for other workers' locks, which last for a claim or a settlement.
    rows = conn.execute(
        f"""
        SELECT h.host, h.failures
        FROM flow_call_host h
        WHERE h.workspace_id = %(workspace)s
          AND {_HAS_WORK}
        ORDER BY h.host
        FOR UPDATE OF h
        """,  # noqa: S608  a constant of this module
        {"workspace": workspace_id, "now": now},
    ).fetchall()
    return {host: room_at(failures) for host, failures in rows}


def settle(
    conn: Connection, workspace_id: int, settled: Sequence[tuple[Claimed, Settlement]], now: datetime
) -> set[int]:
    """Write what became of attempts; answers the ids of those whose fence still fits.

    What was delivered counts as well when its lease ran out meanwhile, unless another worker has claimed it since.
    """
    # Primary key.
    rows = conn.execute(
        """
        UPDATE flow_call
        SET state = became.state,
            attempts = flow_call.attempts + 1,
            next_at = COALESCE(became.next_at, flow_call.next_at),
            lease_until = NULL,
            reached = flow_call.reached || string_to_array(became.reached, ' '),
            response_status = became.status,
            error = became.error,
            finished_at = CASE WHEN became.state <> 'planned' THEN %(now)s::timestamptz END
        FROM unnest(%(ids)s::bigint[], %(fences)s::bigint[], %(states)s::text[], %(next)s::timestamptz[],
                    %(reached)s::text[], %(statuses)s::int[], %(errors)s::text[])
             AS became (id, fence, state, next_at, reached, status, error)
        WHERE flow_call.workspace_id = %(workspace)s
          AND flow_call.id = became.id
          AND flow_call.fence = became.fence
          AND (flow_call.state = 'claimed' OR flow_call.state = 'planned' AND became.state = 'done')
        RETURNING flow_call.id
        """,
        {
            "workspace": workspace_id,
            "now": now,
            "ids": [claimed.id for claimed, _ in settled],
            "fences": [claimed.fence for claimed, _ in settled],
            "states": [became.state for _, became in settled],
            "next": [became.next_at for _, became in settled],
            "reached": [" ".join(became.reached) for _, became in settled],
            "statuses": [became.status for _, became in settled],
            "errors": [_stored(became.error) for _, became in settled],
        },
    ).fetchall()
    return {row[0] for row in rows}


def _stored(error: str | None) -> str | None:
    """What others said, as PostgreSQL takes it: without NUL or broken characters, and not endless."""
    return error.replace("\x00", "").encode("utf-8", "replace").decode()[:1000] if error else None


def give_back(conn: Connection, workspace_id: int, claims: Sequence[Claimed]) -> None:
    """Calls that were not finished are planned again at once, without an attempt. For a clean stop. Primary key."""
    conn.execute(
        """
        UPDATE flow_call
        SET state = 'planned',
            lease_until = NULL
        FROM unnest(%(ids)s::bigint[], %(fences)s::bigint[]) AS held (id, fence)
        WHERE flow_call.workspace_id = %(workspace)s
          AND flow_call.id = held.id
          AND flow_call.fence = held.fence
          AND flow_call.state = 'claimed'
        """,
        {
            "workspace": workspace_id,
            "ids": [claimed.id for claimed in claims],
            "fences": [claimed.fence for claimed in claims],
        },
    )


def health(conn: Connection, workspace_id: int, hosts: Sequence[str]) -> dict[str, HostHealth]:
    """Lock these hosts' rows and say how they do. In the order of their names, as claims lock them. Primary key."""
    rows = conn.execute(
        """
        SELECT host, failures, openings, open_until
        FROM flow_call_host
        WHERE workspace_id = %(workspace)s
          AND host = ANY (%(hosts)s)
        ORDER BY host
        FOR UPDATE
        """,
        {"workspace": workspace_id, "hosts": list(hosts)},
    ).fetchall()
    return {host: HostHealth(*kept) for host, *kept in rows}


def note_health(conn: Connection, workspace_id: int, found: Mapping[str, HostHealth]) -> None:
    """Keep how hosts do, for all workers. Their rows are locked by `health`. Primary key."""
    conn.execute(
        """
        UPDATE flow_call_host
        SET failures = seen.failures,
            openings = seen.openings,
            open_until = seen.open_until
        FROM unnest(%(hosts)s::text[], %(failures)s::int[], %(openings)s::int[], %(until)s::timestamptz[])
             AS seen (host, failures, openings, open_until)
        WHERE flow_call_host.workspace_id = %(workspace)s
          AND flow_call_host.host = seen.host
        """,
        {
            "workspace": workspace_id,
            "hosts": list(found),
            "failures": [one.failures for one in found.values()],
            "openings": [one.openings for one in found.values()],
            "until": [one.open_until for one in found.values()],
        },
    )
