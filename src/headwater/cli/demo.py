"""`headwater demo`: the demo brand with a year of a retailer's data, and the main job happening before one's eyes."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table

from headwater.cli import demo_show
from headwater.core import clock, database, settings
from headwater.demo import loading, showcase
from headwater.demo.loading import Loaded
from headwater.demo.shop import DataMissing, Shop
from headwater.demo.shop_front import NotAccepted

app = typer.Typer(help="Load the demo brand and show the main job.")
_out = Console(highlight=False)


@app.command()
def demo(
    speed: Annotated[
        float, typer.Option(min=1, max=10_000, help="How fast the instance's clock runs: 1440 is a day a minute.")
    ] = 1440,
    orders: Annotated[str, typer.Option(help="How many baskets to load: a number, or “all”.")] = "all",
    showcase: Annotated[bool, typer.Option(help="Let shoppers come and a sale go out, and tell what happens.")] = True,
    days: Annotated[
        int | None,
        typer.Option(min=1, max=60, help="How long the show takes. By default until its last email: about six."),
    ] = None,
) -> None:
    """Load the demo brand (again: complete it), then show the browse-abandonment flow and a three-day sale."""
    run(speed, orders, showcase, days)


def run(speed: float = 1440, orders: str = "all", show: bool = True, days: int | None = None) -> None:
    """Load, then show; ends when the show does."""
    try:
        loaded, shop = _load(_count(orders))
    except DataMissing as missing:
        _out.print(f"[red]{missing}[/]")
        raise typer.Exit(1) from None
    _tell(loaded)
    if not show:
        _free_clock()
        return
    if settings.current().clock != "movable":
        _out.print(
            "The show needs a clock that runs fast. Start with [bold]headwater up --demo[/], which has its own data, "
            "or set HEADWATER_CLOCK=movable for web and worker processes."
        )
        return
    try:
        demo_show.run(_out, loaded, shop, speed, days)
    except NotAccepted as problem:
        _out.print(f"[red]{problem}[/]\nIs the instance running? [bold]headwater up --demo[/] starts everything.")
        raise typer.Exit(1) from None
    finally:
        _free_clock()


def _count(orders: str) -> int | None:
    if orders == "all":
        return None
    try:
        return max(0, int(orders))
    except ValueError:
        raise typer.BadParameter("--orders is a number or “all”.") from None


def _free_clock() -> None:
    """The clock goes on at everyday speed from where the show left it."""
    with suppress(*database.Unavailable, clock.ClockFixed), database.transaction() as conn:
        if clock.read(conn) is not None:
            clock.move(conn, at_speed=1)


# ── loading ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class _Shown:
    """A load's progress as bars, each with its rate."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars

    def begin(self, label: str, total: int) -> None:
        self._task = self._bars.add_task(label, total=total, rate="")
        self._started = time.perf_counter()

    def advance(self, done: int, new: int) -> None:
        rate = done / max(time.perf_counter() - self._started, 1e-6)
        self._bars.update(self._task, completed=done, rate=f"{rate:,.0f}/s")

    def end(self) -> None:
        self._bars.stop_task(self._task)


def _load(orders: int | None) -> tuple[Loaded, Shop]:
    with _out.status("Reading the retailer's data …"):
        shop = Shop()
        shop.baskets()
        shop.popular  # noqa: B018 - read now, under this label
    if settings.current().clock == "movable":
        with database.transaction() as conn:
            showcase.set_clock(conn)
    columns = (
        TextColumn("{task.description:<10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
    )
    with Bars(*columns, TimeElapsedColumn(), console=_out) as bars:
        loaded = loading.load(shop, _now(), _Shown(bars), orders)
    return loaded, shop


def _now() -> datetime:
    with database.transaction() as conn:
        return clock.now(conn)


def _tell(loaded: Loaded) -> None:
    table = Table(title=loading.NAME, title_justify="left", box=None, padding=(0, 2, 0, 0))
    table.add_column("")
    for heading in ("there", "new", "took", "rate"):
        table.add_column(heading, justify="right")
    for row in loading.summary(loaded):
        table.add_row(*row)
    _out.print(table)
    if not loaded.new:
        _out.print("Nothing is new: everything was loaded before.")
