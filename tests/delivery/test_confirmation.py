"""Double opt-in by email, from the ledger to the click: looking at the page changes nothing, its button confirms."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.test import Client
from psycopg import Connection

from headwater.audience import consent, identity, joining, lists, merging, profiles
from headwater.audience.joining import Wish
from headwater.content import templates
from headwater.content.document import Document
from headwater.core import clock, database, signing
from headwater.delivery import confirmation, ledger, settling
from headwater.delivery.settling import Result
from headwater.delivery.transports.parcel import Verdict
from tests.audience.people import person
from tests.delivery.ledger_builders import claim, mjml, states

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ASKS = Wish("form", {"page": "/signup"}, subscribing=True)


@pytest.fixture(autouse=True)
def _routes(server) -> Iterator[None]:
    from django.test.utils import override_settings

    with override_settings(ROOT_URLCONF="headwater.delivery.urls", ALLOWED_HOSTS=["*"]):
        yield


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True, headers={"User-Agent": "Firefox/140"})


@pytest.fixture
def now(conn: Connection) -> datetime:
    return clock.now(conn)


@pytest.fixture
def news(conn: Connection, workspace: int, now: datetime) -> int:
    made = lists.create(conn, workspace, "Tips & News", now, "double")
    conn.commit()
    return made


@pytest.fixture
def ann(conn: Connection, workspace: int) -> int:
    return person(conn, workspace, email="ann@example.com")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Whom joining a list started something for."""
    found: list[int] = []
    monkeypatch.setattr(lists, "_joined", [lambda conn, of, list_id, profile_ids, now: found.extend(profile_ids)])
    return found


def asked(conn: Connection, workspace: int, news: int, who: int, now: datetime) -> EmailMessage:
    """They ask to join at `now`; the email that goes out, which the server accepts."""
    joining.join(conn, workspace, news, [who], now, ASKS)
    (ready,) = claim(conn, workspace, now=now, wall=now).ready
    raw = b"".join(ready.render().chunks)
    result = Result(ready.key, who, ready.address, 0, None, Verdict("accepted", 250, "ok"), now)
    settling.settle(conn, workspace, [result])
    conn.commit()
    read = message_from_bytes(raw, policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def link(mail: EmailMessage) -> str:
    """The path of the confirmation link."""
    found = re.search(r"https?://[^/\s]+(/confirm/\S+)", part(mail, "plain"))
    assert found is not None
    return found[1]


def snapshot(conn: Connection, workspace: int) -> list[object]:
    conn.rollback()
    return [
        conn.execute(f"SELECT * FROM {table} WHERE workspace_id = %s ORDER BY 1, 2", (workspace,)).fetchall()
        for table in ("list_pending", "list_member", "consent", "consent_record", "suppression", "inbox", "message")
    ]


def standing(conn: Connection, workspace: int, news: int, who: int) -> tuple[int, int, str]:
    """(members, pending, consent)"""
    conn.rollback()
    found = lists.get(conn, workspace, news)
    assert found is not None
    return found.members, found.pending, consent.of_profiles(conn, workspace, [who])[who]["state"]


# ── the email ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_email_asks_names_the_list_and_carries_one_direct_link(conn, workspace, news, ann, now):
    mail = asked(conn, workspace, news, ann, now)

    path = link(mail)
    html = part(mail, "html")
    assert mail["Subject"] == "Please confirm your subscription to Juniper"
    assert mail["To"] == "ann@example.com"
    assert mail["List-Unsubscribe"] is None
    assert "“Tips &amp; News”" in html or "&#8220;Tips &amp; News&#8221;" in html
    hrefs = re.findall(r'href="https?://[^/"]+([^"]*)"', html)
    assert hrefs == [path], "one link, and not by way of the click counter"
    for shown in (html, part(mail, "plain")):
        assert "1 Main St, Springfield" in shown
        assert "30 days" in shown
    assert len(path) < 60


def test_the_message_is_intended_with_the_wish_under_its_own_source(conn, workspace, news, ann, now):
    joining.join(conn, workspace, news, [ann], now, ASKS)
    joining.join(conn, workspace, news, [ann], now + MINUTE, ASKS)

    (entry,) = ledger.of_profile(conn, workspace, ann)

    assert (entry.source, entry.source_id, entry.occurrence, entry.state) == ("confirmation", news, 0, "planned")
    assert (entry.planned_at, entry.send_at) == (now, now)
    conn.rollback()
    assert ledger.of_profile(conn, workspace, ann) == [], "in the same transaction"


def test_asking_again_sends_again_and_the_latest_link_confirms(conn, workspace, browser, news, ann, now):
    first = asked(conn, workspace, news, ann, now)
    second = asked(conn, workspace, news, ann, now + 10 * MINUTE)

    assert link(first) != link(second)
    assert browser.post(link(second), {"action": "confirm"}).status_code == 200
    assert standing(conn, workspace, news, ann) == (1, 0, "subscribed")


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        ("hard_bounce", ("skipped", "suppressed")),
        ("invalid_email", ("skipped", "suppressed")),
        ("unsubscribe", ("claimed", None)),
        ("user_suppressed", ("claimed", None)),
    ],
)
def test_only_a_dead_address_stops_it(conn, workspace, news, ann, now, reason, state):
    consent.unsubscribe(conn, workspace, [ann], at=now, now=now, method="api")
    consent.suppress(conn, workspace, [ann], reason, at=now)
    joining.join(conn, workspace, news, [ann], now, ASKS)

    claim(conn, workspace, now=now)

    assert states(conn, workspace)[ann] == state


