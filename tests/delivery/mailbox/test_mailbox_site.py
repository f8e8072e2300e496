"""The mailbox as its users meet it: mail in by SMTP, JSON and pages out, nothing foreign trusted."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import orjson
import pytest

from headwater.delivery.mailbox.run import MailboxError, serving
from headwater.delivery.mailbox.site import Site
from headwater.delivery.mailbox.store import Store


class Mailbox:
    """A running mailbox process, and the two ways to talk to it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.smtp_port, self.web_port = free_port(), free_port()
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "from headwater.core.settings import current\n"
                "from headwater.delivery.mailbox.run import run\n"
                "run(current())",
            ],
            env={
                **os.environ,
                "HEADWATER_DATA_DIR": str(data_dir),
                "HEADWATER_MAILBOX_SMTP_PORT": str(self.smtp_port),
                "HEADWATER_MAILBOX_WEB_PORT": str(self.web_port),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert "mailbox_ready" in line, line

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)

    def send(self, to: str, subject: str, text: str = "Hello\n", html: str | None = None) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "Juniper <hello@juniper.example>", to, subject
        message["Date"] = "Mon, 02 Mar 2026 12:00:00 +0000"
        message.set_content(text)
        if html is not None:
            message.add_alternative(html, subtype="html")
        with smtplib.SMTP("127.0.0.1", self.smtp_port) as client:
            client.sendmail("bounce@juniper.example", [to], message.as_bytes(policy=policy.SMTP))

    def ask(
        self, path: str, method: str = "GET", headers: dict[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        with self.open() as connection:
            connection.request(method, path, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()

    def open(self) -> contextlib.closing[http.client.HTTPConnection]:
        return contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.web_port, timeout=10))

    def get(self, path: str) -> Any:
        status, _, body = self.ask(path)
        assert status == 200, body
        return orjson.loads(body)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    mailbox = Mailbox(tmp_path_factory.mktemp("data"))
    yield mailbox
    assert mailbox.stop() == 0


@pytest.fixture
def mailbox(running: Mailbox) -> Mailbox:
    running.ask("/api/messages", "DELETE")
    return running


def test_a_message_can_be_listed_and_read(mailbox: Mailbox) -> None:
    mailbox.send("ann@example.com", "Welcome", "Hello Ann\n", '<p>Hi</p><a href="https://shop.example/">Shop</a>')

    page = mailbox.get("/api/messages")
    [brief] = page["messages"]
    message = mailbox.get(f"/api/messages/{brief['id']}")

    assert (page["total"], page["next"]) == (1, None)
    assert (brief["subject"], brief["to"], brief["snippet"]) == ("Welcome", "ann@example.com", "Hello Ann")
    assert brief["date"] == "2026-03-02T12:00:00+00:00"
    assert message["text"] == "Hello Ann\n"
    assert message["headers"]["Subject"] == "Welcome"
    assert message["headers"]["Return-Path"] == "<bounce@juniper.example>"
    assert message["links"] == [{"url": "https://shop.example/", "text": "Shop"}]
    source = mailbox.ask(f"/api/messages/{brief['id']}/source")[2]
    assert b"\r\nSubject: Welcome\r\n" in source


def test_search_looks_at_subject_addresses_and_text(mailbox: Mailbox) -> None:
    mailbox.send("ann@example.com", "Welcome", "Roses and tulips\n")
    mailbox.send("bob@example.com", "Last call", "Only roses\n")

    def found(query: str) -> list[str]:
        return [message["subject"] for message in mailbox.get(f"/api/messages?{query}")["messages"]]

    assert found("q=ROSES") == ["Last call", "Welcome"]
    assert found("q=roses+welcome") == ["Welcome"]
    assert found("q=bob@") == ["Last call"]
    assert found("to=ANN@example.com") == ["Welcome"]
    assert found("to=nn@example.com") == []
    assert found("to=ann") == ["Welcome"]
    assert found("q=roses&to=bob@example.com") == ["Last call"]
    assert found("q=lilies") == []


def test_pages_of_a_long_list(mailbox: Mailbox) -> None:
    for number in range(5):
        mailbox.send(f"p{number}@example.com", f"Number {number}")

    first = mailbox.get("/api/messages?limit=3")
    second = mailbox.get(f"/api/messages?limit=3&before={first['next']}")

    assert [message["subject"] for message in first["messages"] + second["messages"]] == [
        f"Number {number}" for number in (4, 3, 2, 1, 0)
    ]
    assert second["next"] is None


def test_a_page_that_saw_everything_is_told_so_cheaply(mailbox: Mailbox) -> None:
    mailbox.send("ann@example.com", "One")
    tag = mailbox.ask("/api/messages")[1]["ETag"]

    unchanged = mailbox.ask("/api/messages", headers={"If-None-Match": tag})[0]
    mailbox.send("ann@example.com", "Two")
    changed = mailbox.ask("/api/messages", headers={"If-None-Match": tag})[0]

    assert (unchanged, changed) == (304, 200)


def test_deleting_one_and_all(mailbox: Mailbox) -> None:
    for number in range(3):
        mailbox.send("ann@example.com", f"Number {number}")
    [newest, *_] = mailbox.get("/api/messages")["messages"]

    assert mailbox.ask(f"/api/messages/{newest['id']}", "DELETE")[0] == 200
    assert mailbox.ask(f"/api/messages/{newest['id']}", "DELETE")[0] == 404
    assert mailbox.ask(f"/api/messages/{newest['id']}")[0] == 404
    assert mailbox.get("/api/messages")["total"] == 2
    assert orjson.loads(mailbox.ask("/api/messages", "DELETE")[2]) == {"deleted": 2}
    assert mailbox.get("/api/messages")["total"] == 0
    assert list((mailbox.data_dir / "mailbox").glob("*.eml")) == []


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("/api/messages?limit=0", 400, "limit"),
        ("/api/messages?limit=x", 400, "limit"),
        ("/api/messages?before=-1", 400, "before"),
        ("/api/messages/12345", 404, None),
        ("/api/messages/12345/source", 404, None),
        ("/api/messages/12345/html", 404, None),
        ("/api/messages/12345/parts/0", 404, None),
        ("/etc/passwd", 404, None),
        ("/api/messages/../../secret_key", 404, None),
    ],
)
def test_errors_have_the_form_of_the_api(mailbox: Mailbox, path: str, status: int, field: str | None) -> None:
    got, _, body = mailbox.ask(path)

    assert got == status
    assert orjson.loads(body).keys() == {"type", "title", "detail", "field"}
    assert orjson.loads(body)["field"] == field


