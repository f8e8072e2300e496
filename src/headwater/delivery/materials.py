"""What a template shows besides the person and the event: coupon codes, the product, feeds, reviews.

Loaded for a batch: a few queries per distinct need, none a message. Coupons are issued here, in the claim's
transaction; what was shown is kept with the message, so that a retry and the web view show the same.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg import Connection

from headwater.catalog import coupons, popularity, products, reviews
from headwater.catalog.coupons import Code
from headwater.catalog.products import Product
from headwater.catalog.reviews import Review
from headwater.content.document import FeedNeed, Needs
from headwater.delivery.reasons import Reason

_SPARE = 4
"""How many more best sellers to read than are shown, so that the person's own item can be left out."""
_LOOK_AGAIN = 30.0
_looked: dict[int, float] = {}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One message's needs."""

    message_id: int
    profile_id: int
    needs: Needs
    event: Mapping[str, Any] | None
    kept: Mapping[str, Any] | None
    """What an earlier attempt showed."""


@dataclass(slots=True)
class Material:
    """What one message shows. `refuse`: it may not go without what is missing."""

    coupons: dict[str, Code] = field(default_factory=dict)
    item: Product | None = None
    feeds: dict[str, list[Product]] = field(default_factory=dict)
    reviews: list[Review] = field(default_factory=list)
    refuse: Reason | None = None
    detail: str | None = None

    def kept(self) -> dict[str, Any]:
        """For `message.context`: codes in full, products by id."""
        found: dict[str, Any] = {}
        if self.coupons:
            found["coupons"] = {
                name: {"code": code.code, "expires_at": code.expires_at, "assigned_at": code.assigned_at}
                for name, code in self.coupons.items()
            }
        if self.item is not None:
            found["item"] = self.item.id
        if self.feeds:
            found["feeds"] = {name: [product.id for product in shown] for name, shown in self.feeds.items()}
        return found


def load(conn: Connection, workspace_id: int, wanted: Sequence[Wanted], now: datetime) -> dict[int, Material]:
    """The material of each message that needs any, by message id."""
    needing = [one for one in wanted if one.needs]
    if not needing:
        return {}
    found = {one.message_id: Material() for one in needing}
    _items(conn, workspace_id, needing, found)
    going = [one for one in needing if found[one.message_id].refuse is None]
    _feeds(conn, workspace_id, going, found, now)
    _reviews(conn, workspace_id, going, found)
    _coupons(conn, workspace_id, going, found, now)
    return found


def release(conn: Connection, workspace_id: int, message_ids: Sequence[int]) -> None:
    """Codes that were issued for messages that will not go are free again."""
    coupons.release(conn, workspace_id, message_ids)


def recall(conn: Connection, workspace_id: int, one: Wanted) -> Material:
    """What a message showed when it was sent, for the web view: nothing is issued, products are as they are now."""
    kept = one.kept or {}
    shown = Material(coupons={name: _kept_code(name, code, one) for name, code in kept.get("coupons", {}).items()})
    feeds: dict[str, list[str]] = kept.get("feeds", {})
    ids = {kept["item"]} if "item" in kept else set()
    catalog = products.get(conn, workspace_id, ids.union(*feeds.values()))
    shown.item = catalog.get(kept.get("item", ""))
    shown.feeds = {name: [catalog[product] for product in ids if product in catalog] for name, ids in feeds.items()}
    _reviews(conn, workspace_id, [one], {one.message_id: shown})
    return shown


def _kept_code(name: str, kept: Mapping[str, Any], one: Wanted) -> Code:
    expires = kept["expires_at"]
    return Code(
        code=kept["code"],
        expires_at=datetime.fromisoformat(expires) if expires else None,
        assigned_at=datetime.fromisoformat(kept["assigned_at"]),
        coupon=name,
        profile_id=one.profile_id,
        message_id=one.message_id,
    )


def _item_id(one: Wanted) -> str | None:
    """The product that the trigger event is about: its own, or the first of its items."""
    event = one.event or {}
    if (found := event.get("product_id")) is not None:
        return str(found)
    items = event.get("items")
    if isinstance(items, list) and items and isinstance(items[0], dict) and items[0].get("product_id") is not None:
        return str(items[0]["product_id"])
    return None


def _category(one: Wanted, material: Material) -> str | None:
    if material.item is not None and material.item.category:
        return material.item.category
    found = (one.event or {}).get("category")
    return str(found) if found else None


