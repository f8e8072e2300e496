"""The names that templates see: plain dicts, lists, texts, numbers and dates, made from the rooms' dataclasses.

`unsubscribe_link`, `preferences_link`, `web_view_link`, `current_year` and `now` are not here: they belong to the
message and its moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from headwater.accounts.brand import Brand
from headwater.audience.profiles import Profile

_PERSON = (
    "id",
    "external_id",
    "email",
    "phone",
    "first_name",
    "last_name",
    "locale",
    "timezone",
    "city",
    "region",
    "country",
)
_ITEM = ("title", "category", "brand", "price", "url", "image_url")


class CouponCode(Protocol):
    """A code as the catalog gives it out."""

    @property
    def code(self) -> str: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def assigned_at(self) -> datetime | None: ...


def build(
    brand: Brand,
    profile: Profile,
    *,
    event: Mapping[str, Any] | None = None,
    coupon: CouponCode | None = None,
    coupons: Mapping[str, CouponCode] | None = None,
    item: Any = None,
    feeds: Mapping[str, Sequence[Any]] | None = None,
    reviews: Sequence[Any] | None = None,
    message: str | None = None,
) -> dict[str, Any]:
    """What one message's template sees. `item` and the feeds hold catalog products, or mappings like them."""
    person = {**(profile.properties or {}), **{name: getattr(profile, name, None) for name in _PERSON}}
    codes = {name: _code(code) for name, code in coupons.items()} if coupons else {}
    shown: dict[str, Any] | None = None
    if coupon is not None:
        shown = _code(coupon)
        codes.setdefault(getattr(coupon, "coupon", "") or "", shown)
    elif len(codes) == 1:
        (shown,) = codes.values()
    return {
        "person": person,
        "first_name": person["first_name"],
        "last_name": person["last_name"],
        "email": person["email"],
        "event": dict(event) if event else {},
        "organization": {
            "name": brand.name,
            "full_address": brand.postal_address,
            "url": brand.website_url,
            "email": brand.from_email,
            "timezone": brand.timezone,
            "currency": brand.currency,
        },
        "coupon": shown,
        "coupons": codes,
        "item": _product(item) if item is not None else _item_of(event),
        "feeds": {name: [_product(product) for product in products] for name, products in feeds.items()}
        if feeds
        else {},
        "reviews": [_review(review) for review in reviews] if reviews else [],
        "message": {"name": message or ""},
    }


def _code(code: CouponCode) -> dict[str, Any]:
    return {"code": code.code, "expires_at": code.expires_at, "assigned_at": code.assigned_at}


def _product(product: Any) -> dict[str, Any]:
    if isinstance(product, Mapping):
        return dict(product)
    price = product.price
    return {
        **(product.properties or {}),
        "id": product.id,
        "title": product.title,
        "category": product.category,
        "brand": product.brand,
        "price": float(price) if isinstance(price, Decimal) else price,
        "url": product.url,
        "image_url": product.image_url,
        "description": product.description,
    }


def _item_of(event: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What the event itself says of its product, where the catalog does not know it."""
    if not event:
        return None
    items = event.get("items")
    said: Any = event
    if event.get("product_id") is None:
        said = items[0] if isinstance(items, list) and items else None
    if not isinstance(said, Mapping) or said.get("product_id") is None:
        return None
    return {"id": said["product_id"], **{name: said.get(name) for name in _ITEM}}


def _review(review: Any) -> dict[str, Any]:
    if isinstance(review, Mapping):
        return dict(review)
    return {
        "rating": review.rating,
        "author": review.author,
        "body": review.body,
        "product_id": review.product_id,
        "created_at": review.created_at,
    }
