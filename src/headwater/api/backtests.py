"""/backtest: a flow replayed over stored history, its progress and report as a stream of JSON lines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import closing
from datetime import timedelta
from threading import Lock, Semaphore
from typing import Annotated, Any, Literal

import orjson
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from ninja import Field, Router, Schema

from headwater.api.calls import Call, Moment, call
from headwater.api.errors import ApiError
from headwater.core import database
from headwater.flows.editing import versions
from headwater.flows.reading import parse
from headwater.flows.trials import backtest
from headwater.flows.trials.backtest import Version
from headwater.flows.trials.backtest_replay import Case

router = Router(tags=["Flows"])

USUAL = timedelta(days=90)
_turn = Semaphore(1)
"""One backtest at a time in each web process."""

_STREAM = {
    "responses": {
        200: {
            "description": (
                'A line a step: {"progress": {done, people, events, entries, sent}}, at last {"reports": [...]}, '
                "the live version's second where it was asked for."
            ),
            "content": {"application/x-ndjson": {}},
        }
    }
}


class Span(Schema):
    start: Moment | None = None
    """Left out: so many days before the end."""
    days: Annotated[int, Field(ge=1, le=732)] = USUAL.days
    end: Moment | None = None
    """Left out: now."""
    compare: bool = False
    """Replay the live version of the same flow too, in the same pass."""


class FlowSpan(Span):
    version: Literal["live", "draft"] = "live"


class DraftSpan(Span):
    definition: dict[str, Any]
    """As for publishing; `email:` names saved templates."""


@router.post("/flows/{slug}/backtest", summary="Replay history through a flow", openapi_extra=_STREAM)
def backtest_flow(request: HttpRequest, slug: str, body: FlowSpan | None = None) -> Any:
    asked = body if body is not None else FlowSpan()
    with call(request) as c:
        wanted = [_draft(c, slug)] if asked.version == "draft" else []
        if asked.version == "live" or asked.compare:
            wanted.append(backtest.live_version(c.conn, c.workspace_id, slug))
        return _streamed(request, _case(c, wanted, asked))


@router.post("/backtest", summary="Replay history through a definition", openapi_extra=_STREAM)
def backtest_definition(request: HttpRequest, body: DraftSpan) -> Any:
    """Nothing is saved, and the flow need not exist."""
    with call(request) as c:
        wanted = [backtest.of_saved_emails(c.conn, c.workspace_id, parse(body.definition))]
        if body.compare:
            wanted.append(backtest.live_version(c.conn, c.workspace_id, wanted[0][0].slug))
        return _streamed(request, _case(c, wanted, body))


def _draft(c: Call, slug: str) -> Version:
    draft = versions.find(c.conn, c.workspace_id, slug).draft
    if draft is None:
        raise ApiError(409, f"The flow {slug} has no draft.", "version")
    return backtest.of_saved_emails(c.conn, c.workspace_id, parse(draft, slug=slug))


def _case(c: Call, wanted: list[Version], asked: Span) -> Case:
    end = min(asked.end, c.now) if asked.end is not None else c.now
    start = asked.start if asked.start is not None else end - timedelta(days=asked.days)
    try:
        return backtest.prepare(c.conn, c.workspace_id, wanted, start, end, c.now)
    except backtest.WrongSpan as error:
        raise ApiError(400, str(error), "start") from None


# ── the stream ──────────────────────────────────────────────────────────────────────────────────────────────────────
def _streamed(request: HttpRequest, case: Case) -> StreamingHttpResponse:
    if not _turn.acquire(blocking=False):
        raise ApiError(409, "Another backtest is running. Try again when it is done.")
    # Under ASGI, Django reads an iterator that is not asynchronous to its end before it sends the first byte.
    content = (_Soon if isinstance(request, ASGIRequest) else _Now)(case)
    return StreamingHttpResponse(content, content_type="application/x-ndjson", headers={"Cache-Control": "no-store"})


class _Stream:
    """The lines of a running backtest. Whoever goes away ends it with the next line; Django closes it in any case."""

    def __init__(self, case: Case) -> None:
        self._lines = _lines(case)
        self._guard = Lock()
        self._closed = False

    def take(self) -> bytes | None:
        """The next line; None: that was all."""
        with self._guard:
            return next(self._lines, None) if not self._closed else None

    def close(self) -> None:
        with self._guard:
            self._lines.close()
            if not self._closed:
                self._closed = True
                _turn.release()


class _Now(_Stream):
    def __iter__(self) -> Iterator[bytes]:
        while (line := self.take()) is not None:
            yield line


class _Soon(_Stream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (line := await asyncio.to_thread(self.take)) is not None:
            yield line


def _lines(case: Case) -> Generator[bytes, None, None]:
    with database.connect(autocommit=True) as conn, closing(backtest.run(conn, case)) as running:
        for step in running:
            if isinstance(step, list):
                yield _line({"reports": [report.plain() for report in step]})
            else:
                yield _line({"progress": step.plain()})


def _line(said: dict[str, Any]) -> bytes:
    return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE)
