"""Ready-made segments: every file on the shelf is a definition, holds whom it says, and lets go of them in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from psycopg import Connection

from headwater.events import metrics
from headwater.segments import ready_made, saved
from headwater.segments.conditions import Condition, DefinitionError, Did, Sequence, leaves
from headwater.segments.sweeping import timed
from tests.segments.shop import NOW, Shop

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Story:
    """What ann and bob do, so that she is in and he is not; and who comes or goes when `days` pass without a deed."""

    told: Callable[[Shop], None]
    days: int | None = None
    comes: str | None = None
    goes: str | None = None


@pytest.fixture
def shop(conn: Connection, workspace: int) -> Shop:
    return Shop(conn, workspace)


def members_only(shop: Shop) -> None:
    for who in ("ann", "bob"):
        shop.person(who, email=f"{who}@example.com")


def did(metric: str, ann: int, bob: int) -> Callable[[Shop], None]:
    """Both did it, so many days ago; one after the other had been made."""

    def tell(shop: Shop) -> None:
        members_only(shop)
        shop.happens("ann", metric, ago=ann * DAY)
        shop.happens("bob", metric, ago=bob * DAY)

    return tell


def orders(shop: Shop, who: str, *days: int, value: float = 20) -> None:
    for day in days:
        shop.happens(who, metrics.PLACED_ORDER, ago=day * DAY, value=value)


def vip(shop: Shop) -> None:
    orders(shop, "ann", 1, 2, 3, 300, 900)
    orders(shop, "bob", 1, 2, 3, 300)


def at_risk(shop: Shop) -> None:
    orders(shop, "ann", 100, 200)
    orders(shop, "bob", 80, 200)
    orders(shop, "cem", 100)


def never_bought(shop: Shop) -> None:
    members_only(shop)
    orders(shop, "bob", 900)


def bought_once(shop: Shop) -> None:
    orders(shop, "ann", 900)
    orders(shop, "bob", 5, 900)


def lapsed(shop: Shop) -> None:
    shop.person("cem")
    orders(shop, "ann", 181, 300)
    orders(shop, "bob", 170, 300)


def window_shoppers(shop: Shop) -> None:
    for who in ("ann", "bob"):
        for days in (18, 19, 20):
            shop.happens(who, metrics.VIEWED_PRODUCT, ago=days * DAY)
    orders(shop, "ann", 100)
    orders(shop, "bob", 50)


def sunset_pool(shop: Shop) -> None:
    shop.now = NOW - 200 * DAY
    members_only(shop)
    shop.subscribes("ann")
    shop.subscribes("bob")
    shop.now = NOW
    shop.happens("bob", metrics.ACTIVE_ON_SITE, ago=100 * DAY)
    shop.person("cem", email="cem@example.com")
    shop.subscribes("cem")


def new_subscribers(shop: Shop) -> None:
    for who, days in (("ann", 20), ("bob", 40)):
        shop.now = NOW - days * DAY
        shop.subscribes(who)
    shop.now = NOW


def cart_abandoners(shop: Shop) -> None:
    for who in ("ann", "bob"):
        shop.happens(who, metrics.ADDED_TO_CART, ago=2 * DAY)
    orders(shop, "ann", 3)
    orders(shop, "bob", 1)


def birthdays(shop: Shop) -> None:
    shop.says("ann", birthday="1990-03-20")
    shop.says("bob", birthday="1984-04-05")


def high_spenders(shop: Shop) -> None:
    orders(shop, "ann", 10, 80, value=125)
    orders(shop, "bob", 10, 100, value=125)


STORIES = {
    "engaged-30": Story(did(metrics.OPENED_EMAIL, 20, 31), days=11, goes="ann"),
    "engaged-60": Story(did(metrics.CLICKED_EMAIL, 50, 61), days=11, goes="ann"),
    "engaged-90": Story(did(metrics.ACTIVE_ON_SITE, 80, 91), days=11, goes="ann"),
    "engaged-180": Story(did(metrics.PLACED_ORDER, 170, 181), days=11, goes="ann"),
    "vip": Story(vip),
    "at-risk": Story(at_risk, days=11, comes="bob"),
    "never-bought": Story(never_bought),
    "bought-once": Story(bought_once),
    "lapsed": Story(lapsed, days=11, comes="bob"),
    "window-shoppers": Story(window_shoppers, days=11, goes="ann"),
    "sunset-pool": Story(sunset_pool, days=81, comes="bob"),
    "new-subscribers-30": Story(new_subscribers, days=11, goes="ann"),
    "cart-abandoners-7": Story(cart_abandoners, days=6, goes="ann"),
    "birthday-this-month": Story(birthdays, days=31, comes="bob", goes="ann"),
    "high-spenders-90": Story(high_spenders, days=11, goes="ann"),
}


# ── the shelf ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_every_segment_on_the_shelf_is_told_of_and_says_what_it_is() -> None:
    shelf = ready_made.shelf()

    assert {one.slug for one in shelf} == STORIES.keys()
    assert [one.slug for one in shelf if one.slug.startswith("engaged")] == [
        "engaged-30", "engaged-60", "engaged-90", "engaged-180",
    ]  # fmt: skip
    assert len({one.name.lower() for one in shelf}) == len(shelf)
    for one in shelf:
        assert one.description.endswith("."), one.slug
        assert "\n" not in one.description, one.slug


def test_metrics_on_the_shelf_are_standard_ones() -> None:
    standard = {value for name, value in vars(metrics).items() if name.isupper() and isinstance(value, str)}

    for one in ready_made.shelf():
        assert asked(one.condition) <= standard, one.slug


def asked(condition: Condition) -> set[str]:
    found: set[str] = set()
    for leaf in leaves(condition):
        if isinstance(leaf, Did):
            found.add(leaf.metric)
        elif isinstance(leaf, Sequence):
            found |= {leaf.metric, *(step.metric for step in leaf.steps)}
    return found


def test_a_file_that_is_wrong_says_which_and_where(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("name: Mine\ndescription: Mine.\ndefinition:\n  - {metric: Placed Order, in_lats: {days: 3}}\n")

    with pytest.raises(DefinitionError, match=r"mine.yaml: definition\[0\].in_lats"):
        ready_made._read(file)


# ── installed ───────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("slug", STORIES)
def test_who_is_in_who_is_out_and_whom_time_moves(shop: Shop, slug: str) -> None:
    story = STORIES[slug]
    story.told(shop)
    segment = ready_made.install(shop.conn, shop.workspace, slug, shop.now)
    shop.build()
    ann = shop.person("ann")

    assert shop.members(segment) == shop.asked(segment) == {ann}

    assert (story.days is not None) is timed(segment.condition)
    if story.days is not None:
        stays = {shop.person(story.comes)} if story.comes else set()
        stays |= {ann} if story.goes != "ann" else set()
        shop.later(days=story.days - 2)
        assert shop.members(segment) == {ann}
        shop.later(days=2)
        assert shop.members(segment) == shop.asked(segment) == stays


def test_subscribing_is_engagement_and_a_dead_address_is_not_emailed(shop: Shop) -> None:
    members_only(shop)
    shop.happens("ann", metrics.OPENED_EMAIL)
    shop.bounces("ann")
    shop.subscribes("bob")
    segment = ready_made.install(shop.conn, shop.workspace, "engaged-30", shop.now)
    shop.build()

    assert shop.members(segment) == {shop.person("bob")}


def test_the_rfm_group_counts_for_vip_and_at_risk(shop: Shop) -> None:
    shop.says("ann", rfm_group="Champions")
    shop.says("bob", rfm_group="At risk")
    best = ready_made.install(shop.conn, shop.workspace, "vip", shop.now)
    quiet = ready_made.install(shop.conn, shop.workspace, "at-risk", shop.now)
    shop.build()

    assert (shop.members(best), shop.members(quiet)) == ({shop.person("ann")}, {shop.person("bob")})


def test_a_cart_filled_again_after_an_order_is_left_again(shop: Shop) -> None:
    segment = ready_made.install(shop.conn, shop.workspace, "cart-abandoners-7", shop.now)
    shop.build()

    shop.happens("ann", metrics.ADDED_TO_CART)
    shop.later(hours=1)
    assert shop.members(segment) == {shop.person("ann")}
    shop.happens("ann", metrics.PLACED_ORDER)
    shop.later(hours=1)
    assert shop.members(segment) == set()
    shop.happens("ann", metrics.ADDED_TO_CART)
    shop.later(hours=1)
    assert shop.members(segment) == {shop.person("ann")}


def test_installing_twice_changes_nothing(shop: Shop) -> None:
    first = ready_made.install(shop.conn, shop.workspace, "vip", shop.now)
    saved.update(shop.conn, shop.workspace, first.id, shop.now, definition={"metric": "Placed Order"})

    again = ready_made.install(shop.conn, shop.workspace, "vip", shop.now + DAY)
    other = ready_made.install(shop.conn, shop.workspace, "vip", shop.now, name=" The best ")

    assert (again.id, again.definition, again.version) == (first.id, {"metric": "Placed Order"}, 2)
    assert other.name == "The best"
    assert [one.name for one in saved.page(shop.conn, shop.workspace)] == ["VIP customers", "The best"]


def test_what_is_not_on_the_shelf_cannot_be_installed(shop: Shop) -> None:
    with pytest.raises(LookupError):
        ready_made.install(shop.conn, shop.workspace, "nobody", shop.now)
    with pytest.raises(saved.SegmentError):
        ready_made.install(shop.conn, shop.workspace, "vip", shop.now, name=" ")
