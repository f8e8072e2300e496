"""Inviting someone by email: the link works once, for seven days, and lets them in with the role that was said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import override_settings
from psycopg import Connection

from headwater.accounts.models import Invitation, Membership, User
from tests.api.api_client import Answer, Api
from tests.api.browser import PASSWORD, Browser, browser_of, person, refuse_mail


@pytest.fixture(autouse=True)
def _outbox() -> Iterator[None]:
    mail.outbox = []
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        yield


@pytest.fixture
def owner(api: Api, conn: Connection) -> Browser:
    return browser_of(conn, api.workspace)


def _ask(by: Browser | Api, role: str = "marketer", email: str = "") -> tuple[Answer, str]:
    """The answer, and the path of the link below /api/v1."""
    made = by.post("/invitations", {"email": email or "New.Person@people.example", "role": role})
    return made, f"/invitations/by-link/{made['url'].rsplit('/', 1)[1]}" if made.status == 201 else ""


def _fresh(api: Api) -> str:
    return f"new{api.workspace}@people.example"


def test_the_link_goes_out_by_email_and_comes_back_to_who_asked(api: Api, owner: Browser) -> None:
    made, _ = _ask(owner, email=_fresh(api).upper())
    assert (made.status, made["email"], made["email_sent"]) == (201, _fresh(api), True)
    sent = mail.outbox[0]
    assert (sent.to, sent.subject) == ([_fresh(api)], "You are invited to Juniper")
    assert made["url"] in sent.body
    assert "as marketer" in sent.body
    assert f"owner-{api.workspace}@example.com invites you" in sent.body


def test_only_a_digest_of_the_link_is_kept(api: Api, owner: Browser) -> None:
    made, _ = _ask(owner, email=_fresh(api))
    assert made["url"].rsplit("/", 1)[1] not in repr(Invitation.objects.filter(pk=made["id"]).values())
    assert "url" not in owner.get("/invitations").body[0]


def test_who_has_no_account_makes_one_through_the_link_and_is_in(api: Api, owner: Browser) -> None:
    _, link = _ask(owner, "analyst", _fresh(api))
    guest = Browser()
    seen = guest.get(link)
    assert (seen["brand"], seen["email"], seen["role"]) == ("Juniper", _fresh(api), "analyst")
    assert seen["has_account"] is False
    entered = guest.post(f"{link}/sign-up", {"name": "Ada", "password": PASSWORD})
    assert (entered.status, entered["role"], entered["id"]) == (201, "analyst", api.workspace)
    assert guest.get("/me")["user"]["email"] == _fresh(api)
    assert guest.get("/me")["user"]["name"] == "Ada"
    assert not User.objects.get(email=_fresh(api)).is_superuser
    assert Browser().log_in(_fresh(api)).status == 200
    assert owner.get("/invitations").body == []


def test_the_link_works_once(api: Api, owner: Browser) -> None:
    _, link = _ask(owner, email=_fresh(api))
    assert Browser().post(f"{link}/sign-up", {"password": PASSWORD}).status == 201
    assert Browser().get(link).status == 404
    assert Browser(user=person(called=f"late{api.workspace}@example.com")).post(f"{link}/accept").status == 404


def test_a_weak_password_leaves_the_invitation_open_and_makes_no_account(api: Api, owner: Browser) -> None:
    _, link = _ask(owner, email=_fresh(api))
    refused = Browser().post(f"{link}/sign-up", {"password": "short"})
    assert (refused.status, refused["field"]) == (400, "password")
    assert not User.objects.filter(email=_fresh(api)).exists()
    assert Browser().get(link).status == 200


def test_signing_up_asks_for_the_csrf_token(api: Api, owner: Browser) -> None:
    _, link = _ask(owner, email=_fresh(api))
    assert Browser().call("POST", f"{link}/sign-up", {"password": PASSWORD}, X_CSRFToken="").status == 403


def test_who_has_an_account_logs_in_and_accepts(api: Api, owner: Browser) -> None:
    user = person(called=_fresh(api))
    _, link = _ask(owner, "admin", _fresh(api))
    assert Browser().get(link)["has_account"] is True
    refused = Browser().post(f"{link}/sign-up", {"password": PASSWORD})
    assert (refused.status, "log in" in refused["detail"]) == (409, True)
    assert Browser().post(f"{link}/accept").status == 401
    entered = Browser(user=user).post(f"{link}/accept")
    assert (entered.status, entered["role"]) == (200, "admin")
    assert Membership.objects.get(user=user, workspace_id=api.workspace).role == "admin"


def test_who_is_in_already_is_told_so_and_keeps_their_role(api: Api, owner: Browser) -> None:
    member = person(api.workspace, "analyst")
    assert _ask(owner, "admin", member.email)[0].status == 409
    _, link = _ask(owner, "admin", _fresh(api))
    assert Browser(user=member).post(f"{link}/accept").status == 409
    assert Membership.objects.get(user=member, workspace_id=api.workspace).role == "analyst"
    assert Browser().get(link).status == 200


def test_inviting_again_replaces_the_link(api: Api, owner: Browser) -> None:
    _, old = _ask(owner, "analyst", _fresh(api))
    made, new = _ask(owner, "marketer", _fresh(api))
    assert Browser().get(old).status == 404
    assert Browser().get(new)["role"] == "marketer"
    assert [one["id"] for one in owner.get("/invitations").body] == [made["id"]]


def test_a_withdrawn_link_opens_nothing(api: Api, owner: Browser) -> None:
    made, link = _ask(owner, email=_fresh(api))
    assert owner.delete(f"/invitations/{made['id']}").status == 204
    assert Browser().get(link).status == 404
    assert owner.delete(f"/invitations/{made['id']}").status == 404


def test_after_seven_days_it_has_run_out(api: Api, conn: Connection, owner: Browser) -> None:
    made, link = _ask(owner, email=_fresh(api))
    assert made["expires_at"][:10] > made["created_at"][:10]
    conn.execute(
        """
        UPDATE invitation
        SET created_at = created_at - interval '7 days',
            expires_at = expires_at - interval '7 days'
        WHERE id = %s
        """,
        (made["id"],),
    )
    conn.commit()
    assert Browser().get(link).status == 404
    assert Browser().post(f"{link}/sign-up", {"password": PASSWORD}).status == 404
    assert [one["email"] for one in owner.get("/invitations").body] == [_fresh(api)]  # to be sent anew


def test_nobody_invites_above_their_own_role(api: Api, conn: Connection, owner: Browser) -> None:
    admin = browser_of(conn, api.workspace, "admin")
    refused, _ = _ask(admin, "owner", _fresh(api))
    assert (refused.status, refused["field"]) == (403, "role")
    assert _ask(api, "owner", _fresh(api))[0].status == 403
    assert _ask(admin, "admin", _fresh(api))[0].status == 201
    assert _ask(owner, "owner", f"x{_fresh(api)}")[0].status == 201


def test_another_brand_neither_sees_nor_withdraws_it(api: Api, owner: Browser) -> None:
    made, _ = _ask(owner, email=_fresh(api))
    other = owner.post("/workspaces", {"name": f"Other {api.workspace}"})["slug"]
    assert owner.call("GET", "/invitations", X_Workspace=other).body == []
    assert owner.call("DELETE", f"/invitations/{made['id']}", X_Workspace=other).status == 404


def test_mail_that_does_not_go_out_is_said_and_the_link_still_works(
    api: Api, owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EmailBackend, "send_messages", refuse_mail)
    made, link = _ask(owner, email=_fresh(api))
    assert (made.status, made["email_sent"]) == (201, False)
    assert Browser().get(link).status == 200


def test_not_an_address(api: Api, owner: Browser) -> None:
    refused, _ = _ask(owner, email="nobody at all")
    assert (refused.status, refused["field"]) == (400, "email")
