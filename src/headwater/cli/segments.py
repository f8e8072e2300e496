"""`headwater segments`: see segments, make them from files or ready-made, count, explain, export."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from headwater.audience import profiles
from headwater.cli import brand
from headwater.cli.brand import Brand
from headwater.core import clock, database
from headwater.segments import explain, exporting, members, preview, ready_made, requests, saved
from headwater.segments.explain import Answer
from headwater.segments.language import DefinitionError, describe, parse
from headwater.segments.saved import Segment, SegmentError

app = typer.Typer(no_args_is_help=True, help="Segments: list, show, save, count, explain, export, install.")
_out = Console(highlight=False)

_Name = Annotated[str, typer.Argument(help="The segment's name, as in `headwater segments list`.", show_default=False)]
_File = Annotated[Path, typer.Argument(help="A definition as JSON or YAML; - reads it from standard input.")]
_LOOKS = {"live": "green", "building": "yellow", "failed": "red"}


@app.command("list")
def list_segments(brand_slug: Brand = None) -> None:
    """The segments, and how many people are in them."""
    with database.transaction() as conn:
        found = saved.page(conn, brand.chosen(conn, brand_slug), limit=1000)
    if not found:
        _out.print("No segments yet. Try: headwater segments ready-made")
        return
    table = Table(box=None, header_style="bold")
    for title in ("segment", "state"):
        table.add_column(title)
    table.add_column("people", justify="right")
    for one in found:
        star = "★ " if one.starred else ""
        table.add_row(f"{star}{escape(one.name)}", _state(one), f"{one.members:,}")
    _out.print(table)


@app.command()
def show(name: _Name, brand_slug: Brand = None) -> None:
    """What a segment asks, in words, and how it stands."""
    with database.transaction() as conn, _for_people():
        workspace_id = brand.chosen(conn, brand_slug)
        segment = _named(conn, workspace_id, name)
        names = saved.names(conn, workspace_id)
    _out.print(f"[bold]{escape(segment.name)}[/]  {_state(segment)}  {segment.members:,} people")
    _out.print(escape(describe(segment.condition, lambda named: names.get(named, str(named)))))
    if segment.error:
        _out.print(f"[red]{escape(segment.error)}[/]")


@app.command()
def save(name: _Name, file: _File, brand_slug: Brand = None) -> None:
    """Save a definition under a name: a new segment, or another definition of one that exists."""
    with database.transaction() as conn, _for_people():
        workspace_id, now = brand.chosen(conn, brand_slug), clock.now(conn)
        definition = _read(file)
        existing = saved.find(conn, workspace_id, name)
        if existing is None:
            saved.create(conn, workspace_id, name, definition, now)
        else:
            saved.update(conn, workspace_id, existing.id, now, definition=definition)
    _out.print("Saved. It is built in the background; what was there before stands until then.")


@app.command("count")
def count_definition(
    file: _File,
    estimate: Annotated[bool, typer.Option("--estimate", help="By a sample, at once.")] = False,
    brand_slug: Brand = None,
) -> None:
    """How many people a definition would have, without saving it."""
    with database.transaction() as conn, _for_people():
        workspace_id, now = brand.chosen(conn, brand_slug), clock.now(conn)
        condition = parse(saved.checked(conn, workspace_id, _read(file)))
        counted = preview.estimate if estimate else preview.exactly
        found = counted(conn, workspace_id, condition, now)
        names = saved.names(conn, workspace_id)
    _out.print(escape(describe(condition, lambda named: names.get(named, str(named)))))
    between = "" if found.exact else f"  (95 % sure: {found.low:,} to {found.high:,})"
    _out.print(f"[bold]{found.count:,}[/] {'person' if found.count == 1 else 'people'}{between}")


@app.command("members")
def list_members(
    name: _Name, limit: Annotated[int, typer.Option(help="How many.")] = 20, brand_slug: Brand = None
) -> None:
    """Some of the people in it."""
    with database.transaction() as conn, _for_people():
        workspace_id = brand.chosen(conn, brand_slug)
        segment = _named(conn, workspace_id, name)
        found = members.stored(conn, workspace_id, segment.id, limit=limit)
        people = profiles.get(conn, workspace_id, [profile_id for profile_id, _ in found])
    for profile_id, entered_at in found:
        if profile_id in people:
            who = people[profile_id].email or people[profile_id].external_id or people[profile_id].phone or ""
            _out.print(f"{profile_id:>10}  {escape(who)}  [dim]since {entered_at:%Y-%m-%d %H:%M} UTC[/]")


@app.command()
def why(
    name: _Name,
    email: Annotated[str, typer.Argument(help="The person's email address.", show_default=False)],
    brand_slug: Brand = None,
) -> None:
    """Why someone is in a segment or not, and when time alone will change that."""
    with database.transaction() as conn, _for_people():
        workspace_id, now = brand.chosen(conn, brand_slug), clock.now(conn)
        segment = _named(conn, workspace_id, name)
        profile_id = profiles.find(conn, workspace_id, email=email)
        if profile_id is None:
            raise SegmentError(None, f"Nobody here has the address {email}.")
        told = explain.of_profile(conn, workspace_id, segment.condition, profile_id, now, segment.id)
    assert told is not None
    verdict = "[green]is in[/]" if told.member else "[yellow]is not in[/]"
    since = f" since {told.entered_at:%Y-%m-%d %H:%M} UTC" if told.member and told.entered_at else ""
    _out.print(f"{escape(email)} {verdict} [bold]{escape(segment.name)}[/]{since}.")
    tree = Tree("")
    _grow(tree, told.answer)
    for child in tree.children:
        _out.print(child)
    if told.changes_at:
        _out.print(f"By time alone this changes at {told.changes_at:%Y-%m-%d %H:%M:%S} UTC.")


@app.command("export")
def export_segment(
    name: _Name,
    to: Annotated[Path | None, typer.Option(help="A file; otherwise standard output.")] = None,
    columns: Annotated[str | None, typer.Option(help="Names with commas: id,email,properties.tier")] = None,
    brand_slug: Brand = None,
) -> None:
    """A segment's people as CSV."""
    with database.transaction() as conn, _for_people():
        workspace_id, now = brand.chosen(conn, brand_slug), clock.now(conn)
        segment = _named(conn, workspace_id, name)
        wanted = [column.strip() for column in columns.split(",")] if columns else None
        export = exporting.start(conn, workspace_id, segment.id, wanted, now)
        while (made := exporting.get(conn, workspace_id, export.id)) is not None and made.state == "running":
            exporting.turn(conn, workspace_id, now)
        if made is None or made.state != "done":
            raise SegmentError(None, f"The export failed: {made.error if made else 'the segment is gone'}")
        with to.open("wb") if to is not None else sys.stdout.buffer as out:
            for part in exporting.parts(conn, workspace_id, export.id):
                out.write(part)


