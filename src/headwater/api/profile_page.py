"""What the page of one profile shows beside its own facts: its numbers, its lists, and where it stands in flows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema

from headwater import why
from headwater.accounts import brand as brands
from headwater.api.calls import Id, Moment, Money, call
from headwater.api.profiles import present
from headwater.audience import lists
from headwater.delivery import received
from headwater.segments import people_rows

router = Router(tags=["Profiles"])

RECENT = timedelta(days=90)


class Membership(Schema):
    list_id: int
    name: str
    added_at: Moment
    method: str


class WhereaboutsOut(Schema):
    enrolment_id: int
    slug: str
    flow: str
    """Its name."""
    flow_status: str
    """live, paused or archived."""
    state: Literal["waiting", "completed", "exited"]
    entered_at: Moment
    because: str | None
    """What took them in."""
    step: str | None
    """Where they wait, by id."""
    next: str | None
    """What comes next,"""
    next_detail: str | None
    next_at: Moment | None
    """and when; null: somebody decides, the flow is paused, or nothing comes."""
    finished_at: Moment | None
    end: str | None
    """How it ended."""
    end_detail: str | None


class ProfileNumbers(Schema):
    orders: int
    """Of all time, as are the three after it."""
    value: Money
    """What they ordered for."""
    currency: str
    """The brand's."""
    last_order_at: Moment | None
    last_active_at: Moment | None
    """When they last did something: a visit, an order, an opened email."""
    days: int
    """The emails are those of flows and campaigns that left in these last days and did not bounce."""
    received: int
    opened: int
    """Of these, by a person: machines' opens do not count."""
    clicked: int


@router.get("/profiles/{profile_id}/numbers", response=ProfileNumbers, summary="What a profile ordered and opened")
def numbers_of_profile(request: HttpRequest, profile_id: Id) -> dict[str, Any]:
    with call(request) as c:
        one = present(c, profile_id)
        (row,) = people_rows.rows(c.conn, c.workspace_id, [one])
        mail = received.answered(c.conn, c.workspace_id, one, c.now - RECENT, c.now)
        brand = brands.load(c.conn, c.workspace_id)
    return {
        "orders": row.orders,
        "value": row.value,
        "currency": brand.currency,
        "last_order_at": row.last_order_at,
        "last_active_at": row.last_active_at,
        "days": RECENT.days,
        "received": mail.received,
        "opened": mail.opened,
        "clicked": mail.clicked,
    }


@router.get("/profiles/{profile_id}/lists", response=list[Membership], summary="The lists a profile is on")
def lists_of_profile(request: HttpRequest, profile_id: Id) -> Any:
    with call(request) as c:
        return lists.memberships(c.conn, c.workspace_id, present(c, profile_id))


@router.get("/profiles/{profile_id}/flows", response=list[WhereaboutsOut], summary="Where a profile is in flows")
def flows_of_profile(request: HttpRequest, profile_id: Id) -> Any:
    """Those where they wait first, with the next step and when; then the others, the newest first."""
    with call(request) as c:
        return why.whereabouts(c.conn, c.workspace_id, present(c, profile_id))
