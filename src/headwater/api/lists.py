"""/lists: who chose to be on which list."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from headwater.api.calls import Call, Id, Limit, Moment, Name, Page, after, call, page
from headwater.api.errors import NotFound
from headwater.api.joining import Choice, Outcome, join
from headwater.api.people import Person, Refused, known, resolve
from headwater.audience import lists, profiles
from headwater.audience.lists import OptIn

router = Router(tags=["Lists"])


class ListIn(Schema):
    name: Name
    opt_in: OptIn = "single"
    """double: whoever joins is sent an email, and is on the list once they have confirmed from it."""


class ListChange(Schema):
    name: Name | None = None
    opt_in: OptIn | None = None
    """Holds for who joins from now on."""


class ListOut(Schema):
    id: int
    name: str
    opt_in: OptIn
    members: int
    pending: int
    """Those who were asked to confirm and have not yet."""
    created_at: Moment


class Members(Schema):
    profiles: Annotated[list[Person], Field(min_length=1, max_length=1_000)]


class NewMembers(Members, Choice):
    """With `consented_at`, their consent to email is recorded too, when they are on the list."""


class Added(Outcome):
    added: int
    """Those who are on the list now and were not before."""
    added_profiles: list[int]
    """Their profile ids."""
    refused: list[Refused]


class MembersRemoved(Schema):
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
        return Status(201, _one(c, lists.create(c.conn, c.workspace_id, body.name, c.now, body.opt_in)))


@router.get("/lists/{list_id}", response=ListOut, summary="Get a list")
def get_list(request: HttpRequest, list_id: Id) -> Any:
    with call(request) as c:
        return _one(c, list_id)


@router.patch("/lists/{list_id}", response=ListOut, summary="Rename a list, or change how people join it")
def change_list(request: HttpRequest, list_id: Id, body: ListChange) -> Any:
    with call(request) as c:
        _check(c, list_id)
        if body.name is not None:
            lists.rename(c.conn, c.workspace_id, list_id, body.name, c.now)
        if body.opt_in is not None:
            lists.set_opt_in(c.conn, c.workspace_id, list_id, body.opt_in)
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
        opt_in = lists.opt_in(c.conn, c.workspace_id, list_id)
        wish = body.wish(opt_in, c.now, subscribing=body.consented_at is not None)
        found, refused = resolve(c, body.profiles)
        joined, outcome = join(c, list_id, found, refused, wish)
    return outcome | {"added": len(joined.added), "added_profiles": joined.added}


@router.post("/lists/{list_id}/members/remove", response=MembersRemoved, summary="Take up to 1,000 people off")
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
