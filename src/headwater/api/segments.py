"""/segments: saved audiences, how many people they have, and who."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from headwater.api.calls import Call, Id, Limit, Moment, Name, Page, after, call, page
from headwater.api.errors import NotFound
from headwater.api.people import ProfileOut, shown
from headwater.segments import compile as compiling
from headwater.segments import members, saved
from headwater.segments.language import describe, parse
from headwater.segments.saved import Segment

router = Router(tags=["Segments"])


class SegmentIn(Schema):
    name: Name
    definition: dict[str, Any] | list[Any]


class SegmentChange(Schema):
    name: Name | None = None
    definition: dict[str, Any] | list[Any] | None = None


class SegmentOut(Schema):
    id: int
    name: str
    definition: dict[str, Any] | list[Any]
    created_at: Moment
    updated_at: Moment


class Definition(Schema):
    definition: dict[str, Any] | list[Any]


class Count(Schema):
    count: int
    description: str
    """The definition in words."""


@router.get("/segments", response=Page[SegmentOut], summary="List segments")
def list_segments(request: HttpRequest, cursor: str | None = None, limit: Limit = 100) -> dict[str, Any]:
    with call(request) as c:
        return page(saved.page(c.conn, c.workspace_id, after=after(cursor), limit=limit + 1), limit)


@router.post("/segments", response={201: SegmentOut}, summary="Save a segment")
def create_segment(request: HttpRequest, body: SegmentIn) -> Status[Segment]:
    with call(request) as c:
        return Status(201, saved.create(c.conn, c.workspace_id, body.name, body.definition, c.now))


@router.post("/segments/count", response=Count, summary="Count a definition without saving it")
def count_definition(request: HttpRequest, body: Definition) -> dict[str, Any]:
    condition = parse(body.definition)
    with call(request) as c:
        return {
            "count": compiling.count(c.conn, condition, c.workspace_id, c.now),
            "description": describe(condition),
        }


@router.get("/segments/{segment_id}", response=SegmentOut, summary="Get a segment")
def get_segment(request: HttpRequest, segment_id: Id) -> Segment:
    with call(request) as c:
        return _found(c, segment_id)


@router.patch("/segments/{segment_id}", response=SegmentOut, summary="Rename or redefine a segment")
def change_segment(request: HttpRequest, segment_id: Id, body: SegmentChange) -> Segment:
    with call(request) as c:
        changed = saved.update(c.conn, c.workspace_id, segment_id, c.now, name=body.name, definition=body.definition)
    if changed is None:
        raise NotFound(f"segment {segment_id}")
    return changed


@router.delete("/segments/{segment_id}", response={204: None}, summary="Take a segment out of use")
def archive_segment(request: HttpRequest, segment_id: Id) -> Status[None]:
    with call(request) as c:
        if not saved.archive(c.conn, c.workspace_id, segment_id, c.now):
            raise NotFound(f"segment {segment_id}")
    return Status(204, None)


@router.get("/segments/{segment_id}/count", response=Count, summary="How many people are in it now")
def count_segment(request: HttpRequest, segment_id: Id) -> dict[str, Any]:
    with call(request) as c:
        condition = _found(c, segment_id).condition
        return {
            "count": compiling.count(c.conn, condition, c.workspace_id, c.now),
            "description": describe(condition),
        }


@router.get("/segments/{segment_id}/members", response=Page[ProfileOut], summary="Who is in it now, by profile id")
def segment_members(
    request: HttpRequest, segment_id: Id, cursor: str | None = None, limit: Limit = 100
) -> dict[str, Any]:
    with call(request) as c:
        condition = _found(c, segment_id).condition
        found = members.page(c.conn, c.workspace_id, condition, c.now, after=after(cursor), limit=limit + 1)
        answer = page(found, limit, cursor=lambda profile_id: profile_id)
        return answer | {"data": shown(c.conn, c.workspace_id, answer["data"])}


def _found(c: Call, segment_id: int) -> Segment:
    found = saved.get(c.conn, c.workspace_id, [segment_id]).get(segment_id)
    if found is None or found.archived_at is not None:
        raise NotFound(f"segment {segment_id}")
    return found
