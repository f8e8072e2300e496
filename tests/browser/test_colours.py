"""The packed styles show the colours that are written: packing once lost those that follow the scheme."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.browser.conftest import OWNER
from tests.browser.screens import known
from tests.browser.visitor import Visitor
from tests.running_instance import Instance

_LINE = "getComputedStyle(document.querySelector('.react-flow__edge-path')).stroke"


def _line_of_a_flow(browser: Browser, instance: Instance, password: str, *, dark: bool) -> str:
    visitor = Visitor(browser, instance, dark=dark)
    visitor.log_in(OWNER, password)
    visitor.open("/flows/{flow}".format(**known(visitor)))
    colour = str(visitor.page.evaluate(_LINE))
    visitor.leave()
    return colour


def test_the_lines_of_a_flow_are_seen_in_both_schemes(browser: Browser, instance: Instance, password: str) -> None:
    light = _line_of_a_flow(browser, instance, password, dark=False)
    dark = _line_of_a_flow(browser, instance, password, dark=True)
    assert (light, dark) == ("rgb(170, 180, 190)", "rgb(70, 83, 97)")
