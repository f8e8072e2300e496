"""The show of `headwater demo`: what is about to happen, what happens, as it does, and what to look at afterwards."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from psycopg import Connection
from rich.console import Console
from rich.table import Table

from headwater.audience import profiles
from headwater.campaigns import campaigns
from headwater.core import clock, database, settings
from headwater.delivery import ledger
from headwater.delivery.mailbox import refusing
from headwater.delivery.reasons import Reason
from headwater.demo import loading, lost_mailboxes, names, passers_by, showcase
from headwater.demo.bustle import Bustle
from headwater.demo.loading import Loaded
from headwater.demo.post_office import PostOffice
from headwater.demo.readers import Counted, Readers
from headwater.demo.shop import Shop
from headwater.demo.shop_front import Away, ShopFront
from headwater.demo.showcase import Show, Visit
from headwater.flows.definition import FlowDefinition
from headwater.flows.editing import publishing
from headwater.flows.reading import files as flow_files
from headwater.flows.reading import parse

_AFTERWARDS = timedelta(hours=4)
"""The show goes on for so long after its last email."""
_BUYS_AFTER = timedelta(hours=4)
_EVENING = 21
_LOOK_EVERY = 0.5


def run(out: Console, loaded: Loaded, shop: Shop, speed: float, days: int | None) -> None:
    """Set it going and tell it; ends when it does. Raises NotAccepted where the instance refuses or is not there."""
    front = ShopFront(settings.current().base_url, loaded.write_key)
    flow = _flow()
    with database.transaction() as conn:
        began = showcase.begin(conn, speed)
        planned = showcase.plan_campaigns(conn, loaded.workspace_id, began)
        emails = _names(conn, loaded.workspace_id)
    show = Show(began, showcase.visits(shop, flow, began), planned)
    ends = began + timedelta(days=days) if days is not None else show.ends + _AFTERWARDS
    mailbox = settings.current().mailbox_url
    letters = settings.current().data_dir / "mailbox"
    if mailbox is not None:
        refusing.write(letters, lost_mailboxes.replies(shop.households))
    with PostOffice(letters) if mailbox is not None else nullcontext() as post:
        bustle = _bustle(loaded, shop, show, ends, front, post)
        for visit in show.visits:
            showcase.look(front, visit)
        _programme(out, show, speed, mailbox)
        _Narration(out, loaded, show, bustle, emails).follow(ends)
    _farewell(out, show, bustle)


def _flow() -> FlowDefinition:
    recipe = next(recipe for recipe in publishing.recipes() if recipe.slug == showcase.FLOW)
    return parse(flow_files.read((recipe.folder / "flow.yaml").read_text("utf-8")), slug=recipe.slug)


def _names(conn: Connection, workspace_id: int) -> dict[tuple[int, str], str]:
    """What the emails of the demo's flows are called, by flow and step."""
    found: dict[tuple[int, str], str] = {}
    for slug in loading.FLOWS:
        flow, tree = publishing.published(conn, workspace_id, slug)
        if tree is not None:
            found |= {(flow.id, email.id): email.name for email in parse(tree).emails}
    return found


def _bustle(
    loaded: Loaded, shop: Shop, show: Show, ends: datetime, front: ShopFront, post: PostOffice | None
) -> Bustle:
    """Everybody else. The same in each show that begins on that day."""
    seed = f"show-{show.began:%Y%m%d}"
    readers = None
    if post is not None:
        readers = Readers(
            post,
            {person.email: person.external_id for person in map(names.person, shop.households)},
            shop.products,
            shop.popular[: loading.REVIEWED],
            seed,
            attentive=frozenset(visit.email for visit in show.visits),
        )
    return Bustle(
        loaded.workspace_id,
        front,
        readers,
        deque(passers_by.visits(shop, show.began, ends, seed)),
        deque(passers_by.sign_ups(show.began, ends, seed)),
    )


def _programme(out: Console, show: Show, speed: float, mailbox: str | None) -> None:
    """Who looked at what, and after how many minutes of yours their emails come."""
    out.print(
        f"\nIt is [bold]{_at(show.began, showcase.TIMEZONE)}[/] in the shop, and a day takes "
        f"[bold]{86400 / speed / 60:.1f} minutes[/]. Five new people have just looked at something and left:"
    )
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("who", "from", "looked at"):
        table.add_column(heading, no_wrap=True, max_width=30)
    for number in range(len(show.visits[0].expected)):
        table.add_column(f"email {number + 1}", justify="right")
    for visit in show.visits:
        minutes = [f"{(at - show.began).total_seconds() / speed / 60:.1f} min" for _, at in visit.expected]
        if visit.shopper.buys:
            minutes[2:] = ["buys first", "–"]
        table.add_row(visit.shopper.first_name, visit.shopper.city, visit.product.title, *minutes)
    out.print(table)
    if mailbox is not None:
        out.print(
            f"Watch them arrive in the mailbox: [bold]{mailbox}[/]. Search it for a name, click a link, unsubscribe."
        )
    out.print(
        f"Around them, {passers_by.VISITORS} customers look around the shop, {passers_by.REGULARS} a day order as "
        f"always, and {passers_by.NEWCOMERS} people sign up for the newsletter. Whoever gets an email may open it, "
        "click, order or unsubscribe. From tomorrow morning there is a sale: VIPs first, then three days for the "
        "newsletter, without whoever has bought.\n"
    )


