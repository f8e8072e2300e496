"""/segments: saved audiences that are live: how many people they have, who, why, and how they grow."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status

from headwater.accounts import brand
from headwater.api.calls import MOST, Call, Id, Limit, Moment, Name, Page, after, call, page
from headwater.api.errors import ApiError, NotFound
from headwater.api.people import ProfileOut, shown
from headwater.audience import identity, profiles
from headwater.segments import explain, growth, members, preview, ready_made, requests, saved
from headwater.segments.language import Condition, describe
from headwater.segments.saved import Segment
from headwater.segments.schema import schema

router = Router(tags=["Segments"])
Tree = dict[str, Any] | list[Any]
GROWTH_DAYS = 90


class SegmentIn(Schema):
    name: Name
    definition: Tree


class SegmentChange(Schema):
    name: Name | None = None
    definition: Tree | None = None
    starred: bool | None = None


class SegmentOut(Schema):
    id: int
    name: str
    definition: Tree
    """Segments that it refers to are named by id."""
    description: str
    """The definition in words."""
    state: str
    """building (what was there before stands until it is done), live, or failed."""
    progress: float | None
    """While it is built: the share that is done, 0 to 1."""
    error: str | None
    members: int
    """Of the membership that stands."""
    as_of: Moment | None
    """Up to when the passing of time has been given effect."""
    starred: bool
    version: int
    created_at: Moment
    updated_at: Moment


class Count(Schema):
    count: int
    description: str
    """The definition in words."""


class SegmentMember(ProfileOut):
    entered_at: Moment | None
    """null: the segment has not been built yet, and this is who will be in it."""


class AnswerOut(Schema):
    says: str
    """The condition in words."""
    holds: bool
    facts: list[str]
    """What is known that decides it."""
    changes_at: Moment | None
    """When it answers otherwise if nothing else happens; null: not by time alone."""
    of: list[AnswerOut]
    """The parts of a group."""


class Why(Schema):
    member: bool
    known: bool
    """Has said who it is; a browser that has not is in no segment."""
    entered_at: Moment | None
    """By the stored membership, which follows within a second."""
    changes_at: Moment | None
    answer: AnswerOut


class Day(Schema):
    day: date
    members: int
    """At the end of the day, in the brand's time zone."""
    entered: int
    left: int


class Sizes(Schema):
    segment_id: int
    members: list[int]
    """At the end of each day, oldest first."""


class ReadyMadeOut(Schema):
    slug: str
    name: str
    description: str
    definition: Tree


class Belonging(Schema):
    id: int
    name: str
    entered_at: Moment


