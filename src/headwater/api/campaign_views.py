"""/campaigns looked at: the calendar, an audience taken apart, the review before sending, progress, and the report."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema

from headwater.accounts import brand as brands
from headwater.api.calls import Id, Moment, Money, call
from headwater.api.campaigns import CampaignStatus, Parts, found
from headwater.api.errors import ApiError, NotFound
from headwater.campaigns import audience, breakdown, calendar, campaigns, progress, reporting
from headwater.campaigns import review as reviewing
from headwater.campaigns.breakdown import Breakdown

router = Router(tags=["Campaigns"])


class CalendarEntry(Schema):
    id: int
    name: str
    status: CampaignStatus
    day: date
    """In the brand's zone."""
    at: Moment
    recipients: int
    series_id: int | None
    series: str | None


class CampaignCalendar(Schema):
    timezone: str
    now: Moment
    """The instance's time."""
    campaigns: list[CalendarEntry]


class AudienceIn(Schema):
    included: Parts
    excluded: Parts = []
    send_at: Moment | None = None
    """When it is to go: quiet hours and smart sending are told for that moment. null: now."""
    smart_sending: bool = True


class AudiencePart(Schema):
    kind: Literal["list", "segment", "buyers"]
    """buyers: whom a series leaves out."""
    id: int
    name: str
    people: int
    """In it, whatever the other parts are."""
    only: int
    """Of an included one: those who get it through this part alone. Of an excluded one: those it takes away."""
    building: bool


class WhyNot(Schema):
    reason: str
    words: str
    people: int


class AudienceWaiting(Schema):
    people: int
    until: Moment | None


class AudienceOut(Schema):
    members: int
    """People of the audience with an email address."""
    reachable: int
    """Those of them who may get marketing email; smart sending and caps may leave out more."""
    going: int
    """Those who get it, as far as can be told now."""
    chosen: int
    """In any of the included lists and segments, each person once."""
    left_out: int
    """Of those, in any of the excluded ones."""
    overlap: int
    """Of those who stay: in more than one of the included ones."""
    included: list[AudiencePart]
    excluded: list[AudiencePart]
    why_not: list[WhyNot]
    """Of the audience: who does not get it, by the first reason that stops them."""
    waiting: AudienceWaiting
    """Who gets it after their quiet hours."""


class CampaignFinding(Schema):
    level: Literal["error", "warning", "note"]
    code: str
    words: str
    step: Literal["audience", "content", "schedule", "brand"]
    """Where it is put right: a step of the campaign, or the brand's settings."""
    field: str | None


class CampaignReview(Schema):
    can_be_scheduled: bool
    send_at: Moment | None
    """null: at once."""
    timezone: str
    now: Moment
    """The instance's time."""
    findings: list[CampaignFinding]
    """The worst first."""
    audience: AudienceOut | None


class CampaignProgressOut(Schema):
    status: CampaignStatus
    recipients: int
    done: int
    sent: int
    delivered: int
    bounced: int
    skipped: int
    """Skipped, cancelled and failed."""
    due: int
    on_the_wire: int
    """With a sender in this moment: pausing or cancelling no longer stops them."""
    put_off: int
    """For later: quiet hours, another attempt, or the pause."""
    taken_back: int
    """What cancelling now would keep from going out."""
    per_minute: int
    ends_at: Moment | None
    """At this speed; null while nothing moves."""
    opened: int
    clicked: int
    now: Moment


class CampaignLink(Schema):
    url: str
    clicks: int
    people: int


class CampaignHour(Schema):
    at: Moment
    """When the hour begins."""
    sent: int
    opened: int
    clicked: int
    """People who opened, or clicked, for the first time."""


class CampaignProvider(Schema):
    domain: str
    sent: int
    bounced: int
    complained: int
    opened: int
    clicked: int


class CampaignReportOut(Schema):
    recipients: int
    planned: int
    sent: int
    delivered: int
    bounced: int
    complained: int
    opened: int
    clicked: int
    unsubscribed: int
    orders: int
    """By people who had opened or clicked this email last, within five days."""
    revenue: Money
    currency: str
    timezone: str
    states: dict[str, int]
    reasons: dict[str, int]
    """Why messages were skipped, cancelled, refused or failed."""
    skipped: list[WhyNot]
    """The same in words, the most frequent first."""
    curve: list[CampaignHour]
    links: list[CampaignLink]
    providers: list[CampaignProvider]
    """By the domain of the address."""


