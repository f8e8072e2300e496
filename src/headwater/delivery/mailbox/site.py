"""The web side of the mailbox: one page, and a JSON API for tests and scripts.

Served by the standard library's threading server: it has one viewer, on this machine, and needs no other process. What
came by mail is foreign: it is shown in a sandboxed frame that can't run script, and sent under a policy that says so.
"""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from ipaddress import ip_address
from socketserver import TCPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import orjson
import structlog

from headwater.delivery.mailbox.reading import Reading, for_frame
from headwater.delivery.mailbox.store import Entry, Store

log = structlog.get_logger(__name__)

MOST = 500
"""Messages in one answer."""
_FRAME_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src http: https: data:; "
    "media-src http: https:; font-src http: https: data:; style-src 'unsafe-inline' http: https:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
_INLINE_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def _hashes(page: str, tag: str) -> str:
    """CSP sources for the page's own inline blocks: nothing else on it can run or style."""
    blocks = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
    return " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()}'" for block in blocks
    )


class Problem(Exception):
    """An answer that is an error, in the form of the product's API."""

    def __init__(self, status: HTTPStatus, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.field = field


class Site(ThreadingHTTPServer):
    """Binds at once; `serve_forever` in a thread, `shutdown` from another."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, store: Store, known_hosts: frozenset[str] = frozenset()) -> None:
        self.store = store
        self.known_hosts = known_hosts | {host}
        self.page = files(__package__).joinpath("page.html").read_text("utf-8")
        self.page_policy = (
            f"default-src 'none'; script-src {_hashes(self.page, 'script')}; style-src {_hashes(self.page, 'style')}; "
            "img-src 'self' data:; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'"
        )
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), Handler)

    def server_bind(self) -> None:
        """Without the look-up of our own name in the DNS that HTTPServer makes, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A viewer that went away in the middle is not worth a word; anything else is a defect to see."""
        if not isinstance(sys.exc_info()[1], OSError):
            log.exception("mailbox_page_failed")

    def knows(self, host: str) -> bool:
        """Whether a Host header names us: else a foreign domain that points here could read the mail (rebinding)."""
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        if "." not in name or name.endswith(".localhost") or name in self.known_hosts:
            return True
        try:
            ip_address(name)
        except ValueError:
            return False
        return True


Query = Mapping[str, str]


class Handler(BaseHTTPRequestHandler):
    server: Site
    protocol_version = "HTTP/1.1"
    server_version = "Headwater"
    sys_version = ""
    timeout = 60
    wbufsize = -1

    # -- routes -------------------------------------------------------------------------------------------------

    def do_GET(self) -> None:
        self._route(
            {
                r"/": self._page,
                r"/api/messages": self._list,
                r"/api/messages/(\d{1,10})": self._read,
                r"/api/messages/(\d{1,10})/source": self._source,
                r"/api/messages/(\d{1,10})/html": self._html,
                r"/api/messages/(\d{1,10})/parts/(\d{1,4})": self._part,
            }
        )

    do_HEAD = do_GET

    def do_DELETE(self) -> None:
        self._route({r"/api/messages": self._clear, r"/api/messages/(\d{1,10})": self._delete})

    def _route(self, routes: Mapping[str, Callable[..., None]]) -> None:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        try:
            if not self.server.knows(self.headers.get("Host", "")):
                raise Problem(
                    HTTPStatus.MISDIRECTED_REQUEST, "The mailbox answers to localhost and to IP addresses only."
                )
            for pattern, answer in routes.items():
                if match := re.fullmatch(pattern, parts.path):
                    answer(query, *(int(number) for number in match.groups()))
                    return
            raise Problem(HTTPStatus.NOT_FOUND, f"There is no {parts.path} here.")
        except Problem as problem:
            status = problem.status
            self._json(
                {"type": "about:blank", "title": status.phrase, "detail": str(problem), "field": problem.field}, status
            )

    # -- answers ------------------------------------------------------------------------------------------------

    def _page(self, query: Query) -> None:
        self._send(
            self.server.page.encode(), "text/html; charset=utf-8", {"Content-Security-Policy": self.server.page_policy}
        )

    def _list(self, query: Query) -> None:
        store = self.server.store
        tag = f'"{store.version}"'
        if self.headers.get("If-None-Match") == tag:
            self._send(b"", "application/json", {"ETag": tag}, HTTPStatus.NOT_MODIFIED)
            return
        limit = _number(query, "limit", 50, MOST)
        before = _number(query, "before", 0, 10**10) or None
        entries, more = store.newest(limit, before, query.get("to"), query.get("q"))
        self._json(
            {
                "messages": [_brief(entry) for entry in entries],
                "total": len(store),
                "next": entries[-1].id if more else None,
            },
            headers={"ETag": tag},
        )

    def _read(self, query: Query, number: int) -> None:
        entry, reading = self._message(number)
        headers: dict[str, str] = {}
        for name, value in reading.headers:
            headers[name] = f"{headers[name]}\n{value}" if name in headers else value
        self._json(
            {
                **_brief(entry),
                "headers": headers,
                "html": reading.html,
                "text": reading.text,
                "links": [{"url": url, "text": words} for url, words in reading.links],
                "attachments": [
                    {
                        "filename": part.filename,
                        "content_type": part.content_type,
                        "size": part.size,
                        "content_id": part.content_id,
                        "url": f"/api/messages/{number}/parts/{part.number}",
                    }
                    for part in reading.parts
                ],
            }
        )

    def _source(self, query: Query, number: int) -> None:
        raw = self.server.store.source(number)
        if raw is None:
            raise _no_message(number)
        self._send(raw, "text/plain; charset=utf-8", {"Content-Security-Policy": "default-src 'none'; sandbox"})

    def _html(self, query: Query, number: int) -> None:
        _, reading = self._message(number)
        if reading.html is None:
            raise Problem(HTTPStatus.NOT_FOUND, "This message has no HTML.")
        html = for_frame(reading.html, f"/api/messages/{number}/parts", reading.parts)
        self._send(
            html.encode("utf-8", "replace"), "text/html; charset=utf-8", {"Content-Security-Policy": _FRAME_POLICY}
        )

    def _part(self, query: Query, number: int, part_number: int) -> None:
        _, reading = self._message(number)
        found = reading.part(part_number)
        if found is None:
            raise Problem(HTTPStatus.NOT_FOUND, "This message has no such part.")
        part, content = found
        shown = part.content_type in _INLINE_IMAGES
        disposition = "inline" if shown else "attachment"
        self._send(
            content,
            part.content_type if shown else "application/octet-stream",
            {
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "Content-Disposition": f"{disposition}; filename*=utf-8''{quote(part.filename)}",
            },
        )

    def _clear(self, query: Query) -> None:
        self._json({"deleted": self.server.store.clear()})

    def _delete(self, query: Query, number: int) -> None:
        if not self.server.store.delete(number):
            raise _no_message(number)
        self._json({"deleted": 1})

    def _message(self, number: int) -> tuple[Entry, Reading]:
        store = self.server.store
        entry, raw = store.entry(number), store.source(number)
        if entry is None or raw is None:
            raise _no_message(number)
        return entry, Reading(raw)

    # -- plumbing -----------------------------------------------------------------------------------------------

    def _json(self, content: Any, status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> None:
        self._send(orjson.dumps(content), "application/json", headers or {}, status)

    def _send(
        self, body: bytes, content_type: str, headers: Mapping[str, str], status: HTTPStatus = HTTPStatus.OK
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        if status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header(
            "Cross-Origin-Resource-Policy", "cross-origin" if content_type in _INLINE_IMAGES else "same-origin"
        )
        self.send_header("Cache-Control", "no-cache")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD" and body:
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Quiet: a page that looks for news every second would fill the log."""


def _brief(entry: Entry) -> dict[str, Any]:
    summary = entry.summary
    assert summary is not None
    return {
        "id": entry.id,
        "from": summary.sender,
        "to": summary.to,
        "recipients": entry.recipients,
        "subject": summary.subject,
        "date": _moment(summary.date),
        "received_at": datetime.fromtimestamp(entry.received_at, UTC).isoformat(timespec="milliseconds"),
        "size": entry.size,
        "snippet": summary.snippet,
    }


def _moment(date: str) -> str | None:
    """A Date header as ISO 8601; None when it is missing or wrong."""
    try:
        return parsedate_to_datetime(date).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _number(query: Query, name: str, default: int, most: int) -> int:
    raw = query.get(name)
    if raw is None:
        return default
    if not raw.isdecimal() or not 1 <= int(raw) <= most:
        raise Problem(HTTPStatus.BAD_REQUEST, f"{name} must be a number from 1 to {most}.", name)
    return int(raw)


def _no_message(number: int) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, f"There is no message {number} (any more).")
