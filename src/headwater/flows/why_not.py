"""Why someone did not enter a flow: what last could have started it for them, and which rule said no.

Filters are asked as of the time when the flow was asked, from the events that had happened by then, by the version that
ran then; properties, lists, segments and consent are today's, since no others are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from psycopg import Connection
from psycopg.rows import class_row

from headwater.accounts import brand
from headwater.audience import joining, lists
from headwater.events import timeline
from headwater.events.timeline import Arrived
from headwater.flows import admission, entry, facts, live
from headwater.flows.definition import FlowDefinition
from headwater.flows.editing import versions
from headwater.flows.editing.versions import FlowRow
from headwater.flows.occasions import occasions
from headwater.flows.refusing import Entry, Occurred, Standing, Verdict, asked_of, judge
from headwater.flows.trials.person_in_time import Person, Series, ticks, windows
from headwater.flows.triggers import DateTrigger, ListTrigger, MetricTrigger, SegmentTrigger, starts
from headwater.segments.explain import Answer, explain
from headwater.segments.language import Facts, Needs
from headwater.segments.properties import leads_to

SHOWN = 10
"""So many of the last triggers are asked about."""
LOOKED_AT = 200
"""Of an event that many flows may be started by, so many are looked through for those that concern this one."""
AHEAD = timedelta(hours=24)
"""So long before a date comes, people are taken in by it."""
_EVER = timedelta(days=3660)

NOT_PUBLISHED, NO_TRIGGER, NOT_CONFIRMED, NO_DATE = "not_published", "no_trigger", "not_confirmed", "no_date"
"""Why there is nothing to ask about."""


@dataclass(frozen=True)
class Asked:
    """One trigger, and what became of it."""

    occurred: Occurred
    definition: FlowDefinition
    """That of the time."""
    verdict: Verdict
    answers: tuple[Answer, ...] = ()
    """The conditions that decided, with the facts behind them."""


@dataclass(frozen=True)
class WhyNot:
    """A person and a flow: the last triggers, the newest first, and the person's entries."""

    flow: FlowRow
    definition: FlowDefinition | None
    asked: tuple[Asked, ...] = ()
    nothing: str | None = None
    """Why there are no triggers."""
    entries: tuple[Entry, ...] = ()
    member_since: datetime | None = None
    """Of a segment's flow: in the segment since then."""
    next_at: datetime | None = None
    """When the date comes next."""


def of_profile(conn: Connection, workspace_id: int, profile_id: int, slug: str, now: datetime) -> WhyNot:
    """Why this person is not, or is, in the flow. Raises UnknownFlow; LookupError if there is no such profile."""
    row = versions.find(conn, workspace_id, slug)
    flow = live.by_slug(conn, workspace_id, slug)
    if flow is None:
        return WhyNot(row, None, nothing=NOT_PUBLISHED)
    known = _known(conn, workspace_id, profile_id, flow.definition, now)
    published = _published(conn, workspace_id, row.id)
    found, nothing, next_at = _triggers(conn, workspace_id, known, flow.definition, published[0][1], now)
    entries = _entries(conn, workspace_id, row.id, profile_id)
    definitions = _definitions(conn, workspace_id, row.id, published, found)
    standing = Standing(published[0][1], row.status, _status_since(conn, workspace_id, row.id))
    return WhyNot(
        flow=row,
        definition=flow.definition,
        asked=_judged(conn, workspace_id, profile_id, found, definitions, entries, standing),
        nothing=nothing,
        entries=tuple(entries),
        member_since=next(iter(known.segments.values()), None),
        next_at=next_at,
    )


def _known(conn: Connection, workspace_id: int, profile_id: int, definition: FlowDefinition, now: datetime) -> Facts:
    """Who it is today, and whether they are on the flow's list or in its segment."""
    wanted, trigger = Needs(profile=True, properties=True), definition.trigger
    if isinstance(trigger, ListTrigger):
        wanted |= Needs(lists=frozenset([trigger.list]))
    if isinstance(trigger, SegmentTrigger):
        wanted |= Needs(segments=frozenset([trigger.segment]))
    known = facts.load(conn, workspace_id, [(profile_id, now)], wanted, now).get(profile_id)
    if known is None:
        raise LookupError(f"There is no profile {profile_id}.")
    return known


