"""`headwater doctor`: what is wrong with a set-up, and what to do about it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import orjson
import psycopg
import typer
from rich.console import Console

from headwater.core import clock, database, migrating, settings

app = typer.Typer(help="Say what is wrong with a set-up.")
Finding = tuple[bool, str]


@app.callback(invoke_without_command=True)
def doctor() -> None:
    """Check settings, database, migrations, web, SMTP and clock. Exit code 1 when something is wrong."""
    out, well = Console(highlight=False), True
    for check in (_settings, _instance, _database, _smtp, _clock):
        for fine, text in _findings(check):
            out.print(f"[green]ok[/]     {text}" if fine else f"[red]wrong[/]  {text}")
            well = well and fine
    raise typer.Exit(0 if well else 1)


def _findings(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from check()
    except psycopg.OperationalError as error:
        yield False, f"The database cannot be reached: {str(error).strip().splitlines()[-1]}. Is the instance running?"


def _settings() -> Iterator[Finding]:
    current = settings.current()
    yield True, f"Settings are complete; the data directory is {current.data_dir}."
    if not current.base_url.startswith("https://") and urlsplit(current.base_url).hostname not in (
        "localhost",
        "127.0.0.1",
    ):
        yield (
            False,
            "HEADWATER_BASE_URL is not https: mailbox providers ignore one-click unsubscribe links without TLS.",
        )


def _instance() -> Iterator[Finding]:
    path = settings.current().data_dir / "instance.json"
    if not path.exists():
        yield not settings.current().embedded, "No instance runs on this data directory (headwater up starts one)."
        return
    state = orjson.loads(path.read_bytes())
    yield True, f"An instance runs (pid {state['pid']}): {', '.join(state['processes'])}."


def _database() -> Iterator[Finding]:
    with database.transaction() as conn:
        yield conn.info.server_version >= 150000, f"PostgreSQL {conn.info.parameter_status('server_version')}."
        waiting = conn.execute("SELECT COALESCE(sum(count), 0) FROM inbox").fetchone()
        failed = conn.execute("SELECT count(*) FROM inbox_failure").fetchone()
    assert waiting is not None
    assert failed is not None
    missing = migrating.pending()
    yield not missing, f"Migrations missing: {', '.join(missing)}. Run headwater migrate." if missing else "Migrated."
    yield waiting[0] < 100_000, f"{waiting[0]} acknowledged items wait to be processed."
    yield failed[0] == 0, f"{failed[0]} items could not be processed (table inbox_failure says why)."


def _smtp() -> Iterator[Finding]:
    target = urlsplit(settings.current().smtp_url)
    port = target.port or (465 if target.scheme == "smtps" else 25)
    try:
        with socket.create_connection((target.hostname or "", port), timeout=5):
            yield True, f"The SMTP server at {target.hostname}:{port} answers."
    except OSError as error:
        yield False, f"The SMTP server at {target.hostname}:{port} cannot be reached: {error}. See HEADWATER_SMTP_URL."


def _clock() -> Iterator[Finding]:
    if settings.current().clock == "movable":
        yield True, f"The clock is movable: {clock.now().isoformat(timespec='seconds')} at speed {clock.speed():g}."
    else:
        yield True, "The clock is the machine's."
