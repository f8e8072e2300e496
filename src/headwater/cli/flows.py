"""`headwater flows`: apply flows from files, see them, pause, resume and archive them, install ready-made ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from headwater.catalog.coupons import CouponError
from headwater.cli import brand
from headwater.cli.brand import Brand
from headwater.core import clock, database
from headwater.flows import publishing
from headwater.flows.publishing import Applied, FlowError
from headwater.flows.reading import parse
from headwater.flows.wording import Line, outline
from headwater.segments.language import DefinitionError

app = typer.Typer(no_args_is_help=True, help="Flows: apply from files, list, show, pause, resume, archive, install.")
_out = Console()

_Slug = Annotated[str, typer.Argument(help="The flow's short name, as in `headwater flows list`.", show_default=False)]
_LOOKS = {"live": "green", "paused": "yellow", "draft": "cyan", "archived": "dim"}


@app.command()
def apply(
    paths: Annotated[list[Path], typer.Argument(help="Folders with a flow.yaml, or such files.", show_default=False)],
    brand_slug: Brand = None,
) -> None:
    """Publish flows from files and set them live. Applying the same files again changes nothing."""
    for path in paths:
        _applied(path, brand_slug)


@app.command()
def install(
    slugs: Annotated[list[str], typer.Argument(help="Names from `headwater flows recipes`.", show_default=False)],
    brand_slug: Brand = None,
) -> None:
    """Publish ready-made flows as they come."""
    known = {recipe.slug: recipe for recipe in publishing.recipes()}
    for slug in slugs:
        if slug not in known:
            raise typer.BadParameter(f"There is no recipe {slug}; there are: {', '.join(known)}.")
        _applied(known[slug].folder, brand_slug)


@app.command("list")
def list_flows(
    archived: Annotated[bool, typer.Option("--archived", help="Archived ones too.")] = False, brand_slug: Brand = None
) -> None:
    """The flows, and how many people are in them."""
    with database.transaction() as conn:
        found = publishing.summaries(conn, brand.chosen(conn, brand_slug), archived=archived)
    if not found:
        _out.print("No flows yet. Try: headwater flows install browse-abandonment")
        return
    table = Table(box=None, header_style="bold")
    for title in ("flow", "name", "status"):
        table.add_column(title)
    for title in ("version", "waiting", "completed", "left early"):
        table.add_column(title, justify="right")
    for flow in found:
        look = _LOOKS[flow.status]
        counts = (flow.version or "-", flow.waiting, flow.completed, flow.exited)
        table.add_row(flow.slug, escape(flow.name), f"[{look}]{flow.status}[/]", *(str(count) for count in counts))
    _out.print(table)


@app.command()
def show(slug: _Slug, brand_slug: Brand = None) -> None:
    """What a flow does, in words."""
    with database.transaction() as conn, _for_people():
        summary, tree = publishing.published(conn, brand.chosen(conn, brand_slug), slug)
    _out.print(
        f"[bold]{escape(summary.name)}[/]  [{_LOOKS[summary.status]}]{summary.status}[/]  version {summary.version}"
    )
    _out.print(f"{summary.waiting} waiting, {summary.completed} completed, {summary.exited} left early")
    if tree is not None:
        starts, *lines = outline(parse(tree))
        told = Tree(escape(starts.text))
        _grow(told, lines)
        _out.print(told)


@app.command()
def pause(slug: _Slug, brand_slug: Brand = None) -> None:
    """Freeze a flow: nobody enters, and whoever is inside stays where they are until it is resumed."""
    _set(slug, "paused", brand_slug, "Paused. People inside stay where they are.")


@app.command()
def resume(slug: _Slug, brand_slug: Brand = None) -> None:
    """Let a paused flow go on. Emails more than 24 hours overdue are skipped."""
    _set(slug, "live", brand_slug, "Live again. Emails more than 24 hours overdue are skipped.")


@app.command()
def archive(slug: _Slug, brand_slug: Brand = None) -> None:
    """End a flow: whoever is inside leaves, and planned emails are cancelled."""
    _set(slug, "archived", brand_slug, "Archived. Whoever was inside has left.")


@app.command()
def recipes() -> None:
    """The ready-made flows that `headwater flows install` knows."""
    for recipe in publishing.recipes():
        _out.print(f"[bold]{recipe.slug}[/]  {escape(recipe.description)}")
        for email in recipe.emails:
            _out.print(f"    {escape(email)}")


def _applied(path: Path, brand_slug: str | None) -> None:
    with _for_people(), database.transaction() as conn:
        done = publishing.apply(conn, brand.chosen(conn, brand_slug), path, clock.now(conn))
    _out.print(f"[bold]{done.slug}[/]  {_what_was_done(done)}")
    if done.status == "paused":
        _out.print(f"  It stays paused: headwater flows resume {done.slug}")


def _what_was_done(done: Applied) -> str:
    emails = f"; new content: {', '.join(done.emails_changed)}" if done.emails_changed else ""
    if done.created:
        return "published and live"
    if done.changed:
        return f"version {done.version} published{emails}"
    return f"unchanged (version {done.version}){emails}"


def _set(slug: str, status: str, brand_slug: str | None, said: str) -> None:
    with _for_people(), database.transaction() as conn:
        publishing.set_status(conn, brand.chosen(conn, brand_slug), slug, status, clock.now(conn))
    _out.print(said)


@contextmanager
def _for_people() -> Iterator[None]:
    """What is wrong with a flow, said without a traceback."""
    try:
        yield
    except (FlowError, DefinitionError, CouponError, LookupError) as error:
        typer.secho(f"error: {error}", err=True, fg="red")
        raise typer.Exit(1) from None


def _grow(tree: Tree, lines: Sequence[Line]) -> None:
    for line in lines:
        _grow(tree.add(escape(line.text)), line.below)
