"""Joining with double opt-in: a wish is no membership and no consent until it is confirmed, and then it is both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from psycopg import Connection

from headwater.audience import consent, joining, lists, merging, profiles
from headwater.audience.joining import Joined, Wish, may_mail
from tests.audience.people import NOW, person

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
pytestmark = pytest.mark.usefixtures("mailed", "started")
ASKS = Wish("form", {"ip": "203.0.113.9", "page": "/signup"}, subscribing=True)


@pytest.fixture
def mailed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[datetime, int]]:
    """Who was to be asked by email, and when."""
    found: list[tuple[datetime, int]] = []

    def listener(conn: Connection, of: int, list_id: int, profile_ids: Sequence[int], now: datetime) -> None:
        found.extend((now, profile_id) for profile_id in profile_ids)

    monkeypatch.setattr(joining, "_asked", [])
    joining.on_ask(listener)
    joining.on_ask(listener)  # composed twice, heard once
    return found


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Whom joining started something for."""
    found: list[int] = []
    monkeypatch.setattr(lists, "_joined", [lambda conn, of, list_id, profile_ids, now: found.extend(profile_ids)])
    return found


@pytest.fixture
def news(conn: Connection, workspace: int) -> int:
    return lists.create(conn, workspace, "News", NOW, "double")


def state(conn: Connection, workspace: int, profile_id: int) -> str:
    return str(consent.of_profiles(conn, workspace, [profile_id])[profile_id]["state"])


def counts(conn: Connection, workspace: int, list_id: int) -> tuple[int, int]:
    """(members, pending)"""
    found = lists.get(conn, workspace, list_id)
    assert found is not None
    return found.members, found.pending


def ann(conn: Connection, workspace: int) -> int:
    return person(conn, workspace, email="ann@example.com")


# ── from the wish to the list ───────────────────────────────────────────────────────────────────────────────────────
def test_a_wish_is_neither_membership_nor_consent(
    conn: Connection, workspace: int, news: int, mailed: list[tuple[datetime, int]], started: list[int]
) -> None:
    who = ann(conn, workspace)

    assert joining.join(conn, workspace, news, [who], NOW, ASKS) == Joined(pending=[who])

    assert counts(conn, workspace, news) == (0, 1)
    assert state(conn, workspace, who) == "never_subscribed"
    assert consent.records(conn, workspace, who) == []
    assert mailed == [(NOW, who)]
    assert started == []


def test_confirming_gives_membership_consent_and_its_proof_and_starts_what_joining_starts_once(
    conn: Connection, workspace: int, news: int, started: list[int]
) -> None:
    who, later = ann(conn, workspace), NOW + HOUR
    joining.join(conn, workspace, news, [who], NOW, ASKS)

    assert joining.confirm(conn, workspace, news, who, later, {"ip": "198.51.100.7", "user_agent": "Firefox"})
    assert not joining.confirm(conn, workspace, news, who, later, {}), "a wish is confirmed once"

    assert counts(conn, workspace, news) == (1, 0)
    assert lists.members(conn, workspace, news) == [(who, later)]
    assert started == [who]
    known = consent.of_profiles(conn, workspace, [who])[who]
    assert (known["state"], known["changed_at"], known["method"]) == ("subscribed", later, "double_opt_in")
    ((at, new_state, method, proof),) = consent.records(conn, workspace, who)
    assert (at, new_state, method) == (later, "subscribed", "double_opt_in")
    assert proof == {
        "asked_at": NOW.isoformat(),
        "asked_by": "form",
        "asked_with": {"ip": "203.0.113.9", "page": "/signup"},
        "confirmed_at": later.isoformat(),
        "ip": "198.51.100.7",
        "user_agent": "Firefox",
    }
    row = conn.execute("SELECT list_id FROM consent_record WHERE profile_id = %s", (who,)).fetchone()
    assert row == (news,)


def test_a_single_opt_in_list_is_joined_at_once(
    conn: Connection, workspace: int, mailed: list[tuple[datetime, int]], started: list[int]
) -> None:
    single, who = lists.create(conn, workspace, "Single", NOW), ann(conn, workspace)

    assert joining.join(conn, workspace, single, [who], NOW, ASKS) == Joined(added=[who])

    assert (state(conn, workspace, who), started, mailed) == ("subscribed", [who], [])


