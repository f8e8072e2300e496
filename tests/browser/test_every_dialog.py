"""The main dialogs and drawers of campaigns, audience and segments, light and dark: accessible while they are open."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.screens import known
from tests.browser.visitor import BRAND, Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

DIALOGS = {
    "add profile": ("/profiles", ["button:Add profile"]),
    "bulk add to list": ("/profiles", ["checkbox:Choose all on this page", "button:Add to list"]),
    "suppress people": ("/suppressions", ["button:Suppress people"]),
    "new list": ("/lists", ["button:New list"]),
    "consent change": ("/profiles/{profile}", ["button:More", "menuitem:Unsubscribe"]),
    "merge": ("/profiles/{profile}", ["button:More", "menuitem:Merge a profile into it"]),
    "erase": ("/profiles/{profile}", ["button:More", "menuitem:Erase"]),
    "delete segment": ("/segments/{segment}", ["button:More about this segment", "menuitem:Delete"]),
    "schedule confirmation": ("/campaigns/{draft}/edit?step=review", ["button:Schedule for"]),
    "cancel campaign": ("/campaigns/{planned}", ["button:Cancel campaign"]),
}
"""By name: where it is opened, and what is clicked one after the other, by role and name."""
FAR_AWAY = "2100-03-01T10:00:00Z"


def plan_campaign(visitor: Visitor, name: str, ids: dict[str, str]) -> int:
    """A draft that can be scheduled, for a time far away."""
    template = visitor.api("/templates?q=sale-launch")["data"][0]["id"]
    body = {"name": name, "included": [{"list": int(ids["list"])}], "template_id": template, "send_at": FAR_AWAY}
    made = visitor.post("/campaigns", body)
    assert made.ok, made.text()
    return int(made.json()["id"])


@pytest.fixture(scope="module")
def places(walker: Visitor) -> dict[str, str]:
    """What the paths are filled with."""
    ids = known(walker)
    planned = plan_campaign(walker, "Planned", ids)
    scheduled = walker.post(f"/campaigns/{planned}/schedule", {"send_at": FAR_AWAY})
    assert scheduled.ok, scheduled.text()
    return {**ids, "draft": str(plan_campaign(walker, "A draft", ids)), "planned": str(planned)}


def at(walker: Visitor, path: str) -> Page:
    """The page, opened anew only where another one is open."""
    return walker.page if walker.page.url == f"{walker.base}/b/{BRAND}{path}" else walker.open(path)


def called(walker: Visitor, step: str) -> Locator:
    role, name = step.split(":", 1)
    return walker.page.get_by_role(role, name=name).first  # type: ignore[arg-type]


@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialog_is_accessible(walker: Visitor, places: dict[str, str], name: str) -> None:
    path, steps = DIALOGS[name]
    page = at(walker, path.format(**places))
    for step in steps:
        called(walker, step).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert dialog.get_attribute("aria-labelledby")
    assert not (found := violations(page)), "\n".join(found)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator("body")).not_to_be_focused()
