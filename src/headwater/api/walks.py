"""/flows/{slug}/walk and /tests: how a flow would go for one real person from now on, and what its own tests say."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema

from headwater.api.calls import Call, Moment, Money, Name, Number, call
from headwater.api.errors import ApiError, NotFound
from headwater.api.flow_words import FlowWords, words_of
from headwater.api.recipes import FileTestOut
from headwater.audience import profiles
from headwater.flows import live
from headwater.flows.definition import FlowDefinition
from headwater.flows.editing import versions
from headwater.flows.reading import parse
from headwater.flows.trials import brand_setting, email_coupons, file_tests, person_walk, walk_facts
from headwater.flows.trials.email_coupons import Issues
from headwater.flows.trials.person_walk import Assumption

router = Router(tags=["Flows"])

Which = Literal["live", "draft"]


class AssumedIn(Schema):
    """An event of the person, or that they unsubscribe."""

    step: Name | None = None
    """The email or other step that it follows; null: the beginning."""
    minutes: Annotated[int, Field(ge=0, le=60 * 24 * 365)] = 60
    """So long after it."""
    metric: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    properties: dict[str, Any] = {}
    value: Money | None = None
    unsubscribes: bool = False


class WalkIn(Schema):
    profile_id: Number
    version: Which = "live"
    properties: dict[str, Any] = {}
    """Of the event that starts it."""
    value: Money | None = None
    assume: Annotated[list[AssumedIn], Field(max_length=20)] = []


class MomentOut(Schema):
    at: Moment
    kind: Literal["entered", "email", "skipped", "done", "decided", "assumed", "completed", "left", "waiting"]
    step: str | None
    words: str
    outcome: str | None
    """Of what was decided: yes, no, took, timed_out …; why an email was skipped; why they left."""
    template_id: int | None


class WalkOut(Schema):
    now: Moment
    timezone: str | None
    """The person's; null: the brand's counts."""
    entered_lately: Moment | None
    """They came in then, too short a time ago for coming in again now; the walk goes on as though they had not."""
    refused: str | None
    """Why they would not come in: again, no_address, profile_filters, exit_on, trigger; null: they would."""
    misses: list[int]
    """Assumptions that could not be placed: the person never comes to their step."""
    moments: list[MomentOut]
    words: FlowWords


class FileTestsIn(Schema):
    version: Which = "live"


@router.post("/flows/{slug}/walk", response=WalkOut, summary="How a flow would go for one person from now on")
def walk(request: HttpRequest, slug: str, body: WalkIn) -> dict[str, Any]:
    """On the simulator, with what is known of them now; what they do on the way is what is assumed. Nothing is sent."""
    with call(request) as c:
        person = profiles.get(c.conn, c.workspace_id, [body.profile_id]).get(body.profile_id)
        if person is None:
            raise NotFound(f"profile {body.profile_id}")
        definition, issues = _version(c, slug, body.version)
        setting = brand_setting.of_brand(c.conn, c.workspace_id, issues, notes=True)
        past = walk_facts.load(c.conn, c.workspace_id, definition, setting, person.id, c.now)
    started: dict[str, Any] = {"properties": body.properties}
    if body.value is not None:
        started["value"] = float(body.value)
    assumed = [_assumed(one, place) for place, one in enumerate(body.assume)]
    found = person_walk.walk(definition, setting, past, started, c.now, assumed)
    return asdict(found) | {
        "now": c.now,
        "timezone": past.facts.attributes.get("timezone"),
        "entered_lately": walk_facts.came_too_lately(definition, past, c.now),
        "words": words_of(definition),
    }


@router.post("/flows/{slug}/tests", response=list[FileTestOut], summary="Run the tests in a flow's definition")
def run_tests(request: HttpRequest, slug: str, body: FileTestsIn | None = None) -> Any:
    with call(request) as c:
        definition, issues = _version(c, slug, (body or FileTestsIn()).version)
    return file_tests.run_tests(definition, issues)


def _version(c: Call, slug: str, which: Which) -> tuple[FlowDefinition, Issues]:
    row = versions.find(c.conn, c.workspace_id, slug)
    if which == "draft" and row.draft is None:
        raise ApiError(409, f"The flow {slug} has no draft.", "version")
    if which == "draft":
        definition = parse(row.draft, slug=slug)
    else:
        flow = live.by_slug(c.conn, c.workspace_id, slug)
        if flow is None:
            raise ApiError(409, f"The flow {slug} has not been published yet; use its draft.", "version")
        definition = flow.definition
    return definition, email_coupons.of_templates(c.conn, c.workspace_id, definition)


def _assumed(one: AssumedIn, place: int) -> Assumption:
    if (one.metric is None) is not one.unsubscribes:
        raise ApiError(400, "An assumption is an event, or that the person unsubscribes.", f"assume.{place}")
    if one.metric is None:
        return Assumption(one.step, timedelta(minutes=one.minutes), {"unsubscribes": True})
    does: dict[str, Any] = {"metric": one.metric, "properties": one.properties}
    if one.value is not None:
        does["value"] = float(one.value)
    return Assumption(one.step, timedelta(minutes=one.minutes), does)
