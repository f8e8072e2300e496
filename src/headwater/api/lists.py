"""/lists: who chose to be on which list."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from headwater.api.calls import Call, Id, Limit, Moment, Name, Page, after, call, page
from headwater.api.errors import NotFound
from headwater.api.people import Person, Refused, known, resolve
from headwater.audience import lists, profiles

router = Router(tags=["Lists"])


class ListIn(Schema):
    name: Name


class ListOut(Schema):
    id: int
    name: str
    opt_in: str
    members: int
    created_at: Moment


class Members(Schema):
    profiles: Annotated[list[Person], Field(min_length=1, max_length=1_000)]


class NewMembers(Members):
    method: Annotated[str, Field(min_length=1, max_length=50)] = "api"
    historical: bool = False
    """An import of people who joined long ago: starts no flow."""


class Added(Schema):
    added: int
    """Those who were not on the list before."""
    refused: list[Refused]


class Removed(Schema):
    removed: int
    refused: list[Refused]


class Member(Schema):
    profile_id: int
    email: str | None
    added_at: Moment


@router.get("/lists", response=list[ListOut], summary="All lists")
def all_lists(request: HttpRequest) -> Any:
    with call(request) as c:
        return lists.all_lists(c.conn, c.workspace_id)


@router.post("/lists", response={201: ListOut}, summary="Make a list")
def create_list(request: HttpRequest, body: ListIn) -> Status[Any]:
    with call(request) as c:
        return Status(201, _one(c, lists.create(c.conn, c.workspace_id, body.name, c.now)))


@router.get("/lists/{list_id}", response=ListOut, summary="Get a list")
def get_list(request: HttpRequest, list_id: Id) -> Any:
    with call(request) as c:
        return _one(c, list_id)


@router.patch("/lists/{list_id}", response=ListOut, summary="Rename a list")
def rename_list(request: HttpRequest, list_id: Id, body: ListIn) -> Any:
    with call(request) as c:
        if not lists.rename(c.conn, c.workspace_id, list_id, body.name, c.now):
            raise NotFound(f"list {list_id}")
        return _one(c, list_id)


@router.delete("/lists/{list_id}", response={204: None}, summary="Take a list out of use")
def archive_list(request: HttpRequest, list_id: Id) -> Status[None]:
    with call(request) as c:
        if not lists.archive(c.conn, c.workspace_id, list_id, c.now):
            raise NotFound(f"list {list_id}")
    return Status(204, None)


@router.get("/lists/{list_id}/members", response=Page[Member], summary="Who is on it, by profile id")
def members(request: HttpRequest, list_id: Id, cursor: str | None = None, limit: Limit = 100) -> dict[str, Any]:
    with call(request) as c:
        _check(c, list_id)
        found = lists.members(c.conn, c.workspace_id, list_id, after=after(cursor), limit=limit + 1)
        answer = page(found, limit, cursor=lambda row: row[0])
        known_people = profiles.get(c.conn, c.workspace_id, [profile for profile, _ in answer["data"]])
    return answer | {
        "data": [
            {"profile_id": profile, "email": known_people[profile].email, "added_at": added_at}
            for profile, added_at in answer["data"]
            if profile in known_people
        ]
    }


@router.post("/lists/{list_id}/members", response=Added, summary="Add up to 1,000 people")
def add_members(request: HttpRequest, list_id: Id, body: NewMembers) -> dict[str, Any]:
    with call(request) as c:
        _check(c, list_id)
        found, refused = resolve(c, body.profiles)
        added = lists.add(
            c.conn,
            c.workspace_id,
            list_id,
            sorted(set(found.values())),
            c.now,
            body.method,
            historical=body.historical,
        )
    return {"added": len(added), "refused": refused}


@router.post("/lists/{list_id}/members/remove", response=Removed, summary="Take up to 1,000 people off")
def remove_members(request: HttpRequest, list_id: Id, body: Members) -> dict[str, Any]:
    with call(request) as c:
        _check(c, list_id)
        found, refused = known(c, body.profiles)
        removed = lists.remove(c.conn, c.workspace_id, list_id, sorted(set(found.values())))
    return {"removed": removed, "refused": refused}


def _one(c: Call, list_id: int) -> Any:
    found = lists.get(c.conn, c.workspace_id, list_id)
    if found is None:
        raise NotFound(f"list {list_id}")
    return found


def _check(c: Call, list_id: int) -> None:
    if not lists.exists(c.conn, c.workspace_id, list_id):
        raise NotFound(f"list {list_id}")
