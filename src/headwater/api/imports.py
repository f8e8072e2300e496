"""/imports: files of people. Upload one, say what its columns are, start it, and follow how far it is."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, BinaryIO, Literal, cast

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.text import slugify
from ninja import Field, File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from headwater.api.calls import Call, Id, Limit, Moment, Number, Page, before, call, page
from headwater.api.errors import ApiError, NotFound
from headwater.audience.imports import jobs, uploads
from headwater.audience.imports.jobs import Import, ImportRefused, Wanted, WrongState
from headwater.audience.imports.mapping import Column, Kind, To
from headwater.audience.imports.reading import UnreadableFile
from headwater.core import database

router = Router(tags=["Imports"])

Encoding = Literal["utf-8", "utf-16", "windows-1252"]
Delimiter = Literal[",", ";", "\t", "|"]
_ERRORS_A_PAGE = 1_000


class ColumnIs(Schema):
    """What a column of the file becomes."""

    to: To
    name: Annotated[str, Field(max_length=200)] = ""
    """Of the property."""
    type: Kind = "text"
    """Of the property. What is of another type is left out, and told."""


class ConsentGiven(Schema):
    """These people have consented to email."""

    source: Annotated[str, Field(min_length=1, max_length=500)]
    """How: a form, a counter, an earlier provider. It is kept as proof."""
    at: Moment


class ImportPlan(Schema):
    mapping: Annotated[list[ColumnIs], Field(max_length=200)]
    """For each column of the file, in order."""
    list_id: Number | None = None
    starts_flows: bool = False
    """Joining the list starts the flows that begin with it."""
    consent: ConsentGiven | None = None
    """null: consent stays as it is. Who unsubscribed or is suppressed is never subscribed by an import."""
    existing: Literal["update", "skip"] = "update"
    """skip: rows about people who are known already are passed over."""


class ImportOut(Schema):
    id: int
    name: str
    state: Literal["draft", "running", "done", "cancelled", "failed"]
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    bytes: int
    encoding: str
    delimiter: str
    header: bool
    columns: list[str]
    mapping: list[ColumnIs]
    list_id: int | None
    list_name: str | None
    starts_flows: bool
    consent: ConsentGiven | None
    existing: Literal["update", "skip"]
    total: int
    """Rows of the file,"""
    done: int
    """and how many are through. Each of these was one of the next five."""
    made: int
    changed: int
    same: int
    """They changed nothing, or repeat a person."""
    skipped: int
    refused: int
    noted: int
    """Rows that were taken in without a part of what they say."""
    subscribed: int
    kept_out: int
    """People who were not subscribed, because they unsubscribed or are suppressed."""
    joined: int
    """People who were not on the list before."""
    error: str | None


class Uploaded(ImportOut):
    preview: list[list[str]]
    """The cells of the first rows."""


def _shown(found: Import) -> dict[str, Any]:
    given = found.consent_source is not None
    consent = {"source": found.consent_source, "at": found.consented_at} if given else None
    return {name: getattr(found, name) for name in ImportOut.model_fields if name != "consent"} | {"consent": consent}


@router.post("/imports", response={201: Uploaded}, summary="Upload a CSV file of people")
def upload_import(
    request: HttpRequest,
    file: Annotated[UploadedFile, File()],
    encoding: Annotated[Encoding | None, Form()] = None,
    delimiter: Annotated[Delimiter | None, Form()] = None,
) -> Status[dict[str, Any]]:
    """At most 100 MB. Answers what was found in it and what its columns seem to be; nothing is taken in yet."""
    with call(request) as c:
        try:
            made = uploads.store(
                c.conn,
                c.workspace_id,
                file.name or "",
                cast("BinaryIO", file.file),
                file.size or 0,
                c.now,
                encoding=encoding,
                delimiter=delimiter,
            )
        except UnreadableFile as error:
            raise ApiError(400, str(error), "file") from None
        return Status(201, _uploaded(c, made))


@router.get("/imports", response=Page[ImportOut], summary="List imports, the newest first")
def list_imports(request: HttpRequest, cursor: str | None = None, limit: Limit = 100) -> dict[str, Any]:
    with call(request) as c:
        found = jobs.page(c.conn, c.workspace_id, before=before(cursor), limit=limit + 1)
    answer = page(found, limit)
    return answer | {"data": [_shown(one) for one in answer["data"]]}


@router.get("/imports/{import_id}", response=Uploaded, summary="How far an import is")
def get_import(request: HttpRequest, import_id: Id) -> dict[str, Any]:
    """`preview` is empty once the file's rows are no longer kept."""
    with call(request) as c:
        return _uploaded(c, import_id)


