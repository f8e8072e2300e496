"""A marketer builds a segment, sends a campaign to a list without it, and finds out why one person got no email."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.running_instance import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def build_segment(owner: Visitor, name: str) -> None:
    """Whoever ordered at least three times, ever."""
    page = owner.open("/segments/new")
    page.get_by_label("Name").fill(name)
    owner.button("Event").click()
    page.get_by_role("combobox", name="Event").click()
    page.get_by_role("option", name="Placed Order").first.click()
    page.get_by_label("Number", exact=True).fill("3")
    page.get_by_role("combobox", name="When").click()
    page.get_by_role("option", name="over all time").click()
    owner.sees("Placed Order")
    expect(owner.button("Save segment")).to_be_enabled()
    owner.button("Save segment").click()
    page.wait_for_url("**/segments/*")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    owner.instance.settled()


def plan_campaign(owner: Visitor, name: str, without: str | None) -> None:
    """To the newsletter, up to the review."""
    page = owner.open("/campaigns/new")
    page.get_by_label("Name").fill(name)
    owner.button("Choose who gets it").click()
    page.get_by_role("combobox", name="Send to").click()
    page.get_by_role("option", name="Newsletter").first.click()
    if without:
        page.get_by_role("combobox", name="Leave out").click()
        page.get_by_role("option", name=without).first.click()
        owner.sees("taken away")
    owner.button("Content").last.click()
    page.get_by_role("radio", name="sale-launch").first.click()
    owner.button("Schedule").last.click()
    owner.button("Review").last.click()
    owner.sees("as soon as you send it")


def send(owner: Visitor) -> None:
    verb = owner.page.get_by_role("button", name="Send to", exact=False)
    expect(verb).to_be_enabled()
    verb.click()
    owner.page.get_by_role("dialog").get_by_role("button", name="Send to", exact=False).click()
    owner.page.wait_for_url("**/campaigns/*")
    owner.instance.settled()


def members(owner: Visitor, segment_id: int) -> set[int]:
    return {one["id"] for one in owner.api(f"/segments/{segment_id}/members?limit=1000")["data"]}


def who_got(owner: Visitor, campaign_id: int) -> set[int]:
    with owner.instance.connect() as conn:
        rows = conn.execute(
            """
            SELECT profile_id
            FROM message
            WHERE source = 'campaign'
              AND source_id = %s
              AND state IN ('sent', 'delivered')
            """,
            (campaign_id,),
        )
        return {row[0] for row in rows}


def test_a_segment_is_left_out_of_a_campaign_and_everybody_can_be_told_why(owner: Visitor) -> None:
    owner.instance.advance(timedelta(hours=17))  # the sale's last email no longer holds back others
    owner.instance.settled()
    build_segment(owner, "Regulars")
    segment = next(one for one in owner.api("/segments")["data"] if one["name"] == "Regulars")
    regulars = eventually(lambda: members(owner, segment["id"]), what="members of the new segment")

    plan_campaign(owner, "First of two", without="Regulars")
    send(owner)
    campaign = next(one for one in owner.api("/campaigns")["data"] if one["name"] == "First of two")
    got = who_got(owner, campaign["id"])
    assert got
    assert not got & regulars
    owner.open(f"/campaigns/{campaign['id']}")
    owner.sees("Sent")

    # Another one right after it: smart sending keeps it from those who got the first.
    plan_campaign(owner, "Second of two", without=None)
    send(owner)
    skipped = sorted(got)[0]
    owner.open(f"/profiles/{skipped}?tab=emails")
    owner.sees("Second of two")
    owner.sees("smart sending")
