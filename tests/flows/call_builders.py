"""Builders of the tests of calls: a server that answers as told, a mailbox, due calls, and a caller at work."""

from __future__ import annotations

import asyncio
import itertools
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import uvloop
from aiohttp.abc import AbstractResolver, ResolveResult
from aiosmtpd.controller import Controller
from psycopg import Connection

from headwater.delivery.transports.target import SmtpTarget
from headwater.flows.calls import outbox
from headwater.flows.calls.caller import Caller
from headwater.flows.calls.outbox import Call
from tests.flows.flow_tables import people, publish

NOWHERE = SmtpTarget("127.0.0.1", 9)
_enrolments = itertools.count(1)


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass(frozen=True)
class Got:
    """A request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Receiver:
    """Somebody else's server. `answer` is given the number of the request and says status and headers."""

    port: int = 0
    got: list[Got] = field(default_factory=list)
    answer: Callable[[int], tuple[int, Mapping[str, str]]] = lambda number: (200, {})
    content: bytes = b"thank you"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?a=1"

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Takes requests and does not answer them, until the end of the block."""
        over = threading.Event()
        self.answer = lambda number: (200 if over.wait(10) else 500, {})
        yield
        over.set()


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    guard = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with guard:
                receiver.got.append(Got(self.path, dict(self.headers), body))
                number = len(receiver.got)
            status, headers = receiver.answer(number)
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(receiver.content)))
                self.end_headers()
                self.wfile.write(receiver.content)
            except OSError:  # the caller has seen enough
                pass

        do_GET = do_POST  # noqa: N815  a redirect that is followed would come as one

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class TeamMailbox:
    """The team's mail server. Recipients in `refused` get that answer instead."""

    target: SmtpTarget = NOWHERE
    got: list[tuple[str, bytes]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(  # noqa: N802
        self, server: object, session: object, envelope: Any, address: str, options: object
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802
        self.got += [(address, envelope.content) for address in envelope.rcpt_tos]
        return "250 OK"


@contextmanager
def team_mail() -> Iterator[TeamMailbox]:
    mailbox = TeamMailbox()
    mailbox.target = SmtpTarget("127.0.0.1", free_port())
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.target.port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


class Names(AbstractResolver):
    """A name server of the test's own."""

    def __init__(self, **addresses: Sequence[str]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)
            for address in self._addresses[host.partition(".")[0]]
        ]

    async def close(self) -> None:
        pass


@dataclass
class Hands:
    """A clock that the test moves."""

    at: datetime

    def advance(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Outbox:
    """A workspace's flow, and what it has to call."""

    conn: Connection
    workspace: int
    hands: Hands
    flow: int = 0

    def __post_init__(self) -> None:
        self.flow = publish(self.conn, self.workspace, self.hands.at, {"id": "a", "email": "a.mjml"})
        self.conn.commit()

    def person(self) -> int:
        (found,) = people(self.conn, self.workspace, self.hands.at, 1, email=False)
        return found

    def webhook(self, url: str, count: int = 1, **more: Any) -> list[int]:
        return self.plan("webhook", {"url": url, **more}, count)

    def notice(self, *to: str, subject: str = "New order", text: str = "Somebody ordered.") -> int:
        (found,) = self.plan("notice", {"to": list(to), "subject": subject, "text": text})
        return found

    def plan(self, kind: outbox.Kind, spec: dict[str, Any], count: int = 1, person: int | None = None) -> list[int]:
        """Calls about one person, each of an enrolment of its own; committed. Their ids."""
        about = person or self.person()
        trigger = {"metric": "Placed Order", "id": "e1", "properties": {"order_id": "A-1", "total": 12.5}}
        wanted = [Call(self.flow, next(_enrolments), "tell", about, kind, spec, trigger) for _ in range(count)]
        assert outbox.plan(self.conn, self.workspace, wanted, self.hands.at) == count
        rows = self.conn.execute(
            "SELECT id FROM flow_call WHERE workspace_id = %s AND enrolment_id = ANY (%s) ORDER BY id",
            (self.workspace, [call.enrolment_id for call in wanted]),
        ).fetchall()
        self.conn.commit()
        return [row[0] for row in rows]

    def made(self) -> dict[int, outbox.Made]:
        found = outbox.of_flow(self.conn, self.workspace, self.flow)
        self.conn.commit()
        return {made.id: made for made in found}

    def states(self) -> dict[int, str]:
        return {call: made.state for call, made in self.made().items()}

    def at_rest(self) -> bool:
        """Nothing is being called or could be called now."""
        row = self.conn.execute(
            """
            SELECT count(*)
            FROM flow_call c
            LEFT JOIN flow_call_host h
              ON h.workspace_id = c.workspace_id
             AND h.host = c.host
            WHERE c.workspace_id = %(workspace)s
              AND (c.state = 'claimed'
                   OR c.state = 'planned' AND c.next_at <= %(now)s
                      AND (h.open_until IS NULL OR h.open_until <= %(now)s))
            """,
            {"workspace": self.workspace, "now": self.hands.at},
        ).fetchone()
        self.conn.commit()
        return row == (0,)

    def work(
        self,
        until: Callable[[], bool] | None = None,
        *,
        workers: int = 1,
        mail: SmtpTarget = NOWHERE,
        **options: Any,
    ) -> None:
        """Callers at work until nothing is left to do now (or until the test has seen enough), stopped cleanly."""
        done = until or self.at_rest
        options = {"private": True, "now": lambda conn: self.hands.at, **options}

        async def run() -> None:
            callers = [Caller(mail, **options) for _ in range(workers)]
            running = [asyncio.create_task(caller.run()) for caller in callers]
            async with asyncio.timeout(30):
                while not await asyncio.to_thread(done):
                    assert not any(task.done() for task in running), running
                    await asyncio.sleep(0.01)
                for caller in callers:
                    caller.stop()
                await asyncio.gather(*running)

        uvloop.run(run())
