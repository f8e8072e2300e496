"""Ready-made flows as shipped, for what their own tests cannot tell: two flows at once, a redeemed code, a segment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from psycopg import Connection

from tests.flows.live_shop import BOOTS, Shop, subscribed


@pytest.fixture
def shop(conn: Connection, workspace: int) -> Shop:
    return subscribed(conn, workspace)


def test_a_redeemed_code_is_not_reminded_of(shop: Shop) -> None:
    shop.installs("browse-abandonment")
    shop.does("Viewed Product", BOOTS)
    shop.runs(until=lambda shop: len(shop.mail) == 3)

    shop.conn.execute("UPDATE coupon_code SET redeemed_at = %s WHERE workspace_id = %s", (shop.now, shop.workspace))
    shop.runs()

    assert [step for step, _, _ in shop.mail] == ["welcome", "popular", "offer"]
    assert shop.skipped() == [("expiring", "failed_additional_filters")]


def test_a_cart_that_becomes_a_checkout_is_left_to_that_flow(shop: Shop) -> None:
    shop.installs("abandoned-cart", "abandoned-checkout")
    shop.does("Added to Cart", BOOTS)
    shop.now += timedelta(minutes=10)
    shop.does("Started Checkout", {"checkout_url": "https://j.example/c/1", "value": 89.0, "items": [BOOTS]}, 89.0)

    shop.runs()

    assert [step for step, _, _ in shop.mail] == ["finish", "help", "offer", "last-hours"]


def test_a_visit_with_a_product_is_browsing(shop: Shop) -> None:
    shop.installs("site-abandonment", "browse-abandonment")
    shop.does("Active on Site", {})
    shop.now += timedelta(minutes=1)
    shop.does("Viewed Product", BOOTS)
    shop.now += timedelta(minutes=1)
    shop.does("Active on Site", {})

    shop.runs()

    assert [step for step, _, _ in shop.mail] == ["welcome", "popular", "offer", "expiring"]


def test_whoever_gives_no_sign_of_life_is_marked_after_two_weeks(shop: Shop) -> None:
    shop.falls_silent("sunset")

    shop.runs(days=250)

    (first, asked, _), (last, told, _) = shop.mail
    assert (first, last) == ("still-want", "last")
    assert told - asked == timedelta(days=7)
    assert shop.properties() == {"sunset": True}
