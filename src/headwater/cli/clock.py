"""`headwater clock`: see and move the clock of an instance that runs with HEADWATER_CLOCK=movable."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from headwater.core import clock, database

app = typer.Typer(no_args_is_help=True, help="The clock of a test or demo instance.")
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d|w)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def span(text: str) -> timedelta:
    """'2d', '90m', '1h 30m' as a span. Raises typer.BadParameter."""
    found = _SPAN.findall(text)
    if not found or _SPAN.sub("", text).strip():
        raise typer.BadParameter(f"{text!r} is not a span such as 2d, 90m or '1h 30m'.")
    return sum((timedelta(**{_UNITS[unit]: float(number)}) for number, unit in found), timedelta())


@app.command()
def show() -> None:
    """The instance's time and how fast it runs."""
    with database.transaction() as conn:
        typer.echo(f"{clock.now(conn).isoformat(timespec='seconds')}  at speed {clock.speed():g}")


@app.command("set")
def set_(to: Annotated[str, typer.Argument(help="An ISO 8601 time; without a zone it is UTC.")]) -> None:
    """Set the clock to an instant."""
    try:
        moment = datetime.fromisoformat(to)
    except ValueError:
        raise typer.BadParameter(f"{to!r} is not an ISO 8601 time.") from None
    with database.transaction() as conn:
        now = clock.move(conn, to=moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    typer.echo(now.isoformat(timespec="seconds"))


@app.command()
def advance(by: Annotated[str, typer.Argument(help="A span: 2d, 90m, '1h 30m'.")]) -> None:
    """Move the clock forward."""
    with database.transaction() as conn:
        now = clock.move(conn, by=span(by))
    typer.echo(now.isoformat(timespec="seconds"))


@app.command()
def speed(rate: Annotated[float, typer.Argument(help="Instance seconds per second; 1440 is a day a minute.")]) -> None:
    """Change how fast the clock runs; 0 stops it."""
    with database.transaction() as conn:
        try:
            now = clock.move(conn, at_speed=rate)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
    typer.echo(f"{now.isoformat(timespec='seconds')}  at speed {rate:g}")
