"""A marketer makes browse abandonment from its recipe, changes a delay, publishes it, and a shopper walks it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import BRAND, Visitor
from tests.running_instance import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
SHOPPER = "first.shopper@example.com"
FLOW = "browse-abandonment-2"


def looks_at_a_product(owner: Visitor) -> None:
    """As a shop's page says it, with the brand's write key."""
    instance = owner.instance
    write = next(one["public"] for one in owner.api("/keys") if one["kind"] == "write")
    instance.use(write, "")
    product = owner.api("/products?limit=1")["data"][0]
    seen = {"product_id": product["id"], "title": product["title"], "price": 12.5, "url": product["url"]}
    traits = {"email": SHOPPER, "firstName": "Fay", "timezone": "America/New_York"}
    instance.segment("identify", {"userId": SHOPPER, "traits": traits})
    instance.segment("track", {"userId": SHOPPER, "event": "Product Viewed", "properties": seen})
    instance.settled()


def test_from_the_recipe_to_the_mailbox(owner: Visitor) -> None:
    instance = owner.instance
    archived = instance.run(
        "flows", "archive", "browse-abandonment", "--brand", BRAND
    )  # the demo's own: one of them is enough
    assert archived.returncode == 0, archived.stderr

    page = owner.open("/flows/recipes")
    page.get_by_role("button", name="Browse abandonment").first.click()
    owner.button("Use this recipe").click()
    page.wait_for_url(f"**/flows/{FLOW}*")
    owner.settled()

    page.get_by_text("Wait 2 hours").first.click()
    page.get_by_label("Wait: how many").fill("1")
    owner.sees("Wait 1 hour")
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    owner.button("Review & publish").click()
    owner.button("Set live").click()
    eventually(lambda: next(one for one in owner.api("/flows") if one["slug"] == FLOW)["status"] == "live")

    looks_at_a_product(owner)
    instance.advance(timedelta(minutes=59))
    instance.settled()
    assert instance.mails(SHOPPER) == []
    instance.advance(timedelta(minutes=2))
    instance.settled()
    assert len(instance.mails(SHOPPER)) == 1

    owner.open(f"/flows/{FLOW}/people")
    owner.sees(SHOPPER)
    owner.open(f"/flows/{FLOW}")
    owner.sees("1 person entered")
