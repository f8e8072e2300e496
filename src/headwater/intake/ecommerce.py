"""The names that shops' tracking plans use for what Headwater calls by its standard metrics. Pure.

Source of the names: Segment's e-commerce specification (v2).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headwater.events import metrics

STANDARD = {
    "Product Viewed": metrics.VIEWED_PRODUCT,
    "Product Added": metrics.ADDED_TO_CART,
    "Checkout Started": metrics.STARTED_CHECKOUT,
    "Order Completed": metrics.PLACED_ORDER,
    "Order Refunded": "Refunded Order",
    "Order Cancelled": "Cancelled Order",
    "Product List Viewed": "Viewed Category",
    "Cart Viewed": "Viewed Cart",
    "Coupon Applied": "Applied Coupon",
    "Product Reviewed": "Submitted Review",
    "Products Searched": "Searched Site",
}
_WITH_TOTAL = frozenset({metrics.PLACED_ORDER, metrics.STARTED_CHECKOUT, "Refunded Order", "Cancelled Order"})
_TOTALS = ("value", "total", "revenue")


def standard(event: str, properties: Mapping[str, Any]) -> tuple[str, dict[str, Any], float | None]:
    """(metric, properties, value) of a tracked event: standard names, `items` with `title`, codes as a list."""
    metric = STANDARD.get(event, event)
    known = dict(properties)
    if metric is not event:
        _rename(known, "name", "title")
        products = known.pop("products", None)
        if isinstance(products, list) and "items" not in known:
            known["items"] = [_item(line) for line in products if isinstance(line, Mapping)]
        coupon = known.get("coupon")
        if isinstance(coupon, str) and coupon and "discount_codes" not in known:
            known["discount_codes"] = [coupon]
    return metric, known, value_of(metric, known)


def value_of(metric: str, properties: Mapping[str, Any]) -> float | None:
    """The money in an event: its total for orders and checkouts, else its own `value` or `revenue`."""
    for name in _TOTALS if metric in _WITH_TOTAL else ("value", "revenue"):
        number = _number(properties.get(name))
        if number is not None:
            return number
    return None


def _item(line: Mapping[str, Any]) -> dict[str, Any]:
    item = dict(line)
    _rename(item, "name", "title")
    return item


def _rename(known: dict[str, Any], old: str, new: str) -> None:
    if old in known and new not in known:
        known[new] = known.pop(old)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if abs(number) < 1e15 else None
