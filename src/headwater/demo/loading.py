"""The demo brand comes into being: its customers, products, reviews, a year of orders and browsing, its flows.

Everything goes through what any import would use. Loading again finds everything there and says so. Each part commits
by itself: interrupted, it goes on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Protocol

from psycopg import Connection

from headwater.accounts import brand as brands
from headwater.accounts import keys, provision
from headwater.audience import consent, identity, lists, profiles
from headwater.audience.identity import Claim
from headwater.catalog import popularity, products, reviews
from headwater.core import database
from headwater.demo import browsing, names, opinions
from headwater.demo.shop import BEGAN, TIMEZONE, WEBSITE, Shop
from headwater.flows.editing import publishing
from headwater.intake import importing

SLUG = "juniper"
NAME = "Juniper & Co"
COLOUR = "#1f4d3a"
"""The juniper green of its emails: public pages look like them."""
NEWSLETTER = "Newsletter"
FLOWS = (
    "abandoned-cart", "abandoned-checkout", "browse-abandonment", "post-purchase", "site-abandonment", "welcome-series",
)  # fmt: skip
"""The recipes that what happens in the demo's shop can start. History starts none."""
SUBSCRIBED = 0.85
REVIEWS = 4000
REVIEWED = 1000
SEED = 20170101
_CHUNK = 5000


class Progress(Protocol):
    """How a load tells what it is doing."""

    def begin(self, label: str, total: int) -> None: ...
    def advance(self, done: int, new: int) -> None: ...
    def end(self) -> None: ...


@dataclass(frozen=True)
class Part:
    """One kind of thing that was loaded."""

    label: str
    count: int
    new: int
    seconds: float

    @property
    def rate(self) -> float:
        return self.count / self.seconds if self.seconds else 0.0


@dataclass
class Loaded:
    """What a load did. `write_key` lets the demo's shoppers speak to the intake."""

    workspace_id: int
    write_key: str
    created: bool
    parts: list[Part] = field(default_factory=list)

    @property
    def new(self) -> int:
        return sum(part.new for part in self.parts)


def load(shop: Shop, now: datetime, progress: Progress, orders: int | None = None) -> Loaded:
    """Make the brand, or complete it; `orders`: only the first so many baskets."""
    with database.transaction() as conn:
        found = _brand(conn, now)
    runs = (
        ("Customers", lambda: _customers(found.workspace_id, shop, now, progress)),
        ("Products", lambda: _products(found.workspace_id, shop, now, progress)),
        ("Reviews", lambda: _reviews(found.workspace_id, shop, progress)),
        ("Orders", lambda: _orders(found.workspace_id, shop, now, progress, orders)),
        ("Browsing", lambda: _browsing(found.workspace_id, shop, now, progress, orders)),
        ("Flows", lambda: _flows(found.workspace_id, now, progress)),
    )
    for label, run in runs:
        started = time.perf_counter()
        count, new = run()
        found.parts.append(Part(label, count, new, time.perf_counter() - started))
        progress.end()
    with database.transaction() as conn:
        popularity.refresh(conn, found.workspace_id, now)
    return found


def _brand(conn: Connection, now: datetime) -> Loaded:
    known = provision.workspace_id(conn, SLUG)
    if known is not None:
        write_key = next((key.public for key in keys.of_workspace(conn, known) if key.public), None)
        return Loaded(known, write_key or keys.create(conn, known, "write", "Demo"), created=False)
    made = provision.create_workspace(
        conn,
        NAME,
        now,
        slug=SLUG,
        timezone=TIMEZONE,
        from_name=NAME,
        from_email="hello@juniper.example",
        postal_address="12 Orchard Lane, Hudson, NY 12534, USA",
        website_url=WEBSITE,
    )
    brands.update(conn, made.workspace_id, {"brand_color": COLOUR})
    provision.admit_owners(conn, made.workspace_id)
    lists.create(conn, made.workspace_id, NEWSLETTER, now)
    return Loaded(made.workspace_id, made.write_key, created=True)


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def _customers(workspace_id: int, shop: Shop, now: datetime, progress: Progress) -> tuple[int, int]:
    people = [names.person(household) for household in shop.households]
    progress.begin("Customers", len(people))
    with database.transaction() as conn:
        identity.lock(conn, workspace_id)
        before = profiles.count(conn, workspace_id)
        claims = [Claim(external_id=person.external_id, email=person.email) for person in people]
        ids = identity.resolve(conn, workspace_id, claims, now)
        new = profiles.count(conn, workspace_id) - before
        profiles.write(conn, workspace_id, {one: person.traits for one, person in zip(ids, people, strict=True)}, now)
        _subscribe(conn, workspace_id, ids, now)
    progress.advance(len(people), new)
    return len(people), new


