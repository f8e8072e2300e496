"""The preferences page: it shows one's own lists, a GET changes nothing, and unticking a list takes off that one."""

from __future__ import annotations

import pytest
from django.test import Client
from django.test.utils import override_settings

from headwater.accounts import brand
from headwater.audience import lists
from headwater.core import signing
from tests.delivery.ledger_builders import NOW, people
from tests.delivery.test_pages import consent_state, snapshot, told


@pytest.fixture
def browser(server):
    with override_settings(ROOT_URLCONF="headwater.delivery.urls", ALLOWED_HOSTS=["*"]):
        yield Client(enforce_csrf_checks=True)


@pytest.fixture
def person(conn, workspace):
    """On two lists, beside which there is a third."""
    (found,) = people(conn, workspace, 1)
    for name in ("News", "Offers"):
        lists.add(conn, workspace, lists.create(conn, workspace, name, NOW), [found], NOW, "api")
    lists.create(conn, workspace, "Staff only", NOW)
    conn.commit()
    return found


def path(workspace: int, person: int) -> str:
    return f"/preferences/{signing.message_token('unsubscribe', workspace, 7, person)}"


def on(conn, workspace: int, person: int) -> list[str]:
    conn.rollback()
    return sorted(row[0] for row in lists.of_profile(conn, workspace, person))


def test_a_get_shows_ones_own_lists_and_changes_nothing(conn, workspace, browser, person):
    before = snapshot(conn, workspace)
    for query in ("", "?action=unsubscribe", "?action=save", "?action=save&list=1"):
        page = browser.get(path(workspace, person) + query).content.decode()
        assert "News" in page
        assert "Offers" in page
        assert "Staff only" not in page
        assert browser.head(path(workspace, person) + query).status_code == 200
    assert snapshot(conn, workspace) == before


def test_unticking_a_list_leaves_it_and_nothing_else(conn, workspace, browser, person):
    news = lists.find(conn, workspace, "News")
    page = browser.post(path(workspace, person), {"action": "save", "list": [news, "x", "999999"]}).content.decode()
    assert "You are no longer on “Offers”." in page
    assert on(conn, workspace, person) == ["News"]
    assert consent_state(conn, workspace, person) is None
    assert told(conn, workspace) == []


def test_nobody_puts_themselves_on_a_list(conn, workspace, browser, person):
    staff = lists.find(conn, workspace, "Staff only")
    browser.post(path(workspace, person), {"action": "save", "list": [staff]})
    assert on(conn, workspace, person) == []


def test_unsubscribing_from_everything_and_coming_back(conn, workspace, browser, person):
    answer = browser.post(path(workspace, person), {"action": "unsubscribe"})
    assert "You are unsubscribed" in answer.content.decode()
    assert consent_state(conn, workspace, person) == "unsubscribed"
    assert "Subscribe again" in browser.get(path(workspace, person)).content.decode()
    browser.post(path(workspace, person), {"action": "subscribe"})
    assert consent_state(conn, workspace, person) == "subscribed"


def test_a_post_without_an_action_does_nothing(conn, workspace, browser, person):
    before = snapshot(conn, workspace)
    assert browser.post(path(workspace, person), {"List-Unsubscribe": "x"}).status_code == 200
    assert snapshot(conn, workspace) == before


def test_a_foreign_token_is_refused(workspace, browser, person):
    for purpose in ("click", "open", "view", "confirm"):
        token = signing.message_token(purpose, workspace, 7, person)
        assert browser.post(f"/preferences/{token}", {"action": "unsubscribe"}).status_code == 404


def test_the_page_is_in_the_brands_colour_escapes_its_name_and_loads_nothing_from_elsewhere(
    conn, workspace, browser, person
):
    looks = {"name": "<b>Juniper</b>", "brand_color": "#ffd400", "logo_url": "https://elsewhere.example/logo.png"}
    brand.update(conn, workspace, looks)
    conn.commit()
    answer = browser.get(path(workspace, person))
    page = answer.content.decode()
    assert "--on-strong: #000000" in page
    assert "&lt;b&gt;Juniper" in page
    assert "<b>Juniper" not in page
    assert "elsewhere.example" not in page
    assert "script" not in page
    assert "img-src 'self'" in answer["Content-Security-Policy"]


def test_the_unsubscribe_page_leads_there_for_who_is_on_a_list(conn, workspace, browser, person):
    link = path(workspace, person)
    assert link in browser.get(link.replace("preferences", "u")).content.decode()
    (alone,) = people(conn, workspace, 1)
    conn.commit()
    assert "/preferences/" not in browser.get(path(workspace, alone).replace("preferences", "u")).content.decode()
