"""A three-day sale as a series of campaigns, and a VIP send to another audience, in real mail."""

from __future__ import annotations

from datetime import timedelta

import pytest

from headwater.core import clock
from tests.running_instance import Instance

pytestmark = [pytest.mark.slow, pytest.mark.e2e]

DAY = timedelta(days=1)
EMAIL = """<mjml><mj-body><mj-section><mj-column>
<mj-text>Hello {{{{ first_name | default: "there" }}}}: {words}</mj-text>
<mj-button href="https://juniper.example/sale">To the sale</mj-button>
{{% footer %}}
</mj-column></mj-section></mj-body></mjml>"""


def template(shop: Instance, name: str, words: str) -> int:
    body = {
        "name": name,
        "subject": f"{words}, {{{{ first_name | default: 'friend' }}}}",
        "mjml": EMAIL.format(words=words),
    }
    return int(shop.api("POST", "/templates", body)["id"])


def test_the_sale_leaves_buyers_out_and_nobody_gets_an_email_twice(shop: Instance) -> None:
    people = [f"{name}@sale.example" for name in ("eve", "fay", "gus")]
    made = shop.api(
        "POST", "/profiles/bulk", {"profiles": [{"email": email, "first_name": email[:3].title()} for email in people]}
    )
    assert len(made["ids"] if "ids" in made else made["profiles"]) == 3
    newsletter = shop.api("POST", "/lists", {"name": "Sale list"})["id"]
    staff = shop.api("POST", "/lists", {"name": "Staff"})["id"]
    shop.api(
        "POST",
        f"/lists/{newsletter}/members",
        {"profiles": [{"email": email} for email in [*people, "hal@sale.example"]]},
    )
    shop.api("POST", f"/lists/{staff}/members", {"profiles": [{"email": "hal@sale.example"}]})
    with shop.connect() as conn:
        start = clock.now(conn) + timedelta(hours=1)

    series = shop.api(
        "POST", "/series",
        {
            "name": "Three-day sale",
            "included": [{"list": newsletter}],
            "excluded": [{"list": staff}],
            "campaigns": [
                {"name": f"Day {day + 1}", "send_at": (start + day * DAY).isoformat(),
                 "template_id": template(shop, f"Sale {day + 1}", f"Day {day + 1} of the sale")}
                for day in range(3)
            ],
        },
    )  # fmt: skip
    shop.api("POST", f"/series/{series['id']}/schedule")

    shop.advance(timedelta(hours=1))
    shop.settled()
    assert [len(shop.mails(email)) for email in people] == [1, 1, 1]
    shop.api(
        "POST",
        "/events",
        {"metric": "Placed Order", "profile": {"email": people[0]}, "value": 10, "unique_id": "sale-1"},
    )
    shop.settled()
    for _ in range(2):
        shop.advance(DAY)
        shop.settled()
    shop.advance(3 * DAY)
    shop.settled()

    assert [len(shop.mails(email)) for email in people] == [1, 3, 3], "who bought gets no more of it"
    assert shop.mails("hal@sale.example") == [], "excluded lists get nothing"
    subjects = [mail["subject"] for mail in shop.mails(people[1])]
    assert subjects == ["Day 1 of the sale, Fay", "Day 2 of the sale, Fay", "Day 3 of the sale, Fay"]


def test_early_access_goes_to_those_who_spent_most(shop: Instance) -> None:
    vips = shop.api(
        "POST", "/segments", {"name": "VIP", "definition": {"metric": "Placed Order", "sum": {"greater_than": 200}}}
    )
    before = len(shop.mails("past0@example.com"))
    campaign = shop.api(
        "POST", "/campaigns",
        {"name": "Early access", "template_id": template(shop, "VIP", "Before anyone else"),
         "included": [{"segment": vips["id"]}]},
    )  # fmt: skip
    shop.api("POST", f"/campaigns/{campaign['id']}/schedule", {})
    shop.settled()
    assert len(shop.mails("past0@example.com")) == before + 1
    assert shop.mails("past1@example.com") == []
    report = shop.api("GET", f"/campaigns/{campaign['id']}/report")
    assert report["sent"] == 1


def test_a_cancelled_campaign_sends_nothing(shop: Instance) -> None:
    people = shop.api("POST", "/lists", {"name": "Cancelled"})["id"]
    shop.api("POST", f"/lists/{people}/members", {"profiles": [{"email": "ida@sale.example"}]})
    with shop.connect() as conn:
        later = (clock.now(conn) + DAY).isoformat()
    campaign = shop.api(
        "POST", "/campaigns",
        {"name": "Never", "template_id": template(shop, "Never", "Never"), "included": [{"list": people}],
         "send_at": later},
    )  # fmt: skip
    shop.api("POST", f"/campaigns/{campaign['id']}/schedule", {})
    shop.api("POST", f"/campaigns/{campaign['id']}/cancel")
    shop.advance(2 * DAY)
    shop.settled()
    assert shop.mails("ida@sale.example") == []
