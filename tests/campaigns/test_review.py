"""The review before sending: every finding with its level, its words and the step that puts it right."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from headwater.accounts import brand as brands
from headwater.campaigns import campaigns, findings, review
from headwater.campaigns.campaigns import PAST, Draft
from headwater.catalog import coupons
from headwater.delivery.expected import Expectation, Waiting
from headwater.delivery.reasons import Reason
from tests.campaigns.campaign_people import NOW, a_list, an_email, people

HOUR = timedelta(hours=1)
NEW_YORK = ZoneInfo("America/New_York")
MORNING = NOW + 3 * HOUR
"""Ten o'clock in New York."""


def reviewed(conn: Connection, workspace: int, **changes: Any) -> dict[str, findings.Finding]:
    values: dict[str, Any] = {"name": "Sale", "send_at": MORNING} | changes
    if "template_id" not in values:
        values["template_id"] = an_email(conn, workspace)
    if "included" not in values:
        values["included"] = [{"list": a_list(conn, workspace, "All", people(conn, workspace, 2))}]
    one = campaigns.create(conn, workspace, Draft(**values), NOW)
    found = review.review(conn, workspace, one.id, NOW)
    assert found is not None
    return {finding.code: finding for finding in found.findings}


def test_a_sound_campaign_has_neither_errors_nor_warnings(conn: Connection, workspace: int) -> None:
    found = reviewed(conn, workspace)
    assert {finding.level for finding in found.values()} <= {"note"}


def test_what_is_missing_is_told_all_at_once_each_with_its_step(conn: Connection, workspace: int) -> None:
    brands.update(conn, workspace, {"from_email": ""})
    found = reviewed(conn, workspace, template_id=None, included=[], send_at=NOW - HOUR)
    errors = {code: finding.step for code, finding in found.items() if finding.level == "error"}
    assert errors == {"no_audience": "audience", "no_email": "content", "sender": "brand", "past": "schedule"}


def test_nobody_is_an_error_when_it_goes_at_once_and_a_warning_before(conn: Connection, workspace: int) -> None:
    empty = [{"list": a_list(conn, workspace, "Empty", [])}]
    assert reviewed(conn, workspace, included=empty)["nobody"].level == "warning"
    assert reviewed(conn, workspace, included=empty, send_at=None)["nobody"].level == "error"


def test_an_archived_list_is_named(conn: Connection, workspace: int) -> None:
    chosen = a_list(conn, workspace, "Old", people(conn, workspace, 1))
    one = campaigns.create(conn, workspace, Draft("X", an_email(conn, workspace), [{"list": chosen}]), NOW)
    conn.execute("UPDATE list SET archived_at = %s WHERE workspace_id = %s AND id = %s", (NOW, workspace, chosen))
    found = review.review(conn, workspace, one.id, NOW)
    assert found is not None
    assert found.findings[0].code == "audience_gone"
    assert (found.audience, found.can_be_scheduled) == (None, False)


def test_an_email_that_asks_for_an_event_or_too_few_codes(conn: Connection, workspace: int) -> None:
    coupons.define(conn, workspace, "FEW", "pool", None, None, None, NOW)
    coupons.add_codes(conn, workspace, "FEW", ["A1"])
    body = "{{ event.size }} {% coupon_code 'FEW' %} {% footer %}"
    found = reviewed(conn, workspace, template_id=an_email(conn, workspace, body=body))
    assert found["event"].level == "warning"
    assert "1 codes left for 2 people" in found["coupon_codes"].words


def test_another_campaign_of_the_same_day_is_named(conn: Connection, workspace: int) -> None:
    chosen = [{"list": a_list(conn, workspace, "Everyone", people(conn, workspace, 1, email="other{}@example.com"))}]
    other = campaigns.create(
        conn, workspace, Draft("Morning news", an_email(conn, workspace), chosen, send_at=MORNING - HOUR), NOW
    )
    campaigns.schedule(conn, workspace, other.id, NOW)
    found = reviewed(conn, workspace)
    assert "“Morning news” at 09:00" in found["same_day"].words
    assert found["same_day"].level == "note"
    assert reviewed(conn, workspace, included=chosen, smart_sending=False)["same_day"].level == "warning"


def test_three_times_as_many_as_ever_is_unusual() -> None:
    assert findings.of_size(301, [100, 90, 150], now=True)[0].code == "unusually_large"
    assert findings.of_size(300, [100, 90, 150], now=True) == []
    assert findings.of_size(10_000, [100, 90], now=True) == []


def test_night_is_by_the_brands_clock() -> None:
    at = datetime(2026, 3, 3, 23, 30, tzinfo=NEW_YORK)
    assert findings.of_time(at, NOW, NEW_YORK, PAST)[0].words == "It goes out at night: 23:30 in America/New_York."
    assert findings.of_time(at, NOW, ZoneInfo("Asia/Tokyo"), PAST) == []
    assert findings.of_time(NOW - HOUR, NOW, NEW_YORK, PAST)[0].code == "past"


def test_limits_are_told_by_how_many_they_concern(conn: Connection, workspace: int) -> None:
    brand = brands.load(conn, workspace)
    quiet = findings.of_limits(brand, Expectation(5), Waiting(0, None), smart_sending=False)
    assert [one.code for one in quiet] == ["smart_sending_off"]


def test_smart_sending_that_leaves_out_many_is_a_warning(conn: Connection, workspace: int) -> None:
    brand = brands.load(conn, workspace)
    few, many = (
        findings.of_limits(brand, Expectation(going, {Reason.SMART_SENDING: 20}), Waiting(0, None), smart_sending=True)
        for going in (80, 79)
    )
    assert [(one.code, one.level) for one in (*few, *many)] == [("smart_sending", "note"), ("smart_sending", "warning")]
    assert "20 people" in few[0].words


def test_the_worst_comes_first() -> None:
    found = [findings.Finding(level, level, "", "brand") for level in ("note", "error", "warning")]
    assert [one.level for one in findings.in_order(found)] == ["error", "warning", "note"]
