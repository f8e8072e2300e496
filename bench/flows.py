"""How fast people enter flows and move through them, ledger included, and what a tick costs while nobody is due.

    python bench/flows.py [--enrolments 100000] [--waiting 200000]

Starts its own durable PostgreSQL in a temporary directory. One process does all the work, as one worker would.
Cases, one JSON line each:
  entry    events that trigger the browse-abandonment flow, in batches of 5,000: filters, re-entry, enrolment written
  advance  enrolments due at an email: filters and exits asked, email intended, next delay computed, all written back
  split    enrolments due at the conditional split, then an email and the countdown to the coupon's end
  tick     one turn of the runner while many wait and nobody is due
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

BATCH = 5000
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@contextmanager
def instance() -> Iterator[int]:
    """A migrated, durable database of its own; yields the server's process id."""
    data_dir = Path(tempfile.mkdtemp(prefix="hw-bench-", dir="/tmp"))
    data_dir.chmod(0o755)
    for name in [name for name in os.environ if name.startswith("HEADWATER_")] + ["DATABASE_URL"]:
        os.environ.pop(name, None)
    os.environ |= {
        "HEADWATER_DATA_DIR": str(data_dir),
        "HEADWATER_SECRET_KEY": "bench-only-secret-key-0123456789-abcdefgh",
        "DJANGO_SETTINGS_MODULE": "headwater.core.django_settings",
    }
    from headwater.core import postgres

    server = postgres.Server(data_dir)
    server.start()
    try:
        import django
        from django.core.management import call_command

        from headwater.composition import compose

        django.setup()
        call_command("migrate", verbosity=0)
        compose()
        yield int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
    finally:
        from headwater.core import database

        database.pool().close()
        server.stop()
        shutil.rmtree(data_dir, ignore_errors=True)


def cpu(server: int) -> float:
    """CPU seconds of this process and of the server with its children, ended ones included."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(stat.parent.name) == server:
            ticks += sum(int(field) for field in fields[11:15])
        elif int(fields[1]) == server:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK") + time.process_time()


def measure(case: str, server: int, turn: Callable[[], int]) -> None:
    """Run `turn` until it answers 0; print its rate and the time of its turns."""
    turns: list[float] = []
    done = 0
    used, started = cpu(server), time.perf_counter()
    while True:
        begun = time.perf_counter()
        moved = turn()
        if not moved:
            break
        turns.append((time.perf_counter() - begun) * 1000)
        done += moved
    seconds, used = time.perf_counter() - started, cpu(server) - used
    report(case, done / seconds, used / max(done, 1) * 1000, turns)


def report(case: str, rate: float, cpu_s_per_1000: float, times: Sequence[float]) -> None:
    ordered = sorted(times)
    line = {
        "bench": "flows",
        "case": case,
        "rate": round(rate, 1),
        "cpu_s_per_1000": round(cpu_s_per_1000, 4),
        "p50_ms": round(ordered[len(ordered) // 2], 2),
        "p99_ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 2),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
    }
    print(json.dumps(line), flush=True)


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


def entry(server: int, workspace: int, profiles: Sequence[int], at: datetime) -> None:
    """Everyone looks at a product. Storing the events is intake's bench; here they only trigger."""
    from headwater.events.store import Event

    from headwater.core import database
    from headwater.events import metrics
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

    measure("entry", server, turn)


def run(case: str, server: int, workspace: int, now: datetime) -> None:
    from headwater.core import database
    from headwater.flows import runner

    def turn() -> int:
        with database.transaction() as conn:
            return runner.run_due(conn, workspace, now)

    measure(case, server, turn)


def tick(server: int, workspace: int, now: datetime, ticks: int = 200) -> None:
    from headwater.core import database
    from headwater.flows import runner

    times: list[float] = []
    used, started = cpu(server), time.perf_counter()
    for _ in range(ticks):
        begun = time.perf_counter()
        with database.transaction() as conn:
            assert runner.workspaces_with_work(conn, now) == []
            assert runner.run_due(conn, workspace, now) == 0
        times.append((time.perf_counter() - begun) * 1000)
    report("tick", ticks / (time.perf_counter() - started), (cpu(server) - used) / ticks * 1000, times)


def settle(server_side: str) -> None:
    from headwater.core import database

    with database.connect(autocommit=True) as conn:
        conn.execute(server_side)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--enrolments", type=int, default=100_000)
    asked.add_argument("--waiting", type=int, default=200_000)
    chosen = asked.parse_args()
    with instance() as server:
        workspace, profiles = make_shop(max(chosen.enrolments, chosen.waiting))
        settle("VACUUM ANALYZE")
        moving, waiting = profiles[: chosen.enrolments], profiles[chosen.enrolments :]
        entry(server, workspace, moving, NOW)
        settle("VACUUM ANALYZE")
        run("advance", server, workspace, NOW + 2 * HOUR)
        next_morning = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
        run("advance", server, workspace, next_morning)
        settle("VACUUM ANALYZE")
        run("split", server, workspace, next_morning + 48 * HOUR)
        if waiting:
            entry(server, workspace, waiting, next_morning + 49 * HOUR)
        settle("VACUUM ANALYZE")
        tick(server, workspace, next_morning + 48 * HOUR)


if __name__ == "__main__":
    main()
