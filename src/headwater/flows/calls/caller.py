"""Carries out what flows planned to call: claim, render, call many at once, settle, until told to stop.

One event loop carries the calls, one thread talks to the database; no transaction is open while somebody is called.
A call that is not settled is a lease that runs out, so it is made at least once; its delivery id says which it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import structlog
from aiohttp.abc import AbstractResolver
from psycopg import Connection

from headwater.accounts import brand
from headwater.audience import profiles
from headwater.catalog import coupons
from headwater.catalog.coupons import Code
from headwater.content.errors import RenderError, TemplateError
from headwater.core import clock, database, jsonb
from headwater.core.roles import FAILED_SECONDS
from headwater.delivery.sessions import Session
from headwater.delivery.transports.target import SmtpTarget
from headwater.flows.calls import claims, notices, outcomes, rendering, signing
from headwater.flows.calls.claims import Claimed
from headwater.flows.calls.notices import Notice
from headwater.flows.calls.outcomes import Answer, HostHealth
from headwater.flows.calls.posting import Post, Poster
from headwater.flows.calls.rendering import Subject

log = structlog.get_logger(__name__)
T = TypeVar("T")

AT_ONCE = 20
"""Calls that one worker process makes at the same time."""
_IDLE = 1.0
"""Seconds between two looks for due calls, while none ends."""
_GATHER = 0.01
"""Seconds after one call has ended in which others may, to be settled together."""
_AWAY = 0.5
_DRAIN = 5.0
"""Seconds for which a clean stop waits for calls that are being made."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A claimed call, rendered; or the answer that it gets without being made."""

    claimed: Claimed
    content: Post | Notice | Answer


