"""What people do with emails: the same each time, in the shares that are said, one thing after the other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from headwater.demo import reactions
from headwater.demo.reactions import Deed, dice_for, reaction

EMAILS = 40_000


@pytest.fixture(scope="module")
def made() -> list[list[Deed]]:
    return [
        [act.deed for act in reaction(dice_for("show", f"reader-{number}@example.com", "Sale"))]
        for number in range(EMAILS)
    ]


def share(made: list[list[Deed]], *deeds: Deed) -> float:
    return sum(1 for one in made if any(deed in one for deed in deeds)) / len(made)


def test_shares_are_as_said(made: list[list[Deed]]) -> None:
    assert share(made, Deed.OPEN, Deed.SCAN) == pytest.approx(reactions.OPENED, abs=0.01)
    assert share(made, Deed.SCAN) == pytest.approx(reactions.BY_MACHINE, abs=0.005)
    assert share(made, Deed.CLICK) == pytest.approx(reactions.CLICKED, abs=0.005)
    assert share(made, Deed.ORDER) == pytest.approx(reactions.ORDERED, abs=0.002)
    assert share(made, Deed.UNSUBSCRIBE) == pytest.approx(reactions.UNSUBSCRIBED, abs=0.001)
    assert share(made, Deed.COMPLAIN) == pytest.approx(reactions.COMPLAINED, abs=0.0002)


def test_a_code_of_their_own_makes_more_of_them_buy_and_no_more_leave() -> None:
    made = [
        [act.deed for act in reaction(dice_for("show", f"{number}@example.com", "For you"), with_code=True)]
        for number in range(EMAILS)
    ]

    assert share(made, Deed.ORDER) == pytest.approx(reactions.ORDERED_WITH_CODE, abs=0.01)
    assert share(made, Deed.CLICK) == pytest.approx(reactions.CLICKED_WITH_CODE, abs=0.01)
    assert share(made, Deed.UNSUBSCRIBE) == pytest.approx(reactions.UNSUBSCRIBED, abs=0.001)


def test_whoever_orders_has_opened_and_clicked_before(made: list[list[Deed]]) -> None:
    buyers = [one for one in made if Deed.ORDER in one]

    assert buyers
    assert all(one == [Deed.OPEN, Deed.CLICK, Deed.VIEW, Deed.CART, Deed.CHECKOUT, Deed.ORDER] for one in buyers)


def test_some_get_as_far_as_the_cart_and_no_further(made: list[list[Deed]]) -> None:
    assert {one[-1] for one in made if Deed.CLICK in one} == {
        Deed.CLICK, Deed.VIEW, Deed.CART, Deed.CHECKOUT, Deed.ORDER,
    }  # fmt: skip


def test_a_machine_does_nothing_but_look(made: list[list[Deed]]) -> None:
    assert all(one == [Deed.SCAN] for one in made if Deed.SCAN in one)


def test_the_same_email_meets_with_the_same_reaction() -> None:
    def of(seed: str, to: str, subject: str) -> list[object]:
        return [reaction(dice_for(seed, f"{number}{to}", subject)) for number in range(200)]

    assert of("a", "@example.com", "Sale") == of("a", "@example.com", "Sale")
    assert of("a", "@example.com", "Sale") != of("b", "@example.com", "Sale")
    assert of("a", "@example.com", "Sale") != of("a", "@example.com", "Last day")


def test_the_attentive_open_everything_soon_and_leave_it_at_that() -> None:
    for number in range(200):
        (act,) = reaction(dice_for("show", str(number), "Sale"), attentive=True)
        assert act.deed is Deed.OPEN
        assert act.after < timedelta(hours=1)
