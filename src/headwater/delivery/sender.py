"""The send loop of a worker process: claim, render when a connection is free, send, settle in small groups.

One event loop carries the connections; two threads talk to the database, one claims ahead while the other settles.
What may be sent twice after a crash is bounded: messages on the wire and accepted ones not yet committed together never
exceed `in_flight`. What may be lost is nothing: a claim that is not settled is a lease that runs out.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import structlog
from psycopg import Connection

from headwater.core import clock, database, settings
from headwater.delivery import claiming, claims, settling
from headwater.delivery.outgoing import Outgoing, Templates
from headwater.delivery.reasons import Reason
from headwater.delivery.sessions import Session
from headwater.delivery.settling import Result, Skip
from headwater.delivery.transports.parcel import Parcel, Verdict
from headwater.delivery.transports.smtp import SmtpPool
from headwater.delivery.transports.target import SmtpTarget

log = structlog.get_logger(__name__)
T = TypeVar("T")

IN_FLIGHT = 128
"""Most messages of a process that are on the wire or accepted and not committed: the most that a crash sends twice."""
LARGEST_BATCH = 500
SMALLEST_BATCH = 20
FRESH = 20.0
"""Seconds for which a claim may wait for a connection; then it goes back, so that its gates are asked again."""
_IDLE = 0.5
_GATHER = 0.008
_RENEW_EVERY = 5.0
_AWAY = 0.3
_LET_OTHERS_SETTLE = 2.0


@dataclass(slots=True)
class _OnWire:
    outgoing: Outgoing
    lease_ends: float


class Sender:
    """Sends what is due in every workspace until it is told to stop."""

    def __init__(
        self,
        target: SmtpTarget,
        *,
        connections: int = 8,
        in_flight: int = IN_FLIGHT,
        largest_batch: int = LARGEST_BATCH,
        bounce_address: str | None = None,
        connect: Callable[[], Connection] = database.connect,
    ) -> None:
        self._pool = SmtpPool(target, connections, self._next_parcel, self._on_verdict)
        self._in_flight = in_flight
        self._largest_batch = largest_batch
        self._batch_size = min(100, largest_batch)
        self._bounce_address = bounce_address
        self._templates = Templates()
        self._claims = _Database("claims", connect)
        self._settles = _Database("settles", connect)
        self._pulled = 0
        self._counted_from = time.monotonic()
        self._due: deque[int] = deque()
        self._reclaimed: dict[int, float] = {}
        self._no_reclaim_before = 0.0
        self._queue: deque[Outgoing] = deque()
        self._wire: dict[int, _OnWire] = {}
        self._results: list[tuple[Outgoing, Verdict, datetime]] = []
        self._skips: list[tuple[Outgoing, Reason, str]] = []
        self._stale: list[Outgoing] = []
        self._uncommitted = 0
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._stopping = asyncio.Event()

    # ---- The life of the loop ----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Send until `stop`. Raises when the loop itself is broken: its process should be started again."""
        self._room.set()
        workers: list[asyncio.Task[None]] = [
            asyncio.create_task(self._pool.run()),
            asyncio.create_task(self._claim_loop()),
            asyncio.create_task(self._settle_loop()),
            asyncio.create_task(self._renew_loop()),
        ]
        stopped = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait([*workers, stopped], return_when=asyncio.FIRST_COMPLETED)
            if self._stopping.is_set():
                await self._end_well()
            for worker in workers:
                if worker.done():
                    worker.result()
        finally:
            stopped.cancel()
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, stopped, return_exceptions=True)
            self._claims.close()
            self._settles.close()

    def stop(self) -> None:
        """Finish what is on the wire, give back the rest, end `run`. Call it in the loop."""
        self._stopping.set()
        self._room.set()

    async def _end_well(self) -> None:
        self._stale.extend(self._queue)
        self._queue.clear()
        self._news.set()
        await self._pool.close()
        deadline = time.monotonic() + 10
        while (self._unsettled() or self._stale or self._skips) and time.monotonic() < deadline:
            self._news.set()
            await asyncio.sleep(0.02)

    def _unsettled(self) -> int:
        return len(self._results) + self._uncommitted

    # ---- Claiming ----------------------------------------------------------------------------------------------------

    async def _claim_loop(self) -> None:
        while not self._stopping.is_set():
            await self._room.wait()
            if self._stopping.is_set():
                return
            if not self._pool.working:
                self._pool.wake()
                await asyncio.sleep(_IDLE)
                continue
            self._resize()
            started = time.monotonic()
            try:
                batch = await self._claims.run(self._claim_next)
            except database.Unavailable as error:
                log.warning("claim_postponed", error=str(error).strip())
                await asyncio.sleep(_AWAY)
                continue
            except Exception:
                # Of this workspace, this time; the others go on, and it is tried again.
                log.exception("claim_failed")
                await asyncio.sleep(_AWAY)
                continue
            if batch is None:
                self._pulled = 0
                await asyncio.sleep(_IDLE)
                continue
            for outgoing in batch.ready:
                outgoing.fresh_until = started + FRESH
                outgoing.lease_ends = started + claims.LEASE.total_seconds()
            self._queue.extend(batch.ready)
            if self._queue:
                self._weigh_queue()
                self._pool.wake()

    def _claim_next(self, conn: Connection) -> claiming.Batch | None:
        """In the claiming thread: a batch of the next workspace that has due mail; None when there is none."""
        now, wall = clock.now(conn), clock.wall()
        if not self._due:
            self._due.extend(claims.workspaces_with_work(conn, now, wall))
        if not self._due:
            return None
        workspace_id = self._due.popleft()
        if self._may_reclaim(workspace_id):
            claims.reclaim(conn, workspace_id, wall)
        batch = claiming.claim(conn, workspace_id, self._templates, now=now, wall=wall, limit=self._batch_size)
        if batch.found == self._batch_size:
            self._due.append(workspace_id)
        return batch if batch.found else None

    def _may_reclaim(self, workspace_id: int) -> bool:
        """Once a second; and after the database was away, late workers first get a moment to settle."""
        moment = time.monotonic()
        if self._claims.came_back():
            self._no_reclaim_before = moment + _LET_OTHERS_SETTLE
        if moment < self._no_reclaim_before or moment - self._reclaimed.get(workspace_id, -1e9) < 1:
            return False
        self._reclaimed[workspace_id] = moment
        return True

    def _resize(self) -> None:
        """As many as the servers took lately in a quarter of the time for which a claim stays fresh."""
        moment = time.monotonic()
        if self._pulled:
            rate = self._pulled / max(moment - self._counted_from, 1e-3)
            self._batch_size = round(min(self._largest_batch, max(SMALLEST_BATCH, rate * FRESH / 4)))
        self._pulled, self._counted_from = 0, moment

    def _weigh_queue(self) -> None:
        """Claim ahead while less than half a batch waits."""
        if len(self._queue) <= self._batch_size // 2:
            self._room.set()
        else:
            self._room.clear()

    # ---- Sending (in the event loop, called by connections; must not block) ------------------------------------------

    def _next_parcel(self) -> Parcel | None:
        queue = self._queue
        while queue:
            if len(self._wire) + len(self._results) + self._uncommitted >= self._in_flight:
                return None
            outgoing = queue.popleft()
            if time.monotonic() > outgoing.fresh_until:
                self._stale.append(outgoing)
                self._news.set()
                continue
            self._weigh_queue()
            parcel = self._parcel(outgoing)
            if parcel is not None:
                self._pulled += 1
                self._wire[outgoing.key.id] = _OnWire(outgoing, outgoing.lease_ends)
                return parcel
        self._room.set()
        return None

    def _parcel(self, outgoing: Outgoing) -> Parcel | None:
        try:
            rendered = outgoing.render()
        except Exception as error:
            reason, detail = outgoing.why_not(error)
            if reason is Reason.UNEXPECTED:
                log.exception("render_failed", message_id=outgoing.key.id)
            self._skips.append((outgoing, reason, detail))
            self._news.set()
            return None
        mail_from = self._bounce_address or outgoing.brand.from_email
        return Parcel(outgoing, mail_from, outgoing.address, rendered.chunks, rendered.size)

    def _on_verdict(self, parcel: Parcel, verdict: Verdict) -> None:
        outgoing = parcel.cookie
        assert isinstance(outgoing, Outgoing)
        self._wire.pop(outgoing.key.id, None)
        self._results.append((outgoing, verdict, clock.wall()))
        self._news.set()

    # ---- Settling ----------------------------------------------------------------------------------------------------

    async def _settle_loop(self) -> None:
        while True:
            await self._news.wait()
            await asyncio.sleep(_GATHER)
            self._news.clear()
            results, self._results = self._results, []
            skips, self._skips = self._skips, []
            stale, self._stale = self._stale, []
            self._uncommitted = len(results)
            await self._settle(results, skips, stale)
            self._uncommitted = 0
            if self._queue:
                self._pool.wake()

    async def _settle(
        self,
        results: list[tuple[Outgoing, Verdict, datetime]],
        skips: list[tuple[Outgoing, Reason, str]],
        stale: list[Outgoing],
    ) -> None:
        """Until it is committed: verdicts outlive a database that is away."""
        parts: list[Callable[[Connection], None]] = [_writer(results, skips, stale)]
        while parts:
            try:
                await self._settles.run(parts[0])
                parts.pop(0)
            except database.Unavailable as error:
                log.warning("settlement_postponed", error=str(error).strip(), verdicts=len(results))
                await asyncio.sleep(_AWAY)
            except Exception:
                log.exception("settlement_failed", verdicts=len(results), in_parts=len(parts))
                if len(parts) == 1 and results:
                    # What is broken must not take the accepted ones with it: unsettled, they would be sent again.
                    parts = [
                        _writer([result for result in results if result[1].outcome == "accepted"], [], []),
                        _writer([result for result in results if result[1].outcome != "accepted"], [], []),
                        _writer([], skips, stale),
                    ]
                    results = []
                else:
                    parts.pop(0)  # these leases run out; the number of attempts is bounded

    async def _renew_loop(self) -> None:
        """What is on the wire for long, or waits for the database, keeps its lease."""
        while True:
            await asyncio.sleep(_RENEW_EVERY)
            soon = time.monotonic() + 3 * _RENEW_EVERY
            aging = [wired for wired in self._wire.values() if wired.lease_ends < soon]
            if not aging:
                continue
            moment = time.monotonic()
            try:
                await self._claims.run(lambda conn, aging=aging: _renew(conn, [wired.outgoing for wired in aging]))  # type: ignore[misc]
            except database.Unavailable:
                continue
            for wired in aging:
                wired.lease_ends = moment + claims.LEASE.total_seconds()


