"""Clicks and opens: signed links that redirect without a database, and a pixel. A raw ASGI callable for /c/ and /o/.

The redirect never waits: what was seen goes through a bounded queue to the inbox afterwards, and waits there while the
database is away. Nothing is decided here; the facts (address prefix, client, method) are kept, so that labels can be
recomputed.
"""

from __future__ import annotations

import asyncio
import ipaddress
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, quote

import structlog

from headwater.core import clock, database, settings, signing
from headwater.events import inbox, metrics

log = structlog.get_logger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MOST_WAITING = 50_000
"""Seen and not yet in the inbox. Beyond it (the database is away for long) further ones are dropped and counted."""
_AT_ONCE = 500
_AWAY = 0.5

GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
    b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
_GONE = (
    b"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    b"<meta name=color-scheme content='light dark'><title>Link not valid</title>"
    b"<body style='font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1.5rem'>"
    b"<h1 style='font-size:1.4rem'>This link is not valid</h1><p>It may have been cut off or changed on its way. "
    b"Please open it again from the email itself.</p>"
)
_NEVER_STORED = [(b"cache-control", b"no-store"), (b"x-robots-tag", b"noindex")]


@dataclass(frozen=True, slots=True)
class Sighting:
    """One request for a link or the pixel, as it was seen."""

    metric: str
    token: signing.MessageToken
    seen_at: datetime
    """Wall clock."""
    properties: dict[str, Any]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    """The event's: a batch that is written again counts once."""


class Recorder:
    """Takes sightings without waiting and writes them to the inbox in the background."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Sighting] = asyncio.Queue(MOST_WAITING)
        self._writer = inbox.Writer()
        self._task: asyncio.Task[None] | None = None
        self.dropped = 0

    def record(self, sighting: Sighting) -> None:
        try:
            self._waiting.put_nowait(sighting)
        except asyncio.QueueFull:
            self.dropped += 1
            if self.dropped % 1000 == 1:
                log.error("sightings_dropped", dropped=self.dropped)
            return
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._drain())

    async def _drain(self) -> None:
        while not self._waiting.empty():
            batch = [self._waiting.get_nowait() for _ in range(min(_AT_ONCE, self._waiting.qsize()))]
            while not await self._wrote(batch):
                await asyncio.sleep(_AWAY)

    async def _wrote(self, batch: list[Sighting]) -> bool:
        """Whether the batch is in the inbox; what is, is taken out of it."""
        try:
            now = await inbox.instance_time()
            while batch:
                workspace_id = batch[0].token.workspace_id
                group = [sighting for sighting in batch if sighting.token.workspace_id == workspace_id]
                await self._writer.put(workspace_id, [_item(sighting, now) for sighting in group])
                batch[:] = [sighting for sighting in batch if sighting.token.workspace_id != workspace_id]
        except database.Unavailable as error:
            log.warning("sightings_wait", count=len(batch), error=str(error).strip())
            return False
        return True

    async def finish(self, seconds: float = 5.0) -> None:
        """At a clean stop: write what waits."""
        if self._task is not None and not self._task.done():
            await asyncio.wait([self._task], timeout=seconds)
        await self._writer.close()


def _item(sighting: Sighting, now: datetime) -> bytes:
    """On a movable clock everything counts as seen now: its wall time means nothing there."""
    return inbox.item(
        type="track",
        id=sighting.id,
        ts=sighting.seen_at if settings.current().clock == "real" else now,
        user={"profile_id": sighting.token.profile_id},
        metric=sighting.metric,
        properties={"message_id": sighting.token.message_id, **sighting.properties},
    )


class Tracking:
    """The ASGI callable. One per event loop."""

    def __init__(self, recorder: Recorder | None = None) -> None:
        self._recorder = recorder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        if self._recorder is None:
            self._recorder = Recorder()
        if scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 405, b"", [(b"allow", b"GET, HEAD")])
            return
        path: str = scope["path"]
        if path.startswith("/c/"):
            await self._click(scope, path, send)
        elif path.startswith("/o/"):
            await self._open(scope, path, send)
        else:
            await _not_found(scope, send)

    async def finish(self) -> None:
        if self._recorder is not None:
            await self._recorder.finish()

    async def _click(self, scope: Scope, path: str, send: Send) -> None:
        parts = path.split("/")
        url = parse_qs(scope["query_string"].decode("latin-1")).get("u", [""])[0]
        try:
            token = signing.read_token("click", parts[2])
        except signing.BadToken:
            token = None
        if token is None or len(parts) != 4 or not signing.check_link(url, parts[3]) or not _is_web_address(url):
            await _not_found(scope, send)
            return
        location = quote(url, safe="%/:=&?~#+!$,;'@()*[]").encode("ascii")
        await _answer(send, 302, b"", [(b"location", location), *_NEVER_STORED])
        self._record(scope, metrics.CLICKED_EMAIL, token, {"url": url})

    async def _open(self, scope: Scope, path: str, send: Send) -> None:
        try:
            token = signing.read_token("open", path[3:].removesuffix(".gif"))
        except signing.BadToken:
            await _not_found(scope, send)
            return
        body = b"" if scope["method"] == "HEAD" else GIF
        await _answer(send, 200, body, [(b"content-type", b"image/gif"), *_NEVER_STORED])
        self._record(scope, metrics.OPENED_EMAIL, token, {})

    def _record(self, scope: Scope, metric: str, token: signing.MessageToken, more: dict[str, Any]) -> None:
        assert self._recorder is not None
        seen = {"user_agent": _user_agent(scope), "ip_prefix": _ip_prefix(scope), "machine": scope["method"] == "HEAD"}
        self._recorder.record(Sighting(metric, token, clock.wall(), {**more, **seen}))


app = Tracking()


def _is_web_address(url: str) -> bool:
    return url.startswith(("https://", "http://")) and url.isprintable()


def _user_agent(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"user-agent":
            return str(value[:300].decode("latin-1"))
    return None


def _ip_prefix(scope: Scope) -> str | None:
    """The network the request came from (/24, /48): enough to tell scanners, too little to follow a person."""
    client = scope.get("client")
    try:
        address = ipaddress.ip_address(client[0]) if client else None
    except ValueError:
        return None
    if address is None:
        return None
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False))


async def _not_found(scope: Scope, send: Send) -> None:
    body = b"" if scope["method"] == "HEAD" else _GONE
    await _answer(send, 404, body, [(b"content-type", b"text/html; charset=utf-8"), *_NEVER_STORED])


async def _answer(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    length = [] if status == 302 else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": body})
