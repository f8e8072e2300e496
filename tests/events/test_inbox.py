"""The inbox: answered means committed, and nothing that was answered is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from datetime import timedelta

import orjson
import psycopg
import pytest
from psycopg import Connection

from headwater.core import database
from headwater.events import inbox
from tests.events.happenings import NOW


def _item(message_id: str) -> bytes:
    return inbox.item(type="track", id=message_id, ts=NOW, user={"email": "ann@example.com"}, metric="Placed Order")


def _ids(rows: list[inbox.Row]) -> list[str]:
    return [orjson.loads(raw)["id"] for row in rows for raw in row.items]


def test_items_come_back_in_order_and_whole(conn: Connection, workspace: int) -> None:
    inbox.put(conn, workspace, [_item("a"), _item("b\nwith a line end")], NOW)
    inbox.put(conn, workspace, [_item("c")], NOW + timedelta(seconds=1))
    inbox.put(conn, workspace, [], NOW)

    rows = inbox.read(conn, workspace, 100)

    assert _ids(rows) == ["a", "b\nwith a line end", "c"]
    assert [row.received_at for row in rows] == [NOW, NOW + timedelta(seconds=1)]
    inbox.remove(conn, workspace, rows)
    assert inbox.read(conn, workspace, 100) == []


def test_a_limit_takes_whole_rows_and_at_least_one(conn: Connection, workspace: int) -> None:
    for group in ("abc", "de", "fgh"):
        inbox.put(conn, workspace, [_item(one) for one in group], NOW)

    assert _ids(inbox.read(conn, workspace, 1)) == list("abc")
    assert _ids(inbox.read(conn, workspace, 4)) == list("abcde")
    assert _ids(inbox.read(conn, workspace, 6)) == list("abcdefgh")


def test_workspaces_with_work_are_those_with_rows(conn: Connection, workspace: int) -> None:
    assert workspace not in inbox.workspaces_with_work(conn)
    inbox.put(conn, workspace, [_item("a")], NOW)
    assert workspace in inbox.workspaces_with_work(conn)


def test_what_could_not_be_processed_is_kept_with_the_reason(conn: Connection, workspace: int) -> None:
    inbox.set_aside(conn, workspace, NOW, [(b"{broken", "not JSON"), (_item("a"), "x" * 5000)], NOW)

    rows = conn.execute(
        "SELECT item, error FROM inbox_failure WHERE workspace_id = %s ORDER BY id", (workspace,)
    ).fetchall()
    assert [bytes(row[0]) for row in rows] == [b"{broken", _item("a")]
    assert rows[0][1] == "not JSON"
    assert len(rows[1][1]) <= 2000


def test_concurrent_puts_share_commits(conn: Connection, workspace: int) -> None:
    async def flood() -> None:
        writer = inbox.Writer()
        await asyncio.gather(*(writer.put(workspace, [_item(f"m-{n}")]) for n in range(500)))
        await writer.close()

    asyncio.run(flood())

    rows = inbox.read(conn, workspace, 1000)
    assert sorted(_ids(rows)) == sorted(f"m-{n}" for n in range(500))
    assert len(rows) < 20
    conn.execute("DELETE FROM inbox WHERE workspace_id = %s", (workspace,))
    conn.commit()


def test_a_commit_holds_a_bounded_amount_in_order(
    conn: Connection, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox.Writer, "GROUP_BYTES", 1000)
    large = _item("large" * 500)

    async def flood() -> None:
        writer = inbox.Writer()
        await asyncio.gather(*(writer.put(workspace, [large] if n == 30 else [_item(f"m-{n}")]) for n in range(60)))
        await writer.close()

    asyncio.run(flood())

    rows = inbox.read(conn, workspace, 1000)
    assert _ids(rows) == [f"m-{n}" if n != 30 else "large" * 500 for n in range(60)]
    assert all(sum(map(len, row.items)) <= 1000 or row.items == [large] for row in rows)
    conn.execute("DELETE FROM inbox WHERE workspace_id = %s", (workspace,))
    conn.commit()


def test_when_too_much_waits_the_next_are_refused_at_once(
    conn: Connection, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox.Writer, "MOST_WAITING_BYTES", 2000)

    async def flood() -> list[object]:
        writer = inbox.Writer()
        answers = await asyncio.gather(
            *(writer.put(workspace, [_item(f"m-{n}")]) for n in range(50)), return_exceptions=True
        )
        await writer.put(workspace, [_item("later")])
        await writer.close()
        return answers

    answers = asyncio.run(flood())

    taken = [f"m-{n}" for n, answer in enumerate(answers) if answer is None]
    assert 0 < len(taken) < 50
    assert all(answer is None or isinstance(answer, psycopg.OperationalError) for answer in answers)
    assert _ids(inbox.read(conn, workspace, 1000)) == [*taken, "later"]
    conn.execute("DELETE FROM inbox WHERE workspace_id = %s", (workspace,))
    conn.commit()


def test_an_answer_means_another_connection_sees_it(conn: Connection, workspace: int) -> None:
    async def one_by_one() -> list[int]:
        writer = inbox.Writer()
        seen = []
        for n in range(3):
            await writer.put(workspace, [_item(f"m-{n}")])
            with database.connect() as other:
                seen.append(len(_ids(inbox.read(other, workspace, 100))))
        await writer.close()
        return seen

    assert asyncio.run(one_by_one()) == [1, 2, 3]


def test_while_the_database_is_away_requests_fail_and_afterwards_work(
    conn: Connection, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = True
    real = database.url()
    monkeypatch.setattr(
        database, "url", lambda: "postgresql:///nothing?host=/nonexistent&user=nobody" if away else real
    )

    async def outage() -> list[type]:
        nonlocal away
        writer = inbox.Writer()
        failed = await asyncio.gather(
            *(writer.put(workspace, [_item(f"lost-{n}")]) for n in range(3)), return_exceptions=True
        )
        away = False
        await writer.put(workspace, [_item("kept")])
        await writer.close()
        return [type(one) for one in failed]

    failures = asyncio.run(outage())

    assert all(issubclass(one, psycopg.OperationalError | psycopg.InterfaceError) for one in failures)
    assert _ids(inbox.read(conn, workspace, 100)) == ["kept"]


async def _nobody() -> None:
    """Wakes nobody."""


def test_a_connection_that_dies_fails_only_those_who_wait(
    conn: Connection, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cut() -> tuple[object, None]:
        writer = inbox.Writer()
        monkeypatch.setattr(writer, "_wake", _nobody)  # a notice still on its way would be what meets the cut
        await writer.put(workspace, [_item("first")])
        assert writer._conn is not None
        conn.execute("SELECT pg_terminate_backend(%s, 5000)", (writer._conn.info.backend_pid,))  # and waits for its end
        conn.commit()
        failed = await asyncio.gather(writer.put(workspace, [_item("cut")]), return_exceptions=True)
        again = await writer.put(workspace, [_item("after")])
        await writer.close()
        return failed[0], again

    failed, _ = asyncio.run(cut())

    assert isinstance(failed, psycopg.OperationalError | psycopg.InterfaceError)
    assert _ids(inbox.read(conn, workspace, 100)) == ["first", "after"]


_WRITER = """
import asyncio, sys
from headwater.events import inbox
from tests.events.test_inbox import _item

