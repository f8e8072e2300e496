"""`headwater flows backtest`: history replayed through a flow: who would have come in, and what would have gone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from psycopg import Connection
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from headwater.accounts import brand as brands
from headwater.cli import brand, flow_refusals
from headwater.cli.brand import Brand
from headwater.content.errors import TemplateError
from headwater.core import clock, database
from headwater.flows.editing import flow_emails
from headwater.flows.errors import FlowError
from headwater.flows.reading import parse
from headwater.flows.trials import backtest as backtests
from headwater.flows.trials import email_coupons
from headwater.flows.trials.backtest import Version
from headwater.flows.trials.backtest_report import Report
from headwater.segments.language import DefinitionError

app = typer.Typer()
_out = Console(highlight=False)
_said = Console(stderr=True)


@app.command()
def backtest(
    what: Annotated[str, typer.Argument(help="A folder with a flow.yaml, or a live flow's short name.")],
    days: Annotated[int, typer.Option("--days", min=1, max=731, help="Of so many days, up to now.")] = 90,
    since: Annotated[str | None, typer.Option("--from", help="The first day: 2026-01-01.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="The day before which it ends; now if left out.")] = None,
    compare: Annotated[bool, typer.Option("--compare", help="Beside the version that is live.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The whole report as JSON.")] = False,
    brand_slug: Brand = None,
) -> None:
    """Replay what people did through a flow, and tell what would have happened. Nothing is sent or changed."""
    try:
        with database.connect(autocommit=True) as conn:
            workspace_id, now = brand.chosen(conn, brand_slug), clock.now(conn)
            zone = brands.load(conn, workspace_id).zone
            start, end = _span(days, since, until, zone, now)
            versions = _versions(conn, workspace_id, what, compare)
            case = backtests.prepare(conn, workspace_id, versions, start, end, now)
            reports = _watched(backtests.run(conn, case))
    except (FlowError, DefinitionError, TemplateError, LookupError, ValueError) as error:
        flow_refusals.tell(error)
        raise typer.Exit(1) from None
    if as_json:
        print(json.dumps([report.plain() for report in reports] if compare else reports[0].plain()))
        return
    _tell(reports, {email.id: email.name for definition, _ in versions for email in definition.emails}, zone)


def _span(days: int, since: str | None, until: str | None, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    end = min(_day(until, zone), now) if until is not None else now
    return _day(since, zone) if since is not None else end - timedelta(days=days), end


def _day(text: str, zone: ZoneInfo) -> datetime:
    """The beginning of a day of the brand. Raises ValueError."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=zone)
    except ValueError:
        raise ValueError(f"{text} is not a day: write it like 2026-01-31") from None


def _versions(conn: Connection, workspace_id: int, what: str, compare: bool) -> list[Version]:
    """The version that is asked about, and the live one if they are compared."""
    if not Path(what).exists():
        live = backtests.live_version(conn, workspace_id, what)
        if compare:
            raise FlowError("", "--compare sets a folder's flow beside the live one: name the folder")
        return [live]
    file = flow_emails.file_of(Path(what))
    definition = parse(flow_emails.read(file), slug=file.parent.name)
    drafted = (definition, email_coupons.of_folder(file.parent, definition))
    return [drafted, backtests.live_version(conn, workspace_id, definition.slug)] if compare else [drafted]


def _watched(running: Iterator[backtests.Progress | list[Report]]) -> list[Report]:
    reports: list[Report] = []
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[so_far]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_said, transient=True) as bar:
        task = bar.add_task("replaying", total=None, so_far="")
        for step in running:
            if isinstance(step, list):
                reports = step
                continue
            so_far = f"{step.events:,} events, {step.entries:,} came in, {step.sent:,} emails"
            bar.update(task, total=step.people, completed=step.done, so_far=so_far)
    return reports


# ── telling ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _tell(reports: Sequence[Report], names: Mapping[str, str], zone: ZoneInfo) -> None:
    first = reports[0]
    _out.print(
        f"[bold]{escape(first.flow)}[/]  {first.start.astimezone(zone):%d %b %Y} to "
        f"{first.end.astimezone(zone):%d %b %Y}, {first.events:,} events in {first.seconds:.1f} s"
    )
    titles = ("as written", "live") if len(reports) > 1 else ("",)
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("")
    for title in titles:
        table.add_column(title, justify="right")
    for label, told in _figures(reports):
        table.add_row(label, *told)
    _out.print(table)
    _out.print(_steps(reports, names, titles))
    for report, title in zip(reports, titles, strict=True):
        _out.print(escape(f"{title + ': ' if title else ''}{_stake(report)}"), soft_wrap=True)


def _figures(reports: Sequence[Report]) -> Iterator[tuple[str, list[str]]]:
    yield "people who did what starts it", [f"{one.people:,}" for one in reports]
    yield "times they did", [f"{one.triggers:,}" for one in reports]
    yield "came in", [f"{one.entries:,}" for one in reports]
    for reason in dict.fromkeys(reason for one in reports for reason in one.refused):
        yield f"  not: {_words(reason)}", [f"{one.refused.get(reason, 0):,}" for one in reports]
    yield "emails", [f"{one.sent:,}" for one in reports]
    yield "went through", [f"{one.completed:,}" for one in reports]
    for reason in dict.fromkeys(reason for one in reports for reason in one.left):
        yield f"left: {_words(reason)}", [f"{one.left.get(reason, 0):,}" for one in reports]
    yield "still waiting", [f"{one.waiting:,}" for one in reports]
    if any(one.campaign_mail for one in reports):
        yield "campaign emails they got meanwhile", [f"{one.campaign_mail:,}" for one in reports]
    for slug in dict.fromkeys(slug for one in reports for slug in one.other_flows):
        yield f"entered {slug} meanwhile", [f"{one.other_flows.get(slug, 0):,}" for one in reports]


def _steps(reports: Sequence[Report], names: Mapping[str, str], titles: Sequence[str]) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("email")
    for title in titles:
        table.add_column(f"sent {title}".strip(), justify="right")
        table.add_column(f"kept back {title}".strip())
    for step, name in names.items():
        row: list[str] = []
        for report in reports:
            told = report.steps.get(step)
            row.append(f"{told.sent:,}" if told is not None else "-")
            kept = told.skipped.items() if told is not None else ()
            row.append(", ".join(f"{count:,} {_words(reason)}" for reason, count in kept))
        table.add_row(escape(name), *row)
    return table


def _stake(report: Report) -> str:
    stake = report.stake
    return (
        f"{stake.runs_with_order:,} ordered within five days ({stake.orders:,} orders, {stake.order_value:,.2f}); "
        f"{stake.runs_without_order:,} did not: what they came for was worth {stake.value_without_order:,.2f}."
    )


def _words(reason: str) -> str:
    return reason.replace("_", " ")