class Caller:
    """Makes the calls that are due in every workspace."""

    def __init__(
        self,
        mail: SmtpTarget,
        *,
        private: bool = False,
        bounce_address: str | None = None,
        at_once: int = AT_ONCE,
        resolver: AbstractResolver | None = None,
        connect: Callable[[], Connection] = database.connect,
        now: Callable[[Connection], datetime] = clock.now,
    ) -> None:
        """`private`: whether webhooks may call private addresses. `resolver`: of names, instead of the system's."""
        self._mail = mail
        self._bounce_address = bounce_address
        self._poster = Poster(private=private, resolver=resolver)
        self._at_once = at_once
        self._now = now
        self._session = Session(connect)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="caller")
        self._served = 0
        self._resting: dict[int, float] = {}
        self._tasks: dict[asyncio.Task[None], Claimed] = {}
        self._results: list[tuple[Claimed, Answer]] = []
        self._news = asyncio.Event()
        self._stopping = asyncio.Event()

    # ---- The life of the loop ----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Call until `stop`."""
        away = False
        try:
            async with self._poster:
                while not self._stopping.is_set():
                    self._news.clear()
                    try:
                        await self._turn()
                    except database.Unavailable as error:
                        if not away:
                            log.warning("calls_wait_for_database", error=str(error).strip()[:200])
                        away = True
                        await asyncio.sleep(_AWAY)
                    except Exception:
                        log.exception("calling_failed")
                        await asyncio.sleep(_AWAY)
                    else:
                        away = False
                        await self._rest()
                await self._end_well()
        finally:
            for task in self._tasks:
                task.cancel()
            self._thread.submit(self._session.close)
            self._thread.shutdown(wait=True)

    def stop(self) -> None:
        """Finish what is being called, give back the rest, end `run`. Call it in the loop."""
        self._stopping.set()
        self._news.set()

    async def _rest(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_IDLE):
                await self._news.wait()
                await asyncio.sleep(_GATHER)

    async def _turn(self) -> None:
        """Settle what has ended, and fill the slots that are free."""
        await self._settle()
        free = self._at_once - len(self._tasks)
        for ready in await self._in_thread(lambda: self._claim(free)) if free > 0 else ():
            task = asyncio.create_task(self._carry_out(ready))
            self._tasks[task] = ready.claimed
            task.add_done_callback(self._ended)

    async def _settle(self) -> None:
        results, self._results = self._results, []
        if not results:
            return
        try:
            await self._in_thread(lambda: self._session.transact(lambda conn: _write(conn, results, self._now(conn))))
        except database.Unavailable:
            self._results = results + self._results
            raise
        # Whatever else stops it is a defect: these leases run out, and the calls are made again.

    async def _end_well(self) -> None:
        """What answers soon is settled; the rest goes back, and another worker makes it."""
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=_DRAIN)
        unfinished = list(self._tasks.values())
        for task in self._tasks:
            task.cancel()
        with contextlib.suppress(*database.Unavailable):
            await self._settle()
            await self._in_thread(lambda: self._session.transact(lambda conn: _give_back(conn, unfinished)))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    # ---- Calling -----------------------------------------------------------------------------------------------------

    async def _carry_out(self, ready: Ready) -> None:
        try:
            answer = await self._answer(ready.content)
        except Exception:
            log.exception("call_failed", workspace=ready.claimed.workspace_id, call=ready.claimed.id)
            answer = Answer("again", "An unexpected error; it has been logged.")
        self._results.append((ready.claimed, answer))

    async def _answer(self, content: Post | Notice | Answer) -> Answer:
        match content:
            case Post():
                return await self._poster.post(content, clock.wall())
            case Notice():
                return await notices.send(self._mail, content)
        return content

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        self._news.set()

    # ---- In the thread of the database -------------------------------------------------------------------------------

    def _claim(self, free: int) -> list[Ready]:
        """Claim up to `free` calls in the workspaces that have any, each in turn first, and render them."""
        found: list[Ready] = []
        wall = clock.wall()
        workspaces = self._session.transact(lambda conn: claims.workspaces_with_work(conn, self._now(conn), wall))
        for workspace_id in sorted(workspaces, key=lambda one: (one <= self._served, one)):
            if len(found) < free and self._resting.get(workspace_id, 0.0) < time.monotonic():
                self._served = workspace_id
                found += self._claim_in(workspace_id, wall, free - len(found))
        return found

    def _claim_in(self, workspace_id: int, wall: datetime, limit: int) -> list[Ready]:
        try:
            taken = self._session.transact(lambda conn: _take(conn, workspace_id, self._now(conn), wall, limit))
        except Exception as error:
            # Of this workspace, this time: what others have claimed must not wait for its lease to run out.
            log.warning("calls_not_claimed", workspace=workspace_id, error=str(error).strip()[:200], exc_info=True)
            self._resting[workspace_id] = time.monotonic() + FAILED_SECONDS
            return []
        return [Ready(claimed, self._content(claimed, about)) for claimed, about in taken]

    def _content(self, claimed: Claimed, about: Subject | None) -> Post | Notice | Answer:
        """What travels. Rendered after the claim is committed: a slow template holds no lock."""
        if about is None:
            return Answer("never", "The person is gone.")
        try:
            if claimed.kind == "webhook":
                return _post(claimed, about)
            return _notice(claimed, about, self._bounce_address)
        except (RenderError, TemplateError) as problem:
            return Answer("never", str(problem))
        except Exception:
            log.exception("call_not_rendered", workspace=claimed.workspace_id, call=claimed.id)
            return Answer("never", "It could not be rendered; the error has been logged.")


def _post(claimed: Claimed, about: Subject) -> Post:
    return Post(
        url=claimed.spec["url"],
        headers=claimed.spec.get("headers") or {},
        body=rendering.body(claimed.spec, about),
        secret=signing.signing_secret(claimed.workspace_id),
        delivery_id=signing.delivery_id(claimed.workspace_id, claimed.id),
    )


