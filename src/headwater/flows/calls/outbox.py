"""The outbox of flows: calls to other systems and notes to the team, written by the runner in its own transaction.

What is planned, what people see of it, and what a merge or an erasure means for it. `calling` carries it out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from psycopg import Connection
from psycopg.rows import class_row

from headwater.core import destinations, jsonb
from headwater.flows.calls.outcomes import GIVE_UP_AFTER

Kind = Literal["webhook", "notice"]

MAIL = "(mail)"
"""The host of notices: the one SMTP server that they all go through."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a step wants done. `spec` is the step's definition, `trigger` what began the enrolment."""

    flow_id: int
    enrolment_id: int
    step: str
    profile_id: int
    kind: Kind
    spec: Mapping[str, Any]
    trigger: Mapping[str, Any]

    @property
    def host(self) -> str:
        return destinations.host_of(str(self.spec.get("url", ""))) if self.kind == "webhook" else MAIL


def plan(conn: Connection, workspace_id: int, calls: Sequence[Call], now: datetime) -> int:
    """Have these calls made. A step of an enrolment is planned once; again does nothing. Answers how many are new."""
    if not calls:
        return 0
    # Where the claims find work. Sorted, so that two runners that add the same new hosts wait in the same order.
    conn.execute(
        """
        INSERT INTO flow_call_host (workspace_id, host)
        SELECT %(workspace)s, host
        FROM unnest(%(hosts)s::text[]) AS given (host)
        ON CONFLICT DO NOTHING
        """,
        {"workspace": workspace_id, "hosts": sorted({call.host for call in calls})},
    )
    return conn.execute(
        """
        INSERT INTO flow_call (workspace_id, flow_id, enrolment_id, step, profile_id, kind, host, spec, trigger,
                               next_at, deadline, planned_at)
        SELECT %(workspace)s, flow_id, enrolment_id, step, profile_id, kind, host, spec::jsonb, trigger::jsonb,
               %(now)s, %(deadline)s, %(now)s
        FROM unnest(%(flows)s::bigint[], %(enrolments)s::bigint[], %(steps)s::text[], %(profiles)s::bigint[],
                    %(kinds)s::text[], %(hosts)s::text[], %(specs)s::text[], %(triggers)s::text[])
             AS given (flow_id, enrolment_id, step, profile_id, kind, host, spec, trigger)
        ON CONFLICT (workspace_id, flow_id, enrolment_id, step) DO NOTHING
        """,
        {
            "workspace": workspace_id,
            "now": now,
            "deadline": now + GIVE_UP_AFTER,
            "flows": [call.flow_id for call in calls],
            "enrolments": [call.enrolment_id for call in calls],
            "steps": [call.step for call in calls],
            "profiles": [call.profile_id for call in calls],
            "kinds": [call.kind for call in calls],
            "hosts": [call.host for call in calls],
            "specs": [jsonb.text(call.spec) for call in calls],
            "triggers": [jsonb.text(call.trigger) for call in calls],
        },
    ).rowcount


@dataclass(frozen=True, slots=True)
class Made:
    """A call as the API shows it: whom, and with what outcome. What was sent is not kept."""

    id: int
    step: str
    profile_id: int
    kind: Kind
    to: list[str]  # the URL, or the addresses
    state: str
    attempts: int
    next_at: datetime
    host_rests_until: datetime | None  # its host has stopped answering and is left alone
    response_status: int | None
    error: str | None
    planned_at: datetime
    finished_at: datetime | None


def of_flow(
    conn: Connection, workspace_id: int, flow_id: int, limit: int = 100, before: int | None = None
) -> list[Made]:
    """What a flow called, newest first; those older than the call `before`."""
    with conn.cursor(row_factory=class_row(Made)) as cursor:
        # Index flow_call_flow, read backwards.
        return cursor.execute(
            """
            SELECT c.id, c.step, c.profile_id, c.kind,
                   CASE c.kind
                       WHEN 'webhook' THEN ARRAY[c.spec ->> 'url']
                       ELSE ARRAY(SELECT jsonb_array_elements_text(c.spec -> 'to'))
                   END AS to,
                   c.state, c.attempts, c.next_at,
                   CASE WHEN c.state = 'planned' THEN h.open_until END AS host_rests_until,
                   c.response_status, c.error, c.planned_at, c.finished_at
            FROM flow_call c
            LEFT JOIN flow_call_host h
              ON h.workspace_id = c.workspace_id
             AND h.host = c.host
            WHERE c.workspace_id = %(workspace)s
              AND c.flow_id = %(flow)s
              AND c.id < %(before)s
            ORDER BY c.id DESC
            LIMIT %(limit)s
            """,
            {"workspace": workspace_id, "flow": flow_id, "before": before or 2**63 - 1, "limit": limit},
        ).fetchall()


def merge(conn: Connection, workspace_id: int, destination: int, source: int, now: datetime) -> None:
    """Calls about a merged profile are about its survivor. Registered with `audience.merging.on_merge`."""
    # Index flow_call_profile.
    conn.execute(
        """
        UPDATE flow_call
        SET profile_id = %(destination)s
        WHERE workspace_id = %(workspace)s
          AND profile_id = %(source)s
        """,
        {"workspace": workspace_id, "destination": destination, "source": source},
    )


def erase(conn: Connection, workspace_id: int, profile_ids: Sequence[int]) -> None:
    """Forget what was called about these people, and call nobody more. Registered with `audience.profiles.on_erase`."""
    # Index flow_call_profile.
    conn.execute(
        "DELETE FROM flow_call WHERE workspace_id = %(workspace)s AND profile_id = ANY (%(ids)s)",
        {"workspace": workspace_id, "ids": list(profile_ids)},
    )
