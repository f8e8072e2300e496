"""`headwater why EMAIL`: everything that happened to a person, what was sent or not and why, and what comes next.

With --flow: why they did not enter that flow.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
import typer
from psycopg import Connection
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headwater import why
from headwater.audience import profiles
from headwater.cli.brand import Brand, chosen
from headwater.core import clock, database
from headwater.flows.delays import zone

app = typer.Typer(help="Why someone did or did not get an email: their timeline.")
_out = Console(highlight=False)
_MARKS = {
    "sent": "[green]✉ ", "delivered": "[green]✉ ", "bounced": "[red]✉ ", "complained": "[red]✉ ",
    "skipped": "[yellow]✗ ", "failed": "[red]✗ ", "cancelled": "[yellow]✗ ", "planned": "[cyan]… ",
    "claimed": "[cyan]… ",
}  # fmt: skip
_KINDS = {
    "flow": "[blue]» ",
    "step": "[dim]  ",
    "consent": "[magenta]• ",
    "suppression": "[red]• ",
    "list": "[magenta]• ",
}
_FEW = 60


@app.command()
def explain(
    email: Annotated[str, typer.Argument(help="The person's email address.")],
    flow: Annotated[str | None, typer.Option("--flow", help="Why they did not enter this flow.")] = None,
    brand: Brand = None,
    as_json: Annotated[bool, typer.Option("--json", help="As the API answers it.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="All that is kept, not only the latest.")] = False,
) -> None:
    """Why someone did or did not get an email: what happened, what each step decided, and what comes next."""
    with database.transaction() as conn:
        workspace_id = chosen(conn, brand)
        profile_id = profiles.find(conn, workspace_id, email=email)
        if profile_id is None:
            _out.print(f"Nobody here has the address {escape(email)}.")
            raise typer.Exit(1)
        if flow is not None:
            told = _entering(conn, workspace_id, profile_id, flow)
        else:
            told = why.timeline(conn, workspace_id, profile_id, clock.now(conn))
    if as_json:
        typer.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
    elif flow is not None:
        _show_entering(told)
    else:
        _show(told, everything)


def _entering(conn: Connection, workspace_id: int, profile_id: int, flow: str) -> dict[str, Any]:
    try:
        return why.entering(conn, workspace_id, profile_id, flow, clock.now(conn))
    except LookupError as error:
        _out.print(f"[red]{escape(str(error))}[/]")
        raise typer.Exit(1) from None


def _show_entering(told: dict[str, Any]) -> None:
    local = zone(told["timezone"]) or ZoneInfo("UTC")
    _out.print(f"[bold]{escape(told['name'])}[/]  {told['status']}  <{escape(told['email'] or '')}>")
    if told["starts_when"]:
        _out.print(f"[dim]Starts when {escape(told['starts_when'])}.[/]")
    _out.print(f"[dim]Times are those of {local.key}; now it is {_at(told['now'], local)}.[/]\n")
    if not told["triggers"]:
        _out.print(escape(told["words"]))
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for one in told["triggers"]:
        mark = "[green]» " if one["verdict"] == "entered" else "[yellow]✗ "
        table.add_row(_at(one["at"], local), f"{mark}{escape(one['what'])}[/]")
        table.add_row("", escape(one["words"]))
        for detail in one["details"]:
            table.add_row("", f"[dim]{escape(detail)}[/]")
    _out.print(table)
    if told["next_at"]:
        _out.print(f"The next time: {_at(told['next_at'], local)}")
    if told["triggers"]:
        _out.print(f"\n[dim]{escape(told['assumes'])}[/]")


def _show(told: dict[str, Any], everything: bool) -> None:
    person = told["profile"]
    local = zone(told["timezone"]) or ZoneInfo("UTC")
    name = f"{person['name']} " if person["name"] else ""
    _out.print(f"[bold]{escape(name)}<{escape(person['email'] or '')}>[/]  profile {person['id']}")
    colour = "green" if told["can_receive"] else "yellow"
    _out.print(
        f"[{colour}]{'Gets' if told['can_receive'] else 'Gets no'} marketing email.[/] {escape(told['standing'])}"
    )
    _out.print(f"[dim]Times are those of {local.key}; now it is {_at(told['now'], local)}.[/]\n")
    entries = told["entries"]
    shown = entries if everything else entries[-_FEW:]
    if len(shown) < len(entries):
        _out.print(f"[dim]… {len(entries) - len(shown)} earlier entries; --all shows them[/]")
    elif told["older_events"]:
        _out.print("[dim]… and older events[/]")
    _table(shown, local)
    _out.print("\n[bold]What comes next[/]")
    if told["next"]:
        _table(told["next"], local)
    else:
        _out.print("[dim]Nothing is planned for this person.[/]")


def _table(entries: list[dict[str, Any]], local: ZoneInfo) -> None:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for entry in entries:
        mark = _MARKS.get(entry.get("state", ""), _KINDS.get(entry["kind"], "• "))
        close = "[/]" if mark.startswith("[") else ""
        detail = f"  [dim]{escape(entry['detail'])}[/]" if entry.get("detail") else ""
        table.add_row(_at(entry["at"], local), f"{mark}{escape(entry['title'])}{close}{detail}")
    _out.print(table)


def _at(instant: str, local: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(local):%a %d %b %Y %H:%M}"
