"""Pausing a campaign that goes out, letting it go on however long it was, and copying one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from psycopg import Connection

from headwater.campaigns import campaigns, duplicating, pausing, progress, runner
from headwater.campaigns.campaigns import Campaign, Draft
from headwater.campaigns.errors import WrongStatus
from headwater.campaigns.source import CampaignSource
from headwater.delivery import claims
from tests.campaigns.campaign_people import NOW, a_list, an_email, ledger_of, people, settle_all

DAY = timedelta(days=1)


def going_out(conn: Connection, workspace: int, number: int = 3, chunk: int = runner.CHUNK) -> Campaign:
    included = [{"list": a_list(conn, workspace, "All", people(conn, workspace, number))}]
    one = campaigns.create(conn, workspace, Draft("Sale", an_email(conn, workspace), included), NOW)
    campaigns.schedule(conn, workspace, one.id, NOW)
    runner.run_due(conn, workspace, NOW, chunk)
    return campaigns.get(conn, workspace, [one.id])[one.id]


def run(conn: Connection, workspace: int) -> None:
    while runner.run_due(conn, workspace, NOW):
        pass


def test_a_paused_one_is_held_when_its_messages_are_claimed(conn: Connection, workspace: int) -> None:
    one = going_out(conn, workspace)
    paused = pausing.pause(conn, workspace, one.id, NOW)
    assert paused is not None
    assert paused.status == "paused"
    briefs = CampaignSource().brief(conn, workspace, claims.due(conn, workspace, NOW, 10), NOW)
    assert len(briefs) == 3
    assert all(brief.hold_until is not None and brief.refuse is None for brief in briefs.values())


def test_the_runner_leaves_it_alone_and_adds_the_rest_once_it_goes_on(conn: Connection, workspace: int) -> None:
    one = going_out(conn, workspace, 5, chunk=2)
    assert one.status == "adding_recipients"
    pausing.pause(conn, workspace, one.id, NOW)
    run(conn, workspace)
    assert len(ledger_of(conn, workspace, one.id)) == 2
    resumed = pausing.resume(conn, workspace, one.id, NOW)
    assert resumed is not None
    assert resumed.status == "adding_recipients"
    run(conn, workspace)
    assert len(ledger_of(conn, workspace, one.id)) == 5


def test_after_a_long_pause_messages_are_not_late(conn: Connection, workspace: int) -> None:
    one = going_out(conn, workspace)
    pausing.pause(conn, workspace, one.id, NOW)
    conn.execute(
        "UPDATE message SET send_at = %s, wanted_at = send_at WHERE workspace_id = %s", (NOW + 9 * DAY, workspace)
    )
    later = NOW + 5 * DAY
    resumed = pausing.resume(conn, workspace, one.id, later)
    assert resumed is not None
    assert resumed.status == "sending"
    due = claims.due(conn, workspace, later, 10)
    assert [message.wanted_at for message in due] == [later] * 3
    assert all(brief.hold_until is None for brief in CampaignSource().brief(conn, workspace, due, later).values())


def test_only_what_goes_out_can_be_paused_and_only_what_is_paused_goes_on(conn: Connection, workspace: int) -> None:
    one = going_out(conn, workspace)
    with pytest.raises(WrongStatus, match="not paused"):
        pausing.resume(conn, workspace, one.id, NOW)
    settle_all(conn, workspace)
    run(conn, workspace)
    with pytest.raises(WrongStatus, match="sent"):
        pausing.pause(conn, workspace, one.id, NOW)
    assert pausing.pause(conn, workspace + 1_000_000, one.id, NOW) is None


def test_a_paused_one_can_be_cancelled(conn: Connection, workspace: int) -> None:
    one = going_out(conn, workspace)
    pausing.pause(conn, workspace, one.id, NOW)
    cancelled = campaigns.cancel(conn, workspace, one.id, NOW)
    assert cancelled is not None
    assert (cancelled.status, cancelled.status_reason) == ("cancelled", "cancelled_during_send")


def test_progress_tells_what_is_done_how_fast_and_what_can_be_taken_back(conn: Connection, workspace: int) -> None:
    one = going_out(conn, workspace, 10)
    conn.execute(
        """
        UPDATE message
        SET state = 'sent', sent_at = %(at)s, finished_at = %(at)s
        WHERE workspace_id = %(w)s
          AND id IN (SELECT id FROM message WHERE workspace_id = %(w)s ORDER BY id LIMIT 4)
        """,
        {"w": workspace, "at": NOW + timedelta(seconds=90)},
    )
    conn.execute(
        "UPDATE message SET state = 'claimed' WHERE id = (SELECT max(id) FROM message WHERE workspace_id = %s)",
        (workspace,),
    )
    now = NOW + timedelta(minutes=2)
    stands = progress.of_campaign(conn, workspace, one, now)
    assert (stands.done, stands.totals.sent, stands.due, stands.on_the_wire, stands.taken_back) == (4, 4, 5, 1, 5)
    assert (stands.per_minute, stands.ends_at) == (4, now + timedelta(minutes=1.5))


def test_a_copy_is_a_draft_with_the_same_people_and_no_time(conn: Connection, workspace: int) -> None:
    one = going_out(conn, workspace)
    made = duplicating.duplicate(conn, workspace, one.id, NOW)
    assert made is not None
    copy = made.campaign
    assert (copy.name, copy.status, copy.send_at, copy.included) == ("Sale (copy)", "draft", None, one.included)
    assert (copy.template_id, made.gone) == (one.template_id, ())


def test_a_copy_says_what_is_no_longer_there(conn: Connection, workspace: int) -> None:
    one = going_out(conn, workspace)
    gone = one.included[0]["list"]
    conn.execute("UPDATE list SET archived_at = %s WHERE workspace_id = %s AND id = %s", (NOW, workspace, gone))
    made = duplicating.duplicate(conn, workspace, one.id, NOW, name="Again")
    assert made is not None
    assert (made.campaign.name, made.campaign.included, made.gone) == ("Again", [], (("included", "list", gone),))
