"""What the flow says when its message is claimed: the last moment to change one's mind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from headwater.audience import lists
from headwater.catalog import coupons
from headwater.delivery import claims
from headwater.delivery.reasons import Reason
from headwater.delivery.sources import Brief
from headwater.flows import entry, runner
from headwater.flows.source import FlowSource
from tests.flows.flow_tables import add_version, did, enrol, enrolments, messages, people, publish

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
EMAIL = {"email": "a.mjml", "name": "Hello", "smart_sending": False, "utm": {"utm_campaign": "x"}}


def planned(conn: Connection, workspace: int, *steps: Any, count: int = 1, **more: Any) -> tuple[int, list[int]]:
    """People whose first email is planned at NOW: (flow, profiles)."""
    flow_id = publish(conn, workspace, NOW, *steps, **more)
    profiles = people(conn, workspace, NOW, count)
    enrol(conn, workspace, flow_id, profiles, NOW)
    runner.run_due(conn, workspace, NOW)
    return flow_id, profiles


def briefs(conn: Connection, workspace: int, now: datetime) -> list[Brief]:
    due = claims.due(conn, workspace, now, 1000)
    found = FlowSource().brief(conn, workspace, due, now)
    return [found[message.id] for message in due]


def test_an_unhindered_message_goes_with_what_the_step_says(conn: Connection, workspace: int) -> None:
    planned(conn, workspace, EMAIL)
    conn.execute(
        """UPDATE enrolment SET trigger = '{"properties": {"title": "Boots"}}' WHERE workspace_id = %s""", (workspace,)
    )

    [brief] = briefs(conn, workspace, NOW)

    assert brief.refuse is None
    assert brief.hold_until is None
    assert (brief.message_name, brief.smart_sending, brief.transactional) == ("Hello", False, False)
    assert (brief.event, brief.utm) == ({"title": "Boots"}, {"utm_campaign": "x"})


def test_an_order_a_second_before_the_email_is_due_stops_it(conn: Connection, workspace: int) -> None:
    _, [person] = planned(conn, workspace, EMAIL, exit_on=["Placed Order"])
    did(conn, workspace, person, "Placed Order", NOW + SECOND)  # stored; nothing has closed the enrolment yet

    [brief] = briefs(conn, workspace, NOW + SECOND)

    assert (brief.refuse, brief.detail) == (Reason.FAILED_EXIT_CONDITION, "Placed Order")


def test_the_flows_filters_are_asked_again(conn: Connection, workspace: int) -> None:
    filters = [{"metric": "Added to Cart", "count": {"equals": 0}, "since": "flow-start"}]
    _, [person] = planned(conn, workspace, EMAIL, profile_filters=filters)
    did(conn, workspace, person, "Added to Cart", NOW + SECOND)

    [brief] = briefs(conn, workspace, NOW + SECOND)

    assert brief.refuse == Reason.FAILED_FLOW_FILTERS
    assert brief.detail == "Added to Cart zero times since starting this flow"


@pytest.mark.parametrize(
    ("left", "redeemed", "refusal"),
    [(26, False, None), (1, False, "failed_additional_filters"), (26, True, "failed_additional_filters")],
)
def test_the_messages_own_filter_asks_for_a_code_worth_reminding_of(
    conn: Connection, workspace: int, left: int, redeemed: bool, refusal: str | None
) -> None:
    valid = {"coupon": "TEN", "state": "valid", "left_at_least": {"hours": 2}}
    coupons.define(conn, workspace, "TEN", "generated", "T", timedelta(hours=48), None, NOW)
    _, [person] = planned(conn, workspace, {**EMAIL, "filters": [valid]})
    given = coupons.issue(conn, workspace, "TEN", [(person, 1)], NOW)[person]
    now = NOW + timedelta(hours=48 - left)
    if redeemed:
        coupons.redeem(conn, workspace, [(given.code, now)])
    conn.execute("UPDATE message SET send_at = %s WHERE workspace_id = %s", (now, workspace))

    [brief] = briefs(conn, workspace, now)

    assert brief.refuse == refusal


def test_a_paused_flow_holds_its_message_and_an_archived_one_refuses(conn: Connection, workspace: int) -> None:
    flow_id, _ = planned(conn, workspace, EMAIL)
    conn.execute("UPDATE flow SET status = 'paused' WHERE id = %s", (flow_id,))
    [held] = briefs(conn, workspace, NOW)
    conn.execute("UPDATE flow SET status = 'archived' WHERE id = %s", (flow_id,))
    [refused] = briefs(conn, workspace, NOW)

    assert (held.refuse, held.hold_until) == (None, NOW + timedelta(minutes=1))
    assert refused.refuse == Reason.FLOW_ARCHIVED


def test_a_message_without_its_step_or_its_enrolment_is_cancelled(conn: Connection, workspace: int) -> None:
    flow_id, _ = planned(conn, workspace, EMAIL)
    tree = {"flow": "a-flow", "trigger": {"metric": "Viewed Product"}, "steps": [{"email": "b.mjml"}]}
    add_version(conn, workspace, flow_id, 2, tree, NOW)
    [without_step] = briefs(conn, workspace, NOW)
    conn.execute("DELETE FROM enrolment WHERE workspace_id = %s", (workspace,))
    [without_enrolment] = briefs(conn, workspace, NOW)

    assert (without_step.refuse, without_enrolment.refuse) == (Reason.CANCELLED, Reason.CANCELLED)
    assert conn.execute("SELECT count(*) FROM enrolment_step WHERE workspace_id = %s", (workspace,)).fetchone() == (0,)


def test_an_email_before_an_exit_step_still_goes(conn: Connection, workspace: int) -> None:
    planned(conn, workspace, EMAIL, "exit")

    [brief] = briefs(conn, workspace, NOW)

    assert enrolments(conn, workspace)[0]["state"] == "exited"
    assert brief.refuse is None


def test_who_is_in_another_flow_is_left_out_but_not_for_being_in_this_one(conn: Connection, workspace: int) -> None:
    other = publish(conn, workspace, NOW, {"delay": {"days": 9}}, EMAIL, flow="other")
    filters = [{"not_in_flow": "other", "in_last": {"days": 1}}, {"not_in_flow": "a-flow", "in_last": {"days": 1}}]
    _, [inside, _] = planned(conn, workspace, EMAIL, count=2, profile_filters=filters)
    assert [brief.refuse for brief in briefs(conn, workspace, NOW)] == [None, None]

    enrol(conn, workspace, other, [inside], NOW)

    assert {brief.refuse for brief in briefs(conn, workspace, NOW)} == {None, Reason.FAILED_FLOW_FILTERS}


def test_a_more_important_flow_that_is_about_to_write_goes_first(conn: Connection, workspace: int) -> None:
    email = {"email": "a.mjml"}
    cart = publish(conn, workspace, NOW, email, flow="cart", name="Cart left", priority="cart")
    _, [first, _] = planned(conn, workspace, email, count=2, priority="site")
    assert [brief.refuse for brief in briefs(conn, workspace, NOW)] == [None, None]

    enrol(conn, workspace, cart, [first], NOW, wake_in=timedelta(hours=1))

    told = {(brief.refuse, brief.detail) for brief in briefs(conn, workspace, NOW)}
    assert told == {(None, None), (Reason.OUTRANKED, "Cart left")}


def test_who_has_left_the_list_that_started_it_gets_no_more(conn: Connection, workspace: int) -> None:
    newsletter = lists.create(conn, workspace, "Newsletter", NOW)
    flow_id = publish(conn, workspace, NOW, EMAIL, trigger={"list": "Newsletter"})
    stays, leaves = people(conn, workspace, NOW, 2)
    lists.add(conn, workspace, newsletter, [stays, leaves], NOW, "api")
    runner.run_due(conn, workspace, NOW)
    assert {one["flow_id"] for one in enrolments(conn, workspace)} == {flow_id}

    lists.remove(conn, workspace, newsletter, [leaves])

    assert {brief.refuse for brief in briefs(conn, workspace, NOW)} == {None, Reason.NOT_IN_AUDIENCE}


def test_a_lost_email_is_not_sent_days_later(conn: Connection, workspace: int) -> None:
    planned(conn, workspace, EMAIL)

    [brief] = briefs(conn, workspace, NOW)

    assert brief.lasts == timedelta(hours=24)


def test_the_whole_browse_flow_ends_by_events_as_it_would_by_the_gate(conn: Connection, workspace: int) -> None:
    _, [person] = planned(conn, workspace, EMAIL, {"delay": {"days": 1}}, {"email": "b.mjml"}, exit_on=["Placed Order"])

    entry.on_events(conn, workspace, did(conn, workspace, person, "Placed Order", NOW + SECOND), NOW + SECOND)

    assert [row[2:4] for row in messages(conn, workspace)] == [("cancelled", "failed_exit_condition")]
    assert briefs(conn, workspace, NOW + SECOND) == []
