"""Letting people go who wait for a product: how large a batch is, when the next one begins, when it is over. Pure.

A batch is as many people as what is in stock allows; all of them where nothing limits it, or the stock is not counted.
The next one begins a set time after the last one began, by what is in stock then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from headwater.flows.shelves.rules import Change, Item
from headwater.flows.steps import BackInStock


@dataclass(frozen=True, slots=True)
class Release:
    """People at a step of a flow who wait for a product, let go batch by batch."""

    flow_id: int
    step: str
    product_id: str
    began_at: datetime
    """The last batch."""
    remaining: int | None
    """Of the last batch; None: nobody of it, or it has no limit."""
    next_at: datetime
    """When more may go."""


def may_have_come_in(change: Change) -> bool:
    """Whether a change of the catalog is one of stock, and not for the worse."""
    if change.kind != "stock":
        return False
    return change.before is None or change.after is None or change.after > change.before


def enough(asked: BackInStock, item: Item) -> bool:
    """Whether the product is in stock as the step wants it."""
    return item.available and (item.stock is None or item.stock >= asked.minimum_stock)


def begun(release: Release, asked: BackInStock, item: Item, now: datetime) -> Release:
    """With the batch that is under way, or else the next one."""
    if release.remaining is not None:
        return release
    limited = item.stock is not None and asked.people_per_unit is not None
    size = (item.stock or 0) * (asked.people_per_unit or 0) if limited else None
    return replace(release, began_at=now, remaining=size)


def advanced(release: Release, asked: BackInStock, wanted: int, freed: int) -> Release | None:
    """Once `freed` people of the `wanted` ones, at most a batch, were found; None: nobody waits any more."""
    if freed < wanted:
        return None
    if release.remaining is None or freed < release.remaining:
        left = None if release.remaining is None else release.remaining - freed
        return replace(release, remaining=left, next_at=release.began_at)
    return replace(release, remaining=None, next_at=release.began_at + asked.every)
