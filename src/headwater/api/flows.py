"""/flows: the automations of a workspace: apply a definition, pause, resume, archive, and how many people are where."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Body, Router, Schema

from headwater.api.calls import Call, Moment, call
from headwater.api.errors import NotFound
from headwater.delivery import ledger
from headwater.flows import publishing

router = Router(tags=["Flows"])


class FlowOut(Schema):
    id: int
    slug: str
    name: str
    status: str
    version: int | None
    waiting: int
    """People on their way."""
    completed: int
    exited: int
    updated_at: Moment


class FlowDetail(FlowOut):
    definition: dict[str, Any] | None
    """Of the live version."""


class Applied(Schema):
    id: int
    slug: str
    name: str
    version: int
    status: str
    created: bool
    changed: bool


class FlowReport(Schema):
    waiting: int
    completed: int
    exited: int
    messages: int
    states: dict[str, int]
    reasons: dict[str, int]
    opened: int
    clicked: int


@router.get("/flows", response=list[FlowOut], summary="All flows")
def list_flows(request: HttpRequest, archived: bool = False) -> Any:
    with call(request) as c:
        return publishing.summaries(c.conn, c.workspace_id, archived=archived)


@router.get("/flows/{slug}", response=FlowDetail, summary="Get a flow with its definition")
def get_flow(request: HttpRequest, slug: str) -> dict[str, Any]:
    with call(request) as c:
        summary, definition = _found(c, slug)
    return summary.__dict__ | {"definition": definition}


@router.put("/flows/{slug}", response=Applied, summary="Publish a definition, and set the flow live")
def apply_flow(request: HttpRequest, slug: str, definition: Annotated[dict[str, Any], Body()]) -> Any:
    """The same definition as in a flow's YAML file; `email:` names a saved template. A paused flow stays paused."""
    with call(request) as c:
        return publishing.apply(c.conn, c.workspace_id, {**definition, "flow": slug}, c.now)


@router.get("/flows/{slug}/report", response=FlowReport, summary="People and messages of a flow")
def report(request: HttpRequest, slug: str) -> dict[str, Any]:
    with call(request) as c:
        summary, _ = _found(c, slug)
        progress = ledger.progress(c.conn, c.workspace_id, publishing.SOURCE, summary.id)
    return {
        "waiting": summary.waiting,
        "completed": summary.completed,
        "exited": summary.exited,
        "messages": progress.total,
        "states": progress.states,
        "reasons": progress.reasons,
        "opened": progress.opened,
        "clicked": progress.clicked,
    }


@router.post("/flows/{slug}/pause", response=FlowOut, summary="Pause: everyone stays where they are")
def pause(request: HttpRequest, slug: str) -> Any:
    return _set(request, slug, "paused")


@router.post("/flows/{slug}/resume", response=FlowOut, summary="Make it live again")
def resume(request: HttpRequest, slug: str) -> Any:
    return _set(request, slug, "live")


@router.post("/flows/{slug}/archive", response=FlowOut, summary="Archive: what is planned is cancelled")
def archive(request: HttpRequest, slug: str) -> Any:
    return _set(request, slug, "archived")


def _set(request: HttpRequest, slug: str, status: str) -> Any:
    with call(request) as c:
        _found(c, slug)
        publishing.set_status(c.conn, c.workspace_id, slug, status, c.now)
        return _found(c, slug)[0]


def _found(c: Call, slug: str) -> tuple[publishing.Summary, Any]:
    try:
        return publishing.published(c.conn, c.workspace_id, slug)
    except LookupError:
        raise NotFound(f"flow {slug}") from None
