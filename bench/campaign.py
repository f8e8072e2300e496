"""How fast a campaign leaves: from launch to the last accepted message, ledger, gates, rendering and SMTP included.

    python bench/campaign.py [--recipients 20000] [--workers 2] [--connections 8] [--keep]

Starts its own durable PostgreSQL in a temporary directory, the worker processes, and the cheap
SMTP sink; puts profiles in a list, schedules a campaign to it, and counts at the sink that every
recipient got exactly one. One JSON line. BENCH_PROFILE=/tmp/x writes a cProfile of each worker to /tmp/x.<pid>.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import report

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


def environment(data_dir: Path, smtp_port: int, connections: int) -> dict[str, str]:
    return {
        "HEADWATER_DATA_DIR": str(data_dir),
        "HEADWATER_SECRET_KEY": "bench-only-secret-key-0123456789-abcdefgh",
        "HEADWATER_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
        "HEADWATER_SMTP_CONNECTIONS": str(connections),
        "HEADWATER_LOG_LEVEL": "warning",
        "HEADWATER_BASE_URL": "https://news.juniper.example",
        "DJANGO_SETTINGS_MODULE": "headwater.core.django_settings",
    }


def work() -> None:
    """A worker process, as `headwater worker` runs it. SIGTERM ends it."""
    from headwater.cli import worker

    print("ready", flush=True)
    profile = os.environ.get("BENCH_PROFILE")
    if not profile:
        worker.run()
        return
    recorder = cProfile.Profile()
    recorder.runcall(worker.run)
    recorder.dump_stats(f"{profile}.{os.getpid()}")


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
                   'US', 'America/New_York',
                   jsonb_build_object('tier', CASE WHEN n %% 5 = 0 THEN 'gold' ELSE 'base' END, 'orders', n %% 7),
                   %(now)s, %(now)s
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
    return int(workspace)


def make_campaign(workspace: int) -> int:
    """A list with everybody in it, and a campaign to it; the campaign's id."""
    from headwater.audience import lists
    from headwater.campaigns import campaigns
    from headwater.content import templates
    from headwater.content.document import Document
    from headwater.core import database

    now = datetime.now(UTC)
    document = Document(subject="{{ first_name }}, the sale begins", preview_text="Before anyone else", mjml=MJML)
    with database.transaction() as conn:
        everybody = lists.create(conn, workspace, "Everybody", now)
        people = [
            row[0] for row in conn.execute("SELECT id FROM profile WHERE workspace_id = %s", (workspace,)).fetchall()
        ]
        lists.add(conn, workspace, everybody, people, now, "bench", historical=True)
        template, _ = templates.save(conn, workspace, "Sale", document, now)
        draft = campaigns.Draft("Sale", template_id=template, included=[{"list": everybody}])
        campaign = campaigns.create(conn, workspace, draft, now).id
    with database.connect(autocommit=True) as conn:
        conn.execute("VACUUM ANALYZE")
        conn.execute("CHECKPOINT")
    return campaign


def launch(workspace: int, campaign: int) -> None:
    from headwater.campaigns import campaigns
    from headwater.core import database

    with database.transaction() as conn:
        campaigns.schedule(conn, workspace, campaign, datetime.now(UTC))


def await_end(workspace: int, campaign: int, timeout: float) -> float:
    """Until the campaign counts as sent; the wall time of the last acceptance."""
    from headwater.campaigns import campaigns
    from headwater.core import database

    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        with database.transaction() as conn:
            if campaigns.get(conn, workspace, [campaign])[campaign].status == "sent":
                return float(
                    conn.execute(
                        "SELECT extract(epoch FROM max(sent_at)) FROM message WHERE workspace_id = %s", (workspace,)
                    ).fetchone()[0]  # type: ignore[index]
                )
        time.sleep(0.2)
    raise SystemExit("The campaign did not end in time.")


def waits(workspace: int, launched: float) -> list[float]:
    """From launch to acceptance, each message, in milliseconds."""
    from headwater.core import database

    with database.transaction() as conn:
        rows = conn.execute(
            "SELECT (extract(epoch FROM sent_at) - %s) * 1000 FROM message WHERE workspace_id = %s",
            (launched, workspace),
        ).fetchall()
    return [float(row[0]) for row in rows]


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


def start_worker() -> subprocess.Popen[str]:
    worker = subprocess.Popen(
        [sys.executable, str(HERE / "campaign.py"), "--worker"], stdout=subprocess.PIPE, text=True, cwd="/"
    )
    assert worker.stdout is not None
    worker.stdout.readline()
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
    data_dir = Path(tempfile.mkdtemp(prefix="hw-bench-", dir="/tmp"))
    data_dir.chmod(0o755)
    record = data_dir / "received"
    sink, port = start_sink(record)
    for name in [name for name in os.environ if name.startswith("HEADWATER_")] + ["DATABASE_URL"]:
        os.environ.pop(name, None)
    os.environ |= environment(data_dir, port, options.connections)

    from headwater.core import database, postgres

    server = postgres.Server(data_dir)
    server.start()
    workers: list[subprocess.Popen[str]] = []
    try:
        assert server.process is not None
        groups = {"postgres_us": [server.process.pid], "sink_us": [sink.pid]}
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        workspace = make_people(options.recipients)
        campaign = make_campaign(workspace)
        workers = [start_worker() for _ in range(options.workers)]
        groups["worker_us"] = [worker.pid for worker in workers]
        time.sleep(1.0)

        before = {name: report.cpu_seconds(pids) for name, pids in groups.items()}
        launched = time.time()
        launch(workspace, campaign)
        seconds = await_end(workspace, campaign, options.timeout) - launched
        used = {name: (report.cpu_seconds(pids) - before[name]) / options.recipients for name, pids in groups.items()}
        memory = report.rss_mb(groups["worker_us"]) / options.workers
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
            worker.wait(20)
        sink.send_signal(signal.SIGTERM)
        received = json.loads(sink.communicate(timeout=10)[0])
        check(record, options.recipients)
        report.line(
            bench="campaign",
            case=f"{options.recipients} recipients, {options.workers} workers x {options.connections} connections",
            rate=options.recipients / seconds,
            cpu_s_per_1000=sum(used.values()) * 1000,
            times_ms=waits(workspace, launched),
            rss_mb=memory,
            **{name: round(value * 1e6) for name, value in used.items()},
            message_kb=round(received["bytes"] / options.recipients / 1024, 1),
            load=round(os.getloadavg()[0], 1),
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


if __name__ == "__main__":
    main()
