"""/segments while they are written: a definition that is not saved yet as a sentence, counted, and explained."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema

from headwater.api.calls import MOST, Call, call
from headwater.api.errors import NotFound
from headwater.api.people import ProfileOut, shown
from headwater.api.segments import Count, Tree, Why, described
from headwater.audience import identity
from headwater.segments import explain, preview, saved
from headwater.segments.language import Condition, describe, parse, parse_where

router = Router(tags=["Segments"])


class Definition(Schema):
    definition: Tree


class DescribeIn(Definition):
    context: Literal["segment", "flow", "event-filter"] = "segment"
    """flow: also what only flows know. event-filter: a filter on one event's properties, as in a flow's trigger."""


class Described(Schema):
    description: str


class PreviewIn(Definition):
    exact: bool = False
    """False: an estimate at once, by a sample. True: the exact count, which takes as long as it takes."""


class WhyIn(Definition):
    profile: Annotated[int, Field(ge=1, le=MOST)]


class SegmentPreview(Count):
    low: int
    high: int
    """The true count lies between `low` and `high` in 95 of 100 cases; both are `count` when it is exact."""
    exact: bool
    can_receive: int
    """So many of them can get email,"""
    people: int
    """of so many whom the brand knows; estimates, as `count` is, unless it is exact."""
    examples: list[ProfileOut]
    """Up to twenty people."""


@router.post(
    "/segments/preview", response=SegmentPreview, summary="Count a definition while it is edited, and see examples"
)
def preview_definition(request: HttpRequest, body: PreviewIn) -> dict[str, Any]:
    with call(request) as c:
        condition = _checked(c, body.definition)
        found = preview.reach(c.conn, c.workspace_id, condition, c.now, exact=body.exact)
        return {
            "count": found.count,
            "low": found.low,
            "high": found.high,
            "exact": found.exact,
            "can_receive": found.can_receive,
            "people": found.people,
            "description": described(c, condition),
            "examples": shown(c.conn, c.workspace_id, list(found.examples)),
        }


@router.post("/segments/describe", response=Described, summary="A definition as a sentence")
def describe_definition(request: HttpRequest, body: DescribeIn) -> dict[str, str]:
    """Checks the words of it, not whether the lists and segments that it names exist."""
    if body.context == "event-filter":
        return {"description": describe(parse_where(body.definition, "", in_flow=True))}
    condition = parse(body.definition, in_flow=body.context == "flow")
    with call(request) as c:
        return {"description": described(c, condition)}


@router.post("/segments/count", response=Count, summary="Count a definition exactly without saving it")
def count_definition(request: HttpRequest, body: Definition) -> dict[str, Any]:
    with call(request) as c:
        condition = _checked(c, body.definition)
        return {
            "count": preview.exactly(c.conn, c.workspace_id, condition, c.now).count,
            "description": described(c, condition),
        }


@router.post("/segments/why", response=Why, summary="Why a profile would be in it or not")
def why_definition(request: HttpRequest, body: WhyIn) -> Any:
    with call(request) as c:
        condition = _checked(c, body.definition)
        wanted = identity.follow(c.conn, c.workspace_id, [body.profile]).get(body.profile)
        told = wanted and explain.of_profile(c.conn, c.workspace_id, condition, wanted, c.now, None)
        if not told:
            raise NotFound(f"profile {body.profile}")
        return told


def _checked(c: Call, definition: Tree) -> Condition:
    return parse(saved.checked(c.conn, c.workspace_id, definition))
