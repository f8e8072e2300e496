"""Clicks and opens: a signed link redirects without a database, all else goes nowhere, and what was seen is kept."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

import orjson
import psycopg
import pytest

from headwater.core import signing
from headwater.delivery import tracking
from headwater.delivery.tracking import Recorder, Tracking

URL = "https://juniper.example/lamp?size=m&color=dark red#top"
AGENT = [(b"user-agent", b"Mozilla/5.0 (X11)")]


def request(app, path: str, query: str = "", method: str = "GET", client=("203.0.113.77", 5)):
    """Status, headers and body of one request."""

    async def ask():
        sent = []
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": AGENT,
            "client": client,
        }

        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            sent.append(message)

        await app(scope, receive, send)
        await app.finish()
        return sent[0]["status"], dict(sent[0]["headers"]), b"".join(part.get("body", b"") for part in sent[1:])

    return asyncio.run(ask())


def link(workspace: int, url: str = URL, message: int = 5, profile: int = 9) -> tuple[str, str]:
    token = signing.message_token("click", workspace, message, profile)
    return f"/c/{token}/{signing.link_signature(url)}", f"u={quote(url, safe='')}"


def items(conn, workspace: int) -> list[dict]:
    rows = conn.execute("SELECT items FROM inbox WHERE workspace_id = %s ORDER BY id", (workspace,)).fetchall()
    return [orjson.loads(line) for row in rows for line in bytes(row[0]).split(b"\n")]


def test_a_click_redirects_and_is_kept(conn, workspace):
    status, headers, _ = request(Tracking(), *link(workspace))
    assert status == 302
    assert headers[b"location"] == b"https://juniper.example/lamp?size=m&color=dark%20red#top"
    assert headers[b"cache-control"] == b"no-store"
    (item,) = items(conn, workspace)
    assert (item["metric"], item["user"]) == ("Clicked Email", {"profile_id": 9})
    assert item["properties"] == {
        "message_id": 5,
        "url": URL,
        "user_agent": "Mozilla/5.0 (X11)",
        "ip_prefix": "203.0.113.0/24",
        "machine": False,
    }


def test_a_changed_target_goes_nowhere(conn, workspace):
    path, _ = link(workspace)
    status, headers, body = request(Tracking(), path, f"u={quote('https://evil.example')}")
    assert status == 404
    assert b"location" not in headers
    assert b"not valid" in body
    assert items(conn, workspace) == []


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", "//evil.example", "https://a.example/\r\nSet-Cookie: x"])
def test_even_a_signed_link_leads_only_to_the_web(workspace, url):
    assert request(Tracking(), *link(workspace, url))[0] == 404


def test_a_token_for_another_purpose_does_not_click(workspace):
    path, query = link(workspace)
    token = signing.message_token("unsubscribe", workspace, 5, 9)
    assert request(Tracking(), f"/c/{token}/{path.rsplit('/', 1)[1]}", query)[0] == 404
    assert request(Tracking(), "/c/", query)[0] == 404
    assert request(Tracking(), "/c/x/y/z/w", query)[0] == 404


def test_a_head_request_redirects_and_is_marked_as_a_machine(conn, workspace):
    assert request(Tracking(), *link(workspace), method="HEAD")[0] == 302
    assert items(conn, workspace)[0]["properties"]["machine"] is True


def test_a_post_is_not_a_click(conn, workspace):
    assert request(Tracking(), *link(workspace), method="POST")[0] == 405
    assert items(conn, workspace) == []


def test_the_pixel_is_a_gif_that_nobody_stores(conn, workspace):
    token = signing.message_token("open", workspace, 5, 9)
    status, headers, body = request(Tracking(), f"/o/{token}.gif", client=("2001:db8:1:2::3", 1))
    assert (status, len(body), body[:6]) == (200, 43, b"GIF89a")
    assert headers[b"cache-control"] == b"no-store"
    (item,) = items(conn, workspace)
    assert (item["metric"], item["properties"]["ip_prefix"]) == ("Opened Email", "2001:db8:1::/48")
    assert request(Tracking(), "/o/nonsense.gif")[0] == 404


class _Away:
    """A writer whose database is away for the first tries."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.put_items: list[bytes] = []

    async def now(self):
        return None

    async def put(self, workspace_id, items):
        if self.failures:
            self.failures -= 1
            raise psycopg.OperationalError("away")
        self.put_items += items

    async def close(self):
        pass


def test_a_redirect_needs_no_database_and_the_click_is_written_when_it_is_back(workspace, monkeypatch):
    monkeypatch.setattr(tracking, "_AWAY", 0.01)
    recorder = Recorder()
    recorder._writer = writer = _Away(failures=3)
    status, _, _ = request(Tracking(recorder), *link(workspace))
    assert status == 302
    assert len(writer.put_items) == 1


def test_what_waits_is_bounded(workspace, monkeypatch):
    monkeypatch.setattr(tracking, "MOST_WAITING", 2)

    async def overflow() -> int:
        recorder = Recorder()
        recorder._writer = _Away(failures=10**9)
        token = signing.MessageToken(workspace, 5, 9)
        for _ in range(5):
            recorder.record(tracking.Sighting("Opened Email", token, tracking.clock.wall(), {}))
        dropped = recorder.dropped
        assert recorder._task is not None
        recorder._task.cancel()
        return dropped

    assert asyncio.run(overflow()) == 3
