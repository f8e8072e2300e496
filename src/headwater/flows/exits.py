"""Leaving a flow at once: the event that ends it closes the enrolments that wait, and takes back what they planned.

The gate asks the same again in the transaction that claims a message (`source.py`), for what is decided in between.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
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
    """End the waiting enrolments that these events end. Late and imported events end flows too. Answers how many."""
    endings = _endings(flows, events)
    if not endings:
        return 0
    # Index enrolment_profile.
    rows = conn.execute(
        """
        UPDATE enrolment
        SET state = 'exited',
            reason = ended.reason,
            wake_at = NULL,
            finished_at = %(now)s
        FROM unnest(%(flows)s::bigint[], %(profiles)s::bigint[], %(ts)s::timestamptz[], %(strictly)s::boolean[],
                    %(reasons)s::text[], %(metrics)s::text[])
             AS ended (flow_id, profile_id, ts, strictly, reason, metric)
        WHERE enrolment.workspace_id = %(workspace)s
          AND enrolment.flow_id = ended.flow_id
          AND enrolment.profile_id = ended.profile_id
          AND enrolment.state = 'waiting'
          AND enrolment.started_at <= ended.ts
          AND NOT (ended.strictly AND enrolment.started_at = ended.ts)
        RETURNING enrolment.id, COALESCE(enrolment.step, ''), ended.reason, ended.metric
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


def _take_back(conn: Connection, workspace_id: int, ended: Sequence[tuple[int, str, str, str]], now: datetime) -> None:
    by_event = [row[0] for row in ended if row[2] == EXIT_EVENT]
    by_unsubscribe = [row[0] for row in ended if row[2] == UNSUBSCRIBED]
    if by_event:
        ledger.cancel_for_enrolments(conn, workspace_id, by_event, Reason.FAILED_EXIT_CONDITION, now)
    if by_unsubscribe:
        ledger.cancel_for_enrolments(conn, workspace_id, by_unsubscribe, Reason.UNSUBSCRIBED, now)
    notes = ((row[0], Note(row[1], "exited", {"reason": row[2], "event": row[3]})) for row in ended)
    journal.write(conn, workspace_id, notes, now)


def _endings(flows: Sequence[Flow], events: Iterable[Event]) -> list[_Ending]:
    """The latest ending of each flow and profile."""
    watched = defaultdict(list)
    for flow in flows:
        for exit_on in flow.definition.exit_on:
            watched[exit_on.metric].append((flow, exit_on.where, EXIT_EVENT))
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
