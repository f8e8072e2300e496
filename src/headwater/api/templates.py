"""/templates: emails, their versions, what uses them. What one would look like: `template_previews`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from headwater.api.calls import Call, Id, Limit, Page, after, before, call, page
from headwater.api.errors import ApiError, NotFound
from headwater.api.template_shapes import (
    NewTemplateVersion,
    TemplateContent,
    TemplateIn,
    TemplateOut,
    TemplateRename,
    TemplateVersionContent,
    TemplateVersionOut,
)
from headwater.campaigns import emails_in_use as in_campaigns
from headwater.content import compiling, mjml, shelving, template_list, templates
from headwater.content.document import Document
from headwater.content.errors import EditedMeanwhile
from headwater.content.template_list import Format, Sort
from headwater.content.templates import Template
from headwater.flows import emails_in_use as in_flows

router = Router(tags=["Templates"])

_GOING = ("live", "paused", "scheduled", "adding_recipients", "sending")
"""Flows and campaigns of which the next email may come at any moment."""


@router.get("/templates", response=Page[TemplateOut], summary="List templates")
def list_templates(
    request: HttpRequest,
    q: Annotated[str, Query(max_length=200)] = "",
    kind: Format | None = None,
    archived: bool = False,
    sort: Sort = "created",
    cursor: str | None = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    with call(request) as c:
        found = template_list.find(
            c.conn,
            c.workspace_id,
            q=q.strip(),
            kind=kind,
            archived=archived,
            sort=sort,
            after=after(cursor),
            limit=limit + 1,
        )
        uses = _uses(c, [one.id for one in found])
    answer = page(found, limit)
    return answer | {"data": [one.__dict__ | {"used_by": uses.get(one.id, [])} for one in answer["data"]]}


@router.post("/templates", response={201: TemplateContent}, summary="Save a template under a new name")
def create_template(request: HttpRequest, body: TemplateIn) -> Status[dict[str, Any]]:
    with call(request) as c:
        if templates.find(c.conn, c.workspace_id, body.name) is not None:
            raise ApiError(409, f"There is already a template named {body.name}.", "name")
        template_id, _ = templates.save(
            c.conn, c.workspace_id, body.name, body.document(), c.now, transactional=body.transactional
        )
        return Status(201, _whole(c, template_id))


@router.get("/templates/{template_id}", response=TemplateContent, summary="Get a template with its current content")
def get_template(request: HttpRequest, template_id: Id) -> dict[str, Any]:
    with call(request) as c:
        return _whole(c, template_id)


@router.put("/templates/{template_id}", response=TemplateContent, summary="Save a new version")
def save_version(request: HttpRequest, template_id: Id, body: NewTemplateVersion) -> dict[str, Any]:
    with call(request) as c:
        _save_over(c, template_id, body.document(), body.based_on, body.transactional)
        return _whole(c, template_id)


@router.patch("/templates/{template_id}", response=TemplateContent, summary="Give a template another name")
def rename_template(request: HttpRequest, template_id: Id, body: TemplateRename) -> dict[str, Any]:
    with call(request) as c:
        if not shelving.rename(c.conn, c.workspace_id, template_id, body.name, c.now):
            raise NotFound(f"template {template_id}")
        return _whole(c, template_id)


@router.delete("/templates/{template_id}", response={204: None}, summary="Take a template out of use")
def archive_template(request: HttpRequest, template_id: Id) -> Status[None]:
    """Refused while a live flow or a scheduled campaign sends it."""
    with call(request) as c:
        found(c, template_id)
        going = [use for use in _uses(c, [template_id]).get(template_id, []) if use["status"] in _GOING]
        if going:
            names = ", ".join(f"the {use['kind']} {use['name']} ({use['status']})" for use in going[:5])
            raise ApiError(409, f"It is sent by {names}. Take it out there first.")
        templates.archive(c.conn, c.workspace_id, template_id, c.now)
    return Status(204, None)


@router.post("/templates/{template_id}/unarchive", response=TemplateContent, summary="Take it into use again")
def unarchive_template(request: HttpRequest, template_id: Id) -> dict[str, Any]:
    with call(request) as c:
        if not shelving.unarchive(c.conn, c.workspace_id, template_id, c.now):
            raise NotFound(f"archived template {template_id}")
        return _whole(c, template_id)


@router.get(
    "/templates/{template_id}/versions", response=Page[TemplateVersionOut], summary="Its versions, the newest first"
)
def list_versions(
    request: HttpRequest, template_id: Id, cursor: str | None = None, limit: Limit = 100
) -> dict[str, Any]:
    with call(request) as c:
        found(c, template_id)
        listed = templates.versions(c.conn, c.workspace_id, template_id, before=before(cursor), limit=limit + 1)
        return page(listed, limit)


@router.get("/templates/{template_id}/versions/{version_id}", response=TemplateVersionContent, summary="Get a version")
def get_version(request: HttpRequest, template_id: Id, version_id: Id) -> dict[str, Any]:
    with call(request) as c:
        return {"id": version_id, "content": version_of(c, template_id, version_id)}


@router.post(
    "/templates/{template_id}/versions/{version_id}/restore",
    response=TemplateContent,
    summary="Make an older version the current one again",
)
def restore_version(request: HttpRequest, template_id: Id, version_id: Id) -> dict[str, Any]:
    with call(request) as c:
        document = version_of(c, template_id, version_id)
        _save_over(c, template_id, document, None, _only_transactional(document))
        return _whole(c, template_id)


def found(c: Call, template_id: int) -> Template:
    """The template, if it is in use."""
    one = templates.get(c.conn, c.workspace_id, template_id)
    if one is None or one.archived_at is not None:
        raise NotFound(f"template {template_id}")
    return one


def version_of(c: Call, template_id: int, version_id: int) -> Document:
    """A version from the template's history."""
    mine = templates.versions(c.conn, c.workspace_id, template_id, before=version_id + 1, limit=1)
    if not mine or mine[0].id != version_id:
        raise NotFound(f"version {version_id} of template {template_id}")
    return templates.version(c.conn, c.workspace_id, [version_id])[version_id]


