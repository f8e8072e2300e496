"""A campaign from draft to sent: its audience, its schedule, cancelling at every point, and what keeps it back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from headwater.campaigns import audience, breakdown, campaigns, runner
from headwater.campaigns.campaigns import Draft
from headwater.campaigns.errors import CampaignError, WrongStatus
from headwater.campaigns.source import CampaignSource
from headwater.catalog import coupons
from headwater.delivery import claims
from headwater.delivery.reasons import Reason
from headwater.segments import saved
from tests.campaigns.campaign_people import NOW, a_list, an_email, ledger_of, ordered, people, settle_all

HOUR = timedelta(hours=1)


def a_campaign(conn: Connection, workspace: int, members: list[int], **changes: Any) -> campaigns.Campaign:
    values = {"name": "Spring sale", **changes}
    if "template_id" not in values:
        values["template_id"] = an_email(conn, workspace)
    if "included" not in values:
        values["included"] = [{"list": a_list(conn, workspace, "Newsletter", members)}]
    return campaigns.create(conn, workspace, Draft(**values), NOW)


def run(conn: Connection, workspace: int, at: Any = NOW, chunk: int = runner.CHUNK) -> None:
    while runner.run_due(conn, workspace, at, chunk):
        pass


def status_of(conn: Connection, workspace: int, campaign: int) -> str:
    return campaigns.get(conn, workspace, [campaign])[campaign].status


def test_send_now_goes_to_the_list_and_is_sent_when_the_last_message_is_done(conn: Connection, workspace: int) -> None:
    members = people(conn, workspace, 3)
    one = a_campaign(conn, workspace, members)
    campaigns.schedule(conn, workspace, one.id, NOW)
    run(conn, workspace)
    assert ledger_of(conn, workspace, one.id) == dict.fromkeys(members, "planned")
    assert status_of(conn, workspace, one.id) == "sending"
    settle_all(conn, workspace)
    run(conn, workspace)
    done = campaigns.get(conn, workspace, [one.id])[one.id]
    assert (done.status, done.recipients, done.finished_at) == ("sent", 3, NOW)
    assert campaigns.report(conn, workspace, one.id).sent == 3


def test_included_lists_and_segments_minus_excluded_ones_one_copy_each(conn: Connection, workspace: int) -> None:
    first, second, third, fourth, fifth = people(conn, workspace, 5)
    ordered(conn, workspace, fourth, NOW - HOUR)
    ordered(conn, workspace, first, NOW - HOUR)
    bought = {"metric": "Placed Order", "count": {"at_least": 1}}
    segment = saved.create(conn, workspace, "Buyers", bought, NOW)
    chosen = [
        {"list": a_list(conn, workspace, "A", [first, second])},
        {"list": a_list(conn, workspace, "B", [second, third])},
        {"segment": segment.id},
    ]
    excluded = [{"list": a_list(conn, workspace, "No", [third, fifth])}]
    one = a_campaign(conn, workspace, [], included=chosen, excluded=excluded)
    campaigns.schedule(conn, workspace, one.id, NOW)
    run(conn, workspace)
    assert set(ledger_of(conn, workspace, one.id)) == {first, second, fourth}


def test_at_a_time_it_waits_and_takes_the_audience_of_that_moment(conn: Connection, workspace: int) -> None:
    members = people(conn, workspace, 2)
    one = a_campaign(conn, workspace, members[:1], send_at=NOW + HOUR)
    campaigns.schedule(conn, workspace, one.id, NOW)
    run(conn, workspace)
    assert (status_of(conn, workspace, one.id), ledger_of(conn, workspace, one.id)) == ("scheduled", {})
    joined = one.included[0]["list"]
    conn.execute(
        "INSERT INTO list_member (workspace_id, list_id, profile_id, added_at, method) VALUES (%s, %s, %s, %s, 'test')",
        (workspace, joined, members[1], NOW),
    )
    run(conn, workspace, NOW + HOUR)
    assert set(ledger_of(conn, workspace, one.id)) == set(members)


def test_the_audience_may_be_taken_when_it_is_scheduled(conn: Connection, workspace: int) -> None:
    members = people(conn, workspace, 2)
    one = a_campaign(conn, workspace, members[:1], send_at=NOW + HOUR, audience_at="schedule")
    campaigns.schedule(conn, workspace, one.id, NOW)
    run(conn, workspace)
    assert status_of(conn, workspace, one.id) == "scheduled"
    conn.execute(
        "INSERT INTO list_member (workspace_id, list_id, profile_id, added_at, method) VALUES (%s, %s, %s, %s, 'test')",
        (workspace, one.included[0]["list"], members[1], NOW),
    )
    run(conn, workspace, NOW + HOUR)
    assert (status_of(conn, workspace, one.id), set(ledger_of(conn, workspace, one.id))) == ("sending", {members[0]})


def test_nobody_to_send_to(conn: Connection, workspace: int) -> None:
    one = a_campaign(conn, workspace, [])
    campaigns.schedule(conn, workspace, one.id, NOW)
    run(conn, workspace)
    assert status_of(conn, workspace, one.id) == "no_recipients"


def test_people_without_an_address_are_no_recipients(conn: Connection, workspace: int) -> None:
    one = a_campaign(conn, workspace, people(conn, workspace, 2, email=""))
    campaigns.schedule(conn, workspace, one.id, NOW)
    run(conn, workspace)
    assert status_of(conn, workspace, one.id) == "no_recipients"


def test_cancelled_before_nothing_is_sent(conn: Connection, workspace: int) -> None:
    one = a_campaign(conn, workspace, people(conn, workspace, 2), send_at=NOW + HOUR)
    campaigns.schedule(conn, workspace, one.id, NOW)
    campaigns.cancel(conn, workspace, one.id, NOW)
    run(conn, workspace, NOW + HOUR)
    assert (status_of(conn, workspace, one.id), ledger_of(conn, workspace, one.id)) == ("cancelled", {})


def test_cancelled_while_adding_recipients_stops_at_once(conn: Connection, workspace: int) -> None:
    one = a_campaign(conn, workspace, people(conn, workspace, 5))
    campaigns.schedule(conn, workspace, one.id, NOW)
    runner.run_due(conn, workspace, NOW, chunk=2)
    campaigns.cancel(conn, workspace, one.id, NOW)
    run(conn, workspace)
    assert list(ledger_of(conn, workspace, one.id).values()) == ["cancelled"] * 2


def test_cancelled_while_sending_stops_what_is_queued_and_refuses_what_is_tried_again(
    conn: Connection, workspace: int
) -> None:
    members = people(conn, workspace, 3)
    one = a_campaign(conn, workspace, members)
    campaigns.schedule(conn, workspace, one.id, NOW)
    run(conn, workspace)
    # Given one message that is being tried, and comes back for another attempt
    claimed = claims.due(conn, workspace, NOW, 1)
    conn.execute("UPDATE message SET state = 'claimed' WHERE workspace_id = %s AND id = %s", (workspace, claimed[0].id))
    cancelled = campaigns.cancel(conn, workspace, one.id, NOW)
    assert cancelled is not None
    assert cancelled.status_reason == "cancelled_during_send"
    assert sorted(ledger_of(conn, workspace, one.id).values()) == ["cancelled", "cancelled", "claimed"]
    brief = CampaignSource().brief(conn, workspace, claimed, NOW)[claimed[0].id]
    assert brief.refuse is Reason.CANCELLED


def test_a_finished_campaign_cannot_be_cancelled_or_changed(conn: Connection, workspace: int) -> None:
    one = a_campaign(conn, workspace, people(conn, workspace, 1))
    campaigns.schedule(conn, workspace, one.id, NOW)
    run(conn, workspace)
    settle_all(conn, workspace)
    run(conn, workspace)
    with pytest.raises(WrongStatus, match="sent"):
        campaigns.cancel(conn, workspace, one.id, NOW)
    with pytest.raises(WrongStatus, match="only a draft"):
        campaigns.update(conn, workspace, one.id, {"name": "x"}, NOW)
    with pytest.raises(WrongStatus, match="only a draft"):
        campaigns.delete(conn, workspace, one.id)


def test_it_can_be_made_a_draft_again_changed_and_scheduled_anew(conn: Connection, workspace: int) -> None:
    members = people(conn, workspace, 2)
    one = a_campaign(conn, workspace, members, send_at=NOW + HOUR)
    campaigns.schedule(conn, workspace, one.id, NOW)
    campaigns.unschedule(conn, workspace, one.id, NOW)
    campaigns.update(conn, workspace, one.id, {"name": "Better", "send_at": NOW + 2 * HOUR}, NOW)
    campaigns.schedule(conn, workspace, one.id, NOW)
    run(conn, workspace, NOW + 2 * HOUR)
    assert set(ledger_of(conn, workspace, one.id)) == set(members)


def test_the_email_is_frozen_when_it_is_scheduled(conn: Connection, workspace: int) -> None:
    one = a_campaign(conn, workspace, people(conn, workspace, 1), send_at=NOW + HOUR)
    scheduled = campaigns.schedule(conn, workspace, one.id, NOW)
    assert scheduled is not None
    an_email(conn, workspace, body="Changed {% footer %}")
    run(conn, workspace, NOW + HOUR)
    claimed = claims.due(conn, workspace, NOW + HOUR, 10)
    assert [message.template_version_id for message in claimed] == [scheduled.template_version_id]
    brief = CampaignSource().brief(conn, workspace, claimed, NOW + HOUR)[claimed[0].id]
    assert (brief.refuse, brief.template_version_id) == (None, scheduled.template_version_id)
    assert brief.message_name == "Spring sale"


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"included": []}, "included", "at least one list"),
        ({"template_id": None}, "template_id", "Choose the email"),
        ({"send_at": NOW - HOUR}, "send_at", "passed"),
    ],
)
def test_what_keeps_it_from_being_scheduled(
    conn: Connection, workspace: int, changes: dict[str, Any], field: str, says: str
) -> None:
    one = a_campaign(conn, workspace, [], **changes)
    with pytest.raises(CampaignError, match=says) as raised:
        campaigns.schedule(conn, workspace, one.id, NOW)
    assert raised.value.field == field


def test_an_email_without_a_way_out_is_not_scheduled(conn: Connection, workspace: int) -> None:
    one = a_campaign(conn, workspace, [], template_id=an_email(conn, workspace, body="Buy!", transactional=True))
    with pytest.raises(CampaignError, match="no unsubscribe link"):
        campaigns.schedule(conn, workspace, one.id, NOW)


def test_an_email_with_an_unknown_coupon_is_not_scheduled(conn: Connection, workspace: int) -> None:
    template = an_email(conn, workspace, body="{{ coupon.code }} {% footer %}", coupon="SALE")
    one = a_campaign(conn, workspace, [], template_id=template)
    with pytest.raises(CampaignError, match="coupon SALE"):
        campaigns.schedule(conn, workspace, one.id, NOW)
    coupons.define(conn, workspace, "SALE", "generated", None, None, None, NOW)
    assert campaigns.schedule(conn, workspace, one.id, NOW) is not None


def test_a_brand_without_a_sender_is_told_so(conn: Connection, workspace: int) -> None:
    one = a_campaign(conn, workspace, [])
    conn.execute("UPDATE workspace SET postal_address = '' WHERE id = %s", (workspace,))
    with pytest.raises(CampaignError, match="postal address"):
        campaigns.schedule(conn, workspace, one.id, NOW)
    conn.execute("UPDATE workspace SET from_email = '' WHERE id = %s", (workspace,))
    with pytest.raises(CampaignError, match="sender address"):
        campaigns.schedule(conn, workspace, one.id, NOW)


@pytest.mark.parametrize("part", [{"list": 0}, {"segment": 0}, {"list": 1, "segment": 1}, {"tag": 1}, {}])
def test_an_unknown_part_of_the_audience_is_named(conn: Connection, workspace: int, part: dict[str, int]) -> None:
    with pytest.raises(CampaignError) as raised:
        campaigns.create(conn, workspace, Draft("X", included=[part]), NOW)
    assert raised.value.field.startswith("included")


def test_the_estimate_counts_who_can_be_reached(conn: Connection, workspace: int) -> None:
    members = people(conn, workspace, 3)
    conn.execute(
        "INSERT INTO suppression (workspace_id, profile_id, reason, at) VALUES (%s, %s, 'hard_bounce', %s)",
        (workspace, members[0], NOW),
    )
    chosen = audience.Audience(included_lists=(a_list(conn, workspace, "A", members),))
    counted = breakdown.of_audience(conn, workspace, chosen, NOW).expectation
    assert (counted.addressed, counted.permitted) == (3, 2)


def test_a_list_that_is_gone_by_then_stops_the_campaign_and_no_other(conn: Connection, workspace: int) -> None:
    members = people(conn, workspace, 2)
    kept_out = a_list(conn, workspace, "Not these", members[:1])
    one = a_campaign(conn, workspace, members, excluded=[{"list": kept_out}])
    other = a_campaign(conn, workspace, [], name="Other", included=one.included)
    for campaign in (one, other):
        campaigns.schedule(conn, workspace, campaign.id, NOW)
    conn.execute("UPDATE list SET archived_at = %s WHERE workspace_id = %s AND id = %s", (NOW, workspace, kept_out))
    run(conn, workspace)
    stopped = campaigns.get(conn, workspace, [one.id])[one.id]
    assert (stopped.status, stopped.status_reason) == ("cancelled", f"There is no list {kept_out}.")
    assert ledger_of(conn, workspace, one.id) == {}
    assert status_of(conn, workspace, other.id) == "sending"


def test_another_workspace_sees_nothing(conn: Connection, workspace: int) -> None:
    one = a_campaign(conn, workspace, people(conn, workspace, 1))
    other = workspace + 1_000_000
    assert campaigns.get(conn, other, [one.id]) == {}
    assert campaigns.cancel(conn, other, one.id, NOW) is None
    assert campaigns.schedule(conn, other, one.id, NOW) is None
    assert campaigns.report(conn, other, one.id).recipients == 0
