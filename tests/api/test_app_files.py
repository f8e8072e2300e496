"""The built app's files: kept by browsers, packed for those that can read it, and nothing beside them."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path
from typing import Any

import pytest

from headwater.api import app_files

SCRIPT = b"let answer = 42;" * 200


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small build of the app."""
    folder = tmp_path / "built"
    (folder / "app").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>")
    (folder / "app" / "index-a1b2.js").write_bytes(SCRIPT)
    (folder / "app" / "icon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.setattr(app_files, "BUILT", folder)
    return folder


def ask(path: str, accepts: str = "gzip, br", method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """(status, headers, body) of one request."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("a file needs no body")

    scope = {"type": "http", "method": method, "path": path, "headers": [(b"accept-encoding", accepts.encode())]}
    asyncio.run(app_files.app(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(message["body"] for message in sent[1:])


def test_a_file_is_packed_and_kept_for_good() -> None:
    status, headers, body = ask("/app/index-a1b2.js")
    assert status == 200
    assert headers["content-type"] == "text/javascript; charset=utf-8"
    assert headers["content-encoding"] == "gzip"
    assert headers["content-length"] == str(len(body))
    assert "immutable" in headers["cache-control"]
    assert headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(body) == SCRIPT


def test_who_cannot_unpack_gets_it_plain() -> None:
    _, headers, body = ask("/app/index-a1b2.js", accepts="")
    assert "content-encoding" not in headers
    assert body == SCRIPT


def test_a_name_that_stays_while_its_content_changes_is_kept_for_an_hour() -> None:
    _, headers, body = ask("/app/icon.svg")
    assert (headers["content-type"], body) == ("image/svg+xml", b"<svg/>")
    assert headers["cache-control"] == "public, max-age=3600"


def test_a_file_that_is_built_anew_is_served_anew(built: Path) -> None:
    ask("/app/icon.svg")
    (built / "app" / "icon.svg").write_text("<svg>new</svg>")
    assert ask("/app/icon.svg")[2] == b"<svg>new</svg>"


def test_head_says_how_long_it_is() -> None:
    status, headers, body = ask("/app/icon.svg", method="HEAD")
    assert (status, headers["content-length"], body) == (200, "6", b"")


@pytest.mark.parametrize(
    "path",
    ["/app/", "/app/nothing.js", "/app/../index.html", "/app/../../secret.txt", "/app//etc/passwd", "/app/a\0b"],
)
def test_nothing_else_is_served(path: str) -> None:
    status, headers, _ = ask(path)
    assert (status, headers["cache-control"]) == (404, "no-store")


def test_nothing_is_written_there() -> None:
    assert ask("/app/index-a1b2.js", method="POST")[0] == 404