@app.command("ready-made")
def list_ready_made() -> None:
    """The ready-made segments that `headwater segments install` knows."""
    for one in ready_made.shelf():
        _out.print(f"[bold]{one.slug}[/]  {escape(one.description)}")


@app.command()
def install(
    slugs: Annotated[list[str], typer.Argument(help="Names from `headwater segments ready-made`.", show_default=False)],
    brand_slug: Brand = None,
) -> None:
    """Save ready-made segments as they come."""
    known = {one.slug for one in ready_made.shelf()}
    for slug in slugs:
        if slug not in known:
            raise typer.BadParameter(f"There is no ready-made segment {slug}; there are: {', '.join(sorted(known))}.")
        with database.transaction() as conn, _for_people():
            segment = ready_made.install(conn, brand.chosen(conn, brand_slug), slug, clock.now(conn))
        _out.print(f"[bold]{escape(segment.name)}[/]  {_state(segment)}")


@app.command()
def rebuild(name: _Name, brand_slug: Brand = None) -> None:
    """Build a segment anew from all that is known."""
    with database.transaction() as conn, _for_people():
        workspace_id = brand.chosen(conn, brand_slug)
        requests.rebuild(conn, workspace_id, [_named(conn, workspace_id, name).id], clock.now(conn))
    _out.print("It is built anew in the background; what is there stands until then.")


@app.command()
def archive(name: _Name, brand_slug: Brand = None) -> None:
    """Take a segment out of use."""
    with database.transaction() as conn, _for_people():
        workspace_id = brand.chosen(conn, brand_slug)
        saved.archive(conn, workspace_id, _named(conn, workspace_id, name).id, clock.now(conn))
    _out.print("Archived.")


def _named(conn: Any, workspace_id: int, name: str) -> Segment:
    """By its name, or by the short name of the ready-made one that it is."""
    shelf = {one.slug: one.name for one in ready_made.shelf()}
    segment = saved.find(conn, workspace_id, name) or saved.find(conn, workspace_id, shelf.get(name, name))
    if segment is None:
        raise SegmentError(None, f"There is no segment named {name}.")
    return segment


def _read(file: Path) -> Any:
    text = sys.stdin.read() if str(file) == "-" else file.read_text()
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise SegmentError(None, f"{file} is neither JSON nor YAML: {error}") from None


def _state(segment: Segment) -> str:
    share = f" {segment.progress:.0%}" if segment.progress is not None else ""
    return f"[{_LOOKS.get(segment.state, 'dim')}]{segment.state}{share}[/]"


def _grow(tree: Tree, answer: Answer) -> None:
    mark = "[green]✓[/]" if answer.holds else "[red]✗[/]"
    until = f"  [dim]until {answer.changes_at:%Y-%m-%d %H:%M} UTC[/]" if answer.changes_at else ""
    branch = tree.add(f"{mark} {escape(answer.says)}{until}")
    for fact in answer.facts:
        branch.add(f"[dim]{escape(fact)}[/]")
    for part in answer.of:
        _grow(branch, part)


@contextmanager
def _for_people() -> Iterator[None]:
    """What is wrong with a segment, said without a traceback."""
    try:
        yield
    except (DefinitionError, SegmentError, LookupError, OSError) as error:
        typer.secho(f"error: {error}", err=True, fg="red")
        raise typer.Exit(1) from None
