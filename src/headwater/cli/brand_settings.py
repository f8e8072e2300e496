"""`headwater brand`: whom emails come from."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headwater.accounts import brand as brands
from headwater.api.account import BrandChange
from headwater.cli import brand
from headwater.cli.brand import SETS_SENDER, Brand
from headwater.core import database

_SHOWN = {
    "Name": "name",
    "From": "from_name",
    "From address": "from_email",
    "Reply to": "reply_to",
    "Postal address": "postal_address",
    "Website": "website_url",
    "Time zone": "timezone",
    "Currency": "currency",
}

app = typer.Typer(no_args_is_help=True, help="The brand: show, and set whom emails come from.")


@app.command()
def show(brand_slug: Brand = None) -> None:
    """Whom emails come from, and what they say of the brand."""
    with database.transaction() as conn:
        _tell(brands.load(conn, brand.chosen(conn, brand_slug)))


@app.command("set")
def change(
    from_email: Annotated[str | None, typer.Option(help="The address that emails come from.")] = None,
    from_name: Annotated[str | None, typer.Option(help="The name beside it.")] = None,
    reply_to: Annotated[str | None, typer.Option(help="Where answers go, if not to that address.")] = None,
    postal_address: Annotated[str | None, typer.Option(help="The one that the law wants in marketing email.")] = None,
    name: Annotated[str | None, typer.Option(help="The brand's own name.")] = None,
    website_url: Annotated[str | None, typer.Option(help="The shop's address.")] = None,
    brand_slug: Brand = None,
) -> None:
    """Set whom emails come from. What is not named stays; the other settings are in the API, at /brand."""
    asked = {
        "from_email": from_email, "from_name": from_name, "reply_to": reply_to, "postal_address": postal_address,
        "name": name, "website_url": website_url,
    }  # fmt: skip
    changes = _checked({setting: value for setting, value in asked.items() if value is not None})
    with database.transaction() as conn:
        _tell(brands.update(conn, brand.chosen(conn, brand_slug), changes))


def _checked(given: dict[str, str]) -> dict[str, Any]:
    """By the rules of the API. Ends the command with a message for people where one is broken."""
    if not given:
        raise typer.BadParameter(f"Say what to set: {SETS_SENDER}")
    try:
        return BrandChange.model_validate(given).changes()
    except ValidationError as problems:
        first = problems.errors()[0]
        words = str(first.get("ctx", {}).get("error") or first["msg"])
        raise typer.BadParameter(words, param_hint=f"--{str(first['loc'][0]).replace('_', '-')}") from None


def _tell(known: brands.Brand) -> None:
    table = Table(show_header=False)
    for label, setting in _SHOWN.items():
        table.add_row(label, escape(getattr(known, setting)) or "[dim]none[/]")
    Console().print(table)
