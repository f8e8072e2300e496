"""`headwater demo`: the demo brand with a year of a retailer's data, and the main job happening before one's eyes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from psycopg import Connection
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table

from headwater.audience import profiles
from headwater.campaigns import campaigns
from headwater.core import clock, database, settings
from headwater.delivery import ledger
from headwater.delivery.reasons import Reason
from headwater.demo import loading, showcase
from headwater.demo.loading import Loaded
from headwater.demo.shop import DataMissing, Shop
from headwater.demo.showcase import NotAccepted, Show, Visit
from headwater.flows.definition import FlowDefinition
from headwater.flows.editing import publishing
from headwater.flows.reading import files as flow_files
from headwater.flows.reading import parse

app = typer.Typer(help="Load the demo brand and show the main job.")
_out = Console(highlight=False)
_BUYS_AFTER = timedelta(hours=4)
_LOOK_EVERY = 0.5


@app.command()
def demo(
    speed: Annotated[
        float, typer.Option(min=1, max=10_000, help="How fast the instance's clock runs: 1440 is a day a minute.")
    ] = 1440,
    orders: Annotated[str, typer.Option(help="How many baskets to load: a number, or “all”.")] = "all",
    showcase: Annotated[bool, typer.Option(help="Let shoppers come and a sale go out, and tell what happens.")] = True,
) -> None:
    """Load the demo brand (again: complete it), then show the browse-abandonment flow and a three-day sale."""
    run(speed, orders, showcase)


def run(speed: float = 1440, orders: str = "all", show: bool = True) -> None:
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
        _show(loaded, shop, speed)
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


# ── the show ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _show(loaded: Loaded, shop: Shop, speed: float) -> None:
    flow = _flow()
    base_url = settings.current().base_url
    with database.transaction() as conn:
        began = showcase.begin(conn, speed)
        planned = showcase.plan_campaigns(conn, loaded.workspace_id, began)
    show = Show(began, showcase.visits(shop, flow, began), planned)
    for visit in show.visits:
        showcase.look(base_url, loaded.write_key, visit)
    _programme(show, speed)
    _Narration(loaded, show, flow).follow(
        buy=lambda visit: showcase.buy(base_url, loaded.write_key, visit),
        rush=lambda: showcase.rush(base_url, loaded.write_key, shop, show),
    )
    _farewell(show)


def _flow() -> FlowDefinition:
    recipe = next(recipe for recipe in publishing.recipes() if recipe.slug == showcase.FLOW)
    return parse(flow_files.read((recipe.folder / "flow.yaml").read_text("utf-8")), slug=recipe.slug)


def _programme(show: Show, speed: float) -> None:
    """Who looked at what, and after how many minutes of yours their emails come."""
    _out.print(
        f"\nIt is [bold]{_at(show.began, showcase.TIMEZONE)}[/] in the shop, and a day takes "
        f"[bold]{86400 / speed / 60:.1f} minutes[/]. Five new people have just looked at something and left:"
    )
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("who", "from", "looked at"):
        table.add_column(heading, no_wrap=True, max_width=30)
    names = [name for name, _ in show.visits[0].expected]
    for number in range(len(names)):
        table.add_column(f"email {number + 1}", justify="right")
    for visit in show.visits:
        minutes = [f"{(at - show.began).total_seconds() / speed / 60:.1f} min" for _, at in visit.expected]
        if visit.shopper.buys:
            minutes[2:] = ["buys first", "–"]
        table.add_row(visit.shopper.first_name, visit.shopper.city, visit.product.title, *minutes)
    _out.print(table)
    mailbox = f"http://localhost:{settings.current().mailbox_web_port}"
    _out.print(
        f"Watch them arrive in the mailbox: [bold]{mailbox}[/]. Search it for a name, click a link, unsubscribe.\n"
        "From tomorrow morning there is a sale too: VIPs first, then three days for the newsletter, without whoever "
        "has bought.\n"
    )


@dataclass
class _Narration:
    """Tells what the ledger says, as it happens."""

    loaded: Loaded
    show: Show
    flow: FlowDefinition
    told: set[tuple[int, str]] = field(default_factory=set)
    bought: set[str] = field(default_factory=set)
    rushed: bool = False

    def follow(self, buy: Callable[[Visit], None], rush: Callable[[], int]) -> None:
        last = self.show.ends + timedelta(hours=4)
        while True:
            with database.transaction() as conn:
                now = clock.now(conn)
                for visit in self.show.visits:
                    self._tell(conn, visit)
                self._campaigns(conn)
            for visit in self.show.visits:
                if visit.shopper.buys and visit.email not in self.bought and now >= visit.expected[1][1] + _BUYS_AFTER:
                    buy(visit)
                    self.bought.add(visit.email)
                    _line(now, visit, f"[green]{visit.shopper.first_name} orders: the rest of the series is off[/]")
            if self.sale_is_on and not self.rushed:
                self.rushed = True
                _out.print(f"[dim]{_at(now, showcase.TIMEZONE)}[/]  [green]{rush()} readers order in the sale[/]")
            if now >= last:
                return
            time.sleep(_LOOK_EVERY)

    @property
    def sale_is_on(self) -> bool:
        """Day one has gone out."""
        return (-self.show.campaign_ids[1], "sent") in self.told

    def _tell(self, conn: Connection, visit: Visit) -> None:
        profile_id = profiles.find(conn, self.loaded.workspace_id, email=visit.email)
        if profile_id is None:
            return
        names = {email.id: email.name for email in self.flow.emails}
        for message in reversed(ledger.of_profile(conn, self.loaded.workspace_id, profile_id)):
            name = names.get(message.step, message.step)
            if message.state in ("planned", "claimed") or (message.id, message.state) in self.told:
                continue
            self.told.add((message.id, message.state))
            why = f": {Reason(message.reason).words}" if message.reason else ""
            _line(
                message.sent_at or message.finished_at or message.send_at, visit, f"{name} [dim]{message.state}{why}[/]"
            )

    def _campaigns(self, conn: Connection) -> None:
        for one in campaigns.get(conn, self.loaded.workspace_id, self.show.campaign_ids).values():
            if one.status in ("sent", "no_recipients", "cancelled") and (-one.id, one.status) not in self.told:
                self.told.add((-one.id, one.status))
                report = campaigns.report(conn, self.loaded.workspace_id, one.id)
                at = _at(one.finished_at or self.show.began, showcase.TIMEZONE)
                _out.print(f"[dim]{at}[/]  {one.name} [dim]{report.sent:,} sent of {report.recipients:,}[/]")


def _line(at: datetime, visit: Visit, what: str) -> None:
    shopper = visit.shopper
    _out.print(f"[dim]{_at(at, shopper.timezone)} in {shopper.city:<8}[/]  {shopper.first_name:<7} {what}")


def _at(at: datetime, timezone: str) -> str:
    return f"{at.astimezone(ZoneInfo(timezone)):%a %b %d %H:%M}"


def _farewell(show: Show) -> None:
    buyer = next(visit for visit in show.visits if visit.shopper.buys)
    own = settings.current().data_dir
    where = "" if own == settings.default_data_dir(os.environ) else f"HEADWATER_DATA_DIR={own} "
    _out.print(
        f"\nThat was the show; the clock runs at everyday speed again. Ask why somebody did or did not get an email:\n"
        f"  {where}headwater why {buyer.email} --brand {loading.SLUG}\n"
        f"  {where}headwater why {show.visits[0].email} --brand {loading.SLUG}"
    )
