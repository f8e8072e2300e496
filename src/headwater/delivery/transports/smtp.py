"""A pool of pipelined SMTP connections to one server: pulls parcels as fast as the server takes them.

Each parcel that is pulled gets exactly one verdict. Nothing is pulled while no connection works, so what is not in hand
stays safe with the caller. At most two parcels a connection are in hand. Runs in one event loop; not thread-safe.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import ssl
from collections import deque

import structlog

from headwater.delivery.transports.connection import Connection, Stage
from headwater.delivery.transports.handshake import OpeningError
from headwater.delivery.transports.limits import Limits
from headwater.delivery.transports.pacing import TokenBucket
from headwater.delivery.transports.parcel import NextParcel, OnVerdict, Parcel, Verdict
from headwater.delivery.transports.target import SmtpTarget

__all__ = ["Limits", "Parcel", "SmtpPool", "SmtpTarget", "Verdict"]

log = structlog.get_logger(__name__)

MOST_RETURNS = 3
"""How often a parcel may come back unasked from a broken connection before it is given up as deferred."""
MOST_DEFERRALS = 10
"""Deferrals in a row after which the pool slows down: the server has had enough of us."""


class SmtpPool:
    """Sends what `next_parcel` gives and tells `on_verdict` what became of it.

    `next_parcel` is called when a connection can take one more message, and returns None when there is none: call
    `wake` when there is again. Both callbacks are called inside the event loop and must not block.
    """

    def __init__(
        self,
        target: SmtpTarget,
        connections: int,
        next_parcel: NextParcel,
        on_verdict: OnVerdict,
        *,
        limits: Limits | None = None,
        rate: float | None = None,
        helo: str | None = None,
    ) -> None:
        """`rate`: most messages a second, over all connections. `helo`: our name in EHLO; by default the host's."""
        self._target = target
        self._most = connections
        self._next_parcel = next_parcel
        self._on_verdict = on_verdict
        self._limits = limits or Limits()
        self._rate = rate
        self._helo = helo or _own_name()
        self._bucket: TokenBucket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tls: ssl.SSLContext | None = None
        self._done = asyncio.Event()
        self._error: BaseException | None = None

        self._connections: set[Connection] = set()
        self._resting: list[Connection] = []
        self._dials: set[asyncio.Task[None]] = set()
        self._returned: deque[Parcel] = deque()
        self._returns: dict[int, int] = {}
        self._wanted = False
        self._draining = False
        self._feeding: asyncio.Handle | None = None
        self._pause: asyncio.TimerHandle | None = None
        """Set while no new connection may be tried."""
        self._hold: asyncio.TimerHandle | None = None
        """Set while nothing may be pulled: the rate is used up, or the server wants a break."""
        self._failures = 0
        self._deferrals = 0
        self._breaks = 0
        self.problem: str | None = None
        """Why the server can't be reached, for people; None while it can."""

    # -- for the caller -----------------------------------------------------------------------------------------

    @property
    def working(self) -> bool:
        """Whether at least one connection is open and ready, or nothing is known to be wrong."""
        return self.problem is None or bool(self._connections)

    @property
    def open_connections(self) -> int:
        return len(self._connections)

    def wake(self) -> None:
        """There may be parcels again. Cheap; call it as often as you like, from the pool's own loop."""
        self._wanted = True
        if self._loop is not None and self._feeding is None:
            self._feeding = self._loop.call_soon(self._feed)

    async def run(self) -> None:
        """Send until `close`. Raises what a callback raised. Cancelled: lets go of everything at once."""
        self._loop = asyncio.get_running_loop()
        if self._rate is not None:
            self._bucket = TokenBucket(self._rate, self._loop.time())
        limits = self._limits
        tick = min(1.0, max(0.01, min(limits.command, limits.final, limits.idle, limits.quit) / 4))
        self.wake()
        try:
            while not self._done.is_set():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(tick):
                        await self._done.wait()
                now = self._loop.time()
                for connection in tuple(self._connections):
                    connection.expire(now)
                self._resting = [connection for connection in self._resting if connection.stage == Stage.IDLE]
        finally:
            self._abandon("Sending was stopped.")
        if self._error is not None:
            raise self._error

    async def close(self, drain: float = 10.0) -> None:
        """Pull nothing more, finish what is in hand within `drain` seconds, and end `run`."""
        self._draining = True
        self._cancel_timers()
        self._give_up_returned("Sending was stopped.")
        for connection in tuple(self._resting):
            self._resting.remove(connection)
            connection.quit()
        for dial in tuple(self._dials):
            dial.cancel()
        self._end_when_drained()
        try:
            async with asyncio.timeout(drain):
                await self._done.wait()
        except TimeoutError:
            self._abandon("Sending was stopped before the mail server answered.")

    # -- what a connection asks of its owner --------------------------------------------------------------------

    def pull(self) -> Parcel | None:
        if self._draining or self._hold is not None:
            return None
        if self._returned:
            parcel = self._returned.popleft()
        else:
            if self._bucket is not None and not self._within_rate():
                return None
            try:
                found = self._next_parcel()
            except Exception as error:
                self.broke(error)
                return None
            if found is None:
                self._wanted = False
                return None
            parcel = found
            if self._bucket is not None:
                self._bucket.take()
        if len(self._connections) + len(self._dials) < self._most and not self._resting:
            self._dial()
        return parcel

    def settle(self, parcel: Parcel, verdict: Verdict) -> None:
        if self._returns:
            self._returns.pop(id(parcel), None)
        if verdict.code is not None and verdict.tried:
            self._note_mood(verdict)
        try:
            self._on_verdict(parcel, verdict)
        except Exception as error:
            self.broke(error)

    def hand_back(self, parcel: Parcel, reason: str) -> None:
        times = self._returns.get(id(parcel), 0) + 1
        if self._draining or times > MOST_RETURNS:
            self.settle(parcel, Verdict("deferred", None, reason, tried=times > MOST_RETURNS))
        else:
            self._returns[id(parcel)] = times
            self._returned.append(parcel)

    def rests(self, connection: Connection) -> None:
        if self._draining:
            connection.quit()
        else:
            self._resting.append(connection)

    def lost(self, connection: Connection, reason: str, *, expected: bool) -> None:
        if connection not in self._connections:
            return  # it never opened; _connect says why
        self._connections.discard(connection)
        if connection in self._resting:
            self._resting.remove(connection)
        if not (expected or connection.fruitful or self._draining):
            self._away(reason)
        if self._wanted or self._returned:
            self.wake()
        self._end_when_drained()

    def broke(self, error: BaseException) -> None:
        if self._error is None:
            self._error = error
        self._draining = True
        self._done.set()

    # -- feeding ------------------------------------------------------------------------------------------------

    def _feed(self) -> None:
        self._feeding = None
        while self._resting and self._hold is None and not self._draining:
            connection = self._resting.pop()
            if connection.stage == Stage.IDLE and not connection.feed():
                self._resting.append(connection)
                return
        if (self._wanted or self._returned) and len(self._connections) + len(self._dials) < self._most:
            self._dial()

    def _within_rate(self) -> bool:
        assert self._loop is not None
        assert self._bucket is not None
        wait = self._bucket.wait(self._loop.time())
        if wait > 0:
            self._hold_for(wait)
        return wait <= 0

    def _hold_for(self, seconds: float) -> None:
        assert self._loop is not None
        if self._hold is None and not self._draining:
            self._hold = self._loop.call_later(seconds, self._hold_over)

    def _hold_over(self) -> None:
        self._hold = None
        self.wake()

    def _note_mood(self, verdict: Verdict) -> None:
        """A server that only defers is throttling us: pull slower until it accepts again."""
        if verdict.outcome == "deferred":
            self._deferrals += 1
            if self._deferrals >= MOST_DEFERRALS and self._hold is None:
                self._breaks += 1
                self._hold_for(self._pause_length(self._breaks))
        else:
            self._failures = 0
            if verdict.outcome == "accepted":
                self._deferrals = self._breaks = 0

    # -- connections --------------------------------------------------------------------------------------------

    def _dial(self) -> None:
        """Open one more connection, unless the last try failed a moment ago."""
        if self._loop is None or self._pause is not None or self._draining or self._hold is not None:
            return
        if self._failures and self._dials:
            return  # the server was away: one try at a time
        dial = self._loop.create_task(self._connect())
        self._dials.add(dial)
        dial.add_done_callback(self._dialled)

    async def _connect(self) -> None:
        assert self._loop is not None
        target, limits = self._target, self._limits
        connection: Connection | None = None
        try:
            if self._tls is None:
                self._tls = target.tls_context()
            async with asyncio.timeout(limits.connect):
                _, connection = await self._loop.create_connection(
                    lambda: Connection(self, target, limits),
                    target.host,
                    target.port,
                    ssl=self._tls if target.protection == "implicit" else None,
                )
            await connection.open(self._tls, self._helo)
        except BaseException as error:
            if connection is not None:
                connection.abandon("The connection could not be opened.")
            if not isinstance(error, (OSError, OpeningError, TimeoutError)):
                raise
            self._away(_why(error))
            return
        self.problem = None
        self._connections.add(connection)
        self.rests(connection)
        self.wake()

    def _dialled(self, dial: asyncio.Task[None]) -> None:
        self._dials.discard(dial)
        if not dial.cancelled() and (error := dial.exception()) is not None:
            self.broke(error)
        self._end_when_drained()

    def _away(self, problem: str) -> None:
        """A try failed. With no connection left, what came back unasked goes home; try again after a pause."""
        if self._pause is not None or self._draining or self._loop is None:
            return
        self._failures += 1
        seconds = self._pause_length(self._failures)
        self._pause = self._loop.call_later(seconds, self._pause_over)
        self.problem = problem
        log.warning("smtp_unavailable", server=str(self._target), problem=problem, next_try_s=round(seconds, 1))
        if not self._connections:
            self._give_up_returned(problem)

    def _pause_over(self) -> None:
        self._pause = None
        if self._wanted or self._returned:
            self.wake()

    def _pause_length(self, nth: int) -> float:
        limits = self._limits
        return min(limits.longest_pause, limits.first_pause * 2 ** min(nth - 1, 20)) * random.uniform(0.8, 1.2)

    # -- endings ------------------------------------------------------------------------------------------------

    def _give_up_returned(self, reason: str) -> None:
        while self._returned:
            self.settle(self._returned.popleft(), Verdict("deferred", None, reason, tried=False))

    def _cancel_timers(self) -> None:
        for timer in (self._pause, self._hold, self._feeding):
            if timer is not None:
                timer.cancel()
        self._pause = self._hold = self._feeding = None

    def _end_when_drained(self) -> None:
        if self._draining and not self._connections and not self._dials:
            self._done.set()

    def _abandon(self, reason: str) -> None:
        self._draining = True
        self._cancel_timers()
        for dial in tuple(self._dials):
            dial.cancel()
        for connection in tuple(self._connections):
            connection.abandon(reason)
        self._give_up_returned(reason)
        self._done.set()


def _why(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "The mail server did not answer in time."
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The mail server's certificate is not valid: {error.verify_message}."
    if isinstance(error, ssl.SSLError):
        return f"TLS with the mail server failed: {error.reason or error}."
    if isinstance(error, OSError) and error.strerror:
        return f"The mail server can't be reached: {error.strerror}."
    return str(error)


def _own_name() -> str | None:
    """Our name for EHLO: the host's, when it is a full domain name."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else None