def _items(conn: Connection, workspace_id: int, wanted: Sequence[Wanted], found: Mapping[int, Material]) -> None:
    about = {one.message_id: item for one in wanted if (item := _item_id(one)) is not None}
    catalog = products.get(conn, workspace_id, set(about.values())) if about else {}
    for one in wanted:
        material = found[one.message_id]
        material.item = catalog.get(about.get(one.message_id, ""))
        cancels = one.needs.item is not None and one.needs.item.unpublished == "cancel"
        if cancels and (material.item is None or not material.item.available):
            material.refuse = Reason.CATALOG_ITEM_UNAVAILABLE
            material.detail = (
                f"Product {about.get(one.message_id, 'of the event')} is not in the catalog or not for sale."
            )


def _feeds(
    conn: Connection,
    workspace_id: int,
    wanted: Sequence[Wanted],
    found: Mapping[int, Material],
    now: datetime,
) -> None:
    asked: dict[FeedNeed, set[str | None]] = {}
    for one in wanted:
        for feed in one.needs.feeds.values():
            asked.setdefault(feed, set()).add(_feed_category(feed, one, found[one.message_id]))
    if not asked:
        return
    _keep_popularity_fresh(conn, workspace_id, now)
    best = {
        feed: popularity.best_sellers(conn, workspace_id, categories, feed.limit + _SPARE)
        for feed, categories in asked.items()
    }
    for one in wanted:
        material = found[one.message_id]
        own = {item} if (item := _item_id(one)) is not None else set()
        material.feeds = {
            name: popularity.choose(best[feed][_feed_category(feed, one, material)], own, feed.limit)
            for name, feed in one.needs.feeds.items()
        }


def _feed_category(feed: FeedNeed, one: Wanted, material: Material) -> str | None:
    return _category(one, material) if feed.category == "event" else feed.category


def _keep_popularity_fresh(conn: Connection, workspace_id: int, now: datetime) -> None:
    """The ranking is hourly on the instance's clock; however fast that runs, we look at most twice a minute."""
    moment = time.monotonic()
    if moment - _looked.get(workspace_id, -1e9) > _LOOK_AGAIN:
        popularity.refresh(conn, workspace_id, now)
        _looked[workspace_id] = moment


def _reviews(conn: Connection, workspace_id: int, wanted: Sequence[Wanted], found: Mapping[int, Material]) -> None:
    asked: dict[tuple[int, int], list[Wanted]] = {}
    for one in wanted:
        need = one.needs.reviews
        if need is not None:
            asked.setdefault((need.min_rating, need.limit), []).append(one)
    for (min_rating, limit), group in asked.items():
        subjects = {one.message_id: _reviewed(one, found[one.message_id]) for one in group}
        best = reviews.best(
            conn,
            workspace_id,
            product_ids=_present(subject[0] for subject in subjects.values()),
            categories=_present(subject[1] for subject in subjects.values()),
            min_rating=min_rating,
            limit=limit,
        )
        for one in group:
            found[one.message_id].reviews = best.of(*subjects[one.message_id])


def _reviewed(one: Wanted, material: Material) -> tuple[str | None, str | None]:
    """The product and the category that reviews should be about, where the template does not want the store's."""
    if one.needs.reviews is not None and one.needs.reviews.of == "store":
        return None, None
    return _item_id(one), _category(one, material)


def _present(values: Iterable[str | None]) -> Collection[str]:
    return {value for value in values if value is not None}


def _coupons(
    conn: Connection,
    workspace_id: int,
    wanted: Sequence[Wanted],
    found: Mapping[int, Material],
    now: datetime,
) -> None:
    """Issue what is not kept from an earlier attempt. One statement a coupon, in the order of names."""
    asked: dict[str, list[Wanted]] = {}
    for one in wanted:
        kept: Mapping[str, Any] = (one.kept or {}).get("coupons", {})
        for name in one.needs.coupons:
            if name in kept:
                found[one.message_id].coupons[name] = _kept_code(name, kept[name], one)
            else:
                asked.setdefault(name, []).append(one)
    for name, group in sorted(asked.items()):
        issued = coupons.issue(conn, workspace_id, name, [(one.profile_id, one.message_id) for one in group], now)
        for one in group:
            material = found[one.message_id]
            code = issued.get(one.profile_id)
            if code is None:
                material.refuse = Reason.COUPON_UNAVAILABLE
                material.detail = f"There is no free code of the coupon {name}."
            else:
                material.coupons[name] = code
