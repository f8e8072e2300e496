"""`headwater flows add` and `backfill`: putting people into a flow by hand, or from the past."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated, Literal

import typer
from psycopg import Connection
from rich.console import Console

from headwater.audience import identifiers
from headwater.cli import brand
from headwater.cli.brand import Brand
from headwater.core import clock, database
from headwater.flows.arrivals import adding, selections
from headwater.flows.arrivals.adding import Adding
from headwater.flows.arrivals.selections import Selection
from headwater.flows.errors import FlowError

app = typer.Typer()
_out = Console()

_Slug = Annotated[str, typer.Argument(help="The flow's short name, as in `headwater flows list`.", show_default=False)]

BY = "command line"


@app.command()
def add(
    slug: _Slug,
    profile: Annotated[list[str] | None, typer.Option(help="An email address; again for more.")] = None,
    segment: Annotated[str | None, typer.Option(help="Everybody in this segment, by name.")] = None,
    list_name: Annotated[str | None, typer.Option("--list", help="Everybody on this list, by name.")] = None,
    brand_slug: Brand = None,
) -> None:
    """Add people, a segment or a list to a flow by hand: a manual one, or one that a list or segment starts."""
    if sum(given is not None for given in (profile, segment, list_name)) != 1:
        raise typer.BadParameter("Name people with --profile, or a --segment, or a --list.")
    with _for_people(), database.transaction() as conn:
        workspace_id = brand.chosen(conn, brand_slug)
        if segment is not None:
            wanted, _ = selections.of_segment(conn, workspace_id, segment)
        elif list_name is not None:
            wanted, _ = selections.of_list(conn, workspace_id, list_name)
        else:
            wanted = _people(conn, workspace_id, profile or [])
        made = adding.by_hand(conn, workspace_id, slug, wanted, BY, clock.now(conn))
    _tell(made)


@app.command()
def backfill(
    slug: _Slug,
    days: Annotated[int | None, typer.Option(min=1, help="How far back at the most.")] = None,
    count_from: Annotated[
        Literal["joined", "now"],
        typer.Option("--from", help="For lists and segments: people count from when they joined, or from now."),
    ] = "joined",
    brand_slug: Brand = None,
) -> None:
    """Fill a flow from the past: who would be in it had it been live is put where they would be by now."""
    with _for_people(), database.transaction() as conn:
        made = adding.back_populate(
            conn,
            brand.chosen(conn, brand_slug),
            slug,
            BY,
            clock.now(conn),
            reach=timedelta(days=days) if days is not None else None,
            from_now=count_from == "now",
        )
    _tell(made)


def _people(conn: Connection, workspace_id: int, addresses: Sequence[str]) -> Selection:
    found = identifiers.find(conn, workspace_id, [("email", address) for address in addresses])
    missing = [address for address, profile_id in zip(addresses, found, strict=True) if profile_id is None]
    if missing:
        raise FlowError("", f"There is nobody with the address {', '.join(missing)}.")
    return selections.of_people([profile_id for profile_id in found if profile_id is not None])


def _tell(made: Adding) -> None:
    whom = "what happened before" if made.total is None else f"{made.total:,} profiles"
    _out.print(f"Job {made.id}: the worker goes through {whom}.")


@contextmanager
def _for_people() -> Iterator[None]:
    """What is wrong, said without a traceback."""
    try:
        yield
    except (FlowError, LookupError) as error:
        typer.secho(f"error: {error}", err=True, fg="red")
        raise typer.Exit(1) from None
