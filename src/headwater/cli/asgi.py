"""The web process's one ASGI application: the hot paths raw, everything else Django."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "headwater.core.django_settings")

from django.core.asgi import get_asgi_application

from headwater import composition
from headwater.core import collector, database, logs, parentage

# Without the parent there is no orderly end: the server's own can hang, and would keep a listening socket with it.
# Nothing is lost: what was answered is committed.
parentage.follow_parent(signal.SIGKILL)
logs.configure("web")
_django = get_asgi_application()
composition.compose()

from headwater.api import app_files  # noqa: E402
from headwater.delivery import tracking  # noqa: E402 - after Django is set up
from headwater.intake import http as intake  # noqa: E402

collector.relax()
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Dispatch by path: intake, tracking, the app's files, health, Django."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    path = scope.get("path", "")
    if path.startswith("/v1/") or (path == "/api/v1/events" and scope["method"] in ("POST", "OPTIONS")):
        await intake.app(scope, receive, send)
    elif path.startswith(("/c/", "/o/")):
        await tracking.app(scope, receive, send)
    elif path.startswith(app_files.PREFIX):
        await app_files.app(scope, receive, send)
    elif path == "/healthz":
        await _health(send)
    else:
        await _django(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await tracking.app.finish()
            await send({"type": "lifespan.shutdown.complete"})
            return


def _ping() -> bool:
    try:
        with database.pool().connection(timeout=2) as conn:
            return conn.execute("SELECT 1").fetchone() == (1,)
    except Exception:
        return False


async def _health(send: Send) -> None:
    well = await asyncio.to_thread(_ping)
    body = b'{"status":"ok"}' if well else b'{"status":"database away"}'
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200 if well else 503, "headers": headers})
    await send({"type": "http.response.body", "body": body})
