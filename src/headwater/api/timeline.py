"""The API twin of `headwater why`: what happened to a person, what was sent or not and why, what comes next; and why
they did not enter a flow."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from headwater import why
from headwater.api.calls import Id, Moment, call
from headwater.api.errors import NotFound
from headwater.api.profiles import present
from headwater.audience import profiles

router = Router(tags=["Why"])


class TimelineEntry(Schema):
    at: Moment
    kind: str
    """event, consent, suppression, list, flow, step or message."""
    title: str
    detail: str | None = None
    flow: str | None = None
    """The name of the flow or campaign that it belongs to."""
    state: str | None = None
    """Of a message: planned, sent, skipped …"""
    reason: str | None = None
    """The code of the reason why a message did not go or an enrolment ended."""
    message_id: int | None = None


class TimelinePerson(Schema):
    id: int
    external_id: str | None
    email: str | None
    name: str | None
    timezone: str | None


class Timeline(Schema):
    profile: TimelinePerson
    timezone: str
    """Of the times in words."""
    now: Moment
    can_receive: bool
    standing: str
    """Whether marketing email may go to them today, and why."""
    entries: list[TimelineEntry]
    """What happened, oldest first."""
    next: list[TimelineEntry]
    """What is to come."""
    older_events: bool
    """There are events before the first one shown."""


@router.get(
    "/profiles/{profile_id}/timeline",
    response=Timeline,
    exclude_unset=True,
    summary="What happened to a person, and why",
)
def timeline(request: HttpRequest, profile_id: Id) -> Any:
    with call(request) as c:
        return why.timeline(c.conn, c.workspace_id, present(c, profile_id), c.now)


@router.get("/why", response=Timeline, exclude_unset=True, summary="The timeline of the person with this address")
def explain(request: HttpRequest, email: str) -> Any:
    with call(request) as c:
        profile_id = profiles.find(c.conn, c.workspace_id, email=email)
        if profile_id is None:
            raise NotFound(f"profile with the address {email}")
        return why.timeline(c.conn, c.workspace_id, profile_id, c.now)


class TriggerOut(Schema):
    """One time that something could have started the flow."""

    at: Moment
    what: str
    verdict: str
    words: str
    details: list[str]
    enrolment: int | None
    again_at: Moment | None


class EntryOut(Schema):
    enrolment: int
    started_at: Moment
    entered_at: Moment
    state: str
    reason: str | None


class WhyNotOut(Schema):
    profile_id: int
    email: str | None
    flow: str
    name: str
    status: str
    starts_when: str | None
    timezone: str
    now: Moment
    verdict: str
    """Of the latest trigger."""
    words: str
    details: list[str]
    triggers: list[TriggerOut]
    """The latest first."""
    entries: list[EntryOut]
    next_at: Moment | None
    assumes: str


@router.get("/profiles/{profile_id}/flows/{slug}/why", response=WhyNotOut, summary="Why a person did not enter a flow")
def why_not(request: HttpRequest, profile_id: Id, slug: str) -> Any:
    """The last ten times that something could have started it, each with the rule that said no."""
    with call(request) as c:
        return why.entering(c.conn, c.workspace_id, present(c, profile_id), slug, c.now)
