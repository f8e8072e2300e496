"""Log-in, the home page, and API docs that need nothing from elsewhere."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from psycopg import Connection

from headwater.accounts import keys
from headwater.accounts.models import Membership, User
from tests.api.api_client import Api


@pytest.fixture
def owner(api: Api) -> User:
    user = User.objects.create_user(f"owner{api.workspace}@example.com", "a long password")
    Membership.objects.create(user=user, workspace_id=api.workspace, role="owner")
    return user


def test_home_asks_to_log_in(api: Api) -> None:
    answer = Client().get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login?next=/")


def test_logging_in_by_email_leads_home(api: Api, owner: User, conn: Connection) -> None:
    write = keys.create(conn, api.workspace, "write")
    conn.commit()
    browser = Client()
    assert "Log in" in browser.get("/login").content.decode()
    wrong = browser.post("/login", {"username": owner.email, "password": "wrong"})
    assert "do not match" in wrong.content.decode()
    done = browser.post("/login", {"username": owner.email, "password": "a long password"}, follow=True)
    page = done.content.decode()
    assert done.redirect_chain == [("/", 302)]
    assert write in page
    assert "Juniper" in page
    assert "/api/docs" in page
    assert browser.post("/logout").headers["Location"] == "/login"
    assert browser.get("/").status_code == 302


def test_home_shows_flows_campaigns_and_escapes_names(api: Api, owner: User) -> None:
    api.post("/profiles", {"email": "a@example.com"})
    api.post("/campaigns", {"name": "<b>Sale</b>"})
    browser = Client()
    browser.force_login(owner)
    page = browser.get("/").content.decode()
    assert "&lt;b&gt;Sale&lt;/b&gt;" in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//(?!localhost)', page)


def test_a_person_without_a_brand_is_told_so(api: Api) -> None:
    browser = Client()
    browser.force_login(User.objects.create_user(f"guest{api.workspace}@example.com", "a long password"))
    assert "No brand yet" in browser.get("/").content.decode()


def test_another_persons_brand_is_not_shown(api: Api, owner: User, conn: Connection) -> None:
    row = conn.execute("SELECT slug FROM workspace WHERE id = %s", (api.workspace,)).fetchone()
    assert row is not None
    browser = Client()
    browser.force_login(User.objects.create_user(f"else{api.workspace}@example.com", "a long password"))
    assert "Juniper" not in browser.get(f"/?brand={row[0]}").content.decode()


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