def _subscribe(conn: Connection, workspace_id: int, ids: Sequence[int], now: datetime) -> None:
    """Most of them joined the newsletter in some month of the year before; those who are on it already stay as is."""
    newsletter = lists.find(conn, workspace_id, NEWSLETTER) or lists.create(conn, workspace_id, NEWSLETTER, now)
    dice = Random(SEED)  # noqa: S311 - a made-up choice, not a secret
    months: dict[int, list[int]] = {}
    for profile_id in ids:
        if dice.random() < SUBSCRIBED:
            months.setdefault(dice.randrange(12), []).append(profile_id)
    for month, members in sorted(months.items()):
        at = BEGAN - timedelta(days=30 * month + 3)
        fresh = lists.add(conn, workspace_id, newsletter, members, now, "list_import", historical=True, at=at)
        if fresh:
            consent.subscribe(
                conn, workspace_id, fresh, at=at, now=now, method="list_import", list_id=newsletter,
                detail={"source": "demo"},
            )  # fmt: skip


# ── catalog ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _products(workspace_id: int, shop: Shop, now: datetime, progress: Progress) -> tuple[int, int]:
    total = len(shop.products)
    progress.begin("Products", total)
    rows = iter(shop.catalog())
    done = new = 0
    while chunk := list(islice(rows, _CHUNK)):
        with database.transaction() as conn:
            known = products.get(conn, workspace_id, [row["id"] for row in chunk])
            missing = [row for row in chunk if row["id"] not in known]
            new += products.upsert(conn, workspace_id, missing, now)
        done += len(chunk)
        progress.advance(done, new)
    return done, new


def _reviews(workspace_id: int, shop: Shop, progress: Progress) -> tuple[int, int]:
    written = opinions.write(shop.popular[:REVIEWED], REVIEWS, SEED)
    progress.begin("Reviews", len(written))
    with database.transaction() as conn:
        known = {review.id for review in reviews.page(conn, workspace_id, limit=REVIEWS * 2)}
        missing = [review for review in written if review.id not in known]
        if missing:
            reviews.upsert(conn, workspace_id, missing)
    progress.advance(len(written), len(missing))
    return len(written), len(missing)


# ── what happened ───────────────────────────────────────────────────────────────────────────────────────────────────
def _orders(workspace_id: int, shop: Shop, now: datetime, progress: Progress, limit: int | None) -> tuple[int, int]:
    progress.begin("Orders", min(limit, shop.baskets()) if limit is not None else shop.baskets())
    return importing.load(workspace_id, shop.orders(limit), now, progress.advance)


def _browsing(workspace_id: int, shop: Shop, now: datetime, progress: Progress, limit: int | None) -> tuple[int, int]:
    by_id = {product.id: product for product in shop.products.values()}
    made = browsing.visits(shop.orders(limit), by_id, shop.popular[:REVIEWED], SEED)
    progress.begin("Browsing", len(made))
    return importing.load(workspace_id, made, now, progress.advance)


def _flows(workspace_id: int, now: datetime, progress: Progress) -> tuple[int, int]:
    recipes = [recipe for recipe in publishing.recipes() if recipe.slug in FLOWS]
    progress.begin("Flows", len(recipes))
    new = 0
    with database.transaction() as conn:
        for recipe in recipes:
            new += publishing.apply(conn, workspace_id, recipe.folder, now).created
    progress.advance(len(recipes), new)
    return len(recipes), new


def summary(loaded: Loaded) -> Iterator[tuple[str, ...]]:
    """Rows to show: what, how many, how many new, seconds, rate."""
    for part in loaded.parts:
        yield part.label, f"{part.count:,}", f"{part.new:,}", f"{part.seconds:.1f} s", _rate(part)


def _rate(part: Part) -> str:
    return f"{part.rate:,.0f}/s" if part.count > 100 else ""
