"""What the demo makes up is made up the same way every time, and looks like a shop's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from headwater.delivery import bounces
from headwater.demo import browsing, lost_mailboxes, names, opinions, shop, showcase
from headwater.demo.shop import Product
from headwater.flows.editing import publishing
from headwater.flows.reading import files, parse

JAM = Product("1", "Alder Farm jam", "Preserves", "Alder Farm", 4.5, True)
FUEL = Product("2", "Gasoline", "Fuel", "Alder Farm", 1.0, False)


def orders(count: int = 200) -> list[shop.Item]:
    lines = [{"product_id": "1", "title": "Jam", "category": "Preserves", "quantity": 1, "price": 4.5}]
    return [shop.order(number, number % 7, 1_500_000_000 + number * 3600, 4.5, lines) for number in range(count)]


def test_people_have_addresses_of_their_own_that_stay() -> None:
    people = [names.person(household) for household in range(1, 2500)]

    assert len({person.email for person in people}) == len(people)
    assert people[0] == names.person(1)
    assert all(person.email.endswith("@example.com") for person in people)
    assert len({person.traits["timezone"] for person in people}) > 4


def test_browsing_is_the_same_for_the_same_seed() -> None:
    by_id = {"1": JAM, "2": FUEL}

    first = browsing.visits(orders(), by_id, [JAM], seed=1)

    assert first == browsing.visits(orders(), by_id, [JAM], seed=1)
    assert first != browsing.visits(orders(), by_id, [JAM], seed=2)
    assert [item.ts for item in first] == sorted(item.ts for item in first)
    assert len({item.id for item in first}) == len(first)


def test_a_visit_comes_before_the_order_it_leads_to_and_is_history() -> None:
    visits = browsing.visits(orders(), {"1": JAM}, [JAM], seed=1)
    placed = {order.id: order.ts for order in orders()}

    assert {visit.metric for visit in visits} == {"Viewed Product", "Added to Cart", "Started Checkout"}
    assert all(visit.ts < placed["-".join(visit.id.split("-")[:2])] for visit in visits)
    assert all(visit.history for visit in visits)


def test_nobody_browses_what_is_not_sold_online() -> None:
    fuel = [{"product_id": "2", "title": "Gasoline", "category": "Fuel", "quantity": 9, "price": 1.0}]

    visits = browsing.visits([shop.order(1, 1, 1_500_000_000, 9, fuel)] * 50, {"2": FUEL}, [JAM], seed=1)

    assert all(visit.properties.get("product_id") != "2" for visit in visits)


def test_reviews_are_about_popular_products_and_fit_an_email() -> None:
    written = opinions.write([JAM], 300, seed=1)

    assert {review.product_id for review in written} == {"1"}
    assert all(20 <= len(review.body) <= 240 for review in written if review.rating >= 4)
    assert {review.rating for review in written} == {2, 3, 4, 5}
    assert all(review.created_at < shop.ENDED for review in written)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("FRZN ICE", "Frozen ice"),
        ("COOKIES/CONES", "Cookies, cones"),
        ("EGGS - X-LARGE", "Eggs, x-large"),
        (None, None),
    ],
)
def test_the_tills_shorthand_becomes_words(raw: str | None, words: str | None) -> None:
    assert shop._readable(raw) == words


@pytest.mark.parametrize(("raw", "size"), [("16 OZ", "16 oz"), ("1 DZ", "1 dozen"), ("48-54 CT", ""), (None, "")])
def test_sizes_are_shown_when_they_are_sizes(raw: str | None, size: str) -> None:
    assert shop._size(raw) == size


def test_an_order_says_what_was_bought_at_its_own_time() -> None:
    (order,) = orders(1)

    assert (order.id, order.metric, order.value, order.history) == ("cj-0", "Placed Order", 4.5, True)
    assert order.ts == datetime.fromtimestamp(1_500_000_000, UTC)
    assert order.properties["items"][0]["product_id"] == "1"


def test_the_forecast_is_what_the_flow_says() -> None:
    recipe = publishing.RECIPES / showcase.FLOW / "flow.yaml"
    flow = parse(files.read(recipe.read_text("utf-8")), slug=showcase.FLOW)
    begins = datetime(2018, 1, 2, 9, tzinfo=ZoneInfo("America/New_York"))

    forecast = list(showcase.forecast(flow, begins, "America/New_York", "America/New_York"))

    assert [name.partition(":")[0] for name, _ in forecast] == ["Browse 1", "Browse 2", "Browse 3", "Browse 4"]
    first, second, third, fourth = (at for _, at in forecast)
    assert first == begins + timedelta(hours=2)
    assert second == datetime(2018, 1, 3, 10, tzinfo=ZoneInfo("America/New_York"))
    assert third == second + timedelta(days=2)
    assert fourth == third + timedelta(days=2)


def test_a_few_mailboxes_are_gone_or_full_and_always_the_same() -> None:
    lost = lost_mailboxes.replies(range(1, 2501))

    assert lost == lost_mailboxes.replies(range(1, 2501))
    assert 4 <= sum(reply == lost_mailboxes.GONE for reply in lost.values()) <= 15
    assert 2 <= sum(reply == lost_mailboxes.FULL for reply in lost.values()) <= 8
    assert bounces.classify(550, "5.1.1", lost_mailboxes.GONE) == "hard"
    assert bounces.classify(552, "5.2.2", lost_mailboxes.FULL) == "soft"