def test_it_goes_in_spite_of_smart_sending_and_does_not_hold_up_the_welcome(conn, workspace, browser, news, ann, now):
    conn.execute(
        "INSERT INTO smart_sending (workspace_id, profile_id, until, message_id) VALUES (%s, %s, %s, 1)",
        (workspace, ann, now + DAY),
    )
    mail = asked(conn, workspace, news, ann, now)

    browser.post(link(mail), {"action": "confirm"})

    conn.rollback()
    row = conn.execute("SELECT count(*) FROM smart_sending WHERE workspace_id = %s", (workspace,)).fetchone()
    assert row == (0,)


def test_who_confirmed_or_was_taken_off_before_it_left_is_not_asked(conn, workspace, news, ann, now):
    joining.join(conn, workspace, news, [ann], now, ASKS)
    lists.remove(conn, workspace, news, [ann])

    claim(conn, workspace, now=now)

    assert states(conn, workspace)[ann] == ("skipped", "cancelled")


def test_a_brand_sends_its_own_words_unless_they_lost_the_link(conn, workspace, news, ann, now):
    def write(body: str) -> None:
        document = Document("Mine", mjml(body))
        templates.save(conn, workspace, confirmation.TEMPLATE, document, now, transactional=True)

    write('<a href="{{ event.confirm_link }}">Yes!</a>')
    assert asked(conn, workspace, news, ann, now)["Subject"] == "Mine"
    write("Where is it?")
    assert asked(conn, workspace, news, ann, now + DAY)["Subject"].startswith("Please confirm")


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_looking_changes_nothing_however_often_and_by_whatever_method(conn, workspace, browser, news, ann, now):
    path = link(asked(conn, workspace, news, ann, now))
    before = snapshot(conn, workspace)

    for look in (browser.get, browser.head):
        for query in ("", "?action=confirm"):
            assert look(path + query).status_code == 200
    # A scanner that posts what is no press of the button.
    assert browser.post(path).status_code == 200
    assert browser.post(f"{path}?action=confirm", {"List-Unsubscribe": "One-Click"}).status_code == 200

    assert snapshot(conn, workspace) == before


def test_the_page_says_what_is_asked_needs_no_script_and_is_for_nobody_else(conn, workspace, browser, news, ann, now):
    answer = browser.get(link(asked(conn, workspace, news, ann, now)))

    page = answer.content.decode()
    assert "Do you want “Tips &amp; News”?" in page
    assert re.search(r"a•+@example\.com", page)
    assert "ann@" not in page
    assert re.search(r'<form method="post">\s*<button type="submit" name="action" value="confirm">', page)
    assert "<script" not in page
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "form-action 'self'" in answer["Content-Security-Policy"]
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert "noindex" in answer["X-Robots-Tag"]


def test_the_button_confirms_with_its_proof_and_starts_what_joining_starts(
    conn, workspace, browser, news, ann, now, started
):
    mail = asked(conn, workspace, news, ann, now)
    assert standing(conn, workspace, news, ann) == (0, 1, "never_subscribed")

    answer = browser.post(link(mail), {"action": "confirm"}, headers={"User-Agent": "Firefox/140"})

    assert "You are on the list" in answer.content.decode()
    assert standing(conn, workspace, news, ann) == (1, 0, "subscribed")
    assert started == [ann]
    ((_, state, method, proof),) = consent.records(conn, workspace, ann)
    assert (state, method) == ("subscribed", "double_opt_in")
    (entry,) = ledger.of_profile(conn, workspace, ann)
    confirmed_at = proof.pop("confirmed_at")
    assert datetime.fromisoformat(confirmed_at) >= now
    assert proof == {
        "asked_at": now.isoformat(),
        "asked_by": "form",
        "asked_with": {"page": "/signup"},
        "message_id": entry.id,
        "address": "ann@example.com",
        "ip": "127.0.0.1",
        "user_agent": "Firefox/140",
        "page": "/confirm/",
        "text": "Yes, send me Tips & News",
    }


def test_a_second_click_finds_it_done(conn, workspace, browser, news, ann, now, started):
    path = link(asked(conn, workspace, news, ann, now))
    browser.post(path, {"action": "confirm"})
    before = snapshot(conn, workspace)

    for again in (browser.get(path), browser.post(path, {"action": "confirm"})):
        assert again.status_code == 200
        assert "You are on the list" in again.content.decode()

    assert snapshot(conn, workspace) == before
    assert started == [ann]


def test_of_two_clicks_at_once_one_confirms(conn, workspace, news, ann, now, started):
    path = link(asked(conn, workspace, news, ann, now))
    ready = threading.Barrier(4)
    answers: list[int] = []

    def click() -> None:
        ready.wait()
        answers.append(Client().post(path, {"action": "confirm"}).status_code)

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [200] * 4
    assert started == [ann]
    assert len(consent.records(conn, workspace, ann)) == 1


