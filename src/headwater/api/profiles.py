"""/profiles: people, one by one and in bulk; merging and erasing."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from headwater.api.calls import Call, Id, Limit, Number, Page, after, call, page
from headwater.api.errors import ApiError, NotFound
from headwater.api.people import Identifier, Person, ProfileOut, Refused, resolve, shown
from headwater.audience import identifiers, identity, merging, profiles

router = Router(tags=["Profiles"])

Attribute = Annotated[str, Field(max_length=255)]
_OWN = ("first_name", "last_name", "locale", "timezone", "city", "region", "country")


class Attributes(Schema):
    """What is left out keeps its value; null clears it. The same holds for each property."""

    first_name: Attribute | None = None
    last_name: Attribute | None = None
    locale: Attribute | None = None
    timezone: Attribute | None = None
    """IANA name: Europe/Berlin."""
    city: Attribute | None = None
    region: Attribute | None = None
    country: Attribute | None = None
    properties: dict[str, Any] = {}

    def given(self) -> dict[str, Any]:
        """What to write."""
        own = {name: getattr(self, name) for name in _OWN if name in self.model_fields_set}
        return {**{name: value for name, value in self.properties.items() if name not in _OWN}, **own}


class ProfileIn(Attributes):
    external_id: Identifier | None = None
    email: Identifier | None = None
    phone: Identifier | None = None


class ProfilesIn(Schema):
    profiles: Annotated[list[ProfileIn], Field(min_length=1, max_length=10_000)]


class Stored(Schema):
    ids: list[int | None]
    """In the order of the request; null: refused."""
    refused: list[Refused]


class Merge(Schema):
    destination: Number
    """Stays, and wins where both know something."""
    source: Number
    """Goes for good; its id leads to the destination."""


@router.get("/profiles", response=Page[ProfileOut], summary="List profiles, or look one up")
def list_profiles(
    request: HttpRequest,
    email: str | None = None,
    external_id: str | None = None,
    phone: str | None = None,
    cursor: str | None = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    with call(request) as c:
        if email is not None or external_id is not None or phone is not None:
            one = profiles.find(c.conn, c.workspace_id, email=email, external_id=external_id, phone=phone)
            return {"data": shown(c.conn, c.workspace_id, [one] if one else []), "next": None}
        answer = page(profiles.page(c.conn, c.workspace_id, after=after(cursor), limit=limit + 1), limit)
        return answer | {"data": shown(c.conn, c.workspace_id, [profile.id for profile in answer["data"]])}


@router.post("/profiles", response=ProfileOut, summary="Make a profile, or change the one with this identifier")
def put_profile(request: HttpRequest, body: ProfileIn) -> dict[str, Any]:
    with call(request) as c:
        found, refused = _store(c, [body])
        if refused:
            raise ApiError(400, refused[0].detail, refused[0].field)
        return _one(c, found[0])


@router.post("/profiles/bulk", response=Stored, summary="Make or change up to 10,000 profiles")
def put_profiles(request: HttpRequest, body: ProfilesIn) -> dict[str, Any]:
    with call(request) as c:
        found, refused = _store(c, body.profiles)
    return {"ids": [found.get(index) for index in range(len(body.profiles))], "refused": refused}


def _store(c: Call, given: list[ProfileIn]) -> tuple[dict[int, int], list[Refused]]:
    people = [Person(external_id=one.external_id, email=one.email, phone=one.phone) for one in given]
    found, refused = resolve(c, people)
    attributes: dict[int, dict[str, Any]] = {}
    for index, profile in found.items():
        attributes.setdefault(profile, {}).update(given[index].given())
    profiles.write(c.conn, c.workspace_id, attributes, c.now)
    return found, refused


@router.post("/profiles/merge", response=ProfileOut, summary="Merge one profile into another")
def merge_profiles(request: HttpRequest, body: Merge) -> dict[str, Any]:
    with call(request) as c:
        identity.lock(c.conn, c.workspace_id)
        there = profiles.get(c.conn, c.workspace_id, [body.destination, body.source])
        for profile_id in (body.destination, body.source):
            if profile_id not in there:
                raise NotFound(f"profile {profile_id}")
        merging.merge(c.conn, c.workspace_id, body.destination, body.source, c.now)
        return _one(c, body.destination)


@router.get("/profiles/{profile_id}", response=ProfileOut, summary="Get a profile")
def get_profile(request: HttpRequest, profile_id: Id) -> dict[str, Any]:
    with call(request) as c:
        return _one(c, present(c, profile_id))


@router.patch("/profiles/{profile_id}", response=ProfileOut, summary="Change a profile")
def change_profile(request: HttpRequest, profile_id: Id, body: ProfileIn) -> dict[str, Any]:
    with call(request) as c:
        identity.lock(c.conn, c.workspace_id)
        there = present(c, profile_id)
        given = {kind: getattr(body, kind) for kind in identifiers.COLUMNS if kind in body.model_fields_set}
        if given:
            identifiers.change(c.conn, c.workspace_id, there, given, c.now)
        profiles.write(c.conn, c.workspace_id, {there: body.given()}, c.now)
        return _one(c, there)


@router.delete("/profiles/{profile_id}", response={204: None}, summary="Erase a profile and all that is known of it")
def erase_profile(request: HttpRequest, profile_id: Id) -> Status[None]:
    with call(request) as c:
        identity.lock(c.conn, c.workspace_id)
        profiles.erase(c.conn, c.workspace_id, [present(c, profile_id)], c.now)
    return Status(204, None)


def present(c: Call, profile_id: int) -> int:
    """The profile's id today: a merged one leads to its survivor."""
    found = identity.follow(c.conn, c.workspace_id, [profile_id]).get(profile_id)
    if found is None:
        raise NotFound(f"profile {profile_id}")
    return found


def _one(c: Call, profile_id: int) -> dict[str, Any]:
    return shown(c.conn, c.workspace_id, [profile_id])[0]
