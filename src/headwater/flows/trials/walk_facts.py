"""What a walk of one real person begins from: their facts, what they did, the mail they got, when they last came in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from psycopg import Connection

from headwater.delivery import received
from headwater.events import timeline
from headwater.flows import admission
from headwater.flows import facts as flow_facts
from headwater.flows.definition import FlowDefinition
from headwater.flows.reading.tests import Given
from headwater.flows.trials.person_changes import Mailed
from headwater.flows.trials.person_walk import Past
from headwater.flows.trials.simulation import Setting, Simulation
from headwater.flows.triggers import ListTrigger
from headwater.segments.language import Needs

MOST = 20_000
"""Of a person's events, the newest so many."""


def load(
    conn: Connection, workspace_id: int, definition: FlowDefinition, setting: Setting, profile_id: int, now: datetime
) -> Past:
    """The profile must exist."""
    asked = Simulation(definition, setting)
    wanted = asked.metrics | {definition.trigger_metric}
    whole = asked.needs | Needs(flows=frozenset([definition.slug]))
    if isinstance(definition.trigger, ListTrigger):
        whole |= Needs(lists=frozenset([definition.trigger.list]))
    needs = replace(whole, totals=frozenset(), events=frozenset(), event_properties=frozenset())
    facts = flow_facts.load(conn, workspace_id, [(profile_id, now)], needs, now)[profile_id]
    seen = timeline.of_profile(conn, workspace_id, profile_id, MOST)
    events = [
        Given(one.ts, one.metric, one.properties, one.value)
        for one in reversed(seen)
        if one.metric in wanted and one.ts <= now
    ]
    caps = max((cap.days + 1 for cap in setting.frequency_caps), default=0)
    since = now - max(setting.smart_sending, timedelta(days=caps))
    mail = [
        (one.at, Mailed("campaign" if one.kind == "campaign" else "flow", one.transactional))
        for one in received.between(conn, workspace_id, [profile_id], since, now)
        if one.kind in ("flow", "campaign")
    ]
    return Past(facts, events, mail)


def came_too_lately(definition: FlowDefinition, past: Past, now: datetime) -> datetime | None:
    """When they last came in, if that is too short a time ago for coming in again. A key is another matter."""
    last = max((entry.at for entry in past.facts.entries if entry.flow == definition.slug), default=None)
    if definition.key or admission.may_enter_again(definition, now, last):
        return None
    return last
