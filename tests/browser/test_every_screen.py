"""Every screen, light and dark, wide and on a phone: accessible, quiet, to itself, and inside its window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.axe import violations
from tests.browser.conftest import OWNER
from tests.browser.screens import ENTRANCE, SCREENS, known
from tests.browser.visitor import Visitor
from tests.running_instance import Instance

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture(scope="module")
def phone(browser: Browser, instance: Instance, password: str) -> Iterator[Visitor]:
    visitor = Visitor(browser, instance, width=390, height=844)
    visitor.log_in(OWNER, password)
    yield visitor
    visitor.leave()


@pytest.mark.parametrize("path", SCREENS)
def test_a_screen_is_accessible_and_quiet(walker: Visitor, path: str) -> None:
    page = walker.open(path.format(**known(walker)))
    assert page.get_by_role("heading", level=1).count() == 1
    assert not (found := violations(page)), "\n".join(found)
    heard, walker.complaints = walker.complaints, []
    assert not heard, "\n".join(heard)


@pytest.mark.parametrize("path", SCREENS)
def test_a_screen_fits_a_phone(phone: Visitor, path: str) -> None:
    phone.open(path.format(**known(phone)))
    assert phone.overflow() <= 0


@pytest.mark.parametrize("path", ENTRANCE)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_entrance_is_accessible(browser: Browser, instance: Instance, path: str, dark: bool) -> None:
    visitor = Visitor(browser, instance, dark=dark)
    visitor.page.goto(path)
    visitor.settled()
    assert not (found := violations(visitor.page)), "\n".join(found)
    visitor.leave()


def test_making_a_brand_is_accessible(walker: Visitor) -> None:
    walker.page.goto("/welcome")
    walker.settled()
    assert not (found := violations(walker.page)), "\n".join(found)
