"""The main job, end to end with real processes, HTTP and SMTP: four emails for someone who looked and left."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from headwater.core import clock
from tests.running_instance import Instance, eventually

pytestmark = [pytest.mark.slow, pytest.mark.e2e]

NEW_YORK = ZoneInfo("America/New_York")
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
LAMP = {
    "product_id": "p1",
    "name": "Lamp 1",
    "category": "Lamps",
    "price": 21,
    "url": "https://juniper.example/lamps/1",
}


def next_morning(shop: Instance) -> None:
    """10:00 in New York, on the first day from now on that has it ahead."""
    with shop.connect() as conn:
        here = clock.now(conn).astimezone(NEW_YORK)
    morning = here.replace(hour=10, minute=0, second=0, microsecond=0)
    shop.set_clock(morning if morning >= here else morning + DAY)


def someone_looks_and_leaves(shop: Instance, user: str) -> str:
    next_morning(shop)
    email = f"{user}@example.com"
    shop.segment(
        "identify",
        {"userId": user, "traits": {"email": email, "firstName": user.title(), "timezone": "America/New_York"}},
    )
    shop.segment("track", {"userId": user, "event": "Product Viewed", "properties": LAMP, "messageId": f"view-{user}"})
    shop.settled()
    return email


def wait_and_count(shop: Instance, by: timedelta, email: str) -> int:
    shop.advance(by)
    shop.settled()
    return len(shop.mails(email))


def code_in(shop: Instance, summary: dict[str, Any]) -> str:
    found = re.search(r"BROWSE-[A-Z0-9]+", shop.mail(summary["id"])["html"])
    assert found, "no coupon code in the email"
    return found[0]


def test_four_emails_in_order_and_in_time_with_one_code_and_links_that_work(shop: Instance) -> None:
    email = someone_looks_and_leaves(shop, "ann")

    assert wait_and_count(shop, 2 * HOUR - MINUTE, email) == 0, "the first email waits two hours"
    assert wait_and_count(shop, MINUTE, email) == 1  # 12:00 in New York
    assert wait_and_count(shop, 22 * HOUR - MINUTE, email) == 1, "the second waits until 10:00 of the next day"
    assert wait_and_count(shop, MINUTE, email) == 2
    assert wait_and_count(shop, 2 * DAY - MINUTE, email) == 2
    assert wait_and_count(shop, MINUTE, email) == 3  # the offer: its code is good for three days
    assert wait_and_count(shop, 2 * DAY - MINUTE - HOUR, email) == 3
    assert wait_and_count(shop, HOUR + 2 * MINUTE, email) == 4, "the reminder comes 24 hours before the code expires"
    assert wait_and_count(shop, 10 * DAY, email) == 4, "and that was all"

    welcome, popular, offer, expiring = shop.mails(email)
    assert code_in(shop, offer) == code_in(shop, expiring)
    assert "Lamp 1" in shop.mail(welcome["id"])["html"]
    assert "Bright and well made" in shop.mail(popular["id"])["html"]
    _links_work(shop, email, shop.mail(welcome["id"]))

    told = shop.run("why", email)
    assert told.returncode == 0, told.stderr
    for words in ("Viewed Product", "Browse 1", "Browse 4", "Clicked Email"):
        assert words in told.stdout, (words, told.stdout)


def _links_work(shop: Instance, email: str, mail: dict[str, Any]) -> None:
    tracked = [link["url"] for link in mail["links"] if "/c/" in link["url"]]
    targets = [shop.get(url)[1]["location"] for url in tracked]
    assert any(target.startswith("https://juniper.example/lamps/1") for target in targets), targets
    assert shop.get(tracked[0].replace("juniper", "evil"))[0] == 404, "a changed target goes nowhere"
    pixel = re.search(r"http://127\.0\.0\.1:\d+/o/[\w-]+\.gif", mail["html"])
    assert pixel
    assert shop.get(pixel[0])[1]["content-type"] == "image/gif"
    view = next(link["url"] for link in mail["links"] if "/w/" in link["url"])
    status, headers, body = shop.get(view)
    assert status == 200
    assert b"Lamp 1" in body

    def recorded() -> bool:
        shop.settled()
        with shop.connect() as conn:
            row = conn.execute(
                """
                SELECT count(*) FILTER (WHERE metric.name = 'Clicked Email'),
                       count(*) FILTER (WHERE metric.name = 'Opened Email')
                FROM event
                JOIN metric ON metric.id = event.metric_id
                JOIN profile ON profile.id = event.profile_id
                WHERE profile.email = %s
                """,
                (email,),
            ).fetchone()
        return row is not None and row[0] >= 1 and row[1] >= 1

    eventually(recorded, what="click and open as events")


def test_a_purchase_before_the_third_email_stops_the_rest(shop: Instance) -> None:
    email = someone_looks_and_leaves(shop, "bob")
    assert wait_and_count(shop, 2 * HOUR, email) == 1
    assert wait_and_count(shop, 26 * HOUR, email) == 2
    shop.segment(
        "track",
        {
            "userId": "bob",
            "event": "Order Completed",
            "properties": {"order_id": "b1", "total": 21, "products": [LAMP]},
        },
    )
    shop.settled()
    assert wait_and_count(shop, 10 * DAY, email) == 2
    assert "Placed Order" in shop.run("why", email).stdout


def test_unsubscribing_by_one_click_stops_everything_and_looking_at_the_link_does_not(shop: Instance) -> None:
    email = someone_looks_and_leaves(shop, "cleo")
    assert wait_and_count(shop, 2 * HOUR, email) == 1
    headers = shop.mail(shop.mails(email)[0]["id"])["headers"]
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = re.findall(r"<(https?://[^>]+)>", headers["List-Unsubscribe"])[0]

    status, _, _ = shop.get(link)
    assert status == 200
    assert wait_and_count(shop, 26 * HOUR, email) == 2, "a GET unsubscribes nobody"

    status, answer, _ = shop.request(
        "POST", link, b"List-Unsubscribe=One-Click", **{"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert status == 200
    assert "location" not in answer
    shop.settled()
    assert wait_and_count(shop, 10 * DAY, email) == 2
    assert "nsubscribed" in shop.run("why", email).stdout


def test_a_repeated_view_is_the_same_journey(shop: Instance) -> None:
    email = someone_looks_and_leaves(shop, "dora")
    shop.segment("track", {"userId": "dora", "event": "Product Viewed", "properties": LAMP, "messageId": "view-dora"})
    shop.segment("track", {"userId": "dora", "event": "Product Viewed", "properties": LAMP, "messageId": "again"})
    shop.settled()
    assert wait_and_count(shop, 2 * HOUR, email) == 1
    assert wait_and_count(shop, 10 * HOUR, email) == 1
