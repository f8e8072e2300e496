"""Webhooks and notices of flows that keep failing, by flow and host: for what needs attention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection
from psycopg.rows import class_row

from headwater.flows.calls.outbox import Kind

LATELY = timedelta(days=1)
_OFTEN = 3
"""Calls that failed, or attempts at one of them: fewer may be chance."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A host that a flow calls in vain."""

    flow: str
    """Its slug."""
    flow_name: str
    kind: Kind
    host: str
    calls: int
    """Planned in the last day, and failed: for good, or so far."""
    given_up: int
    """Of these, failed for good."""
    last_error: str
    last_status: int | None
    """What the HTTP answer was, if there was one."""
    rests_until: datetime | None
    """The host has stopped answering and is left alone until then."""


def failing(conn: Connection, workspace_id: int, now: datetime) -> list[Trouble]:
    """What flows called in vain in the last day, most calls first."""
    with conn.cursor(row_factory=class_row(Trouble)) as cursor:
        # Index flow_call_error, from a day ago; then the primary keys of flow and flow_call_host.
        return cursor.execute(
            """
            WITH failed AS (
                SELECT flow_id, kind, host,
                       count(*) AS calls,
                       count(*) FILTER (WHERE state = 'failed') AS given_up,
                       max(id) AS last_id
                FROM flow_call
                WHERE workspace_id = %(workspace)s
                  AND planned_at >= %(since)s
                  AND error IS NOT NULL
                  AND state <> 'done'
                GROUP BY flow_id, kind, host
                HAVING count(*) >= %(often)s OR max(attempts) >= %(often)s
                ORDER BY calls DESC, flow_id, host
                LIMIT 20
            )
            SELECT flow.slug AS flow, flow.name AS flow_name, failed.kind, failed.host, failed.calls, failed.given_up,
                   last.error AS last_error, last.response_status AS last_status,
                   CASE WHEN flow_call_host.open_until > %(now)s THEN flow_call_host.open_until END AS rests_until
            FROM failed
            JOIN flow
              ON flow.workspace_id = %(workspace)s
             AND flow.id = failed.flow_id
            JOIN flow_call AS last
              ON last.workspace_id = %(workspace)s
             AND last.id = failed.last_id
            LEFT JOIN flow_call_host
              ON flow_call_host.workspace_id = %(workspace)s
             AND flow_call_host.host = failed.host
            ORDER BY failed.calls DESC, flow.slug, failed.host
            """,
            {"workspace": workspace_id, "now": now, "since": now - LATELY, "often": _OFTEN},
        ).fetchall()
