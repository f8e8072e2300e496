"""What the page of one profile shows beside its own facts: the lists it is on, and where it stands in flows."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema

from headwater import why
from headwater.api.calls import Id, Moment, call
from headwater.api.profiles import present
from headwater.audience import lists

router = Router(tags=["Profiles"])


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


@router.get("/profiles/{profile_id}/lists", response=list[Membership], summary="The lists a profile is on")
def lists_of_profile(request: HttpRequest, profile_id: Id) -> Any:
    with call(request) as c:
        return lists.memberships(c.conn, c.workspace_id, present(c, profile_id))


@router.get("/profiles/{profile_id}/flows", response=list[WhereaboutsOut], summary="Where a profile is in flows")
def flows_of_profile(request: HttpRequest, profile_id: Id) -> Any:
    """Those where they wait first, with the next step and when; then the others, the newest first."""
    with call(request) as c:
        return why.whereabouts(c.conn, c.workspace_id, present(c, profile_id))
