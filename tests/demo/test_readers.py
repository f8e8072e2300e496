"""Readers do what is due, through their emails' doors, and go shopping only after their click is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from headwater.core import signing
from headwater.demo.letters import Letter
from headwater.demo.reactions import Deed, dice_for, reaction
from headwater.demo.readers import Readers
from headwater.demo.shop import Product
from headwater.events import metrics

NOW = datetime(2018, 1, 3, 14, tzinfo=UTC)
JAMS = [Product(str(number), f"Jam no. {number}", "Preserves", "Alder Farm", 2.5, True) for number in range(1, 40)]


def letter(to: str, subject: str = "Sale", links: bool = True, way_out: str | None = None) -> Letter:
    click = '<a href="http://hw.test/c/token/sig?u=https://juniper.example/products/7">Jam</a>' if links else ""
    return Letter(
        f"Delivered-To: {to}\r\nSubject: {subject}\r\nList-Unsubscribe: <http://hw.test/u/{way_out or to}>\r\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nContent-Type: text/html\r\n\r\n"
        f'<p>{click}</p><img src="http://hw.test/o/{to}.gif">'.encode()
    )


class Post:
    """A post office without a network."""

    def __init__(self, letters: list[Letter]) -> None:
        self.letters, self.done, self.away = letters, [], False

    done: list[tuple[Deed, str]]

    def arrived(self) -> list[Letter]:
        found, self.letters = self.letters, []
        return found

    def follow(self, deeds: Sequence[tuple[Deed, str]]) -> list[bool]:
        if not self.away:
            self.done += deeds
        return [not self.away for _ in deeds]


def readers(post: Post, **more: Any) -> Readers:
    return Readers(post, {}, {int(jam.id): jam for jam in JAMS}, JAMS, "show", **more)  # type: ignore[arg-type]


def somebody_who(deed: Deed) -> str:
    """An address whose reaction to the sale ends so."""
    for number in range(100_000):
        to = f"reader-{number}@example.com"
        acts = reaction(dice_for("show", to, "Sale"))
        if acts and acts[-1].deed is deed:
            return to
    raise AssertionError(f"nobody does {deed}")


def test_nothing_is_done_before_it_is_due() -> None:
    post = Post([letter(somebody_who(Deed.OPEN))])
    them = readers(post)

    them.turn(NOW)
    them.turn(NOW + timedelta(minutes=1))
    assert post.done == []
    them.turn(NOW + timedelta(days=1))
    assert [deed for deed, _ in post.done] == [Deed.OPEN]
    assert (them.counted.opened, them.counted.by_machine, them.counted.clicked) == (1, 0, 0)


def test_an_order_follows_a_click_that_was_followed_a_turn_before() -> None:
    buyer = somebody_who(Deed.ORDER)
    post = Post([letter(buyer)])
    them = readers(post)
    them.turn(NOW)

    said = [[call["event"] for call in them.turn(NOW + timedelta(days=1, minutes=turn))] for turn in range(4)]

    shopping = [metrics.VIEWED_PRODUCT, metrics.ADDED_TO_CART, metrics.STARTED_CHECKOUT, metrics.PLACED_ORDER]
    assert said == [[], [], shopping, []]
    assert [deed for deed, _ in post.done] == [Deed.OPEN, Deed.CLICK]
    assert (them.counted.ordered, them.counted.unsubscribed) == (1, 0)


def test_what_they_buy_begins_with_what_they_clicked_on_and_adds_up() -> None:
    buyer = somebody_who(Deed.ORDER)
    them = Readers(Post([letter(buyer)]), {buyer: "4711"}, {int(jam.id): jam for jam in JAMS}, JAMS, "show")  # type: ignore[arg-type]

    calls = [call for turn in range(4) for call in them.turn(NOW + timedelta(days=turn))]

    assert {call["userId"] for call in calls} == {"4711"}
    order = calls[-1]["properties"]
    assert order["items"][0]["product_id"] == "7"
    assert order["value"] == sum(line["price"] * line["quantity"] for line in order["items"]) == them.counted.spent


def test_whoever_had_enough_leaves_by_the_emails_own_way_out() -> None:
    leaver = somebody_who(Deed.UNSUBSCRIBE)
    post = Post([letter(leaver)])
    them = readers(post)

    for turn in range(4):
        assert them.turn(NOW + timedelta(days=turn)) == []

    assert post.done[-1] == (Deed.UNSUBSCRIBE, f"http://hw.test/u/{leaver}")
    assert them.counted.unsubscribed == 1


def test_whoever_calls_it_spam_is_reported_by_their_provider_with_the_message() -> None:
    angry = somebody_who(Deed.COMPLAIN)
    post = Post([letter(angry, way_out=signing.message_token("unsubscribe", 7, 8, 9))])
    them = readers(post)

    assert [them.turn(NOW + timedelta(days=turn)) for turn in range(4)] == [[]] * 4

    assert them.complaints == [signing.MessageToken(7, 8, 9)]
    assert [deed for deed, _ in post.done] == [Deed.OPEN]
    assert (them.counted.complained, them.counted.unsubscribed, them.counted.ordered) == (1, 0, 0)


def test_whoever_was_given_a_code_orders_with_it_for_less() -> None:
    buyer = next(
        to
        for to in (f"reader-{number}@example.com" for number in range(1000))
        if (acts := reaction(dice_for("show", to, "Sale"), with_code=True)) and acts[-1].deed is Deed.ORDER
    )
    raw = (
        f"Delivered-To: {buyer}\r\nSubject: Sale\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/alternative; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\n10% off with CART10-7KQ2MZX\r\n"
        '--b\r\nContent-Type: text/html\r\n\r\n<a href="http://hw.test/c/t/s?u=https://juniper.example/">Shop</a>'
        '<img src="http://hw.test/o/1.gif">\r\n--b--\r\n'
    )
    them = readers(Post([Letter(raw.encode())]))

    calls = [call for turn in range(4) for call in them.turn(NOW + timedelta(days=turn))]

    order = calls[-1]["properties"]
    assert order["discount_codes"] == ["CART10-7KQ2MZX"]
    whole = sum(line["price"] * line["quantity"] for line in order["items"])
    assert order["value"] == round(whole * 0.9, 2) == them.counted.spent


def test_what_got_no_answer_is_done_later_and_counts_once() -> None:
    post = Post([letter(somebody_who(Deed.OPEN))])
    them = readers(post)
    them.turn(NOW)

    post.away = True
    them.turn(NOW + timedelta(days=1))
    assert them.counted.opened == 0
    post.away = False
    for turn in range(3):
        them.turn(NOW + timedelta(days=1, minutes=turn))

    assert them.counted.opened == len(post.done) == 1


def test_the_attentive_only_open() -> None:
    buyer = somebody_who(Deed.ORDER)
    post = Post([letter(buyer)])
    them = readers(post, attentive={buyer})

    assert [them.turn(NOW + timedelta(days=turn)) for turn in range(4)] == [[]] * 4
    assert [deed for deed, _ in post.done] == [Deed.OPEN]


def test_an_email_without_links_is_opened_at_most() -> None:
    clicker = somebody_who(Deed.CLICK)
    post = Post([letter(clicker, links=False)])
    them = readers(post)

    for turn in range(4):
        them.turn(NOW + timedelta(days=turn))

    assert [deed for deed, _ in post.done] == [Deed.OPEN]
