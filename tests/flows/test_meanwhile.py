"""What happens to somebody while the runner is just moving them on: nothing that they wait for is overlooked.

Two transactions, the runner's and the processor's, which do not see what the other has not committed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from psycopg import Connection

from headwater.core import database
from headwater.flows import entry, runner
from tests.flows.flow_tables import did, enrol, enrolments, messages, people, publish
from tests.running_instance import eventually

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LOOK = {
    "id": "look",
    "wait_for": [{"metric": "Added to Cart", "then": [{"email": "cart.mjml"}]}],
    "within": {"days": 3},
    "else": [{"email": "late.mjml"}],
}


@pytest.fixture
def processor(server: object) -> Iterator[Connection]:
    """The connection of the other transaction."""
    with database.connect() as connection:
        yield connection


@pytest.fixture
def aside() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as threads:
        yield threads


def happens(conn: Connection, workspace: int, person: int, at: datetime) -> None:
    """As the processor stores an event, and gives it effect."""
    entry.on_events(conn, workspace, did(conn, workspace, person, "Added to Cart", at), at)


def done_or_waiting(watching: Connection, done: Future[None], whom: Connection) -> Callable[[], bool]:
    """Whether the other transaction has come to its end, or waits for a lock."""

    def look() -> bool:
        row = watching.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", (whom.info.backend_pid,)).fetchone()
        return done.done() or row == (True,)

    return look


def person_before(conn: Connection, workspace: int, *steps: object, step: str | None = None) -> int:
    """Somebody whose step is due, in a live flow of these steps."""
    flow_id = publish(conn, workspace, NOW, *steps)
    [person] = people(conn, workspace, NOW, 1)
    enrol(conn, workspace, flow_id, [person], NOW, step=step)
    conn.commit()
    return person


@pytest.mark.parametrize("step", [None, "look"])
def test_what_happens_while_somebody_comes_to_a_wait_is_looked_at(
    conn: Connection, workspace: int, processor: Connection, aside: ThreadPoolExecutor, step: str | None
) -> None:
    person = person_before(conn, workspace, {"email": "hello.mjml"}, LOOK, step=step)
    assert runner.run_due(conn, workspace, NOW) == 1  # and has not committed yet

    def process() -> None:
        happens(processor, workspace, person, NOW)
        processor.commit()

    processed = aside.submit(process)
    with database.connect() as watching:
        eventually(done_or_waiting(watching, processed, processor), what="the processor")
    conn.commit()
    processed.result(10)

    assert [row["wake_at"] for row in enrolments(conn, workspace)] == [NOW]
    runner.run_due(conn, workspace, NOW)
    assert [row[0] for row in messages(conn, workspace)][-1] == "cart"


def test_who_comes_to_a_wait_while_something_happens_is_looked_at(
    conn: Connection, workspace: int, processor: Connection
) -> None:
    person = person_before(conn, workspace, {"email": "hello.mjml"}, LOOK, step="look")
    happens(processor, workspace, person, NOW)  # and has not committed yet

    moved = runner.run_due(conn, workspace, NOW)
    conn.commit()
    processor.commit()

    assert moved == 0, "it is not moved on without what is just happening"
    runner.run_due(conn, workspace, NOW)
    assert [row[0] for row in messages(conn, workspace)] == ["cart"]
