"""In which flows somebody is or was: where they stand, what comes next and when, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from psycopg import Connection

from headwater.accounts import brand as brands
from headwater.audience import profiles
from headwater.flows import live
from headwater.flows import timeline as ways_through
from headwater.flows.definition import FlowDefinition
from headwater.flows.delays import zone
from headwater.flows.timeline import Way
from headwater.why import ways as ways_told
from headwater.why.gathering import definitions_of


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """One way of a person through a flow."""

    enrolment_id: int
    slug: str
    flow: str
    """Its name."""
    flow_status: str
    state: str
    """waiting, completed or exited."""
    entered_at: datetime
    because: str | None
    """What took them in, in words."""
    step: str | None
    """Where they wait, by id."""
    next: str | None
    """What comes next, in words,"""
    next_detail: str | None
    next_at: datetime | None
    """and when; None: somebody decides, or nothing comes."""
    finished_at: datetime | None
    end: str | None
    """How it ended, in words."""
    end_detail: str | None


def whereabouts(conn: Connection, workspace_id: int, profile_id: int) -> list[Whereabouts]:
    """A person's ways through flows: those where they wait first, then the newest. Raises LookupError."""
    person = profiles.get(conn, workspace_id, [profile_id]).get(profile_id)
    if person is None:
        raise LookupError(f"There is no profile {profile_id}.")
    local = zone(person.timezone) or zone(brands.load(conn, workspace_id).timezone) or UTC
    ways = ways_through.of_profile(conn, workspace_id, profile_id)
    flows = live.by_id(conn, workspace_id, {way.flow_id for way in ways}) if ways else {}
    definitions = definitions_of(conn, workspace_id, ways, flows)
    told = [_told(way, definitions[way.id], local) for way in ways]
    return sorted(told, key=lambda one: one.state != "waiting")


def _told(way: Way, definition: FlowDefinition | None, local: tzinfo) -> Whereabouts:
    entries = list(ways_told.way(way, definition, local))
    coming = next(iter(ways_told.coming([way], {way.id: definition}, local)), None)
    ended = entries[-1] if way.state != "waiting" and entries else None
    frozen = way.held == "review" or way.flow_status == "paused"
    return Whereabouts(
        enrolment_id=way.id,
        slug=way.flow,
        flow=way.name,
        flow_status=way.flow_status,
        state=way.state,
        entered_at=way.entered_at,
        because=entries[0].detail if entries else None,
        step=way.step if way.state == "waiting" else None,
        next=coming.title.removesuffix(f" in {way.name}") if coming is not None else None,
        next_detail=coming.detail if coming is not None else None,
        next_at=way.due_at if coming is not None and not frozen else None,
        finished_at=way.finished_at,
        end=ended.title if ended is not None else None,
        end_detail=ended.detail if ended is not None else None,
    )
