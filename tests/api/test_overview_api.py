"""The overview and the reports over the API: what left, what came of it, what needs attention, and CSV of it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from psycopg import Connection

from headwater.audience import consent
from headwater.core import clock
from headwater.events import metrics
from headwater.insights import providers
from tests.api.api_client import Api
from tests.delivery.ledger_builders import people
from tests.flows.test_numbers import happens, shop

DAY = timedelta(days=1)


@pytest.fixture
def now(conn: Connection) -> datetime:
    return clock.now(conn)


def sent(conn: Connection, workspace: int, at: datetime) -> dict[int, int]:
    """Every message left at that moment and was opened; message by profile."""
    conn.execute(
        "UPDATE message SET state = 'sent', sent_at = %s, finished_at = %s, opened_at = %s WHERE workspace_id = %s",
        (at, at, at, workspace),
    )
    return dict(conn.execute("SELECT profile_id, id FROM message WHERE workspace_id = %s", (workspace,)).fetchall())


def orders(conn: Connection, workspace: int, profile: int, message: int, at: datetime, value: int) -> None:
    """A click on the message, and an order half an hour later."""
    happens(conn, workspace, profile, metrics.CLICKED_EMAIL, at, message_id=message)
    happens(conn, workspace, profile, metrics.PLACED_ORDER, at + timedelta(minutes=30), value=value)


def test_a_new_brand_sees_what_to_do_first(api: Api) -> None:
    answer = api.get("/overview")

    assert answer.status == 200
    assert [(step["key"], step["done"]) for step in answer["setup"]["steps"]] == [
        ("sender", True), ("postal_address", True),
        ("people", False), ("events", False), ("flow", False), ("campaign", False),
    ]  # fmt: skip
    assert answer["setup"]["sent_before"] is False
    assert (answer["now"]["sent"], answer["now"]["rates"]["opened"], len(answer["days"])) == (0, None, 30)
    assert (answer["flows"], answer["scheduled"], answer["attention"]) == ([], [], [])


def test_what_left_and_what_it_earned_by_span_and_by_day(api: Api, conn: Connection, now: datetime) -> None:
    _, crowd = shop(conn, api.workspace)
    ids = sent(conn, api.workspace, now - 2 * DAY)
    conn.execute(
        "UPDATE message SET state = 'bounced', sent_at = NULL, opened_at = NULL"
        " WHERE workspace_id = %s AND profile_id = %s",
        (api.workspace, crowd[9]),
    )
    orders(conn, api.workspace, crowd[0], ids[crowd[0]], now - DAY, 80)
    orders(conn, api.workspace, crowd[1], ids[crowd[1]], now - 40 * DAY, 20)
    conn.commit()

    answer = api.get("/overview?days=30")

    totals = answer["now"]
    assert (totals["sent"], totals["delivered"], totals["bounced"], totals["opened"]) == (10, 9, 1, 9)
    assert (totals["revenue"], totals["revenue_flows"], totals["revenue_campaigns"], totals["orders"]) == (80, 80, 0, 1)
    assert (answer["before"]["revenue"], answer["before"]["sent"]) == (20, 0)
    assert (totals["engaged"], totals["rates"]["bounced"]) == (9, 0.1)
    assert sum(day["revenue_flows"] for day in answer["days"]) == 80
    assert [day["sent"] for day in answer["days"] if day["sent"]] == [10]
    (flow,) = answer["flows"]
    assert (flow["slug"], flow["sent"], flow["revenue"]) == ("a-flow", 10, 80)


def test_an_order_after_a_machine_s_open_is_owed_to_nobody(api: Api, conn: Connection, now: datetime) -> None:
    _, crowd = shop(conn, api.workspace)
    ids = sent(conn, api.workspace, now - DAY)
    happens(conn, api.workspace, crowd[0], metrics.OPENED_EMAIL, now - DAY, message_id=ids[crowd[0]], machine=True)
    happens(conn, api.workspace, crowd[0], metrics.PLACED_ORDER, now - DAY + timedelta(hours=1), value=80)
    conn.commit()

    assert api.get("/overview")["now"]["revenue"] == 0


def test_the_list_grows_by_who_was_no_subscriber_before(api: Api, conn: Connection, now: datetime) -> None:
    old, new, gone, back = people(conn, api.workspace, 4)

    def says(state: str, person: int, days_ago: int) -> None:
        decide = consent.subscribe if state == "in" else consent.unsubscribe
        decide(conn, api.workspace, [person], at=now - days_ago * DAY, now=now, method="api")

    for person in (old, gone):
        says("in", person, 90)
    says("in", old, 3)  # said again: no growth
    says("in", new, 3)
    says("out", gone, 2)
    says("out", back, 5)  # was never in
    says("in", back, 1)
    conn.commit()

    answer = api.get("/overview?days=7")

    assert (answer["now"]["new_subscribers"], answer["now"]["lost_subscribers"]) == (2, 1)
    assert answer["subscribers"] == 3
    assert sum(day["new_subscribers"] for day in answer["days"]) == 2


def test_what_needs_attention_is_said_with_where_to_go(api: Api, conn: Connection, now: datetime) -> None:
    shop(conn, api.workspace)
    api.patch("/brand", {"from_email": "", "postal_address": ""})
    conn.execute(
        "UPDATE message SET state = 'skipped', reason = 'template_error', finished_at = %s WHERE workspace_id = %s",
        (now - DAY, api.workspace),
    )
    conn.commit()

    items = api.get("/overview")["attention"]

    assert [(item["kind"], item["target"], item["level"]) for item in items] == [
        ("senders", "", "error"), ("brand", "", "error"), ("flow", "a-flow", "error"),
    ]  # fmt: skip
    assert items[2]["title"] == "10 emails of “a-flow” did not go"
    assert "Error in the template" in items[2]["detail"]


@pytest.mark.parametrize("days", ["0", "31", "all", "-7"])
def test_other_spans_are_refused(api: Api, days: str) -> None:
    refused = api.get(f"/overview?days={days}")
    assert (refused.status, refused["field"]) == (400, "query.days")


def test_another_brand_sees_nothing_of_it(api: Api, conn: Connection, now: datetime) -> None:
    other = conn.execute(
        "INSERT INTO workspace (name, slug, smart_sending_hours, require_consent, created_at, timezone, currency,"
        " from_name, from_email, reply_to, postal_address, website_url)"
        " VALUES ('Other', %s, 16, false, now(), 'UTC', 'EUR', '', '', '', '', '') RETURNING id",
        (f"other-{api.workspace}",),
    ).fetchone()
    assert other is not None
    shop(conn, other[0])
    sent(conn, other[0], now - DAY)
    conn.commit()

    assert api.get("/overview")["now"]["sent"] == 0
    assert api.get("/reports/flows")["lines"] == []
    assert api.get("/reports/deliverability")["providers"] == []
    assert api.get("/stored")["messages"] == 0


def test_reports_say_rates_and_what_they_are_of(api: Api, conn: Connection, now: datetime) -> None:
    _, crowd = shop(conn, api.workspace)
    ids = sent(conn, api.workspace, now - 2 * DAY)
    orders(conn, api.workspace, crowd[0], ids[crowd[0]], now - DAY, 80)
    conn.commit()

    answer = api.get("/reports/flows")

    (line,) = answer["lines"]
    assert (line["ref"], line["sent"], line["conversions"], line["revenue"]) == ("a-flow", 10, 1, 80)
    assert (line["rates"]["converted"], line["delivery_rate"]) == (0.1, 1)
    assert (line["average_order_value"], line["revenue_per_recipient"]) == (80, 8)
    assert answer["whole"] == {name: value for name, value in line.items() if name in answer["whole"]}
    assert api.get("/reports/campaigns")["lines"] == []


def test_money_that_does_not_divide_is_rounded(api: Api, conn: Connection, now: datetime) -> None:
    _, crowd = shop(conn, api.workspace)
    ids = sent(conn, api.workspace, now - 2 * DAY)
    for person, value in zip(crowd[:3], (10, 10, 11), strict=True):
        orders(conn, api.workspace, person, ids[person], now - DAY, value)
    conn.commit()

    (line,) = api.get("/reports/flows")["lines"]
    assert (line["average_order_value"], line["revenue_per_recipient"]) == (10.3333, 3.1)


def test_a_span_is_of_whole_days_of_the_brand_and_its_ends_count(api: Api, conn: Connection) -> None:
    shop(conn, api.workspace)
    sent(conn, api.workspace, datetime(2026, 2, 11, 4, 30, tzinfo=UTC))  # half past eleven at night in New York
    conn.commit()

    def on(first: str, last: str) -> int:
        return api.get(f"/reports/flows?since={first}&until={last}")["whole"]["sent"]

    assert (on("2026-02-10", "2026-02-10"), on("2026-02-11", "2026-02-11")) == (10, 0)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=2026-03-02&until=2026-03-01", "query.until"),
        ("since=2020-03-02&until=2026-03-01", "query.since"),
        ("since=yesterday", "query.since"),
        ("format=xls", "query.format"),
        ("days=8", "query.days"),
        ("days=30&since=2026-03-01", "query.days"),
    ],
)
def test_what_is_no_span_is_refused(api: Api, query: str, field: str) -> None:
    refused = api.get(f"/reports/flows?{query}")
    assert (refused.status, refused["field"]) == (400, field)


def test_mail_is_told_apart_by_provider(api: Api, conn: Connection, now: datetime) -> None:
    _, crowd = shop(conn, api.workspace)
    sent(conn, api.workspace, now - DAY)
    conn.execute(
        """
        UPDATE message
        SET address = CASE WHEN profile_id = %(first)s THEN 'a@GoogleMail.com' WHEN profile_id = %(second)s
                      THEN 'b@gmail.com' ELSE 'c@juniper.example' END
        WHERE workspace_id = %(workspace)s
        """,
        {"first": crowd[0], "second": crowd[1], "workspace": api.workspace},
    )
    conn.commit()

    answer = api.get("/reports/deliverability")

    assert [(part["name"], part["sent"]) for part in answer["providers"]] == [("Gmail", 2), (providers.OTHER, 8)]
    assert [(part["name"], part["provider"]) for part in answer["domains"]] == [
        ("juniper.example", providers.OTHER), ("gmail.com", "Gmail"), ("googlemail.com", "Gmail"),
    ]  # fmt: skip


def csv_of(api: Api, path: str) -> list[dict[str, str]]:
    answer = Client().get(f"/api/v1{path}", headers={"Authorization": f"Bearer {api.key}"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_reports_come_as_csv_that_no_spreadsheet_takes_for_formulas(api: Api, conn: Connection, now: datetime) -> None:
    shop(conn, api.workspace)
    conn.execute("UPDATE flow SET name = '=HYPERLINK(1)' WHERE workspace_id = %s", (api.workspace,))
    sent(conn, api.workspace, now - DAY)
    conn.commit()

    (line,) = csv_of(api, "/reports/flows?format=csv")

    assert (line["name"], line["sent"], line["currency"]) == ("'=HYPERLINK(1)", "10", "USD")
    assert line["opened_rate_of_delivered"] == "1.0"
    assert line["bounced_rate_of_sent"] == "0.0"
    assert csv_of(api, "/reports/campaigns?format=csv") == []


def test_what_is_stored_is_counted(api: Api, conn: Connection) -> None:
    shop(conn, api.workspace)
    conn.commit()

    answer = api.get("/stored")

    assert (answer["profiles"], answer["messages"]) == (10, 10)
    assert sum(month["count"] for month in answer["messages_by_month"]) == 10
