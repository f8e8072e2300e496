"""The API put together: its routers, its keys, its errors, and its OpenAPI description at /api/docs."""

from __future__ import annotations

from typing import Any, cast

import orjson
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja import Swagger
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from headwater import __version__
from headwater.api import (
    account,
    authenticator_app,
    backtests,
    campaign_views,
    campaigns,
    catalog,
    consent,
    content,
    coupons,
    errors,
    exports,
    flow_entries,
    flow_list,
    flow_numbers,
    flow_schema,
    flows,
    imports,
    invitations,
    lists,
    me,
    members,
    messages,
    overview,
    profile_page,
    profile_table,
    profiles,
    properties,
    recipes,
    reports,
    segment_drafts,
    segment_uses,
    segments,
    series,
    suppressions,
    template_previews,
    templates,
    timeline,
    walks,
    webhooks,
)
from headwater.api.callers import PrivateKey, Session
from headwater.api.description import DescribedApi


class FastJson(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z)


class StrictJson(Parser):
    """JSON by the book: UTF-8, no NaN, no lone surrogates."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        return cast("dict[str, Any]", orjson.loads(request.body))

    def parse_querydict(self, data: MultiValueDict, list_fields: list[str], request: HttpRequest) -> dict[str, Any]:
        return super().parse_querydict(data, list_fields, request)


api = DescribedApi(
    title="Headwater",
    version=__version__,
    description=(
        "Profiles, consent, lists, segments, templates, catalog, coupons, flows and campaigns of one workspace. "
        "Send a private key: `Authorization: Bearer hw_sk_…`; the app sends its session's cookie, `X-CSRFToken` with "
        "changes and the brand's slug as `X-Workspace`. Errors are `{type, title, detail, field}`. "
        "Events go to `POST /api/v1/events` and to the Segment-shaped `/v1/*`."
    ),
    openapi_url="/openapi.json",
    docs=Swagger(settings={"persistAuthorization": True, "docExpansion": "none"}),
    docs_url="/docs",
    auth=[PrivateKey(), Session()],
    renderer=FastJson(),
    parser=StrictJson(),
    urls_namespace="api",
)
errors.install(api)
for room in (
    profile_table, profiles, profile_page, timeline, consent, suppressions, imports, lists, segment_drafts,
    segment_uses, segments, properties, exports, catalog, coupons, content, template_previews, templates,
    flow_schema, flow_list, recipes, flows, flow_entries, flow_numbers, backtests, walks, webhooks, campaign_views,
    campaigns, series, messages, overview, reports, account, me, members, invitations, authenticator_app,
):  # fmt: skip
    api.add_router("/v1", room.router)