def test_who_confirmed_elsewhere_joins_at_once_as_of_then(
    conn: Connection, workspace: int, news: int, mailed: list[tuple[datetime, int]], started: list[int]
) -> None:
    who, then = ann(conn, workspace), NOW - DAY
    joining.join(conn, workspace, news, [who], NOW - HOUR, ASKS)
    mailed.clear()

    wish = Wish("shop", {}, subscribing=True, consented_at=then, confirmed=True)
    assert joining.join(conn, workspace, news, [who], NOW, wish) == Joined(added=[who])

    assert (mailed, started) == ([], [who])
    assert counts(conn, workspace, news) == (1, 0), "there is nothing left to confirm"
    assert [(at, proof) for at, _, _, proof in consent.records(conn, workspace, who)] == [(then, {"confirmed": True})]


def test_a_historical_import_asks_nobody_and_starts_nothing(
    conn: Connection, workspace: int, news: int, mailed: list[tuple[datetime, int]], started: list[int]
) -> None:
    who, then = ann(conn, workspace), NOW - 400 * DAY

    wish = Wish("list_import", consented_at=then, historical=True)
    assert joining.join(conn, workspace, news, [who], NOW, wish) == Joined(added=[who])

    assert lists.members(conn, workspace, news) == [(who, then)]
    assert (mailed, started) == ([], [])


def test_a_flow_puts_people_on_the_list_without_asking_and_leaves_consent_and_the_wish_alone(
    conn: Connection, workspace: int, news: int, mailed: list[tuple[datetime, int]], started: list[int]
) -> None:
    who = ann(conn, workspace)
    joining.join(conn, workspace, news, [who], NOW, ASKS)
    mailed.clear()

    assert lists.add(conn, workspace, news, [who], NOW, "flow") == [who]
    assert (counts(conn, workspace, news), state(conn, workspace, who)) == ((1, 1), "never_subscribed")
    assert (mailed, started) == ([], [who])

    assert joining.confirm(conn, workspace, news, who, NOW, {}), "they can still say yes"
    assert (counts(conn, workspace, news), state(conn, workspace, who)) == ((1, 0), "subscribed")
    assert started == [who], "they had joined before"


# ── who has to ask ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_for_a_subscribed_member_nothing_happens(
    conn: Connection, workspace: int, news: int, mailed: list[tuple[datetime, int]]
) -> None:
    who = ann(conn, workspace)
    joining.join(conn, workspace, news, [who], NOW, ASKS)
    joining.confirm(conn, workspace, news, who, NOW, {})
    mailed.clear()

    assert joining.join(conn, workspace, news, [who], NOW + DAY, ASKS) == Joined()

    assert (mailed, counts(conn, workspace, news)) == ([], (1, 0))


def test_a_member_who_unsubscribed_confirms_again_to_be_subscribed_but_not_to_stay_a_member(
    conn: Connection, workspace: int, news: int
) -> None:
    who = ann(conn, workspace)
    lists.add(conn, workspace, news, [who], NOW, "api")
    consent.unsubscribe(conn, workspace, [who], at=NOW, now=NOW, method="unsubscribe_page")

    assert joining.join(conn, workspace, news, [who], NOW + DAY, Wish("api")) == Joined()
    assert joining.join(conn, workspace, news, [who], NOW + DAY, ASKS) == Joined(pending=[who])

    assert state(conn, workspace, who) == "unsubscribed"
    joining.confirm(conn, workspace, news, who, NOW + DAY, {})
    assert state(conn, workspace, who) == "subscribed"


def test_who_confirmed_one_list_confirms_the_next_one_too(conn: Connection, workspace: int, news: int) -> None:
    who, vip = ann(conn, workspace), lists.create(conn, workspace, "VIP", NOW, "double")
    joining.join(conn, workspace, news, [who], NOW, ASKS)
    joining.confirm(conn, workspace, news, who, NOW, {})

    assert joining.join(conn, workspace, vip, [who], NOW, ASKS) == Joined(pending=[who])


def test_who_has_no_address_cannot_be_asked(
    conn: Connection, workspace: int, news: int, mailed: list[tuple[datetime, int]]
) -> None:
    nobody, member = person(conn, workspace, external_id="c1"), person(conn, workspace, external_id="c2")
    lists.add(conn, workspace, news, [member], NOW, "flow")

    joined = joining.join(conn, workspace, news, [nobody, member], NOW, Wish("api"))

    assert joined == Joined(unreachable=[nobody])
    assert mailed == []


