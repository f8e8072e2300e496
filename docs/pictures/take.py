"""Takes the pictures of this folder: each main screen, from the demo brand after its show. Some minutes.

.venv/bin/python docs/pictures/take.py [NAME ...]
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from playwright.sync_api import sync_playwright

from tests.browser.demo_shop import password_of
from tests.browser.screens import known
from tests.browser.visitor import Visitor, chromium
from tests.running_instance import Instance

HERE = Path(__file__).parent
OWNER = "owner@headwater.local"
PICTURES = {
    "home": "/home",
    "flows": "/flows",
    "recipes": "/flows/recipes",
    "flow": "/flows/browse-abandonment",
    "backtest": "/flows/browse-abandonment/backtest",
    "campaigns": "/campaigns",
    "calendar": "/campaigns/calendar",
    "campaign": "/campaigns/{campaign}",
    "profiles": "/profiles",
    "profile": "/profiles/{profile}?tab=emails",
    "segment": "/segments/{segment}/edit",
    "import": "/imports/new",
    "template": "/templates/{template}",
    "insights": "/insights/flows",
    "people": "/settings/people",
}
ACTS = {"backtest": "Run backtest"}
"""A button that is pressed first."""
DARK = ("home", "flow")
"""Those that are shown in dark colours, too."""
_SHOW_MINUTES = 20


def main() -> None:
    names = sys.argv[1:] or list(PICTURES)
    instance = Instance(HEADWATER_CLOCK="movable")
    try:
        subprocess.run(
            [sys.executable, "-m", "headwater", "demo", "--speed", "3000"],
            env=instance.environment, check=True, timeout=_SHOW_MINUTES * 60,
        )  # fmt: skip
        instance.run("clock", "speed", "0")
        password = password_of(instance)
        with sync_playwright() as playwright:
            browser = chromium(playwright)
            for dark in (False, True):
                visitor = Visitor(browser, instance, dark=dark)
                visitor.log_in(OWNER, password)
                for name in names if not dark else [name for name in names if name in DARK]:
                    visitor.open(PICTURES[name].format(**known(visitor)))
                    if name in ACTS:
                        visitor.button(ACTS[name]).click()
                        visitor.page.wait_for_timeout(500)
                        visitor.page.get_by_text("entered").first.wait_for(timeout=120_000)
                        visitor.settled()
                    visitor.page.screenshot(path=HERE / f"{name}{'-dark' if dark else ''}.png")
                    print(name)
                visitor.context.close()
            browser.close()
    finally:
        instance.close()


if __name__ == "__main__":
    main()
