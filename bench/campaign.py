"""How fast a campaign leaves: from launch to the last accepted message, ledger, gates, rendering and SMTP included.

    python bench/campaign.py [--recipients 20000] [--workers 2] [--connections 8] [--keep]

Starts its own durable PostgreSQL in a temporary directory, worker processes with the real sender, and the cheap SMTP
sink; makes profiles; plans one message each; checks at the sink that every recipient got exactly one. One JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

HERE = Path(__file__).parent
PARAGRAPH = (
    "Thank you for being with us this season, {{ person.first_name | default: 'friend' }}. We chose these pieces with "
    "care, and this week they are yours before anyone else sees them. Every one of them is made to last, and to be "
    "repaired when it must be. "
)
CARD = """
    <mj-section padding="8px 0"><mj-column width="35%"><mj-image width="180px" alt="{title}"
      src="https://juniper.example/images/{n}.jpg" href="https://juniper.example/products/{n}" /></mj-column>
      <mj-column width="65%"><mj-text font-size="18px"><a href="https://juniper.example/products/{n}?from=list">{title}</a>
      </mj-text><mj-text color="#555555">{text}</mj-text></mj-column></mj-section>"""
MJML = (
    """<mjml><mj-head><mj-attributes><mj-all font-family="Helvetica, Arial, sans-serif" /></mj-attributes></mj-head>
  <mj-body width="600px"><mj-section><mj-column>
    <mj-text font-size="26px">Hello {{ first_name | default: 'there' }}, the sale begins</mj-text>
    <mj-text>{{ organization.name }} writes to {{ email }} in {{ person.city | default: 'your town' }}.</mj-text>
    {% if person.properties.tier == 'gold' %}<mj-text>You are a gold member: two days earlier.</mj-text>{% endif %}
  </mj-column></mj-section>"""
    + "".join(CARD.format(n=n, title=f"Piece number {n}", text=PARAGRAPH) for n in range(9))
    + """
  <mj-section><mj-column><mj-button href="https://juniper.example/sale">See the whole sale</mj-button>
    <mj-text font-size="12px"><a href="{{ web_view_link }}">View in browser</a> · {{ organization.full_address }} ·
    <a href="{{ unsubscribe_link }}">Unsubscribe</a></mj-text></mj-column></mj-section>
  </mj-body></mjml>"""
)


def environment(data_dir: Path, smtp_port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HEADWATER_", "DATABASE_URL"))}
    return kept | {
        "HEADWATER_DATA_DIR": str(data_dir),
        "HEADWATER_SECRET_KEY": "bench-only-secret-key-0123456789-abcdefgh",
        "HEADWATER_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
        "HEADWATER_BASE_URL": "https://news.juniper.example",
        "DJANGO_SETTINGS_MODULE": "headwater.core.django_settings",
    }


def work() -> None:
    """A worker process: the real sender, and a source that vouches for every message. SIGTERM ends it."""
    from headwater.delivery import sender, sources
    from headwater.delivery.sources import Brief

    class Campaign:
        def brief(self, conn, workspace_id, messages, now):  # type: ignore[no-untyped-def]
            return dict.fromkeys((message.id for message in messages), Brief(message_name="Bench"))

    sources.register("bench", Campaign())
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    print("ready", flush=True)
    profile = os.environ.get("BENCH_PROFILE")
    if profile:
        import cProfile

        recorder = cProfile.Profile()
        recorder.enable()
        sender.serve(stop)
        recorder.disable()
        recorder.dump_stats(f"{profile}.{os.getpid()}")
    else:
        sender.serve(stop)


def make_people(recipients: int) -> int:
    """A workspace with `recipients` subscribed profiles; its id."""
    from headwater.core import database

    now = datetime.now(UTC)
    with database.transaction() as conn:
        workspace = conn.execute(
            """
            INSERT INTO workspace (name, slug, timezone, currency, from_name, from_email, reply_to, postal_address,
                                   website_url, smart_sending_hours, require_consent, created_at)
            VALUES ('Juniper', 'juniper', 'UTC', 'USD', 'Juniper', 'hello@juniper.example', '',
                    '1 Main St, Springfield', 'https://juniper.example', 16, true, %s)
            RETURNING id
            """,
            (now,),
        ).fetchone()[0]  # type: ignore[index]
        conn.execute(
            """
            INSERT INTO profile (workspace_id, email, external_id, first_name, last_name, city, country, timezone,
                                 properties, created_at, updated_at)
            SELECT %(workspace)s, 'person' || n || '@example.com', 'c' || n, 'Robin', 'Number ' || n, 'Springfield',
                   'US', 'America/New_York', jsonb_build_object('tier', CASE WHEN n %% 5 = 0 THEN 'gold' ELSE 'base' END,
                                                          'orders', n %% 7, 'last_size', 'M'), %(now)s, %(now)s
            FROM generate_series(1, %(count)s) AS n
            """,
            {"workspace": workspace, "count": recipients, "now": now},
        )
        conn.execute(
            """
            INSERT INTO profile_identifier (workspace_id, kind, value, profile_id)
            SELECT workspace_id, 'email', email, id FROM profile WHERE workspace_id = %(workspace)s
            """,
            {"workspace": workspace},
        )
        conn.execute(
            """
            INSERT INTO consent (workspace_id, profile_id, state, changed_at, method)
            SELECT workspace_id, id, 'subscribed', %(now)s, 'list_import'
            FROM profile
            WHERE workspace_id = %(workspace)s
            """,
            {"workspace": workspace, "now": now},
        )
    with database.connect(autocommit=True) as conn:
        conn.execute("VACUUM ANALYZE")
        conn.execute("CHECKPOINT")
    return int(workspace)


def make_template(workspace: int) -> int:
    from headwater.content import templates
    from headwater.content.document import Document
    from headwater.core import database

    document = Document(subject="{{ first_name }}, the sale begins", preview_text="Before anyone else", mjml=MJML)
    with database.transaction() as conn:
        return templates.save(conn, workspace, "Bench", document, datetime.now(UTC))[1]


def launch(workspace: int, version: int) -> int:
    """Plan one message for everybody: what a campaign's launch does."""
    from headwater.core import database, partitions
    from headwater.delivery import ledger

    now = datetime.now(UTC)
    with database.transaction() as conn:
        partitions.ensure(conn, "message", [now])
        return conn.execute(
            ledger.intend_query("SELECT id FROM profile WHERE workspace_id = %(workspace)s"),
            {
                "workspace": workspace,
                "source": "bench",
                "source_id": 1,
                "step": "",
                "occurrence": 0,
                "origin_at": now,
                "send_at": now,
                "template_version_id": version,
                "now": now,
            },
        ).rowcount