def _save_over(c: Call, template_id: int, document: Document, based_on: int | None, transactional: bool) -> None:
    try:
        templates.save_over(
            c.conn, c.workspace_id, template_id, document, c.now, based_on=based_on, transactional=transactional
        )
    except LookupError:
        raise NotFound(f"template {template_id}") from None
    except EditedMeanwhile as edited:
        raise ApiError(409, str(edited), "based_on") from None


def _whole(c: Call, template_id: int) -> dict[str, Any]:
    one = found(c, template_id)
    if one.current_version is None:
        raise NotFound(f"content of template {template_id}")
    document = templates.version(c.conn, c.workspace_id, [one.current_version])[one.current_version]
    return one.__dict__ | {
        "subject": document.subject,
        "preview_text": document.preview_text,
        "format": "mjml" if mjml.is_mjml(document.mjml) else "html",
        "used_by": _uses(c, [template_id]).get(template_id, []),
        "transactional": _only_transactional(document),
        "content": document,
    }


def _only_transactional(document: Document) -> bool:
    return any(problem.level == "error" for problem in compiling.lint(document))


def _uses(c: Call, template_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """What sends each of these templates: flows first."""
    uses: dict[int, list[dict[str, Any]]] = {}
    for flow in in_flows.of_templates(c.conn, c.workspace_id, template_ids):
        use: dict[str, Any] = {"kind": "flow", "id": None, "slug": flow.slug, "name": flow.name, "status": flow.status}
        uses.setdefault(flow.template_id, []).append(use)
    for campaign in in_campaigns.of_templates(c.conn, c.workspace_id, template_ids):
        use = {"kind": "campaign", "id": campaign.id, "slug": None, "name": campaign.name, "status": campaign.status}
        uses.setdefault(campaign.template_id, []).append(use)
    return uses
