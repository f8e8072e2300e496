"""Everything that is known of one person, gathered from the rooms and told: a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from headwater.accounts import brand as brands
from headwater.audience import consent, lists, profiles
from headwater.campaigns import campaigns
from headwater.delivery import ledger
from headwater.delivery.ledger import LedgerEntry
from headwater.events import timeline as happened
from headwater.flows import live
from headwater.flows import timeline as ways_through
from headwater.flows.definition import FlowDefinition
from headwater.flows.delays import zone
from headwater.flows.live import Flow
from headwater.flows.steps import Email
from headwater.why import ways as ways_told
from headwater.why import wording
from headwater.why.wording import Entry, Source

EVENTS = 200


def timeline(conn: Connection, workspace_id: int, profile_id: int, now: datetime) -> dict[str, Any]:
    """The person, whether they can get email, what happened (oldest first), and what comes next; ready for JSON.

    Raises LookupError if there is no such profile.
    """
    person = profiles.get(conn, workspace_id, [profile_id]).get(profile_id)
    if person is None:
        raise LookupError(f"There is no profile {profile_id}.")
    agreed = consent.of_profiles(conn, workspace_id, [profile_id])[profile_id]
    brand = brands.load(conn, workspace_id)
    local = zone(person.timezone) or zone(brand.timezone) or UTC
    can_receive, because = wording.standing(agreed, brand.require_consent, person.email)
    messages = ledger.of_profile(conn, workspace_id, profile_id)
    ways = ways_through.of_profile(conn, workspace_id, profile_id)
    flows = _flows(conn, workspace_id, messages, ways)
    definitions = definitions_of(conn, workspace_id, ways, flows)
    sources = _sources(conn, workspace_id, messages, flows)
    named = {one.id: sources[one.id].message for one in messages}

    told = [wording.message(one, sources[one.id], local) for one in messages]
    for way in ways:
        sent = {one.step for one in messages if one.source == "flow" and one.occurrence == way.id}
        told.extend(ways_told.way(way, definitions[way.id], local, sent))
    seen = happened.of_profile(conn, workspace_id, profile_id, limit=EVENTS)
    told.extend(wording.event(one, named, brand.currency) for one in seen if one.metric not in wording.SHOWN_BY_LEDGER)
    told.extend(wording.consented(record) for record in consent.records(conn, workspace_id, profile_id))
    told.extend(wording.suppressed(one) for one in agreed["suppressions"])
    told.extend(wording.joined(member) for member in lists.of_profile(conn, workspace_id, profile_id))
    pending = [entry for entry in told if entry.state in ("planned", "claimed")]
    return {
        "profile": {
            "id": person.id,
            "external_id": person.external_id,
            "email": person.email,
            "name": " ".join(part for part in (person.first_name, person.last_name) if part) or None,
            "timezone": person.timezone,
        },
        "timezone": str(local),
        "now": _instant(now),
        "can_receive": can_receive,
        "standing": because,
        "entries": [_plain(entry) for entry in wording.in_order(told) if entry not in pending],
        "next": [_plain(entry) for entry in wording.in_order([*pending, *ways_told.coming(ways, definitions, local)])],
        "older_events": len(seen) == EVENTS,
    }


def _flows(
    conn: Connection, workspace_id: int, messages: Sequence[LedgerEntry], ways: Sequence[ways_through.Way]
) -> dict[int, Flow]:
    """The flows that messages come from or that the person is in, by id."""
    wanted = {one.source_id for one in messages if one.source == "flow"} | {way.flow_id for way in ways}
    return live.by_id(conn, workspace_id, wanted) if wanted else {}


def definitions_of(
    conn: Connection, workspace_id: int, ways: Sequence[ways_through.Way], flows: Mapping[int, Flow]
) -> dict[int, FlowDefinition | None]:
    """What each enrolment goes by: the version that runs, or the one that it finishes on."""
    pinned = live.versions(conn, workspace_id, {(way.flow_id, way.version) for way in ways if way.pinned})
    running = {flow_id: flow.definition for flow_id, flow in flows.items()}
    return {way.id: pinned.get((way.flow_id, way.version)) if way.pinned else running.get(way.flow_id) for way in ways}


def _sources(
    conn: Connection, workspace_id: int, messages: Sequence[LedgerEntry], flows: Mapping[int, Flow]
) -> dict[int, Source]:
    """What each message is called, by its id."""
    sent = campaigns.get(conn, workspace_id, {one.source_id for one in messages if one.source == "campaign"})
    found = {}
    for one in messages:
        if one.source == "flow":
            found[one.id] = _of_flow(one, flows[one.source_id].definition if one.source_id in flows else None)
        elif one.source == "campaign":
            name = sent[one.source_id].name if one.source_id in sent else f"Campaign {one.source_id}"
            found[one.id] = Source(name, name)
        else:
            found[one.id] = Source(one.source.capitalize(), f"{one.source} email")
    return found


def _of_flow(one: LedgerEntry, definition: FlowDefinition | None) -> Source:
    if definition is None:
        return Source(f"Flow {one.source_id}", one.step)
    step = definition.steps.get(one.step)
    return Source(definition.name, step.name if isinstance(step, Email) else one.step)


def _plain(entry: Entry) -> dict[str, Any]:
    """For JSON; what is not known is left out."""
    known = {name: value for name, value in asdict(entry).items() if value is not None}
    return known | {"at": _instant(entry.at)}


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
