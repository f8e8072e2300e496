"""The people of a brand: nobody rises above who lifts them, and no brand is left without an owner."""

from __future__ import annotations

import threading

import pytest
from psycopg import Connection

from headwater.accounts import members
from headwater.accounts.models import Membership
from headwater.core import database
from tests.api.api_client import Api
from tests.api.browser import Browser, browser_of, person


def _id(browser: Browser, email: str) -> int:
    return next(one["id"] for one in browser.get("/members").body if one["email"] == email)


@pytest.fixture
def owner(api: Api, conn: Connection) -> Browser:
    return browser_of(conn, api.workspace, "owner")


@pytest.fixture
def admin(api: Api, conn: Connection, owner: Browser) -> Browser:
    return browser_of(conn, api.workspace, "admin")


def test_everyone_sees_who_works_here(api: Api, conn: Connection, owner: Browser, admin: Browser) -> None:
    seen = browser_of(conn, api.workspace, "analyst").get("/members").body
    assert [(one["email"].split("-")[0], one["role"]) for one in seen] == [
        ("owner", "owner"),
        ("admin", "admin"),
        ("analyst", "analyst"),
    ]
    assert all(one["two_factor"] is False for one in seen)


def test_an_admin_changes_roles_up_to_their_own(api: Api, owner: Browser, admin: Browser) -> None:
    person(api.workspace, "analyst")
    target = _id(admin, f"analyst-{api.workspace}@example.com")
    assert admin.patch(f"/members/{target}", {"role": "admin"})["role"] == "admin"
    refused = admin.patch(f"/members/{target}", {"role": "owner"})
    assert (refused.status, refused["field"]) == (403, "role")
    assert owner.patch(f"/members/{target}", {"role": "owner"})["role"] == "owner"


def test_an_admin_neither_changes_nor_removes_an_owner(api: Api, owner: Browser, admin: Browser) -> None:
    target = _id(admin, f"owner-{api.workspace}@example.com")
    assert admin.patch(f"/members/{target}", {"role": "analyst"}).status == 403
    assert admin.delete(f"/members/{target}").status == 403
    assert api.delete(f"/members/{target}").status == 403
    assert Membership.objects.get(pk=target).role == "owner"


def test_the_last_owner_stays(api: Api, owner: Browser) -> None:
    target = _id(owner, f"owner-{api.workspace}@example.com")
    for answer in (owner.patch(f"/members/{target}", {"role": "admin"}), owner.delete(f"/members/{target}")):
        assert answer.status == 409
        assert "last owner" in answer["detail"]
    person(api.workspace, "owner", called=f"second{api.workspace}@example.com")
    assert owner.delete(f"/members/{target}").status == 204
    assert owner.get("/members").status == 404  # they are out at once


def test_two_owners_who_leave_at_once_leave_one(api: Api, conn: Connection) -> None:
    for name in ("a", "b"):
        person(api.workspace, "owner", called=f"{name}{api.workspace}@example.com")
    ids = [one.id for one in members.of_brand(conn, api.workspace)]
    conn.commit()
    gate = threading.Barrier(2)
    refused: list[str] = []

    def leave(member_id: int) -> None:
        gate.wait()
        try:
            with database.transaction() as own:
                members.remove(own, api.workspace, member_id, "owner")
        except members.MemberError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=leave, args=(one,)) for one in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert Membership.objects.filter(workspace_id=api.workspace, role="owner").count() == 1


def test_someone_of_another_brand_is_not_there(api: Api, conn: Connection, owner: Browser) -> None:
    other = owner.post("/workspaces", {"name": f"Other {api.workspace}"})
    person(other["id"], "analyst")
    foreign = Membership.objects.get(workspace_id=other["id"], role="analyst").pk
    assert owner.patch(f"/members/{foreign}", {"role": "admin"}).status == 404
    assert owner.delete(f"/members/{foreign}").status == 404
    assert Membership.objects.get(pk=foreign).role == "analyst"


def test_there_are_four_roles(api: Api, owner: Browser) -> None:
    target = _id(owner, f"owner-{api.workspace}@example.com")
    assert owner.patch(f"/members/{target}", {"role": "editor"}).status == 400