@dataclass
class _Narration:
    """Tells what the ledger says, as it happens, and every evening what readers did."""

    out: Console
    loaded: Loaded
    show: Show
    bustle: Bustle
    emails: Mapping[tuple[int, str], str]
    told: set[tuple[int, str]] = field(default_factory=set)
    bought: set[str] = field(default_factory=set)
    evening: datetime = field(init=False)
    until_then: Counted = field(default_factory=Counted)

    def __post_init__(self) -> None:
        began = self.show.began.astimezone(ZoneInfo(showcase.TIMEZONE))
        self.evening = began.replace(hour=_EVENING, minute=0, second=0, microsecond=0)

    def follow(self, ends: datetime) -> None:
        while True:
            with database.transaction() as conn:
                now = clock.now(conn)
                for visit in self.show.visits:
                    self._tell(conn, visit)
                self._campaigns(conn)
            self.bustle.turn(now)
            for visit in self.show.visits:
                if visit.shopper.buys and visit.email not in self.bought and now >= visit.expected[1][1] + _BUYS_AFTER:
                    with suppress(Away):  # the front says it as soon as it can
                        showcase.buy(self.bustle.front, visit)
                    self.bought.add(visit.email)
                    name = visit.shopper.first_name
                    self._line(now, visit, f"[green]{name} orders: the rest of the series is off[/]")
            if now >= self.evening:
                self._day()
            if now >= ends:
                return
            time.sleep(_LOOK_EVERY)

    def _tell(self, conn: Connection, visit: Visit) -> None:
        profile_id = profiles.find(conn, self.loaded.workspace_id, email=visit.email)
        if profile_id is None:
            return
        for message in reversed(ledger.of_profile(conn, self.loaded.workspace_id, profile_id)):
            name = self.emails.get((message.source_id, message.step), message.step)
            if message.state in ("planned", "claimed") or (message.id, message.state) in self.told:
                continue
            self.told.add((message.id, message.state))
            why = f": {Reason(message.reason).words}" if message.reason else ""
            at = message.sent_at or message.finished_at or message.send_at
            self._line(at, visit, f"{name} [dim]{message.state}{why}[/]")

    def _campaigns(self, conn: Connection) -> None:
        for one in campaigns.get(conn, self.loaded.workspace_id, self.show.campaign_ids).values():
            if one.status in ("sent", "no_recipients", "cancelled") and (-one.id, one.status) not in self.told:
                self.told.add((-one.id, one.status))
                report = campaigns.report(conn, self.loaded.workspace_id, one.id)
                at = _at(one.finished_at or self.show.began, showcase.TIMEZONE)
                self.out.print(f"[dim]{at}[/]  {one.name} [dim]{report.sent:,} sent of {report.recipients:,}[/]")

    def _day(self) -> None:
        """What the readers of emails did since the evening before."""
        if self.bustle.readers is not None:
            counted = self.bustle.readers.counted
            today = _words(counted.since(self.until_then))
            self.out.print(f"[dim]{_at(self.evening, showcase.TIMEZONE)}[/]  Readers of emails: {today}")
            self.until_then = replace(counted)
        self.evening += timedelta(days=1)

    def _line(self, at: datetime, visit: Visit, what: str) -> None:
        shopper = visit.shopper
        self.out.print(f"[dim]{_at(at, shopper.timezone)} in {shopper.city:<8}[/]  {shopper.first_name:<7} {what}")


def _words(counted: Counted) -> str:
    said = [f"{counted.opened:,} opened (and {counted.by_machine:,} by machine)", f"{counted.clicked:,} clicked"]
    if counted.ordered:
        said.append(f"[green]{counted.ordered:,} ordered for ${counted.spent:,.0f}[/]")
    if counted.unsubscribed:
        said.append(f"{counted.unsubscribed:,} unsubscribed")
    if counted.complained:
        said.append(f"{counted.complained:,} marked as spam")
    return ", ".join(said)


def _at(at: datetime, timezone: str) -> str:
    return f"{at.astimezone(ZoneInfo(timezone)):%a %b %d %H:%M}"


def _farewell(out: Console, show: Show, bustle: Bustle) -> None:
    buyer = next(visit for visit in show.visits if visit.shopper.buys)
    own = settings.current().data_dir
    where = "" if own == settings.default_data_dir(os.environ) else f"HEADWATER_DATA_DIR={own} "
    out.print("\nThat was the show; the clock runs at everyday speed again.")
    if bustle.readers is not None:
        out.print(f"Of its readers, {_words(bustle.readers.counted)}.")
    out.print(
        f"See it in the app: [bold]{settings.current().base_url}[/]. Ask why somebody did or did not get an email:\n"
        f"  {where}headwater why {buyer.email} --brand {loading.SLUG}\n"
        f"  {where}headwater why {show.visits[0].email} --brand {loading.SLUG}"
    )
