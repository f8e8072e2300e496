"""Taking people into flows that a date of theirs starts, and looking at those whose date no longer stands.

`date_rounds` looks one full day ahead for everybody; here somebody's date has just been written: who lies inside the
flow's timeline is put where they would be by now, and whoever is inside by the old date leaves. A day starts a flow
once for a person, wherever they move: an enrolment's key is the day (`enrolment_once_a_date` keeps two from racing).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from psycopg import Connection

from headwater.accounts import brand
from headwater.flows import entry, live
from headwater.flows.arrivals import kept_dates
from headwater.flows.effects import Enrolment, Known
from headwater.flows.engine import DATE_CHANGED, date_moved
from headwater.flows.entry import Candidate
from headwater.flows.extent import timeline
from headwater.flows.live import Flow
from headwater.flows.occasions import DateRule, Occasion, occasions
from headwater.flows.triggers import DateTrigger
from headwater.segments import facts
from headwater.segments.conditions import written
from headwater.segments.language import Facts, Needs
from headwater.segments.parsing import CREATED
from headwater.segments.properties import leads_to

AHEAD = timedelta(hours=25)
"""How far ahead people are taken in: a full day, and the hour until the next look."""

_ASKED = Needs(profile=True, properties=True)


def flows_by_date(conn: Connection, workspace_id: int) -> list[Flow]:
    """The live flows that a date starts."""
    running = live.running(conn, workspace_id)
    return [flow for flow in running if flow.status == "live" and isinstance(flow.definition.trigger, DateTrigger)]


def rule_of(flow: Flow) -> DateRule:
    """When the date starts the flow."""
    trigger = flow.definition.trigger
    assert isinstance(trigger, DateTrigger)
    return trigger.rule


# ── what is told ────────────────────────────────────────────────────────────────────────────────────────────────────
def on_attributes(conn: Connection, workspace_id: int, changed: Mapping[int, Iterable[str]], now: datetime) -> None:
    """Properties of these profiles were written: dates among them, or the time zone that dates are asked in."""
    flows = flows_by_date(conn, workspace_id)
    if not flows:
        return
    names = {profile_id: frozenset(written_) for profile_id, written_ in changed.items()}
    for flow in flows:
        dated = {profile_id for profile_id, given in names.items() if rule_of(flow).path[0].key in given}
        moved = {profile_id for profile_id, given in names.items() if "timezone" in given}
        _look(conn, workspace_id, flow, dated, moved if rule_of(flow).timezone == "profile" else (), now)


def on_known(conn: Connection, workspace_id: int, profile_ids: Collection[int], now: datetime) -> None:
    """Profiles that were made, or given an address: only who has one is taken in."""
    for flow in flows_by_date(conn, workspace_id):
        made = profile_ids if rule_of(flow).path[0].key == CREATED else ()
        _look(conn, workspace_id, flow, made, profile_ids, now)


def on_merge(conn: Connection, workspace_id: int, destination: int, source: int, now: datetime) -> None:
    """The survivor may have the other's date now, or their zone. Registered with `audience.merging.on_merge`."""
    for flow in flows_by_date(conn, workspace_id):
        _wake_moved(conn, workspace_id, flow, [destination], now)
        _look(conn, workspace_id, flow, [destination], [destination], now)


def _look(
    conn: Connection,
    workspace_id: int,
    flow: Flow,
    dated: Collection[int],
    others: Collection[int],
    now: datetime,
) -> None:
    """Profiles whose date was written, and others whose circumstances changed: these are taken in ahead of time only,
    as a flow that goes live makes up for nothing either."""
    changed: frozenset[int] = frozenset()
    if dated:
        changed = kept_dates.renew(conn, workspace_id, flow.id, rule_of(flow).path, dated)
    if changed:
        _wake_moved(conn, workspace_id, flow, changed, now)
        whole = kept_dates.are_complete(conn, workspace_id, flow.id, rule_of(flow).path)
        since = now - timeline(flow.definition) if whole else now
        _enter_these(conn, workspace_id, flow, changed, since, now)
    rest = set(others) - changed
    if rest:
        _enter_these(conn, workspace_id, flow, rest, now, now)


def _enter_these(
    conn: Connection, workspace_id: int, flow: Flow, profile_ids: Collection[int], since: datetime, now: datetime
) -> None:
    span = since, now + AHEAD
    near = kept_dates.coming_of(conn, workspace_id, flow.id, rule_of(flow), *span, profile_ids)
    enter(conn, workspace_id, flow, near, *span, now, placing=True)


