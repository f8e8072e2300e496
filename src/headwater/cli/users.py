"""`headwater users`: the people who log in."""

from __future__ import annotations

from typing import Annotated

import psycopg
import typer

from headwater.accounts import provision
from headwater.core import database

app = typer.Typer(no_args_is_help=True, help="People who log in.")
_Email = Annotated[str, typer.Argument(help="Their email address.", show_default=False)]


@app.command("list")
def list_users() -> None:
    """Everyone who can log in."""
    with database.transaction() as conn:
        for email, active in conn.execute("SELECT email, is_active FROM app_user ORDER BY email").fetchall():
            typer.echo(email if active else f"{email}  (inactive)")


@app.command()
def add(email: _Email) -> None:
    """Let someone log in, as owner of every brand; prints their password."""
    try:
        with database.transaction() as conn:
            password = provision.create_user(conn, email)
    except psycopg.errors.UniqueViolation:
        raise typer.BadParameter(f"{email} can log in already.") from None
    typer.echo(password)


@app.command("reset-two-factor")
def reset_two_factor(email: _Email) -> None:
    """Take away someone's second factors and passkeys, so that their password is enough to log in."""
    with database.transaction() as conn:
        taken = provision.reset_two_factor(conn, email)
    if taken is None:
        raise typer.BadParameter(f"Nobody logs in as {email}.")
    typer.echo(f"{taken} taken away." if taken else "There was none.")


@app.command("reset-password")
def reset_password(email: _Email) -> None:
    """Give someone a fresh password, and print it."""
    with database.transaction() as conn:
        password = provision.reset_password(conn, email)
    if password is None:
        raise typer.BadParameter(f"Nobody logs in as {email}.")
    typer.echo(password)
