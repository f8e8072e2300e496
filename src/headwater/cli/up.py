"""`headwater up`: everything on one machine, from nothing: database, migrations, web, workers, mailbox."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from headwater.accounts import provision
from headwater.cli.brand import SETS_SENDER
from headwater.core import clock, database, migrating, settings
from headwater.core.postgres import Server
from headwater.core.settings import Settings
from headwater.core.supervisor import Child, Supervisor, SupervisorError, require_free, sole_owner
from headwater.delivery.transports.target import SmtpTarget

FIRST_USER = "owner@headwater.local"
_out = Console(highlight=False)


def run(demo: bool = False) -> None:
    """Run an instance until Ctrl-C. Raises SettingError, SupervisorError or PostgresError when it can't start."""
    if demo:
        os.environ.setdefault("HEADWATER_CLOCK", "movable")
        if not os.environ.get("HEADWATER_DATA_DIR"):  # demo data never mixes with a real shop's
            plain = settings.default_data_dir(os.environ)
            os.environ["HEADWATER_DATA_DIR"] = str(plain.with_name(plain.name + "-demo"))
    current = settings.current()
    SmtpTarget.from_url(current.smtp_url)
    with sole_owner(current.data_dir):
        for host, port, name in (
            (current.web_host, current.web_port, "HEADWATER_WEB_PORT"),
            (current.mailbox_host, current.mailbox_smtp_port, "HEADWATER_MAILBOX_SMTP_PORT"),
            (current.mailbox_host, current.mailbox_web_port, "HEADWATER_MAILBOX_WEB_PORT"),
        ):
            require_free(host, port, name)
        _build_app()
        server = Server(current.data_dir) if current.embedded else None
        try:
            if server is not None:
                with _out.status("Starting PostgreSQL …"):
                    server.start()
            with _out.status("Bringing the database up to date …"):
                migrating.migrate()
            news = [*_first_things(demo), *_sender_is_missing()]
            _supervise(current, server, news, demo)
        finally:
            if server is not None:
                server.stop()
    _out.print("Stopped.")


def _build_app() -> None:
    """In a checkout, the app as its sources say; an installed package brings it along. Raises SupervisorError."""
    script = Path(__file__).resolve().parents[3] / "web" / "build.py"
    if not script.exists():
        return
    with _out.status("Building the app (once; about a minute) …"):
        done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SupervisorError(done.stderr.strip().removeprefix("headwater: "))


def _first_things(demo: bool) -> list[tuple[str, str]]:
    """On an empty instance: an owner, and a brand unless the demo brings its own. What to show once: (label, value)."""
    with database.transaction() as conn:
        if not provision.is_empty(conn):
            return []
        made = None if demo else provision.create_workspace(conn, "My shop", clock.now(conn))
        password = provision.create_user(conn, FIRST_USER)
    shown = [
        ("Log in as", FIRST_USER),
        ("Password", f"{password}   (shown once; headwater users reset-password makes a new one)"),
    ]
    if made is not None:
        shown += [
            ("Write key", f"{made.write_key}   (for browsers and SDKs: may only send events)"),
            ("Private key", f"{made.private_key}   (for your servers: keep it secret; shown once)"),
        ]
    return shown


def _sender_is_missing() -> list[tuple[str, str]]:
    """While no brand has an address that its emails come from: the command that sets it."""
    with database.transaction() as conn:
        row = conn.execute("SELECT count(*) > 0 AND bool_and(from_email = '') FROM workspace").fetchone()
    return [("Sender", f"none yet, and no flow goes live without: {SETS_SENDER}")] if row == (True,) else []


def _supervise(current: Settings, server: Server | None, news: list[tuple[str, str]], demo: bool) -> None:
    python = [sys.executable, "-m", "headwater"]
    children = [Child("mailbox", [*python, "mailbox"]), Child("web", [*python, "web"])]
    children += [Child(f"worker-{number + 1}", [*python, "worker"]) for number in range(current.worker_processes)]
    urls = {
        "app": current.base_url,
        "api_docs": f"{current.base_url}/api/docs",
        "mailbox": f"http://localhost:{current.mailbox_web_port}",
    }
    supervisor = Supervisor(current.data_dir, children, dict(os.environ), server, urls)

    def ready() -> None:
        _await_web(current)
        _show(current, urls, news)
        if demo:
            # In a process of its own: the supervisor must stay free to restart what dies.
            child = Child("demo", [*python, "demo"])
            child.start(dict(os.environ))

    supervisor.run(ready)


def _await_web(current: Settings, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://{_reachable(current)}/healthz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    _out.print("[yellow]The web process does not answer yet; see the messages above.[/]")


def _reachable(current: Settings) -> str:
    host = "127.0.0.1" if current.web_host in ("0.0.0.0", "::") else current.web_host
    return f"[{host}]:{current.web_port}" if ":" in host else f"{host}:{current.web_port}"


def _show(current: Settings, urls: dict[str, str], news: list[tuple[str, str]]) -> None:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(overflow="fold")
    grid.add_row("App", urls["app"])
    grid.add_row("API docs", urls["api_docs"])
    grid.add_row("Mailbox", f"{urls['mailbox']}   (SMTP on port {current.mailbox_smtp_port})")
    grid.add_row("Data", str(current.data_dir) if current.embedded else "your DATABASE_URL")
    for label, value in news:
        grid.add_row(label, value)
    _out.print(Panel(grid, title="Headwater is up", subtitle="Ctrl-C stops it", border_style="green", expand=False))