def test_an_archived_list_asks_nobody_and_takes_nobody(
    conn: Connection, workspace: int, news: int, mailed: list[tuple[datetime, int]]
) -> None:
    who, bob = ann(conn, workspace), person(conn, workspace, email="bob@example.com")
    joining.join(conn, workspace, news, [who], NOW, ASKS)
    lists.archive(conn, workspace, news, NOW)
    mailed.clear()

    assert not joining.confirm(conn, workspace, news, who, NOW, {})
    assert joining.join(conn, workspace, news, [bob], NOW, ASKS) == Joined()
    assert (mailed, state(conn, workspace, who)) == ([], "never_subscribed")


def test_changing_the_opt_in_holds_for_later_joins_only(conn: Connection, workspace: int) -> None:
    news, who = lists.create(conn, workspace, "News", NOW), ann(conn, workspace)
    bob, cid = person(conn, workspace, email="bob@example.com"), person(conn, workspace, email="cid@example.com")
    joining.join(conn, workspace, news, [who], NOW, ASKS)

    assert lists.set_opt_in(conn, workspace, news, "double")
    joining.join(conn, workspace, news, [bob], NOW, ASKS)
    assert counts(conn, workspace, news) == (1, 1)

    assert lists.set_opt_in(conn, workspace, news, "single")
    joining.join(conn, workspace, news, [cid], NOW, ASKS)
    assert counts(conn, workspace, news) == (2, 1)
    assert joining.confirm(conn, workspace, news, bob, NOW, {}), "who was asked can still confirm"


def test_another_brand_s_list_and_people_are_out_of_reach(conn: Connection, workspace: int, news: int) -> None:
    row = conn.execute(
        """
        INSERT INTO workspace (name, slug, timezone, currency, from_name, from_email, reply_to, postal_address,
                               website_url, smart_sending_hours, require_consent, created_at)
        VALUES ('Other', md5(random()::text), 'UTC', 'USD', '', '', '', '', '', 16, false, '2026-01-01')
        RETURNING id
        """
    ).fetchone()
    assert row is not None
    other, who = row[0], ann(conn, workspace)
    joining.join(conn, workspace, news, [who], NOW, ASKS)

    assert joining.join(conn, other, news, [who], NOW, ASKS) == Joined()
    assert not joining.is_pending(conn, other, news, who, NOW)
    assert not joining.confirm(conn, other, news, who, NOW, {})
    assert joining.prune_pending(conn, other, NOW + 60 * DAY) == 0
    assert counts(conn, workspace, news) == (0, 1)


# ── how often ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_email_goes_at_most_every_ten_minutes_and_five_times_in_seven_days() -> None:
    week = [NOW + n * DAY for n in range(5)]
    assert may_mail([], NOW)
    assert not may_mail([NOW], NOW + 10 * MINUTE - timedelta(seconds=1))
    assert may_mail([NOW], NOW + 10 * MINUTE)
    assert may_mail(week[:4], NOW + 4 * DAY)
    assert not may_mail(week, NOW + 7 * DAY - MINUTE)
    assert may_mail(week, NOW + 7 * DAY)


def test_asking_again_is_counted_and_mailed_within_the_limits(
    conn: Connection, workspace: int, news: int, mailed: list[tuple[datetime, int]]
) -> None:
    who = ann(conn, workspace)
    asked = [timedelta(0), MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 7 * DAY, 7 * DAY + MINUTE]
    for after in asked:
        assert joining.join(conn, workspace, news, [who], NOW + after, ASKS) == Joined(pending=[who])

    went = [at - NOW for at, _ in mailed]
    assert went == [timedelta(0), 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 7 * DAY]
    row = conn.execute(
        "SELECT asked_again, asked_at, mailed_at FROM list_pending WHERE workspace_id = %s", (workspace,)
    ).fetchone()
    assert row == (len(asked) - 1, NOW + 7 * DAY, [NOW + after for after in went[1:]]), "the last five are kept"


