"""The first person of an instance makes an account and then a brand; after them, sign-up is closed."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory
from psycopg import Connection

from headwater.accounts import sign_up
from headwater.accounts.models import User
from tests.api.api_client import Api
from tests.api.browser import PASSWORD, Browser, person

pytestmark = pytest.mark.usefixtures("no_attempts")
SIGN_UP = "/_allauth/browser/v1/auth/signup"
CONFIG = "/_allauth/browser/v1/config"


@pytest.fixture
def _nobody(conn: Connection) -> None:
    """As on a new instance. Tests run one after another, and each makes its own people."""
    User.objects.all().delete()


@pytest.mark.usefixtures("_nobody")
def test_the_first_person_runs_the_instance_and_makes_its_first_brand(api: Api) -> None:
    browser = Browser()
    assert browser.get(CONFIG)["data"]["account"]["is_open_for_signup"] is True
    email = f"first{api.workspace}@people.example"
    assert browser.post(SIGN_UP, {"email": email, "password": PASSWORD}).status == 200
    me = browser.get("/me")
    assert (me["workspaces"], me["user"]["may_make_brands"], me["instance"]["signup_open"]) == ([], True, False)
    made = browser.post("/workspaces", {"name": "My teas", "timezone": "Europe/Berlin"})
    assert (made.status, made["role"]) == (201, "owner")
    assert browser.call("GET", "/brand", X_Workspace=made["slug"])["timezone"] == "Europe/Berlin"
    assert User.objects.get(email=email).is_superuser


@pytest.mark.usefixtures("_nobody")
@pytest.mark.parametrize("given", [{"email": "me@people.example"}, {"email": "me@people.example", "password": "short"}])
def test_a_sign_up_that_is_refused_leaves_nothing(api: Api, given: dict[str, str]) -> None:
    assert Browser().post(SIGN_UP, given).status == 400
    assert sign_up.is_open()


def test_afterwards_nobody_signs_up_by_themselves(api: Api) -> None:
    person(called=f"someone{api.workspace}@people.example")
    browser = Browser()
    assert browser.get(CONFIG)["data"]["account"]["is_open_for_signup"] is False
    assert browser.post(SIGN_UP, {"email": "me@people.example", "password": PASSWORD}).status == 403
    assert not User.objects.filter(email="me@people.example").exists()


def test_of_two_first_people_the_later_is_refused(api: Api) -> None:
    """Both saw an open sign-up; the second one's account is refused as it is saved."""
    person(called=f"quick{api.workspace}@people.example")
    with pytest.raises(PermissionDenied, match="a moment ago"):
        sign_up.AccountAdapter().save_user(RequestFactory().post("/"), User(), form=None)
