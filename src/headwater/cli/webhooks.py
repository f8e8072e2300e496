"""`headwater webhooks`: what receivers of a flow's calls check signatures with."""

from __future__ import annotations

import typer

from headwater.cli import brand
from headwater.cli.brand import Brand
from headwater.core import database
from headwater.flows.calls.signing import signing_secret

app = typer.Typer(no_args_is_help=True, help="Webhooks: the secret that they are signed with.")


@app.callback()
def _group() -> None:
    """A group, though it has one command."""


@app.command()
def secret(brand_slug: Brand = None) -> None:
    """Print the secret of a brand's webhooks. It stays the same while the instance keeps its secret key."""
    with database.transaction() as conn:
        typer.echo(signing_secret(brand.chosen(conn, brand_slug)))
