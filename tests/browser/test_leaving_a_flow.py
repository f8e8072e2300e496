"""Whoever leaves the builder in the middle of a word finds it saved, once, and is asked nothing on coming back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Request, expect

from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_leaving_saves_what_was_typed_once(owner: Visitor) -> None:
    made = owner.post("/flows", {"flow": "left-early", "name": "Left", "trigger": {}, "steps": []})
    assert made.status in (201, 409), made.text()
    page = owner.open("/flows/left-early")
    saves: list[Request] = []
    page.on("request", lambda request: saves.append(request) if request.method == "PUT" else None)

    page.get_by_label("Name of the flow").fill("Left in the middle")
    page.get_by_role("link", name="Campaigns").first.click()
    owner.sees("Campaigns")
    owner.settled()
    page.go_back()

    expect(page.get_by_label("Name of the flow")).to_have_value("Left in the middle")
    owner.settled()
    assert len(saves) == 1
    assert owner.api("/flows/left-early")["name"] == "Left in the middle"
