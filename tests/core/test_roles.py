"""The loop of a role: rests grow while there is nothing to do, and a word from the database ends one at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from queue import Empty, Queue

import pytest
from psycopg import Connection

from headwater.core import database
from headwater.core.roles import Loop, Role


class Work:
    """What a role is to do: workspaces in a queue; `looks` counts the looks for work."""

    def __init__(self) -> None:
        self.looks: Queue[float] = Queue()
        self.waiting: Queue[int] = Queue()
        self.done: Queue[int] = Queue()

    def find(self, conn: Connection, now: datetime) -> list[int]:
        self.looks.put(0)
        try:
            return [self.waiting.get_nowait()]
        except Empty:
            return []

    def turn(self, conn: Connection, workspace_id: int, now: datetime) -> int:
        if workspace_id == 13:
            raise ValueError("unlucky")
        self.done.put(workspace_id)
        return 1


@contextmanager
def running(*roles: Role) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=Loop(roles, stop).run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


@pytest.mark.usefixtures("server")
def test_a_notice_ends_a_long_rest() -> None:
    work = Work()
    with running(Role("a-test", work.find, work.turn, rest=15, woken_by="a_test")):
        for _ in range(14):  # until it rests for seconds
            work.looks.get(timeout=60)
        work.waiting.put(7)
        with database.connect(autocommit=True) as conn:
            conn.execute("NOTIFY a_test")

        assert work.done.get(timeout=1) == 7


@pytest.mark.usefixtures("server")
def test_without_a_notice_it_looks_by_itself_and_one_that_fails_stops_no_other() -> None:
    work = Work()
    with running(Role("a-test", work.find, work.turn, rest=0.05)):
        work.waiting.put(13)
        work.waiting.put(7)

        assert work.done.get(timeout=5) == 7


@pytest.mark.usefixtures("server")
def test_roles_that_share_a_thread_each_look_in_their_own_time() -> None:
    often, seldom = Work(), Work()
    roles = Role("often", often.find, often.turn, rest=0.02), Role("seldom", seldom.find, seldom.turn, rest=60)
    with running(*roles):
        seldom.waiting.put(7)
        assert seldom.done.get(timeout=5) == 7
        for _ in range(50):
            often.looks.get(timeout=5)
        often.waiting.put(8)
        assert often.done.get(timeout=1) == 8

    assert seldom.looks.qsize() < 25
