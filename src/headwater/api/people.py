"""How the API names and shows people: references in bodies, and profiles in answers. Used by several routers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from ninja import Field, Schema
from psycopg import Connection

from headwater.api.calls import Call, Moment, Number
from headwater.api.errors import ApiError
from headwater.audience import consent, identifiers, identity, profiles
from headwater.audience.identity import Claim

Identifier = Annotated[str, Field(min_length=1, max_length=320)]


class Person(Schema):
    """A person by one identifier, or several of the same person."""

    id: Number | None = None
    external_id: Identifier | None = None
    email: Identifier | None = None
    phone: Identifier | None = None


class Refused(Schema):
    """An entry of a bulk call that was not taken; the others were."""

    index: int
    field: str | None
    detail: str


class Suppression(Schema):
    reason: str
    at: Moment


class ConsentOut(Schema):
    state: str
    """subscribed, unsubscribed or never_subscribed."""
    changed_at: Moment | None
    method: str | None
    suppressions: list[Suppression]


class ProfileOut(Schema):
    id: int
    external_id: str | None
    email: str | None
    phone: str | None
    first_name: str | None
    last_name: str | None
    locale: str | None
    timezone: str | None
    city: str | None
    region: str | None
    country: str | None
    properties: dict[str, Any]
    consent: ConsentOut
    created_at: Moment
    updated_at: Moment


def shown(conn: Connection, workspace_id: int, ids: Sequence[int]) -> list[dict[str, Any]]:
    """These profiles with their consent, in the order of `ids`; those that are gone are left out."""
    found = profiles.get(conn, workspace_id, ids)
    consents = consent.of_profiles(conn, workspace_id, list(found))
    names = ProfileOut.model_fields.keys() - {"consent"}
    return [
        {name: getattr(found[one], name) for name in names} | {"consent": consents[one]} for one in ids if one in found
    ]


def check(people: Sequence[Person]) -> tuple[list[int], list[Refused]]:
    """Which entries name somebody, by index, and what is wrong with the others."""
    good: list[int] = []
    refused: list[Refused] = []
    for index, person in enumerate(people):
        given = {kind: value for kind in identifiers.COLUMNS if (value := getattr(person, kind)) is not None}
        bad = [kind for kind, value in given.items() if identifiers.normalise(kind, value) is None]
        if bad:
            refused.append(
                Refused(index=index, field=bad[0], detail=f"This is not a valid {bad[0].replace('_', ' ')}.")
            )
        elif not given and person.id is None:
            refused.append(Refused(index=index, field=None, detail="Name an id, external_id, email or phone."))
        else:
            good.append(index)
    return good, refused


def resolve(c: Call, people: Sequence[Person]) -> tuple[dict[int, int], list[Refused]]:
    """Profile id by index, made where there was none; and the entries that name nobody."""
    good, refused = check(people)
    identity.lock(c.conn, c.workspace_id)
    claims = [
        Claim(people[index].external_id, people[index].email, people[index].phone, None, people[index].id)
        for index in good
    ]
    found = identity.resolve(c.conn, c.workspace_id, claims, c.now)
    missing = [index for index, profile in zip(good, found, strict=True) if not profile]
    refused += [Refused(index=index, field="id", detail="There is no such profile.") for index in missing]
    return (
        {index: profile for index, profile in zip(good, found, strict=True) if profile},
        sorted(refused, key=lambda entry: entry.index),
    )


def known(c: Call, people: Sequence[Person]) -> tuple[dict[int, int], list[Refused]]:
    """Profile id by index of those who exist; the strongest identifier of each entry counts. Nothing is made."""
    good, refused = check(people)
    wanted = [_strongest(people[index]) for index in good]
    found = identifiers.find(c.conn, c.workspace_id, wanted)
    missing = [index for index, profile in zip(good, found, strict=True) if profile is None]
    refused += [Refused(index=index, field=None, detail="There is no such profile.") for index in missing]
    return (
        {index: profile for index, profile in zip(good, found, strict=True) if profile is not None},
        sorted(refused, key=lambda entry: entry.index),
    )


def _strongest(person: Person) -> tuple[str, str]:
    if person.id is not None:
        return "id", str(person.id)
    for kind in identifiers.COLUMNS:
        value = getattr(person, kind)
        if value is not None:
            return kind, value
    raise ApiError(400, "Name an id, external_id, email or phone.")
