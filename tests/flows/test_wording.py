"""A flow in words."""

from __future__ import annotations

from collections.abc import Sequence

from headwater.flows.wording import Line, outline
from tests.flows.flow_people import flow, recipe


def told(lines: Sequence[Line], depth: int = 0) -> list[str]:
    return [text for line in lines for text in ("  " * depth + line.text, *told(line.below, depth + 1))]


def test_the_browse_flow_reads_as_it_was_meant() -> None:
    assert told(outline(recipe("browse-abandonment"))) == [
        "starts when someone does: Viewed Product where price is more than 0",
        "again: after 14 days",
        "only while: Added to Cart zero times since starting this flow and "
        "Started Checkout zero times since starting this flow and "
        "Placed Order zero times since starting this flow and Placed Order zero times in the last 10 days",
        "leaves at once on: Placed Order, Added to Cart, Started Checkout",
        "waits 2 hours",
        "email “Browse 1: who we are” (welcome.mjml)",
        "waits 17 hours, until 10:00 their time",
        "email “Browse 2: what people love” (popular.mjml)",
        "waits 2 days",
        "if Placed Order zero times over all time and not (was given any coupon in the last 60 days)",
        "  then",
        "    email “Browse 3: an offer” (offer.mjml)",
        "    waits until 1 day before the code of BROWSE10 expires",
        "    email “Browse 4: the offer expires” (expiring.mjml)",
        "  else",
        "    leaves",
    ]


def test_what_follows_a_split_is_told_once() -> None:
    split = {"if": {"consent": "subscribed"}, "then": [{"email": "a.mjml"}], "else": [{"delay": {"hours": 1}}]}

    assert told(outline(flow(split, {"email": "b.mjml"})))[2:] == [
        "if consent is subscribed",
        "  then",
        "    email “a” (a.mjml)",
        "  else",
        "    waits 1 hour",
        "email “b” (b.mjml)",
    ]


def test_what_is_waited_for_is_told_even_where_it_only_leads_on() -> None:
    wait = {"wait_for": [{"metric": "Fulfilled Order"}], "within": {"days": 10}}

    assert told(outline(flow(wait, {"email": "a.mjml"})))[2:] == [
        "waits up to 10 days for",
        "  Fulfilled Order",
        "email “a” (a.mjml)",
    ]
