"""/suppressions: to whom nothing is sent, and why. They are added and lifted with /consent/suppress and /unsuppress."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

import orjson
from django.http import HttpRequest
from ninja import Router, Schema

from headwater.api.calls import Limit, Moment, Page, call, page
from headwater.api.consent import Reason
from headwater.api.errors import ApiError
from headwater.audience import consent, suppressed
from headwater.audience.suppressed import Place, Suppressed

router = Router(tags=["Consent"])


class SuppressedOut(Schema):
    profile_id: int
    email: str | None
    name: str | None
    reason: Reason
    at: Moment
    detail: dict[str, Any]
    may_lift: bool
    """A person of the brand may lift it."""


class ReasonCount(Schema):
    reason: Reason
    people: int
    may_lift: bool


@router.get("/suppressions", response=Page[SuppressedOut], summary="Who is suppressed, the latest first")
def list_suppressions(
    request: HttpRequest,
    q: str | None = None,
    reason: Reason | None = None,
    cursor: str | None = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """`q`: a part of the address or the name."""
    place = _place(cursor) if cursor else None
    with call(request) as c:
        found = suppressed.page(c.conn, c.workspace_id, q=q, reason=reason, after=place, limit=limit + 1)
    answer = page(found, limit, cursor=_cursor)
    names = SuppressedOut.model_fields.keys() - {"may_lift"}
    return answer | {
        "data": [
            {name: getattr(one, name) for name in names} | {"may_lift": one.reason in consent.LIFTABLE}
            for one in answer["data"]
        ]
    }


@router.get("/suppressions/reasons", response=list[ReasonCount], summary="How many are suppressed for each reason")
def suppression_reasons(request: HttpRequest) -> list[dict[str, Any]]:
    with call(request) as c:
        counts = suppressed.counts(c.conn, c.workspace_id)
    return [
        {"reason": reason, "people": counts.get(reason, 0), "may_lift": reason in consent.LIFTABLE}
        for reason in ("hard_bounce", "invalid_email", "spam_complaint", "unsubscribe", "user_suppressed")
    ]


def _cursor(last: Suppressed) -> str:
    said = orjson.dumps([last.at.isoformat(), last.profile_id, last.reason])
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def _place(cursor: str) -> Place:
    try:
        at, profile_id, reason = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return datetime.fromisoformat(at), int(profile_id), str(reason)
    except (ValueError, TypeError):
        raise ApiError(400, "This cursor was not made by this list.", "cursor") from None
