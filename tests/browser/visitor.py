"""Somebody with a browser: logs in, walks around, and notes whatever a page should not do.

A page should not speak to a foreign host, should not complain in the console, and should fit its window.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import APIResponse, Browser, ConsoleMessage, Locator, Page, Playwright, Request, expect

from tests.running_instance import Instance

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
BRAND = "juniper"
WAIT_MS = 20_000


def chromium(playwright: Playwright) -> Browser:
    """Debian's."""
    expect.set_options(timeout=WAIT_MS)
    return playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(_ARGUMENTS))


class Visitor:
    """One person in one browser window."""

    def __init__(
        self, browser: Browser, instance: Instance, *, dark: bool = False, width: int = 1440, height: int = 900
    ) -> None:
        self.instance = instance
        self.base = f"http://127.0.0.1:{instance.web}"
        self.context = browser.new_context(
            base_url=self.base,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(WAIT_MS)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != urlsplit(self.base).netloc:
            self.complaints.append(f"spoke to {request.url}")

    def leave(self) -> None:
        """Close the window; fails if a page did what it should not."""
        self.context.close()
        assert self.complaints == []

    def excuse(self, *words: str) -> None:
        """Forget complaints that contain these words: a refusal that the test provoked."""
        self.complaints = [one for one in self.complaints if not any(word in one for word in words)]

    # ── walking ─────────────────────────────────────────────────────────────────────────────────────────────────────
    def log_in(self, email: str, password: str) -> None:
        """Through the page, as a person does."""
        self.page.goto("/login")
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_role("textbox", name="Password").fill(password)
        self.page.get_by_role("button", name="Log in", exact=True).click()
        self.page.wait_for_url("**/b/**")
        self.settled()

    def open(self, path: str) -> Page:
        """A path inside the brand, and all that it loads."""
        self.page.goto(f"/b/{BRAND}{path}")
        self.settled()
        return self.page

    def settled(self) -> None:
        self.page.wait_for_load_state("networkidle")
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0)

    def button(self, name: str, exact: bool = True) -> Locator:
        return self.page.get_by_role("button", name=name, exact=exact)

    def sees(self, text: str) -> None:
        expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible()

    def api(self, path: str) -> Any:
        """What the API answers this person about the brand."""
        answer = self.context.request.get(f"/api/v1{path}", headers={"X-Workspace": BRAND})
        assert answer.ok, (path, answer.status, answer.text())
        return answer.json()

    def post(self, path: str, body: Any) -> APIResponse:
        """A change by this person's session."""
        token = next(one["value"] for one in self.context.cookies() if one.get("name") == "csrftoken")
        headers = {"X-Workspace": BRAND, "X-CSRFToken": token, "Origin": self.base}
        return self.context.request.post(f"/api/v1{path}", data=body, headers=headers)

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