# ── what could have started it ──────────────────────────────────────────────────────────────────────────────────────
_Found = tuple[list[Occurred], str | None, datetime | None]
"""The triggers, the newest first; why there are none; when the next one comes by itself."""


def _triggers(
    conn: Connection, workspace_id: int, known: Facts, definition: FlowDefinition, live_since: datetime, now: datetime
) -> _Found:
    match definition.trigger:
        case ListTrigger(named):
            return _joined(conn, workspace_id, known, named, now)
        case DateTrigger():
            return _came(conn, workspace_id, known, definition.trigger, live_since, now)
    metric = definition.trigger_metric
    assert metric is not None
    shared = not isinstance(definition.trigger, MetricTrigger)
    many = LOOKED_AT if shared else SHOWN
    events = timeline.last_of_metric(conn, workspace_id, known.profile_id, metric, many)
    if shared:
        events = [one for one in events if _concerns(definition, one)]
    found = [_event(definition, metric, one) for one in events[:SHOWN]]
    return found, None if found else NO_TRIGGER, None


def _concerns(definition: FlowDefinition, event: Arrived) -> bool:
    """An event that is told to one flow, or about one segment."""
    if isinstance(definition.trigger, SegmentTrigger):
        return starts(definition.trigger, definition.slug, event.properties, event.value)
    return event.properties.get("flow") == definition.slug


def _event(definition: FlowDefinition, metric: str, event: Arrived) -> Occurred:
    return Occurred(
        at=event.ts,
        asked_at=max(event.ts, event.received_at),
        trigger={"metric": metric, "id": str(event.id), "properties": event.properties},
        key=admission.key_of(definition.key, event.properties) or str(event.id),
        value=event.value,
        history=event.history,
    )


def _joined(conn: Connection, workspace_id: int, known: Facts, named: int | str, now: datetime) -> _Found:
    joined = known.lists.get(named)
    list_id = named if isinstance(named, int) else lists.find(conn, workspace_id, named)
    if joined is None:
        pending = list_id is not None and joining.is_pending(conn, workspace_id, list_id, known.profile_id, now)
        return [], NOT_CONFIRMED if pending else NO_TRIGGER, None
    assert list_id is not None
    trigger = entry.joined(list_id, str(named), joined)
    return [Occurred(joined, joined, trigger, f"{list_id}@{joined.isoformat()}", is_event=False)], None, None


def _came(
    conn: Connection, workspace_id: int, known: Facts, trigger: DateTrigger, live_since: datetime, now: datetime
) -> _Found:
    """The last coming of the date for which people may have been taken in, and the next one after it."""
    held = {**known.properties, **known.attributes}
    value = next(iter(leads_to(held, trigger.rule.path)), None)
    zone = brand.load(conn, workspace_id).timezone
    comings = occasions(trigger.rule, value, held.get("timezone"), zone, now - _EVER, now + _EVER)
    past = [one for one in comings if one.at <= now + AHEAD]
    ahead = [one.at for one in comings if one.at > now + AHEAD]
    found = []
    for one in past[-1:]:
        asked_at = max(one.at - AHEAD, live_since) if live_since <= one.at else one.at - AHEAD
        day = one.day.isoformat()
        found.append(Occurred(one.at, asked_at, {"day": day, "properties": {"date": day}}, f"date:{day}", False))
    nothing = None if found else NO_TRIGGER if ahead else NO_DATE
    return found, nothing, next(iter(ahead), None)


# ── what was known of it then ───────────────────────────────────────────────────────────────────────────────────────
def _published(conn: Connection, workspace_id: int, flow_id: int) -> list[tuple[int, datetime]]:
    # When each version began to run. Primary key.
    return conn.execute(
        """
        SELECT version, published_at
        FROM flow_version
        WHERE workspace_id = %(workspace)s
          AND flow_id = %(flow)s
        ORDER BY version
        """,
        {"workspace": workspace_id, "flow": flow_id},
    ).fetchall()


