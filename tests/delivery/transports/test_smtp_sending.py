"""The pool against a real SMTP server: bytes arrive as they were, refusals are per message, TLS and log-in hold."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import uvloop
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from headwater.delivery.transports.parcel import dot_stuffed
from headwater.delivery.transports.smtp import Limits, Parcel, SmtpPool, SmtpTarget, Verdict

FAST = Limits(connect=5, greeting=5, command=5, final=5, idle=5, quit=1, first_pause=0.01, longest_pause=0.05)
LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}


class Mailroom:
    """aiosmtpd's handler: keeps what comes, and says no to addresses that ask for it."""

    def __init__(self, pipelining: bool = True) -> None:
        self.pipelining = pipelining
        self.received: dict[str, bytes] = {}
        self.encrypted: list[bool] = []
        self.users: list[object] = []
        self.names: set[str] = set()

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]] if self.pipelining else responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address.startswith("unwelcome@"):
            return "550 5.7.1 we do not take mail from you"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address.startswith("gone"):
            return "550 5.1.1 no such user"
        if address.startswith("full"):
            return "452 4.2.2 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        [address] = envelope.rcpt_tos
        if address.startswith("spam"):
            return "554 5.7.1 no spam"
        assert address not in self.received
        self.received[address] = envelope.original_content
        self.encrypted.append(session.ssl is not None)
        self.users.append(session.auth_data)
        self.names.add(session.host_name)
        return "250 2.0.0 queued"


@contextlib.contextmanager
def serving(mailroom: Mailroom, *, implicit: ssl.SSLContext | None = None, **options: Any) -> Iterator[int]:
    """aiosmtpd in its own thread; its port."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(
        loop.create_server(lambda: SMTP(mailroom, loop=loop, **options), "127.0.0.1", 0, ssl=implicit)
    )
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


def parcel(
    rcpt: str, message: bytes = b"Subject: x\r\n\r\nhello\r\n", mail_from: str = "hello@juniper.example"
) -> Parcel:
    return Parcel(rcpt, mail_from, rcpt, (dot_stuffed(message),))


def deliver(
    url: str,
    parcels: list[Parcel],
    *,
    loop: str = "uvloop",
    connections: int = 2,
    limits: Limits = FAST,
    **options: Any,
) -> dict[str, Verdict]:
    """Send them all; the verdict on each recipient."""
    waiting = deque(parcels)
    verdicts: dict[str, Verdict] = {}

    async def main() -> None:
        finished = asyncio.Event()

        def on_verdict(parcel: Parcel, verdict: Verdict) -> None:
            assert parcel.rcpt not in verdicts
            verdicts[parcel.rcpt] = verdict
            if len(verdicts) == len(parcels):
                finished.set()

        pool = SmtpPool(
            SmtpTarget.from_url(url),
            connections,
            lambda: waiting.popleft() if waiting else None,
            on_verdict,
            limits=limits,
            **options,
        )
        running = asyncio.create_task(pool.run())
        async with asyncio.timeout(20):
            await finished.wait()
        await pool.close()
        await running
        assert pool.open_connections == 0

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(main())
    return verdicts


def problem_of(url: str, **options: Any) -> str:
    """What the pool says about a server that it can't use; it must not have pulled anything."""

    async def main() -> str:
        def pulled() -> None:
            raise AssertionError("pulled although no connection works")

        pool = SmtpPool(SmtpTarget.from_url(url), 2, pulled, lambda parcel, verdict: None, limits=FAST, **options)
        running = asyncio.create_task(pool.run())
        async with asyncio.timeout(10):
            while pool.problem is None:
                await asyncio.sleep(0.005)
        assert not pool.working
        await pool.close()
        await running
        return pool.problem

    with asyncio.Runner() as runner:
        return runner.run(main())


@pytest.fixture(params=["asyncio", "uvloop"])
def loop(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[True, False], ids=["pipelining", "lock-step"])
def mailroom(request: pytest.FixtureRequest) -> Mailroom:
    return Mailroom(bool(request.param))


NASTY = {
    "dots@example.com": b"Subject: x\r\n\r\n.\r\n..\r\n.leading\r\nmid.dle\r\n.\r\nMAIL FROM:<evil@example.com>\r\n",
    "long@example.com": b"Subject: x\r\n\r\n" + (b"y" * 900 + b"\r\n") * 3000,
    "tiny@example.com": b"A: b\r\n",
    "blank@example.com": b"Subject: x\r\n\r\n\r\n\r\n",
}


def test_every_message_arrives_byte_for_byte(mailroom: Mailroom, loop: str) -> None:
    with serving(mailroom) as port:
        verdicts = deliver(
            f"smtp://127.0.0.1:{port}", [parcel(rcpt, message) for rcpt, message in NASTY.items()], loop=loop
        )

    assert {verdict.outcome for verdict in verdicts.values()} == {"accepted"}
    assert mailroom.received == NASTY


