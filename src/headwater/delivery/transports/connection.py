"""One SMTP connection as a state machine: opened in lock step, then one write and one read a message (RFC 2920).

In the steady state a write is the body of this message, the final dot and the next message's MAIL, RCPT and DATA; the
read that follows holds the verdict and the next 354. So at most two parcels are in hand: one whose body is on its way,
and one whose envelope rides behind it. Knows nothing of other connections: it pulls from and reports to its owner.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import Protocol, cast

from headwater.delivery.transports import envelope
from headwater.delivery.transports.handshake import OpeningError, shake_hands
from headwater.delivery.transports.limits import Limits
from headwater.delivery.transports.parcel import Parcel, Verdict
from headwater.delivery.transports.replies import (
    LONGEST_LINE,
    SETUP_CODES,
    Capabilities,
    GarbledReply,
    enhanced_status,
    parse_line,
    text_of,
)
from headwater.delivery.transports.target import SmtpTarget


class Stage:
    """What the next reply answers. Plain numbers: an enum's members would cost a slow look-up for every reply."""

    OPENING = 0
    IDLE = 1
    MAIL = 2
    RCPT = 3
    DATA = 4
    FINAL = 5
    LONE_DOT = 6
    """The end of an empty message: DATA got a 354 although the recipient was refused."""
    RSET = 7
    QUIT = 8
    CLOSED = 9


class Owner(Protocol):
    def pull(self) -> Parcel | None: ...
    def settle(self, parcel: Parcel, verdict: Verdict) -> None: ...
    def hand_back(self, parcel: Parcel, reason: str) -> None:
        """The server was not asked about this parcel: another connection may take it."""

    def rests(self, connection: Connection) -> None: ...
    def lost(self, connection: Connection, reason: str, *, expected: bool) -> None: ...
    def broke(self, error: BaseException) -> None:
        """The owner's own code (pull, settle) raised."""


_DATA = b"DATA\r\n"
_RSET = b"RSET\r\n"
_DOT = b"\r\n.\r\n"
_WAITING = (Stage.MAIL, Stage.RSET)


