"""The pool against a server that misbehaves at will: every parcel gets exactly one verdict, and never a wrong one."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import Callable

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.delivery.transports.smtp import Limits, Parcel, SmtpPool, SmtpTarget, Verdict

QUICK = Limits(connect=2, greeting=0.2, command=0.2, final=0.2, idle=5, quit=0.2, first_pause=0.001, longest_pause=0.01)
PATIENT = Limits(first_pause=0.001, longest_pause=0.01)

DROP, HANG, RESET = "drop", "hang", "reset"
"""Fates beside a reply in bytes: close after what was written, never answer, close with a reset."""
Fate = bytes | str
GOOD: dict[str, bytes] = {
    "connect": b"220 fake ESMTP\r\n",
    "EHLO": b"250-fake\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
    "DATA": b"354 go on\r\n",
    "QUIT": b"221 bye\r\n",
    "dot": b"250 2.0.0 taken\r\n",
}


class Server:
    """Speaks SMTP; `fate(event, number)` may replace the reply to the number-th event of that kind (from 1)."""

    def __init__(
        self,
        fate: Callable[[str, int], Fate | None] = lambda event, number: None,
        pipelining: bool = True,
        strict: bool = False,
    ) -> None:
        """`strict`: DATA without a recipient is refused, as most servers do; else it gets a 354, as RFC 2920 allows."""
        self.fate = fate
        self.strict = strict
        self.pipelining = pipelining
        self.seen: Counter[str] = Counter()
        self.said_yes: list[str] = []
        """Recipients whose message was answered with 250."""
        self.had_body: list[str] = []
        """Recipients whose whole message arrived."""
        self.open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Server:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in tuple(self.open):
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._converse(reader, writer)
        self.open.discard(writer)
        writer.close()

    async def _answer(self, event: str, writer: asyncio.StreamWriter, usual: bytes | None = None) -> bytes:
        self.seen[event] += 1
        fate = self.fate(event, self.seen[event])
        if fate in (DROP, RESET):
            if fate == RESET:
                writer.transport.abort()
            raise ConnectionError
        if fate == HANG:
            await asyncio.Event().wait()
        reply = fate if isinstance(fate, bytes) else usual or GOOD.get(event, b"250 ok\r\n")
        if event == "EHLO" and not self.pipelining:
            reply = b"250 fake\r\n"
        for piece in (reply[:5], reply[5:]):  # replies come in pieces too
            writer.write(piece)
            await asyncio.sleep(0)
        return reply

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._answer("connect", writer)
        recipient, sender, ready = "", False, False
        while line := await reader.readline():
            verb = line[:4].decode("ascii", "replace").upper()
            if verb == "RCPT":
                recipient = line.decode().partition("<")[2].partition(">")[0]
            out_of_order = (verb == "RCPT" and not sender) or (verb == "DATA" and self.strict and not ready)
            reply = await self._answer(verb, writer, b"503 5.5.1 out of order\r\n" if out_of_order else None)
            if verb in ("MAIL", "RSET"):
                sender, ready = verb == "MAIL" and reply.startswith(b"2"), False
            if verb == "RCPT":
                ready = reply.startswith(b"2")
            if verb == "DATA" and reply.startswith(b"354"):
                body = await reader.readuntil(b".\r\n")
                while not (body == b".\r\n" or body.endswith(b"\r\n.\r\n")):
                    body += await reader.readuntil(b".\r\n")
                if body == b".\r\n":
                    assert not ready, "an empty message for a recipient that was accepted"
                    writer.write(b"554 no valid recipients\r\n")
                    continue
                assert ready, "a body although the recipient was refused"
                self.had_body.append(recipient)
                if (await self._answer("dot", writer)).startswith(b"250"):
                    self.said_yes.append(recipient)
            if verb == "QUIT":
                return


class Run:
    """A pool at work on `number` parcels, with what became of them."""

    def __init__(self, port: int, number: int, connections: int, limits: Limits) -> None:
        self.waiting = deque(
            Parcel(n, "hello@juniper.example", f"p{n}@example.com", (b"Subject: x\r\n\r\n", b"body\r\n" * 50))
            for n in range(number)
        )
        self.number = number
        self.verdicts: list[tuple[str, Verdict]] = []
        self.finished = asyncio.Event()
        self.changed = asyncio.Event()
        target = SmtpTarget("127.0.0.1", port)
        self.pool = SmtpPool(target, connections, self._next, self._verdict, limits=limits)
        self.task = asyncio.create_task(self.pool.run())

    def _next(self) -> Parcel | None:
        return self.waiting.popleft() if self.waiting else None

    def _verdict(self, parcel: Parcel, verdict: Verdict) -> None:
        self.verdicts.append((parcel.rcpt, verdict))
        self.changed.set()
        if len(self.verdicts) == self.number:
            self.finished.set()

    async def to_the_end(self) -> dict[str, Verdict]:
        async with asyncio.timeout(20):
            await self.finished.wait()
        return await self.stop()

    async def stop(self, drain: float = 5.0) -> dict[str, Verdict]:
        await self.pool.close(drain)
        await self.task
        by_recipient = dict(self.verdicts)
        assert len(by_recipient) == len(self.verdicts), "two verdicts on one parcel"
        return by_recipient

    def outcomes(self) -> Counter[str]:
        return Counter(verdict.outcome for _, verdict in self.verdicts)


def check(server: Server, verdicts: dict[str, Verdict]) -> None:
    """No verdict contradicts what the server knows."""
    assert len(server.said_yes) == len(set(server.said_yes)), "a message was taken twice"
    assert len(server.had_body) == len(set(server.had_body)), "a message was sent twice"
    for recipient, verdict in verdicts.items():
        if verdict.outcome == "accepted":
            assert recipient in server.said_yes
        elif recipient in server.said_yes:
            assert verdict.outcome == "unknown"
        if recipient in server.had_body:
            assert verdict.outcome in ("accepted", "unknown") or verdict.code is not None
        if not verdict.tried:
            assert recipient not in server.had_body


def run(
    fate: Callable[[str, int], Fate | None] = lambda event, number: None,
    *,
    number: int = 12,
    connections: int = 1,
    limits: Limits = QUICK,
    pipelining: bool = True,
    strict: bool = False,
) -> tuple[Server, dict[str, Verdict]]:
    """All parcels to a server with that fate; the server and the verdicts."""

    async def main() -> tuple[Server, dict[str, Verdict]]:
        async with Server(fate, pipelining, strict) as server:
            verdicts = await Run(server.port, number, connections, limits).to_the_end()
        check(server, verdicts)
        return server, verdicts

    return uvloop.run(main())


def at(event: str, number: int, fate: Fate) -> Callable[[str, int], Fate | None]:
    return lambda seen, count: fate if (seen, count) == (event, number) else None


def outcomes(verdicts: dict[str, Verdict]) -> dict[str, int]:
    return dict(Counter(verdict.outcome for verdict in verdicts.values()))


@pytest.mark.parametrize("fate", [DROP, RESET, HANG, b"421 too busy\r\n", b"\xff\xfenonsense\r\n"])
@pytest.mark.parametrize("event", ["connect", "EHLO"])
def test_trouble_before_the_first_message_costs_no_message(event: str, fate: Fate) -> None:
    _, verdicts = run(at(event, 1, fate))

    assert outcomes(verdicts) == {"accepted": 12}


@pytest.mark.parametrize("behind", [b"250 injected\r\n", b"250-inj"])
def test_plain_text_behind_starttls_is_not_believed(behind: bytes) -> None:
    def fate(event: str, number: int) -> Fate | None:
        if event == "EHLO" and number == 1:
            return b"250-fake\r\n250 STARTTLS\r\n"
        return b"220 go on\r\n" + behind if event == "STAR" else None

    server, verdicts = run(fate)

    assert outcomes(verdicts) == {"accepted": 12}
    assert server.seen["connect"] == 2


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize("fate", [DROP, RESET, HANG, b"421 too many messages\r\n"])
def test_a_message_whose_mail_was_never_answered_goes_over_another_connection(fate: Fate, pipelining: bool) -> None:
    _, verdicts = run(at("MAIL", 5, fate), pipelining=pipelining)

    assert "accepted" in outcomes(verdicts)
    assert outcomes(verdicts).get("deferred", 0) == 0


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize("fate", [DROP, HANG, b"421 closing\r\n", b"what?\r\n"])
def test_lost_before_the_final_dot_is_deferred(fate: Fate, pipelining: bool) -> None:
    _, verdicts = run(at("DATA", 5, fate), pipelining=pipelining)

    assert outcomes(verdicts) == {"accepted": 11, "deferred": 1}


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize("fate", [DROP, HANG, b"what?\r\n"])
def test_lost_after_the_final_dot_is_unknown(fate: Fate, pipelining: bool) -> None:
    _, verdicts = run(at("dot", 5, fate), pipelining=pipelining)

    assert outcomes(verdicts) == {"accepted": 11, "unknown": 1}


def test_dismissed_after_the_final_dot_is_a_sure_no() -> None:
    _, verdicts = run(at("dot", 5, b"421 4.3.2 shutting down\r\n"))

    assert outcomes(verdicts) == {"accepted": 11, "deferred": 1}


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("event", ["MAIL", "RCPT", "DATA", "dot"])
def test_a_refusal_at_any_stage_leaves_the_connection_usable(event: str, strict: bool, pipelining: bool) -> None:
    server, verdicts = run(
        lambda seen, count: b"550 no\r\n" if seen == event and count % 3 == 0 else None,
        pipelining=pipelining,
        strict=strict,
    )

    assert outcomes(verdicts) == {"accepted": 8, "refused": 4}
    assert server.seen["connect"] == 1


def test_replies_of_many_lines_are_one_reply() -> None:
    _, verdicts = run(at("dot", 2, b"550-5.1.1 No such user\r\n550-5.1.1 here\r\n550 5.1.1 at all\r\n"))

    [refused] = [verdict for verdict in verdicts.values() if verdict.outcome == "refused"]
    assert (refused.code, refused.enhanced) == (550, "5.1.1")
    assert refused.reply == "5.1.1 No such user\n5.1.1 here\n5.1.1 at all"


@pytest.mark.parametrize("noise", [b"250-" + b"x" * 20_000, b"y" * 20_000, b"250-again\r\n" * 500])
def test_a_reply_without_end_is_cut_off(noise: bytes) -> None:
    _, verdicts = run(at("dot", 3, noise))

    assert outcomes(verdicts) == {"accepted": 11, "unknown": 1}


def test_a_server_that_hangs_up_after_each_message_loses_none() -> None:
    """Drops the connection at the second MAIL it sees, whose envelope rode behind the first message."""
    per_connection: Counter[int] = Counter()
    server_connects = 0

    def fate(event: str, number: int) -> Fate | None:
        nonlocal server_connects
        if event == "connect":
            server_connects += 1
        if event == "MAIL":
            per_connection[server_connects] += 1
            if per_connection[server_connects] == 2:
                return b"421 4.7.0 one message only\r\n"
        return None

    server, verdicts = run(fate)

    assert outcomes(verdicts) == {"accepted": 12}
    assert server.seen["connect"] == 12


@pytest.mark.parametrize("pipelining", [True, False])
def test_a_connection_is_renewed_after_so_many_messages(pipelining: bool) -> None:
    server, verdicts = run(number=10, limits=Limits(messages=3), pipelining=pipelining)

    assert outcomes(verdicts) == {"accepted": 10}
    assert (server.seen["connect"], server.seen["MAIL"]) == (4, 10)


def test_a_message_nobody_asks_about_is_given_up_in_the_end() -> None:
    _, verdicts = run(lambda event, number: DROP if event == "MAIL" else None, number=3)

    assert outcomes(verdicts) == {"deferred": 3}


def test_when_the_server_goes_away_nothing_is_pulled_and_it_goes_on_when_it_is_back() -> None:
    async def main() -> None:
        async with Server() as server:
            run = Run(server.port, 400, 2, PATIENT)
            await run.changed.wait()
            server._server.close()
            for writer in tuple(server.open):
                writer.transport.abort()
            async with asyncio.timeout(10):
                while run.pool.working:
                    await asyncio.sleep(0.001)
            left = len(run.waiting)
            in_hand = run.number - left - len(run.verdicts)
            assert left > 0
            assert in_hand == 0, "parcels are kept while there is no server"
            back = await asyncio.start_server(server._talk, "127.0.0.1", server.port)
            verdicts = await run.to_the_end()
            back.close()
        check(server, verdicts)
        assert outcomes(verdicts)["accepted"] >= left

    uvloop.run(main())


def test_idle_connections_are_closed_politely_and_opened_again_when_woken() -> None:
    async def main() -> None:
        async with Server() as server:
            run = Run(server.port, 4, 1, Limits(idle=0.02, first_pause=0.001))
            held_back = [run.waiting.pop() for _ in range(2)]
            async with asyncio.timeout(10):
                while server.seen["QUIT"] < 1:
                    await asyncio.sleep(0.005)
                run.waiting.extend(held_back)
                run.pool.wake()
                verdicts = await run.to_the_end()
        assert outcomes(verdicts) == {"accepted": 4}
        assert server.seen["connect"] >= 2
        assert run.pool.problem is None

    uvloop.run(main())


def test_a_server_that_closes_an_idle_connection_is_no_problem() -> None:
    async def main() -> None:
        async with Server() as server:
            run = Run(server.port, 4, 1, PATIENT)
            held_back = [run.waiting.pop() for _ in range(2)]
            async with asyncio.timeout(10):
                while len(run.verdicts) < 2:
                    await asyncio.sleep(0.001)
                for writer in tuple(server.open):
                    writer.write(b"421 idle for too long\r\n")
                    writer.close()
                while run.pool.open_connections:
                    await asyncio.sleep(0.001)
                assert run.pool.problem is None
                run.waiting.extend(held_back)
                run.pool.wake()
                verdicts = await run.to_the_end()
        assert outcomes(verdicts) == {"accepted": 4}

    uvloop.run(main())


def test_closing_finishes_what_is_in_hand_and_leaves_the_rest() -> None:
    async def main() -> None:
        async with Server() as server:
            run = Run(server.port, 1000, 3, PATIENT)
            await run.changed.wait()
            verdicts = await run.stop()
        check(server, verdicts)
        assert outcomes(verdicts) == {"accepted": len(verdicts)}
        assert len(verdicts) + len(run.waiting) == 1000

    uvloop.run(main())


def test_closing_does_not_wait_for_ever() -> None:
    async def main() -> None:
        async with Server(lambda event, number: HANG if event == "dot" else None) as server:
            run = Run(server.port, 50, 3, PATIENT)
            async with asyncio.timeout(10):
                while len(server.had_body) < 3:
                    await asyncio.sleep(0.001)
            verdicts = await run.stop(drain=0.01)
        check(server, verdicts)
        assert outcomes(verdicts)["unknown"] == 3
        assert len(verdicts) + len(run.waiting) == 50
        assert len(verdicts) <= 6, "at most two parcels a connection are in hand"

    uvloop.run(main())


def test_cancelling_gives_a_verdict_on_all_that_is_in_hand() -> None:
    async def main() -> None:
        async with Server(lambda event, number: HANG if event == "dot" and number > 5 else None) as server:
            run = Run(server.port, 50, 2, PATIENT)
            async with asyncio.timeout(10):
                while len(server.had_body) < 7:
                    await asyncio.sleep(0.001)
            run.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await run.task
        check(server, dict(run.verdicts))
        assert len(run.verdicts) + len(run.waiting) == 50

    uvloop.run(main())


@pytest.mark.parametrize("where", ["next_parcel", "on_verdict"])
def test_an_error_in_the_callers_code_ends_the_run_with_it(where: str) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("in the caller")

    async def main() -> None:
        async with Server() as server:
            parcel = Parcel(1, "a@b.example", "c@d.example", (b"Subject: x\r\n",))
            waiting = [parcel]
            pool = SmtpPool(
                SmtpTarget("127.0.0.1", server.port),
                1,
                broken if where == "next_parcel" else lambda: waiting.pop() if waiting else None,
                broken,
                limits=PATIENT,
            )
            with pytest.raises(RuntimeError, match="in the caller"):
                async with asyncio.timeout(10):
                    await pool.run()

    uvloop.run(main())


def test_a_server_that_only_defers_is_asked_more_and_more_slowly() -> None:
    async def main() -> None:
        async with Server(lambda event, number: b"451 slow down\r\n" if event == "RCPT" else None) as server:
            run = Run(server.port, 100, 1, Limits(first_pause=3600, longest_pause=3600))
            async with asyncio.timeout(10):
                while len(run.verdicts) < 10:
                    await asyncio.sleep(0.001)
            await run.pool.close()
            assert len(run.verdicts) <= 12
            assert len(run.verdicts) + len(run.waiting) == 100

    uvloop.run(main())


FATES = st.one_of(
    st.none(),
    st.none(),
    st.sampled_from([DROP, RESET, HANG]),
    st.sampled_from(
        [
            b"550 5.1.1 no\r\n",
            b"451 later\r\n",
            b"421 bye\r\n",
            b"250-a\r\n250 b\r\n",
            b"530 log in first\r\n",
            b"nonsense\r\n",
            b"250 ok\r\n250 too much\r\n",
        ]
    ),
)


@settings(max_examples=60, deadline=None)
@given(
    fates=st.lists(FATES, max_size=60),
    number=st.integers(1, 25),
    connections=st.integers(1, 4),
    pipelining=st.booleans(),
    strict=st.booleans(),
)
def test_whatever_the_server_does_every_parcel_gets_one_true_verdict(
    fates: list[Fate | None], number: int, connections: int, pipelining: bool, strict: bool
) -> None:
    script = iter(fates)

    def fate(event: str, count: int) -> Fate | None:
        given = next(script, None)
        if event == "EHLO" and isinstance(given, bytes) and given.startswith(b"250"):
            return None
        if event == "DATA" and isinstance(given, bytes) and given.startswith(b"250"):
            return None
        return given

    limits = Limits(
        connect=2, greeting=0.05, command=0.05, final=0.05, quit=0.05, first_pause=0.001, longest_pause=0.01
    )
    run(fate, number=number, connections=connections, limits=limits, pipelining=pipelining, strict=strict)
