"""/templates: emails with their versions, what is wrong with one, and what a person would see."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from headwater.api.calls import Call, Id, Limit, Moment, Name, Number, Page, after, before, call, page
from headwater.api.errors import ApiError, NotFound
from headwater.audience import profiles
from headwater.content import compiling, templates
from headwater.content.document import Document
from headwater.content.templates import Template
from headwater.delivery import preview

router = Router(tags=["Templates"])

Source = Annotated[str, Field(max_length=500_000)]


class Content(Schema):
    subject: Annotated[str, Field(min_length=1, max_length=1_000)]
    preview_text: Annotated[str, Field(max_length=1_000)] = ""
    mjml: Source
    """MJML, or a whole HTML page, with Liquid."""
    text: Source | None = None
    """null: derived from the HTML."""
    data: dict[str, Any] = {}
    """What it needs besides the person: coupon, item, feeds, reviews."""

    def document(self) -> Document:
        return Document(self.subject, self.mjml, self.preview_text, self.text, self.data)


class TemplateIn(Content):
    name: Name
    transactional: bool = False
    """Needs no unsubscribe link and no postal address."""


class NewVersion(Content):
    transactional: bool = False


class TemplateOut(Schema):
    id: int
    name: str
    current_version: int | None
    created_at: Moment
    updated_at: Moment


class TemplateContent(TemplateOut):
    content: Content


class VersionOut(Schema):
    id: int
    subject: str
    created_at: Moment


class VersionContent(Schema):
    id: int
    content: Content


class ProblemOut(Schema):
    level: str
    """error: can't be sent; warning: can."""
    message: str
    field: str
    line: int | None


class PreviewIn(Schema):
    profile_id: Number | None = None
    """Whom to show it for; without one, a person of whom nothing is known."""
    version_id: Number | None = None
    event: dict[str, Any] | None = None
    """The event that would trigger it."""


class PreviewOut(Schema):
    subject: str
    preview_text: str
    html: str
    text: str


@router.get("/templates", response=Page[TemplateOut], summary="List templates")
def list_templates(request: HttpRequest, cursor: str | None = None, limit: Limit = 100) -> dict[str, Any]:
    with call(request) as c:
        return page(templates.page(c.conn, c.workspace_id, after=after(cursor), limit=limit + 1), limit)


@router.post("/templates", response={201: TemplateContent}, summary="Save a template under a new name")
def create_template(request: HttpRequest, body: TemplateIn) -> Status[dict[str, Any]]:
    with call(request) as c:
        if templates.find(c.conn, c.workspace_id, body.name) is not None:
            raise ApiError(409, f"There is already a template named {body.name}.", "name")
        template_id, _ = templates.save(
            c.conn, c.workspace_id, body.name, body.document(), c.now, transactional=body.transactional
        )
        return Status(201, _whole(c, template_id))


@router.post("/templates/check", response=list[ProblemOut], summary="What is wrong with an email")
def check_template(request: HttpRequest, body: Content) -> list[compiling.Problem]:
    return compiling.lint(body.document())


@router.get("/templates/{template_id}", response=TemplateContent, summary="Get a template with its current content")
def get_template(request: HttpRequest, template_id: Id) -> dict[str, Any]:
    with call(request) as c:
        return _whole(c, template_id)


@router.put("/templates/{template_id}", response=TemplateContent, summary="Save a new version")
def save_version(request: HttpRequest, template_id: Id, body: NewVersion) -> dict[str, Any]:
    with call(request) as c:
        name = _found(c, template_id).name
        templates.save(c.conn, c.workspace_id, name, body.document(), c.now, transactional=body.transactional)
        return _whole(c, template_id)


@router.delete("/templates/{template_id}", response={204: None}, summary="Take a template out of use")
def archive_template(request: HttpRequest, template_id: Id) -> Status[None]:
    with call(request) as c:
        if not templates.archive(c.conn, c.workspace_id, template_id, c.now):
            raise NotFound(f"template {template_id}")
    return Status(204, None)


@router.get("/templates/{template_id}/versions", response=Page[VersionOut], summary="Its versions, the newest first")
def list_versions(
    request: HttpRequest, template_id: Id, cursor: str | None = None, limit: Limit = 100
) -> dict[str, Any]:
    with call(request) as c:
        _found(c, template_id)
        found = templates.versions(c.conn, c.workspace_id, template_id, before=before(cursor), limit=limit + 1)
        return page(found, limit)


@router.get("/templates/{template_id}/versions/{version_id}", response=VersionContent, summary="Get a version")
def get_version(request: HttpRequest, template_id: Id, version_id: Id) -> dict[str, Any]:
    with call(request) as c:
        return {"id": version_id, "content": _version(c, template_id, version_id)}


@router.post("/templates/{template_id}/preview", response=PreviewOut, summary="The email as a person would get it")
def preview_template(request: HttpRequest, template_id: Id, body: PreviewIn) -> dict[str, Any]:
    with call(request) as c:
        template = _found(c, template_id)
        version = body.version_id or template.current_version
        if version is None:
            raise NotFound(f"version of template {template_id}")
        document = _version(c, template_id, version)
        person = None
        if body.profile_id is not None:
            person = profiles.get(c.conn, c.workspace_id, [body.profile_id]).get(body.profile_id)
            if person is None:
                raise NotFound(f"profile {body.profile_id}")
        return preview.render(c.conn, c.workspace_id, document, person, body.event, c.now, name=template.name).__dict__


def _found(c: Call, template_id: int) -> Template:
    found = templates.get(c.conn, c.workspace_id, template_id)
    if found is None or found.archived_at is not None:
        raise NotFound(f"template {template_id}")
    return found


def _version(c: Call, template_id: int, version_id: int) -> Document:
    mine = templates.versions(c.conn, c.workspace_id, template_id, before=version_id + 1, limit=1)
    if not mine or mine[0].id != version_id:
        raise NotFound(f"version {version_id} of template {template_id}")
    return templates.version(c.conn, c.workspace_id, [version_id])[version_id]


def _whole(c: Call, template_id: int) -> dict[str, Any]:
    found = _found(c, template_id)
    if found.current_version is None:
        raise NotFound(f"content of template {template_id}")
    return found.__dict__ | {
        "content": templates.version(c.conn, c.workspace_id, [found.current_version])[found.current_version]
    }
