"""`headwater flows numbers`: who came to each step of a flow and what became of them, as a table."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headwater.cli import brand
from headwater.cli.brand import Brand
from headwater.core import clock, database
from headwater.delivery.reasons import Reason
from headwater.delivery.results import StepResults
from headwater.flows import figures
from headwater.flows.errors import FlowError
from headwater.flows.figures import Experiment, FlowFigures, StepFigures

app = typer.Typer()
_out = Console(highlight=False)

_EMAIL = ("sent", "opened", "clicked", "orders", "revenue", "unsub.")


@app.command()
def numbers(
    slug: Annotated[str, typer.Argument(help="The flow's short name.", show_default=False)],
    days: Annotated[int, typer.Option("--days", min=1, max=3660, help="Of so many days, up to now.")] = 30,
    brand_slug: Brand = None,
) -> None:
    """How many came to each step, what was decided, and what became of the emails."""
    try:
        with database.transaction() as conn:
            workspace_id, now = brand.chosen(conn, brand_slug), clock.now(conn)
            found = figures.of_flow(conn, workspace_id, slug, now - timedelta(days=days), now)
    except (LookupError, FlowError) as error:
        typer.secho(f"error: {error}", err=True, fg="red")
        raise typer.Exit(1) from None
    _out.print(f"[bold]{escape(found.flow.definition.name)}[/]  the last {days} day{'' if days == 1 else 's'}")
    _out.print(_people(found))
    _out.print(_table(found))
    for step in found.steps:
        _tell_why(step)
        if step.test is not None:
            _tell_test(step.step, step.test)


def _people(found: FlowFigures) -> str:
    review = f" ({found.numbers.needs_review:,} of them for review)" if found.numbers.needs_review else ""
    gone = ", ".join(f"{count:,} {_reason(reason)}" for reason, count in sorted(found.numbers.exited.items()))
    left = f"; left early: {gone}" if gone else ""
    through = f"{found.numbers.entered:,} entered, {found.numbers.completed:,} went through to the end"
    return f"{through}, {found.numbers.waiting:,} waiting now{review}{left}"


def _table(found: FlowFigures) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for title in ("step", "what it does"):
        table.add_column(title)
    for title in ("came", "here now", *_EMAIL):
        table.add_column(title, justify="right")
    for step in found.steps:
        here = f"{step.numbers.waiting:,}" if step.numbers.waiting else ""
        came = f"{step.numbers.came:,}"
        table.add_row(step.step, escape(_short(step.words)), came, here, *_cells(step.numbers.results))
    if found.emails.sent:
        table.add_row("", "[bold]all emails[/]", "", "", *_cells(found.emails))
    return table


def _cells(results: StepResults | None) -> tuple[str, ...]:
    if results is None:
        return ("",) * len(_EMAIL)
    rates = figures.rates(results)
    return (
        f"{results.sent:,}",
        _rate(rates.opened),
        _rate(rates.clicked),
        f"{results.converted:,}",
        f"{results.revenue:,.2f}",
        f"{results.unsubscribed:,}",
    )


def _rate(rate: float | None) -> str:
    return "–" if rate is None else f"{rate:.1%}"


def _tell_why(step: StepFigures) -> None:
    """What did not go out, by reason."""
    results = step.numbers.results
    for reason, count in sorted(results.skipped.items()) if results is not None else ():
        _out.print(f"  {step.step}: {count:,} not sent: {_reason(reason)}", style="yellow")


def _tell_test(step: str, test: Experiment) -> None:
    for one in test.variations:
        hits = f"{one.hits:,} of {one.sent:,}"
        _out.print(f"  {step}: {one.step} ({one.share:f} %) {hits} by {test.by}, the best with {one.chance:.0%}")
    if test.winner is not None:
        how = "when the time was over" if test.winner.by_time else f"with {test.winner.chance:.0%}"
        _out.print(f"  {step}: {test.winner.variation} won on {test.winner.decided_at:%d %b %Y} {how}", style="green")


def _reason(code: str) -> str:
    """In words, if it is one of the ledger's."""
    try:
        return Reason(code).words
    except ValueError:
        return code.replace("_", " ")


def _short(words: str) -> str:
    return words if len(words) <= 60 else words[:59] + "…"
