"""/campaigns: one-time sends, from draft to sent. How they are looked at is in `campaign_views`, series in `series`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from headwater.api.calls import Id, Limit, Moment, Money, Name, Number, Page, call
from headwater.api.errors import NotFound
from headwater.campaigns import campaigns, duplicating, figures, listing, pausing, progress, series
from headwater.campaigns.campaigns import Campaign, Draft
from headwater.campaigns.listing import ORDERS

router = Router(tags=["Campaigns"])


class ListPart(Schema):
    list: Number


class SegmentPart(Schema):
    segment: Number


Parts = Annotated[list[ListPart | SegmentPart], Field(max_length=50)]


class CampaignIn(Schema):
    name: Name
    template_id: Number | None = None
    included: Parts = []
    excluded: Parts = []
    audience_at: Literal["schedule", "send"] = "send"
    """Whose audience counts: that of the moment it is scheduled, or that of the moment it goes out."""
    smart_sending: bool = True
    """Leave out whoever got another email within the brand's window."""
    send_at: Moment | None = None


class CampaignChange(Schema):
    name: Name | None = None
    template_id: Number | None = None
    included: Parts | None = None
    excluded: Parts | None = None
    audience_at: Literal["schedule", "send"] | None = None
    smart_sending: bool | None = None
    send_at: Moment | None = None


CampaignStatus = Literal[
    "draft", "scheduled", "adding_recipients", "sending", "paused", "sent", "cancelled", "no_recipients"
]


class CampaignOut(Schema):
    id: int
    name: str
    status: CampaignStatus
    status_reason: str | None
    template_id: int | None
    template_version_id: int | None
    """Frozen when it was scheduled."""
    included: list[ListPart | SegmentPart]
    excluded: list[ListPart | SegmentPart]
    audience_at: Literal["schedule", "send"]
    smart_sending: bool
    series_id: int | None
    position: int | None
    send_at: Moment | None
    recipients: int
    created_at: Moment
    updated_at: Moment
    finished_at: Moment | None


class CampaignFigures(Schema):
    """What became of its messages, at most a few hours old for one that is over; opens and clicks are of people."""

    recipients: int
    sent: int
    delivered: int
    opened: int
    clicked: int
    unsubscribed: int
    orders: int
    """By people who had opened or clicked this email last, within five days."""
    revenue: Money


class CampaignRow(CampaignOut):
    figures: CampaignFigures | None
    """null: nothing of it has been sent."""
    series: str | None = None
    """The name of its series."""


class CampaignSchedule(Schema):
    send_at: Moment | None = None
    """null: the time of the draft, or now."""


class CampaignCancelled(CampaignOut):
    taken_back: int
    """Messages that were still to go and now never will."""
    sent: int
    """Those that had gone out already: they cannot be recalled."""


class CampaignCopyIn(Schema):
    name: Name | None = None
    """null: the name of the original, and that it is a copy."""


class CampaignGone(Schema):
    field: Literal["included", "excluded", "template_id"]
    kind: Literal["list", "segment", "template"]
    id: int


class CampaignCopy(CampaignOut):
    gone: list[CampaignGone]
    """What the original had and is no longer there: it is not in the copy."""


@router.get("/campaigns", response=Page[CampaignRow], summary="List campaigns with their numbers")
def list_campaigns(
    request: HttpRequest,
    cursor: str | None = None,
    limit: Limit = 100,
    q: Annotated[str, Query(max_length=200)] = "",
    status: Annotated[str, Query(max_length=200)] = "",
    sort: Annotated[str, Query(description=f"One of {', '.join(ORDERS)}.")] = "newest",
) -> dict[str, Any]:
    """`q`: a part of the name. `status`: one, or several with commas between them."""
    statuses = [one for one in status.split(",") if one]
    with call(request) as c:
        listed = listing.page(
            c.conn, c.workspace_id, search=q, statuses=statuses, sort=sort, cursor=cursor, limit=limit
        )
        numbers = figures.of_campaigns(c.conn, c.workspace_id, listed.campaigns, c.now)
        names = series.names(c.conn, c.workspace_id, {one.series_id for one in listed.campaigns if one.series_id})
    rows = [
        one.__dict__ | {"figures": numbers.get(one.id), "series": names.get(one.series_id or 0)}
        for one in listed.campaigns
    ]
    return {"data": rows, "next": listed.next}