# ── taking in ───────────────────────────────────────────────────────────────────────────────────────────────────────
def enter(
    conn: Connection,
    workspace_id: int,
    flow: Flow,
    profile_ids: Collection[int],
    start: datetime,
    end: datetime,
    now: datetime,
    *,
    placing: bool = False,
) -> int:
    """Take in those of these people whose date starts the flow in a span of time; answers how many.

    `placing`: of whom it has started already is put where they would be by now.
    """
    if not profile_ids:
        return 0
    known = facts.load(conn, workspace_id, profile_ids, _ASKED, now)
    zone = brand.load(conn, workspace_id).timezone
    comings = sorted(
        (occasion.at, profile_id, occasion)
        for profile_id, found in known.items()
        for occasion in _occasions(flow, found, zone, start, end)
    )
    standing = _entered(conn, workspace_id, flow.id, {profile_id for _, profile_id, _ in comings})
    candidates = [
        Candidate(flow, profile_id, at, key, _trigger(flow, occasion), placing and at <= now)
        for at, profile_id, occasion in comings
        if (key := _key(occasion, standing.get((profile_id, occasion.day.isoformat()))))
    ]
    return entry.enrol(conn, workspace_id, candidates, now)


def _occasions(flow: Flow, known: Facts, zone: str, start: datetime, end: datetime) -> list[Occasion]:
    held = {**known.properties, **known.attributes}
    value = next(iter(leads_to(held, rule_of(flow).path)), None)
    return occasions(rule_of(flow), value, held.get("timezone"), zone, start, end)


def _trigger(flow: Flow, occasion: Occasion) -> dict[str, object]:
    """What an enrolment remembers of the date that began it."""
    name, day = written(rule_of(flow).path), occasion.day.isoformat()
    return {
        "property": name,
        "day": day,
        "ts": occasion.at.isoformat(),
        "properties": {"date": day, "property": name},
    }


def _key(occasion: Occasion, before: tuple[int, bool] | None) -> str | None:
    """What an enrolment for this day goes by; None: the day has started the flow for the person already.

    Who left because the date was changed, and has the old one again, comes in again.
    """
    key = f"date:{occasion.day.isoformat()}"
    if before is None:
        return key
    count, stands = before
    return None if stands else f"{key}/{count}"


def _entered(
    conn: Connection, workspace_id: int, flow_id: int, profile_ids: Collection[int]
) -> dict[tuple[int, str], tuple[int, bool]]:
    """By (profile, day): how often the day has started the flow, and whether one of these stands or stood its time."""
    if not profile_ids:
        return {}
    # Index enrolment_profile, one probe each.
    rows = conn.execute(
        """
        SELECT e.profile_id, e.trigger ->> 'day', count(*), bool_or(e.reason IS DISTINCT FROM %(changed)s)
        FROM enrolment e
        WHERE e.workspace_id = %(workspace)s
          AND e.profile_id = ANY (%(ids)s)
          AND e.flow_id = %(flow)s
          AND e.trigger ? 'day'
        GROUP BY 1, 2
        """,
        {"workspace": workspace_id, "flow": flow_id, "ids": sorted(profile_ids), "changed": DATE_CHANGED},
    )
    return {(profile_id, day): (count, stands) for profile_id, day, count, stands in rows}


# ── whose date no longer stands ─────────────────────────────────────────────────────────────────────────────────────
def _wake_moved(conn: Connection, workspace_id: int, flow: Flow, profile_ids: Collection[int], now: datetime) -> None:
    """Look now at those of these people who wait by a date that they no longer have: the engine has them leave."""
    # Index enrolment_profile, one probe each.
    waiting = conn.execute(
        """
        SELECT e.id, e.profile_id, e.started_at, e.trigger
        FROM enrolment e
        WHERE e.workspace_id = %(workspace)s
          AND e.profile_id = ANY (%(ids)s)
          AND e.flow_id = %(flow)s
          AND e.state = 'waiting'
        """,
        {"workspace": workspace_id, "flow": flow.id, "ids": sorted(profile_ids)},
    ).fetchall()
    if not waiting:
        return
    known = facts.load(conn, workspace_id, {row[1] for row in waiting}, _ASKED, now)
    zone = brand.load(conn, workspace_id).timezone
    moved = [
        enrolment_id
        for enrolment_id, profile_id, started_at, trigger in waiting
        if date_moved(
            flow.definition,
            Enrolment(enrolment_id, profile_id, started_at, started_at, None, trigger),
            Known(known.get(profile_id), zone),
        )
    ]
    # When the step is really due is kept beside the time of the next look. Primary key.
    conn.execute(
        """
        UPDATE enrolment
        SET due_at = COALESCE(due_at, wake_at),
            wake_at = %(now)s
        WHERE workspace_id = %(workspace)s
          AND id = ANY (%(ids)s)
          AND state = 'waiting'
          AND (wake_at IS NULL OR wake_at > %(now)s)
        """,
        {"workspace": workspace_id, "ids": sorted(moved), "now": now},
    )
