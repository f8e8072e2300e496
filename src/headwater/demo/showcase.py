"""The main job, made to happen: new shoppers look and leave, one of them buys, and a three-day sale goes out.

The shoppers speak to the intake over HTTP like any shop's page; the campaigns are planned like any marketer's. What
then happens is the product's own doing; what goes on around them is `bustle`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from psycopg import Connection

from headwater.audience import lists
from headwater.campaigns import campaigns, series
from headwater.campaigns.campaigns import Draft
from headwater.campaigns.series import Part
from headwater.content import files, templates
from headwater.core import clock
from headwater.demo.loading import NEWSLETTER
from headwater.demo.shop import ENDED, TIMEZONE, Product, Shop
from headwater.demo.shop_front import Said, ShopFront, track
from headwater.events import metrics
from headwater.flows.definition import FlowDefinition
from headwater.flows.delays import ends
from headwater.flows.steps import Countdown, Delay, Email, Split
from headwater.segments import saved

BEGINS = datetime.combine(ENDED.date(), time(9), ZoneInfo(TIMEZONE))
"""The instance's time when the show begins: the morning after the data's last order."""
FLOW = "browse-abandonment"
VIPS = "VIPs: spent 3,500 or more"
_TEMPLATES = Path(__file__).parent / "templates"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Shopper:
    """Someone new, who looks at a product and leaves."""

    first_name: str
    last_name: str
    city: str
    country: str
    timezone: str
    looks_for: str
    """The category of what they look at."""
    buys: bool = False
    """Orders after the second email."""

    def email(self, begins: datetime) -> str:
        """A fresh address for each show: nobody can enter the flow twice within two weeks."""
        return f"{self.first_name}.{self.last_name}.{begins:%m%d}@example.com".lower()


SHOPPERS = (
    Shopper("Maya", "Chen", "New York", "US", "America/New_York", "Berries"),
    Shopper("Leo", "Costa", "Oakland", "US", "America/Los_Angeles", "Coffee"),
    Shopper("Amelie", "Laurent", "London", "GB", "Europe/London", "Cheese"),
    Shopper("Tom", "Becker", "Chicago", "US", "America/Chicago", "Yogurt", buys=True),
    Shopper("Aiko", "Tanaka", "Tokyo", "JP", "Asia/Tokyo", "Cookies, cones"),
)


@dataclass(frozen=True)
class Visit:
    """A shopper in this show."""

    shopper: Shopper
    email: str
    product: Product
    expected: tuple[tuple[str, datetime], ...]
    """(name of the email, when it should come), should they not buy."""


@dataclass(frozen=True)
class Show:
    """What was set going."""

    began: datetime
    visits: tuple[Visit, ...]
    campaign_ids: tuple[int, ...]

    @property
    def ends(self) -> datetime:
        return max(at for visit in self.visits for _, at in visit.expected)


# ── the clock ───────────────────────────────────────────────────────────────────────────────────────────────────────
def set_clock(conn: Connection) -> None:
    """Stop the clock at the show's beginning, unless this instance has moved on from there already."""
    moved = clock.read(conn) is not None
    row = conn.execute("SELECT EXISTS (SELECT FROM message)").fetchone()
    if not moved and not (row and row[0]):
        clock.move(conn, to=BEGINS, at_speed=0)


def begin(conn: Connection, speed: float) -> datetime:
    """Let the clock run this fast from nine in the morning: the one that it shows, or the next. Answers the time."""
    now = clock.now(conn).astimezone(ZoneInfo(TIMEZONE))
    nine = datetime.combine(now.date(), time(9), ZoneInfo(TIMEZONE))
    if now > nine + timedelta(minutes=30):
        nine += _DAY
    return clock.move(conn, to=max(now, nine), at_speed=speed)


# ── shoppers ────────────────────────────────────────────────────────────────────────────────────────────────────────
def visits(shop: Shop, flow: FlowDefinition, begins: datetime) -> tuple[Visit, ...]:
    """Who will look at what, and when their emails should come."""
    return tuple(
        Visit(
            shopper,
            shopper.email(begins),
            _product(shop, shopper.looks_for),
            tuple(forecast(flow, begins, shopper.timezone, TIMEZONE)),
        )
        for shopper in SHOPPERS
    )


