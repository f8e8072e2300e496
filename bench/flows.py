"""How fast people enter flows and move through them, ledger included, and what a tick costs while nobody is due.

    python bench/flows.py [--enrolments 100000] [--waiting 1000000]

Starts its own durable PostgreSQL in a temporary directory. CPU is that of the workers and of PostgreSQL together.
Cases, one JSON line each; `steps` is the rate of step transitions (a person past an email and the delay after it: two):
  entry    events that trigger the browse-abandonment flow, in batches of 5,000: filters, re-entry, enrolment written
  advance  enrolments due at an email: filters and exits asked, email intended, next delay computed, all written back;
           by one worker, then by two and by four at once, on as many people each
  split    enrolments due at the conditional split, then an email and the countdown to the coupon's end
  segment  everybody of a segment of that size added to a flow by hand, until the last is in
  exit     from an order's commit in the inbox to the end of its customer's enrolment, with a real worker process, while
           the flow's other people are moved on: milliseconds
  tick     one look for work, and one turn, while a million wait and nobody is due
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from typing import Any
from uuid import uuid4

from psycopg import Connection

import instance
import report

BATCH = 5000
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


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


def make_shop(slug: str, people: int) -> tuple[int, list[int]]:
    """A workspace with the browse-abandonment flow live, and people: (workspace, profiles)."""
    from headwater.core import database
    from headwater.flows.reading import files
    from headwater.flows.recipes import RECIPES

    with database.transaction() as conn:
        row = conn.execute(
            """
            INSERT INTO workspace (name, slug, timezone, currency, from_name, from_email, reply_to, postal_address,
                                   website_url, smart_sending_hours, require_consent, created_at)
            VALUES (%s, %s, 'UTC', 'USD', 'Juniper', 'hello@juniper.example', '',
                    '1 Main St, Springfield', 'https://juniper.example', 16, true, %s)
            RETURNING id
            """,
            (slug, slug, NOW),
        ).fetchone()
        assert row is not None
        workspace = int(row[0])
        ids = conn.execute(
            """
            INSERT INTO profile (workspace_id, email, first_name, timezone, created_at, updated_at)
            SELECT %(workspace)s, 'person' || n || '@example.com', 'Robin', 'America/New_York', %(now)s, %(now)s
            FROM generate_series(1, %(count)s) AS n
            RETURNING id
            """,
            {"workspace": workspace, "now": NOW, "count": people},
        ).fetchall()
    make_flow(workspace, files.read((RECIPES / "browse-abandonment" / "flow.yaml").read_text()))
    return workspace, [row[0] for row in ids]


def make_flow(workspace: int, tree: Any) -> None:
    """A live flow with one version, whose emails have no content."""
    from psycopg.types.json import Jsonb

    from headwater.core import database

    with database.transaction() as conn:
        conn.execute(
            """
            WITH made AS (
                INSERT INTO flow (workspace_id, slug, name, status, live_version, created_at, updated_at)
                VALUES (%(workspace)s, %(slug)s, %(slug)s, 'live', 1, %(now)s, %(now)s)
                RETURNING id
            )
            INSERT INTO flow_version (workspace_id, flow_id, version, definition, published_at)
            SELECT %(workspace)s, made.id, 1, %(tree)s, %(now)s
            FROM made
            """,
            {"workspace": workspace, "slug": tree["flow"], "tree": Jsonb(tree), "now": NOW},
        )


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


def run_by(count: int, workspace: int, now: datetime) -> None:
    """The same work by several worker processes at once: they must not stand in each other's way."""
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as workers:
        list(workers.map(turns_of, [workspace] * count, [now - 1000 * HOUR] * count))  # started and connected
        used, started = report.cpu_seconds([os.getpid()]), time.perf_counter()
        turns = [turn for worker in workers.map(turns_of, [workspace] * count, [now] * count) for turn in worker]
        seconds, used = time.perf_counter() - started, report.cpu_seconds([os.getpid()]) - used
    done = sum(moved for _, moved in turns)
    report.line(
        bench="flows",
        case=f"advance by {count} worker{'s' if count > 1 else ''}",
        rate=done / seconds,
        cpu_s_per_1000=used / max(done, 1) * 1000,
        times_ms=[milliseconds for milliseconds, _ in turns],
        steps=round(2 * done / seconds),
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


def exits(workspace: int, profiles: Sequence[int], orders: int = 300) -> None:
    """How long an order takes to end its customer's enrolment, while a worker moves everybody else on."""
    from headwater.core import database
    from headwater.events import inbox, metrics

    now = datetime.now(UTC)
    customers, others = profiles[:orders], profiles[orders:]
    stand(workspace, customers, now, now + 2 * HOUR)
    stand(workspace, others, now - 2 * HOUR, now)
    begun: dict[int, float] = {}
    took: list[float] = []
    worker = subprocess.Popen([sys.executable, "-m", "headwater", "worker"], stderr=subprocess.DEVNULL)
    try:
        with database.connect(autocommit=True) as conn:
            while standing(conn, workspace, others) == len(others):  # until it is at work
                time.sleep(0.05)
            for profile in customers:
                order = inbox.item(
                    type="track",
                    id=f"order-{profile}",
                    ts=datetime.now(UTC),
                    user={"profile_id": profile},
                    metric=metrics.PLACED_ORDER,
                    properties={},
                    value=10,
                )
                inbox.put(conn, workspace, [order], datetime.now(UTC))
                begun[profile] = time.perf_counter()
                collect(conn, workspace, begun, took)
                time.sleep(0.02)
            moved = len(others) - standing(conn, workspace, others)
            while begun:
                collect(conn, workspace, begun, took)
                time.sleep(0.005)
    finally:
        worker.terminate()
        worker.wait(30)
    seconds = sum(took) / 1000
    report.line(bench="flows", case="exit", rate=len(took) / seconds, times_ms=took, moved_meanwhile=moved)


def standing(conn: Connection, workspace: int, profiles: Sequence[int]) -> int:
    """How many of these (and later) people still stand before the first email."""
    row = conn.execute(
        "SELECT count(*) FROM enrolment WHERE workspace_id = %s AND step = 'welcome' AND profile_id >= %s",
        (workspace, profiles[0]),
    ).fetchone()
    assert row is not None
    return int(row[0])


def collect(conn: Connection, workspace: int, begun: dict[int, float], took: list[float]) -> None:
    """Those whose enrolment has ended since."""
    rows = conn.execute(
        "SELECT profile_id FROM enrolment WHERE workspace_id = %s AND profile_id = ANY (%s) AND state = 'exited'",
        (workspace, list(begun)),
    ).fetchall()
    for (profile,) in rows:
        took.append((time.perf_counter() - begun.pop(profile)) * 1000)


def add_segment(workspace: int, count: int, now: datetime) -> None:
    """Everybody of a segment of `count` people is added to a flow of their own, by hand."""
    from headwater.core import database
    from headwater.flows.arrivals import adding, selections
    from headwater.segments import building, saved

    trigger, steps = {"manual": {}}, [{"delay": {"hours": 1}}, {"email": "hello.mjml"}]
    make_flow(workspace, {"flow": "greeting", "trigger": trigger, "steps": steps})
    with database.transaction() as conn:
        conn.execute(
            """
            UPDATE profile
            SET country = 'NZ'
            WHERE workspace_id = %(workspace)s
              AND id IN (SELECT id FROM profile WHERE workspace_id = %(workspace)s ORDER BY id LIMIT %(count)s)
            """,
            {"workspace": workspace, "count": count},
        )
        made = saved.create(conn, workspace, "Far away", {"property": "country", "equals": "NZ"}, now)
    built = False
    while not built:
        with database.transaction() as conn:
            building.turn(conn, workspace, now)
            built = saved.get(conn, workspace, [made.id])[made.id].built
    settle("VACUUM ANALYZE")
    with database.transaction() as conn:
        wanted, _ = selections.of_segment(conn, workspace, made.id)
        adding.by_hand(conn, workspace, "greeting", wanted, "the bench", now)

    def turn() -> int:
        with database.transaction() as conn:
            return adding.turn(conn, workspace, now)

    measure("segment", turn)


def stand(workspace: int, profiles: Sequence[int], entered: datetime, wake: datetime) -> None:
    """Put people before the first email, as entering does, without asking anything."""
    from headwater.core import database

    with database.transaction() as conn:
        conn.execute(
            """
            INSERT INTO enrolment (workspace_id, flow_id, profile_id, entry_key, version, started_at, entered_at,
                                   trigger, step, wake_at)
            SELECT %(workspace)s, flow.id, given.id, 'given', 1, %(entered)s, %(entered)s,
                   '{"metric": "Viewed Product", "properties": {"price": 89}}', 'welcome', %(wake)s
            FROM unnest(%(ids)s::bigint[]) AS given (id)
            JOIN flow ON flow.workspace_id = %(workspace)s AND flow.slug = 'browse-abandonment'
            """,
            {"workspace": workspace, "entered": entered, "wake": wake, "ids": list(profiles)},
        )


def settle(statement: str) -> None:
    from headwater.core import database

    with database.connect(autocommit=True) as conn:
        conn.execute(statement)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--enrolments", type=int, default=100_000)
    asked.add_argument("--waiting", type=int, default=1_000_000)
    chosen = asked.parse_args()
    count = chosen.enrolments
    smtp = f"smtp://127.0.0.1:{instance.free_port()}"
    with instance.running(HEADWATER_SMTP_URL=smtp):
        workspace, profiles = make_shop("juniper", max(count // 2, 2_000))
        settle("VACUUM ANALYZE")
        exits(workspace, profiles)
        settle("UPDATE flow SET status = 'archived'")
        workspace, profiles = make_shop("heather", 3 * count + chosen.waiting)
        settle("VACUUM ANALYZE")
        at = NOW
        for workers in (1, 2, 4):
            moving, profiles = profiles[:count], profiles[count:]
            entry(workspace, moving, at)
            settle("VACUUM ANALYZE")
            run_by(workers, workspace, at + 2 * HOUR)
            at += 100 * DAY
        settle("VACUUM ANALYZE")
        # Everybody who was advanced waits for the next morning's email; then for the split two days after it.
        run("advance again", workspace, at)
        settle("VACUUM ANALYZE")
        now = at + 3 * DAY
        run("split", workspace, now)
        add_segment(workspace, count, now)
        if chosen.waiting:
            stand(workspace, profiles, now, now + 30 * DAY)
        settle("VACUUM ANALYZE")
        tick(workspace, now)


if __name__ == "__main__":
    main()
