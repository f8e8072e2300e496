"""Unsubscribe and web view: a GET changes nothing, a POST works at once, and the web view shows what was sent."""

from __future__ import annotations

import re
from datetime import timedelta

import orjson
import pytest
from django.test import Client

from headwater.catalog import coupons
from headwater.core import signing
from headwater.delivery import claims, settling
from headwater.delivery.settling import Result
from headwater.delivery.transports.parcel import Verdict
from tests.delivery.ledger_builders import NOW, claim, new_source, people, plan, template


@pytest.fixture(autouse=True)
def _routes(settings_override):
    pass


@pytest.fixture
def settings_override(server):
    from django.test.utils import override_settings

    with override_settings(ROOT_URLCONF="headwater.delivery.urls", ALLOWED_HOSTS=["*"]):
        yield


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def sent(conn, workspace):
    """(profile, message id) of an email that was sent."""
    name, _ = new_source()
    version = template(conn, workspace, "Hello {{ first_name }}, use {{ coupon.code }}", {"coupon": "OFFER"})
    coupons.define(conn, workspace, "OFFER", "generated", "SAVE", timedelta(days=3), None, NOW)
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version)
    (ready,) = claim(conn, workspace).ready
    result = Result(ready.key, person, ready.address, 0, None, Verdict("accepted", 250, "ok"), NOW)
    settling.settle(conn, workspace, [result])
    conn.commit()
    return person, ready.key.id, ready.material.coupons["OFFER"].code


def token(purpose, workspace: int, sent) -> str:
    return signing.message_token(purpose, workspace, sent[1], sent[0])


def snapshot(conn, workspace: int):
    """All that an unsubscribe could touch."""
    conn.rollback()
    return [
        conn.execute(f"SELECT * FROM {table} WHERE workspace_id = %s ORDER BY 1, 2", (workspace,)).fetchall()
        for table in ("consent", "consent_record", "suppression", "inbox", "message", "list_member")
    ]


def consent_state(conn, workspace: int, profile: int) -> str | None:
    conn.rollback()
    row = conn.execute(
        "SELECT state FROM consent WHERE workspace_id = %s AND profile_id = %s", (workspace, profile)
    ).fetchone()
    return row[0] if row else None


def told(conn, workspace: int) -> list[dict]:
    rows = conn.execute("SELECT items FROM inbox WHERE workspace_id = %s", (workspace,)).fetchall()
    found = [orjson.loads(line) for row in rows for line in bytes(row[0]).split(b"\n")]
    return [item for item in found if item["metric"] == "Unsubscribed"]


def test_a_get_changes_nothing_ever(conn, workspace, browser, sent):
    before = snapshot(conn, workspace)
    for method in (browser.get, browser.head):
        for query in ("", "?List-Unsubscribe=One-Click", "?action=unsubscribe"):
            answer = method(f"/u/{token('unsubscribe', workspace, sent)}{query}")
            assert answer.status_code == 200
    assert snapshot(conn, workspace) == before


@pytest.mark.parametrize("multipart", [True, False])
def test_one_click_unsubscribes_at_once(conn, workspace, browser, sent, multipart):
    """RFC 8058: no cookie, no referrer, no redirect."""
    path = f"/u/{token('unsubscribe', workspace, sent)}"
    if multipart:
        answer = browser.post(path, {"List-Unsubscribe": "One-Click"})
    else:
        answer = browser.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert consent_state(conn, workspace, sent[0]) == "unsubscribed"
    (item,) = told(conn, workspace)
    assert item["properties"] == {"message_id": sent[1], "method": "one_click_unsubscribe"}


def test_the_page_unsubscribes_once_and_lets_people_return(conn, workspace, browser, sent):
    path = f"/u/{token('unsubscribe', workspace, sent)}"
    page = browser.get(path).content.decode()
    assert "Juniper" in page
    assert 'method="post"' in page
    assert re.search(r"p•+@example\.com", page)
    for _ in range(2):
        answer = browser.post(path, {"action": "unsubscribe"})
        assert "You are unsubscribed" in answer.content.decode()
    (item,) = told(conn, workspace)
    assert item["properties"]["method"] == "unsubscribe_page"
    assert "You are unsubscribed" in browser.get(path).content.decode()
    assert "Welcome back" in browser.post(path, {"action": "subscribe"}).content.decode()
    assert consent_state(conn, workspace, sent[0]) == "subscribed"


def test_a_changed_or_foreign_token_does_nothing(conn, workspace, browser, sent):
    good = token("unsubscribe", workspace, sent)
    for bad in (good[:-1] + ("A" if good[-1] != "A" else "B"), token("click", workspace, sent), "x"):
        for method in (browser.get, browser.post):
            assert method(f"/u/{bad}").status_code == 404
    assert consent_state(conn, workspace, sent[0]) is None


def test_an_old_link_of_a_merged_profile_leads_to_the_survivor(conn, workspace, browser, sent):
    (survivor,) = people(conn, workspace, 1)
    conn.execute(
        "INSERT INTO profile_alias (workspace_id, old_id, profile_id, merged_at) VALUES (%s, %s, %s, %s)",
        (workspace, sent[0], survivor, NOW),
    )
    conn.commit()
    browser.post(f"/u/{token('unsubscribe', workspace, sent)}", {"List-Unsubscribe": "One-Click"})
    assert consent_state(conn, workspace, survivor) == "unsubscribed"


def test_a_person_who_was_erased_still_gets_a_kind_answer(conn, workspace, browser, sent):
    conn.execute("DELETE FROM profile WHERE workspace_id = %s AND id = %s", (workspace, sent[0]))
    conn.commit()
    answer = browser.post(f"/u/{token('unsubscribe', workspace, sent)}", {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert told(conn, workspace) == []


def test_the_web_view_shows_the_same_code_and_no_way_to_unsubscribe_somebody_else(conn, workspace, browser, sent):
    answer = browser.get(f"/w/{token('view', workspace, sent)}")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f"Hello Ann, use {sent[2]}" in page
    assert "/u/" not in page
    assert "noindex" in answer["X-Robots-Tag"]
    policy = answer["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert browser.get(f"/w/{token('open', workspace, sent)}").status_code == 404


def test_what_was_never_sent_has_no_web_view(conn, workspace, browser):
    name, _ = new_source()
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], template(conn, workspace))
    (message,) = claims.due(conn, workspace, NOW, 1)
    conn.commit()
    page = browser.get(f"/w/{signing.message_token('view', workspace, message.id, person)}")
    assert page.status_code == 404
    assert "No longer here" in page.content.decode()