def test_the_page_allows_only_its_own_script(mailbox: Mailbox) -> None:
    status, headers, body = mailbox.ask("/")
    rules = headers["Content-Security-Policy"]

    assert status == 200
    assert b"http://" not in body.replace(b"http://www.w3.org/2000/svg", b"")
    assert b"https://" not in body
    assert b" style=" not in body
    assert "default-src 'none'" in rules
    assert "unsafe-inline" not in rules
    assert rules.count("'sha256-") == 2


def test_the_html_of_a_message_is_locked_in(mailbox: Mailbox) -> None:
    mailbox.send(
        "ann@example.com", "Evil", html="<html><head></head><script>top.location='https://evil.example'</script>"
    )
    [message] = mailbox.get("/api/messages")["messages"]

    _, headers, body = mailbox.ask(f"/api/messages/{message['id']}/html")
    rules = headers["Content-Security-Policy"]

    assert body.startswith(b'<html><head><base target="_blank">')
    assert "default-src 'none'" in rules
    assert "script-src" not in rules
    sandbox = rules.partition(";")[0]
    assert sandbox.startswith("sandbox")
    for freedom in ("scripts", "same-origin", "top-navigation", "forms"):
        assert f"allow-{freedom}" not in sandbox
    assert b'"sandbox", "allow-popups allow-popups-to-escape-sandbox"' in mailbox.ask("/")[2]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_foreign_attachment_is_downloaded_never_shown(mailbox: Mailbox) -> None:
    message = EmailMessage()
    message["Subject"] = "x"
    message.set_content("x")
    message.add_attachment(b"<script>", maintype="text", subtype="html", filename='a"; b=ü.html')
    with smtplib.SMTP("127.0.0.1", mailbox.smtp_port) as client:
        client.sendmail("a@b.example", ["c@d.example"], message.as_bytes(policy=policy.SMTP))
    [brief] = mailbox.get("/api/messages")["messages"]
    [attachment] = mailbox.get(f"/api/messages/{brief['id']}")["attachments"]

    _, headers, body = mailbox.ask(attachment["url"])

    assert body == b"<script>"
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("localhost:8126", True),
        ("127.0.0.1:8126", True),
        ("[::1]:8126", True),
        ("mailbox:8126", True),
        ("shop.localhost", True),
        ("own.example", True),
        ("evil.example", False),
        ("evil.example:8126", False),
        ("127.0.0.1.evil.example", False),
    ],
)
def test_a_foreign_domain_that_points_here_is_turned_away(host: str, known: bool, tmp_path: Path) -> None:
    site = Site("127.0.0.1", 0, Store(tmp_path), frozenset({"own.example"}))
    try:
        assert site.knows(host) is known
    finally:
        site.server_close()


def test_mail_outlives_the_process_and_a_taken_port_is_a_clear_error(tmp_path: Path) -> None:
    first = Mailbox(tmp_path)
    first.send("ann@example.com", "Kept", "Tulips\n")
    assert first.stop() == 0

    second = Mailbox(tmp_path)
    try:
        [message] = second.get("/api/messages?to=ann@example.com&q=tulips")["messages"]
        assert message["subject"] == "Kept"
        with pytest.raises(OSError):
            Site("127.0.0.1", second.web_port, Store(tmp_path / "other"))
    finally:
        assert second.stop() == 0


def test_open_connections_do_not_keep_it_from_stopping(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    with socket.create_connection(("127.0.0.1", mailbox.smtp_port)) as smtp, mailbox.open() as web:
        assert smtp.recv(3) == b"220"
        web.request("GET", "/api/messages")
        web.getresponse().read()

        assert mailbox.stop() == 0

    assert mailbox.process.stdout is not None
    assert "Traceback" not in mailbox.process.stdout.read()


def test_the_oldest_make_room(tmp_path: Path) -> None:
    store = Store(tmp_path, keep=3)
    numbers = [store.add(b"Subject: x\r\n\r\n", "a@b.example", ["c@d.example"]) for _ in range(5)]

    assert [entry.id for entry in store.newest(10)[0]] == numbers[:1:-1]
    assert len(list(tmp_path.glob("*.eml"))) == 3
    assert [entry.id for entry in Store(tmp_path, keep=2).newest(10)[0]] == numbers[:2:-1]


def test_a_taken_port_is_an_error_that_names_the_setting(tmp_path: Path) -> None:
    async def start(smtp_port: int, web_port: int) -> None:
        async with serving(tmp_path, "127.0.0.1", smtp_port, web_port):
            pass

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(MailboxError, match="HEADWATER_MAILBOX_SMTP_PORT"):
            asyncio.run(start(port, 0))
        with pytest.raises(MailboxError, match="HEADWATER_MAILBOX_WEB_PORT"):
            asyncio.run(start(0, port))