class _Database:
    """A thread with a session of its own, so that the event loop never waits for the database."""

    def __init__(self, name: str, connect: Callable[[], Connection]) -> None:
        self._session = Session(connect)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"sender-{name}")
        self._seen = 1

    async def run(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._session.transact, work)

    def came_back(self) -> bool:
        """Whether the connection is a new one since the last time this was asked."""
        fresh = self._session.reopened != self._seen
        self._seen = self._session.reopened
        return fresh

    def close(self) -> None:
        self._thread.submit(self._session.close)
        self._thread.shutdown(wait=True)


def _by_workspace(items: list[T], outgoing: Callable[[T], Outgoing]) -> dict[int, list[T]]:
    found: dict[int, list[T]] = {}
    for item in items:
        found.setdefault(outgoing(item).workspace_id, []).append(item)
    return found


def _writer(
    results: list[tuple[Outgoing, Verdict, datetime]], skips: list[tuple[Outgoing, Reason, str]], stale: list[Outgoing]
) -> Callable[[Connection], None]:
    return lambda conn: _write(conn, results, skips, stale)


def _write(
    conn: Connection,
    results: list[tuple[Outgoing, Verdict, datetime]],
    skips: list[tuple[Outgoing, Reason, str]],
    stale: list[Outgoing],
) -> None:
    """In the settling thread, one transaction: verdicts, skips, and claims that go back unused."""
    now, real = clock.now(conn), settings.current().clock == "real"
    for workspace_id, verdicts in _by_workspace(results, lambda item: item[0]).items():
        settling.settle(
            conn,
            workspace_id,
            [_result(outgoing, verdict, seen if real else now) for outgoing, verdict, seen in verdicts],
        )
    for workspace_id, skipped in _by_workspace(skips, lambda item: item[0]).items():
        settling.skip(conn, workspace_id, [_skip(*item) for item in skipped], now)
    for workspace_id, returned in _by_workspace(stale, lambda item: item).items():
        claims.give_back(conn, workspace_id, [outgoing.key for outgoing in returned])


def _result(outgoing: Outgoing, verdict: Verdict, at: datetime) -> Result:
    return Result(
        outgoing.key, outgoing.profile_id, outgoing.address, outgoing.attempts, outgoing.deadline, verdict, at
    )


def _skip(outgoing: Outgoing, reason: Reason, detail: str) -> Skip:
    return Skip(outgoing.key, outgoing.profile_id, outgoing.stamped, reason, detail)


def _renew(conn: Connection, aging: list[Outgoing]) -> None:
    for workspace_id, held in _by_workspace(aging, lambda item: item).items():
        claims.renew(conn, workspace_id, [outgoing.key for outgoing in held], clock.wall() + claims.LEASE)
