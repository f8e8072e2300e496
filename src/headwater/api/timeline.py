"""The API twin of `headwater why`: what happened to a person, what was sent or not and why, what comes next; and why
they did not enter a flow."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from headwater import why
from headwater.api.calls import Id, call
from headwater.api.errors import NotFound
from headwater.api.profiles import present
from headwater.audience import profiles

router = Router(tags=["Why"])


@router.get("/profiles/{profile_id}/timeline", response=dict[str, Any], summary="What happened to a person, and why")
def timeline(request: HttpRequest, profile_id: Id) -> Any:
    with call(request) as c:
        return why.timeline(c.conn, c.workspace_id, present(c, profile_id), c.now)


@router.get("/why", response=dict[str, Any], summary="The timeline of the person with this address")
def explain(request: HttpRequest, email: str) -> Any:
    with call(request) as c:
        profile_id = profiles.find(c.conn, c.workspace_id, email=email)
        if profile_id is None:
            raise NotFound(f"profile with the address {email}")
        return why.timeline(c.conn, c.workspace_id, profile_id, c.now)


@router.get(
    "/profiles/{profile_id}/flows/{slug}/why", response=dict[str, Any], summary="Why a person did not enter a flow"
)
def why_not(request: HttpRequest, profile_id: Id, slug: str) -> Any:
    """The last ten times that something could have started it, each with the rule that said no."""
    with call(request) as c:
        return why.entering(c.conn, c.workspace_id, present(c, profile_id), slug, c.now)
