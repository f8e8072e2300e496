"""Days that are over are kept, and what is kept says what the ledger and the events say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from psycopg import Connection

from headwater.core import database
from headwater.delivery import feedback
from headwater.events import metrics
from headwater.insights import keeping, kept_days, sending
from headwater.insights.spans import Span
from tests.flows.flow_tables import event, stored
from tests.flows.test_numbers import happens, shop

ZONE = ZoneInfo("America/New_York")
LEFT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LATER = LEFT + 10 * DAY
SPAN = Span(date(2026, 2, 20), date(2026, 3, 12), ZONE)


@pytest.fixture
def crowd(conn: Connection, workspace: int) -> list[int]:
    """Ten people and an email of a flow to each: six opened it, one ordered, one was refused, one was skipped."""
    _, crowd = shop(conn, workspace)
    conn.execute("UPDATE message SET address = 'who@Example.com' WHERE workspace_id = %s", (workspace,))
    settle = "UPDATE message SET state = %s, reason = %s, sent_at = %s, finished_at = %s, opened_at = %s"
    of = " WHERE workspace_id = %s AND profile_id = ANY (%s)"
    conn.execute(settle + of, ("sent", None, LEFT, LEFT, LEFT, workspace, crowd[:6]))
    conn.execute(settle + of, ("sent", None, LEFT, LEFT, None, workspace, crowd[6:8]))
    conn.execute(settle + of, ("bounced", "refused_by_server", None, LEFT, None, workspace, crowd[8:9]))
    conn.execute(settle + of, ("skipped", "smart_sending", None, LEFT, None, workspace, crowd[9:]))
    message = message_of(conn, workspace, crowd[0])
    happens(conn, workspace, crowd[0], metrics.CLICKED_EMAIL, LEFT + DAY, message_id=message)
    happens(conn, workspace, crowd[0], metrics.PLACED_ORDER, LEFT + DAY, value=80)
    happens(conn, workspace, crowd[1], metrics.UNSUBSCRIBED, LEFT, message_id=message_of(conn, workspace, crowd[1]))
    return crowd


def message_of(conn: Connection, workspace: int, profile: int) -> int:
    row = conn.execute(
        "SELECT id FROM message WHERE workspace_id = %s AND profile_id = %s", (workspace, profile)
    ).fetchone()
    assert row is not None
    return int(row[0])


def keep(conn: Connection, workspace: int, now: datetime) -> int:
    """Turns until nothing is left; how many days were made."""
    made = 0
    while days := keeping.turn(conn, workspace, now):
        made += days
    return made


def opens(conn: Connection, workspace: int, profile: int, at: datetime) -> None:
    """As the processor takes it in."""
    one = event(
        conn, workspace, profile, metrics.OPENED_EMAIL, at, {"message_id": message_of(conn, workspace, profile)}
    )
    feedback.apply(conn, workspace, stored(conn, workspace, [one], at), at)


def test_keeping_a_day_changes_no_number(conn: Connection, workspace: int, crowd: list[int]) -> None:
    before = sending.load(conn, workspace, SPAN).found
    people = sending.engaged(conn, workspace, SPAN)
    domains = sending.domains(conn, workspace, SPAN)

    assert keep(conn, workspace, LATER) > 0

    assert dict(sending.load(conn, workspace, SPAN).found) == dict(before)
    assert sending.engaged(conn, workspace, SPAN) == people == 6
    assert sending.domains(conn, workspace, SPAN) == domains
    assert {domain: (of.sent, of.bounced, of.opened) for domain, of in domains.items()} == {"example.com": (9, 1, 6)}
    left, ordered = date(2026, 3, 2), date(2026, 3, 3)
    ((_, source),) = {key for key in before if key[0] == left}
    emails = before[left, source]
    assert (emails.sent, emails.delivered, emails.bounced, emails.opened, emails.unsubscribed) == (9, 8, 1, 6, 1)
    assert emails.skipped == {"smart_sending": 1}
    assert (before[ordered, source].converted, before[ordered, source].revenue) == (1, Decimal(80))


def test_what_is_kept_is_what_is_read(conn: Connection, workspace: int, crowd: list[int]) -> None:
    keep(conn, workspace, LATER)
    conn.execute("UPDATE result_day SET sent = 1234 WHERE workspace_id = %s AND sent > 0", (workspace,))
    assert sending.load(conn, workspace, SPAN).all_of(SPAN).sent == 1234


def test_today_and_yesterday_are_read_as_they_are(conn: Connection, workspace: int, crowd: list[int]) -> None:
    keep(conn, workspace, LATER)
    kept = kept_days.which(conn, workspace, SPAN)
    assert (max(kept), min(kept)) == (date(2026, 3, 10), date(2026, 3, 2))
    assert len(kept) == 9  # days on which nothing happened, too


def test_an_email_that_is_opened_late_is_counted_at_the_next_look(
    conn: Connection, workspace: int, crowd: list[int]
) -> None:
    keep(conn, workspace, LATER)
    opens(conn, workspace, crowd[6], LATER)
    later = LATER + keeping.LOOK_AGAIN
    assert workspace in keeping.workspaces_with_work(conn, later)

    assert keep(conn, workspace, later) == 1

    assert sending.load(conn, workspace, SPAN).all_of(SPAN).opened == 7
    assert sending.engaged(conn, workspace, SPAN) == 7
    assert workspace not in keeping.workspaces_with_work(conn, later)


def test_nothing_is_made_anew_when_nothing_changed(conn: Connection, workspace: int, crowd: list[int]) -> None:
    keep(conn, workspace, LATER)
    assert keep(conn, workspace, LATER + keeping.LOOK_AGAIN) == 0


def test_an_order_that_is_told_days_late_is_found_the_next_day(
    conn: Connection, workspace: int, crowd: list[int]
) -> None:
    keep(conn, workspace, LATER)
    message = message_of(conn, workspace, crowd[2])
    happens(conn, workspace, crowd[2], metrics.CLICKED_EMAIL, LEFT + DAY, message_id=message)
    happens(conn, workspace, crowd[2], metrics.PLACED_ORDER, LEFT + 2 * DAY, value=20)

    keep(conn, workspace, LATER + DAY)

    assert sending.load(conn, workspace, SPAN).all_of(SPAN).revenue == 100


def test_in_another_zone_the_days_are_others(conn: Connection, workspace: int, crowd: list[int]) -> None:
    keep(conn, workspace, LATER)
    conn.execute("UPDATE workspace SET timezone = 'Asia/Tokyo' WHERE id = %s", (workspace,))
    there = Span(SPAN.first, SPAN.last, ZoneInfo("Asia/Tokyo"))
    assert kept_days.which(conn, workspace, there) == {}
    read = sending.load(conn, workspace, there).found

    keep(conn, workspace, LATER + DAY)

    assert dict(sending.load(conn, workspace, there).found) == dict(read)
    assert date(2026, 3, 3) in {day for day, _ in read}  # midnight in Tokyo came before 15:00 UTC


def test_a_long_past_is_made_week_by_week_the_latest_first(conn: Connection, workspace: int, crowd: list[int]) -> None:
    now = LEFT + 30 * DAY
    assert keeping.turn(conn, workspace, now) == keeping.DAYS_AT_ONCE
    span = Span(date(2026, 3, 2), date(2026, 4, 1), ZONE)
    assert min(kept_days.which(conn, workspace, span)) == date(2026, 3, 24)
    assert workspace in keeping.workspaces_with_work(conn, now)

    keep(conn, workspace, now)

    assert min(kept_days.which(conn, workspace, span)) == date(2026, 3, 2)
    assert workspace not in keeping.workspaces_with_work(conn, now)


@pytest.mark.parametrize(("at_once", "made"), [(1000, [2]), (4, [1, 1])])
def test_days_of_much_mail_are_made_one_at_a_time(
    conn: Connection, workspace: int, crowd: list[int], monkeypatch: pytest.MonkeyPatch, at_once: int, made: list[int]
) -> None:
    conn.execute("UPDATE message SET finished_at = %s WHERE profile_id = ANY (%s)", (LEFT + DAY, crowd[:4]))
    keep(conn, workspace, LATER)
    kept_days.mark_stale(conn, workspace, [date(2026, 3, 2), date(2026, 3, 3)])
    monkeypatch.setattr(keeping, "EMAILS_AT_ONCE", at_once)
    assert [keeping.turn(conn, workspace, LATER) for _ in made] == made


def test_two_workers_do_not_make_the_same_day(conn: Connection, workspace: int, crowd: list[int]) -> None:
    conn.commit()
    with database.connect() as other, other.transaction():
        assert keeping.turn(other, workspace, LATER) > 0
        assert keeping.turn(conn, workspace, LATER) == 0


def test_a_brand_without_mail_is_looked_at_every_few_minutes_only(conn: Connection, workspace: int) -> None:
    assert keeping.turn(conn, workspace, LATER) == 0
    assert workspace not in keeping.workspaces_with_work(conn, LATER)


def test_runs_of_days_without_some() -> None:
    span = Span(date(2026, 3, 1), date(2026, 3, 6), ZONE)
    kept = {date(2026, 3, 2), date(2026, 3, 5)}
    assert [(run.first.day, run.last.day) for run in span.without(kept)] == [(1, 1), (3, 4), (6, 6)]
    assert span.without(set(span.days)) == []
