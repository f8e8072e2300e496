"""Webhooks and notices from the outbox to whoever is called: at least once, signed, never where they must not go."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy

import orjson
import psycopg
import pytest
from psycopg import Connection

from headwater.audience import merging, profiles
from headwater.core import clock, database
from headwater.flows.calls import caller as calling
from headwater.flows.calls import outbox as calls
from headwater.flows.calls import posting as call_posting
from headwater.flows.calls import signing as call_signing
from tests.conftest import NOW
from tests.flows.call_builders import (
    Hands,
    Names,
    Outbox,
    Receiver,
    TeamMailbox,
    free_port,
    receiving,
    team_mail,
)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def mailbox() -> Iterator[TeamMailbox]:
    with team_mail() as found:
        yield found


@pytest.fixture
def outbox(conn: Connection, workspace: int) -> Outbox:
    """A caller looks at every workspace, so what other tests left behind is put out of its way."""
    conn.execute("DELETE FROM flow_call")
    conn.commit()
    return Outbox(conn, workspace, Hands(NOW))


# ── webhooks ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_it_arrives_once_and_its_signature_verifies(outbox: Outbox, receiver: Receiver) -> None:
    (call,) = outbox.webhook(receiver.url, headers={"Authorization": "Bearer x", "X-Shop": "juniper"})
    outbox.work()
    outbox.work()

    (got,) = receiver.got
    assert got.path == "/hook?a=1"
    assert got.headers["Content-Type"] == "application/json"
    assert (got.headers["Authorization"], got.headers["X-Shop"]) == ("Bearer x", "juniper")
    assert got.headers["Headwater-Delivery"] == call_signing.delivery_id(outbox.workspace, call)
    parts = dict(part.split("=") for part in got.headers["Headwater-Signature"].split(","))
    secret = call_signing.signing_secret(outbox.workspace)
    signed = hmac.new(secret.encode(), f"{parts['t']}.".encode() + got.body, hashlib.sha256).hexdigest()
    assert parts["v1"] == signed
    assert abs(int(parts["t"]) - clock.wall().timestamp()) < 60

    said = orjson.loads(got.body)
    assert (said["flow"], said["step"]) == ("a-flow", "tell")
    assert said["event"]["properties"] == {"order_id": "A-1", "total": 12.5}
    made = outbox.made()[call]
    assert (made.state, made.response_status, made.attempts, made.error) == ("done", 200, 1, None)


def test_a_step_of_an_enrolment_is_planned_once(outbox: Outbox, conn: Connection) -> None:
    call = calls.Call(outbox.flow, 1, "tell", outbox.person(), "webhook", {"url": "https://shop.example/"}, {})
    other = calls.Call(outbox.flow, 1, "tell-again", call.profile_id, "webhook", call.spec, {})
    assert calls.plan(conn, outbox.workspace, [call, call], NOW) == 1
    assert calls.plan(conn, outbox.workspace, [call, other], NOW) == 1
    assert calls.plan(conn, outbox.workspace, [], NOW) == 0
    assert len(outbox.made()) == 2


def test_a_server_in_trouble_is_called_again_later_with_the_same_delivery_id(
    outbox: Outbox, receiver: Receiver
) -> None:
    receiver.answer = lambda number: (500 if number == 1 else 200, {})
    (call,) = outbox.webhook(receiver.url)
    outbox.work()
    first = outbox.made()[call]
    assert (first.state, first.attempts, first.response_status) == ("planned", 1, 500)
    assert timedelta(seconds=24) <= first.next_at - NOW <= timedelta(seconds=36)

    outbox.hands.advance(seconds=20)
    outbox.work()
    assert len(receiver.got) == 1

    outbox.hands.advance(seconds=20)
    outbox.work()
    second = outbox.made()[call]
    assert (second.state, second.attempts, second.response_status, second.error) == ("done", 2, 200, None)
    assert len({got.headers["Headwater-Delivery"] for got in receiver.got}) == 1


def test_a_wrong_call_fails_at_once(outbox: Outbox, receiver: Receiver) -> None:
    receiver.answer = lambda number: (400, {})
    (call,) = outbox.webhook(receiver.url)
    outbox.work()
    made = outbox.made()[call]
    assert (made.state, made.response_status, made.error) == ("failed", 400, "The server answered 400.")


def test_retry_after_is_honoured(outbox: Outbox, receiver: Receiver) -> None:
    receiver.answer = lambda number: (429, {"Retry-After": "3600"})
    (call,) = outbox.webhook(receiver.url)
    outbox.work()
    assert outbox.made()[call].next_at == NOW + timedelta(hours=1)


def test_nobody_listens_and_it_is_tried_again(outbox: Outbox) -> None:
    (call,) = outbox.webhook(f"http://127.0.0.1:{free_port()}/")
    outbox.work()
    made = outbox.made()[call]
    assert (made.state, made.response_status) == ("planned", None)
    assert "can't be reached" in (made.error or "")


def test_a_server_that_does_not_answer_is_not_waited_for(
    outbox: Outbox, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_posting, "TOTAL", 0.2)
    (call,) = outbox.webhook(receiver.url)
    with receiver.silent():
        outbox.work()
    made = outbox.made()[call]
    assert (made.state, made.error) == ("planned", "The server did not answer in time.")


def test_a_long_answer_is_an_answer(outbox: Outbox, receiver: Receiver) -> None:
    receiver.content = b"x" * 20_000_000
    (call,) = outbox.webhook(receiver.url)
    outbox.work()
    assert outbox.states()[call] == "done"


def test_redirects_are_not_followed(outbox: Outbox, receiver: Receiver) -> None:
    receiver.answer = lambda number: (307, {"Location": receiver.url})
    (call,) = outbox.webhook(receiver.url)
    outbox.work()
    assert len(receiver.got) == 1
    made = outbox.made()[call]
    assert (made.state, made.response_status) == ("failed", 307)
    assert "redirects" in (made.error or "")


def test_private_addresses_are_refused_however_they_are_named(outbox: Outbox, receiver: Receiver) -> None:
    port = receiver.port
    names = Names(inside=["127.0.0.1"], mixed=["93.184.215.14", "127.0.0.1"])
    urls = [
        f"http://127.0.0.1:{port}/", f"http://inside.example:{port}/", f"http://mixed.example:{port}/",
        f"http://[::ffff:127.0.0.1]:{port}/", f"http://2130706433:{port}/", f"http://127.1:{port}/",
        f"http://１２７.0.0.1:{port}/", "http://169.254.169.254/", f"ftp://127.0.0.1:{port}/", "nonsense",
    ]  # fmt: skip
    for url in urls:
        outbox.webhook(url)
    outbox.work(private=False, resolver=names)
    assert receiver.got == []
    assert {made.state for made in outbox.made().values()} == {"failed"}
    assert {made.attempts for made in outbox.made().values()} == {1}
    assert all(made.error for made in outbox.made().values())


def test_a_name_that_leads_to_an_allowed_address_is_called_there(outbox: Outbox, receiver: Receiver) -> None:
    (call,) = outbox.webhook(f"http://inside.example:{receiver.port}/")
    outbox.work(resolver=Names(inside=["127.0.0.1"]))
    assert outbox.states()[call] == "done"
    assert receiver.got[0].headers["Host"] == f"inside.example:{receiver.port}"


def test_what_cannot_be_rendered_fails_and_says_why(outbox: Outbox, receiver: Receiver) -> None:
    (broken,) = outbox.webhook(receiver.url, body={"x": "{{ event.order_id | nonsense }}"})
    (impossible,) = outbox.webhook(receiver.url, body={"x": "{% coupon_code 'NONE' %}"})
    (fine,) = outbox.webhook(receiver.url, body={"order": ["{{ event.order_id }}", 7]})
    outbox.work()
    made = outbox.made()
    assert [made[call].state for call in (broken, impossible, fine)] == ["failed", "failed", "done"]
    assert "nonsense" in (made[broken].error or "")
    assert "NONE" in (made[impossible].error or "")
    assert [orjson.loads(got.body) for got in receiver.got] == [{"order": ["A-1", 7]}]


# ── hosts in trouble ────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_host_that_keeps_failing_is_left_alone_then_probed(outbox: Outbox, receiver: Receiver) -> None:
    receiver.answer = lambda number: (503, {})
    outbox.webhook(receiver.url, 20)
    outbox.work()
    tried = len(receiver.got)
    assert 10 <= tried < 14
    waiting = [made for made in outbox.made().values() if made.attempts == 0]
    assert len(waiting) == 20 - tried
    assert all(made.host_rests_until == NOW + timedelta(minutes=5) for made in waiting)

    outbox.hands.advance(minutes=4)
    outbox.work()
    assert len(receiver.got) == tried

    outbox.hands.advance(minutes=1)
    outbox.work()
    assert len(receiver.got) == tried + 1
    assert {made.host_rests_until for made in outbox.made().values()} == {NOW + timedelta(minutes=15)}

    receiver.answer = lambda number: (200, {})
    outbox.hands.advance(minutes=10)
    outbox.work()
    assert set(outbox.states().values()) == {"done"}


def test_other_hosts_and_other_workspaces_do_not_wait_for_it(outbox: Outbox, receiver: Receiver) -> None:
    outbox.webhook(f"http://127.0.0.1:{free_port()}/", 30)
    with receiving() as other:
        (call,) = outbox.webhook(other.url)
        outbox.work()
        assert outbox.states()[call] == "done"


def test_two_workers_share_the_work(outbox: Outbox, receiver: Receiver) -> None:
    made = outbox.webhook(receiver.url, 60)
    outbox.work(workers=2)
    assert set(outbox.states().values()) == {"done"}
    deliveries = [got.headers["Headwater-Delivery"] for got in receiver.got]
    assert sorted(deliveries) == sorted(call_signing.delivery_id(outbox.workspace, call) for call in made)


# ── workers that go away ────────────────────────────────────────────────────────────────────────────────────────────
def test_a_clean_stop_gives_back_what_is_being_called(
    outbox: Outbox, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "_DRAIN", 0.1)
    (call,) = outbox.webhook(receiver.url)
    with receiver.silent():
        outbox.work(lambda: len(receiver.got) == 1)
    made = outbox.made()[call]
    assert (made.state, made.attempts, made.error) == ("planned", 0, None)

    outbox.work()
    assert outbox.states()[call] == "done"
    assert len({got.headers["Headwater-Delivery"] for got in receiver.got}) == 1


def test_an_answer_outlives_a_database_that_is_away(outbox: Outbox, receiver: Receiver) -> None:
    opened: list[Connection] = []
    refusals = iter([True, True, False])

    def connect() -> Connection:
        if opened and next(refusals, False):
            raise psycopg.OperationalError("the server is away")
        opened.append(database.connect())
        return opened[-1]

    def answer(number: int) -> tuple[int, dict[str, str]]:
        with database.connect(autocommit=True) as killer:
            killer.execute("SELECT pg_terminate_backend(%s)", (opened[-1].info.backend_pid,))
        return 200, {}

    receiver.answer = answer
    (call,) = outbox.webhook(receiver.url)
    outbox.work(connect=connect)
    assert outbox.states()[call] == "done"
    assert len(receiver.got) == 1
    assert len(opened) == 2


# ── notices ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_notice_reaches_the_team(outbox: Outbox, mailbox: TeamMailbox) -> None:
    call = outbox.notice(
        "ann@team.example", "bob@team.example",
        subject="Order {{ event.order_id }} —\n{{ organization.name }}",
        text="Total: {{ event.total }}\n.\nGrüße",
    )  # fmt: skip
    outbox.work(mail=mailbox.target)

    assert outbox.states()[call] == "done"
    assert sorted(address for address, _ in mailbox.got) == ["ann@team.example", "bob@team.example"]
    email = message_from_bytes(mailbox.got[0][1], policy=policy.default)
    assert email["Subject"] == "Order A-1 — Juniper"
    assert email["From"] == "Juniper <hello@juniper.example>"
    assert email["To"] == "ann@team.example, bob@team.example"
    assert email["Auto-Submitted"] == "auto-generated"
    assert email["Date"].datetime == NOW
    assert email.get_content_type() == "text/plain"
    assert email.get_content().splitlines() == ["Total: 12.5", ".", "Grüße"]


def test_who_has_the_note_does_not_get_it_again(outbox: Outbox, mailbox: TeamMailbox) -> None:
    mailbox.refused = {"busy@team.example": "451 4.7.1 Later", "gone@team.example": "550 5.1.1 No such user"}
    call = outbox.notice("ann@team.example", "busy@team.example", "gone@team.example")
    outbox.work(mail=mailbox.target)
    assert outbox.states()[call] == "planned"

    mailbox.refused.pop("busy@team.example")
    outbox.hands.advance(minutes=1)
    outbox.work(mail=mailbox.target)
    made = outbox.made()[call]
    assert (made.state, made.attempts) == ("done", 2)
    assert "gone@team.example: 550" in (made.error or "")
    assert sorted(address for address, _ in mailbox.got) == ["ann@team.example", "busy@team.example"]


def test_a_notice_that_nobody_can_get_fails(outbox: Outbox, mailbox: TeamMailbox, conn: Connection) -> None:
    mailbox.refused = {"gone@team.example": "550 5.1.1 No such user"}
    refused = outbox.notice("gone@team.example")
    outbox.work(mail=mailbox.target)
    assert outbox.states()[refused] == "failed"

    conn.execute("UPDATE workspace SET from_email = '' WHERE id = %s", (outbox.workspace,))
    nameless = outbox.notice("ann@team.example")
    outbox.work(mail=mailbox.target)
    made = outbox.made()[nameless]
    assert made.state == "failed"
    assert "From address" in (made.error or "")


def test_a_mail_server_that_is_away_is_tried_again(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headwater.flows.calls.notices.PATIENCE", 0.2)
    call = outbox.notice("ann@team.example")
    outbox.work()
    made = outbox.made()[call]
    assert made.state == "planned"
    assert "can't be reached" in (made.error or "")


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_nobody_is_called_about_an_erased_person(outbox: Outbox, receiver: Receiver, conn: Connection) -> None:
    erased, stays = outbox.person(), outbox.person()
    outbox.plan("webhook", {"url": receiver.url}, person=erased)
    (kept,) = outbox.plan("webhook", {"url": receiver.url}, person=stays)
    profiles.erase(conn, outbox.workspace, [erased], NOW)
    conn.commit()
    assert list(outbox.made()) == [kept]
    outbox.work()
    assert len(receiver.got) == 1


def test_calls_follow_a_merged_person(outbox: Outbox, receiver: Receiver, conn: Connection) -> None:
    source, survivor = outbox.person(), outbox.person()
    outbox.plan("webhook", {"url": receiver.url}, person=source)
    merging.merge(conn, outbox.workspace, survivor, source, NOW)
    conn.commit()
    outbox.work()
    assert [made.profile_id for made in outbox.made().values()] == [survivor]
    assert orjson.loads(receiver.got[0].body)["profile"]["id"] == survivor


def test_a_person_who_is_gone_is_not_called_about(outbox: Outbox, receiver: Receiver, conn: Connection) -> None:
    (call,) = outbox.webhook(receiver.url)
    conn.execute("DELETE FROM profile WHERE workspace_id = %s", (outbox.workspace,))
    conn.commit()
    outbox.work()
    assert receiver.got == []
    assert (outbox.states()[call], outbox.made()[call].error) == ("failed", "The person is gone.")
