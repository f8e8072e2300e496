"""`headwater keys`: the API keys of a brand."""

from __future__ import annotations

from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from headwater.accounts import keys
from headwater.cli import brand
from headwater.cli.brand import Brand
from headwater.core import clock, database

app = typer.Typer(no_args_is_help=True, help="API keys: list, create, revoke.")


@app.command("list")
def list_keys(brand_slug: Brand = None) -> None:
    """The keys of a brand. Write keys are shown whole, private keys by their beginning."""
    with database.transaction() as conn:
        known = keys.of_workspace(conn, brand.chosen(conn, brand_slug))
    table = Table("id", "kind", "name", "key")
    for key in known:
        table.add_row(str(key.id), key.kind, key.name, key.public or f"{key.prefix}…")
    Console().print(table)


@app.command()
def create(
    kind: Annotated[
        Literal["private", "write"], typer.Argument(help="private: full API; write: may only send events.")
    ],
    name: Annotated[str, typer.Option(help="What it is for.")] = "",
    brand_slug: Brand = None,
) -> None:
    """Make a key and print it. A private key is shown this once."""
    with database.transaction() as conn:
        typer.echo(keys.create(conn, brand.chosen(conn, brand_slug), kind, name))


@app.command()
def revoke(key_id: Annotated[int, typer.Argument(help="The id from `keys list`.")], brand_slug: Brand = None) -> None:
    """Make a key useless, within seconds everywhere."""
    with database.transaction() as conn:
        if not keys.revoke(conn, brand.chosen(conn, brand_slug), key_id, clock.now(conn)):
            raise typer.BadParameter(f"This brand has no key {key_id} in use.")
    typer.echo("Revoked.")
