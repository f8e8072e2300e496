"""Setting up an authenticator app: a secret to scan, which counts once a code of it has come."""

from __future__ import annotations

import pytest

from headwater.accounts import two_factor
from headwater.accounts.models import User
from tests.accounts.test_two_factor import ACCOUNT, code, prove
from tests.api.api_client import Api
from tests.api.browser import Browser, person

pytestmark = pytest.mark.usefixtures("no_attempts", "outbox")


@pytest.fixture
def user(api: Api) -> User:
    return person(api.workspace)


@pytest.fixture
def browser(user: User) -> Browser:
    browser = Browser()
    browser.log_in(user.email)
    prove(browser)
    return browser


def test_a_code_of_the_secret_sets_the_app_up(user: User, browser: Browser) -> None:
    made = browser.post("/me/authenticator-app")
    assert made.status == 200
    assert made["svg"].lstrip().startswith("<?xml")
    assert "<path" in made["svg"]
    assert not two_factor.of(user.pk).totp

    assert browser.post(f"{ACCOUNT}/totp", {"code": "nonsense"}).status == 400
    assert browser.post(f"{ACCOUNT}/totp", {"code": code(made["secret"])}).status == 200
    assert two_factor.of(user.pk).totp


def test_each_call_makes_a_new_secret_and_the_last_one_counts(browser: Browser) -> None:
    first, second = browser.post("/me/authenticator-app"), browser.post("/me/authenticator-app")
    assert first["secret"] != second["secret"]
    assert browser.post(f"{ACCOUNT}/totp", {"code": code(second["secret"])}).status == 200


def test_who_has_one_is_told_so(browser: Browser) -> None:
    made = browser.post("/me/authenticator-app")
    browser.post(f"{ACCOUNT}/totp", {"code": code(made["secret"])})

    again = browser.post("/me/authenticator-app")
    assert (again.status, "already" in again["detail"]) == (409, True)


def test_it_is_for_people_not_for_keys(api: Api) -> None:
    assert api.post("/me/authenticator-app").status == 401
    assert Browser().post("/me/authenticator-app").status == 401
