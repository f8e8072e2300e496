"""Putting an audience into the ledger: in chunks, resumed after a kill, by two workers, and at size."""

from __future__ import annotations

import threading
import time

import pytest
from psycopg import Connection

from headwater.campaigns import campaigns, runner
from headwater.campaigns.campaigns import Draft
from headwater.core import database
from tests.campaigns.campaign_people import NOW, a_list, an_email, ledger_of, people


def scheduled(conn: Connection, workspace: int, number: int) -> tuple[int, list[int]]:
    members = people(conn, workspace, number)
    draft = Draft("Big", an_email(conn, workspace), [{"list": a_list(conn, workspace, "All", members)}])
    one = campaigns.create(conn, workspace, draft, NOW)
    campaigns.schedule(conn, workspace, one.id, NOW)
    conn.commit()
    return one.id, members


def test_a_process_killed_between_chunks_loses_and_doubles_nobody(conn: Connection, workspace: int) -> None:
    one, members = scheduled(conn, workspace, 25)
    # Given a worker that commits one chunk, and dies in the next before its commit
    with database.connect() as worker:
        runner.run_due(worker, workspace, NOW, chunk=10)
        worker.commit()
        runner.run_due(worker, workspace, NOW, chunk=10)
        worker.rollback()
    assert len(ledger_of(conn, workspace, one)) == 10
    assert campaigns.get(conn, workspace, [one])[one].status == "adding_recipients"
    conn.commit()
    # When another goes on
    while runner.run_due(conn, workspace, NOW, chunk=10):
        conn.commit()
    # Then everyone is in once
    assert set(ledger_of(conn, workspace, one)) == set(members)
    assert campaigns.get(conn, workspace, [one])[one].recipients == 25


def test_a_cursor_that_fell_behind_adds_nobody_twice(conn: Connection, workspace: int) -> None:
    one, members = scheduled(conn, workspace, 5)
    runner.run_due(conn, workspace, NOW, chunk=3)
    conn.execute("UPDATE campaign SET cursor = 0 WHERE workspace_id = %s", (workspace,))
    while runner.run_due(conn, workspace, NOW, chunk=3):
        pass
    assert set(ledger_of(conn, workspace, one)) == set(members)
    assert campaigns.get(conn, workspace, [one])[one].recipients == 5


def test_two_workers_do_not_get_into_each_others_way(conn: Connection, workspace: int) -> None:
    one, members = scheduled(conn, workspace, 200)
    failures: list[BaseException] = []

    def worker() -> None:
        try:
            with database.connect() as own:
                while campaigns.get(own, workspace, [one])[one].audience_done_at is None:
                    own.commit()
                    runner.run_due(own, workspace, NOW, chunk=7)
                    own.commit()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert set(ledger_of(conn, workspace, one)) == set(members)
    assert campaigns.get(conn, workspace, [one])[one].recipients == 200


@pytest.mark.slow
def test_a_hundred_thousand_in_a_few_seconds(conn: Connection, workspace: int) -> None:
    one, members = scheduled(conn, workspace, 100_000)
    conn.execute("ANALYZE profile, list_member")
    started = time.monotonic()
    while runner.run_due(conn, workspace, NOW):
        conn.commit()
    spent = time.monotonic() - started
    assert len(ledger_of(conn, workspace, one)) == len(members)
    assert spent < 30, f"{spent:.1f} s"