def cpu_of(pid: int) -> float:
    """User and system seconds of a process and its children that ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def cpu_of_postgres() -> float:
    total = 0.0
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"postgres" in path.read_bytes() and _of_our_group(int(path.parent.name)):
                total += cpu_of(int(path.parent.name))
        except OSError:
            continue
    return total


_postgres_pid = 0


def _of_our_group(pid: int) -> bool:
    return (
        pid == _postgres_pid or int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1]) == _postgres_pid
    )


def rss_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def await_end(workspace: int, timeout: float) -> float:
    """Until nothing is open in the ledger; the wall time of the last acceptance."""
    from headwater.core import database
    from headwater.delivery import ledger

    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        with database.transaction() as conn:
            if not ledger.unfinished(conn, workspace, "bench", [1]):
                return float(
                    conn.execute(
                        "SELECT extract(epoch FROM max(sent_at)) FROM message WHERE workspace_id = %s", (workspace,)
                    ).fetchone()[0]  # type: ignore[index]
                )
        time.sleep(0.1)
    raise SystemExit("The campaign did not end in time.")


def waits(workspace: int, started: float) -> tuple[float, float]:
    """Median and 99th percentile of launch to acceptance, in milliseconds."""
    from headwater.core import database

    with database.transaction() as conn:
        row = conn.execute(
            """
            SELECT percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM sent_at) - %s)
            FROM message
            WHERE workspace_id = %s
            """,
            (started, workspace),
        ).fetchone()
    assert row is not None
    return round(row[0][0] * 1000), round(row[0][1] * 1000)


def check(record: Path, recipients: int) -> None:
    seen = Counter(line.split()[0] for line in record.read_bytes().splitlines())
    doubled = sum(1 for count in seen.values() if count > 1)
    if len(seen) != recipients or doubled:
        raise SystemExit(f"Of {recipients} recipients {len(seen)} got the email, {doubled} more than once.")


def start_sink(record: Path) -> tuple[subprocess.Popen[str], int]:
    sink = subprocess.Popen(
        [sys.executable, str(HERE / "smtp_sink.py"), "--record", str(record)], stdout=subprocess.PIPE, text=True
    )
    assert sink.stdout is not None
    return sink, int(sink.stdout.readline())


def start_worker(environ: dict[str, str]) -> subprocess.Popen[str]:
    worker = subprocess.Popen(
        [sys.executable, str(HERE / "campaign.py"), "--worker"], env=environ, stdout=subprocess.PIPE, text=True, cwd="/"
    )
    stdout: IO[str] | None = worker.stdout
    assert stdout is not None
    stdout.readline()
    return worker


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipients", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--connections", type=int, default=8, help="of each worker")
    parser.add_argument("--timeout", type=float, default=600)
    parser.add_argument("--keep", action="store_true", help="leave the data directory in place")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work()
        return
    run(options)


def run(options: argparse.Namespace) -> None:
    global _postgres_pid
    data_dir = Path(tempfile.mkdtemp(prefix="hw-bench-", dir="/tmp"))
    data_dir.chmod(0o755)
    record = data_dir / "received"
    sink, port = start_sink(record)
    os.environ.update(environment(data_dir, port))
    os.environ["HEADWATER_SMTP_CONNECTIONS"] = str(options.connections)

    from headwater.core import database, postgres

    server = postgres.Server(data_dir)
    server.start()
    workers: list[subprocess.Popen[str]] = []
    try:
        assert server.process is not None
        _postgres_pid = server.process.pid
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        workspace = make_people(options.recipients)
        version = make_template(workspace)
        workers = [start_worker(dict(os.environ)) for _ in range(options.workers)]
        time.sleep(1.0)

        before = (sum(cpu_of(worker.pid) for worker in workers), cpu_of_postgres(), cpu_of(sink.pid))
        started = time.time()
        planned = launch(workspace, version)
        launched = time.time() - started
        assert planned == options.recipients
        seconds = await_end(workspace, options.timeout) - started
        after = (sum(cpu_of(worker.pid) for worker in workers), cpu_of_postgres(), cpu_of(sink.pid))
        median, p99 = waits(workspace, started)
        memory = max(rss_mb(worker.pid) for worker in workers)
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
            worker.wait(20)
        sink.send_signal(signal.SIGTERM)
        sink.wait(10)
        check(record, options.recipients)
        used = [round((late - early) / options.recipients * 1e6) for early, late in zip(before, after, strict=True)]
        print(
            json.dumps(
                {
                    "bench": "campaign",
                    "case": f"{options.recipients} recipients, {options.workers} workers x {options.connections}",
                    "rate": round(options.recipients / seconds),
                    "cpu_s_per_1000": round(sum(used) / 1000, 3),
                    "p50_ms": median,
                    "p99_ms": p99,
                    "rss_mb": round(memory),
                    "machine": machine(),
                    "launch_s": round(launched, 2),
                    "worker_us": used[0],
                    "postgres_us": used[1],
                    "sink_us": used[2],
                    "load": os.getloadavg()[0],
                }
            ),
            flush=True,
        )
    finally:
        for process in (*workers, sink):
            if process.poll() is None:
                process.kill()
                process.wait()
        database.pool().close()
        server.stop()
        if not options.keep:
            shutil.rmtree(data_dir, ignore_errors=True)


def machine() -> str:
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = next(
        (line.split(":", 1)[1].strip() for line in info.splitlines() if line.startswith("model name")), "unknown"
    )
    python = ".".join(str(part) for part in sys.version_info[:3])
    return f"{os.cpu_count()} x {model}, Python {python}"


if __name__ == "__main__":
    main()
