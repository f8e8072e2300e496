"""Campaigns as a list and in the calendar: search, status, order, pages, and numbers that are not counted each time."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from psycopg import Connection

from headwater.campaigns import calendar, campaigns, figures, listing, reporting, runner
from headwater.campaigns.campaigns import Campaign, Draft
from headwater.campaigns.errors import CampaignError
from tests.campaigns.campaign_people import NOW, a_list, an_email, people, settle_all
from tests.flows.flow_tables import did, event, stored

HOUR = timedelta(hours=1)


def drafts(conn: Connection, workspace: int, *names: str) -> list[int]:
    made = [
        campaigns.create(conn, workspace, Draft(name, send_at=NOW - place * HOUR), NOW)
        for place, name in enumerate(names)
    ]
    return [one.id for one in made]


def sent(conn: Connection, workspace: int, number: int) -> Campaign:
    included = [{"list": a_list(conn, workspace, "All", people(conn, workspace, number))}]
    one = campaigns.create(conn, workspace, Draft("Sale", an_email(conn, workspace), included), NOW)
    campaigns.schedule(conn, workspace, one.id, NOW)
    runner.run_due(conn, workspace, NOW)
    settle_all(conn, workspace)
    runner.run_due(conn, workspace, NOW)
    conn.execute("UPDATE message SET sent_at = %s, address = 'p@Example.com' WHERE workspace_id = %s", (NOW, workspace))
    return campaigns.get(conn, workspace, [one.id])[one.id]


@pytest.mark.parametrize("sort", ["newest", "oldest", "when", "-when", "name", "-name", "recipients", "-recipients"])
def test_pages_in_any_order_bring_each_once(conn: Connection, workspace: int, sort: str) -> None:
    drafts(conn, workspace, "b", "A", "c", "a", "B")
    whole = [one.id for one in listing.page(conn, workspace, sort=sort).campaigns]
    paged: list[int] = []
    cursor = None
    while True:
        page = listing.page(conn, workspace, sort=sort, limit=2, cursor=cursor)
        paged += [one.id for one in page.campaigns]
        cursor = page.next
        if cursor is None:
            break
    assert paged == whole
    assert len(set(whole)) == 5


def test_search_and_status(conn: Connection, workspace: int) -> None:
    spring, _, _ = drafts(conn, workspace, "Spring 50%", "Summer", "Autumn")
    sent(conn, workspace, 1)
    assert [one.id for one in listing.page(conn, workspace, search="g 50%").campaigns] == [spring]
    assert len(listing.page(conn, workspace, statuses=["draft"]).campaigns) == 3
    assert len(listing.page(conn, workspace, statuses=["draft", "sent"]).campaigns) == 4


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"statuses": ["gone"]}, "query.status"),
        ({"sort": "colour"}, "query.sort"),
        ({"cursor": "nonsense"}, "query.cursor"),
        ({"cursor": "WyJuYW1lIiwiYSIsMV0"}, "query.cursor"),
    ],
)
def test_what_a_list_does_not_know_is_refused(conn: Connection, workspace: int, asked: dict, field: str) -> None:
    with pytest.raises(CampaignError) as raised:
        listing.page(conn, workspace, **asked)
    assert raised.value.field == field


def test_numbers_are_remembered_until_they_are_old(conn: Connection, workspace: int) -> None:
    one = sent(conn, workspace, 4)
    before = figures.of_campaigns(conn, workspace, [one], NOW)[one.id]
    assert (before.recipients, before.sent, before.delivered, before.opened) == (4, 4, 4, 0)
    conn.execute("UPDATE message SET opened_at = %s WHERE workspace_id = %s", (NOW, workspace))
    soon = figures.of_campaigns(conn, workspace, [one], NOW + timedelta(seconds=5))[one.id]
    later = figures.of_campaigns(conn, workspace, [one], NOW + timedelta(seconds=10))[one.id]
    assert (soon.opened, later.opened) == (0, 4)


def test_the_longer_it_is_over_the_rarer_it_is_counted(conn: Connection, workspace: int) -> None:
    one = sent(conn, workspace, 1)
    waits = [figures.patience(one, NOW + age) for age in (timedelta(0), timedelta(days=1), timedelta(days=100))]
    assert waits == [timedelta(seconds=10), timedelta(days=1) / 50, timedelta(hours=6)]


def test_a_report_counts_by_hour_and_by_provider(conn: Connection, workspace: int) -> None:
    one = sent(conn, workspace, 3)
    conn.execute(
        """
        UPDATE message
        SET opened_at = %(later)s
        WHERE workspace_id = %(w)s
          AND id IN (SELECT id FROM message WHERE workspace_id = %(w)s ORDER BY id LIMIT 2)
        """,
        {"w": workspace, "later": NOW + timedelta(minutes=70)},
    )
    report = reporting.of_campaign(conn, workspace, one, NOW + 2 * HOUR)
    assert [(hour.at, hour.sent, hour.opened) for hour in report.curve] == [(NOW, 3, 0), (NOW + HOUR, 0, 2)]
    assert [(found.domain, found.sent, found.opened) for found in report.providers] == [("example.com", 3, 2)]


def test_orders_and_unsubscribes_go_to_the_campaign_behind_them(conn: Connection, workspace: int) -> None:
    one = sent(conn, workspace, 4)
    ids = dict(conn.execute("SELECT profile_id, id FROM message WHERE workspace_id = %s", (workspace,)).fetchall())
    buyer, late, machine, gone = ids
    clicked = {"url": "https://shop.example/a?size=4&utm_campaign=Sale+%281%29&utm_source=x"}
    did(conn, workspace, buyer, "Clicked Email", NOW + HOUR, {"message_id": ids[buyer], **clicked})
    did(conn, workspace, late, "Clicked Email", NOW + HOUR, {"message_id": ids[late], **clicked})
    did(conn, workspace, machine, "Clicked Email", NOW + HOUR, {"message_id": ids[machine], "machine": True, **clicked})
    did(conn, workspace, gone, "Unsubscribed", NOW + HOUR, {"message_id": ids[gone]})
    conn.execute("UPDATE message SET clicked_at = %s, opened_at = %s WHERE workspace_id = %s", (NOW, NOW, workspace))
    for person, after, value in (
        (buyer, 2 * HOUR, 80),
        (late, timedelta(days=6, hours=2), 70),
        (machine, 2 * HOUR, 60),
    ):
        at = NOW + after
        stored(conn, workspace, [event(conn, workspace, person, "Placed Order", at, value=value)], at)
    report = reporting.of_campaign(conn, workspace, one, NOW + timedelta(days=9))
    assert (report.totals.orders, report.totals.revenue, report.totals.unsubscribed) == (1, 80, 1)
    assert [(link.url, link.clicks, link.people) for link in report.links] == [("https://shop.example/a?size=4", 2, 2)]
    listed = figures.count(conn, workspace, [one], NOW + timedelta(days=9))[one.id]
    assert (listed.orders, listed.revenue, listed.unsubscribed) == (1, 80, 1)


def test_a_day_in_the_calendar_is_the_brands(conn: Connection, workspace: int) -> None:
    # 03:30 UTC on the 3rd is half past ten in the evening of the 2nd in New York.
    late = campaigns.create(conn, workspace, Draft("Late", send_at=NOW + timedelta(hours=15, minutes=30)), NOW)
    zone = ZoneInfo("America/New_York")
    (entry,) = calendar.between(conn, workspace, date(2026, 3, 2), date(2026, 3, 2), zone)
    assert (entry.campaign.id, entry.day) == (late.id, date(2026, 3, 2))
    assert calendar.between(conn, workspace, date(2026, 3, 3), date(2026, 3, 9), zone) == []
