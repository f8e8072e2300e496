"""What an email would look like, what is wrong with it, and test sends: of what stands in an editor, saved or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from headwater.accounts import brand as brands
from headwater.accounts import members
from headwater.api.calls import Call, Id, call
from headwater.api.errors import ApiError, NotFound
from headwater.api.template_shapes import (
    AsWhom,
    EmailCheckIn,
    EmailContent,
    EmailPreview,
    EmailProblem,
    Sample,
    TemplatePreviewIn,
    TestSendIn,
    TestSendOut,
    UnsavedEmailIn,
    UnsavedEmailOut,
)
from headwater.api.templates import found, version_of
from headwater.audience import profiles
from headwater.audience.profiles import Profile
from headwater.content import advice, mjml
from headwater.content.compiling import Problem
from headwater.content.document import Document
from headwater.content.errors import RenderError, TemplateError
from headwater.delivery import gates, preview, test_sends
from headwater.delivery.preview import Preview
from headwater.delivery.test_sends import Trial
from headwater.events import timeline
from headwater.flows import emails_in_use as in_flows

router = Router(tags=["Templates"])


@router.post("/templates/check", response=list[EmailProblem], summary="What is wrong with an email")
def check_template(request: HttpRequest, body: EmailCheckIn) -> list[Problem]:
    return advice.problems(body.document(), transactional=body.transactional)


@router.post("/templates/preview", response=UnsavedEmailOut, summary="An unsaved email as a person would get it")
def preview_unsaved(request: HttpRequest, body: UnsavedEmailIn) -> dict[str, Any]:
    document = body.content.document()
    problems = advice.problems(document, transactional=body.transactional)
    shown = None
    with call(request) as c:
        person, event = _as_whom(c, body)
        try:
            shown = preview.render(
                c.conn,
                c.workspace_id,
                document,
                person,
                event,
                c.now,
                name=body.name,
                transactional=body.transactional,
            )
        except TemplateError as error:
            if not any(one.level == "error" for one in problems):
                problems = [Problem("error", error.message, error.field or "mjml", error.line), *problems]
        except RenderError as error:
            problems = [Problem("error", f"For this person it cannot be made: {error}"), *problems]
    return {
        "preview": _shown(shown) if shown is not None else None,
        "format": "mjml" if mjml.is_mjml(document.mjml) else "html",
        "problems": problems,
    }


@router.post("/templates/{template_id}/preview", response=EmailPreview, summary="The email as a person would get it")
def preview_template(request: HttpRequest, template_id: Id, body: TemplatePreviewIn) -> dict[str, Any]:
    with call(request) as c:
        template = found(c, template_id)
        version = body.version_id or template.current_version
        if version is None:
            raise NotFound(f"version of template {template_id}")
        document = version_of(c, template_id, version)
        person, event = _as_whom(c, body)
        return _shown(preview.render(c.conn, c.workspace_id, document, person, event, c.now, name=template.name))


@router.get("/templates/{template_id}/sample", response=Sample, summary="Somebody to show the email for")
def get_sample(request: HttpRequest, template_id: Id) -> dict[str, Any]:
    """Whose event is the newest of those that start the flows that send it; nobody where no events do."""
    with call(request) as c:
        found(c, template_id)
        uses = in_flows.of_templates(c.conn, c.workspace_id, [template_id])
        newest = timeline.newest(c.conn, c.workspace_id, [use.metric for use in uses if use.metric is not None])
    if newest is None:
        return {"profile_id": None, "event_id": None, "metric": None}
    profile_id, event = newest
    return {"profile_id": profile_id, "event_id": str(event.id), "metric": event.metric}


@router.post(
    "/templates/{template_id}/test-send",
    response={202: TestSendOut},
    summary="Send it, as it stands in the editor, to people of the brand",
)
def send_test(request: HttpRequest, template_id: Id, body: TestSendIn) -> Status[dict[str, Any]]:
    with call(request) as c:
        template = found(c, template_id)
        addresses = _of_members(c, body.to)
        if gates.wire_address(brands.load(c.conn, c.workspace_id).from_email) is None:
            raise ApiError(400, "Set the brand's sender address first: nothing can be sent without one.")
        document = _sendable(body.content, transactional=body.transactional)
        person, event = _as_whom(c, body)
        trial = Trial(template_id, template.name, document, person, event)
        sent = test_sends.send(c.conn, c.workspace_id, trial, addresses, c.now)
        return Status(202, {"messages": [{"email": one, "message_id": sent[one]} for one in addresses]})


def _of_members(c: Call, wanted: list[str]) -> list[str]:
    """The addresses, each once, as the people of the brand have them."""
    known = {one.email.lower(): one.email for one in members.of_brand(c.conn, c.workspace_id)}
    foreign = [one for one in wanted if one.strip().lower() not in known]
    if foreign:
        raise ApiError(400, f"Tests go to people of the brand only; {foreign[0]} is not one of them.", "to")
    return list(dict.fromkeys(known[one.strip().lower()] for one in wanted))


def _sendable(content: EmailContent, *, transactional: bool) -> Document:
    document = content.document()
    for problem in advice.problems(document, transactional=transactional):
        if problem.level == "error":
            raise TemplateError(problem.message, field=problem.field, line=problem.line)
    return document


def _as_whom(c: Call, wanted: AsWhom) -> tuple[Profile | None, Mapping[str, Any] | None]:
    """The person and the event's properties."""
    if wanted.profile_id is None:
        if wanted.event_id is not None:
            raise ApiError(400, "An event is shown for the person it is of: send profile_id too.", "event_id")
        return None, wanted.event
    person = profiles.get(c.conn, c.workspace_id, [wanted.profile_id]).get(wanted.profile_id)
    if person is None:
        raise NotFound(f"profile {wanted.profile_id}")
    if wanted.event_id is None:
        return person, wanted.event
    try:
        event_id = UUID(wanted.event_id)
    except ValueError:
        raise ApiError(400, "This is not the id of an event.", "event_id") from None
    seen = timeline.one(c.conn, c.workspace_id, person.id, event_id)
    if seen is None:
        raise NotFound(f"event {wanted.event_id} of profile {person.id}")
    return person, seen.properties


def _shown(made: Preview) -> dict[str, Any]:
    missing = [{"name": one.written, "field": one.field, "line": one.line, "known": one.known} for one in made.missing]
    return made.__dict__ | {"missing": missing}