@router.get("/segments", response=Page[SegmentOut], summary="List segments")
def list_segments(
    request: HttpRequest,
    q: Annotated[str, Query(max_length=200)] = "",
    cursor: str | None = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """`q`: a part of the name, whatever its case."""
    with call(request) as c:
        answer = page(saved.page(c.conn, c.workspace_id, after=after(cursor), limit=limit + 1, q=q), limit)
        return answer | {"data": _shown(c, answer["data"])}


@router.post("/segments", response={201: SegmentOut}, summary="Save a segment; it is built in the background")
def create_segment(request: HttpRequest, body: SegmentIn) -> Status[dict[str, Any]]:
    with call(request) as c:
        return Status(201, _one(c, saved.create(c.conn, c.workspace_id, body.name, body.definition, c.now)))


@router.get("/segments/schema", summary="The JSON Schema of definitions")
def definition_schema(request: HttpRequest, in_flow: bool = False) -> dict[str, Any]:
    return schema(in_flow=in_flow)


@router.get("/segments/ready-made", response=list[ReadyMadeOut], summary="Segments that can be saved as they are")
def ready_made_segments(request: HttpRequest) -> Any:
    return ready_made.shelf()


@router.post("/segments/ready-made/{slug}", response={201: SegmentOut}, summary="Save a ready-made segment")
def save_ready_made(request: HttpRequest, slug: str) -> Status[dict[str, Any]]:
    """Where it is saved already, under its name, it stays as it is."""
    with call(request) as c:
        try:
            made = ready_made.install(c.conn, c.workspace_id, slug, c.now)
        except LookupError:
            raise NotFound(f"ready-made segment {slug}") from None
        return Status(201, _one(c, made))


@router.get("/segments/sizes", response=list[Sizes], summary="The size of every segment, day by day")
def segment_sizes(request: HttpRequest, days: Annotated[int, Query(ge=1, le=90)] = 30) -> list[dict[str, Any]]:
    """The last so many days until today, in the brand's time zone; of a younger segment, since it has been built."""
    with call(request) as c:
        today = c.now.astimezone(brand.load(c.conn, c.workspace_id).zone).date()
        found = growth.sizes(c.conn, c.workspace_id, today - timedelta(days=days - 1), today)
        return [{"segment_id": segment_id, "members": members} for segment_id, members in found.items()]


@router.get("/segments/{segment_id}", response=SegmentOut, summary="Get a segment")
def get_segment(request: HttpRequest, segment_id: Id) -> dict[str, Any]:
    with call(request) as c:
        return _one(c, _found(c, segment_id))


@router.patch("/segments/{segment_id}", response=SegmentOut, summary="Rename, star or redefine a segment")
def change_segment(request: HttpRequest, segment_id: Id, body: SegmentChange) -> dict[str, Any]:
    with call(request) as c:
        changed = saved.update(
            c.conn,
            c.workspace_id,
            segment_id,
            c.now,
            name=body.name,
            definition=body.definition,
            starred=body.starred,
        )
        if changed is None:
            raise NotFound(f"segment {segment_id}")
        return _one(c, changed)


@router.delete("/segments/{segment_id}", response={204: None}, summary="Take a segment out of use")
def archive_segment(request: HttpRequest, segment_id: Id) -> Status[None]:
    with call(request) as c:
        if not saved.archive(c.conn, c.workspace_id, segment_id, c.now):
            raise NotFound(f"segment {segment_id}")
    return Status(204, None)


@router.post(
    "/segments/{segment_id}/rebuild", response={202: SegmentOut}, summary="Build it anew from all that is known"
)
def rebuild_segment(request: HttpRequest, segment_id: Id) -> Status[dict[str, Any]]:
    with call(request) as c:
        _found(c, segment_id)
        requests.rebuild(c.conn, c.workspace_id, [segment_id], c.now)
        return Status(202, _one(c, _found(c, segment_id)))


@router.get("/segments/{segment_id}/count", response=Count, summary="How many people are in it now")
def count_segment(request: HttpRequest, segment_id: Id) -> dict[str, Any]:
    with call(request) as c:
        segment = _found(c, segment_id)
        count = segment.members
        if not segment.built:
            count = preview.exactly(c.conn, c.workspace_id, segment.condition, c.now).count
        return {"count": count, "description": described(c, segment.condition)}


@router.get("/segments/{segment_id}/members", response=Page[SegmentMember], summary="Who is in it, by profile id")
def segment_members(
    request: HttpRequest, segment_id: Id, cursor: str | None = None, limit: Limit = 100
) -> dict[str, Any]:
    with call(request) as c:
        found = members.of_segment(c.conn, c.workspace_id, _found(c, segment_id), c.now, after(cursor), limit + 1)
        answer = page(found, limit, cursor=lambda row: row[0])
        entered = dict(answer["data"])
        people = shown(c.conn, c.workspace_id, list(entered))
        return answer | {"data": [one | {"entered_at": entered[one["id"]]} for one in people]}


@router.get("/segments/{segment_id}/why", response=Why, summary="Why a profile is in it or not, and when that changes")
def why_segment(
    request: HttpRequest,
    segment_id: Id,
    profile: Annotated[int | None, Query(ge=1, le=MOST)] = None,
    email: str | None = None,
) -> Any:
    """Name the profile by id or by email address."""
    with call(request) as c:
        segment = _found(c, segment_id)
        if (profile is None) is (email is None):
            raise ApiError(400, "Name a profile by its id or by its email address.", "profile")
        if email is not None:
            wanted = profiles.find(c.conn, c.workspace_id, email=email)
        else:
            wanted = identity.follow(c.conn, c.workspace_id, [profile or 0]).get(profile or 0)
        told = wanted and explain.of_profile(c.conn, c.workspace_id, segment.condition, wanted, c.now, segment.id)
        if not told:
            raise NotFound(f"profile {profile or email}")
        return told


@router.get("/segments/{segment_id}/growth", response=list[Day], summary="Its size day by day")
def segment_growth(
    request: HttpRequest, segment_id: Id, since: date | None = None, until: date | None = None
) -> list[growth.Day]:
    """The last 90 days, or the days from `since` to `until`, two years at most."""
    with call(request) as c:
        _found(c, segment_id)
        zone = brand.load(c.conn, c.workspace_id).zone
        last = until or c.now.astimezone(zone).date()
        first = since or last - timedelta(days=GROWTH_DAYS - 1)
        if not timedelta(0) <= last - first <= timedelta(days=731):
            raise ApiError(400, "Ask for at most two years, from an earlier day to a later one.", "since")
        return growth.days(c.conn, c.workspace_id, segment_id, first, last)


@router.get("/profiles/{profile_id}/segments", response=list[Belonging], summary="The segments a profile is in")
def segments_of_profile(request: HttpRequest, profile_id: Id) -> list[dict[str, Any]]:
    with call(request) as c:
        there = identity.follow(c.conn, c.workspace_id, [profile_id]).get(profile_id)
        if there is None:
            raise NotFound(f"profile {profile_id}")
        return [
            {"id": segment_id, "name": name, "entered_at": entered_at}
            for segment_id, name, entered_at in members.of_profile(c.conn, c.workspace_id, there)
        ]


def _found(c: Call, segment_id: int) -> Segment:
    found = saved.get(c.conn, c.workspace_id, [segment_id]).get(segment_id)
    if found is None or found.archived_at is not None:
        raise NotFound(f"segment {segment_id}")
    return found


def described(c: Call, condition: Condition) -> str:
    names = saved.names(c.conn, c.workspace_id)
    return describe(condition, lambda named: names.get(named, str(named)))


def _shown(c: Call, segments: list[Segment]) -> list[dict[str, Any]]:
    names = saved.names(c.conn, c.workspace_id)
    fields = SegmentOut.model_fields.keys() - {"description"}
    return [
        {name: getattr(one, name) for name in fields}
        | {"description": describe(one.condition, lambda named: names.get(named, str(named)))}
        for one in segments
    ]


def _one(c: Call, segment: Segment) -> dict[str, Any]:
    return _shown(c, [segment])[0]
