"""Intake over HTTP: a raw ASGI callable, because this is the hottest path of all.

`/v1/*` speaks Segment's HTTP tracking API with write keys (and the browser library's short forms);
`/api/v1/events` takes private keys. A 2xx is sent only after the inbox has committed what it acknowledges.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import orjson

from headwater.accounts.keys import KeyHolder
from headwater.core import database, settings
from headwater.core.problems import problem
from headwater.events import inbox
from headwater.intake import reading
from headwater.intake.keyring import Keyring, presented
from headwater.intake.reading import Reading, Rejected

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

CALLS = {
    "identify": "identify", "track": "track", "page": "page", "screen": "screen", "group": "group", "alias": "alias",
    "i": "identify", "t": "track", "p": "page", "s": "screen", "g": "group", "a": "alias",
}  # fmt: skip
BATCHES = ("batch", "b", "import")
_JSON = (b"content-type", b"application/json")
_CORS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-headers", b"authorization, content-type, content-encoding, x-retry-count"),
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (b"access-control-max-age", b"86400"),
]
_ACCEPTED = b'{"success":true}'


class Intake:
    """The ASGI callable. Its inbox writer belongs to the event loop that first calls it: one instance per process."""

    def __init__(self) -> None:
        self._keys = Keyring()
        self._inbox = inbox.Writer()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            status, body = await self._answer(scope, receive)
        except Rejected as refusal:
            status, body = refusal.status, _problem(refusal)
        except database.Unavailable:
            away = Rejected("The database is away; nothing was stored. Try again.", None, 503)
            status, body = away.status, _problem(away)
        headers = [_JSON, (b"content-length", str(len(body)).encode()), *_CORS]
        if status == 503:
            headers.append((b"retry-after", b"2"))
        if status == 401:
            headers.append((b"www-authenticate", b'Basic realm="write key"'))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, bytes]:
        method, path = scope["method"], scope["path"]
        if method == "OPTIONS":
            return 204, b""
        if method == "GET" and path.startswith("/v1/projects/") and path.endswith("/settings"):
            return 200, _browser_settings(path.split("/")[3])
        own = path == "/api/v1/events"
        call = path.removeprefix("/v1/").rstrip("/")
        if not own and call not in CALLS and call not in BATCHES:
            raise Rejected(f"There is nothing at {path[:100]}.", None, 404)
        if method != "POST":
            raise Rejected("Use POST.", None, 405)
        headers = dict(scope["headers"])
        limit = reading.API_BYTES if own else reading.BATCH_BYTES if call in BATCHES else reading.CALL_BYTES
        body = await _body(receive, limit)
        if headers.get(b"content-encoding", b"").lower() == b"gzip":
            body = reading.inflate(body, limit)
        key = presented(headers.get(b"authorization")) or (None if own else reading.body_key(body))
        holder = await self._holder(key, own)
        return await self._take(holder, own, call, body)

    async def _holder(self, key: str | None, own: bool) -> KeyHolder:
        wanted = "Authorization: Bearer hw_sk_…" if own else "a write key (Basic auth, or writeKey in the body)"
        if key is None:
            raise Rejected(f"This needs {wanted}.", None, 401)
        holder = await self._keys.holder(key)
        if holder is None:
            raise Rejected("This key is unknown or was revoked.", None, 401)
        if own and holder.kind != "private":
            raise Rejected("A write key may only be used at /v1/. Use a private key here.", None, 403)
        return holder

    async def _take(self, holder: KeyHolder, own: bool, call: str, body: bytes) -> tuple[int, bytes]:
        received_at = await inbox.instance_time()
        fallback = uuid.uuid4().hex
        single = False
        if own:
            read, single = reading.read_events(body, received_at, fallback)
        elif call in BATCHES:
            read = reading.read_batch(body, received_at, holder.kind == "write", fallback)
        else:
            read = reading.read_call(CALLS[call], body, received_at, holder.kind == "write", fallback)
        if read.items:
            await self._inbox.put(holder.workspace_id, read.items)
        elif read.refused:
            return 400, _outcome(read, accepted_status=False)
        if own:
            return 202, _outcome(read)
        return 200, _outcome(read) if read.refused else _ACCEPTED


async def _body(receive: Receive, limit: int) -> bytes:
    """The request's body. Raises Rejected when it is larger than `limit` bytes, compressed or not."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Rejected("The request was cut off.")
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise Rejected(f"The body is larger than {limit} bytes.")
        parts.append(part)
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _problem(refusal: Rejected) -> bytes:
    return orjson.dumps(problem(refusal.status, refusal.detail, refusal.field))


def _outcome(read: Reading, accepted_status: bool = True) -> bytes:
    refused = [{"index": index, "detail": detail, "field": field} for index, detail, field in read.refused]
    answer: dict[str, Any] = {"success": accepted_status, "accepted": len(read.items), "rejected": refused}
    if not accepted_status:
        index, detail, field = read.refused[0]
        answer = {**problem(400, f"Item {index}: {detail}", field), "rejected": refused}
    return orjson.dumps(answer)


def _browser_settings(write_key: str) -> bytes:
    """What Segment's browser library asks for before it sends anything."""
    host = settings.current().base_url.split("://", 1)[1] + "/v1"
    return orjson.dumps({"integrations": {"Segment.io": {"apiKey": write_key[:100], "apiHost": host}}, "plan": {}})


app = Intake()
