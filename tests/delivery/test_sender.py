"""The sender against a real SMTP server: exactly once, through errors, restarts of the database, and a clean stop."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import psycopg
import pytest
import uvloop
from aiosmtpd.controller import Controller
from psycopg import Connection
from psycopg.types.json import Jsonb

from headwater.content import templates
from headwater.content.document import Document
from headwater.core import clock, database
from headwater.delivery import claims, settling
from headwater.delivery.reasons import Reason
from headwater.delivery.sender import Sender
from headwater.delivery.sources import Brief
from headwater.delivery.transports.target import SmtpTarget
from tests.delivery.ledger_builders import new_source, people, plan, states, template


class Mailbox:
    """An SMTP server's handler that counts, and answers as the test says."""

    def __init__(self) -> None:
        self.received: Counter[str] = Counter()
        self.bodies: dict[str, bytes] = {}
        self.answer: Callable[[str, int], str] = lambda address, number: "250 OK"

    async def handle_DATA(self, server: object, session: object, envelope) -> str:  # noqa: N802
        address = envelope.rcpt_tos[0]
        reply = await asyncio.to_thread(self.answer, address, sum(self.received.values()) + 1)
        if reply.startswith("250"):
            self.received[address] += 1
            self.bodies[address] = envelope.content
        return reply


