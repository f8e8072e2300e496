"""How soon a list of the app can be used: Chromium on a part of the demo brand.

    python bench/app.py [--times 8] [--orders 20000]

A case is a list; each is opened so many times by its address in a fresh window with an empty cache, so that the shell
is loaded too. The time runs from asking for the address until the first row is there and nothing is loading. `rate`
is lists opened a second, one after the other.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ["HEADWATER_CLOCK"] = "movable"  # that of the instance is moved from here

from playwright.sync_api import Browser, sync_playwright

import report
from tests.browser.demo_shop import demo_shop, password_of
from tests.browser.visitor import BRAND, Visitor, chromium
from tests.running_instance import Instance

LISTS = ("/flows", "/campaigns", "/profiles", "/segments", "/lists", "/templates", "/products", "/insights/flows")
OWNER = "owner@headwater.local"
_READY = "() => document.querySelector('main tbody tr') && !document.querySelector('[aria-busy=true]')"


def cold(browser: Browser, instance: Instance, state: object, path: str) -> float:
    """Milliseconds."""
    context = browser.new_context(base_url=f"http://127.0.0.1:{instance.web}", storage_state=state)  # type: ignore[arg-type]
    page = context.new_page()
    began = time.perf_counter()
    page.goto(f"/b/{BRAND}{path}", wait_until="commit")
    page.wait_for_function(_READY)
    taken = (time.perf_counter() - began) * 1000
    context.close()
    return taken


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--times", type=int, default=8)
    asked.add_argument("--orders", type=int, default=20_000)
    chosen = asked.parse_args()
    with demo_shop(chosen.orders) as instance, sync_playwright() as playwright:
        browser = chromium(playwright)
        visitor = Visitor(browser, instance)
        visitor.log_in(OWNER, password_of(instance))
        state = visitor.context.storage_state()
        for path in LISTS:
            taken = [cold(browser, instance, state, path) for _ in range(chosen.times)]
            report.line(bench="app", case=path, rate=1000 * len(taken) / sum(taken), times_ms=taken)
        browser.close()


if __name__ == "__main__":
    main()
