"""A letter's doors are those that the product wrote into it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from headwater.content.compiling import Tracking
from headwater.core import signing
from headwater.core.signing import MessageToken
from headwater.delivery.mailbox.reading import traced
from headwater.demo.letters import Letter, product_of
from tests.content.rendering import BASE, compiled, context, envelope, received

HOME, PRODUCT = "https://juniper.example/", "https://juniper.example/products/942525?size=m&colour=red"
MESSAGE = MessageToken(7, 8, 9)


def letter(inside: str, **fields: object) -> Letter:
    message = received(
        compiled(inside, tracking=Tracking(opens=True, clicks=True)).render(context(), envelope(**fields))
    )
    return Letter(traced(message.as_bytes(), "hello@juniper.example", ["Ada@example.com"]))


def test_it_is_for_whom_it_was_delivered_to_and_about_its_subject() -> None:
    one = letter("Hello")

    assert (one.to, one.subject) == ("ada@example.com", "News")


def test_the_pixel_opens_this_message() -> None:
    pixel = letter("Hello").pixel

    assert pixel is not None
    assert pixel.startswith(f"{BASE}/o/")
    assert signing.read_token("open", pixel.rpartition("/")[2].removesuffix(".gif")) == MESSAGE


def test_a_link_is_signed_and_leads_to_the_product() -> None:
    (link,) = letter(f'<a href="{PRODUCT.replace("&", "&amp;")}">Look</a>').links

    _, _, token, signature = urlsplit(link).path.split("/")
    (target,) = parse_qs(urlsplit(link).query)["u"]
    assert signing.read_token("click", token) == MESSAGE
    assert target == PRODUCT
    assert signing.check_link(target, signature)
    assert product_of(link) == "942525"


def test_products_are_what_readers_click_on_and_else_what_there_is() -> None:
    both = letter(f'<a href="{HOME}">Shop</a> <a href="{PRODUCT}">Look</a> <a href="{PRODUCT}">Look again</a>')
    home = letter(f'<a href="{HOME}">Shop</a>')

    assert [product_of(link) for link in both.links] == ["942525"]
    assert len(home.links) == 1
    assert product_of(home.links[0]) is None


def test_one_click_unsubscribes_from_this_message() -> None:
    way_out = letter("Hello").unsubscribe

    assert way_out is not None
    assert signing.read_token("unsubscribe", way_out.rpartition("/")[2]) == MESSAGE


def test_the_code_that_its_reader_was_given_is_read_and_nothing_that_only_looks_like_one() -> None:
    assert letter("Yours: <b>CART10-7KQ2MZX</b>, for two days").code == "CART10-7KQ2MZX"
    assert letter("Call 555-2345678 or read RFC-2045, ORDER-1000000").code is None


@pytest.mark.parametrize("raw", [b"", b"Subject: Only text\r\n\r\nhttps://juniper.example/c/x", b"\xff\xfe\x00"])
def test_mail_that_is_none_of_ours_has_no_doors(raw: bytes) -> None:
    one = Letter(raw)

    assert (one.pixel, one.links, one.unsubscribe, one.code) == (None, (), None, None)
