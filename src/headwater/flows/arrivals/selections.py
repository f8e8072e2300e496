"""Whom a job that adds people means, part by part: people named, a segment, a list, or what happened in the past.

A part is read in the order of profile ids (events in the order of time), so a job continues after what it has done.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from headwater.audience import lists
from headwater.events import past
from headwater.flows import facts
from headwater.flows.entry import Candidate, by_event
from headwater.flows.errors import FlowError
from headwater.flows.live import Flow
from headwater.flows.triggers import starts
from headwater.segments import members, saved
from headwater.segments.language import evaluate, needs
from headwater.segments.saved import Segment


@dataclass(frozen=True, slots=True)
class Selection:
    """Whom a job means (exactly one of the first four), and how they begin."""

    profiles: tuple[int, ...] | None = None  # in the order of ids
    segment: int | None = None
    list: int | None = None
    metric: str | None = None
    total: int | None = None  # about so many people; None: nobody has counted
    since: datetime | None = None  # who joined, or what happened, after that
    placed: bool = False  # put where they would be by now
    fresh: bool = False  # only who never was in the flow
    trigger: Mapping[str, Any] | None = None  # what enrolments remember of their beginning


@dataclass(frozen=True, slots=True)
class Job:
    """What one job does to a flow; `at`: when it was made."""

    id: int
    flow: Flow
    at: datetime
    wanted: Selection


@dataclass(frozen=True, slots=True)
class Place:
    """How far a job is."""

    after_profile: int
    after_ts: datetime | None


@dataclass(frozen=True, slots=True)
class Part:
    """The next of those meant."""

    candidates: Sequence[Candidate]
    looked_at: int
    place: Place
    more: bool


# ── making one ──────────────────────────────────────────────────────────────────────────────────────────────────────
def of_people(profile_ids: Collection[int]) -> Selection:
    """These people. Raises FlowError if there are none."""
    if not profile_ids:
        raise FlowError("profiles", "there is nobody to add")
    ids = tuple(sorted(set(profile_ids)))
    return Selection(profiles=ids, total=len(ids))


def of_segment(conn: Connection, workspace_id: int, named: int | str) -> tuple[Selection, Segment]:
    """Everybody in a segment, by name or id. Raises FlowError if there is none, or it has not been built yet."""
    if isinstance(named, int):
        found = saved.get(conn, workspace_id, [named]).get(named)
    else:
        found = saved.find(conn, workspace_id, named)
    if found is None or found.archived_at is not None:
        raise FlowError("segment", f"there is no segment {named}")
    if found.live_version is None:
        raise FlowError("segment", f"the segment {found.name} has not been built yet")
    return Selection(segment=found.id, total=found.members), found


def of_list(conn: Connection, workspace_id: int, named: int | str) -> tuple[Selection, lists.List]:
    """Everybody on a list, by name or id. Raises FlowError if there is none."""
    list_id = named if isinstance(named, int) else lists.find(conn, workspace_id, named)
    found = lists.get(conn, workspace_id, list_id) if list_id is not None else None
    if found is None:
        raise FlowError("list", f"there is no list {named}")
    return Selection(list=found.id, total=found.members), found


# ── reading it ──────────────────────────────────────────────────────────────────────────────────────────────────────
def read(conn: Connection, workspace_id: int, job: Job, place: Place, most: int) -> Part:
    """The next `most` people, or about so many events, as far as the flow may take them.

    Raises FlowError when what was selected is gone.
    """
    if job.wanted.metric is not None:
        part = _happened(conn, workspace_id, job, place, most)
    else:
        part = _people(conn, workspace_id, job, place, most)
    meant = _never_inside(conn, workspace_id, job, part.candidates) if job.wanted.fresh else part.candidates
    return replace(part, candidates=_in_its_audience(conn, workspace_id, job, meant))


def _people(conn: Connection, workspace_id: int, job: Job, place: Place, most: int) -> Part:
    wanted = job.wanted
    found = _next_people(conn, workspace_id, wanted, place.after_profile, most)
    if not _still_there(conn, workspace_id, wanted):  # asked after reading: until then it was all there
        raise FlowError("", "what was selected has been taken out of use before everybody was added")
    candidates = [
        _candidate(job, profile_id, joined if wanted.placed and joined is not None else job.at)
        for profile_id, joined in found
        if joined is None or wanted.since is None or joined > wanted.since
    ]
    after = found[-1][0] if found else place.after_profile
    return Part(candidates, len(found), Place(after, None), len(found) == most)


def _candidate(job: Job, profile_id: int, at: datetime) -> Candidate:
    trigger = {**(job.wanted.trigger or {}), "ts": at.isoformat(), "added": job.id}
    return Candidate(job.flow, profile_id, at, f"added:{job.id}", trigger, job.wanted.placed)


def _next_people(
    conn: Connection, workspace_id: int, wanted: Selection, after: int, most: int
) -> Sequence[tuple[int, datetime | None]]:
    """(profile id, when they joined what was selected), in the order of ids."""
    if wanted.segment is not None:
        return members.stored(conn, workspace_id, wanted.segment, after=after, limit=most)
    if wanted.list is not None:
        return lists.members(conn, workspace_id, wanted.list, after=after, limit=most)
    ahead = [profile_id for profile_id in wanted.profiles or () if profile_id > after]
    return [(profile_id, None) for profile_id in ahead[:most]]


def _still_there(conn: Connection, workspace_id: int, wanted: Selection) -> bool:
    if wanted.segment is not None:
        segment = saved.get(conn, workspace_id, [wanted.segment]).get(wanted.segment)
        return segment is not None and segment.archived_at is None
    return wanted.list is None or lists.exists(conn, workspace_id, wanted.list)


def _happened(conn: Connection, workspace_id: int, job: Job, place: Place, most: int) -> Part:
    wanted, flow = job.wanted, job.flow
    after = place.after_ts or wanted.since
    assert wanted.metric is not None
    assert after is not None
    events, until = past.happened(conn, workspace_id, wanted.metric, after, job.at, most)
    trigger, slug = flow.definition.trigger, flow.definition.slug
    candidates = [
        replace(one, trigger={**one.trigger, "added": job.id})
        for event in events
        if starts(trigger, slug, event.properties, event.value)
        for one in [by_event(flow, event, placing=True)]
    ]
    return Part(candidates, len(events), Place(0, until), until < job.at)


# ── whom the flow may take ──────────────────────────────────────────────────────────────────────────────────────────
def _never_inside(
    conn: Connection, workspace_id: int, job: Job, candidates: Sequence[Candidate]
) -> Sequence[Candidate]:
    """Without those who ever were in the flow, but for what this job did."""
    # Index enrolment_profile, one probe each.
    rows = conn.execute(
        """
        SELECT asked.id
        FROM unnest(%(ids)s::bigint[]) AS asked (id)
        WHERE EXISTS (
            SELECT
            FROM enrolment e
            WHERE e.workspace_id = %(workspace)s
              AND e.profile_id = asked.id
              AND e.flow_id = %(flow)s
              AND e.trigger -> 'added' IS DISTINCT FROM to_jsonb(%(job)s::bigint)
        )
        """,
        {
            "workspace": workspace_id,
            "flow": job.flow.id,
            "job": job.id,
            "ids": sorted({one.profile_id for one in candidates}),
        },
    )
    been = {row[0] for row in rows}
    return [one for one in candidates if one.profile_id not in been]


def _in_its_audience(
    conn: Connection, workspace_id: int, job: Job, candidates: Sequence[Candidate]
) -> Sequence[Candidate]:
    """Without those whom the flow would send nothing, since they are not on its list, or not in its segment."""
    audience = job.flow.definition.audience
    if audience is None or not candidates:
        return candidates
    starts_at = ((one.profile_id, one.at) for one in candidates)
    known = facts.load(conn, workspace_id, starts_at, needs(audience), job.at)
    inside = {profile_id for profile_id, found in known.items() if evaluate(audience, found, job.at)}
    return [one for one in candidates if one.profile_id in inside]
