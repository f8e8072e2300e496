"""Setting up an authenticator app: a secret to scan, which counts once a code of it has come."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.totp.internal import auth
from psycopg import Connection

from headwater.accounts import two_factor
from headwater.accounts.models import Membership, User
from tests.api.api_client import Api
from tests.api.browser import PASSWORD, Browser


@pytest.fixture
def person(api: Api, conn: Connection) -> User:
    user = User.objects.create_user(f"ada{api.workspace}@example.com", PASSWORD)
    Membership.objects.create(user=user, workspace_id=api.workspace, role="analyst")
    return user


def code(secret: str) -> str:
    return auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // 30))


def test_a_code_of_the_secret_sets_the_app_up(person: User) -> None:
    browser = Browser()
    browser.log_in(person.email)

    made = browser.post("/me/authenticator-app")
    assert made.status == 200
    assert made["svg"].lstrip().startswith("<?xml")
    assert "<path" in made["svg"]
    assert not two_factor.of(person.pk).totp

    path = "/_allauth/browser/v1/account/authenticators/totp"
    assert browser.post(path, {"code": "000000" if code(made["secret"]) != "000000" else "111111"}).status == 400
    assert browser.post(path, {"code": code(made["secret"])}).status == 200
    assert two_factor.of(person.pk).totp


def test_who_has_one_is_told_so(person: User) -> None:
    browser = Browser()
    browser.log_in(person.email)
    made = browser.post("/me/authenticator-app")
    browser.post("/_allauth/browser/v1/account/authenticators/totp", {"code": code(made["secret"])})

    again = browser.post("/me/authenticator-app")
    assert (again.status, "already" in again["detail"]) == (409, True)


def test_it_is_for_people_not_for_keys(api: Api) -> None:
    assert api.post("/me/authenticator-app").status == 401
    assert Browser().post("/me/authenticator-app").status == 401
