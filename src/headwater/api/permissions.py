"""The least role that each route of the API asks for. A route that is not named here asks for an admin until it is.

Reading asks for an analyst, and so does a POST that changes nothing (a preview, a count, a plan, a backtest). Changing
asks for a marketer. The brand's settings, its people, its keys and erasing someone ask for an admin; docs/accounts.md
says why where it is not plain.
"""

from __future__ import annotations

import re
from typing import Literal

from django.http import HttpRequest

from headwater.accounts import roles
from headwater.accounts.roles import Role
from headwater.api.errors import ApiError

Least = Role | Literal["person", "anyone"]
"""person: who is logged in, in no particular brand. anyone: without logging in."""

UNNAMED: Role = "admin"

LEAST: dict[str, Least] = {
    "GET /profiles": "analyst",
    "GET /profiles/table": "analyst",
    "GET /profiles/{profile_id}/lists": "analyst",
    "GET /profiles/{profile_id}/flows": "analyst",
    "GET /profiles/{profile_id}/numbers": "analyst",
    "GET /suppressions": "analyst",
    "GET /suppressions/reasons": "analyst",
    "POST /imports": "marketer",
    "GET /imports": "analyst",
    "GET /imports/{import_id}": "analyst",
    "PUT /imports/{import_id}": "marketer",
    "POST /imports/{import_id}/start": "marketer",
    "POST /imports/{import_id}/cancel": "marketer",
    "GET /imports/{import_id}/errors.csv": "marketer",
    "POST /profiles": "marketer",
    "POST /profiles/bulk": "marketer",
    "POST /profiles/merge": "marketer",
    "GET /profiles/{profile_id}": "analyst",
    "PATCH /profiles/{profile_id}": "marketer",
    "DELETE /profiles/{profile_id}": "admin",
    "GET /profiles/{profile_id}/timeline": "analyst",
    "GET /why": "analyst",
    "GET /profiles/{profile_id}/flows/{slug}/why": "analyst",
    "POST /consent/subscribe": "marketer",
    "POST /consent/unsubscribe": "marketer",
    "POST /consent/suppress": "marketer",
    "POST /consent/unsuppress": "marketer",
    "GET /profiles/{profile_id}/consent": "analyst",
    "GET /lists": "analyst",
    "POST /lists": "marketer",
    "GET /lists/{list_id}": "analyst",
    "PATCH /lists/{list_id}": "marketer",
    "DELETE /lists/{list_id}": "marketer",
    "GET /lists/{list_id}/members": "analyst",
    "POST /lists/{list_id}/members": "marketer",
    "POST /lists/{list_id}/members/remove": "marketer",
    "GET /segments": "analyst",
    "POST /segments": "marketer",
    "GET /segments/schema": "analyst",
    "GET /segments/ready-made": "analyst",
    "POST /segments/ready-made/{slug}": "marketer",
    "POST /segments/preview": "analyst",
    "POST /segments/count": "analyst",
    "POST /segments/describe": "analyst",
    "POST /segments/why": "analyst",
    "GET /segments/sizes": "analyst",
    "GET /segments/uses": "analyst",
    "GET /segments/{segment_id}": "analyst",
    "PATCH /segments/{segment_id}": "marketer",
    "DELETE /segments/{segment_id}": "marketer",
    "POST /segments/{segment_id}/rebuild": "marketer",
    "GET /segments/{segment_id}/count": "analyst",
    "GET /segments/{segment_id}/members": "analyst",
    "GET /segments/{segment_id}/why": "analyst",
    "GET /segments/{segment_id}/growth": "analyst",
    "GET /profiles/{profile_id}/segments": "analyst",
    "GET /properties": "analyst",
    "GET /properties/events": "analyst",
    "POST /segments/{segment_id}/exports": "marketer",
    "GET /exports": "analyst",
    "GET /exports/{export_id}": "analyst",
    "DELETE /exports/{export_id}": "marketer",
    "GET /exports/{export_id}/file": "marketer",
    "GET /products": "analyst",
    "POST /products": "marketer",
    "GET /products/{product_id}": "analyst",
    "DELETE /products/{product_id}": "marketer",
    "GET /reviews": "analyst",
    "POST /reviews": "marketer",
    "DELETE /reviews/{review_id}": "marketer",
    "GET /coupons": "analyst",
    "POST /coupons": "marketer",
    "GET /coupons/{name}": "analyst",
    "POST /coupons/{name}/codes": "marketer",
    "GET /coupon-codes/{code}": "analyst",
    "GET /templates": "analyst",
    "POST /templates": "marketer",
    "POST /templates/check": "analyst",
    "POST /templates/preview": "analyst",
    "GET /templates/{template_id}": "analyst",
    "PUT /templates/{template_id}": "marketer",
    "PATCH /templates/{template_id}": "marketer",
    "POST /templates/{template_id}/unarchive": "marketer",
    "GET /templates/{template_id}/sample": "analyst",
    "POST /templates/{template_id}/test-send": "marketer",
    "POST /templates/{template_id}/versions/{version_id}/restore": "marketer",
    "DELETE /templates/{template_id}": "marketer",
    "GET /templates/{template_id}/versions": "analyst",
    "GET /templates/{template_id}/versions/{version_id}": "analyst",
    "POST /templates/{template_id}/preview": "analyst",
    "GET /content/variables": "analyst",
    "GET /content/starters": "analyst",
    "GET /content/starters/{slug}": "analyst",
    "GET /content/people/{profile_id}/events": "analyst",
    "GET /flows/schema": "analyst",
    "GET /flows": "analyst",
    "GET /flows/table": "analyst",
    "GET /flows/recipes": "analyst",
    "GET /flows/recipes/{recipe}": "analyst",
    "POST /flows/recipes/{recipe}/install": "marketer",
    "POST /flows": "marketer",
    "GET /flows/{slug}": "analyst",
    "PUT /flows/{slug}": "marketer",
    "DELETE /flows/{slug}/draft": "marketer",
    "POST /flows/{slug}/plan": "analyst",
    "POST /flows/{slug}/publish": "marketer",
    "POST /flows/{slug}/undo": "marketer",
    "GET /flows/{slug}/versions": "analyst",
    "GET /flows/{slug}/versions/{version}": "analyst",
    "GET /flows/{slug}/report": "analyst",
    "POST /flows/{slug}/pause": "marketer",
    "GET /flows/{slug}/overdue": "analyst",
    "POST /flows/{slug}/resume": "marketer",
    "POST /flows/{slug}/archive": "marketer",
    "PATCH /flows/{slug}/steps/{step}": "marketer",
    "GET /flows/{slug}/review": "analyst",
    "POST /flows/{slug}/review": "marketer",
    "POST /flows/{slug}/start": "marketer",
    "POST /flows/{slug}/people": "marketer",
    "GET /flows/{slug}/people": "analyst",
    "POST /flows/{slug}/people/remove": "marketer",
    "POST /flows/{slug}/backfill": "marketer",
    "GET /flows/{slug}/people/jobs/{job_id}": "analyst",
    "GET /flows/{slug}/numbers": "analyst",
    "POST /flows/{slug}/backtest": "analyst",
    "POST /backtest": "analyst",
    "POST /flows/{slug}/walk": "analyst",
    "POST /flows/{slug}/tests": "analyst",
    "GET /webhooks/failing": "analyst",
    "GET /webhooks/secret": "admin",
    "GET /flows/{slug}/calls": "analyst",
    "GET /campaigns": "analyst",
    "POST /campaigns": "marketer",
    "GET /campaigns/calendar": "analyst",
    "POST /campaigns/estimate": "analyst",
    "GET /campaigns/{campaign_id}": "analyst",
    "PATCH /campaigns/{campaign_id}": "marketer",
    "DELETE /campaigns/{campaign_id}": "marketer",
    "POST /campaigns/{campaign_id}/schedule": "marketer",
    "POST /campaigns/{campaign_id}/unschedule": "marketer",
    "POST /campaigns/{campaign_id}/cancel": "marketer",
    "POST /campaigns/{campaign_id}/pause": "marketer",
    "POST /campaigns/{campaign_id}/resume": "marketer",
    "POST /campaigns/{campaign_id}/duplicate": "marketer",
    "GET /campaigns/{campaign_id}/review": "analyst",
    "GET /campaigns/{campaign_id}/progress": "analyst",
    "GET /campaigns/{campaign_id}/report": "analyst",
    "GET /series": "analyst",
    "POST /series": "marketer",
    "GET /series/{series_id}": "analyst",
    "PUT /series/{series_id}": "marketer",
    "DELETE /series/{series_id}": "marketer",
    "POST /series/{series_id}/schedule": "marketer",
    "POST /series/{series_id}/unschedule": "marketer",
    "POST /series/{series_id}/cancel": "marketer",
    "GET /messages": "analyst",
    "GET /messages/{message_id}": "analyst",
    "GET /brand": "analyst",
    "PATCH /brand": "admin",
    "GET /keys": "marketer",
    "POST /keys": "admin",
    "DELETE /keys/{key_id}": "admin",
    "GET /metrics": "analyst",
    "GET /me": "person",
    "PATCH /me": "person",
    "POST /me/authenticator-app": "person",
    "GET /workspaces": "person",
    "POST /workspaces": "person",
    "GET /members": "analyst",
    "PATCH /members/{member_id}": "admin",
    "DELETE /members/{member_id}": "admin",
    "GET /invitations": "admin",
    "POST /invitations": "admin",
    "DELETE /invitations/{invitation_id}": "admin",
    "GET /invitations/by-link/{token}": "anyone",
    "POST /invitations/by-link/{token}/accept": "person",
    "POST /invitations/by-link/{token}/sign-up": "anyone",
    "GET /overview": "analyst",
    "GET /stored": "analyst",
    "GET /reports/flows": "analyst",
    "GET /reports/campaigns": "analyst",
    "GET /reports/deliverability": "analyst",
}
"""By method and path below /api/v1, as the OpenAPI description writes it."""


def least(method: str, path: str) -> Least:
    """What a route asks for. `path`: below /api/v1, with its parameters' names in braces."""
    return LEAST.get(f"{method} {path}", UNNAMED)


def route(request: HttpRequest) -> str:
    """The path below /api/v1 of the route that answers this request: /lists/{list_id}."""
    match = request.resolver_match
    assert match is not None  # Django resolved it before any authentication
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", "/" + match.route).removeprefix("/api/v1")


def require(request: HttpRequest, role: Role) -> None:
    """Raises ApiError 403 if the route asks for more than this role."""
    asked = least(request.method or "", route(request))
    if asked in ("person", "anyone"):
        return
    if not roles.reaches(role, asked):  # type: ignore[arg-type]
        raise ApiError(403, f"This needs the role {asked} in the brand, or a higher one; yours here is {role}.")
