"""/series: campaigns planned together, each without those who bought since the first went out."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from headwater.api.calls import Id, Limit, Moment, Name, Number, Page, before, call, page
from headwater.api.campaigns import CampaignRow, ListPart, Parts, SegmentPart
from headwater.api.errors import NotFound
from headwater.campaigns import figures, series, series_editing
from headwater.campaigns.series import Part, Series
from headwater.campaigns.series_editing import Day, Plan

router = Router(tags=["Campaigns"])

Metric = Annotated[str, Field(min_length=1, max_length=200)]


class SeriesPart(Schema):
    name: Name
    send_at: Moment
    template_id: Number | None = None
    smart_sending: bool = True


class SeriesDay(SeriesPart):
    id: Number | None = None
    """The campaign that it changes; null: a new one."""


class SeriesIn(Schema):
    name: Name
    campaigns: Annotated[list[SeriesPart], Field(min_length=1, max_length=series.MOST)]
    included: Parts = []
    excluded: Parts = []
    exclude_metric: Metric = "Placed Order"
    """Whoever does this after the first campaign's time gets none of the others."""


class SeriesChange(SeriesIn):
    campaigns: Annotated[list[SeriesDay], Field(max_length=series.MOST)]  # type: ignore[assignment]
    """Every day that is still a draft; those left out are deleted."""


class SeriesOut(Schema):
    id: int
    name: str
    exclude_metric: str
    starts_at: Moment | None
    created_at: Moment
    included: list[ListPart | SegmentPart]
    excluded: list[ListPart | SegmentPart]
    campaigns: list[CampaignRow]


def _parts(parts: Any) -> list[dict[str, int]]:
    return [part.model_dump() for part in parts]


def _part(given: SeriesPart) -> Part:
    return Part(given.name, given.send_at, given.template_id, given.smart_sending)


@router.get("/series", response=Page[SeriesOut], summary="List series, the latest first")
def list_series(request: HttpRequest, cursor: str | None = None, limit: Limit = 100) -> dict[str, Any]:
    with call(request) as c:
        found = series.page(c.conn, c.workspace_id, before=before(cursor), limit=limit + 1)
        everything = [one for each in found for one in each.campaigns]
        numbers = figures.of_campaigns(c.conn, c.workspace_id, everything, c.now)
    part = page(found, limit)
    return part | {"data": [_shown(one, numbers) for one in part["data"]]}


@router.post("/series", response={201: SeriesOut}, summary="Plan campaigns together, as drafts")
def plan_series(request: HttpRequest, body: SeriesIn) -> Status[dict[str, Any]]:
    with call(request) as c:
        planned = series.plan(
            c.conn,
            c.workspace_id,
            body.name,
            [_part(part) for part in body.campaigns],
            c.now,
            included=_parts(body.included),
            excluded=_parts(body.excluded),
            exclude_metric=body.exclude_metric,
        )
    return Status(201, _shown(planned, {}))


@router.get("/series/{series_id}", response=SeriesOut, summary="Get a series with its campaigns")
def get_series(request: HttpRequest, series_id: Id) -> dict[str, Any]:
    with call(request) as c:
        found = _found(series.get(c.conn, c.workspace_id, [series_id]).get(series_id), series_id)
        return _shown(found, figures.of_campaigns(c.conn, c.workspace_id, found.campaigns, c.now))


@router.put("/series/{series_id}", response=SeriesOut, summary="Change a series while it is a plan")
def change_series(request: HttpRequest, series_id: Id, body: SeriesChange) -> dict[str, Any]:
    days = [Day(_part(day), day.id) for day in body.campaigns]
    plan = Plan(body.name, days, _parts(body.included), _parts(body.excluded), body.exclude_metric)
    with call(request) as c:
        return _shown(_found(series_editing.change(c.conn, c.workspace_id, series_id, plan, c.now), series_id), {})


@router.delete("/series/{series_id}", response={204: None}, summary="Delete a series of drafts")
def delete_series(request: HttpRequest, series_id: Id) -> Status[None]:
    with call(request) as c:
        if not series_editing.delete(c.conn, c.workspace_id, series_id):
            raise NotFound(f"series {series_id}")
    return Status(204, None)


@router.post("/series/{series_id}/schedule", response=SeriesOut, summary="Schedule all of it, or none")
def schedule_series(request: HttpRequest, series_id: Id) -> dict[str, Any]:
    with call(request) as c:
        return _shown(_found(series.schedule(c.conn, c.workspace_id, series_id, c.now), series_id), {})


@router.post("/series/{series_id}/unschedule", response=SeriesOut, summary="Make what is scheduled drafts again")
def unschedule_series(request: HttpRequest, series_id: Id) -> dict[str, Any]:
    with call(request) as c:
        return _shown(_found(series_editing.unschedule(c.conn, c.workspace_id, series_id, c.now), series_id), {})


@router.post("/series/{series_id}/cancel", response=SeriesOut, summary="Cancel what is not finished")
def cancel_series(request: HttpRequest, series_id: Id) -> dict[str, Any]:
    with call(request) as c:
        return _shown(_found(series.cancel(c.conn, c.workspace_id, series_id, c.now), series_id), {})


def _found(found: Series | None, series_id: int) -> Series:
    if found is None:
        raise NotFound(f"series {series_id}")
    return found


def _shown(one: Series, numbers: dict[int, figures.Figures]) -> dict[str, Any]:
    """Its audience is that of its campaigns: they are planned with one."""
    first = one.campaigns[0] if one.campaigns else None
    return {
        "id": one.id,
        "name": one.name,
        "exclude_metric": one.exclude_metric,
        "starts_at": one.starts_at,
        "created_at": one.created_at,
        "included": first.included if first else [],
        "excluded": first.excluded if first else [],
        "campaigns": [each.__dict__ | {"figures": numbers.get(each.id)} for each in one.campaigns],
    }