def _status_since(conn: Connection, workspace_id: int, flow_id: int) -> datetime | None:
    """Since when at the latest the flow has its status. By primary key."""
    row = conn.execute(
        "SELECT updated_at FROM flow WHERE workspace_id = %(workspace)s AND id = %(flow)s",
        {"workspace": workspace_id, "flow": flow_id},
    ).fetchone()
    return row[0] if row is not None else None


def _definitions(
    conn: Connection,
    workspace_id: int,
    flow_id: int,
    published: Sequence[tuple[int, datetime]],
    found: Sequence[Occurred],
) -> list[FlowDefinition]:
    """The definition that each trigger was asked by: of what came before the first version, that one."""
    wanted = [
        max((version for version, at in published if at <= one.asked_at), default=published[0][0]) for one in found
    ]
    known = live.versions(conn, workspace_id, {(flow_id, version) for version in wanted})
    return [known[flow_id, version] for version in wanted]


def _entries(conn: Connection, workspace_id: int, flow_id: int, profile_id: int) -> list[Entry]:
    with conn.cursor(row_factory=class_row(Entry)) as cursor:
        # For people who look at one profile and one flow. Index enrolment_profile.
        return cursor.execute(
            """
            SELECT id, entry_key AS key, started_at, entered_at, finished_at, state, reason, trigger
            FROM enrolment
            WHERE workspace_id = %(workspace)s
              AND profile_id = %(profile)s
              AND flow_id = %(flow)s
            ORDER BY started_at, id
            """,
            {"workspace": workspace_id, "profile": profile_id, "flow": flow_id},
        ).fetchall()


def _judged(
    conn: Connection,
    workspace_id: int,
    profile_id: int,
    found: Sequence[Occurred],
    definitions: Sequence[FlowDefinition],
    entries: Sequence[Entry],
    standing: Standing,
) -> tuple[Asked, ...]:
    if not found:
        return ()
    needs = Needs(profile=True, properties=True)
    for definition in definitions:
        needs |= definition.gate_needs
    known = _history(conn, workspace_id, profile_id, needs, min(one.at for one in found))
    person = Person(known, _series(known), windows(needs))
    judged = []
    for one, definition in zip(found, definitions, strict=True):
        then = _as_of(person, known, one)
        verdict = judge(definition, one, then, entries, standing)
        asked = asked_of(definition, one, then)
        answers = tuple(explain(condition, asked, one.asked_at) for condition in verdict.failed)
        judged.append(Asked(one, definition, verdict, answers))
    return tuple(judged)


def _history(conn: Connection, workspace_id: int, profile_id: int, needs: Needs, earliest: datetime) -> Facts:
    """Today's facts, with every event that a filter asked since then may have looked at, instead of totals."""
    counted = frozenset((metric, None) for metric in needs.totals)
    asked = replace(needs, totals=frozenset(), events=needs.events | counted)
    return facts.load(conn, workspace_id, [(profile_id, earliest)], asked, earliest)[profile_id]


def _series(known: Facts) -> dict[str, Series]:
    found = {}
    for metric, events in known.events.items():
        in_order = sorted(events, key=lambda event: event.ts)
        found[metric] = Series(
            [ticks(event.ts) for event in in_order],
            [event.properties for event in in_order],
            [event.value for event in in_order],
        )
    return found


def _as_of(person: Person, known: Facts, one: Occurred) -> Facts:
    """The person's facts at the time when the flow was asked."""
    person.at, person.begun = ticks(one.asked_at), ticks(one.at)
    codes = tuple(
        replace(code, redeemed_at=None) if code.redeemed_at and code.redeemed_at > one.asked_at else code
        for code in known.coupons
        if code.assigned_at <= one.asked_at
    )
    entered = tuple(other for other in known.entries if other.at <= one.asked_at)
    return replace(person.facts, coupons=codes, entries=entered)
