"""A three-day sale: planned together, each day without those who bought since the first, asked again at the claim."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from headwater.campaigns import campaigns, reporting, runner, series
from headwater.campaigns.errors import CampaignError
from headwater.campaigns.source import CampaignSource
from headwater.delivery import claims
from headwater.delivery.reasons import Reason
from tests.campaigns.campaign_people import NOW, a_list, an_email, ledger_of, ordered, people, settle_all

DAY = timedelta(days=1)


def sale(conn: Connection, workspace: int, members: list[int], **changes: Any) -> series.Series:
    template = an_email(conn, workspace)
    parts = [series.Part(f"Day {day + 1}", NOW + DAY * (day + 1), template) for day in (2, 0, 1)]
    included = [{"list": a_list(conn, workspace, "Everyone", members)}]
    return series.plan(conn, workspace, "Three days", parts, NOW, **({"included": included} | changes))


def run(conn: Connection, workspace: int, at: Any) -> None:
    while runner.run_due(conn, workspace, at):
        pass


def test_days_stand_in_their_order_with_one_audience(conn: Connection, workspace: int) -> None:
    planned = sale(conn, workspace, people(conn, workspace, 1))
    assert [(one.name, one.position) for one in planned.campaigns] == [("Day 1", 1), ("Day 2", 2), ("Day 3", 3)]
    assert planned.starts_at == NOW + DAY
    assert {one.status for one in planned.campaigns} == {"draft"}
    assert series.get(conn, workspace, [planned.id])[planned.id] == planned


def test_each_day_leaves_out_who_bought_since_the_first(conn: Connection, workspace: int) -> None:
    early, first_day, second_day, never = people(conn, workspace, 4)
    planned = sale(conn, workspace, [early, first_day, second_day, never])
    series.schedule(conn, workspace, planned.id, NOW)
    ordered(conn, workspace, early, NOW)
    run(conn, workspace, NOW + DAY)
    settle_all(conn, workspace)
    ordered(conn, workspace, first_day, NOW + DAY + timedelta(hours=1))
    run(conn, workspace, NOW + 2 * DAY)
    settle_all(conn, workspace)
    ordered(conn, workspace, second_day, NOW + 2 * DAY + timedelta(hours=1))
    run(conn, workspace, NOW + 3 * DAY)
    got = [set(ledger_of(conn, workspace, one.id)) for one in planned.campaigns]
    assert got == [{early, first_day, second_day, never}, {early, second_day, never}, {early, never}]


def test_a_purchase_after_the_day_was_planned_stops_the_email_at_the_claim(conn: Connection, workspace: int) -> None:
    buyer, other = people(conn, workspace, 2)
    planned = sale(conn, workspace, [buyer, other])
    series.schedule(conn, workspace, planned.id, NOW)
    at = NOW + 2 * DAY
    conn.execute(
        "UPDATE campaign SET status = 'cancelled' WHERE workspace_id = %s AND position = 1",
        (workspace,),
    )
    run(conn, workspace, at)
    ordered(conn, workspace, buyer, at)
    claimed = claims.due(conn, workspace, at, 10)
    briefs = CampaignSource().brief(conn, workspace, claimed, at)
    told = {message.profile_id: briefs[message.id].refuse for message in claimed}
    assert told == {buyer: Reason.FAILED_EXIT_CONDITION, other: None}


def test_the_report_of_a_day_says_whom_the_series_left_out(conn: Connection, workspace: int) -> None:
    buyer, other = people(conn, workspace, 2)
    planned = sale(conn, workspace, [buyer, other])
    series.schedule(conn, workspace, planned.id, NOW)
    run(conn, workspace, NOW + DAY)
    conn.execute(
        """
        UPDATE message
        SET state = 'skipped', reason = %s, finished_at = %s
        WHERE workspace_id = %s
          AND profile_id = %s
        """,
        (Reason.FAILED_EXIT_CONDITION, NOW + DAY, workspace, buyer),
    )
    first = campaigns.get(conn, workspace, [planned.campaigns[0].id])[planned.campaigns[0].id]
    told = reporting.of_campaign(conn, workspace, first, NOW + DAY).skipped
    assert [(one.words, one.people) for one in told] == [("Placed Order since the series began", 1)]


def test_all_are_scheduled_or_none(conn: Connection, workspace: int) -> None:
    planned = sale(conn, workspace, people(conn, workspace, 1))
    campaigns.update(conn, workspace, planned.campaigns[2].id, {"template_id": None}, NOW)
    conn.commit()
    with pytest.raises(CampaignError) as raised:
        series.schedule(conn, workspace, planned.id, NOW)
    conn.rollback()
    assert raised.value.field == "campaigns.2.template_id"
    assert {one.status for one in series.get(conn, workspace, [planned.id])[planned.id].campaigns} == {"draft"}


def test_cancelling_stops_what_is_left(conn: Connection, workspace: int) -> None:
    planned = sale(conn, workspace, people(conn, workspace, 2))
    series.schedule(conn, workspace, planned.id, NOW)
    run(conn, workspace, NOW + DAY)
    settle_all(conn, workspace)
    run(conn, workspace, NOW + DAY)
    cancelled = series.cancel(conn, workspace, planned.id, NOW + DAY)
    assert cancelled is not None
    assert [one.status for one in cancelled.campaigns] == ["sent", "cancelled", "cancelled"]


def test_another_workspace_sees_nothing(conn: Connection, workspace: int) -> None:
    planned = sale(conn, workspace, people(conn, workspace, 1))
    assert series.schedule(conn, workspace + 1_000_000, planned.id, NOW) is None
    assert series.cancel(conn, workspace + 1_000_000, planned.id, NOW) is None
