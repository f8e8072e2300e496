"""The `headwater` command. Groups are imported when they are used, so that every command starts quickly."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
import typer.core
import typer.main

from headwater import __version__
from headwater.core.settings import SettingError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Headwater: flows and campaigns by email, self-hosted. Start with `headwater up`.",
)
_PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.command()
def up(
    demo: Annotated[bool, typer.Option("--demo", help="With the demo brand and a clock that runs fast.")] = False,
) -> None:
    """Run everything on this machine: database, web, workers and the local mailbox. Ctrl-C stops it."""
    from headwater.cli import up as command

    command.run(demo)


@app.command()
def migrate() -> None:
    """Bring the database up to date (`up` does it too; needed when you run web and workers yourself)."""
    from headwater.core import migrating

    migrating.migrate()
    typer.echo("The database is up to date.")


@app.command()
def web() -> None:
    """Run one web process."""
    from headwater.cli import web as command

    command.run()


@app.command()
def openapi() -> None:
    """Print the OpenAPI description of the API (an instance has it at /api/openapi.json)."""
    from headwater.cli import openapi as command

    typer.echo(command.text())


@app.command()
def worker() -> None:
    """Run one worker process."""
    from headwater.core import migrating

    migrating.set_up_django()
    from headwater.cli import worker as command

    command.run()


@app.command()
def mailbox() -> None:
    """Run the local mailbox: an SMTP server that keeps what it gets, with a page to read it."""
    from headwater.core import logs, parentage, settings
    from headwater.delivery.mailbox import run as command

    parentage.follow_parent()
    logs.configure("mailbox")
    command.run(settings.current())


@app.command(context_settings=_PASS_ON, add_help_option=False)
def test(context: typer.Context) -> None:
    """Run every test (in a checkout); arguments go to pytest."""
    root = _checkout()
    raise typer.Exit(subprocess.call([sys.executable, "-m", "pytest", *context.args], cwd=root))


@app.command(context_settings=_PASS_ON)
def bench(context: typer.Context, name: Annotated[str, typer.Argument(help="intake, load, segments, flows …")]) -> None:
    """Run a bench (in a checkout); it prints JSON lines. More arguments go to the bench."""
    script = _checkout() / "bench" / f"{name}.py"
    if not script.exists():
        parts = ("instance", "report", "shop_history", "shop_segments", "smtp_sink")
        known = sorted(path.stem for path in script.parent.glob("*.py") if path.stem not in parts)
        raise typer.BadParameter(f"There is no bench {name}; there are: {', '.join(known)}.")
    root = str(_checkout())
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    raise typer.Exit(
        subprocess.call([sys.executable, str(script), *context.args], cwd=root, env={**os.environ, "PYTHONPATH": path})
    )


def _checkout() -> Path:
    root = Path(__file__).resolve().parents[3]
    if not (root / "tests").is_dir():
        raise typer.BadParameter("This needs a checkout of the source, not an installed package.")
    return root


class _Later(typer.core.TyperGroup):
    """Groups whose modules are imported only when they are asked for."""

    modules = {
        "segments": ("headwater.cli.segments", "Segments: list, show, save, count, explain, export, install."),
        "flows": ("headwater.cli.flows", "Flows: apply from files, list, show, pause, resume, archive, install."),
        "brand": ("headwater.cli.brand_settings", "The brand: show, and set whom emails come from."),
        "webhooks": ("headwater.cli.webhooks", "Webhooks: the secret that they are signed with."),
        "clock": ("headwater.cli.clock", "The clock of a test or demo instance: show, set, advance, speed."),
        "keys": ("headwater.cli.keys", "API keys: list, create, revoke."),
        "users": ("headwater.cli.users", "People who log in: list, add, reset-password, reset-two-factor."),
        "demo": ("headwater.cli.demo", "Load the demo brand and show the main job."),
        "why": ("headwater.cli.why", "Why someone did or did not get an email: their timeline."),
        "doctor": ("headwater.cli.doctor", "Say what is wrong with a set-up."),
    }

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        return [*super().list_commands(ctx), *sorted(self.modules)]

    def get_command(self, ctx: typer.Context, cmd_name: str) -> object:  # type: ignore[override]
        if cmd_name not in self.modules:
            return super().get_command(ctx, cmd_name)
        module_name, help_text = self.modules[cmd_name]
        if cmd_name not in sys.argv[1:]:  # only listed, by --help
            return typer.core.TyperCommand(cmd_name, help=help_text)
        import importlib

        from headwater import composition
        from headwater.core import migrating

        migrating.set_up_django()
        composition.compose()
        module = importlib.import_module(module_name)
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command


app.info.cls = _Later


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False) -> None:
    if version:
        typer.echo(f"headwater {__version__}")
        raise typer.Exit


def main() -> None:
    """The entry point: errors that a person can act on are one line, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "headwater.core.django_settings")
    try:
        app()
    except Exception as error:
        if not isinstance(error, (SettingError, *_known_errors())):
            raise
        typer.echo(f"headwater: {error}", err=True)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _known_errors() -> tuple[type[Exception], ...]:
    import psycopg

    from headwater.core.clock import ClockFixed
    from headwater.core.postgres import PostgresError
    from headwater.core.supervisor import SupervisorError

    known: list[type[Exception]] = [PostgresError, SupervisorError, ClockFixed, psycopg.OperationalError]
    for name, attribute in (
        ("headwater.delivery.mailbox.run", "MailboxError"),
        ("headwater.delivery.transports.target", "TargetError"),
    ):
        module = sys.modules.get(name)
        if module is not None:
            known.append(getattr(module, attribute))
    return tuple(known)
