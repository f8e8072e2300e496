"""/coupons: definitions, the codes of pools, and whom a code was given to."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from headwater.api.calls import Limit, Moment, Page, after, call, page
from headwater.api.errors import NotFound
from headwater.catalog import coupons
from headwater.catalog.coupons import Code, Coupon, Usage

router = Router(tags=["Coupons"])


class CouponIn(Schema):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    """What templates say: BROWSE10."""
    kind: Literal["static", "generated", "pool"]
    code: Annotated[str, Field(max_length=100)] | None = None
    """static: the code; generated: the prefix, without one the name."""
    expires_after_hours: Annotated[float, Field(gt=0, le=87_600)] | None = None
    """Counted from the moment a person is given a code."""
    expires_at: Moment | None = None


class CouponOut(Schema):
    id: int
    name: str
    kind: str
    code: str | None
    expires_after_hours: float | None
    expires_at: Moment | None
    created_at: Moment
    assigned: int
    redeemed: int
    remaining: int | None
    """Free codes of a pool; null: as many as asked for."""


class CodesIn(Schema):
    codes: Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(min_length=1, max_length=10_000)]
    valid_until: Moment | None = None


class CodesAdded(Schema):
    added: int


class CodeOut(Schema):
    code: str
    coupon: str
    profile_id: int
    message_id: int | None
    assigned_at: Moment
    expires_at: Moment | None
    redeemed_at: Moment | None


def _shown(coupon: Coupon, usage: Usage) -> dict[str, Any]:
    return {
        **coupon.__dict__,
        **usage.__dict__,
        "expires_after_hours": coupon.expires_after / timedelta(hours=1) if coupon.expires_after else None,
    }


@router.get("/coupons", response=Page[CouponOut], summary="List coupons")
def list_coupons(
    request: HttpRequest,
    q: Annotated[str, Query(max_length=200)] = "",
    cursor: str | None = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    with call(request) as c:
        found = coupons.page(c.conn, c.workspace_id, q=q.strip(), after=after(cursor), limit=limit + 1)
        used = coupons.usage(c.conn, c.workspace_id, [coupon.id for coupon in found], c.now)
    answer = page(found, limit)
    return answer | {"data": [_shown(coupon, used[coupon.id]) for coupon in answer["data"]]}


@router.post("/coupons", response=CouponOut, summary="Define a coupon, or change the one of this name")
def define_coupon(request: HttpRequest, body: CouponIn) -> dict[str, Any]:
    lasts = timedelta(hours=body.expires_after_hours) if body.expires_after_hours else None
    with call(request) as c:
        made = coupons.define(c.conn, c.workspace_id, body.name, body.kind, body.code, lasts, body.expires_at, c.now)
        return _shown(made, coupons.usage(c.conn, c.workspace_id, [made.id], c.now)[made.id])


@router.get("/coupons/{name}", response=CouponOut, summary="Get a coupon")
def get_coupon(request: HttpRequest, name: str) -> dict[str, Any]:
    with call(request) as c:
        found = coupons.find(c.conn, c.workspace_id, name)
        if found is None:
            raise NotFound(f"coupon {name}")
        return _shown(found, coupons.usage(c.conn, c.workspace_id, [found.id], c.now)[found.id])


@router.post("/coupons/{name}/codes", response=CodesAdded, summary="Add up to 10,000 codes to a pool")
def add_codes(request: HttpRequest, name: str, body: CodesIn) -> dict[str, int]:
    with call(request) as c:
        if coupons.find(c.conn, c.workspace_id, name) is None:
            raise NotFound(f"coupon {name}")
        added = coupons.add_codes(c.conn, c.workspace_id, name, body.codes, valid_until=body.valid_until)
    return {"added": added}


@router.get("/coupon-codes/{path:code}", response=list[CodeOut], summary="Whom a code was given to")
def lookup_code(request: HttpRequest, code: str) -> list[Code]:
    with call(request) as c:
        found = coupons.lookup(c.conn, c.workspace_id, code)
    if not found:
        raise NotFound(f"code {code} that was given to anyone")
    return found