class Connection(asyncio.Protocol):
    """Feeds itself from its owner until there is nothing left, then rests until `feed` is called."""

    def __init__(self, owner: Owner, target: SmtpTarget, limits: Limits) -> None:
        self._owner = owner
        self._target = target
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._time = self._loop.time
        self._answer: asyncio.Future[tuple[int, str]] = self._loop.create_future()
        self._transport: asyncio.Transport | None = None
        self._server = Capabilities()
        self._tail = b""
        self._lines: list[bytes] = []
        self.stage = Stage.OPENING
        self.fruitful = False
        """Whether the server has given a verdict on any parcel."""
        self._current: Parcel | None = None
        self._next: Parcel | None = None
        self._commands: envelope.Commands = (b"", b"")
        self._spoiled = False
        self._taken = 0
        self._wait = limits.command
        self._deadline = self._time() + limits.greeting
        self._unsent = 0

    # -- opening: lock step, a coroutine (handshake.py) -----------------------------------------------------------

    async def open(self, tls: ssl.SSLContext, helo: str | None) -> None:
        """Everything before the first message. Raises OpeningError, OSError or TimeoutError."""
        self._server = await shake_hands(self, self._target, tls, helo)
        if self.stage == Stage.CLOSED:
            raise ConnectionResetError("The mail server closed the connection.")
        self._await(Stage.IDLE, self._limits.idle)

    async def greeting(self) -> tuple[int, str]:
        async with asyncio.timeout(self._limits.greeting):
            return await self._answer

    async def ask(self, command: bytes) -> tuple[int, str]:
        assert self._transport is not None
        if self.stage == Stage.CLOSED:
            raise ConnectionResetError("The mail server closed the connection.")
        self._answer = self._loop.create_future()
        self._transport.write(command)
        async with asyncio.timeout(self._limits.command):
            return await self._answer

    async def encrypt(self, tls: ssl.SSLContext) -> None:
        if self._tail or self._lines:
            raise OpeningError("The mail server sent plain text behind its answer to STARTTLS.")
        assert self._transport is not None
        self._transport = await self._loop.start_tls(
            self._transport, self, tls, server_hostname=self._target.host, ssl_handshake_timeout=self._limits.greeting
        )

    def own_address(self) -> str:
        assert self._transport is not None
        return str(self._transport.get_extra_info("sockname")[0])

    # -- what the owner asks ------------------------------------------------------------------------------------

    def feed(self) -> bool:
        """Pull again, from rest. False: there was nothing."""
        return self._start(self._take())

    def quit(self) -> None:
        """Say good-bye, from rest."""
        assert self._transport is not None
        self._transport.write(b"QUIT\r\n")
        self._await(Stage.QUIT, self._limits.quit)

    def expire(self, now: float) -> None:
        """Give up on a server that does not answer in time."""
        assert self._transport is not None
        unsent = self._transport.get_write_buffer_size()
        if unsent != self._unsent:  # a long body is still going out
            self._unsent = unsent
            self._deadline = now + self._wait
        elif now > self._deadline and self.stage != Stage.OPENING:
            if self.stage == Stage.IDLE:
                self.quit()
            else:
                self.abandon("The mail server did not answer in time.")

    def abandon(self, reason: str) -> None:
        """Let go of everything, at once."""
        expected = self.stage in (Stage.IDLE, Stage.QUIT)
        self._let_go(reason)
        if self._transport is not None:
            self._transport.abort()
        self._close(reason, expected=expected)

    # -- asyncio.Protocol ---------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def data_received(self, data: bytes) -> None:
        if self._tail:
            data = self._tail + data
            self._tail = b""
        start = 0
        try:
            while (end := data.find(b"\n", start)) >= 0 and self.stage != Stage.CLOSED:
                line = data[start:end]
                start = end + 1
                code, more = parse_line(line)
                if more or self._lines:
                    self._lines.append(line)
                    if len(self._lines) > 200:
                        raise GarbledReply("a reply without end")
                    if more:
                        continue
                    line = b"\n".join(self._lines)
                    self._lines.clear()
                self._replied(code, line)
            if len(data) - start > LONGEST_LINE:
                raise GarbledReply("a line without end")
        except GarbledReply as error:
            self._garbled(str(error))
        except Exception as error:
            self._owner.broke(error)
        self._tail = data[start:]
        self._deadline = self._time() + self._wait

    def connection_lost(self, exc: Exception | None) -> None:
        expected = self.stage in (Stage.IDLE, Stage.QUIT)
        reason = "The connection to the mail server was lost."
        if not self._answer.done():
            self._answer.set_exception(ConnectionResetError("The mail server closed the connection."))
            self._answer.exception()  # seen: whoever waits for it still gets it
        try:
            self._let_go(reason)
        except Exception as error:
            self._owner.broke(error)
        self._close(reason, expected=expected)

    # -- the conversation ---------------------------------------------------------------------------------------

    def _replied(self, code: int, reply: bytes) -> None:
        stage = self.stage
        if stage == Stage.OPENING:
            if self._answer.done():
                raise GarbledReply("a reply to nothing")
            self._answer.set_result((code, text_of(reply)))
        elif code == 421:
            self._dismissed(reply)
        elif stage == Stage.FINAL:
            self._concluded(code, reply)
        elif stage == Stage.MAIL:
            self._after_mail(code, reply)
        elif stage == Stage.RCPT:
            self._after_rcpt(code, reply)
        elif stage == Stage.DATA:
            self._after_data(code, reply)
        elif stage == Stage.LONE_DOT:
            self._again(reset=True)
        elif stage == Stage.RSET and code == 250:
            if self._current is None:
                self._again()
            else:
                self._await(Stage.MAIL, self._limits.command)
        elif stage == Stage.QUIT:
            assert self._transport is not None
            self._transport.close()
        else:
            raise GarbledReply(f"{code} to nothing")

    def _after_mail(self, code: int, reply: bytes) -> None:
        if code >= 300:
            self._failed(code, reply)
        if self._server.pipelining:
            self.stage = Stage.RCPT
        elif self._spoiled:
            self._again()
        else:
            self._say(self._commands[1], Stage.RCPT)

    def _after_rcpt(self, code: int, reply: bytes) -> None:
        if self._spoiled and code < 300:  # a recipient without a sender: going on might send an empty message
            self.abandon("The mail server accepted a recipient although it refused the sender.")
            return
        if code >= 300 and not self._spoiled:
            self._failed(code, reply)
        if self._server.pipelining:
            self.stage = Stage.DATA
        elif self._spoiled:
            self._again(reset=True)
        else:
            self._say(_DATA, Stage.DATA)

    def _after_data(self, code: int, reply: bytes) -> None:
        if code == 354:
            if self._spoiled:  # RFC 2920 3.1: the server waits for a message all the same
                self._say(b".\r\n", Stage.LONE_DOT)
            else:
                self._send_body()
            return
        if not self._spoiled:
            if code < 400:
                raise GarbledReply(f"{code} to DATA")
            self._failed(code, reply)
        self._again(reset=True)

    def _send_body(self) -> None:
        """The hot line: this body, its final dot and the next envelope in one write."""
        assert self._current is not None
        assert self._transport is not None
        pieces = [*self._current.chunks, _DOT]
        if self._server.pipelining:
            self._next = self._take()
            if self._next is not None:
                pieces += (*self._commands, _DATA)
        self._transport.write(b"".join(pieces))
        self.stage = Stage.FINAL
        self._wait = self._limits.final
        self._unsent = self._transport.get_write_buffer_size()

    def _concluded(self, code: int, reply: bytes) -> None:
        parcel = self._current
        assert parcel is not None
        if 300 <= code < 400:
            raise GarbledReply(f"{code} to the final dot")
        if code >= 400:
            self._failed(code, reply)
            self._spoiled = False
        else:
            self._current = None
            self.fruitful = True
        following, self._next = self._next, None
        if following is not None:
            self._current = following
            self.stage = Stage.MAIL
            self._wait = self._limits.command
        if code < 300:
            self._owner.settle(parcel, Verdict("accepted", code, text_of(reply)))
        if following is None and self.stage != Stage.CLOSED:
            self._again()

    def _failed(self, code: int, reply: bytes) -> None:
        """The server said no to the current parcel. What is already on the wire for it still gets its replies."""
        parcel, self._current = self._current, None
        assert parcel is not None
        self._spoiled = True
        self.fruitful = True
        text = text_of(reply)
        outcome = "refused" if code >= 500 and code not in SETUP_CODES else "deferred"
        self._owner.settle(parcel, Verdict(outcome, code, text, enhanced_status(text)))  # type: ignore[arg-type]

    def _again(self, *, reset: bool = False) -> None:
        """Nothing is open: go on with the next parcel, or rest."""
        self._spoiled = False
        assert self._transport is not None
        if not reset:
            if not self._start(self._take()):
                self._rest()
            return
        self._current = self._take() if self._server.pipelining else None
        rest = (*self._commands, _DATA) if self._current is not None else ()
        self._say(b"".join((_RSET, *rest)), Stage.RSET)

    def _start(self, parcel: Parcel | None) -> bool:
        if parcel is None:
            return False
        self._current = parcel
        mail, rcpt = self._commands
        self._say(mail + rcpt + _DATA if self._server.pipelining else mail, Stage.MAIL)
        return True

    def _rest(self) -> None:
        self._await(Stage.IDLE, self._limits.idle)
        if self._taken >= self._limits.messages:
            self.quit()
        else:
            self._owner.rests(self)

    def _take(self) -> Parcel | None:
        """The next parcel that this server can be asked about; its commands are in self._commands."""
        if self._taken >= self._limits.messages:
            return None
        while (parcel := self._owner.pull()) is not None:
            commands = envelope.commands(parcel, self._server)
            if not isinstance(commands, Verdict):
                self._commands = commands
                self._taken += 1
                return parcel
            self._owner.settle(parcel, commands)
        return None

    def _say(self, command: bytes, stage: int) -> None:
        assert self._transport is not None
        self._transport.write(command)
        self._await(stage, self._limits.command)

    def _await(self, stage: int, seconds: float) -> None:
        self.stage = stage
        self._wait = seconds
        self._deadline = self._time() + seconds

    # -- endings ------------------------------------------------------------------------------------------------

    def _dismissed(self, reply: bytes) -> None:
        """421: the server closes. The parcel it was asked about is deferred, unless MAIL was all it had seen of it."""
        if self._current is not None and self.stage not in _WAITING:
            self._failed(421, reply)
        self.abandon(f"The mail server closed the connection: 421 {text_of(reply)}")

    def _garbled(self, what: str) -> None:
        reason = f"The mail server does not speak SMTP: {what}"
        if not self._answer.done():
            self._answer.set_exception(OpeningError(reason))
            self._answer.exception()
        try:
            self.abandon(reason)
        except Exception as error:
            self._owner.broke(error)

    def _let_go(self, reason: str) -> None:
        """Give back what is in hand: each parcel gets the surest verdict that can be given."""
        parcel, self._current = self._current, None
        following, self._next = self._next, None
        if parcel is not None:
            if self.stage in _WAITING:
                self._owner.hand_back(parcel, reason)
            else:
                outcome = "unknown" if self.stage == Stage.FINAL else "deferred"
                self._owner.settle(parcel, Verdict(outcome, None, reason))  # type: ignore[arg-type]
        if following is not None:
            self._owner.hand_back(following, reason)

    def _close(self, reason: str, *, expected: bool) -> None:
        if self.stage != Stage.CLOSED:
            self.stage = Stage.CLOSED
            self._owner.lost(self, reason, expected=expected)