def test_an_old_used_or_withdrawn_link_confirms_nothing(conn, workspace, browser, news, ann, now):
    old = link(asked(conn, workspace, news, ann, now - 30 * DAY))
    asked(conn, workspace, news, ann, now - DAY)  # still waits, by a younger email
    bob = person(conn, workspace, email="bob@example.com")
    withdrawn = link(asked(conn, workspace, news, bob, now))
    lists.remove(conn, workspace, news, [bob])
    cid = person(conn, workspace, email="cid@example.com")
    used = link(asked(conn, workspace, news, cid, now))
    browser.post(used, {"action": "confirm"})
    consent.unsubscribe(conn, workspace, [cid], at=now + DAY, now=now + DAY, method="unsubscribe_page")
    conn.commit()
    before = snapshot(conn, workspace)

    for path in (old, withdrawn, used):
        for answer in (browser.get(path), browser.post(path, {"action": "confirm"})):
            assert answer.status_code == 410
            assert "no longer works" in answer.content.decode()

    assert snapshot(conn, workspace) == before


def test_a_changed_token_or_one_for_something_else_confirms_nothing(conn, workspace, browser, news, ann, now):
    good = link(asked(conn, workspace, news, ann, now)).removeprefix("/confirm/")
    (entry,) = ledger.of_profile(conn, workspace, ann)
    other = person(conn, workspace, email="bob@example.com")
    foreign = signing.message_token("confirm", workspace, entry.id, other)
    conn.commit()
    before = snapshot(conn, workspace)

    bad = [good[:-1] + ("A" if good[-1] != "A" else "B"), good[:20], "x"]
    bad += [signing.message_token(purpose, workspace, entry.id, ann) for purpose in ("click", "unsubscribe", "view")]
    for token in bad:
        for answer in (browser.get(f"/confirm/{token}"), browser.post(f"/confirm/{token}", {"action": "confirm"})):
            assert answer.status_code == 404
    assert browser.post(f"/u/{good}", {"action": "unsubscribe"}).status_code == 404
    assert browser.get(f"/w/{good}").status_code == 404
    # Signed, as no email ever was: the message is somebody else's.
    assert browser.post(f"/confirm/{foreign}", {"action": "confirm"}).status_code == 410

    assert snapshot(conn, workspace) == before


def test_a_merged_profile_s_link_confirms_for_the_survivor(conn, workspace, browser, news, ann, now):
    path = link(asked(conn, workspace, news, ann, now))
    survivor = person(conn, workspace, external_id="c1")
    identity.lock(conn, workspace)
    merging.merge(conn, workspace, survivor, ann, now)
    conn.commit()

    assert browser.post(path, {"action": "confirm"}).status_code == 200

    assert standing(conn, workspace, news, survivor) == (1, 0, "subscribed")


def test_a_link_to_an_address_that_the_person_gave_up_confirms_nothing(conn, workspace, browser, news, ann, now):
    """Whoever reads the old mailbox must not consent for the new one."""
    path = link(asked(conn, workspace, news, ann, now))
    conn.execute(
        "UPDATE profile_identifier SET value = 'victim@example.com' WHERE workspace_id = %s AND profile_id = %s",
        (workspace, ann),
    )
    conn.execute("UPDATE profile SET email = 'victim@example.com' WHERE workspace_id = %s", (workspace,))
    conn.commit()

    assert browser.post(path, {"action": "confirm"}).status_code == 410

    assert standing(conn, workspace, news, ann) == (0, 1, "never_subscribed")


def test_an_erased_person_s_link_does_nothing(conn, workspace, browser, news, ann, now):
    path = link(asked(conn, workspace, news, ann, now))
    profiles.erase(conn, workspace, [ann], now)
    conn.commit()

    for answer in (browser.get(path), browser.post(path, {"action": "confirm"})):
        assert answer.status_code == 410


def test_a_click_during_a_merge_waits_for_it(conn, workspace, news, ann, now, started):
    path = link(asked(conn, workspace, news, ann, now))
    survivor = person(conn, workspace, external_id="c1")
    conn.commit()
    answers: list[int] = []
    with database.connect() as merger:
        identity.lock(merger, workspace)
        merging.merge(merger, workspace, survivor, ann, now)
        clicking = threading.Thread(
            target=lambda: answers.append(Client().post(path, {"action": "confirm"}).status_code)
        )
        clicking.start()
        _wait_until_somebody_waits(conn, clicking)
        merger.commit()
    clicking.join()

    assert (answers, started) == ([200], [survivor])
    assert standing(conn, workspace, news, survivor) == (1, 0, "subscribed")


def _wait_until_somebody_waits(conn: Connection, clicking: threading.Thread) -> None:
    """Until a transaction stands before another's lock, of whatever kind."""
    while conn.execute("SELECT FROM pg_locks WHERE NOT granted").fetchone() is None:
        assert clicking.is_alive(), "it did not wait"
        conn.rollback()
    conn.rollback()