@router.get("/campaigns/calendar", response=CampaignCalendar, summary="Campaigns by their day in the brand's zone")
def campaign_calendar(
    request: HttpRequest,
    first: Annotated[date, Query(alias="from")],
    last: Annotated[date, Query(alias="to")],
) -> dict[str, Any]:
    """Both days belong to it."""
    if not 0 <= (last - first).days < calendar.MOST_DAYS or not 1900 < first.year < 3000:
        raise ApiError(400, f"Ask for 1 to {calendar.MOST_DAYS} days, the first of them first.", "query.to")
    with call(request) as c:
        brand = brands.load(c.conn, c.workspace_id)
        entries = calendar.between(c.conn, c.workspace_id, first, last, brand.zone)
    shown = [
        {name: getattr(one.campaign, name) for name in ("id", "name", "status", "recipients", "series_id")}
        | {"day": one.day, "at": one.at, "series": one.series}
        for one in entries
    ]
    return {"timezone": brand.timezone, "now": c.now, "campaigns": shown}


@router.post("/campaigns/estimate", response=AudienceOut, summary="Who an audience is, part by part")
def estimate(request: HttpRequest, body: AudienceIn) -> dict[str, Any]:
    chosen = audience.parse(
        [part.model_dump() for part in body.included], [part.model_dump() for part in body.excluded]
    )
    with call(request) as c:
        audience.check(c.conn, c.workspace_id, chosen)
        apart = breakdown.of_audience(
            c.conn, c.workspace_id, chosen, c.now, at=body.send_at, smart_sending=body.smart_sending
        )
    return _apart(apart)


def _apart(apart: Breakdown) -> dict[str, Any]:
    stopped = sorted(apart.expectation.stopped.items(), key=lambda one: -one[1])
    return {
        "members": apart.expectation.addressed,
        "reachable": apart.expectation.permitted,
        "going": apart.expectation.going,
        "chosen": apart.chosen,
        "left_out": apart.left_out,
        "overlap": apart.overlap,
        "included": apart.included,
        "excluded": apart.excluded,
        "why_not": [{"reason": reason.value, "words": reason.words, "people": people} for reason, people in stopped],
        "waiting": apart.waiting,
    }


@router.get("/campaigns/{campaign_id}/review", response=CampaignReview, summary="Everything to know before it is sent")
def review_campaign(request: HttpRequest, campaign_id: Id) -> dict[str, Any]:
    with call(request) as c:
        review = reviewing.review(c.conn, c.workspace_id, campaign_id, c.now)
    if review is None:
        raise NotFound(f"campaign {campaign_id}")
    return {
        "can_be_scheduled": review.can_be_scheduled,
        "send_at": review.send_at,
        "timezone": review.timezone,
        "now": c.now,
        "findings": review.findings,
        "audience": _apart(review.audience) if review.audience is not None else None,
    }


@router.get("/campaigns/{campaign_id}/progress", response=CampaignProgressOut, summary="How far it is, and how fast")
def campaign_progress(request: HttpRequest, campaign_id: Id) -> dict[str, Any]:
    with call(request) as c:
        one = found(campaigns.get(c.conn, c.workspace_id, [campaign_id]).get(campaign_id), campaign_id)
        stands = progress.of_campaign(c.conn, c.workspace_id, one, c.now)
    totals = stands.totals
    return {
        "status": one.status,
        "now": c.now,
        "done": stands.done,
        "skipped": sum(totals.skipped.values()),
        "taken_back": stands.taken_back,
        **{name: getattr(stands, name) for name in ("due", "on_the_wire", "put_off", "per_minute", "ends_at")},
        **{name: getattr(totals, name) for name in ("recipients", "sent", "delivered", "bounced", "opened", "clicked")},
    }


@router.get("/campaigns/{campaign_id}/report", response=CampaignReportOut, summary="What became of its messages")
def campaign_report(request: HttpRequest, campaign_id: Id) -> dict[str, Any]:
    with call(request) as c:
        one = found(campaigns.get(c.conn, c.workspace_id, [campaign_id]).get(campaign_id), campaign_id)
        report = reporting.of_campaign(c.conn, c.workspace_id, one, c.now)
        brand = brands.load(c.conn, c.workspace_id)
    totals = {name: value for name, value in report.totals.__dict__.items() if name != "skipped"}
    return totals | {
        "currency": brand.currency,
        "timezone": brand.timezone,
        "states": report.states,
        "reasons": report.totals.skipped,
        "skipped": report.skipped,
        "curve": report.curve,
        "links": report.links,
        "providers": report.providers,
    }
