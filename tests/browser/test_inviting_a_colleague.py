"""An owner invites an analyst, who can read everything and change nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import BRAND, Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
COLLEAGUE = "ana@juniper.example"


def test_a_colleague_with_a_lesser_role(owner: Visitor, stranger: Visitor) -> None:
    page = owner.open("/settings/people")
    owner.button("Invite someone").click()
    page.get_by_label("Email address").fill(COLLEAGUE)
    page.get_by_role("radio", name="Analyst").check()
    owner.button("Invite").click()
    owner.sees("An email is on its way")

    mail = owner.instance.mails(COLLEAGUE)[0]
    link = re.search(r"/invitation/[\w-]+", owner.instance.mail(mail["id"])["text"])
    assert link is not None

    theirs = stranger.page
    theirs.goto(link[0])
    stranger.sees("invites")
    theirs.get_by_label("Your name").fill("Ana Lyst")
    theirs.get_by_role("textbox", name="Password").fill("a long enough password")
    stranger.button("Make my account and join").click()
    theirs.wait_for_url(f"**/b/{BRAND}/home")
    stranger.settled()
    stranger.excuse("401")  # before the account was made

    stranger.open("/campaigns")
    expect(theirs.get_by_role("link", name="New campaign")).to_have_count(0)
    stranger.open("/flows/browse-abandonment")
    expect(stranger.button("Review & publish")).to_have_count(0)
    assert stranger.api("/flows")
    for path, body in (("/campaigns", {"name": "Mine"}), ("/keys", {"kind": "private"}), ("/lists", {"name": "Mine"})):
        refused = stranger.post(path, body)
        assert refused.status == 403, (path, refused.status)
    owner.open("/settings/people")
    owner.sees("Ana Lyst")
