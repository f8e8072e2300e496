"""The app in Chromium, on a running instance with a part of the demo brand's year and a clock that only tests move."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.demo_shop import demo_shop, password_of
from tests.browser.visitor import Visitor, chromium
from tests.running_instance import Instance

ROOT = Path(__file__).parents[2]
OWNER = "owner@headwater.local"


@pytest.fixture(scope="session")
def built_app() -> None:
    """The app as its sources say."""
    subprocess.run([sys.executable, str(ROOT / "web" / "build.py")], check=True)


@pytest.fixture(scope="session")
def instance(built_app: None) -> Iterator[Instance]:
    with demo_shop(orders=4000) as running:
        yield running


@pytest.fixture(scope="session")
def password(instance: Instance) -> str:
    return password_of(instance)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed with the module: while it is open, this thread runs Playwright's event loop, and no other can be begun."""
    with sync_playwright() as playwright:
        running = chromium(playwright)
        yield running
        running.close()


@pytest.fixture
def stranger(browser: Browser, instance: Instance) -> Iterator[Visitor]:
    """Somebody who is not logged in."""
    visitor = Visitor(browser, instance)
    yield visitor
    visitor.leave()


@pytest.fixture
def owner(browser: Browser, instance: Instance, password: str) -> Iterator[Visitor]:
    """The owner of Juniper & Co, logged in."""
    visitor = Visitor(browser, instance)
    visitor.log_in(OWNER, password)
    yield visitor
    visitor.leave()


@pytest.fixture(scope="module", params=["light", "dark"])
def walker(request: pytest.FixtureRequest, browser: Browser, instance: Instance, password: str) -> Iterator[Visitor]:
    """The owner, who walks from screen to screen in one window, once in each scheme."""
    visitor = Visitor(browser, instance, dark=request.param == "dark")
    visitor.log_in(OWNER, password)
    yield visitor
    visitor.leave()
