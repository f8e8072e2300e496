"""Ready-made flows over the API: what each is in words, its emails and tests, and beginning a flow from one."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg import Connection

from headwater.flows.recipes import recipes
from tests.api.api_client import Api


def emails(tree: Any) -> list[dict[str, Any]]:
    """The email steps of a definition, from top to bottom."""
    if isinstance(tree, list):
        return [email for one in tree for email in emails(one)]
    if not isinstance(tree, dict):
        return []
    return ([tree] if "email" in tree else []) + [email for one in tree.values() for email in emails(one)]


def test_every_recipe_is_listed_with_what_it_does(api: Api) -> None:
    found = {one["slug"]: one for one in api.get("/flows/recipes").body}

    assert list(found) == [one.slug for one in recipes()]
    cart = found["abandoned-cart"]
    assert (cart["emails"], cart["installed"]) == (4, None)
    assert cart["trigger"] == "someone does: Added to Cart"
    assert cart["stops"] == ["Placed Order", "Started Checkout"]
    assert "tests" not in cart["definition"]
    assert [step["id"] for step in cart["definition"]["steps"]][:2] == ["one-hour", "cart"]


def test_a_recipe_tells_its_steps_its_emails_and_its_tests(api: Api) -> None:
    found = api.get("/flows/recipes/abandoned-cart").body

    assert [line["text"] for line in found["words"]["steps"]][:2] == [
        "waits 1 hour",
        "email “Cart 1: what you left” (cart.mjml)",
    ]
    assert [one["starter"] for one in found["mails"]][:2] == ["abandoned-cart/cart", "abandoned-cart/questions"]
    assert all(api.get(f"/content/starters/{one['starter']}").status == 200 for one in found["mails"])
    assert len(found["tests"]) == 4
    assert all(one["passed"] for one in found["tests"])


@pytest.mark.parametrize("slug", [one.slug for one in recipes()])
def test_every_recipe_becomes_a_draft_that_can_be_published(api: Api, slug: str) -> None:
    begun = api.post(f"/flows/recipes/{slug}/install")

    assert begun.status == 201, begun.body
    assert (begun["slug"], begun["status"], begun["version"], begun["problem"]) == (slug, "draft", None, None)
    assert api.get("/flows/recipes").body[[one.slug for one in recipes()].index(slug)]["installed"] == "draft"
    published = api.post(f"/flows/{slug}/publish", {})
    assert (published.status, published["status"]) == (200, "live")


def test_a_second_one_takes_another_name_and_its_own_emails(api: Api) -> None:
    api.post("/flows/recipes/abandoned-cart/install")

    again = api.post("/flows/recipes/abandoned-cart/install")
    second = api.post("/flows/recipes/abandoned-cart/install", {"as": "cart-two", "name": "Cart, the second"})

    assert (again.status, again["field"]) == (400, "as")
    assert (second.status, second["slug"]) == (201, "cart-two")
    draft = api.get("/flows/cart-two")
    assert draft["name"] == "Cart, the second"
    ids = [{one["template_id"] for one in emails(api.get(f"/flows/{slug}")["draft"]["steps"])} for slug in FLOWS]
    assert len(ids[0]) == len(ids[1]) == 4
    assert not ids[0] & ids[1]
    assert [one["email"] for one in emails(draft["draft"]["steps"])][0] == "cart-two/cart"


FLOWS = ("abandoned-cart", "cart-two")


def test_it_may_be_published_at_once(api: Api) -> None:
    begun = api.post("/flows/recipes/welcome-series/install", {"publish": True})

    assert (begun.status, begun["status"], begun["version"]) == (201, "live", 1)
    flow = api.get("/flows/welcome-series")
    assert (flow["status"], flow["draft"], flow["revision"]) == ("live", None, begun["revision"])
    assert [one["name"] for one in api.get("/lists").body] == ["Newsletter"]


def test_what_cannot_be_published_leaves_nothing_behind(api: Api, conn: Connection) -> None:
    conn.execute("UPDATE workspace SET from_email = '' WHERE id = %s", (api.workspace,))
    conn.commit()

    refused = api.post("/flows/recipes/welcome-series/install", {"publish": True})

    assert (refused.status, refused["field"]) == (400, "brand.from_email")
    assert api.get("/flows").body == []
    assert api.get("/templates")["data"] == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/flows/recipes/unheard-of/install", {}, 404),
        ("/flows/recipes/welcome-series/install", {"as": "Not A Slug"}, 400),
        ("/flows/recipes/welcome-series/install", {"as": ""}, 400),
    ],
)
def test_a_wrong_call_is_refused(api: Api, path: str, body: Any, status: int) -> None:
    assert api.post(path, body).status == status
    assert api.get("/flows").body == []
