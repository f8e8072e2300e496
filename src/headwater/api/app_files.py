"""The built app's files under /app/, as a raw ASGI callable: a page asks for some fifty, and none needs Django.

The files are built from `web/` into `app_built/` beside this module. Their names change with their content, so browsers
keep them.
"""

from __future__ import annotations

import asyncio
import gzip
import mimetypes
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BUILT = Path(__file__).parent / "app_built"
PREFIX = "/app/"
_FOREVER = "public, max-age=31536000, immutable"
_FOR_AN_HOUR = "public, max-age=3600"
_SMALL = 1024
"""Bytes that are not worth packing."""
_PACKED_ALREADY = (".woff2", ".png")

mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("text/javascript", ".js")


@dataclass(frozen=True, slots=True)
class BuiltFile:
    """A file of the build, and packed where that is worth it."""

    kind: str
    content: bytes
    packed: bytes | None

    def for_reader(self, accept_encoding: str) -> tuple[bytes, list[tuple[str, str]]]:
        """The bytes for a reader, and the headers that say what they are."""
        headers = [("content-type", self.kind), ("vary", "Accept-Encoding"), ("x-content-type-options", "nosniff")]
        if self.packed is None or "gzip" not in accept_encoding:
            return self.content, headers
        return self.packed, [*headers, ("content-encoding", "gzip")]


def page() -> BuiltFile | None:
    """The app's page; None: the app is not built."""
    return _inside(BUILT, "index.html")


def asset(name: str) -> BuiltFile | None:
    """What the page loads, by its name; None: there is no such file."""
    return _inside(BUILT / "app", name)


def _inside(folder: Path, name: str) -> BuiltFile | None:
    if "\0" in name:
        return None
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        return None
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=512)
def _read(path: Path, changed: int) -> BuiltFile:
    """`changed` makes a file that was built anew another one."""
    content = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packs = len(content) > _SMALL and path.suffix not in _PACKED_ALREADY
    return BuiltFile(
        kind=f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        content=content,
        packed=gzip.compress(content, 9, mtime=0) if packs else None,
    )


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """GET and HEAD of a file; 404 for all else."""
    name = scope["path"].removeprefix(PREFIX)
    found = None
    if scope["method"] in ("GET", "HEAD"):
        # The first ask of a file reads and packs it: some milliseconds that requests beside it need not wait for.
        found = await asyncio.to_thread(asset, name)
    if found is None:
        await _answer(send, 404, [("content-type", "text/plain"), ("cache-control", "no-store")], b"No such file")
        return
    accepts = next((value.decode("latin-1") for key, value in scope["headers"] if key == b"accept-encoding"), "")
    body, headers = found.for_reader(accepts)
    kept = _FOREVER if "-" in name else _FOR_AN_HOUR
    sent = b"" if scope["method"] == "HEAD" else body
    await _answer(send, 200, [*headers, ("cache-control", kept), ("content-length", str(len(body)))], sent)


async def _answer(send: Send, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
