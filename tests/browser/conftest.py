"""The app in Chromium, on a running instance with a part of the demo brand's year and a clock that only tests move."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from headwater.accounts import provision
from headwater.demo import showcase
from headwater.demo.showcase import BEGINS
from tests.browser.visitor import BRAND, Visitor, chromium
from tests.running_instance import Instance, eventually

ROOT = Path(__file__).parents[2]
OWNER = "owner@headwater.local"


@pytest.fixture(scope="session")
def built_app() -> None:
    """The app as its sources say."""
    subprocess.run([sys.executable, str(ROOT / "web" / "build.py")], check=True)


@pytest.fixture(scope="session")
def instance(built_app: None) -> Iterator[Instance]:
    """Juniper & Co with its first 4,000 orders, flows live, and a sale whose first day is over."""
    running = Instance(HEADWATER_CLOCK="movable")
    try:
        loaded = running.run("demo", "--orders", "4000", "--no-showcase")
        assert loaded.returncode == 0, loaded.stdout + loaded.stderr
        running.set_clock(BEGINS)
        with running.connect() as conn, conn.transaction():
            workspace = provision.workspace_id(conn, BRAND)
            assert workspace is not None
            showcase.plan_campaigns(conn, workspace, BEGINS)
        running.advance(timedelta(days=2))  # the sale's first day; the others are to come
        running.settled()
        yield running
    finally:
        running.close()


@pytest.fixture(scope="session")
def password(instance: Instance) -> str:
    """The owner's, as the terminal shows it once."""
    return eventually(lambda: re.findall(r"Password\s+(\S+)", instance.printed()), what="a password on the terminal")[0]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
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
