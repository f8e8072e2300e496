"""/campaigns and /series: one-time sends, alone or planned together, from draft to report."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from headwater.api.calls import Id, Limit, Moment, Name, Number, Page, before, call, page
from headwater.api.errors import NotFound
from headwater.campaigns import audience, campaigns, series
from headwater.campaigns.campaigns import Campaign, Draft
from headwater.campaigns.series import Part, Series

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


class CampaignOut(Schema):
    id: int
    name: str
    status: str
    """draft, scheduled, adding_recipients, sending, sent, cancelled or no_recipients."""
    status_reason: str | None
    template_id: int | None
    template_version_id: int | None
    included: list[dict[str, int]]
    excluded: list[dict[str, int]]
    audience_at: str
    smart_sending: bool
    series_id: int | None
    position: int | None
    send_at: Moment | None
    recipients: int
    created_at: Moment
    updated_at: Moment
    finished_at: Moment | None


class Schedule(Schema):
    send_at: Moment | None = None
    """null: the time of the draft, or now."""


class EstimateIn(Schema):
    included: Parts
    excluded: Parts = []


class EstimateOut(Schema):
    members: int
    """People of the audience with an email address."""
    reachable: int
    """Those of them who may get marketing email; smart sending may leave out more."""


class ReportOut(Schema):
    recipients: int
    sent: int
    states: dict[str, int]
    reasons: dict[str, int]
    """Why messages were skipped, cancelled, refused or failed."""
    opened: int
    clicked: int


class PartIn(Schema):
    name: Name
    send_at: Moment
    template_id: Number | None = None
    smart_sending: bool = True


class SeriesIn(Schema):
    name: Name
    campaigns: Annotated[list[PartIn], Field(min_length=1, max_length=series.MOST)]
    included: Parts = []
    excluded: Parts = []
    exclude_metric: Annotated[str, Field(min_length=1, max_length=200)] = "Placed Order"
    """Whoever does this after the first campaign's time gets none of the others."""


class SeriesOut(Schema):
    id: int
    name: str
    exclude_metric: str
    starts_at: Moment | None
    created_at: Moment
    campaigns: list[CampaignOut]


def _parts(parts: Any) -> list[dict[str, int]]:
    return [part.model_dump() for part in parts]


@router.get("/campaigns", response=Page[CampaignOut], summary="List campaigns, the latest first")
def list_campaigns(
    request: HttpRequest, cursor: str | None = None, limit: Limit = 100, status: str | None = None
) -> dict[str, Any]:
    with call(request) as c:
        found = campaigns.page(c.conn, c.workspace_id, before=before(cursor), limit=limit + 1, status=status)
        return page(found, limit)


@router.post("/campaigns", response={201: CampaignOut}, summary="Make a draft")
def create_campaign(request: HttpRequest, body: CampaignIn) -> Status[Campaign]:
    with call(request) as c:
        return Status(201, campaigns.create(c.conn, c.workspace_id, Draft(**body.model_dump()), c.now))


@router.post("/campaigns/estimate", response=EstimateOut, summary="How many people an audience has")
def estimate(request: HttpRequest, body: EstimateIn) -> audience.Estimate:
    chosen = audience.parse(_parts(body.included), _parts(body.excluded))
    with call(request) as c:
        audience.check(c.conn, c.workspace_id, chosen)
        return audience.estimate(c.conn, c.workspace_id, chosen, c.now)


@router.get("/campaigns/{campaign_id}", response=CampaignOut, summary="Get a campaign")
def get_campaign(request: HttpRequest, campaign_id: Id) -> Campaign:
    with call(request) as c:
        found = campaigns.get(c.conn, c.workspace_id, [campaign_id]).get(campaign_id)
    return _found(found, campaign_id)


@router.patch("/campaigns/{campaign_id}", response=CampaignOut, summary="Change a draft")
def change_campaign(request: HttpRequest, campaign_id: Id, body: CampaignChange) -> Campaign:
    changes = body.model_dump(exclude_unset=True)
    kept = {name: value for name, value in changes.items() if value is not None or name in ("template_id", "send_at")}
    with call(request) as c:
        return _found(campaigns.update(c.conn, c.workspace_id, campaign_id, kept, c.now), campaign_id)


