"""What a flow says of its message when it is claimed: exits, filters and the message's own filters are asked again.

Runs in the claiming transaction, so what was committed before the claim is always seen: an order placed a second before
an email was due stops that email.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from headwater.content import templates
from headwater.delivery.claims import Claimed
from headwater.delivery.reasons import Reason
from headwater.delivery.sources import Brief
from headwater.flows import engine, exits, facts, live
from headwater.flows.definition import Email
from headwater.flows.live import Flow
from headwater.segments.language import Facts, Needs, Place, describe, evaluate, needs

LATEST = timedelta(hours=24)
"""An email that could not be tried for so long (a stopped instance, a paused flow) has lost its occasion."""

HOLD = timedelta(minutes=1)
"""How often a message of a paused flow is looked at again."""

_ENDED = {
    engine.EXIT_EVENT: Reason.FAILED_EXIT_CONDITION,
    engine.FAILED_PROFILE_FILTER: Reason.FAILED_FLOW_FILTERS,
    engine.PROFILE_DELETED: Reason.PERSON_DELETED,
    exits.UNSUBSCRIBED: Reason.UNSUBSCRIBED,
    "merged_away": Reason.MERGED_AWAY,
}


@dataclass(frozen=True, slots=True)
class _Standing:
    """The enrolment behind a message."""

    flow_id: int
    profile_id: int
    state: str
    reason: str | None
    started_at: datetime
    trigger: Mapping[str, Any]


class FlowSource:
    """Answers for the messages whose source is "flow". Registered with `delivery.sources`."""

    def brief(
        self, conn: Connection, workspace_id: int, messages: Sequence[Claimed], now: datetime
    ) -> Mapping[int, Brief]:
        """A Brief by message, with a number of queries that does not depend on how many messages there are."""
        flows = live.by_id(conn, workspace_id, {message.source_id for message in messages})
        standings = _standings(conn, workspace_id, {message.occurrence for message in messages})
        known = _facts(conn, workspace_id, messages, flows, standings, now)
        steps = {message.id: _email(flows.get(message.source_id), message.step) for message in messages}
        wanted = {email.template_id for email in steps.values() if email is not None and email.template_id is not None}
        versions = templates.current_versions(conn, workspace_id, sorted(wanted))
        return {
            message.id: _brief(
                message,
                flows.get(message.source_id),
                steps[message.id],
                standings.get(message.occurrence),
                known,
                versions,
                now,
            )
            for message in messages
        }


def _brief(
    message: Claimed,
    flow: Flow | None,
    email: Email | None,
    standing: _Standing | None,
    known: Mapping[int, Facts],
    versions: Mapping[int, int],
    now: datetime,
) -> Brief:
    if flow is None or standing is None:
        return Brief(refuse=Reason.CANCELLED, detail="the flow or its enrolment is gone")
    if flow.status == "archived":
        return Brief(refuse=Reason.FLOW_ARCHIVED)
    if email is None:
        return Brief(refuse=Reason.CANCELLED, detail="the flow no longer has this step")
    if flow.status == "paused":
        return Brief(hold_until=now + HOLD, latest=message.send_at + LATEST)
    refused, detail = _refusal(message, flow, email, standing, known.get(standing.profile_id), now)
    return Brief(
        template_version_id=versions.get(email.template_id) if email.template_id is not None else None,
        refuse=refused,
        detail=detail,
        smart_sending=email.smart_sending,
        transactional=email.transactional,
        latest=message.send_at + LATEST,
        event=standing.trigger.get("properties"),
        message_name=email.name,
        utm=email.utm,
    )


def _refusal(
    message: Claimed, flow: Flow, email: Email, standing: _Standing, found: Facts | None, now: datetime
) -> tuple[Reason | None, str | None]:
    """The exit, the flow's filters, then the message's own: the first that says no."""
    if standing.state == "exited" and standing.reason != engine.EXIT_STEP:
        return _ENDED.get(standing.reason or "", Reason.CANCELLED), standing.reason
    if found is None:
        return Reason.PERSON_DELETED, None
    definition = flow.definition
    asked = found.asked_from(Place(standing.started_at, definition.trigger_metric, message.occurrence))
    refused = engine.refusal(definition, asked, now)
    if refused is not None:
        reason, what = refused
        if reason == engine.EXIT_EVENT:
            return Reason.FAILED_EXIT_CONDITION, what
        return Reason.FAILED_FLOW_FILTERS, describe(definition.profile_filters)
    if email.filters is not None and not evaluate(email.filters, asked, now):
        return Reason.FAILED_ADDITIONAL_FILTERS, describe(email.filters)
    return None, None


def _email(flow: Flow | None, step_id: str) -> Email | None:
    step = flow.definition.steps.get(step_id) if flow is not None else None
    return step if isinstance(step, Email) else None


def _facts(
    conn: Connection,
    workspace_id: int,
    messages: Sequence[Claimed],
    flows: Mapping[int, Flow],
    standings: Mapping[int, _Standing],
    now: datetime,
) -> Mapping[int, Facts]:
    asked = Needs()
    for flow_id, step in {(message.source_id, message.step) for message in messages}:
        flow = flows.get(flow_id)
        if flow is not None:
            email = _email(flow, step)
            asked |= flow.definition.gate_needs | needs(email.filters if email is not None else None)
    starts = ((standing.profile_id, standing.started_at) for standing in standings.values())
    return facts.load(conn, workspace_id, starts, asked, now)


def _standings(conn: Connection, workspace_id: int, enrolment_ids: set[int]) -> dict[int, _Standing]:
    # The enrolments behind claimed messages. By primary key. Not locked: the processor closes enrolments before it
    # cancels their messages, and a lock here, taken while holding the messages, could deadlock with it.
    rows = conn.execute(
        """
        SELECT e.id, e.flow_id, e.profile_id, e.state, e.reason, e.started_at, e.trigger
        FROM enrolment e
        WHERE e.workspace_id = %(workspace)s
          AND e.id = ANY (%(ids)s)
        """,
        {"workspace": workspace_id, "ids": sorted(enrolment_ids)},
    ).fetchall()
    return {row[0]: _Standing(*row[1:]) for row in rows}
