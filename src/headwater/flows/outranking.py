"""Priority between flows: who is about to hear from a more important flow hears nothing from a lesser one first.

Checkout before cart before product before site; flows without a priority neither give way nor take it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from psycopg import Connection

from headwater.accounts import brand
from headwater.flows import live
from headwater.flows.live import Flow
from headwater.flows.steps import DRAFT, AbTest, Email


def about_to_write(
    conn: Connection, workspace_id: int, messages: Mapping[int, tuple[int, Flow]], now: datetime
) -> dict[int, str]:
    """By message, given as (profile, flow): the name of a more important flow whose email is due to the same person
    within the span of smart sending."""
    ranked = {one: (profile, flow.definition.rank) for one, (profile, flow) in messages.items() if flow.definition.rank}
    if not ranked:
        return {}
    lowest = min(rank for _, rank in ranked.values())
    higher = {flow.id: flow for flow in live.running(conn, workspace_id) if _outranks(flow, lowest)}
    if not higher:
        return {}
    until = now + timedelta(hours=brand.load(conn, workspace_id).smart_sending_hours)
    # Where these people wait in more important flows. Index enrolment_profile.
    rows = conn.execute(
        """
        SELECT e.profile_id, e.flow_id, e.step
        FROM enrolment e
        WHERE e.workspace_id = %(workspace)s
          AND e.profile_id = ANY (%(profiles)s)
          AND e.flow_id = ANY (%(flows)s)
          AND e.state = 'waiting'
          AND e.held IS NULL
          AND COALESCE(e.due_at, e.wake_at) <= %(until)s
        """,
        {
            "workspace": workspace_id,
            "profiles": sorted({profile for profile, _ in ranked.values()}),
            "flows": list(higher),
            "until": until,
        },
    ).fetchall()
    coming: dict[int, Flow] = {}
    for profile_id, flow_id, step in rows:
        flow = higher[flow_id]
        known = coming.get(profile_id)
        if _sends(flow, step) and (known is None or flow.definition.rank > known.definition.rank):
            coming[profile_id] = flow
    return {
        one: coming[profile].definition.name
        for one, (profile, rank) in ranked.items()
        if profile in coming and coming[profile].definition.rank > rank
    }


def _outranks(flow: Flow, rank: int) -> bool:
    return flow.status == "live" and flow.definition.rank > rank


def _sends(flow: Flow, step_id: str | None) -> bool:
    step = flow.definition.steps.get(step_id or flow.definition.first)
    return isinstance(step, AbTest) or (isinstance(step, Email) and step.status != DRAFT)
