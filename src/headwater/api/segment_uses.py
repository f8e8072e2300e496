"""/segments/uses: what looks at each segment: flows, campaigns and other segments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from django.http import HttpRequest
from ninja import Router, Schema

from headwater.api.calls import Call, call
from headwater.campaigns.segment_uses import in_campaigns
from headwater.flows.segment_uses import in_flows
from headwater.segments import live, requests

router = Router(tags=["Segments"])


class SegmentUse(Schema):
    segment_id: int
    kind: Literal["flow", "campaign", "segment"]
    id: str
    """A flow's short name; else a number."""
    name: str
    status: str | None
    how: Literal["starts", "asks", "includes", "excludes", "builds_on"]
    """starts: entering or leaving the segment starts the flow; asks: a condition of the flow does. includes, excludes:
    the campaign's audience. builds_on: the other segment's definition names it, so this one cannot be archived."""


@router.get("/segments/uses", response=list[SegmentUse], summary="What uses each segment")
def segment_uses(request: HttpRequest, segment_id: int | None = None) -> list[SegmentUse]:
    """Flows that are live or paused, campaigns that have not ended, and segments in use; of one segment, or of all."""
    with call(request) as c:
        return [one for one in _all(c) if segment_id is None or one.segment_id == segment_id]


def _all(c: Call) -> Iterator[SegmentUse]:
    segments = live.segments(c.conn, c.workspace_id)
    ids = {one.name.lower(): one.id for one in segments.values()}
    for flow in in_flows(c.conn, c.workspace_id):
        named = ids.get(flow.segment.lower()) if isinstance(flow.segment, str) else flow.segment
        if named is not None:
            how: Literal["starts", "asks"] = "starts" if flow.starts else "asks"
            yield SegmentUse(segment_id=named, kind="flow", id=flow.slug, name=flow.name, status=flow.status, how=how)
    for campaign in in_campaigns(c.conn, c.workspace_id):
        yield SegmentUse(
            segment_id=campaign.segment,
            kind="campaign",
            id=str(campaign.id),
            name=campaign.name,
            status=campaign.status,
            how="excludes" if campaign.excluded else "includes",
        )
    for one in segments.values():
        for referred in requests.referred(one.condition):
            yield SegmentUse(
                segment_id=referred, kind="segment", id=str(one.id), name=one.name, status=None, how="builds_on"
            )
