"""`headwater flows`: plan and apply from files, see flows and versions, undo, pause, review, export, install."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from headwater.catalog.coupons import CouponError
from headwater.cli import brand, flow_backtest, flow_entries, flow_numbers, flow_refusals, flow_schema, flow_tests
from headwater.cli.brand import Brand
from headwater.core import clock, database
from headwater.flows.editing import changes, exporting, pausing, publishing, reviewing, undoing, versions
from headwater.flows.editing.changes import Change
from headwater.flows.editing.moves import Choice
from headwater.flows.editing.publish_effects import Effect, Standing
from headwater.flows.editing.publishing import Applied
from headwater.flows.editing.requirements import Made
from headwater.flows.errors import FlowError
from headwater.flows.reading import parse
from headwater.flows.wording import Line, outline
from headwater.segments.language import DefinitionError

app = typer.Typer(no_args_is_help=True, help="Flows: plan, apply, list, show, undo, pause, review, export, install.")
app.add_typer(flow_entries.app)
app.add_typer(flow_schema.app)
app.add_typer(flow_numbers.app)
app.add_typer(flow_tests.app)
app.add_typer(flow_backtest.app)
_out = Console()

_Slug = Annotated[str, typer.Argument(help="The flow's short name, as in `headwater flows list`.", show_default=False)]
_Folder = Annotated[Path, typer.Argument(help="A folder with a flow.yaml, or such a file.", show_default=False)]
_LOOKS = {"live": "green", "paused": "yellow", "draft": "cyan", "archived": "dim"}
_SIGNS = {changes.ADDED: "[green]+[/]", changes.REMOVED: "[red]-[/]", changes.MOVED: "→", changes.CHANGED: "~"}


# ── definitions ─────────────────────────────────────────────────────────────────────────────────────────────────────
@app.command()
def apply(
    paths: Annotated[list[Path], typer.Argument(help="Folders with a flow.yaml, or such files.", show_default=False)],
    people: Annotated[
        list[str] | None,
        typer.Option(
            "--people", help="What becomes of those who wait at a step: STEP=finish, STEP=exit or STEP=at:OTHER-STEP."
        ),
    ] = None,
    retime: Annotated[
        list[str] | None, typer.Option("--retime", help="A delay whose people wait as it is written now.")
    ] = None,
    brand_slug: Brand = None,
) -> None:
    """Publish flows from files and set them live. Applying the same files again changes nothing."""
    for path in paths:
        _applied(path, brand_slug, _choices(people or ()), retime or ())


@app.command()
def plan(path: _Folder, brand_slug: Brand = None) -> None:
    """What applying a flow would change, and what it would mean for the people inside. Nothing is written."""
    with database.transaction() as conn, _for_people():
        planned = publishing.plan(conn, brand.chosen(conn, brand_slug), path, clock.now(conn))
    _out.print(f"[bold]{planned.definition.slug}[/]  {_versions(planned.version, bool(planned.changes))}")
    _print_changes(planned.changes)
    for file in planned.emails_changed:
        _out.print(f"  ~ new content: {escape(file)}")
    _print_made(planned.made, "will make")
    _print_effect(planned.effect)


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
        _applied(known[slug].folder, brand_slug, {}, ())


@app.command()
def undo(slug: _Slug, brand_slug: Brand = None) -> None:
    """Take the last publish back: the version before runs again, and whoever was moved goes back."""
    with database.transaction() as conn, _for_people():
        done = undoing.undo(conn, brand.chosen(conn, brand_slug), slug, clock.now(conn))
    _out.print(f"Version {done.version} is what version {done.version - 2} was. {_people(done.put_back)} put back.")


@app.command()
def history(
    slug: _Slug,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many versions.")] = 20,
    brand_slug: Brand = None,
) -> None:
    """The versions of a flow, and what each changed."""
    with database.transaction() as conn, _for_people():
        workspace_id = brand.chosen(conn, brand_slug)
        row = versions.find(conn, workspace_id, slug)
        found = versions.history(conn, workspace_id, row.id, limit=limit + 1)
    for one, earlier in pairwise((*found, None)) if len(found) <= limit else pairwise(found):
        assert one is not None
        undoes = f", undoes version {one.undoes}" if one.undoes is not None else ""
        _out.print(f"[bold]version {one.version}[/]  {one.published_at:%d %b %Y, %H:%M} UTC{undoes}")
        if earlier is not None:
            _print_changes(changes.diff(earlier.definition, one.definition))


@app.command()
def export(
    slug: _Slug,
    folder: Annotated[Path | None, typer.Argument(help="Where to; the flow's own name if left out.")] = None,
    brand_slug: Brand = None,
) -> None:
    """Write a live flow as files. Applying them changes nothing."""
    with database.transaction() as conn, _for_people():
        files = exporting.export(conn, brand.chosen(conn, brand_slug), slug)
    into = folder if folder is not None else Path(slug)
    for name, text in files.items():
        file = into / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        _out.print(escape(str(file)))


# ── seeing ──────────────────────────────────────────────────────────────────────────────────────────────────────────
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
    for title in ("version", "waiting", "in review", "completed", "left early"):
        table.add_column(title, justify="right")
    for flow in found:
        look = _LOOKS[flow.status]
        counts = (flow.version or "-", flow.waiting, flow.in_review or "-", flow.completed, flow.exited)
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
def recipes() -> None:
    """The ready-made flows that `headwater flows install` knows."""
    for recipe in publishing.recipes():
        _out.print(f"[bold]{recipe.slug}[/]  {escape(recipe.description)}")
        for email in recipe.emails:
            _out.print(f"    {escape(email)}")


# ── running ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@app.command()
def pause(slug: _Slug, brand_slug: Brand = None) -> None:
    """Freeze a flow: nobody enters, and whoever is inside stays where they are until it is resumed."""
    with _for_people(), database.transaction() as conn:
        pausing.pause(conn, brand.chosen(conn, brand_slug), slug, clock.now(conn))
    _out.print("Paused. People inside stay where they are.")


@app.command()
def resume(
    slug: _Slug,
    overdue: Annotated[
        str | None, typer.Option("--overdue", help="What came due meanwhile: send it, skip it, or exit the people.")
    ] = None,
    brand_slug: Brand = None,
) -> None:
    """Let a paused flow go on. Unless told otherwise, emails more than 24 hours overdue are skipped."""
    with _for_people(), database.transaction() as conn:
        done = pausing.resume(conn, brand.chosen(conn, brand_slug), slug, clock.now(conn), overdue)
    if overdue is None:
        _out.print("Live again. Emails more than 24 hours overdue are skipped.")
    else:
        _out.print(f"Live again. Overdue ({overdue}): {_people(done.people)}, {done.messages} planned emails.")


@app.command()
def archive(slug: _Slug, brand_slug: Brand = None) -> None:
    """End a flow: whoever is inside leaves, and planned emails are cancelled."""
    with _for_people(), database.transaction() as conn:
        pausing.archive(conn, brand.chosen(conn, brand_slug), slug, clock.now(conn))
    _out.print("Archived. Whoever was inside has left.")


@app.command()
def review(
    slug: _Slug,
    step: Annotated[str | None, typer.Option("--step", help="Only at this step.")] = None,
    send_all: Annotated[bool, typer.Option("--send-all", help="Send the step to everybody held at it.")] = False,
    cancel_all: Annotated[bool, typer.Option("--cancel-all", help="Everybody goes on without it.")] = False,
    brand_slug: Brand = None,
) -> None:
    """Who is held at a manual step; with --step and --send-all or --cancel-all: decide for all of them."""
    if send_all or cancel_all:
        if step is None or send_all is cancel_all:
            raise typer.BadParameter("Name the --step, and either --send-all or --cancel-all.")
        action = reviewing.SEND if send_all else reviewing.CANCEL
        with _for_people(), database.transaction() as conn:
            workspace_id = brand.chosen(conn, brand_slug)
            decided = reviewing.decide(conn, workspace_id, slug, step, action, None, clock.now(conn))
        _out.print(f"{'Sent to' if send_all else 'Cancelled for'} {_people(decided)}.")
        return
    with _for_people(), database.transaction() as conn:
        held = reviewing.waiting(conn, brand.chosen(conn, brand_slug), slug, step=step)
    for one in held:
        _out.print(f"{one.step}  {escape(one.email or str(one.profile_id))}  since {one.since:%d %b %Y, %H:%M} UTC")
    if not held:
        _out.print("Nobody is held for review.")


@app.command("set-status")
def set_status(
    slug: _Slug,
    step: Annotated[str, typer.Argument(help="The step's id.", show_default=False)],
    status: Annotated[str, typer.Argument(help="draft, manual or live.", show_default=False)],
    brand_slug: Brand = None,
) -> None:
    """Have one step skipped (draft), held until somebody decides (manual), or done (live)."""
    with _for_people(), database.transaction() as conn:
        done = publishing.set_step_status(conn, brand.chosen(conn, brand_slug), slug, step, status, clock.now(conn))
    _out.print(f"[bold]{slug}[/]  {_what_was_done(done)}")


# ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _applied(path: Path, brand_slug: str | None, people: Mapping[str, Choice], retime: Sequence[str]) -> None:
    with _for_people(), database.transaction() as conn:
        workspace_id = brand.chosen(conn, brand_slug)
        done = publishing.apply(conn, workspace_id, path, clock.now(conn), people=people, retime=retime)
    _out.print(f"[bold]{done.slug}[/]  {_what_was_done(done)}")
    _print_made(done.made, "made")
    if done.moved or done.retimed:
        _out.print(f"  {_people(done.moved)} moved, {_people(done.retimed)} with another time")
    if done.status == "paused":
        _out.print(f"  It stays paused: headwater flows resume {done.slug}")


def _choices(given: Sequence[str]) -> dict[str, Choice]:
    """STEP=finish, STEP=exit, STEP=at:OTHER-STEP."""
    found: dict[str, Choice] = {}
    for one in given:
        step, _, choice = one.partition("=")
        found[step] = {"continue_at": choice.removeprefix("at:")} if choice.startswith("at:") else choice
    return found


def _what_was_done(done: Applied) -> str:
    emails = f"; new content: {', '.join(done.emails_changed)}" if done.emails_changed else ""
    if done.created:
        return "published and live"
    if done.changed:
        return f"version {done.version} published{emails}"
    return f"unchanged (version {done.version}){emails}"


def _versions(version: int | None, changed: bool) -> str:
    if version is None:
        return "a new flow"
    return f"version {version} → {version + 1}" if changed else f"unchanged (version {version})"


def _print_changes(found: Sequence[Change]) -> None:
    for change in found:
        _out.print(f"  {_SIGNS[change.kind]} {escape(change.words)}")


def _print_made(made: Made, verb: str) -> None:
    kinds = (("coupon", made.coupons), ("list", made.lists), ("segment", made.segments))
    for kind, names in kinds:
        for name in names:
            _out.print(f"  {verb} the {kind} {escape(name)}")


def _print_effect(effect: Effect) -> None:
    for one in effect.standing:
        review = f", {one.in_review} of them in review" if one.in_review else ""
        _out.print(f"  {_people(one.people)} at {one.step}{review}: {_fate(one)}")
    for delay in effect.retimable:
        _out.print(f"  {_people(delay.people)} by {delay.delay} as it was, unless --retime {delay.delay}")
    if effect.pinned:
        _out.print(f"  {_people(effect.pinned)} on an earlier version, to its end")


def _fate(one: Standing) -> str:
    if not one.needs_choice:
        return "no change"
    usual = f"to {one.goes_to}" if one.goes_to is not None else "nothing is left, they leave"
    return f"{one.fate}; {usual}, unless --people {one.step}=finish, {one.step}=exit or {one.step}=at:STEP"


def _people(count: int) -> str:
    return f"{count:,} {'person' if count == 1 else 'people'}"


@contextmanager
def _for_people() -> Iterator[None]:
    """What is wrong with a flow, said without a traceback."""
    try:
        yield
    except (FlowError, DefinitionError, CouponError, LookupError) as error:
        flow_refusals.tell(error)
        raise typer.Exit(1) from None


def _grow(tree: Tree, lines: Sequence[Line]) -> None:
    for line in lines:
        _grow(tree.add(escape(line.text)), line.below)
