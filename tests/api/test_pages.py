"""The app's page, and API docs that need nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from ninja import Schema

from headwater.api import app_files
from tests.api.api_client import Api


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small build of the app."""
    (tmp_path / "index.html").write_text("<!doctype html><div id=root></div>" + "<!-- -->" * 300)
    monkeypatch.setattr(app_files, "BUILT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "path",
    ["/", "/login", "/signup", "/forgot", "/welcome", "/reset/a-b", "/invitation/abc", "/b/juniper/flows/x?step=y"],
)
def test_every_address_of_the_app_is_its_page(api: Api, built: Path, path: str) -> None:
    answer = Client().get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "id=root" in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "csrftoken" in answer.cookies


def test_the_page_may_load_nothing_from_elsewhere(api: Api, built: Path) -> None:
    rules = dict(rule.split(" ", 1) for rule in Client().get("/").headers["Content-Security-Policy"].split("; "))
    assert rules["default-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert "script-src" not in rules
    assert not [rule for rule in rules.values() if "http" in rule or "*" in rule or "unsafe-eval" in rule]


def test_nothing_else_is_served(api: Api, built: Path) -> None:
    assert Client().get("/nowhere").status_code == 404


def test_an_app_that_is_not_built_says_what_to_do(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_files, "BUILT", tmp_path)
    answer = Client().get("/")
    assert answer.status_code == 503
    assert "./headwater up" in answer.content.decode()


def test_the_docs_load_everything_from_here(api: Api) -> None:
    browser = Client()
    page = browser.get("/api/docs").content.decode()
    files = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(files) >= 3
    for file in files:
        assert file.startswith("/static/"), file
        answer = browser.get(file)
        assert (answer.status_code, len(answer.content) > 100) == (200, True)
    assert browser.get("/static/ninja/swagger-ui.css").headers["Content-Type"] == "text/css"
    assert browser.get("/static/nothing.js").status_code == 404
    assert browser.get("/static/../core/settings.py").status_code in (400, 404)


def test_the_description_is_complete(api: Api) -> None:
    described = Client().get("/api/openapi.json").json()
    assert described["info"]["title"] == "Headwater"
    for path, operations in described["paths"].items():
        for operation in operations.values():
            assert operation.get("summary"), path
            assert operation.get("security"), path
            error = operation["responses"]["default"]["content"]["application/json"]["schema"]
            assert error == {"$ref": "#/components/schemas/Problem"}, path
    problem = described["components"]["schemas"]["Problem"]
    answer = Client().get("/api/v1/lists").json()
    assert set(problem["required"]) == set(answer) == {"type", "title", "detail", "field"}
    assert set(problem["properties"]) - set(answer) == {"step", "problems"}


def _schemas(kind: type = Schema) -> Iterator[type]:
    for one in kind.__subclasses__():
        if one.__module__.startswith("headwater."):
            yield one
        yield from _schemas(one)


def test_no_two_shapes_have_one_name(api: Api) -> None:
    """Of two, the description would show one in both places, and so would the app's types."""
    named: dict[str, set[str]] = {}
    for one in _schemas():
        named.setdefault(one.__name__, set()).add(one.__module__)
    assert {name: modules for name, modules in named.items() if len(modules) > 1} == {}