def _notice(claimed: Claimed, about: Subject, bounce_address: str | None) -> Notice:
    subject, text = rendering.note(claimed.spec, about)
    return notices.write(
        subject,
        text,
        from_name=about.brand.from_name,
        from_email=about.brand.from_email,
        to=claimed.spec["to"],
        reached=claimed.reached,
        delivery_id=signing.delivery_id(claimed.workspace_id, claimed.id),
        bounces_to=bounce_address,
        at=about.now,
    )


def _take(
    conn: Connection, workspace_id: int, now: datetime, wall: datetime, limit: int
) -> list[tuple[Claimed, Subject | None]]:
    """One transaction: end what is out of time, settle what lost its worker, claim, load whom the calls are about."""
    claims.give_up(conn, workspace_id, now)
    orphans = claims.lost(conn, workspace_id, wall)
    if orphans:
        _write(
            conn, [(orphan, Answer("again", "The worker that made this call went away.")) for orphan in orphans], now
        )
    taken = claims.claim(conn, workspace_id, now, wall, limit)
    if not taken:
        return []
    people = profiles.get(conn, workspace_id, {claimed.profile_id for claimed in taken})
    sender = brand.load(conn, workspace_id)
    codes = _codes(conn, workspace_id, [claimed for claimed in taken if b"coupon" in jsonb.encoded(claimed.spec)], now)
    return [
        (
            claimed,
            Subject(
                flow=claimed.flow,
                step=claimed.step,
                brand=sender,
                profile=people[claimed.profile_id],
                trigger=claimed.trigger,
                coupons=codes.get(claimed.profile_id, {}),
                now=now,
            )
            if claimed.profile_id in people
            else None,
        )
        for claimed in taken
    ]


def _codes(
    conn: Connection, workspace_id: int, taken: Sequence[Claimed], now: datetime
) -> Mapping[int, Mapping[str, Code]]:
    """The newest code of each coupon that these people hold and can use, by profile. Nothing is issued."""
    held = coupons.assigned(conn, workspace_id, None, {claimed.profile_id for claimed in taken})
    return {
        profile_id: {code.coupon: code for code in reversed(codes) if code.expires_at is None or code.expires_at > now}
        for profile_id, codes in held.items()
    }


def _write(conn: Connection, results: Sequence[tuple[Claimed, Answer]], now: datetime) -> None:
    """One transaction: what became of calls, and of the hosts that were called."""
    for workspace_id in sorted({claimed.workspace_id for claimed, _ in results}):
        own = [(claimed, answer) for claimed, answer in results if claimed.workspace_id == workspace_id]
        settlements = [
            (claimed, outcomes.settle(answer, claimed.attempts, claimed.deadline, now, random.random()))
            for claimed, answer in own
        ]
        fitting = claims.settle(conn, workspace_id, settlements, now)
        _note_hosts(
            conn, workspace_id, [(claimed.host, answer) for claimed, answer in own if claimed.id in fitting], now
        )


def _note_hosts(conn: Connection, workspace_id: int, answers: Sequence[tuple[str, Answer]], now: datetime) -> None:
    telling = sorted({host for host, answer in answers if answer.says_of_host != "nothing"})
    if not telling:
        return
    before = claims.health(conn, workspace_id, telling)
    changed: dict[str, HostHealth] = {}
    for host, known in before.items():
        found = outcomes.after(known, [answer.says_of_host for name, answer in answers if name == host], now)
        if found != known:
            changed[host] = found
        if found.openings and not known.openings:
            log.warning("host_left_alone", workspace=workspace_id, host=host, until=found.open_until)
        elif known.openings and not found.openings:
            log.info("host_is_back", workspace=workspace_id, host=host)
    if changed:
        claims.note_health(conn, workspace_id, changed)


def _give_back(conn: Connection, taken: Sequence[Claimed]) -> None:
    for workspace_id in sorted({claimed.workspace_id for claimed in taken}):
        claims.give_back(conn, workspace_id, [one for one in taken if one.workspace_id == workspace_id])
