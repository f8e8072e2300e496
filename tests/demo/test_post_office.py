"""The post office reads what is new in the mailbox, and knocks at an email's doors as mail programs do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from headwater.delivery.mailbox.store import Store
from headwater.demo.post_office import PostOffice
from headwater.demo.reactions import Deed
from headwater.demo.shop_front import NotAccepted
from tests.running_instance import free_port


class Doors(ThreadingHTTPServer):
    """What is asked of it, as (method, path, body)."""

    request_queue_size = 128

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, bytes]] = []
        super().__init__(("127.0.0.1", 0), _Door)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Doors

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, body))
        status = int(self.path[-3:]) if self.path.startswith("/answers/") else 302
        self.send_response(status)
        self.send_header("Location", f"{self.server.url}/the-shop")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_POST = do_GET

    def log_message(self, format: str, *arguments: object) -> None: ...


@pytest.fixture
def doors() -> Iterator[Doors]:
    running = Doors()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()


@pytest.fixture
def post(tmp_path: Path) -> Iterator[PostOffice]:
    with PostOffice(tmp_path) as office:
        yield office


def mail(to: str) -> bytes:
    return f"To: {to}\r\nSubject: Hello {to}\r\n\r\nHello".encode()


def test_only_what_is_new_arrives_each_once_and_in_order(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(mail("before@example.com"), "", ["before@example.com"])
    with PostOffice(tmp_path) as post:
        assert post.arrived() == []
        for number in range(3):
            store.add(mail(f"{number}@example.com"), "", [f"{number}@example.com"])

        assert [letter.to for letter in post.arrived()] == ["0@example.com", "1@example.com", "2@example.com"]
        assert post.arrived() == []


def test_much_mail_arrives_in_parts_and_what_was_deleted_does_not(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with PostOffice(tmp_path) as post:
        for number in range(1, 502):
            store.add(mail(f"{number}@example.com"), "", [f"{number}@example.com"])
        store.delete(7)

        parts = [post.arrived(), post.arrived(), post.arrived()]

    assert [len(part) for part in parts] == [400, 100, 0]
    assert "7@example.com" not in {letter.to for part in parts for letter in part}


def test_each_deed_knocks_in_its_own_way_and_no_redirect_is_followed(post: PostOffice, doors: Doors) -> None:
    click = "/c/token/sig?u=https://juniper.example/a%20b%3Fx=1,2"
    done = post.follow(
        [
            (Deed.OPEN, f"{doors.url}/o/t.gif"),
            (Deed.SCAN, f"{doors.url}/o/s.gif"),
            (Deed.CLICK, doors.url + click),
            (Deed.UNSUBSCRIBE, f"{doors.url}/u/t"),
        ]
    )

    assert done == [True] * 4
    assert sorted(doors.asked) == [
        ("GET", click, b""),
        ("GET", "/o/t.gif", b""),
        ("HEAD", "/o/s.gif", b""),
        ("POST", "/u/t", b"List-Unsubscribe=One-Click"),
    ]


def test_a_thousand_go_together(post: PostOffice, doors: Doors) -> None:
    done = post.follow([(Deed.OPEN, f"{doors.url}/o/{number}.gif") for number in range(1000)])

    assert all(done)
    assert len({path for _, path, _ in doors.asked}) == 1000


def test_a_door_that_is_away_is_no_reason_to_stop(post: PostOffice, doors: Doors) -> None:
    assert post.follow(
        [
            (Deed.OPEN, f"http://127.0.0.1:{free_port()}/o/t.gif"),
            (Deed.OPEN, f"{doors.url}/answers/503"),
            (Deed.OPEN, f"{doors.url}/answers/200"),
        ]
    ) == [False, False, True]


def test_a_link_that_is_refused_is_a_defect_to_see(post: PostOffice, doors: Doors) -> None:
    with pytest.raises(NotAccepted, match="/answers/404 answered 404"):
        post.follow([(Deed.CLICK, f"{doors.url}/answers/404")])
