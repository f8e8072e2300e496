"""Every route has its least role, and asks for it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from psycopg import Connection

from headwater.accounts import roles
from headwater.api import permissions
from headwater.api.api import api as described
from tests.api.api_client import Api
from tests.api.browser import Browser, browser_of


def routes() -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}": operation
        for path, operations in described.get_openapi_schema()["paths"].items()
        for method, operation in operations.items()
    }


def test_every_route_is_in_the_table() -> None:
    missing = sorted(routes().keys() - permissions.LEAST.keys())
    assert not missing, (
        f"Add to LEAST in src/headwater/api/permissions.py the least role that may call {', '.join(missing)}: "
        "'analyst' if it only reads, 'marketer' if it changes, 'admin' for settings, people and keys. "
        f"Until then each needs {permissions.UNNAMED!r}."
    )


def test_the_table_has_no_route_that_is_gone() -> None:
    gone = sorted(permissions.LEAST.keys() - routes().keys())
    assert not gone, f"Take {', '.join(gone)} out of LEAST in src/headwater/api/permissions.py: there is no such route."


def test_only_routes_for_anyone_are_open_to_anyone() -> None:
    """Authentication is the api's own (a key or a session in a brand), except where the table says otherwise."""
    schemes = {"person": [{"Person": []}], "anyone": [{"Anyone": []}]}
    for route, operation in routes().items():
        expected = schemes.get(permissions.LEAST.get(route, permissions.UNNAMED), [{"PrivateKey": []}, {"Session": []}])
        assert operation.get("security") == expected, route


def test_reading_asks_for_an_analyst_and_changing_for_more() -> None:
    for route, least in permissions.LEAST.items():
        if route.split()[0] in ("PUT", "PATCH", "DELETE") and least != "person":
            assert roles.reaches(least, "marketer"), route  # type: ignore[arg-type]


def test_a_route_that_is_not_named_asks_for_an_admin() -> None:
    assert permissions.least("GET", "/a-new-thing") == "admin"


def _address(route: str) -> tuple[str, str]:
    """A method and a path to call: ids of things that are not there, so that nothing comes of it."""
    method, path = route.split()
    return method, re.sub(r"\{\w+\}", "999999999", path)


@pytest.mark.parametrize("role", roles.ROLES)
def test_every_route_refuses_who_has_less_and_nobody_else(api: Api, conn: Connection, role: roles.Role) -> None:
    browser = browser_of(conn, api.workspace, role)
    walked = 0
    for route in routes():
        asked = permissions.LEAST.get(route, permissions.UNNAMED)
        if asked in ("person", "anyone"):
            continue
        method, path = _address(route)
        answer = browser.call(method, path, None if method in ("GET", "DELETE") else {})
        refused = answer.status == 403 and "needs the role" in answer["detail"]
        assert refused is not roles.reaches(role, asked), (route, role, answer)  # type: ignore[arg-type]
        assert answer.status not in (401, 500), (route, answer)
        walked += 1
    assert walked > 100


def test_every_route_asks_who_calls(api: Api) -> None:
    nobody = Browser("any-brand")
    for route in routes():
        if permissions.LEAST.get(route) == "anyone":
            continue
        method, path = _address(route)
        assert nobody.call(method, path, None if method == "GET" else {}).status == 401, route


def test_a_private_key_is_as_good_as_an_admin(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert api.patch("/brand", {"from_name": "Juniper Teas"}).status == 200
    monkeypatch.setitem(permissions.LEAST, "PATCH /brand", "owner")
    refused = api.patch("/brand", {"from_name": "Other"})
    assert refused.status == 403
    assert "owner" in refused["detail"]


def test_the_refusal_says_what_is_needed_and_what_one_is(api: Api, conn: Connection) -> None:
    refused = browser_of(conn, api.workspace, "analyst").post("/lists", {"name": "News"})
    assert refused["detail"] == "This needs the role marketer in the brand, or a higher one; yours here is analyst."
