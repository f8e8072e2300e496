"""/exports: segments as CSV files, made in the background, fetched when they are done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.text import slugify
from ninja import Router, Schema, Status

from headwater.accounts import brand
from headwater.api.calls import MOST, Call, Id, Limit, Moment, Page, before, call, page
from headwater.api.errors import ApiError, NotFound
from headwater.core import database
from headwater.segments import exporting, saved
from headwater.segments.exporting import Export

router = Router(tags=["Segments"])


class ExportIn(Schema):
    columns: list[str] | None = None
    """In this order: fields of a profile, consent, entered_at, properties.<name>. Left out: the usual ones."""


class ExportOut(Schema):
    id: int
    segment_id: int
    segment: str
    state: str
    """running, done, failed or expired."""
    columns: list[str]
    rows: int
    """So many are written,"""
    total: int
    """of about so many; of a finished one, exactly."""
    bytes: int
    created_at: Moment
    finished_at: Moment | None
    expires_at: Moment | None
    error: str | None
    url: str | None
    """Where the file is, once it is done."""


def _shown(export: Export) -> dict[str, Any]:
    url = f"/api/v1/exports/{export.id}/file" if export.state == "done" else None
    return {name: getattr(export, name) for name in ExportOut.model_fields if name != "url"} | {"url": url}


@router.post("/segments/{segment_id}/exports", response={202: ExportOut}, summary="Export a segment as CSV")
def start_export(request: HttpRequest, segment_id: Id, body: ExportIn | None = None) -> Status[dict[str, Any]]:
    columns = body.columns if body is not None else None
    with call(request) as c:
        segment = saved.get(c.conn, c.workspace_id, [segment_id]).get(segment_id)
        if segment is None or segment.archived_at is not None:
            raise NotFound(f"segment {segment_id}")
        try:
            return Status(202, _shown(exporting.start(c.conn, c.workspace_id, segment_id, columns, c.now)))
        except exporting.NotBuilt as error:
            raise ApiError(409, str(error)) from None


@router.get("/exports", response=Page[ExportOut], summary="List exports, the newest first")
def list_exports(
    request: HttpRequest, segment_id: int | None = None, cursor: str | None = None, limit: Limit = 100
) -> dict[str, Any]:
    if segment_id is not None and not 1 <= segment_id <= MOST:
        raise ApiError(400, "This is not a segment's id.", "segment_id")
    with call(request) as c:
        found = exporting.page(c.conn, c.workspace_id, segment_id=segment_id, before=before(cursor), limit=limit + 1)
    answer = page(found, limit)
    return answer | {"data": [_shown(export) for export in answer["data"]]}


@router.get("/exports/{export_id}", response=ExportOut, summary="How far an export is")
def get_export(request: HttpRequest, export_id: Id) -> dict[str, Any]:
    with call(request) as c:
        return _shown(_found(c, export_id))


@router.delete("/exports/{export_id}", response={204: None}, summary="Remove an export, or stop it")
def delete_export(request: HttpRequest, export_id: Id) -> Status[None]:
    with call(request) as c:
        if not exporting.delete(c.conn, c.workspace_id, export_id):
            raise NotFound(f"export {export_id}")
    return Status(204, None)


@router.get(
    "/exports/{export_id}/file",
    summary="The file",
    openapi_extra={"responses": {200: {"description": "CSV in UTF-8", "content": {"text/csv": {}}}}},
)
def export_file(request: HttpRequest, export_id: Id) -> Any:
    with call(request) as c:
        export = _found(c, export_id)
        zone = brand.load(c.conn, c.workspace_id).zone
    if export.state == "running":
        raise ApiError(409, f"It is still being made: {export.rows} of about {export.total} rows are written.")
    if export.state == "failed":
        raise ApiError(409, f"It could not be made. {export.error}")
    if export.state == "expired":
        raise ApiError(410, "It was too old and has been removed. Export the segment again.")
    return download(request, c.workspace_id, export, export.created_at.astimezone(zone).date())


def download(request: HttpRequest, workspace_id: int, export: Export, made_on: date) -> StreamingHttpResponse:
    """A finished export as a file named after its segment and `made_on`, a part at a time in memory.

    Between parts no connection is held, however slowly the file is taken. If it is removed meanwhile the download
    breaks off, short of its announced length.
    """
    # Under ASGI, Django reads an iterator that is not asynchronous to its end before it sends the first byte.
    content = _soon if isinstance(request, ASGIRequest) else _now
    name = f"{slugify(export.segment)[:100] or 'segment'}-{made_on.isoformat()}.csv"
    return StreamingHttpResponse(
        content(workspace_id, export),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Length": str(export.bytes),
            "Cache-Control": "private, no-store",
        },
    )


def _now(workspace_id: int, export: Export) -> Iterator[bytes]:
    for number in range(1, export.parts + 1):
        yield _part(workspace_id, export.id, number)


async def _soon(workspace_id: int, export: Export) -> AsyncIterator[bytes]:
    for number in range(1, export.parts + 1):
        yield await asyncio.to_thread(_part, workspace_id, export.id, number)


def _part(workspace_id: int, export_id: int, number: int) -> bytes:
    with database.transaction() as conn:
        return exporting.part(conn, workspace_id, export_id, number)


def _found(c: Call, export_id: int) -> Export:
    found = exporting.get(c.conn, c.workspace_id, export_id)
    if found is None:
        raise NotFound(f"export {export_id}")
    return found