@router.put("/imports/{import_id}", response=ImportOut, summary="Say how a file is to be taken in")
def arrange_import(request: HttpRequest, import_id: Id, body: ImportPlan) -> dict[str, Any]:
    wanted = Wanted(
        [Column(one.to, one.name.strip(), one.type) for one in body.mapping],
        body.list_id,
        body.starts_flows,
        body.consent.source if body.consent else None,
        body.consent.at if body.consent else None,
        body.existing,
    )
    with call(request) as c:
        return _steered(c, import_id, lambda: jobs.arrange(c.conn, c.workspace_id, import_id, wanted, c.now))


@router.post("/imports/{import_id}/start", response={202: ImportOut}, summary="Take the file in")
def start_import(request: HttpRequest, import_id: Id) -> Status[dict[str, Any]]:
    with call(request) as c:
        return Status(202, _steered(c, import_id, lambda: jobs.start(c.conn, c.workspace_id, import_id, c.now)))


@router.post("/imports/{import_id}/cancel", response=ImportOut, summary="Take no more of it in")
def cancel_import(request: HttpRequest, import_id: Id) -> dict[str, Any]:
    """What is in stays."""
    with call(request) as c:
        return _steered(c, import_id, lambda: jobs.cancel(c.conn, c.workspace_id, import_id, c.now))


@router.get(
    "/imports/{import_id}/errors.csv",
    summary="The rows with problems, as a file",
    openapi_extra={"responses": {200: {"description": "CSV in UTF-8", "content": {"text/csv": {}}}}},
)
def import_errors(request: HttpRequest, import_id: Id) -> Any:
    """Row number, whether it was refused or taken in in part, why, and its cells as they were. Kept for a month."""
    with call(request) as c:
        found = _found(c, import_id)
    # Under ASGI, Django reads an iterator that is not asynchronous to its end before it sends the first byte.
    content = _soon if isinstance(request, ASGIRequest) else _now
    name = f"{slugify(found.name.removesuffix('.csv'))[:100] or 'import'}-errors.csv"
    return StreamingHttpResponse(
        content(c.workspace_id, found),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )


def _now(workspace_id: int, found: Import) -> Iterator[bytes]:
    written, after = _errors(workspace_id, found, 0)
    yield _line(["row", "result", "reason", *found.columns]) + written
    while after:
        written, after = _errors(workspace_id, found, after)
        yield written


async def _soon(workspace_id: int, found: Import) -> AsyncIterator[bytes]:
    parts = _now(workspace_id, found)
    while (part := await asyncio.to_thread(next, parts, None)) is not None:
        yield part


def _errors(workspace_id: int, found: Import, after: int) -> tuple[bytes, int]:
    """The next rows with problems as CSV, and the last of them; 0: there are no more."""
    with database.transaction() as conn:
        rows = jobs.errors(conn, workspace_id, found.id, after, _ERRORS_A_PAGE)
    written = b"".join(
        _line([str(row), "refused" if refused else "taken in part", reason, *cells])
        for row, refused, reason, cells in rows
    )
    return written, rows[-1][0] if len(rows) == _ERRORS_A_PAGE else 0


def _line(cells: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()


def _steered(c: Call, import_id: int, steer: Any) -> dict[str, Any]:
    try:
        steer()
    except LookupError:
        raise NotFound(f"import {import_id}") from None
    except WrongState as error:
        raise ApiError(409, str(error)) from None
    except ImportRefused as error:
        raise ApiError(400, str(error), error.field) from None
    return _shown(_found(c, import_id))


def _uploaded(c: Call, import_id: int) -> dict[str, Any]:
    return _shown(_found(c, import_id)) | {"preview": jobs.preview(c.conn, c.workspace_id, import_id)}


def _found(c: Call, import_id: int) -> Import:
    found = jobs.get(c.conn, c.workspace_id, import_id)
    if found is None:
        raise NotFound(f"import {import_id}")
    return found
