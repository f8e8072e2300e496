"""The loop that every database role of a worker runs: find workspaces with work, take a turn in each, rest when idle.

A role is a pair of functions; the loop owns connection and transaction. A workspace whose turn fails is left alone for
a while, so that it cannot stop the others; a database that went away is waited for.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from psycopg import Connection

from headwater.core import clock, database

log = structlog.get_logger()

IDLE_SECONDS = 0.01
"""The first rest between two looks for work; while there is none, rests grow up to the role's own longest."""
FAILED_SECONDS = 10.0
"""How long a workspace whose turn failed is left alone."""


@dataclass(frozen=True)
class Role:
    """Work that is found by workspace and done in turns of one transaction each."""

    name: str
    find: Callable[[Connection, datetime], list[int]]
    """(conn, now) → the workspaces that have work. The one query that looks across workspaces."""
    turn: Callable[[Connection, int, datetime], int]
    """(conn, workspace_id, now) → how much was done; 0: nothing left (or someone else is at it)."""
    rest: float = 0.1
    """The longest rest between two looks for work, in seconds: how long new work may lie unseen. A look costs both
    sides about a third of a millisecond, so ten roles that look ten times a second take three percent of a core."""
    woken_by: str | None = None
    """The channel on which PostgreSQL says that there is new work: then rests can be long."""


class Loop:
    """Runs roles until told to stop: one, or several rare ones that take turns on one connection."""

    def __init__(self, roles: Role | Sequence[Role], stop: threading.Event) -> None:
        self._roles = (roles,) if isinstance(roles, Role) else tuple(roles)
        self._stop = stop
        self._conn: Connection | None = None
        self._rests = dict.fromkeys(self._roles, IDLE_SECONDS)
        self._next = dict.fromkeys(self._roles, 0.0)
        self._resting: dict[tuple[str, int], float] = {}
        self._away = False

    def run(self) -> None:
        while not self._stop.is_set():
            now = time.monotonic()
            for role in self._roles:
                if self._next[role] <= now and not self._stop.is_set():
                    self._look(role)
            wait = max(0.0, min(self._next.values()) - time.monotonic())
            if wait and self._woken(wait):
                self._next = dict.fromkeys(self._roles, 0.0)
                self._rests = dict.fromkeys(self._roles, IDLE_SECONDS)
        self._drop_connection()

    def _look(self, role: Role) -> None:
        """One round of a role, and when it looks again: at once after work, else ever later up to its longest rest."""
        rest = 0.0
        try:
            busy = self._round(role)
            self._rests[role] = IDLE_SECONDS if busy else min(self._rests[role] * 1.5, role.rest)
            rest = 0.0 if busy else self._rests[role]
            if self._away:
                log.info("database_back", role=role.name)
                self._away = False
        except database.Unavailable as error:
            if not self._away:
                log.warning("database_away", role=role.name, error=str(error).strip()[:200])
            self._away = True
            self._drop_connection()
            rest = 0.5
        except Exception:
            log.exception("role_failed", role=role.name)
            self._drop_connection()
            rest = 1.0
        self._next[role] = time.monotonic() + rest

    def _woken(self, seconds: float) -> bool:
        """Rest; whether a notice ended it."""
        if self._conn is None or self._channel is None:
            self._stop.wait(seconds)
            return False
        try:
            return bool(list(self._conn.notifies(timeout=seconds, stop_after=1)))
        except database.Unavailable:  # the next look will say so
            self._stop.wait(IDLE_SECONDS)
            return False

    @property
    def _channel(self) -> str | None:
        return next((role.woken_by for role in self._roles if role.woken_by is not None), None)

    def _round(self, role: Role) -> bool:
        """One turn in each workspace that has work; whether anything was done."""
        if self._conn is None:
            self._conn = database.connect(autocommit=True)  # so that a look is one round trip
            if self._channel is not None:
                self._conn.execute(f"LISTEN {self._channel}")
        conn = self._conn
        workspaces = role.find(conn, clock.now())
        busy = False
        for workspace_id in workspaces:
            if self._stop.is_set():
                break
            if self._resting.get((role.name, workspace_id), 0) > time.monotonic():
                continue
            try:
                with conn.transaction():
                    busy |= role.turn(conn, workspace_id, clock.now()) > 0
            except database.Conflict as error:
                log.info("turn_gave_way", role=role.name, workspace=workspace_id, error=str(error).strip()[:200])
                busy = True
            except database.Unavailable:
                raise
            except Exception:
                log.exception("turn_failed", role=role.name, workspace=workspace_id)
                self._resting[role.name, workspace_id] = time.monotonic() + FAILED_SECONDS
        return busy

    def _drop_connection(self) -> None:
        if self._conn is not None:
            self._conn.close()
            self._conn = None
