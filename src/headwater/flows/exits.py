"""Leaving a flow at once: the event that ends it closes the enrolments that wait, and takes back what they planned.

An exit that looks at more than the event (a condition, the event that began the enrolment) is the engine's: `waking`
has it look at once. The gate asks the same again in the transaction that claims a message (`source`), for what is
decided in between.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from headwater.delivery import ledger
from headwater.delivery.reasons import Reason
from headwater.events import metrics
from headwater.events.store import Event
from headwater.flows import journal
from headwater.flows.engine import EXIT_EVENT, Note
from headwater.flows.live import Flow
from headwater.segments.language import matches

UNSUBSCRIBED = "unsubscribed"
RESTARTED = "restarted"


@dataclass(frozen=True)
class _Ending:
    """Ends a profile's enrolments in a flow that began by `ts`; strictly before, if such an event starts the flow."""

    flow_id: int
    profile_id: int
    ts: datetime
    strictly: bool
    reason: str
    metric: str


def close(conn: Connection, workspace_id: int, flows: Sequence[Flow], events: Iterable[Event], now: datetime) -> int:
    """End the waiting enrolments that these events end. Late and imported events end flows too. Answers how many.

    Who finishes on an earlier version is only looked at: that version's exits count for them, and the engine knows it.
    """
    endings = _endings(flows, events)
    if not endings:
        return 0
    # Index enrolment_profile. Locked in the order of ids, as every writer of several enrolments does.
    rows = conn.execute(
        """
        WITH found AS (
            SELECT e.id, e.pinned, ended.reason, ended.metric
            FROM unnest(%(flows)s::bigint[], %(profiles)s::bigint[], %(ts)s::timestamptz[], %(strictly)s::boolean[],
                        %(reasons)s::text[], %(metrics)s::text[])
                 AS ended (flow_id, profile_id, ts, strictly, reason, metric)
            JOIN enrolment e
              ON e.workspace_id = %(workspace)s
             AND e.flow_id = ended.flow_id
             AND e.profile_id = ended.profile_id
            WHERE e.state = 'waiting'
              AND e.started_at <= ended.ts
              AND NOT (ended.strictly AND e.started_at = ended.ts)
            ORDER BY e.id
            FOR NO KEY UPDATE OF e
        ), looked_at AS (
            UPDATE enrolment
            SET due_at = COALESCE(enrolment.due_at, enrolment.wake_at),
                wake_at = %(now)s
            FROM found
            WHERE enrolment.workspace_id = %(workspace)s
              AND enrolment.id = found.id
              AND found.pinned
        )
        UPDATE enrolment
        SET state = 'exited',
            reason = found.reason,
            wake_at = NULL,
            due_at = NULL,
            held = NULL,
            finished_at = %(now)s
        FROM found
        WHERE enrolment.workspace_id = %(workspace)s
          AND enrolment.id = found.id
          AND NOT found.pinned
        RETURNING enrolment.id, COALESCE(enrolment.step, ''), found.reason, found.metric, enrolment.flow_id
        """,
        {
            "workspace": workspace_id,
            "now": now,
            "flows": [ending.flow_id for ending in endings],
            "profiles": [ending.profile_id for ending in endings],
            "ts": [ending.ts for ending in endings],
            "strictly": [ending.strictly for ending in endings],
            "reasons": [ending.reason for ending in endings],
            "metrics": [ending.metric for ending in endings],
        },
    ).fetchall()
    if rows:
        _take_back(conn, workspace_id, rows, now)
    return len(rows)


def _take_back(
    conn: Connection, workspace_id: int, ended: Sequence[tuple[int, str, str, str, int]], now: datetime
) -> None:
    by_event = [row[0] for row in ended if row[2] == EXIT_EVENT]
    by_unsubscribe = [row[0] for row in ended if row[2] == UNSUBSCRIBED]
    if by_event:
        ledger.cancel_for_enrolments(conn, workspace_id, by_event, Reason.FAILED_EXIT_CONDITION, now)
    if by_unsubscribe:
        ledger.cancel_for_enrolments(conn, workspace_id, by_unsubscribe, Reason.UNSUBSCRIBED, now)
    notes = ((row[4], row[0], Note(row[1], "exited", {"reason": row[2], "event": row[3]})) for row in ended)
    journal.write(conn, workspace_id, notes, now)


def end(
    conn: Connection, workspace_id: int, enrolment_ids: Collection[int], why: str, reason: Reason, now: datetime
) -> int:
    """End these enrolments where they wait, and take back what they planned. Answers how many waited."""
    # For a key that starts anew, a resumed flow, a publish. Primary key.
    rows = conn.execute(
        """
        UPDATE enrolment
        SET state = 'exited',
            reason = %(why)s,
            wake_at = NULL,
            due_at = NULL,
            held = NULL,
            finished_at = %(now)s
        WHERE workspace_id = %(workspace)s
          AND id = ANY (%(ids)s)
          AND state = 'waiting'
        RETURNING flow_id, id, COALESCE(step, '')
        """,
        {"workspace": workspace_id, "now": now, "ids": sorted(enrolment_ids), "why": why},
    ).fetchall()
    if rows:
        ledger.cancel_for_enrolments(conn, workspace_id, [row[1] for row in rows], reason, now)
        notes = ((row[0], row[1], Note(row[2], "exited", {"reason": why})) for row in rows)
        journal.write(conn, workspace_id, notes, now)
    return len(rows)


def restart(conn: Connection, workspace_id: int, enrolment_ids: Collection[int], now: datetime) -> None:
    """The key of these enrolments starts anew: they end, and what they planned is cancelled."""
    end(conn, workspace_id, enrolment_ids, RESTARTED, Reason.CANCELLED, now)


def _endings(flows: Sequence[Flow], events: Iterable[Event]) -> list[_Ending]:
    """The latest ending of each flow and profile."""
    watched = defaultdict(list)
    for flow in flows:
        for exit_on in flow.definition.exit_on:
            if exit_on.direct:
                assert exit_on.event is not None
                watched[exit_on.event.metric].append((flow, exit_on.event.where, EXIT_EVENT))
        if flow.marketing_only:
            watched[metrics.UNSUBSCRIBED].append((flow, None, UNSUBSCRIBED))
    latest: dict[tuple[int, int], _Ending] = {}
    for event in events:
        for flow, where, reason in watched.get(event.metric, ()):
            key = (flow.id, event.profile_id)
            if key in latest and latest[key].ts >= event.ts:
                continue
            if matches(where, event.properties, event.value):
                strictly = event.metric == flow.definition.trigger_metric
                latest[key] = _Ending(flow.id, event.profile_id, event.ts, strictly, reason, event.metric)
    return list(latest.values())
