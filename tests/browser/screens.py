"""Every screen of the app, by its path inside the brand; `{…}` are filled with what the demo brand has."""

from __future__ import annotations

from tests.browser.visitor import Visitor

SCREENS = (
    "/home",
    "/flows",
    "/flows/recipes",
    "/flows/{flow}",
    "/flows/{flow}/people",
    "/flows/{flow}/versions",
    "/flows/{flow}/review",
    "/flows/{flow}/backtest",
    "/flows/{flow}/test",
    "/campaigns",
    "/campaigns/calendar",
    "/campaigns/new",
    "/campaigns/{campaign}",
    "/series/new",
    "/profiles",
    "/profiles/{profile}",
    "/segments",
    "/segments/new",
    "/segments/{segment}",
    "/segments/{segment}/edit",
    "/lists",
    "/lists/{list}",
    "/imports",
    "/imports/new",
    "/suppressions",
    "/templates",
    "/templates/{template}",
    "/coupons",
    "/products",
    "/insights/flows",
    "/insights/campaigns",
    "/insights/deliverability",
    "/settings/brand",
    "/settings/senders",
    "/settings/people",
    "/settings/keys",
    "/settings/limits",
    "/settings/webhooks",
    "/settings/data",
    "/settings/account",
)
ENTRANCE = ("/login", "/forgot")


def known(visitor: Visitor) -> dict[str, str]:
    """One of each thing that screens are about."""

    def first(path: str, key: str) -> str:
        found = visitor.api(path)
        rows = found if isinstance(found, list) else found["data"]
        return str(rows[0][key])

    return {
        "flow": first("/flows", "slug"),
        "campaign": first("/campaigns", "id"),
        "profile": first("/profiles", "id"),
        "segment": first("/segments", "id"),
        "list": first("/lists", "id"),
        "template": first("/templates", "id"),
    }