@router.delete("/campaigns/{campaign_id}", response={204: None}, summary="Delete a draft")
def delete_campaign(request: HttpRequest, campaign_id: Id) -> Status[None]:
    with call(request) as c:
        if not campaigns.delete(c.conn, c.workspace_id, campaign_id):
            raise NotFound(f"campaign {campaign_id}")
    return Status(204, None)


@router.post("/campaigns/{campaign_id}/schedule", response=CampaignOut, summary="Send it, now or at a time")
def schedule_campaign(request: HttpRequest, campaign_id: Id, body: Schedule | None = None) -> Campaign:
    at = body.send_at if body is not None else None
    with call(request) as c:
        done = campaigns.schedule(c.conn, c.workspace_id, campaign_id, c.now, send_at=at)
    return _found(done, campaign_id)


@router.post("/campaigns/{campaign_id}/unschedule", response=CampaignOut, summary="Make it a draft again")
def unschedule_campaign(request: HttpRequest, campaign_id: Id) -> Campaign:
    with call(request) as c:
        return _found(campaigns.unschedule(c.conn, c.workspace_id, campaign_id, c.now), campaign_id)


@router.post("/campaigns/{campaign_id}/cancel", response=CampaignOut, summary="Stop it for good")
def cancel_campaign(request: HttpRequest, campaign_id: Id) -> Campaign:
    with call(request) as c:
        return _found(campaigns.cancel(c.conn, c.workspace_id, campaign_id, c.now), campaign_id)


@router.get("/campaigns/{campaign_id}/report", response=ReportOut, summary="What became of its messages")
def campaign_report(request: HttpRequest, campaign_id: Id) -> dict[str, Any]:
    with call(request) as c:
        _found(campaigns.get(c.conn, c.workspace_id, [campaign_id]).get(campaign_id), campaign_id)
        report = campaigns.report(c.conn, c.workspace_id, campaign_id)
    return asdict(report) | {"sent": report.sent}


def _found(campaign: Campaign | None, campaign_id: int) -> Campaign:
    if campaign is None:
        raise NotFound(f"campaign {campaign_id}")
    return campaign


@router.get("/series", response=Page[SeriesOut], summary="List series, the latest first")
def list_series(request: HttpRequest, cursor: str | None = None, limit: Limit = 100) -> dict[str, Any]:
    with call(request) as c:
        return page(series.page(c.conn, c.workspace_id, before=before(cursor), limit=limit + 1), limit)


@router.post("/series", response={201: SeriesOut}, summary="Plan campaigns together, as drafts")
def plan_series(request: HttpRequest, body: SeriesIn) -> Status[Series]:
    parts = [Part(**part.model_dump()) for part in body.campaigns]
    with call(request) as c:
        planned = series.plan(
            c.conn,
            c.workspace_id,
            body.name,
            parts,
            c.now,
            included=_parts(body.included),
            excluded=_parts(body.excluded),
            exclude_metric=body.exclude_metric,
        )
    return Status(201, planned)


@router.get("/series/{series_id}", response=SeriesOut, summary="Get a series with its campaigns")
def get_series(request: HttpRequest, series_id: Id) -> Series:
    with call(request) as c:
        found = series.get(c.conn, c.workspace_id, [series_id]).get(series_id)
    return _series(found, series_id)


@router.post("/series/{series_id}/schedule", response=SeriesOut, summary="Schedule all of it, or none")
def schedule_series(request: HttpRequest, series_id: Id) -> Series:
    with call(request) as c:
        return _series(series.schedule(c.conn, c.workspace_id, series_id, c.now), series_id)


@router.post("/series/{series_id}/cancel", response=SeriesOut, summary="Cancel what is not finished")
def cancel_series(request: HttpRequest, series_id: Id) -> Series:
    with call(request) as c:
        return _series(series.cancel(c.conn, c.workspace_id, series_id, c.now), series_id)


def _series(found: Series | None, series_id: int) -> Series:
    if found is None:
        raise NotFound(f"series {series_id}")
    return found
