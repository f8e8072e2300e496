"""/webhooks and what flows called: the secret that receivers check signatures with, and each call's outcome."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema

from headwater.api.calls import Limit, Moment, Page, before, call, page
from headwater.api.errors import NotFound
from headwater.flows.calls import outbox, troubles
from headwater.flows.calls.signing import delivery_id, signing_secret
from headwater.flows.editing import publishing

router = Router(tags=["Webhooks"])


class SecretOut(Schema):
    secret: str
    """The key of the HMAC in `Headwater-Signature`. It stays the same while the instance keeps its secret key."""


class FlowCallOut(Schema):
    id: int
    step: str
    profile_id: int
    kind: str
    """webhook or notice."""
    to: list[str]
    """The URL, or the addresses."""
    delivery: str
    """What a receiver knows it by: the header Headwater-Delivery."""
    state: str
    """planned, claimed (being called now), done or failed."""
    attempts: int
    next_at: Moment | None
    """Of the next attempt."""
    host_rests_until: Moment | None
    """The host has stopped answering and is left alone until then."""
    response_status: int | None
    error: str | None
    planned_at: Moment
    finished_at: Moment | None


class FailingCallsOut(Schema):
    """What a flow called in vain in the last day."""

    flow: str
    """Its slug."""
    flow_name: str
    kind: Literal["webhook", "notice"]
    host: str
    """Of the URL; of notices “(mail)”."""
    calls: int
    """Planned in the last day, and failed: for good, or so far."""
    given_up: int
    """Of these, failed for good."""
    last_error: str
    last_status: int | None
    rests_until: Moment | None
    """The host has stopped answering and is left alone until then."""


@router.get("/webhooks/failing", response=list[FailingCallsOut], summary="What flows called in vain in the last day")
def list_failing(request: HttpRequest) -> list[troubles.Trouble]:
    """By flow and host: three calls that failed, or one that failed three times."""
    with call(request) as c:
        return troubles.failing(c.conn, c.workspace_id, c.now)


@router.get("/webhooks/secret", response=SecretOut, summary="The secret that webhooks are signed with")
def get_secret(request: HttpRequest) -> dict[str, str]:
    with call(request) as c:
        return {"secret": signing_secret(c.workspace_id)}


@router.get("/flows/{slug}/calls", response=Page[FlowCallOut], summary="Webhooks and notices of a flow, newest first")
def list_calls(request: HttpRequest, slug: str, limit: Limit = 100, cursor: str | None = None) -> dict[str, Any]:
    with call(request) as c:
        try:
            flow, _ = publishing.published(c.conn, c.workspace_id, slug)
        except LookupError:
            raise NotFound(f"flow {slug}") from None
        made = outbox.of_flow(c.conn, c.workspace_id, flow.id, limit + 1, before(cursor))
        workspace_id = c.workspace_id
    found = page(made, limit)
    return found | {"data": [_shown(workspace_id, one) for one in found["data"]]}


def _shown(workspace_id: int, made: outbox.Made) -> dict[str, Any]:
    shown = {name: getattr(made, name) for name in outbox.Made.__slots__}
    waits = made.state == "planned"
    return shown | {
        "delivery": delivery_id(workspace_id, made.id),
        "next_at": made.next_at if waits else None,
        "host_rests_until": made.host_rests_until if waits else None,
    }