class _Server(Controller):
    def factory(self):  # type: ignore[no-untyped-def]
        from aiosmtpd.smtp import SMTP

        return SMTP(self.handler, hostname="mailbox.test")


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, SmtpTarget]]:
    handler = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = _Server(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, SmtpTarget("127.0.0.1", port)
    controller.stop()


@contextmanager
def sending(target: SmtpTarget, count: int = 1, **options: object) -> Iterator[list[Sender]]:
    """`count` senders, each in a loop and thread of its own, as in worker processes."""
    senders: list[Sender] = []
    loops: list[asyncio.AbstractEventLoop] = []
    ready = threading.Barrier(count + 1)
    errors: list[BaseException] = []

    def work() -> None:
        async def run() -> None:
            sender = Sender(target, connections=3, **options)  # type: ignore[arg-type]
            senders.append(sender)
            loops.append(asyncio.get_running_loop())
            await asyncio.to_thread(ready.wait)
            await sender.run()

        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(run())
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    ready.wait(10)
    try:
        yield senders
    finally:
        for loop, sender in zip(loops, senders, strict=True):
            loop.call_soon_threadsafe(sender.stop)
        for thread in threads:
            thread.join(20)
        assert not any(thread.is_alive() for thread in threads)
        assert errors == []


def until(settled: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not settled():
        assert time.monotonic() < deadline, "it did not come to rest in time"
        time.sleep(0.02)


def at_rest(workspace: int) -> bool:
    with database.transaction() as conn:
        row = conn.execute(
            "SELECT count(*) FROM message WHERE workspace_id = %s AND (state = 'claimed' OR state = 'planned'"
            " AND send_at <= %s)",
            (workspace, clock.now(conn)),
        ).fetchone()
    return row == (0,)


@pytest.fixture
def now(conn: Connection) -> datetime:
    """The present. A sender looks at every workspace, so what other tests left behind is put out of its way."""
    conn.execute("UPDATE message SET state = 'cancelled' WHERE state IN ('planned', 'claimed')")
    conn.commit()
    return clock.now(conn)


def test_everyone_gets_one_and_one_who_cannot_stops_nobody(conn, workspace, mailbox, now):
    handler, target = mailbox
    name, _ = new_source()
    version = template(
        conn,
        workspace,
        "{% if first_name == 'Long' %}{% for a in person.many %}{% for b in person.many %}{{ b }}{% endfor %}"
        "{% endfor %}{% endif %}Hello {{ first_name }}",
    )
    fine = people(conn, workspace, 60)
    (unrenderable,) = people(conn, workspace, 1, first_name="Long")
    conn.execute(
        "UPDATE profile SET properties = jsonb_build_object('many', (SELECT jsonb_agg(repeat('x', 100)) FROM"
        " generate_series(1, 1000))) WHERE workspace_id = %s AND id = %s",
        (workspace, unrenderable),
    )
    refused = fine[7]
    address = conn.execute("SELECT email FROM profile WHERE id = %s", (refused,)).fetchone()[0]
    handler.answer = lambda to, number: "550 5.1.1 No such user" if to == address else "250 OK"
    plan(conn, workspace, name, [*fine, unrenderable], version, send_at=now)
    conn.commit()

    with sending(target):
        until(lambda: at_rest(workspace))

    assert len(handler.received) == 59
    assert set(handler.received.values()) == {1}
    found = states(conn, workspace)
    assert found.pop(unrenderable) == ("skipped", Reason.TEMPLATE_ERROR)
    assert found.pop(refused) == ("bounced", Reason.REFUSED_BY_SERVER)
    assert set(found.values()) == {("sent", None)}
    assert b"Hello Ann" in next(iter(handler.bodies.values()))


HUGE = "{% if first_name == 'Huge' %}{% for text in person.many %}{{ text }}{% endfor %}{% endif %}"
HIDDEN = "{% if first_name != 'Sly' %}<a href='{{ unsubscribe_link }}'>Unsubscribe</a>{% endif %}"


def test_who_would_get_too_large_an_email_or_one_without_a_way_out_gets_none(conn, workspace, mailbox, now):
    handler, target = mailbox
    name, source = new_source()
    page = f"<html><head></head><body>{HUGE} {{{{ organization.full_address }}}} {HIDDEN}</body></html>"
    document = Document(subject="Hello", mjml=page)
    version = templates.save(conn, workspace, "Under conditions", document, now)[1]
    (fine,), (huge,), (sly,), (order,) = (
        people(conn, workspace, 1, first_name=first) for first in ("Ann", "Huge", "Sly", "Sly")
    )
    many = [f"{number}" * 60_000 for number in range(9)] * 2
    conn.execute("UPDATE profile SET properties = %s WHERE id = %s", (Jsonb({"many": many}), huge))
    source.said[order] = Brief(message_name="Your order", transactional=True)
    plan(conn, workspace, name, [fine, huge, sly, order], version, send_at=now)
    conn.commit()

    with sending(target):
        until(lambda: at_rest(workspace))

    assert states(conn, workspace) == {
        fine: ("sent", None),
        huge: ("skipped", Reason.RENDERED_TOO_LARGE),
        sly: ("skipped", Reason.UNSUBSCRIBE_LINK_MISSING),
        order: ("sent", None),
    }
    assert len(handler.received) == 2


def test_two_workers_share_the_work(conn, workspace, mailbox, now):
    handler, target = mailbox
    name, _ = new_source()
    plan(conn, workspace, name, people(conn, workspace, 300), template(conn, workspace), send_at=now)
    conn.commit()
    with sending(target, count=2, largest_batch=20):
        until(lambda: at_rest(workspace))
    assert len(handler.received) == 300
    assert set(handler.received.values()) == {1}


def test_a_clean_stop_gives_back_what_did_not_leave(conn, workspace, mailbox, now):
    handler, target = mailbox
    name, _ = new_source()
    plan(conn, workspace, name, people(conn, workspace, 80), template(conn, workspace), send_at=now)
    conn.commit()
    reached = threading.Event()

    def slowly(address: str, number: int) -> str:
        if number >= 5:
            reached.set()
        time.sleep(0.02)
        return "250 OK"

    handler.answer = slowly
    with sending(target):
        assert reached.wait(10)
    after = Counter(state for state, _ in states(conn, workspace).values())
    assert after["claimed"] == 0
    assert after["sent"] == sum(handler.received.values())
    assert after["planned"] == 80 - after["sent"] > 0
    assert conn.execute(
        "SELECT max(attempts) FROM message WHERE workspace_id = %s AND state = 'planned'", (workspace,)
    ).fetchone() == (0,)

    handler.answer = lambda address, number: "250 OK"
    with sending(target):
        until(lambda: at_rest(workspace))
    assert len(handler.received) == 80
    assert set(handler.received.values()) == {1}


def test_verdicts_outlive_a_database_that_is_away(conn, workspace, mailbox, now):
    handler, target = mailbox
    name, _ = new_source()
    plan(conn, workspace, name, people(conn, workspace, 120), template(conn, workspace), send_at=now)
    conn.commit()
    away = threading.Event()
    opened: list[Connection] = []

    def connect() -> Connection:
        if away.is_set():
            raise psycopg.OperationalError("the server is away")
        opened.append(database.connect())
        return opened[-1]

    def answer(address: str, number: int) -> str:
        if number == 30 and not away.is_set():
            away.set()
            with database.connect(autocommit=True) as killer:
                for connection in opened:
                    killer.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
            threading.Timer(1.0, away.clear).start()
        return "250 OK"

    handler.answer = answer
    with sending(target, largest_batch=40, connect=connect):
        until(lambda: at_rest(workspace))
    assert len(handler.received) == 120
    assert set(handler.received.values()) == {1}
    assert set(states(conn, workspace).values()) == {("sent", None)}


def test_no_more_in_flight_than_the_cap_while_the_database_is_away(conn, workspace, mailbox, now):
    """Nothing is committed after the claim: the sender stops at its cap, so a crash could double no more than that."""
    handler, target = mailbox
    name, _ = new_source()
    plan(conn, workspace, name, people(conn, workspace, 100), template(conn, workspace), send_at=now)
    conn.commit()
    opened: list[Connection] = []
    away = threading.Event()

    def connect() -> Connection:
        if away.is_set():
            raise psycopg.OperationalError("the server is away")
        opened.append(database.connect())
        return opened[-1]

    def answer(address: str, number: int) -> str:
        if number == 1:
            away.set()
            with database.connect(autocommit=True) as killer:
                for connection in opened:
                    killer.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
        return "250 OK"

    handler.answer = answer
    with sending(target, in_flight=12, connect=connect):
        until(lambda: sum(handler.received.values()) >= 12)
        time.sleep(0.3)
        assert sum(handler.received.values()) == 12
        away.clear()
        until(lambda: at_rest(workspace))
    assert set(handler.received.values()) == {1}
    assert len(handler.received) == 100


def test_after_a_crash_others_send_what_the_dead_worker_held(conn, workspace, mailbox, now):
    handler, target = mailbox
    name, _ = new_source()
    persons = people(conn, workspace, 10)
    plan(conn, workspace, name, persons, template(conn, workspace), send_at=now)
    for claimed in claims.due(conn, workspace, now, 4):
        key = claims.Key(claimed.id, claimed.origin_at, claimed.fence)
        gone = clock.wall() - timedelta(seconds=1)
        held = claims.Claim(key, "x@example.com", claimed.template_version_id or 0)
        claims.write_claims(conn, workspace, [held], gone)
    conn.commit()
    with sending(target):
        until(lambda: at_rest(workspace))
    assert len(handler.received) == 10


def test_a_source_that_breaks_is_tried_again(conn, workspace, mailbox, now):
    """A bug or a dead database in one claim must not end the loop, and must not skip anyone."""
    handler, target = mailbox
    name, source = new_source()
    plan(conn, workspace, name, people(conn, workspace, 3), template(conn, workspace), send_at=now)
    conn.commit()
    calls = iter([psycopg.OperationalError("gone"), psycopg.errors.DeadlockDetected("deadlock"), KeyError("a bug")])
    usual = source.brief

    def brief(*arguments):  # type: ignore[no-untyped-def]
        for error in calls:
            raise error
        return usual(*arguments)

    source.brief = brief  # type: ignore[method-assign]
    with sending(target):
        until(lambda: at_rest(workspace))
    assert len(handler.received) == 3


def test_a_verdict_that_cannot_be_written_takes_no_other_with_it(conn, workspace, mailbox, now, monkeypatch):
    """Unsettled, accepted mail would be sent again."""
    handler, target = mailbox
    name, _ = new_source()
    persons = people(conn, workspace, 20)
    address = conn.execute("SELECT email FROM profile WHERE id = %s", (persons[3],)).fetchone()[0]
    handler.answer = lambda to, number: "550 5.1.1 No such user" if to == address else "250 OK"
    plan(conn, workspace, name, persons, template(conn, workspace), send_at=now)
    conn.commit()

    def broken(*_: object) -> bytes:
        raise ValueError("a defect")

    monkeypatch.setattr(settling, "_bounce_item", broken)
    with sending(target):
        until(lambda: Counter(states(conn, workspace).values())[("sent", None)] == 19)
    assert states(conn, workspace)[persons[3]] == ("claimed", None)
    assert set(handler.received.values()) == {1}


def test_mail_that_must_go_now_is_not_kept_waiting_by_the_poll(conn, workspace, mailbox, now):
    handler, target = mailbox
    name, source = new_source()
    source.default = Brief(smart_sending=False)
    version = template(conn, workspace)
    persons = people(conn, workspace, 2)
    with sending(target):
        for step in ("one", "two", "three"):
            started = time.monotonic()
            plan(conn, workspace, name, persons, version, step=step, send_at=clock.now(conn))
            conn.commit()
            until(lambda: at_rest(workspace), seconds=2)
            assert time.monotonic() - started < 1.5
    assert set(handler.received.values()) == {3}
