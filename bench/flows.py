"""How fast people enter flows and move through them, ledger included, and what a tick costs while nobody is due.

    python bench/flows.py [--enrolments 100000] [--waiting 200000]

Starts its own durable PostgreSQL in a temporary directory. One process does all the work, as one worker would; CPU is
that of the worker and of PostgreSQL together.
Cases, one JSON line each:
  entry    events that trigger the browse-abandonment flow, in batches of 5,000: filters, re-entry, enrolment written
  advance  enrolments due at an email: filters and exits asked, email intended, next delay computed, all written back;
           by one worker, then by two at once
  split    enrolments due at the conditional split, then an email and the countdown to the coupon's end
  tick     one turn of the runner while many wait and nobody is due
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from uuid import uuid4

import instance
import report

BATCH = 5000
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def measure(case: str, turn: Callable[[], int]) -> None:
    """Run `turn` until it answers 0; print its rate and the time of its turns."""
    turns: list[float] = []
    done = 0
    used, started = report.cpu_seconds([os.getpid()]), time.perf_counter()
    while True:
        begun = time.perf_counter()
        moved = turn()
        if not moved:
            break
        turns.append((time.perf_counter() - begun) * 1000)
        done += moved
    seconds, used = time.perf_counter() - started, report.cpu_seconds([os.getpid()]) - used
    report.line(
        bench="flows", case=case, rate=done / seconds, cpu_s_per_1000=used / max(done, 1) * 1000, times_ms=turns
    )


def make_shop(people: int) -> tuple[int, list[int]]:
    """A workspace with the browse-abandonment flow live, and people: (workspace, profiles)."""
    from psycopg.types.json import Jsonb

    from headwater.core import database
    from headwater.flows import files, publishing

    with database.transaction() as conn:
        row = conn.execute(
            """
            INSERT INTO workspace (name, slug, timezone, currency, from_name, from_email, reply_to, postal_address,
                                   website_url, smart_sending_hours, require_consent, created_at)
            VALUES ('Juniper', 'juniper', 'UTC', 'USD', 'Juniper', 'hello@juniper.example', '',
                    '1 Main St, Springfield', 'https://juniper.example', 16, true, %s)
            RETURNING id
            """,
            (NOW,),
        ).fetchone()
        assert row is not None
        workspace = int(row[0])
        tree = files.read((publishing.RECIPES / "browse-abandonment" / "flow.yaml").read_text())
        flow = conn.execute(
            """
            INSERT INTO flow (workspace_id, slug, name, status, live_version, created_at, updated_at)
            VALUES (%s, 'browse-abandonment', 'Browse abandonment', 'live', 1, %s, %s)
            RETURNING id
            """,
            (workspace, NOW, NOW),
        ).fetchone()
        assert flow is not None
        conn.execute(
            """
            INSERT INTO flow_version (workspace_id, flow_id, version, definition, published_at)
            VALUES (%s, %s, 1, %s, %s)
            """,
            (workspace, flow[0], Jsonb(tree), NOW),
        )
        ids = conn.execute(
            """
            INSERT INTO profile (workspace_id, email, first_name, timezone, created_at, updated_at)
            SELECT %(workspace)s, 'person' || n || '@example.com', 'Robin', 'America/New_York', %(now)s, %(now)s
            FROM generate_series(1, %(count)s) AS n
            RETURNING id
            """,
            {"workspace": workspace, "now": NOW, "count": people},
        ).fetchall()
    return workspace, [row[0] for row in ids]


def entry(workspace: int, profiles: Sequence[int], at: datetime) -> None:
    """Everyone looks at a product. Storing the events is intake's bench; here they only trigger."""
    from headwater.core import database
    from headwater.events import metrics
    from headwater.events.store import Event
    from headwater.flows import entry as entering

    shown = {
        "product_id": "1",
        "title": "Boots",
        "category": "Shoes",
        "price": 89.0,
        "url": "https://juniper.example/1",
    }
    with database.transaction() as conn:
        metric = metrics.ids(conn, workspace, [metrics.VIEWED_PRODUCT], NOW)[metrics.VIEWED_PRODUCT]
    batches = iter(range(0, len(profiles), BATCH))

    def turn() -> int:
        begins = next(batches, None)
        if begins is None:
            return 0
        batch = profiles[begins : begins + BATCH]
        events = [Event(uuid4(), at, metrics.VIEWED_PRODUCT, metric, profile, None, shown, False) for profile in batch]
        with database.transaction() as conn:
            return entering.on_events(conn, workspace, events, at)

    measure("entry", turn)


