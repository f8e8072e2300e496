"""/consent: who may be mailed, with the proof; and suppression, which stops everything."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema

from headwater.api.calls import Id, Moment, Number, call
from headwater.api.errors import ApiError, NotFound
from headwater.api.joining import Choice, Detail, Method, Outcome, decided_at, join
from headwater.api.people import Person, Refused, known, resolve
from headwater.api.profiles import present
from headwater.audience import consent, lists

router = Router(tags=["Consent"])

People = Annotated[list[Person], Field(min_length=1, max_length=1_000)]


class Subscribe(Choice):
    profiles: People
    list_id: Number | None = None
    """Also join this list, which may start a flow. If it has double opt-in, they are subscribed once they confirm."""


class Unsubscribe(Schema):
    profiles: People
    decided_at: Moment | None = None
    method: Method = "api"
    detail: Detail = {}


Reason = Literal["hard_bounce", "invalid_email", "spam_complaint", "unsubscribe", "user_suppressed"]


class Suppress(Schema):
    profiles: People
    reason: Reason = "user_suppressed"
    detail: Detail = {}


class Unsuppress(Schema):
    profiles: People
    reason: Reason | None = None
    """user_suppressed, hard_bounce or invalid_email; null: all of these. A complaint and an unsubscription are the
    person's own wish, and end when that person subscribes again."""


class Done(Schema):
    profiles: int
    """How many people it was done for."""
    refused: list[Refused]


class Subscribed(Outcome):
    profiles: int
    """How many people are subscribed."""
    refused: list[Refused]


class Record(Schema):
    at: Moment
    state: str
    method: str
    detail: dict[str, Any]


@router.post("/consent/subscribe", response=Subscribed, summary="Subscribe up to 1,000 people to email")
def subscribe(request: HttpRequest, body: Subscribe) -> dict[str, Any]:
    with call(request) as c:
        opt_in = lists.opt_in(c.conn, c.workspace_id, body.list_id) if body.list_id is not None else None
        if body.list_id is not None and opt_in is None:
            raise NotFound(f"list {body.list_id}")
        wish = body.wish(opt_in, c.now, subscribing=True)
        found, refused = resolve(c, body.profiles)
        people = sorted(set(found.values()))
        if body.list_id is not None:
            joined, outcome = join(c, body.list_id, found, refused, wish)
            return outcome | {"profiles": len(people) - len(joined.pending) - len(joined.unreachable)}
        consent.subscribe(
            c.conn, c.workspace_id, people, at=body.at(c.now), now=c.now, method=body.method, detail=body.detail
        )
    return {"profiles": len(people), "refused": refused}


@router.post("/consent/unsubscribe", response=Done, summary="Unsubscribe up to 1,000 people from all email")
def unsubscribe(request: HttpRequest, body: Unsubscribe) -> dict[str, Any]:
    with call(request) as c:
        at = decided_at(body.decided_at, c.now, "decided_at")
        found, refused = resolve(c, body.profiles)
        people = sorted(set(found.values()))
        consent.unsubscribe(c.conn, c.workspace_id, people, at=at, now=c.now, method=body.method, detail=body.detail)
    return {"profiles": len(people), "refused": refused}


@router.post("/consent/suppress", response=Done, summary="Let nothing be sent to up to 1,000 people")
def suppress(request: HttpRequest, body: Suppress) -> dict[str, Any]:
    with call(request) as c:
        found, refused = resolve(c, body.profiles)
        people = sorted(set(found.values()))
        consent.suppress(c.conn, c.workspace_id, people, body.reason, at=c.now, detail=body.detail)
    return {"profiles": len(people), "refused": refused}


@router.post("/consent/unsuppress", response=Done, summary="Lift suppressions of up to 1,000 people")
def unsuppress(request: HttpRequest, body: Unsuppress) -> dict[str, Any]:
    if body.reason is not None and body.reason not in consent.LIFTABLE:
        raise ApiError(400, "This was the person's own wish: it ends when they subscribe again.", "reason")
    with call(request) as c:
        found, refused = known(c, body.profiles)
        people = sorted(set(found.values()))
        for reason in consent.LIFTABLE if body.reason is None else (body.reason,):
            consent.unsuppress(c.conn, c.workspace_id, people, reason)
    return {"profiles": len(people), "refused": refused}


@router.get("/profiles/{profile_id}/consent", response=list[Record], summary="The proof: every change of consent")
def records(request: HttpRequest, profile_id: Id) -> list[dict[str, Any]]:
    with call(request) as c:
        rows = consent.records(c.conn, c.workspace_id, present(c, profile_id))
    return [dict(zip(("at", "state", "method", "detail"), row, strict=True)) for row in rows]
