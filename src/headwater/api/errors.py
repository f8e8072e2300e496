"""Every error of the API as {type, title, detail, field}: what went wrong, in words, and which field to change.

Domain errors carry their field themselves; what nobody foresaw becomes a 500 without details, and is logged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import psycopg
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as Invalid

from headwater.accounts.members import MemberError
from headwater.audience.identifiers import IdentifierError
from headwater.audience.lists import ListError
from headwater.audience.merging import MergeRefused
from headwater.campaigns.errors import CampaignError, WrongStatus
from headwater.catalog.coupons import CouponError
from headwater.content.errors import RenderError, TemplateError
from headwater.core import database
from headwater.core.problems import problem
from headwater.flows.errors import FlowError, UnknownFlow
from headwater.segments.conditions import DefinitionError
from headwater.segments.saved import SegmentError

log = logging.getLogger(__name__)


class FlowProblem(Schema):
    """One thing that is wrong with a flow's definition."""

    field: str
    step: str
    detail: str


class Problem(Schema):
    """What every error looks like."""

    type: str
    title: str
    detail: str
    field: str | None
    """Where in the request: body.campaigns.0.send_at."""
    step: str | None = None
    """The id of the flow's step that it is about; only there if it is about one."""
    problems: list[FlowProblem] | None = None
    """Everything that is wrong with a flow's definition, this first; only there where one was checked."""


class ApiError(Exception):
    """An error with its HTTP status, raised by a view."""

    def __init__(self, status: int, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.field = field


class NotFound(ApiError):
    """What was asked for is not in the key's workspace."""

    def __init__(self, what: str) -> None:
        super().__init__(404, f"There is no {what}.")


def body(status: int, detail: str, field: str | None = None, about: Mapping[str, Any] | None = None) -> bytes:
    """The error as JSON; `about`: what a room says besides."""
    return orjson.dumps({**problem(status, detail, field), **(about or {})})


def response(
    status: int, detail: str, field: str | None = None, about: Mapping[str, Any] | None = None
) -> HttpResponse:
    answer = HttpResponse(body(status, detail, field, about), status=status, content_type="application/json")
    if status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    if status == 503:
        answer["Retry-After"] = "1"
    return answer


def _field(location: tuple[Any, ...]) -> str:
    # ninja names the parameter that holds the body ("body", "payload"): people know it as the body itself.
    parts = [str(part) for part in location]
    if parts and parts[0] == "body" and len(parts) > 1:
        parts = parts[2:] or ["body"]
    return ".".join(parts)


def _invalid(request: HttpRequest, error: Invalid) -> HttpResponse:
    first = error.errors[0] if error.errors else {}
    return response(400, str(first.get("msg", "The request is not valid.")), _field(tuple(first.get("loc", ()))))


def _domain(request: HttpRequest, error: Exception) -> HttpResponse:
    """Errors of the rooms: a message for the person who can act on it, the field it is about, and a flow's steps."""
    field = getattr(error, "field", None) or getattr(error, "path", None) or None
    about = {name: getattr(error, name, None) for name in ("step", "problems")}
    said = {name: value for name, value in about.items() if value}
    return response(400, getattr(error, "message", None) or str(error), field, said)


def _data(request: HttpRequest, error: Exception) -> HttpResponse:
    """A value that PostgreSQL can't store: a NUL in a text, a number out of range."""
    said = str(error).splitlines()[0] if str(error) else "A value can't be stored."
    return response(400, f"A value can't be stored: {said}")


def _unforeseen(request: HttpRequest, error: Exception) -> HttpResponse:
    log.exception("%s %s failed", request.method, request.path)
    return response(500, "The error has been logged.")


def install(api: NinjaAPI) -> None:
    """Let `api` answer every error in this shape."""

    def on(kind: type[Exception], handler: Callable[[HttpRequest, Any], HttpResponse]) -> None:
        api.add_exception_handler(kind, handler)

    on(Exception, _unforeseen)
    on(Http404, lambda request, error: response(404, str(error) or "There is nothing here."))
    on(HttpError, lambda request, error: response(error.status_code, error.message))
    on(
        AuthenticationError,
        lambda request, error: response(401, "Log in, or send a private API key: Authorization: Bearer hw_sk_…"),
    )
    on(ApiError, lambda request, error: response(error.status, error.detail, error.field))
    on(Invalid, _invalid)
    for conflict in (WrongStatus, MergeRefused):
        on(conflict, lambda request, error: response(409, str(error)))
    on(MemberError, lambda request, error: response(error.status, str(error), error.field))
    on(UnknownFlow, lambda request, error: response(404, str(error)))
    on(ListError, lambda request, error: response(400, str(error), "name"))
    domain: tuple[type[Exception], ...] = (
        CampaignError, CouponError, DefinitionError, FlowError, IdentifierError, RenderError, SegmentError,
        TemplateError,
    )  # fmt: skip
    for kind in domain:
        on(kind, _domain)
    on(psycopg.DataError, _data)
    on(UnicodeEncodeError, _data)
    for away in database.Unavailable:
        on(away, lambda request, error: response(503, "The database is away for a moment."))


def json_errors(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Django middleware: what Django itself answers under /api/ (unknown path, wrong method) gets the same shape."""

    def answer(request: HttpRequest) -> HttpResponse:
        given = get_response(request)
        is_json = given.get("Content-Type", "").startswith("application/json")
        if given.status_code < 400 or is_json or not request.path.startswith("/api/"):
            return given
        if given.status_code == 405:
            allowed = given.get("Allow", "")
            said = response(405, f"This address answers {allowed or 'other methods'}.")
            said["Allow"] = allowed
            return said
        details = {404: "There is nothing at this address.", 413: "The body is too large."}
        return response(given.status_code, details.get(given.status_code, given.reason_phrase))

    return answer
