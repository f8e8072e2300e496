"""What a change in the catalog means to flows: whether it is a drop, or the last of the stock, and what to say. Pure.

What is decided here, once:

- A drop is measured from the lowest price that stood at any time in the 24 hours before it. So a price that rises and
  falls back within a day is no drop, and one that falls further than it rose is a drop by the rest. Where no price at
  all was known in that time there is none; a product without a price for a few hours dropped from the one it had.
- Nothing is announced that costs nothing, is not published, or is sold out: there is nothing to tell, or to buy.
- Stock is low when its count comes from above the threshold to it or below, but not to nothing, and not again until it
  was above. A stock that was not counted before did not come from above.
- Changes are judged one by one, in order. What is told is what still stands: a price that went up again since, and
  stock that was filled up or is gone, are not told. A price that fell twice before anybody was told is told as one
  fall, to what the product costs now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from headwater.flows.triggers import LowStockTrigger, PriceDropTrigger

LOOK_BACK = timedelta(hours=24)

ShelfTrigger = PriceDropTrigger | LowStockTrigger


class Change(Protocol):
    """A change of a product's price or stock, as it was numbered. None: no price, or a stock that is not counted."""

    @property
    def id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def before(self) -> Decimal | None: ...
    @property
    def after(self) -> Decimal | None: ...


class Item(Protocol):
    """A product as it stands."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def category(self) -> str | None: ...
    @property
    def brand(self) -> str | None: ...
    @property
    def price(self) -> Decimal | None: ...
    @property
    def url(self) -> str | None: ...
    @property
    def image_url(self) -> str | None: ...
    @property
    def stock(self) -> int | None: ...
    @property
    def available(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Notice:
    """What there is to tell of a product: its price, or the count of its stock, was that and became this."""

    was: Decimal
    became: Decimal


def judge(trigger: ShelfTrigger, change: Change, trail: Iterable[Change]) -> Notice | None:
    """What a change gives a flow to tell of, if anything. `trail`: what changed of the product's price in the 24 hours
    before it; later and earlier changes among them do no harm."""
    if isinstance(trigger, PriceDropTrigger):
        return _drop(trigger, change, trail) if change.kind == "price" else None
    if change.kind != "stock" or change.before is None or change.after is None:
        return None
    if change.before > trigger.at_most >= change.after > 0:
        return Notice(change.before, change.after)
    return None


def _drop(trigger: PriceDropTrigger, change: Change, trail: Iterable[Change]) -> Notice | None:
    lowest, price = lowest_before(change, trail), change.after
    if lowest is None or price is None or not 0 < price < lowest:
        return None
    dropped = lowest - price
    if trigger.percent is not None and dropped * 100 < trigger.percent * lowest:
        return None
    if trigger.amount is not None and dropped < trigger.amount:
        return None
    return Notice(lowest, price)


def lowest_before(change: Change, trail: Iterable[Change]) -> Decimal | None:
    """The lowest price that stood at any time in the 24 hours before a change; None: none was known."""
    recent = [one for one in trail if one.id < change.id and one.at > change.at - LOOK_BACK]
    # What stood when the 24 hours began is what the first change in them replaced.
    stood = [price for one in recent for price in (one.before, one.after)] + [change.before]
    return min((price for price in stood if price is not None), default=None)


def stands(trigger: ShelfTrigger, notice: Notice, item: Item) -> bool:
    """Whether what there is to tell is still so."""
    if not item.available:
        return False
    if isinstance(trigger, PriceDropTrigger):
        return item.price is not None and 0 < item.price <= notice.became
    return item.stock is not None and item.stock <= trigger.at_most


def joined(earlier: Notice | None, later: Notice) -> Notice:
    """What there is to tell of both, when nobody was told of the earlier one yet."""
    return later if earlier is None else Notice(max(earlier.was, later.was), later.became)


def told(trigger: ShelfTrigger, slug: str, notice: Notice, item: Item) -> dict[str, Any]:
    """The properties of the event that starts the flow, but for `did`. What is not known is left out."""
    facts: dict[str, Any] = {
        "flow": slug,
        "product_id": item.id,
        "title": item.title,
        "category": item.category,
        "brand": item.brand,
        "price": _number(item.price),
        "stock": item.stock,
        "url": item.url,
        "image_url": item.image_url,
    }
    if isinstance(trigger, PriceDropTrigger):
        dropped = notice.was - (item.price or notice.became)
        facts |= {
            "old_price": _number(notice.was),
            "dropped_by": _number(dropped),
            "dropped_percent": float(round(dropped * 100 / notice.was, 2)),
        }
    return {name: fact for name, fact in facts.items() if fact is not None}


def _number(price: Decimal | None) -> float | None:
    return float(price) if price is not None else None