def test_the_proof_is_of_the_wish_that_the_last_email_answered(conn: Connection, workspace: int, news: int) -> None:
    who = ann(conn, workspace)
    for after, page in ((timedelta(0), "first"), (HOUR, "second"), (HOUR + MINUTE, "too soon for an email")):
        joining.join(conn, workspace, news, [who], NOW + after, Wish("form", {"page": page}, subscribing=True))

    joining.confirm(conn, workspace, news, who, NOW + DAY, {})

    ((_, _, _, proof),) = consent.records(conn, workspace, who)
    assert (proof["asked_at"], proof["asked_with"]) == ((NOW + HOUR).isoformat(), {"page": "second"})


# ── what becomes of a wish ──────────────────────────────────────────────────────────────────────────────────────────
def test_a_wish_lives_thirty_days_from_the_last_email_and_is_pruned(
    conn: Connection, workspace: int, news: int
) -> None:
    old, young = ann(conn, workspace), person(conn, workspace, email="bob@example.com")
    joining.join(conn, workspace, news, [old, young], NOW, ASKS)
    joining.join(conn, workspace, news, [young], NOW + DAY, ASKS)
    end = NOW + 30 * DAY

    assert joining.is_pending(conn, workspace, news, old, end - MINUTE)
    assert not joining.is_pending(conn, workspace, news, old, end)
    assert not joining.confirm(conn, workspace, news, old, end, {})
    assert workspace not in joining.workspaces_with_expired(conn, end - MINUTE)
    assert workspace in joining.workspaces_with_expired(conn, end)
    assert joining.prune_pending(conn, workspace, end) == 1
    assert workspace not in joining.workspaces_with_expired(conn, end)
    assert joining.confirm(conn, workspace, news, young, end, {})


def test_taking_someone_off_the_list_takes_the_wish_away(conn: Connection, workspace: int, news: int) -> None:
    who = ann(conn, workspace)
    joining.join(conn, workspace, news, [who], NOW, ASKS)

    assert lists.remove(conn, workspace, news, [who]) == 0

    assert not joining.confirm(conn, workspace, news, who, NOW, {})
    assert counts(conn, workspace, news) == (0, 0)


def test_a_merge_carries_the_wish_with_the_emails_that_both_got(conn: Connection, workspace: int, news: int) -> None:
    vip = lists.create(conn, workspace, "VIP", NOW, "double")
    kept, gone = ann(conn, workspace), person(conn, workspace, email="gone@example.com")
    for after in range(4):
        joining.join(conn, workspace, news, [gone], NOW + after * HOUR, ASKS)
    for after in (1, 5):
        joining.join(conn, workspace, news, [kept], NOW + after * HOUR, ASKS)
    joining.join(conn, workspace, vip, [gone], NOW, ASKS)

    merging.merge(conn, workspace, kept, gone, NOW + 6 * HOUR)

    rows = conn.execute(
        "SELECT list_id, profile_id, asked_at, asked_again, mailed_at FROM list_pending"
        " WHERE workspace_id = %s ORDER BY list_id",
        (workspace,),
    ).fetchall()
    latest = [NOW + after * HOUR for after in (1, 1, 2, 3, 5)]
    assert rows == [(news, kept, NOW + 5 * HOUR, 5, latest), (vip, kept, NOW, 0, [NOW])]
    assert joining.confirm(conn, workspace, vip, kept, NOW + DAY, {})


def test_erasing_someone_forgets_the_wish(conn: Connection, workspace: int, news: int) -> None:
    who = ann(conn, workspace)
    joining.join(conn, workspace, news, [who], NOW, ASKS)

    profiles.erase(conn, workspace, [who], NOW)

    assert counts(conn, workspace, news) == (0, 0)


# ── consent ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_double_opt_in_gives_its_method_to_a_subscription_that_stands_and_keeps_its_date(
    conn: Connection, workspace: int
) -> None:
    who = ann(conn, workspace)
    for at, method in ((NOW, "api"), (NOW + DAY, joining.CONFIRMED), (NOW + 2 * DAY, "api")):
        consent.subscribe(conn, workspace, [who], at=at, now=at, method=method)

    known = consent.of_profiles(conn, workspace, [who])[who]
    assert (known["state"], known["changed_at"], known["method"]) == ("subscribed", NOW, "double_opt_in")
    assert [method for _, _, method, _ in consent.records(conn, workspace, who)] == ["api", "double_opt_in", "api"]
