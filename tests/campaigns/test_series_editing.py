"""A series changed while it is a plan: days added, moved and taken out, and made drafts again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from psycopg import Connection

from headwater.campaigns import series, series_editing
from headwater.campaigns.errors import CampaignError, WrongStatus
from headwater.campaigns.series import Part, Series
from headwater.campaigns.series_editing import Day, Plan
from tests.campaigns.campaign_people import NOW, a_list, an_email, people

DAY = timedelta(days=1)


def sale(conn: Connection, workspace: int) -> Series:
    template = an_email(conn, workspace)
    parts = [Part(f"Day {day}", NOW + DAY * day, template) for day in (1, 2)]
    included = [{"list": a_list(conn, workspace, "Everyone", people(conn, workspace, 1))}]
    return series.plan(conn, workspace, "Sale", parts, NOW, included=included)


def as_planned(one: Series, **changes: object) -> Plan:
    days = [Day(Part(each.name, each.send_at or NOW, each.template_id), each.id) for each in one.campaigns]
    values = {"name": one.name, "days": days, "included": one.campaigns[0].included} | changes
    return Plan(**values)  # type: ignore[arg-type]


def test_days_are_moved_added_and_taken_out(conn: Connection, workspace: int) -> None:
    planned = sale(conn, workspace)
    first, second = planned.campaigns
    days = [
        Day(Part("The end", NOW + 9 * DAY, first.template_id), first.id),
        Day(Part("Teaser", NOW + DAY, None)),
    ]
    changed = series_editing.change(conn, workspace, planned.id, as_planned(planned, name="Big", days=days), NOW)
    assert changed is not None
    assert changed.name == "Big"
    assert [(one.name, one.position) for one in changed.campaigns] == [("Teaser", 1), ("The end", 2)]
    assert changed.campaigns[1].id == first.id
    assert second.id not in {one.id for one in changed.campaigns}


def test_the_audience_is_that_of_every_day(conn: Connection, workspace: int) -> None:
    planned = sale(conn, workspace)
    other = [{"list": a_list(conn, workspace, "Others", [])}]
    changed = series_editing.change(conn, workspace, planned.id, as_planned(planned, included=other), NOW)
    assert changed is not None
    assert [one.included for one in changed.campaigns] == [other, other]


def test_what_is_scheduled_is_made_a_draft_first(conn: Connection, workspace: int) -> None:
    planned = sale(conn, workspace)
    series.schedule(conn, workspace, planned.id, NOW)
    with pytest.raises(WrongStatus, match="scheduled"):
        series_editing.change(conn, workspace, planned.id, as_planned(planned), NOW)
    with pytest.raises(WrongStatus, match="drafts"):
        series_editing.delete(conn, workspace, planned.id)
    again = series_editing.unschedule(conn, workspace, planned.id, NOW)
    assert again is not None
    assert {one.status for one in again.campaigns} == {"draft"}
    assert series_editing.delete(conn, workspace, planned.id)
    assert series.get(conn, workspace, [planned.id]) == {}


def test_a_day_of_another_series_is_refused(conn: Connection, workspace: int) -> None:
    planned = sale(conn, workspace)
    stranger = Day(Part("X", NOW + DAY), planned.campaigns[0].id + 1_000)
    with pytest.raises(CampaignError) as raised:
        series_editing.change(conn, workspace, planned.id, as_planned(planned, days=[stranger]), NOW)
    assert raised.value.field == "campaigns.0.id"
