"""The API in the hands of who is logged in: their brands only, never without the CSRF token; and who they are."""

from __future__ import annotations

import pytest
from django.test import Client
from psycopg import Connection

from headwater import __version__
from headwater.accounts.models import Membership
from tests.api.api_client import Api
from tests.api.browser import Browser, browser_of, person, slug_of


def test_a_session_does_in_its_brand_what_a_key_does(api: Api, conn: Connection) -> None:
    browser = browser_of(conn, api.workspace)
    made = browser.post("/lists", {"name": "News"})
    assert made.status == 201
    assert api.get(f"/lists/{made['id']}")["name"] == "News"


def test_the_brand_may_stand_in_the_query_for_plain_links(api: Api, conn: Connection) -> None:
    browser = browser_of(conn, api.workspace)
    assert browser.call("GET", f"/brand?workspace={browser.workspace}", X_Workspace="")["id"] == api.workspace


def test_without_a_brand_it_is_asked_for(api: Api, conn: Connection) -> None:
    answer = browser_of(conn, api.workspace).call("GET", "/brand", X_Workspace="")
    assert (answer.status, answer["field"]) == (400, "X-Workspace")


def test_a_brand_of_others_is_as_unknown_as_none(api: Api, conn: Connection) -> None:
    guest = Browser(user=person(called=f"guest{api.workspace}@example.com"))
    foreign = guest.call("GET", "/brand", X_Workspace=slug_of(conn, api.workspace))
    unknown = guest.call("GET", "/brand", X_Workspace="no-such-brand")
    assert (foreign.status, unknown.status) == (404, 404)
    assert "that you work in" in foreign["detail"]


def test_running_the_instance_opens_no_brand_by_itself(api: Api, conn: Connection) -> None:
    runs = Browser(slug_of(conn, api.workspace), person(called=f"root{api.workspace}@example.com", is_superuser=True))
    assert runs.get("/brand").status == 404


@pytest.mark.parametrize("token", ["", "wrong" * 8])
def test_a_change_without_the_csrf_token_is_refused(api: Api, conn: Connection, token: str) -> None:
    browser = browser_of(conn, api.workspace)
    refused = browser.call("POST", "/lists", {"name": "News"}, X_CSRFToken=token)
    assert refused.status == 403
    assert "X-CSRFToken" in refused["detail"]
    assert api.get("/lists").body == [] or api.get("/lists").body["data"] == []


def test_reading_needs_no_token(api: Api, conn: Connection) -> None:
    assert browser_of(conn, api.workspace).call("GET", "/lists", X_CSRFToken="").status == 200


def test_a_key_needs_no_token_and_a_wrong_key_is_not_made_good_by_a_session(api: Api, conn: Connection) -> None:
    browser = browser_of(conn, api.workspace)
    assert (
        browser.call("POST", "/lists", {"name": "A"}, X_CSRFToken="", Authorization=f"Bearer {api.key}").status == 201
    )
    assert browser.call("GET", "/lists", Authorization="Bearer hw_sk_wrong").status == 401


def test_me_tells_who_is_logged_in_and_where(api: Api, conn: Connection) -> None:
    browser = browser_of(conn, api.workspace, "marketer")
    me = browser.get("/me")
    assert me["user"]["email"] == f"marketer-{api.workspace}@example.com"
    assert me["user"]["has_password"] is True
    assert me["user"]["two_factor"] == {"totp": False, "passkeys": 0, "recovery_codes": False}
    assert me["user"]["may_make_brands"] is False
    expected = {"id": api.workspace, "slug": browser.workspace, "name": "Juniper", "role": "marketer"}
    assert me["workspaces"] == [expected | {"timezone": "America/New_York", "currency": "USD"}]
    assert me["instance"] == {"mailbox_url": "http://localhost:8126/", "signup_open": False, "version": __version__}


def test_me_of_nobody_is_an_error_in_our_shape_that_brings_the_csrf_cookie(api: Api) -> None:
    client = Client()
    answer = client.get("/api/v1/me")
    assert (answer.status_code, answer.json()["type"]) == (401, "not_authenticated")
    assert client.cookies["csrftoken"].value


def test_a_key_is_no_person(api: Api) -> None:
    assert api.get("/me").status == 401


def test_one_changes_ones_own_name(api: Api, conn: Connection) -> None:
    browser = browser_of(conn, api.workspace, "analyst")
    assert browser.patch("/me", {"name": " Ada "})["user"]["name"] == "Ada"
    assert browser.get("/me")["user"]["name"] == "Ada"


def test_an_admin_makes_a_brand_and_owns_it(api: Api, conn: Connection) -> None:
    browser = browser_of(conn, api.workspace, "admin")
    asked = {"name": f"Tea & Co {api.workspace}", "timezone": "Europe/Berlin", "currency": "EUR"}
    made = browser.post("/workspaces", asked | {"from_email": "tea@tea.example", "website_url": "https://tea.example"})
    assert (made.status, made["slug"], made["role"]) == (201, f"tea-co-{api.workspace}", "owner")
    assert {one["slug"] for one in browser.get("/workspaces").body} == {browser.workspace, made["slug"]}
    brand = browser.call("GET", "/brand", X_Workspace=made["slug"])
    assert (brand["timezone"], brand["currency"], brand["from_email"]) == ("Europe/Berlin", "EUR", "tea@tea.example")
    assert api.call("GET", "/brand", key=made["private_key"])["id"] == made["id"]


def test_a_second_brand_of_the_same_name_gets_a_slug_of_its_own(api: Api, conn: Connection) -> None:
    browser = browser_of(conn, api.workspace)
    slugs = [browser.post("/workspaces", {"name": f"Twin {api.workspace}"})["slug"] for _ in range(3)]
    assert slugs == [f"twin-{api.workspace}", f"twin-{api.workspace}-2", f"twin-{api.workspace}-3"]


def test_a_brand_has_a_zone_that_exists(api: Api, conn: Connection) -> None:
    refused = browser_of(conn, api.workspace).post("/workspaces", {"name": "A", "timezone": "Mars/Olympus"})
    assert (refused.status, refused["field"]) == (400, "timezone")


def test_a_marketer_makes_no_brand(api: Api, conn: Connection) -> None:
    browser = browser_of(conn, api.workspace, "marketer")
    assert browser.post("/workspaces", {"name": "Mine"}).status == 403
    assert Membership.objects.filter(user__email=f"marketer-{api.workspace}@example.com").count() == 1
