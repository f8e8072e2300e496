"""What a flow says of its message when it is claimed: exits, filters, goals and the message's own filters, asked again.

Runs in the claiming transaction, so what was committed before the claim is always seen: an order placed a second before
an email was due stops that email.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from headwater.accounts import brand
from headwater.content import templates
from headwater.delivery.claims import Claimed
from headwater.delivery.reasons import Reason
from headwater.delivery.sources import Brief
from headwater.flows import engine, facts, live, outranking, send_refusal
from headwater.flows.definition import FlowDefinition
from headwater.flows.effects import Enrolment
from headwater.flows.live import Flow
from headwater.flows.steps import DRAFT, Email
from headwater.segments.language import Facts, Needs, describe

HOLD = timedelta(minutes=1)
"""How often a message of a paused flow is looked at again."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """The enrolment behind a message."""

    flow_id: int
    version: int
    pinned: bool
    profile_id: int
    state: str
    reason: str | None
    started_at: datetime
    trigger: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Case:
    """A claimed message with all that stands behind it."""

    message: Claimed
    flow: Flow | None
    standing: _Standing | None
    definition: FlowDefinition | None
    email: Email | None


class FlowSource:
    """Answers for the messages whose source is "flow". Registered with `delivery.sources`."""

    def brief(
        self, conn: Connection, workspace_id: int, messages: Sequence[Claimed], now: datetime
    ) -> Mapping[int, Brief]:
        """A Brief by message, with a number of queries that does not depend on how many messages there are."""
        cases = _cases(conn, workspace_id, messages)
        known = _facts(conn, workspace_id, cases, now)
        zone = brand.load(conn, workspace_id).timezone
        wanted = {one.email.template_id for one in cases if one.email is not None and one.email.template_id is not None}
        versions = templates.current_versions(conn, workspace_id, sorted(wanted))
        higher = outranking.about_to_write(
            conn,
            workspace_id,
            {
                one.message.id: (one.message.profile_id, one.flow)
                for one in cases
                if one.flow is not None and one.email is not None and one.email.smart_sending
            },
            now,
        )
        return {one.message.id: _brief(one, known, zone, versions, higher.get(one.message.id), now) for one in cases}


def _cases(conn: Connection, workspace_id: int, messages: Sequence[Claimed]) -> list[_Case]:
    flows = live.by_id(conn, workspace_id, {message.source_id for message in messages})
    standings = _standings(conn, workspace_id, {message.occurrence for message in messages})
    pinned = {(one.flow_id, one.version) for one in standings.values() if one.pinned}
    versions = live.versions(conn, workspace_id, pinned)
    cases = []
    for message in messages:
        flow, standing = flows.get(message.source_id), standings.get(message.occurrence)
        definition = flow.definition if flow is not None else None
        if standing is not None and standing.pinned:
            definition = versions.get((standing.flow_id, standing.version), definition)
        step = definition.steps.get(message.step) if definition is not None else None
        cases.append(_Case(message, flow, standing, definition, step if isinstance(step, Email) else None))
    return cases


def _brief(
    one: _Case,
    known: Mapping[int, Facts],
    zone: str,
    versions: Mapping[int, int],
    higher: str | None,
    now: datetime,
) -> Brief:
    message, flow, standing, definition, email = one.message, one.flow, one.standing, one.definition, one.email
    if flow is None or standing is None or definition is None:
        return Brief(refuse=Reason.CANCELLED, detail="the flow or its enrolment is gone")
    if flow.status == "archived":
        return Brief(refuse=Reason.FLOW_ARCHIVED)
    if email is None:
        return Brief(refuse=Reason.CANCELLED, detail="the flow no longer has this step")
    if flow.status == "paused":
        return Brief(hold_until=now + HOLD)
    refused, detail = _refusal(message, definition, email, standing, known.get(standing.profile_id), zone, now)
    if refused is None and higher is not None:
        refused, detail = Reason.OUTRANKED, higher
    return Brief(
        template_version_id=versions.get(email.template_id) if email.template_id is not None else None,
        refuse=refused,
        detail=detail,
        smart_sending=email.smart_sending,
        transactional=email.transactional,
        lasts=send_refusal.LATEST,
        event=standing.trigger.get("properties"),
        message_name=email.name,
        utm=email.utm,
        window=definition.send_window,
        rank=definition.rank,
    )


def _refusal(
    message: Claimed,
    definition: FlowDefinition,
    email: Email,
    standing: _Standing,
    found: Facts | None,
    zone: str,
    now: datetime,
) -> tuple[Reason | None, str | None]:
    """The end of the enrolment, the exits, the flow's filters, then what is asked of the email: the first no."""
    refused = send_refusal.by_end(standing.reason if standing.state == "exited" else None)
    if refused is None and email.status == DRAFT:
        refused = Reason.MESSAGE_DRAFT, None
    if refused is None and found is None:
        refused = Reason.PERSON_DELETED, None
    if refused is None and found is not None:
        enrolment = Enrolment(
            message.occurrence,
            standing.profile_id,
            standing.started_at,
            message.send_at,
            message.step,
            standing.trigger,
        )
        asked = found.asked_from(engine.place_of(definition, enrolment))
        rules = engine.refusal(definition, asked, now)
        if rules is not None:
            refused = send_refusal.by_rules(definition, rules)
        else:
            refused = send_refusal.by_email(definition, email, enrolment, asked, zone, now)
    if refused is None:
        return None, None
    reason, what = refused
    return reason, what if what is None or isinstance(what, str) else describe(what)


def _facts(conn: Connection, workspace_id: int, cases: Sequence[_Case], now: datetime) -> Mapping[int, Facts]:
    asked = Needs()
    kinds = {(id(one.definition), one.message.step): (one.definition, one.email) for one in cases}
    for definition, email in kinds.values():
        if definition is not None:
            asked |= definition.gate_needs | definition.send_needs(email)
    starts = ((one.standing.profile_id, one.standing.started_at) for one in cases if one.standing is not None)
    return facts.load(conn, workspace_id, starts, asked, now)


def _standings(conn: Connection, workspace_id: int, enrolment_ids: set[int]) -> dict[int, _Standing]:
    # The enrolments behind claimed messages. By primary key. Not locked: the processor closes enrolments before it
    # cancels their messages, and a lock here, taken while holding the messages, could deadlock with it.
    rows = conn.execute(
        """
        SELECT e.id, e.flow_id, e.version, e.pinned, e.profile_id, e.state, e.reason, e.started_at, e.trigger
        FROM enrolment e
        WHERE e.workspace_id = %(workspace)s
          AND e.id = ANY (%(ids)s)
        """,
        {"workspace": workspace_id, "ids": sorted(enrolment_ids)},
    ).fetchall()
    return {row[0]: _Standing(*row[1:]) for row in rows}
