"""/flows/…/start, people and backfill: putting people into flows by a call, by hand or from the past; who is in one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal

import orjson
from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import BeforeValidator

from headwater.api.calls import MOST, Call, Id, Limit, Moment, Name, Number, Page, call, page
from headwater.api.errors import ApiError, NotFound
from headwater.api.people import Person, Refused, check, known
from headwater.audience import identifiers
from headwater.flows import live, people
from headwater.flows.arrivals import adding, selections, starting
from headwater.flows.arrivals.adding import Adding
from headwater.flows.arrivals.selections import Selection
from headwater.flows.arrivals.starting import Start
from headwater.flows.errors import UnknownFlow
from headwater.flows.live import Flow
from headwater.flows.people import Inside
from headwater.intake.reading import CALL_BYTES

router = Router(tags=["Flows"])

BY = "api"


# ── started by a call ───────────────────────────────────────────────────────────────────────────────────────────────
class StartIn(Schema):
    profile: Person
    properties: dict[str, Any] = {}
    """What emails see as the event."""
    id: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """A second call with the same id does nothing, for two days."""


class StartsIn(Schema):
    """One start, or up to 1,000 as `starts`."""

    profile: Person | None = None
    properties: dict[str, Any] = {}
    id: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    starts: Annotated[list[StartIn], Field(min_length=1, max_length=1_000)] | None = None


class Accepted(Schema):
    accepted: int
    refused: list[Refused]


@router.post("/flows/{slug}/start", response={202: Accepted}, summary="Start a flow for a person, or for several")
def start_flow(request: HttpRequest, slug: str, body: StartsIn) -> Status[dict[str, Any]]:
    """For flows with the trigger `api`. Somebody unknown is made, as by an event; an unknown profile id is refused."""
    if (body.starts is None) is (body.profile is None):
        raise ApiError(400, "Send a profile, or starts.", "profile")
    starts = body.starts or []
    if body.profile is not None:
        starts = [StartIn(profile=body.profile, properties=body.properties, id=body.id)]
    with call(request) as c:
        flow = starting.find(c.conn, c.workspace_id, slug)
        refused = _refused(c, starts)
        if body.starts is None and refused:
            raise ApiError(400, refused[0].detail, refused[0].field)
        bad = {entry.index for entry in refused}
        wanted = [Start(_user(one.profile), one.properties, one.id) for n, one in enumerate(starts) if n not in bad]
        starting.start(c.conn, c.workspace_id, flow, wanted, c.now)
    return Status(202, {"accepted": len(wanted), "refused": refused})


def _refused(c: Call, starts: Sequence[StartIn]) -> list[Refused]:
    named, refused = check([one.profile for one in starts])
    by_id = [index for index in named if starts[index].profile.id is not None]
    found = identifiers.find(c.conn, c.workspace_id, [("id", str(starts[index].profile.id)) for index in by_id])
    refused += [
        Refused(index=index, field="id", detail="There is no such profile.")
        for index, profile_id in zip(by_id, found, strict=True)
        if profile_id is None
    ]
    refused += [
        Refused(index=index, field="properties", detail=f"The properties may have {CALL_BYTES // 1024} KB at most.")
        for index in named
        if len(orjson.dumps(starts[index].properties)) > CALL_BYTES
    ]
    return sorted(refused, key=lambda entry: entry.index)


def _user(person: Person) -> dict[str, Any]:
    given = {kind: getattr(person, kind) for kind in identifiers.COLUMNS} | {"profile_id": person.id}
    return {kind: value for kind, value in given.items() if value is not None}


# ── added by hand, or from the past ─────────────────────────────────────────────────────────────────────────────────
def _named(given: Any) -> Any:
    if isinstance(given, int) and not isinstance(given, bool):
        return {"id": given}
    return {"email": given} if isinstance(given, str) else given


Named = Annotated[Person, BeforeValidator(_named)]
"""A person; a number is an id and a text an address."""


class PeopleIn(Schema):
    """One of these."""

    profiles: Annotated[list[Named], Field(min_length=1, max_length=1_000)] | None = None
    segment: Number | Name | None = None
    list_: Annotated[Number | Name | None, Field(alias="list")] = None


class BackfillIn(Schema):
    days: Annotated[int, Field(ge=1, le=3650)] | None = None
    """How far back at the most; never further than the flow takes."""
    from_: Annotated[Literal["joined", "now"], Field(alias="from")] = "joined"
    """For flows by a list or segment: people count from when they joined, or from now."""


class Job(Schema):
    id: int
    flow: str
    kind: str
    """manual or backfill."""
    by: str
    state: str
    """running, done or failed."""
    total: int | None
    """About so many are to be looked at; null: nobody has counted."""
    done: int
    """So many were looked at: people, or events of the past."""
    entered: int
    created_at: Moment
    finished_at: Moment | None
    error: str | None


class NewJob(Job):
    refused: list[Refused]


@router.post("/flows/{slug}/people", response={202: NewJob}, summary="Add people, a segment or a list by hand")
def add_people(request: HttpRequest, slug: str, body: PeopleIn) -> Status[dict[str, Any]]:
    """For manual flows, and those by a list or segment: as if they had joined just now. Done in the background."""
    with call(request) as c:
        _flow(c, slug)
        wanted, refused = _selected(c, body)
        made = adding.by_hand(c.conn, c.workspace_id, slug, wanted, BY, c.now)
    return Status(202, _shown(slug, made) | {"refused": refused})


def _selected(c: Call, body: PeopleIn) -> tuple[Selection, list[Refused]]:
    given = [one for one in (body.profiles, body.segment, body.list_) if one is not None]
    if len(given) != 1:
        raise ApiError(400, "Name profiles, a segment or a list.", "profiles")
    if body.segment is not None:
        return selections.of_segment(c.conn, c.workspace_id, body.segment)[0], []
    if body.list_ is not None:
        return selections.of_list(c.conn, c.workspace_id, body.list_)[0], []
    found, refused = known(c, body.profiles or [])
    if not found:
        raise ApiError(400, refused[0].detail, f"profiles.{refused[0].index}")
    return selections.of_people(list(found.values())), refused


@router.post("/flows/{slug}/backfill", response={202: Job}, summary="Fill a flow from the past")
def backfill(request: HttpRequest, slug: str, body: BackfillIn | None = None) -> Status[dict[str, Any]]:
    """Who would be in it had it been live is put where they would be by now; nothing is sent at once.

    For flows by a metric, a list or a segment; nobody who ever was in it. Done in the background.
    """
    asked = body or BackfillIn()
    with call(request) as c:
        reach = timedelta(days=asked.days) if asked.days is not None else None
        made = adding.back_populate(c.conn, c.workspace_id, slug, BY, c.now, reach=reach, from_now=asked.from_ == "now")
    return Status(202, _shown(slug, made))


@router.get("/flows/{slug}/people/jobs/{job_id}", response=Job, summary="How far such a job is")
def get_job(request: HttpRequest, slug: str, job_id: Id) -> dict[str, Any]:
    with call(request) as c:
        found = adding.get(c.conn, c.workspace_id, _flow(c, slug).id, job_id)
    if found is None:
        raise NotFound(f"job {job_id} of this flow")
    return _shown(slug, found)


def _shown(slug: str, job: Adding) -> dict[str, Any]:
    return {name: getattr(job, name) for name in Job.model_fields if name != "flow"} | {"flow": slug}


def _flow(c: Call, slug: str) -> Flow:
    found = live.by_slug(c.conn, c.workspace_id, slug)
    if found is None:
        raise UnknownFlow(slug)
    return found


# ── who is in it ────────────────────────────────────────────────────────────────────────────────────────────────────
class InsideOut(Schema):
    id: int
    """Of the enrolment: a person may be in a flow several times."""
    profile_id: int
    email: str | None
    first_name: str | None
    last_name: str | None
    state: str
    """waiting, completed or exited."""
    step: str
    """They wait before it, or were last at it,"""
    since: Moment
    """since then."""
    next_at: Moment | None
    """When it is due; null: somebody decides, or it has ended."""
    held: str | None
    """review: somebody decides; stock: until the item is in stock."""
    reason: str | None
    """Why they left."""
    started_at: Moment
    entered_at: Moment
    finished_at: Moment | None


@router.get("/flows/{slug}/people", response=Page[InsideOut], summary="Who is in a flow, and where")
def people_inside(
    request: HttpRequest,
    slug: str,
    step: str | None = None,
    state: Literal["waiting", "held", "completed", "exited"] | None = None,
    cursor: str | None = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """In the order of profiles. `held`: of those who wait, those about whom somebody decides."""
    with call(request) as c:
        found = people.page(
            c.conn, c.workspace_id, _flow(c, slug), step=step, state=state, after=_after(cursor), limit=limit + 1
        )
    return page(found, limit, cursor=_cursor)


class RemoveIn(Schema):
    enrolments: Annotated[list[Number], Field(min_length=1, max_length=1_000)]


class Removed(Schema):
    removed: int


@router.post("/flows/{slug}/people/remove", response=Removed, summary="Take people out of a flow")
def remove_people(request: HttpRequest, slug: str, body: RemoveIn) -> dict[str, int]:
    """Those of these enrolments that wait end here, and what was planned for them is cancelled."""
    with call(request) as c:
        return {"removed": people.remove(c.conn, c.workspace_id, _flow(c, slug), body.enrolments, c.now)}


def _cursor(row: Inside) -> str:
    return f"{row.profile_id}-{row.id}"


def _after(cursor: str | None) -> tuple[int, int]:
    """The (profile, enrolment) in a cursor; zeros for the beginning."""
    if not cursor:
        return 0, 0
    profile, _, enrolment = cursor.partition("-")
    if not all(part.isascii() and part.isdigit() and int(part) <= MOST for part in (profile, enrolment)):
        raise ApiError(400, "This cursor was not made by this list.", "cursor")
    return int(profile), int(enrolment)