@router.post("/campaigns", response={201: CampaignOut}, summary="Make a draft")
def create_campaign(request: HttpRequest, body: CampaignIn) -> Status[Campaign]:
    with call(request) as c:
        return Status(201, campaigns.create(c.conn, c.workspace_id, Draft(**body.model_dump()), c.now))


@router.get("/campaigns/{campaign_id}", response=CampaignOut, summary="Get a campaign")
def get_campaign(request: HttpRequest, campaign_id: Id) -> Campaign:
    with call(request) as c:
        return found(campaigns.get(c.conn, c.workspace_id, [campaign_id]).get(campaign_id), campaign_id)


@router.patch("/campaigns/{campaign_id}", response=CampaignOut, summary="Change a draft")
def change_campaign(request: HttpRequest, campaign_id: Id, body: CampaignChange) -> Campaign:
    changes = body.model_dump(exclude_unset=True)
    kept = {name: value for name, value in changes.items() if value is not None or name in ("template_id", "send_at")}
    with call(request) as c:
        return found(campaigns.update(c.conn, c.workspace_id, campaign_id, kept, c.now), campaign_id)


@router.delete("/campaigns/{campaign_id}", response={204: None}, summary="Delete a draft")
def delete_campaign(request: HttpRequest, campaign_id: Id) -> Status[None]:
    with call(request) as c:
        if not campaigns.delete(c.conn, c.workspace_id, campaign_id):
            raise NotFound(f"campaign {campaign_id}")
    return Status(204, None)


@router.post("/campaigns/{campaign_id}/schedule", response=CampaignOut, summary="Send it, now or at a time")
def schedule_campaign(request: HttpRequest, campaign_id: Id, body: CampaignSchedule | None = None) -> Campaign:
    at = body.send_at if body is not None else None
    with call(request) as c:
        done = campaigns.schedule(c.conn, c.workspace_id, campaign_id, c.now, send_at=at)
    return found(done, campaign_id)


@router.post("/campaigns/{campaign_id}/unschedule", response=CampaignOut, summary="Make it a draft again")
def unschedule_campaign(request: HttpRequest, campaign_id: Id) -> Campaign:
    with call(request) as c:
        return found(campaigns.unschedule(c.conn, c.workspace_id, campaign_id, c.now), campaign_id)


@router.post("/campaigns/{campaign_id}/pause", response=CampaignOut, summary="Hold it while it goes out")
def pause_campaign(request: HttpRequest, campaign_id: Id) -> Campaign:
    with call(request) as c:
        return found(pausing.pause(c.conn, c.workspace_id, campaign_id, c.now), campaign_id)


@router.post("/campaigns/{campaign_id}/resume", response=CampaignOut, summary="Let a paused one go on")
def resume_campaign(request: HttpRequest, campaign_id: Id) -> Campaign:
    with call(request) as c:
        return found(pausing.resume(c.conn, c.workspace_id, campaign_id, c.now), campaign_id)


@router.post("/campaigns/{campaign_id}/cancel", response=CampaignCancelled, summary="Stop it for good")
def cancel_campaign(request: HttpRequest, campaign_id: Id) -> dict[str, Any]:
    with call(request) as c:
        cancelled = found(campaigns.cancel(c.conn, c.workspace_id, campaign_id, c.now), campaign_id)
        stands = progress.of_campaign(c.conn, c.workspace_id, cancelled, c.now)
    return cancelled.__dict__ | {"taken_back": stands.totals.skipped.get("cancelled", 0), "sent": stands.totals.sent}


@router.post("/campaigns/{campaign_id}/duplicate", response={201: CampaignCopy}, summary="Make a draft like it")
def duplicate_campaign(request: HttpRequest, campaign_id: Id, body: CampaignCopyIn | None = None) -> Status[Any]:
    name = body.name if body is not None else None
    with call(request) as c:
        made = duplicating.duplicate(c.conn, c.workspace_id, campaign_id, c.now, name=name)
    if made is None:
        raise NotFound(f"campaign {campaign_id}")
    gone = [{"field": field, "kind": kind, "id": number} for field, kind, number in made.gone]
    return Status(201, made.campaign.__dict__ | {"gone": gone})


def found(campaign: Campaign | None, campaign_id: int) -> Campaign:
    """Raises NotFound."""
    if campaign is None:
        raise NotFound(f"campaign {campaign_id}")
    return campaign
