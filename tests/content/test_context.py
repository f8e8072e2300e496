"""The names that templates see, from the rooms' own dataclasses."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from headwater.accounts.brand import Brand
from headwater.audience.profiles import Profile
from headwater.catalog.issuing import Code
from headwater.catalog.products import Product
from headwater.catalog.reviews import Review
from headwater.content import context
from tests.content.rendering import NOW, compiled, envelope, received

BRAND = Brand(
    id=7,
    name="Juniper",
    slug="juniper",
    timezone="Europe/Berlin",
    currency="EUR",
    from_name="Juniper",
    from_email="hello@juniper.example",
    reply_to="",
    postal_address="1 Main St",
    website_url="https://juniper.example",
    smart_sending_hours=16,
    require_consent=False,
)


ADA = Profile(
    id=9,
    external_id="h-9",
    email="ada@example.com",
    first_name="Ada",
    last_name="Lovelace",
    properties={"Favourite Colour": "blue", "first_name": "not me"},
)
MUG = Product(id="p1", title="Mug", updated_at=NOW, price=Decimal("12.50"), url="https://s.example/mug")
CODE = Code("BROWSE-1", NOW + timedelta(days=2, hours=3), NOW, "BROWSE10", 9, 8)


def said(template: str, **names: Any) -> str:
    email = compiled("unused", text=f"{template}\n{{% footer %}}")
    message = received(email.render(context.build(BRAND, ADA, **names), envelope()))
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).splitlines()[0]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ first_name }} {{ person.last_name }} {{ email }}", "Ada Lovelace ada@example.com"),
        ("{{ person | lookup: 'Favourite Colour' }} {{ person['Favourite Colour'] }}", "blue blue"),
        ("{{ organization.name }}, {{ organization.full_address }}, {{ organization.url }}",
         "Juniper, 1 Main St, https://juniper.example"),
        ("{{ item.title }} {{ item.price | money }}", "Mug €12.50"),
        ("{{ coupon.code }} {% coupon_code 'BROWSE10' %} {{ coupon.days_left }}", "BROWSE-1 BROWSE-1 3"),
        ("{{ coupon.expires_at | date: '%B %-d, %H:%M' }}", "March 4, 16:00"),
        ("{{ feeds.popular.size }} {{ feeds.popular[0].title }}", "1 Mug"),
        ("{{ reviews.first.author }}: {{ reviews.first.rating }}", "Grace: 5"),
        ("{{ message.name }} {{ current_year }}", "Browse 3 2026"),
        ("{{ event.title }} {{ event.items[0].price | money: 'USD' }}", "Seen $3.00"),
        ("{% today '%Y-%m-%d' %} {{ 'now' | days_later: 7 | date: '%d' }}", "2026-03-02 09"),
    ],
)  # fmt: skip
def test_what_templates_see(template: str, expected: str) -> None:
    written = said(
        template,
        event={"title": "Seen", "items": [{"price": 3}]},
        coupon=CODE,
        item=MUG,
        feeds={"popular": [MUG]},
        reviews=[Review("r", "p1", 5, "Grace", "Good", NOW)],
        message="Browse 3",
    )
    assert written == expected


def test_the_event_tells_of_an_item_that_the_catalog_does_not_know() -> None:
    event = {"product_id": "p9", "title": "Lamp", "price": 5, "url": "https://s.example/lamp"}
    assert said("{{ item.title }} {{ item.price | money }} {{ item.id }}", event=event) == "Lamp €5.00 p9"
    assert said("{{ item.title }}.", event={"items": [event]}) == "Lamp."
    assert said("none{{ item.title }}", event={"order_id": 1}) == "none"


def test_without_anything_all_names_are_there_and_empty() -> None:
    names = context.build(BRAND, ADA)
    assert names["event"] == {}
    assert names["feeds"] == {}
    assert names["reviews"] == []
    assert names["coupon"] is None


def test_dates_are_in_the_time_zone_of_the_person() -> None:
    email = compiled("unused", text="{{ at | date: '%Y-%m-%d %H:%M %Z' }}\n{% footer %}")
    names = context.build(BRAND, replace(ADA, timezone="America/Los_Angeles")) | {"at": "2026-07-01T01:30:00Z"}
    part = received(email.render(names, envelope())).get_body(("plain",))
    assert part is not None
    assert str(part.get_content()).splitlines()[0] == "2026-06-30 18:30 PDT"
