"""Logging in and out by email, a new password by email, and attempts that are too many."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from psycopg import Connection

from headwater.accounts import provision
from headwater.accounts.models import User
from tests.api.api_client import Api
from tests.api.browser import PASSWORD, Browser, browser_of, person, refuse_mail

pytestmark = pytest.mark.usefixtures("no_attempts")
AUTH = "/_allauth/browser/v1/auth"


@pytest.fixture
def user(api: Api) -> User:
    return person(api.workspace)


def test_logging_in_opens_the_api_and_logging_out_closes_it(user: User) -> None:
    browser = Browser()
    assert browser.get("/me").status == 401
    assert browser.log_in(user.email).status == 200
    assert browser.get("/me")["user"]["email"] == user.email
    assert browser.delete(f"{AUTH}/session").status == 401
    assert browser.get("/me").status == 401


def test_the_case_of_the_address_does_not_matter(user: User) -> None:
    assert Browser().log_in(user.email.upper()).status == 200


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(user: User) -> None:
    wrong, unknown = Browser().log_in(user.email, "wrong"), Browser().log_in("nobody@people.example", "wrong")
    assert (wrong.status, unknown.status) == (400, 400)
    assert wrong["errors"] == unknown["errors"]


def test_logging_in_asks_for_the_csrf_token(user: User) -> None:
    given = {"email": user.email, "password": PASSWORD}
    assert Browser().call("POST", f"{AUTH}/login", given, X_CSRFToken="").status == 403


def test_who_was_made_on_the_command_line_logs_in(api: Api, conn: Connection) -> None:
    email = f"cli{api.workspace}@people.example"
    password = provision.create_user(conn, email)
    conn.commit()
    browser = Browser()
    assert browser.log_in(email, password).status == 200
    assert api.workspace in [one["id"] for one in browser.get("/me")["workspaces"]]


def test_five_wrong_passwords_close_the_door_for_a_while_even_to_the_right_one(user: User) -> None:
    for _ in range(5):
        assert Browser().log_in(user.email, "wrong").status == 400
    shut = Browser().log_in(user.email)
    assert shut.status in (400, 429)
    assert Browser().log_in(user.email).status == shut.status


def test_a_made_up_forwarded_address_is_not_believed(user: User) -> None:
    """Ten wrong ones from one network address close it, whatever its headers say and whoever they were for."""
    given = {"password": "wrong"}
    for number in range(10):
        asked = given | {"email": f"nobody{number}@people.example"}
        Browser().call("POST", f"{AUTH}/login", asked, X_Forwarded_For=f"192.0.2.{number}")
    right = {"email": user.email, "password": PASSWORD}
    shut = Browser().call("POST", f"{AUTH}/login", right, X_Forwarded_For="192.0.2.99")
    assert shut.status in (400, 429)


def test_attempts_are_counted_in_the_database_for_all_web_processes(user: User, conn: Connection) -> None:
    Browser().log_in(user.email, "wrong")
    counted = conn.execute("SELECT count(*) FROM attempt_cache").fetchone()
    assert counted is not None
    assert counted[0] > 0


def test_a_new_password_by_email(user: User, outbox: list[mail.EmailMessage]) -> None:
    asked = Browser().post(f"{AUTH}/password/request", {"email": user.email})
    assert asked.status == 200
    assert (outbox[0].to, outbox[0].subject) == ([user.email], "Set a new password")
    link = re.search(r"http://localhost:8100/reset/(\S+)", str(outbox[0].body))
    assert link is not None
    browser = Browser()
    assert browser.post(f"{AUTH}/password/reset", {"key": link[1], "password": "short"}).status == 400
    fresh = "another long password"
    assert (
        browser.post(f"{AUTH}/password/reset", {"key": link[1], "password": fresh}).status == 401
    )  # set; not logged in
    assert Browser().log_in(user.email).status == 400
    assert Browser().log_in(user.email, fresh).status == 200
    assert Browser().post(f"{AUTH}/password/reset", {"key": link[1], "password": "a third password"}).status == 400


def test_a_new_password_ends_the_sessions_of_the_old_one(api: Api, conn: Connection, user: User) -> None:
    elsewhere = Browser(user=user)
    assert elsewhere.get("/me").status == 200
    user.set_password("another long password")
    user.save()
    assert elsewhere.get("/me").status == 401


def test_nobody_learns_who_has_an_account_and_strangers_get_no_mail(outbox: list[mail.EmailMessage]) -> None:
    assert Browser().post(f"{AUTH}/password/request", {"email": "nobody@people.example"}).status == 200
    assert outbox == []


@pytest.mark.usefixtures("outbox")
def test_mail_that_cannot_be_sent_is_an_error_that_says_so(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EmailBackend, "send_messages", refuse_mail)
    answer = Browser().post(f"{AUTH}/password/request", {"email": user.email})
    assert answer.status == 503
    assert "could not be sent" in answer["detail"]


def test_an_account_that_was_made_inactive_does_not_log_in(user: User) -> None:
    browser = Browser(user=user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert browser.get("/me").status == 401
    assert Browser().log_in(user.email).status != 200


def test_sessions_are_listed_and_ended(user: User) -> None:
    here, there = Browser(), Browser()
    here.log_in(user.email)
    there.log_in(user.email)
    listed = here.get(f"{AUTH}/sessions")["data"]
    assert len(listed) == 2
    other = next(one["id"] for one in listed if not one["is_current"])
    assert here.call("DELETE", f"{AUTH}/sessions", {"sessions": [other]}).status == 200
    assert (here.get("/me").status, there.get("/me").status) == (200, 401)


@pytest.mark.usefixtures("outbox")
def test_one_changes_ones_password(api: Api, conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EmailBackend, "send_messages", refuse_mail)
    browser = browser_of(conn, api.workspace)
    change = {"current_password": PASSWORD, "new_password": "another long password"}
    path = "/_allauth/browser/v1/account/password/change"
    assert browser.post(path, change | {"current_password": "wrong"}).status == 400
    assert browser.post(path, change).status == 200
    assert browser.get("/me").status == 200  # this session goes on, though the notice could not be sent
