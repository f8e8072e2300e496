"""The API put together: its routers, its keys, its errors, and its OpenAPI description at /api/docs."""

from __future__ import annotations

from typing import Any, cast

import orjson
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja import NinjaAPI, Swagger
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from headwater import __version__
from headwater.api import (
    account,
    backtests,
    campaigns,
    catalog,
    consent,
    coupons,
    errors,
    exports,
    flow_entries,
    flow_numbers,
    flow_schema,
    flows,
    lists,
    messages,
    profiles,
    segments,
    templates,
    timeline,
    webhooks,
)
from headwater.api.calls import PrivateKey


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


api = NinjaAPI(
    title="Headwater",
    version=__version__,
    description=(
        "Profiles, consent, lists, segments, templates, catalog, coupons, flows and campaigns of one workspace. "
        "Send a private key: `Authorization: Bearer hw_sk_…`. Errors are `{type, title, detail, field}`. "
        "Events go to `POST /api/v1/events` and to the Segment-shaped `/v1/*`."
    ),
    openapi_url="/openapi.json",
    docs=Swagger(settings={"persistAuthorization": True, "docExpansion": "none"}),
    docs_url="/docs",
    auth=PrivateKey(),
    renderer=FastJson(),
    parser=StrictJson(),
    urls_namespace="api",
)
errors.install(api)
for room in (
    profiles, timeline, consent, lists, segments, exports, catalog, coupons, templates, flow_schema, flows,
    flow_entries, flow_numbers, backtests, webhooks, campaigns, messages, account,
):  # fmt: skip
    api.add_router("/v1", room.router)