async def main():
    writer = inbox.Writer()
    async def send(n):
        await writer.put({workspace}, [_item(f"m-{{n}}")])
        sys.stdout.write(f"m-{{n}}\\n")
        sys.stdout.flush()
    for start in range(0, 100_000, 50):
        await asyncio.gather(*(send(n) for n in range(start, start + 50)))

asyncio.run(main())
"""


@pytest.mark.faults
def test_what_a_killed_process_acknowledged_is_in_the_database(conn: Connection, workspace: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _WRITER.format(workspace=workspace)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(["src", "."])},
    )
    assert process.stdout is not None
    acknowledged = [process.stdout.readline().strip() for _ in range(3000)]
    process.send_signal(signal.SIGKILL)
    acknowledged += [line.strip() for line in process.stdout.read().splitlines() if line.startswith("m-")][:-1]
    process.wait()

    stored = set(_ids(inbox.read(conn, workspace, 10**6)))
    rows = conn.execute("SELECT items FROM inbox WHERE workspace_id = %s", (workspace,)).fetchall()
    stored |= {orjson.loads(raw)["id"] for (items,) in rows for raw in bytes(items).split(b"\n")}
    assert len(acknowledged) >= 3000
    assert set(acknowledged) <= stored
    conn.execute("DELETE FROM inbox WHERE workspace_id = %s", (workspace,))
    conn.commit()