def test_a_refusal_concerns_one_message_only(mailroom: Mailroom, loop: str) -> None:
    names = [f"{kind}{number}@example.com" for number in range(15) for kind in ("ok", "gone", "full", "spam")]
    parcels = [parcel(name) for name in names] + [parcel("x@example.com", mail_from="unwelcome@juniper.example")]

    with serving(mailroom) as port:
        verdicts = deliver(f"smtp://127.0.0.1:{port}", parcels, loop=loop, connections=3)

    assert sorted(mailroom.received) == sorted(name for name in names if name.startswith("ok"))
    said = {name[:2]: (verdict.outcome, verdict.code, verdict.enhanced) for name, verdict in verdicts.items()}
    assert said == {
        "ok": ("accepted", 250, None),
        "go": ("refused", 550, "5.1.1"),
        "fu": ("deferred", 452, "4.2.2"),
        "sp": ("refused", 554, "5.7.1"),
        "x@": ("refused", 550, "5.7.1"),
    }
    assert all(verdict.tried for verdict in verdicts.values())


def test_bad_addresses_never_reach_the_wire(mailroom: Mailroom) -> None:
    with serving(mailroom) as port:
        verdicts = deliver(
            f"smtp://127.0.0.1:{port}",
            [parcel("a@example.com"), parcel("b@example.com>\r\nRCPT TO:<c@example.com"), parcel("d@example.com")],
        )

    assert sorted(mailroom.received) == ["a@example.com", "d@example.com"]
    assert sorted(verdict.outcome for verdict in verdicts.values()) == ["accepted", "accepted", "refused"]


@pytest.mark.parametrize("name", ["mail.shop.example", None])
def test_we_say_who_we_are(name: str | None, mailroom: Mailroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "laptop")
    with serving(mailroom) as port:
        deliver(f"smtp://127.0.0.1:{port}", [parcel("ann@example.com")], helo=name)

    assert mailroom.names == {name or "[127.0.0.1]"}


def test_a_rate_is_kept(mailroom: Mailroom) -> None:
    with serving(mailroom) as port:
        started = datetime.now(UTC)
        deliver(f"smtp://127.0.0.1:{port}", [parcel(f"p{n}@example.com") for n in range(20)], rate=40)
        seconds = (datetime.now(UTC) - started).total_seconds()

    assert len(mailroom.received) == 20
    assert seconds >= (20 - 10) / 40 * 0.95  # a burst of a quarter second is free


# -- encryption and log-in ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1, with its key, as one PEM file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def letters(number: int = 12) -> list[Parcel]:
    return [parcel(f"p{n}@example.com", b"Subject: x\r\n\r\n" + (b"z" * 70 + b"\r\n") * 700) for n in range(number)]


def test_starttls_is_used_when_offered(tls: ssl.SSLContext, mailroom: Mailroom, loop: str) -> None:
    with serving(mailroom, tls_context=tls) as port:
        deliver(f"smtp://127.0.0.1:{port}", letters(), loop=loop)

    assert mailroom.encrypted == [True] * 12


def test_required_starttls_wants_a_valid_certificate(tls: ssl.SSLContext, certificate: Path, loop: str) -> None:
    mailroom = Mailroom()
    with serving(mailroom, tls_context=tls) as port:
        problem = problem_of(f"smtp+starttls://127.0.0.1:{port}")
        deliver(f"smtp+starttls://127.0.0.1:{port}?ca={certificate}", letters(), loop=loop)

    assert "certificate" in problem
    assert mailroom.encrypted == [True] * 12


def test_implicit_tls_wants_a_valid_certificate(tls: ssl.SSLContext, certificate: Path, loop: str) -> None:
    mailroom = Mailroom()
    with serving(mailroom, implicit=tls) as port:
        problem = problem_of(f"smtps://127.0.0.1:{port}")
        verdicts = deliver(f"smtps://127.0.0.1:{port}?ca={certificate}", letters(), loop=loop)

    assert "certificate" in problem
    assert {verdict.outcome for verdict in verdicts.values()} == {"accepted"}


def test_nothing_is_sent_in_clear_when_starttls_is_required() -> None:
    with serving(Mailroom()) as port:
        assert "STARTTLS" in problem_of(f"smtp+starttls://127.0.0.1:{port}")


def knows_ann(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"ann@shop", b"p/s:s")
    return AuthResult(success=right, handled=False, auth_data=data.login if right else None)


@pytest.mark.parametrize("excluded", [["LOGIN"], ["PLAIN"]], ids=["plain", "login"])
def test_log_in(excluded: list[str], mailroom: Mailroom) -> None:
    options: dict[str, Any] = {
        "authenticator": knows_ann,
        "auth_require_tls": False,
        "auth_required": True,
        "auth_exclude_mechanism": excluded,
    }
    with serving(mailroom, **options) as port:
        deliver(f"smtp://ann%40shop:p%2Fs%3As@127.0.0.1:{port}", letters())

    assert mailroom.users == [b"ann@shop"] * 12


def test_a_wrong_password_is_a_problem_that_does_not_show_it(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(Mailroom(), authenticator=knows_ann, auth_require_tls=False) as port:
        problem = problem_of(f"smtp://ann:geheim@127.0.0.1:{port}")

    printed = capsys.readouterr()
    assert "535" in problem
    assert "geheim" not in problem + printed.out + printed.err


def test_without_log_in_where_one_is_needed_messages_wait_and_are_not_lost() -> None:
    with serving(Mailroom(), authenticator=knows_ann, auth_require_tls=False, auth_required=True) as port:
        verdicts = deliver(f"smtp://127.0.0.1:{port}", letters(3))

    assert {(verdict.outcome, verdict.code) for verdict in verdicts.values()} == {("deferred", 530)}
