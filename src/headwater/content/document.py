"""An email as its author wrote it, and what it needs besides the profile.

`data` names those needs: a coupon, the item of the event, product feeds, reviews. `needs()` reads it into a typed form
that the sender loads set by set, a query for many messages. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from headwater.content.errors import TemplateError
from headwater.content.liquid import tokens

FeedKind = Literal["best_selling"]
FEED_KINDS: tuple[str, ...] = ("best_selling",)


@dataclass(frozen=True)
class Document:
    """Subject, preview text, body (MJML, or a whole HTML page, with Liquid), text part (None: derived), needs."""

    subject: str
    mjml: str
    preview_text: str = ""
    text: str | None = None
    data: dict[str, Any] = field(default_factory=dict)

    def sources(self) -> tuple[tuple[str, str], ...]:
        """Its Liquid sources by field."""
        named = (("subject", self.subject), ("preview_text", self.preview_text), ("mjml", self.mjml))
        return (*named, ("text", self.text)) if self.text is not None else named


@dataclass(frozen=True)
class ItemNeed:
    """The product that the event is about; `cancel` skips the message when it is no longer published."""

    source: Literal["event"] = "event"
    unpublished: Literal["cancel", "show"] = "show"


@dataclass(frozen=True)
class FeedNeed:
    kind: str
    category: str | None = None  # "event": the category of the event's item; None: the whole store
    limit: int = 6


@dataclass(frozen=True)
class ReviewsNeed:
    of: Literal["item", "store"] = "item"
    min_rating: int = 4
    limit: int = 2


@dataclass(frozen=True)
class Needs:
    """`coupon` is the one that templates see as `coupon`; `coupons` all that they show, by name."""

    coupon: str | None = None
    coupons: frozenset[str] = frozenset()
    item: ItemNeed | None = None
    feeds: Mapping[str, FeedNeed] = field(default_factory=dict)
    reviews: ReviewsNeed | None = None

    def __bool__(self) -> bool:
        return bool(self.coupons or self.item or self.feeds or self.reviews)


def needs(document: Document) -> Needs:
    """What the document's `data` and its `{% coupon_code %}` tags ask for. Raises TemplateError."""
    data = document.data
    unknown = set(data) - {"coupon", "item", "feeds", "reviews"}
    if unknown:
        raise TemplateError(f"“{min(unknown)}” is not something an email can ask for.", field="data")
    coupon = data.get("coupon")
    if coupon is not None and (not isinstance(coupon, str) or not coupon):
        raise TemplateError("“coupon” must be the name of a coupon.", field="data")
    shown = frozenset().union(*(tokens.coupon_names(source) for _, source in document.sources()))
    if coupon is None and len(shown) == 1:
        (coupon,) = shown
    feeds = data.get("feeds") or {}
    if not isinstance(feeds, dict):
        raise TemplateError("“feeds” must be a group of named feeds.", field="data")
    return Needs(
        coupon=coupon,
        coupons=shown | {coupon} if coupon else shown,
        item=_item(data["item"]) if data.get("item") else None,
        feeds={name: _feed(name, feed) for name, feed in feeds.items()},
        reviews=_reviews(data["reviews"]) if data.get("reviews") else None,
    )


def _item(raw: Any) -> ItemNeed:
    settings = _settings(raw, "item", {"from", "unpublished"})
    if settings.get("from", "event") != "event":
        raise TemplateError("“item” can only come “from: event”.", field="data")
    unpublished = settings.get("unpublished", "show")
    if unpublished not in ("cancel", "show"):
        raise TemplateError("“item.unpublished” must be cancel or show.", field="data")
    return ItemNeed(unpublished=unpublished)


def _feed(name: str, raw: Any) -> FeedNeed:
    settings = _settings(raw, f"feeds.{name}", {"kind", "category", "limit"})
    kind = settings.get("kind", "best_selling")
    if kind not in FEED_KINDS:
        raise TemplateError(f"“feeds.{name}.kind” must be one of: {', '.join(FEED_KINDS)}.", field="data")
    category = settings.get("category")
    if category is not None and not isinstance(category, str):
        raise TemplateError(f"“feeds.{name}.category” must be “event” or the name of a category.", field="data")
    return FeedNeed(kind=kind, category=category, limit=_count(settings, f"feeds.{name}.limit", 6, 24))


def _reviews(raw: Any) -> ReviewsNeed:
    settings = _settings(raw, "reviews", {"of", "min_rating", "limit"})
    of = settings.get("of", "item")
    if of not in ("item", "store"):
        raise TemplateError("“reviews.of” must be item or store.", field="data")
    rating = settings.get("min_rating", 4)
    if not isinstance(rating, int) or not 1 <= rating <= 5:
        raise TemplateError("“reviews.min_rating” must be a whole number from 1 to 5.", field="data")
    return ReviewsNeed(of=of, min_rating=rating, limit=_count(settings, "reviews.limit", 2, 12))


def _settings(raw: Any, name: str, known: set[str]) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise TemplateError(f"“{name}” must be a group of settings.", field="data")
    unknown = set(raw) - known
    if unknown:
        raise TemplateError(f"“{name}” has no setting “{min(unknown)}”.", field="data")
    return raw


def _count(settings: Mapping[str, Any], name: str, default: int, most: int) -> int:
    limit = settings.get("limit", default)
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= most:
        raise TemplateError(f"“{name}” must be a whole number from 1 to {most}.", field="data")
    return limit
