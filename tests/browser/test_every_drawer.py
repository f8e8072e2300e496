"""The drawer of every kind of step in the flow builder, light and dark: accessible, quiet, and complete."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from headwater.flows.reading.tree import KINDS
from tests.browser.axe import violations
from tests.browser.conftest import OWNER
from tests.browser.visitor import Visitor
from tests.running_instance import Instance

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ORDERED = {"metric": "Placed Order", "count": {"at_least": 1}, "since": "flow-start"}
DEAR = [{"property": "price", "greater_than": 20}]
EVERY_KIND: dict[str, Any] = {
    "flow": "every-kind",
    "name": "Every kind of step",
    "trigger": {"metric": "Viewed Product", "where": DEAR},
    "profile_filters": [{"property": "vip", "is_set": False}],
    "entry": {"again": {"after": {"days": 14}}, "key": "product_id", "merge": "restart", "holdout": 5},
    "exit_on": ["Placed Order", {"if": {"property": "vip", "equals": True}}],
    "send_window": {"weekdays": ["monday"], "from": "08:00", "to": "20:00"},
    "steps": [
        {"id": "stock", "back_in_stock": {"people_per_unit": 3}},
        {"id": "mail", "email": "Unheard of", "filters": [ORDERED], "utm": {"utm_campaign": "x"}},
        {"id": "span", "delay": {"days": 2, "until": "10:00", "weekdays": ["monday"]}},
        {"id": "date", "delay": {"date": "birthday", "before": {"days": 3}, "until": "09:00"}},
        {"id": "code", "delay": {"expiry_of": "TEN", "before": {"days": 1}}},
        {"id": "look", "wait_for": [{"metric": "Placed Order"}, {"if": ORDERED}], "within": {"days": 3}},
        {"id": "ask", "if": {"any": [ORDERED, {"list": "VIP"}]}, "then": [{"id": "join", "add_to_list": "VIP"}]},
        {"id": "event", "if_event": DEAR, "then": [{"id": "part", "remove_from_list": "VIP"}]},
        {"id": "ways", "split": [{"name": "Bought", "if": ORDERED}, {"if_event": DEAR}]},
        {"id": "luck", "random": [{"share": 70, "name": "A"}, {"share": 30}]},
        {
            "id": "tone",
            "ab_test": [{"id": "calm", "email": "", "share": 50}, {"id": "loud", "email": "", "share": 50}],
            "winner": {"by": "clicks"},
        },
        {"id": "change", "update_profile": {"set": {"tier": "gold", "seen": {"date": "today"}}, "unset": ["old"]}},
        {"id": "gift", "coupon": "TEN"},
        {"id": "hook", "webhook": {"url": "", "headers": {"X-One": "two"}, "body": {"email": "{{ email }}"}}},
        {"id": "tell", "notify": {"to": [], "subject": ""}},
        {"id": "aim", "goal": ORDERED, "unmet": "wait"},
        {"id": "leave", "exit": {}},
    ],
}
PARTS = ("Trigger", "Entry", "Filters", "Exits", "Settings")


def steps_of(nodes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in nodes:
        yield node
        yield from steps_of(node.get("then", []))


STEPS = {str(step["id"]): step for step in steps_of(EVERY_KIND["steps"])}


@pytest.fixture(scope="module", params=["light", "dark"])
def builder(request: pytest.FixtureRequest, browser: Browser, instance: Instance, password: str) -> Iterator[Visitor]:
    """Somebody in the builder, with a draft that is not finished."""
    visitor = Visitor(browser, instance, dark=request.param == "dark")
    visitor.log_in(OWNER, password)
    made = visitor.post("/flows", EVERY_KIND)
    assert made.status in (201, 409), made.text()
    visitor.open("/flows/every-kind")
    yield visitor
    visitor.leave()


def quiet(visitor: Visitor) -> None:
    heard, visitor.complaints = visitor.complaints, []
    assert not heard, "\n".join(heard)


def test_there_is_a_step_of_every_kind() -> None:
    assert {kind for step in STEPS.values() for kind in KINDS if kind in step} == set(KINDS)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_the_head(builder: Visitor, part: str) -> None:
    builder.page.locator('[data-step=""]').dispatch_event("click")
    builder.page.get_by_role("tab", name=part).click()
    builder.settled()

    assert not (found := violations(builder.page, "[data-panel]")), "\n".join(found)
    quiet(builder)


@pytest.mark.parametrize("step", STEPS)
def test_the_drawer_of_a_step(builder: Visitor, step: str) -> None:
    page = builder.page
    page.locator(f'[data-step="{step}"]').dispatch_event("click")
    expect(page.locator("[data-panel]")).to_contain_text(step)
    builder.settled()

    assert not (found := violations(page, "[data-panel]")), "\n".join(found)
    quiet(builder)


def test_the_canvas_with_its_problems(builder: Visitor) -> None:
    assert not (found := violations(builder.page)), "\n".join(found)


def test_every_problem_is_listed_and_leads_to_its_field(builder: Visitor) -> None:
    page = builder.page
    many = len(builder.api("/flows/every-kind")["problems"])
    builder.button(f"{many} problems").click()
    told = page.get_by_role("dialog").get_by_role("listitem")
    expect(told).to_have_count(many)
    assert not (found := violations(page)), "\n".join(found)

    page.get_by_role("dialog").get_by_role("button", name="Say which address is called.").click()

    expect(page.get_by_label("Address")).to_be_focused()
    expect(page.get_by_role("dialog")).to_have_count(0)
    quiet(builder)


def test_closing_a_drawer_goes_back_to_its_card(builder: Visitor) -> None:
    page = builder.page
    page.locator('[data-step="gift"]').dispatch_event("click")
    page.locator("[data-panel]").get_by_role("button", name="Close").click()

    expect(page.locator("[data-panel]")).to_have_count(0)
    expect(page.locator('[data-step="gift"]')).to_be_focused()
