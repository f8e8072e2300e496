"""What a person's timeline says: what happened, in order; why an email went or did not; what comes next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from psycopg import Connection

from headwater import why
from headwater.audience import consent
from headwater.events import store
from tests.flows.flow_tables import event
from tests.flows.live_shop import BOOTS, START, Shop, subscribed


@pytest.fixture
def shop(conn: Connection, workspace: int) -> Shop:
    opened = subscribed(conn, workspace)
    opened.installs("browse-abandonment")
    return opened


def told(shop: Shop) -> dict[str, Any]:
    return why.timeline(shop.conn, shop.workspace, shop.person, shop.now)


def titles(told: dict[str, Any], kind: str) -> list[str]:
    return [entry["title"] for entry in told["entries"] if entry["kind"] == kind]


def sent(count: int) -> Callable[[Shop], bool]:
    return lambda one: len(one.mail) >= count


def test_a_whole_series_is_told_in_order(shop: Shop) -> None:
    shop.does("Viewed Product", dict(BOOTS))
    shop.runs()

    answer = told(shop)

    assert titles(answer, "message") == [
        "Sent “Browse 1: who we are”",
        "Sent “Browse 2: what people love”",
        "Sent “Browse 3: an offer”",
        "Sent “Browse 4: the offer expires”",
    ]
    assert titles(answer, "flow") == ["Entered Browse abandonment", "Went through Browse abandonment to the end"]
    assert titles(answer, "event")[0] == "Viewed Product"
    times = [entry["at"] for entry in answer["entries"]]
    assert times == sorted(times)
    assert answer["next"] == []
    assert answer["can_receive"] is True
    orjson.dumps(answer)


def test_the_same_code_is_named_with_both_emails_that_showed_it(shop: Shop) -> None:
    shop.does("Viewed Product", dict(BOOTS))
    shop.runs()

    details = [entry["detail"] for entry in told(shop)["entries"] if entry["kind"] == "message"]

    code = details[2].partition("with the code ")[2].partition(",")[0]
    assert code.startswith("BROWSE-")
    assert f"with the code {code}, good until Sun 8 Mar 2026 11:00" in details[3]
    assert "code" not in details[0] + details[1]


def test_a_decision_says_what_was_asked(shop: Shop) -> None:
    shop.does("Viewed Product", dict(BOOTS))
    shop.runs(until=sent(3))

    asked = [title for title in titles(told(shop), "step") if title.startswith("Asked")]

    assert len(asked) == 1
    assert "Placed Order" in asked[0]
    assert asked[0].endswith("? Yes")


def test_a_purchase_explains_why_the_rest_did_not_come(shop: Shop) -> None:
    shop.does("Viewed Product", dict(BOOTS))
    shop.runs(until=sent(2))
    shop.does("Placed Order", {"order_id": "1", "value": 89.0, "items": [BOOTS]}, 89.0)
    shop.runs()

    answer = told(shop)

    left = answer["entries"][-1]
    assert (left["title"], left["reason"]) == ("Left Browse abandonment", "exit_event")
    assert left["detail"] == "what ends the flow has happened: Placed Order"
    assert answer["entries"][-2]["detail"] == "89.00 USD, Rain Boots"
    assert answer["next"] == []


def test_what_comes_next_names_the_email_and_when(shop: Shop) -> None:
    shop.does("Viewed Product", dict(BOOTS))
    shop.runs(until=sent(1))

    (coming,) = told(shop)["next"]

    assert coming["title"] == "“Browse 2: what people love” is due in Browse abandonment"
    assert coming["at"] == "2026-03-03T15:00:00+00:00"


def test_in_a_paused_flow_nothing_is_promised(shop: Shop) -> None:
    shop.does("Viewed Product", dict(BOOTS))
    shop.conn.execute("UPDATE flow SET status = 'paused' WHERE workspace_id = %s", (shop.workspace,))

    (coming,) = told(shop)["next"]

    assert "paused" in coming["detail"]


def test_a_skipped_email_gives_its_reason_in_words(shop: Shop) -> None:
    shop.does("Viewed Product", dict(BOOTS))
    shop.runs(until=sent(3))
    shop.conn.execute("UPDATE coupon_code SET redeemed_at = %s WHERE workspace_id = %s", (shop.now, shop.workspace))
    shop.runs()

    skipped = next(entry for entry in told(shop)["entries"] if entry.get("state") == "skipped")

    assert skipped["title"] == "Did not send “Browse 4: the offer expires”"
    assert skipped["reason"] == "failed_additional_filters"
    assert skipped["detail"].startswith("Fails the message's own filters: ")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("unsubscribe", "Unsubscribed on 2 March 2026."),
        ("suppress", "Suppressed since 2 March 2026: the address does not exist."),
    ],
)
def test_it_says_why_somebody_can_get_nothing(shop: Shop, change: str, words: str) -> None:
    later = START + timedelta(hours=1)
    if change == "unsubscribe":
        consent.unsubscribe(
            shop.conn, shop.workspace, [shop.person], at=later, now=later, method="one_click_unsubscribe"
        )
    else:
        consent.suppress(shop.conn, shop.workspace, [shop.person], "hard_bounce", at=later)

    answer = told(shop)

    assert answer["can_receive"] is False
    assert answer["standing"] == words
    assert answer["entries"][-1]["kind"] in ("consent", "suppression")


def test_imported_history_is_marked(shop: Shop) -> None:
    old = event(
        shop.conn, shop.workspace, shop.person, "Placed Order", START - timedelta(days=90),
        {"items": [BOOTS]}, value=89.0, history=True,
    )  # fmt: skip
    store.append(shop.conn, shop.workspace, [old], START)

    first = told(shop)["entries"][0]

    assert (first["title"], first["detail"]) == ("Placed Order", "89.00 USD, Rain Boots (history)")


def test_a_stranger_has_no_timeline(shop: Shop) -> None:
    with pytest.raises(LookupError):
        why.timeline(shop.conn, shop.workspace, 10**12, shop.now)