def _product(shop: Shop, category: str) -> Product:
    """A popular product of the category, and not the very first, so that others can be recommended."""
    of_category = [product for product in shop.popular if product.category == category]
    return (of_category or shop.popular)[min(2, len(of_category) - 1 if of_category else 0)]


def forecast(
    flow: FlowDefinition, begins: datetime, timezone: str, brand_timezone: str
) -> Iterator[tuple[str, datetime]]:
    """When each email comes to someone who does nothing more: every split answered yes, codes issued when shown."""
    at = begins
    lasts = {plan.name: plan.expires_after for plan in flow.coupons}
    following: str | None = flow.first
    while following is not None:
        step = flow.steps[following]
        match step:
            case Email():
                yield step.name, at
                following = step.next
            case Delay():
                at = ends(step.span, at, timezone, brand_timezone)
                following = step.next
            case Countdown():
                at += (lasts.get(step.coupon) or timedelta()) - step.before
                following = step.next
            case Split():
                following = step.then
            case _:
                return


def look(front: ShopFront, visit: Visit) -> None:
    """The shop's page says who is there, and what they look at."""
    front.say([_identify(visit), track(visit.email, metrics.VIEWED_PRODUCT, visit.product.flat())])


def buy(front: ShopFront, visit: Visit) -> None:
    """The shop says that they ordered what they had looked at."""
    price = visit.product.price
    line = visit.product.flat() | {"quantity": 1}
    order = {"order_id": f"demo-{visit.email}", "value": price, "discount_codes": [], "items": [line]}
    front.say([track(visit.email, metrics.PLACED_ORDER, order)])


def _identify(visit: Visit) -> Said:
    shopper = visit.shopper
    traits = {
        "email": visit.email,
        "firstName": shopper.first_name,
        "lastName": shopper.last_name,
        "timezone": shopper.timezone,
        "city": shopper.city,
        "country": shopper.country,
    }
    return {"type": "identify", "userId": visit.email, "traits": traits}


# ── campaigns ───────────────────────────────────────────────────────────────────────────────────────────────────────
def plan_campaigns(conn: Connection, workspace_id: int, now: datetime) -> tuple[int, ...]:
    """A VIP early access tomorrow, then three days of sale to the newsletter, without whoever has bought since."""
    newsletter = lists.find(conn, workspace_id, NEWSLETTER)
    assert newsletter is not None, "loading makes the list"
    morning = datetime.combine(now.astimezone(ZoneInfo(TIMEZONE)).date(), time(9), ZoneInfo(TIMEZONE)) + _DAY
    vip = campaigns.create(
        conn,
        workspace_id,
        Draft(
            "Winter pantry sale: VIP early access",
            _template(conn, workspace_id, "vip-early-access", now),
            included=[{"segment": _vips(conn, workspace_id, now)}],
            send_at=morning,
        ),
        now,
    )
    campaigns.schedule(conn, workspace_id, vip.id, now)
    parts = [
        Part(f"Winter pantry sale: {label}", morning + day * _DAY, _template(conn, workspace_id, name, now))
        for day, (label, name) in enumerate(
            (("day one", "sale-launch"), ("day two", "sale-reminder"), ("last day", "sale-last-day")), start=1
        )
    ]
    sale = series.plan(conn, workspace_id, "Winter pantry sale", parts, now, included=[{"list": newsletter}])
    series.schedule(conn, workspace_id, sale.id, now)
    return (vip.id, *(one.id for one in sale.campaigns))


def _vips(conn: Connection, workspace_id: int, now: datetime) -> int:
    found = saved.find(conn, workspace_id, VIPS)
    if found is None:
        spent = {"metric": metrics.PLACED_ORDER, "sum": {"at_least": 3500}}
        found = saved.create(conn, workspace_id, VIPS, {"all": [spent, {"consent": "subscribed"}]}, now)
    return found.id


def _template(conn: Connection, workspace_id: int, name: str, now: datetime) -> int:
    read = files.read(_TEMPLATES / f"{name}.mjml")
    document = replace(read, mjml=read.mjml.lstrip("\n"))  # the lines of the file's head
    template_id, _ = templates.save(conn, workspace_id, name, document, now)
    return template_id
