"""Whether a page, or a part of it, can be used by everybody: axe-core, against WCAG 2.1 A and AA."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_FILE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
_RUN = """
within => axe.run(within ?? document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})
    .then(found => found.violations)
"""


@cache
def _axe() -> str:
    return _FILE.read_text()


def violations(page: Page, within: str | None = None) -> list[str]:
    """What axe finds, a line each. `within`: a selector of the part that is meant."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    found: list[dict[str, Any]] = page.evaluate(_RUN, within)
    return [
        f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for one in found
        for node in one["nodes"]
    ]
