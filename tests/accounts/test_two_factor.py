"""A second factor with real codes: setting it up, logging in with it, recovery codes, and taking it away."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import hotp_value
from psycopg import Connection
from typer.testing import CliRunner

from headwater.accounts.models import User
from headwater.cli import users as users_command
from tests.api.api_client import Answer, Api
from tests.api.browser import PASSWORD, Browser, person

pytestmark = pytest.mark.usefixtures("no_attempts", "outbox")
AUTH = "/_allauth/browser/v1/auth"
ACCOUNT = "/_allauth/browser/v1/account/authenticators"


def code(secret: str, periods: int = 0) -> str:
    """What an authenticator app shows now, or some half minutes from now: the one that set it up is used."""
    return f"{hotp_value(secret, int(time.time()) // 30 + periods):06d}"


def prove(browser: Browser) -> Answer:
    """Give the password again: changes to how one logs in ask for it."""
    return browser.post(f"{AUTH}/reauthenticate", {"password": PASSWORD})


@pytest.fixture
def user(api: Api) -> User:
    return person(api.workspace)


@pytest.fixture
def secret(user: User) -> str:
    """Of a second factor that has been set up."""
    browser = Browser()
    assert browser.log_in(user.email).status == 200
    assert prove(browser).status == 200
    offered = browser.get(f"{ACCOUNT}/totp")
    assert offered.status == 404  # none yet: the answer brings a secret to set one up with
    secret = str(offered["meta"]["secret"])
    assert "issuer=Headwater" in offered["meta"]["totp_url"]
    assert browser.post(f"{ACCOUNT}/totp", {"code": "000000"}).status == 400
    assert browser.post(f"{ACCOUNT}/totp", {"code": code(secret)}).status == 200
    assert browser.get("/me")["user"]["two_factor"]["totp"] is True
    return secret


def test_the_password_alone_opens_nothing(user: User, secret: str) -> None:
    browser = Browser()
    half = browser.log_in(user.email)
    assert half.status == 401
    assert "mfa_authenticate" in [flow["id"] for flow in half["data"]["flows"] if flow.get("is_pending")]
    assert browser.get("/me").status == 401
    assert browser.post(f"{AUTH}/2fa/authenticate", {"code": "000000"}).status == 400
    assert browser.get("/me").status == 401


def test_password_and_code_log_in_and_a_code_works_once(user: User, secret: str) -> None:
    browser, again = Browser(), Browser()
    current = code(secret, 1)
    for one in (browser, again):
        assert one.log_in(user.email).status == 401
    assert browser.post(f"{AUTH}/2fa/authenticate", {"code": current}).status == 200
    assert browser.get("/me").status == 200
    assert again.post(f"{AUTH}/2fa/authenticate", {"code": current}).status == 400


def test_a_recovery_code_logs_in_once(user: User, secret: str) -> None:
    browser = Browser()
    browser.log_in(user.email)
    browser.post(f"{AUTH}/2fa/authenticate", {"code": code(secret, 1)})
    assert browser.get(f"{ACCOUNT}/recovery-codes").status == 401
    prove(browser)
    codes = browser.get(f"{ACCOUNT}/recovery-codes")["data"]["unused_codes"]
    assert len(codes) == 10
    for expected in (200, 400):
        other = Browser()
        other.log_in(user.email)
        assert other.post(f"{AUTH}/2fa/authenticate", {"code": codes[0]}).status == expected


def test_the_secret_is_encrypted_where_it_is_kept(user: User, secret: str) -> None:
    kept = Authenticator.objects.filter(user=user)
    assert {one.type for one in kept} == {"totp", "recovery_codes"}
    assert secret not in repr([one.data for one in kept])


def test_no_other_page_lets_anybody_around_it(user: User, secret: str) -> None:
    browser = Browser()
    for page in ("/login", "/accounts/login/", "/_allauth/app/v1/auth/login"):
        given = {"username": user.email, "email": user.email, "password": PASSWORD}
        assert browser.client.post(page, given).status_code in (403, 404, 405), page
    assert browser.get("/me").status == 401


def test_setting_it_up_and_taking_it_away_ask_for_the_password_again(user: User) -> None:
    browser = Browser()
    browser.log_in(user.email)
    secret = str(browser.get(f"{ACCOUNT}/totp")["meta"]["secret"])
    asked = browser.post(f"{ACCOUNT}/totp", {"code": code(secret)})
    assert (asked.status, asked["data"]["flows"]) == (401, [{"id": "reauthenticate"}])
    assert browser.post(f"{AUTH}/reauthenticate", {"password": "wrong"}).status == 400
    assert not Authenticator.objects.filter(user=user).exists()


def test_once_it_is_taken_away_the_password_is_enough(user: User, secret: str) -> None:
    browser = Browser()
    browser.log_in(user.email)
    browser.post(f"{AUTH}/2fa/authenticate", {"code": code(secret, 1)})
    assert browser.delete(f"{ACCOUNT}/totp").status == 401
    assert prove(browser).status == 200
    assert browser.delete(f"{ACCOUNT}/totp").status == 200
    assert Browser().log_in(user.email).status == 200


def test_whoever_runs_the_instance_helps_out_who_lost_theirs(user: User, secret: str, conn: Connection) -> None:
    done = CliRunner().invoke(users_command.app, ["reset-two-factor", user.email])
    assert (done.exit_code, done.stdout.strip()) == (0, "2 taken away.")
    assert Browser().log_in(user.email).status == 200
    assert CliRunner().invoke(users_command.app, ["reset-two-factor", "nobody@people.example"]).exit_code == 2


def test_the_members_of_a_brand_see_who_has_one(api: Api, user: User, secret: str) -> None:
    assert [one["two_factor"] for one in api.get("/members").body] == [True]