def run(case: str, workspace: int, now: datetime) -> None:
    from headwater.core import database
    from headwater.flows import runner

    def turn() -> int:
        with database.transaction() as conn:
            return runner.run_due(conn, workspace, now)

    measure(case, turn)


def turns_of(workspace: int, now: datetime) -> list[tuple[float, int]]:
    """A worker of its own: (milliseconds, enrolments advanced) of each of its turns."""
    from headwater.core import database
    from headwater.flows import runner

    turns = []
    while True:
        begun = time.perf_counter()
        with database.transaction() as conn:
            moved = runner.run_due(conn, workspace, now)
        if not moved:
            return turns
        turns.append(((time.perf_counter() - begun) * 1000, moved))


def run_by_two(workspace: int, now: datetime) -> None:
    """The same work by two worker processes at once: they must not stand in each other's way."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as workers:
        list(workers.map(turns_of, [workspace] * 2, [now - 1000 * HOUR] * 2))  # started and connected
        used, started = report.cpu_seconds([os.getpid()]), time.perf_counter()
        turns = [turn for worker in workers.map(turns_of, [workspace] * 2, [now] * 2) for turn in worker]
        seconds, used = time.perf_counter() - started, report.cpu_seconds([os.getpid()]) - used
    done = sum(moved for _, moved in turns)
    report.line(
        bench="flows",
        case="advance by two workers",
        rate=done / seconds,
        cpu_s_per_1000=used / max(done, 1) * 1000,
        times_ms=[milliseconds for milliseconds, _ in turns],
    )


def tick(workspace: int, now: datetime, ticks: int = 200) -> None:
    from headwater.core import database
    from headwater.flows import runner

    times: list[float] = []
    used, started = report.cpu_seconds([os.getpid()]), time.perf_counter()
    for _ in range(ticks):
        begun = time.perf_counter()
        with database.transaction() as conn:
            assert runner.workspaces_with_work(conn, now) == []
            assert runner.run_due(conn, workspace, now) == 0
        times.append((time.perf_counter() - begun) * 1000)
    seconds, used = time.perf_counter() - started, report.cpu_seconds([os.getpid()]) - used
    report.line(bench="flows", case="tick", rate=ticks / seconds, cpu_s_per_1000=used / ticks * 1000, times_ms=times)


def settle(statement: str) -> None:
    from headwater.core import database

    with database.connect(autocommit=True) as conn:
        conn.execute(statement)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--enrolments", type=int, default=100_000)
    asked.add_argument("--waiting", type=int, default=200_000)
    chosen = asked.parse_args()
    with instance.running():
        workspace, profiles = make_shop(max(chosen.enrolments, chosen.waiting))
        settle("VACUUM ANALYZE")
        moving, waiting = profiles[: chosen.enrolments], profiles[chosen.enrolments :]
        entry(workspace, moving, NOW)
        settle("VACUUM ANALYZE")
        run("advance", workspace, NOW + 2 * HOUR)
        next_morning = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
        run_by_two(workspace, next_morning)
        settle("VACUUM ANALYZE")
        run("split", workspace, next_morning + 48 * HOUR)
        if waiting:
            entry(workspace, waiting, next_morning + 49 * HOUR)
        settle("VACUUM ANALYZE")
        tick(workspace, next_morning + 48 * HOUR)


if __name__ == "__main__":
    main()
