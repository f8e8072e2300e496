"""Many people put into a flow by hand: once each, in parts, as if they had joined; and who is in a flow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from headwater.core import database
from headwater.flows import live, runner
from headwater.flows import people as inside
from headwater.flows.arrivals import adding, selections
from headwater.flows.arrivals.adding import Adding
from headwater.flows.arrivals.selections import Selection
from headwater.flows.errors import FlowError, UnknownFlow
from tests.flows.flow_tables import add_version, did, enrol, enrolments, people, publish
from tests.flows.query_plans import plan
from tests.segments.segment_people import a_list, a_segment, in_segment, on_list

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EMAIL: Any = {"email": "a.mjml"}
TWO: list[Any] = [EMAIL, {"delay": {"days": 2}}, {"email": "b.mjml"}]
MANUAL = {"manual": {}}


def add(conn: Connection, workspace: int, wanted: Selection, now: datetime = NOW) -> Adding:
    return adding.by_hand(conn, workspace, "a-flow", wanted, "a test", now)


def run(conn: Connection, workspace: int, job: Adding, now: datetime = NOW) -> Adding:
    """The role, until there is nothing to do; the job afterwards."""
    conn.commit()
    while adding.turn(conn, workspace, now):
        conn.commit()
    conn.commit()
    found = adding.get(conn, workspace, job.flow_id, job.id)
    assert found is not None
    return found


def added(conn: Connection, workspace: int) -> list[int]:
    return sorted(one["profile_id"] for one in enrolments(conn, workspace))


def listed(conn: Connection, workspace: int, name: str, profile_ids: Sequence[int], at: datetime = NOW) -> int:
    made = a_list(conn, workspace, name, NOW)
    for profile_id in profile_ids:
        on_list(conn, workspace, made, profile_id, at)
    return made


def segmented(conn: Connection, workspace: int, name: str, profile_ids: Sequence[int], at: datetime = NOW) -> int:
    made = a_segment(conn, workspace, name, NOW)
    for profile_id in profile_ids:
        in_segment(conn, workspace, made, profile_id, at)
    return made


# ── whom ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_people_are_added_to_a_manual_flow(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, *TWO, trigger=MANUAL)
    first, second, other = people(conn, workspace, NOW, 3)

    job = run(conn, workspace, add(conn, workspace, selections.of_people([second, first])), NOW + HOUR)

    assert (job.state, job.total, job.done, job.entered) == ("done", 2, 2, 2)
    assert (job.kind, job.by, job.finished_at) == ("manual", "a test", NOW + HOUR)
    assert added(conn, workspace) == [first, second]
    [one, _] = enrolments(conn, workspace)
    assert (one["entry_key"], one["started_at"]) == (f"added:{job.id}", NOW)
    assert other not in added(conn, workspace)


@pytest.mark.parametrize("by_name", [True, False])
def test_a_segment_or_a_list_is_added(conn: Connection, workspace: int, by_name: bool) -> None:
    publish(conn, workspace, NOW, *TWO, trigger=MANUAL)
    first, second, third, _ = people(conn, workspace, NOW, 4)
    segment = segmented(conn, workspace, "VIP", [first, second])
    chosen = listed(conn, workspace, "News", [second, third])

    wanted, _ = selections.of_segment(conn, workspace, "vip" if by_name else segment)
    run(conn, workspace, add(conn, workspace, wanted))
    assert added(conn, workspace) == [first, second]

    of_list, _ = selections.of_list(conn, workspace, "news" if by_name else chosen)
    job = run(conn, workspace, add(conn, workspace, of_list))
    assert (job.total, job.done, job.entered) == (2, 2, 1)  # one of them was in it: a manual flow takes nobody in again
    assert added(conn, workspace) == [first, second, third]


def test_filters_holdout_and_a_missing_address_keep_people_out(conn: Connection, workspace: int) -> None:
    filters = [{"metric": "Placed Order", "count": {"equals": 0}}]
    publish(conn, workspace, NOW, *TWO, trigger=MANUAL, profile_filters=filters)
    buyer, browser = people(conn, workspace, NOW, 2)
    [anonymous] = people(conn, workspace, NOW, 1, email=False)
    did(conn, workspace, buyer, "Placed Order", NOW - DAY)

    job = run(conn, workspace, add(conn, workspace, selections.of_people([buyer, browser, anonymous])))

    assert (job.done, job.entered) == (3, 1)
    assert added(conn, workspace) == [browser]


def test_a_flow_by_a_list_takes_who_is_on_it_as_if_they_had_joined(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, *TWO, trigger={"list": "News"})
    on_it, not_on_it = people(conn, workspace, NOW, 2)
    chosen = listed(conn, workspace, "News", [on_it], NOW - 90 * DAY)

    run(conn, workspace, add(conn, workspace, selections.of_people([on_it, not_on_it])))

    assert added(conn, workspace) == [on_it]
    row = conn.execute("SELECT trigger, started_at FROM enrolment WHERE workspace_id = %s", (workspace,)).fetchone()
    assert row is not None
    assert row[0] == {"list": chosen, "name": "News", "ts": NOW.isoformat(), "added": row[0]["added"]}
    assert row[1] == NOW


def test_a_flow_by_a_segment_takes_who_is_in_it_as_if_they_had_entered(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, *TWO, trigger={"segment": "VIP"})
    member, stranger = people(conn, workspace, NOW, 2)
    segment = segmented(conn, workspace, "VIP", [member])

    run(conn, workspace, add(conn, workspace, selections.of_people([member, stranger])))

    assert added(conn, workspace) == [member]
    row = conn.execute("SELECT trigger FROM enrolment WHERE workspace_id = %s", (workspace,)).fetchone()
    assert row is not None
    assert row[0]["metric"] == "Entered Segment"
    assert row[0]["properties"] == {"segment_id": segment, "segment": "VIP"}


@pytest.mark.parametrize(
    "trigger",
    [
        {"metric": "Viewed Product"},
        {"api": {}},
        {"date": "birthday"},
        {"price_drop": {"percent": 10}},
        {"low_stock": {"at_most": 3}},
    ],
)
def test_flows_by_what_happens_take_nobody_by_hand(conn: Connection, workspace: int, trigger: Any) -> None:
    publish(conn, workspace, NOW, *TWO, trigger=trigger)

    with pytest.raises(FlowError, match="nobody is added to it by hand"):
        add(conn, workspace, selections.of_people(people(conn, workspace, NOW, 1)))


def test_what_cannot_be_added_is_said(conn: Connection, workspace: int) -> None:
    flow = publish(conn, workspace, NOW, *TWO, trigger=MANUAL)
    building = segmented(conn, workspace, "New", [])
    conn.execute("UPDATE segment SET live_version = NULL WHERE id = %s", (building,))

    with pytest.raises(FlowError, match="nobody to add"):
        selections.of_people([])
    with pytest.raises(FlowError, match="no segment Nowhere"):
        selections.of_segment(conn, workspace, "Nowhere")
    with pytest.raises(FlowError, match="not been built"):
        selections.of_segment(conn, workspace, building)
    with pytest.raises(FlowError, match="no list 7"):
        selections.of_list(conn, workspace, 7)
    with pytest.raises(UnknownFlow):
        adding.by_hand(conn, workspace, "another", Selection(profiles=(1,)), "a test", NOW)
    conn.execute("UPDATE flow SET status = 'paused' WHERE id = %s", (flow,))
    with pytest.raises(FlowError, match="is paused"):
        add(conn, workspace, Selection(profiles=(1,)))


# ── in parts ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_everybody_is_added_once_though_turns_are_broken_off(
    conn: Connection, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "PEOPLE_A_TURN", 3)
    publish(conn, workspace, NOW, *TWO, trigger=MANUAL, entry={"again": "always"})
    everyone = people(conn, workspace, NOW, 10)
    segmented(conn, workspace, "All", everyone)
    job = add(conn, workspace, selections.of_segment(conn, workspace, "All")[0])
    conn.commit()

    for turn in range(30):
        done = adding.turn(conn, workspace, NOW)
        if turn % 2:
            conn.commit()
        else:
            conn.rollback()  # killed
        if not done:
            break

    found = adding.get(conn, workspace, job.flow_id, job.id)
    assert found is not None
    assert (found.state, found.done, found.entered) == ("done", 10, 10)
    assert added(conn, workspace) == everyone


def test_a_second_job_adds_people_again_where_the_flow_lets_them(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, *TWO, trigger=MANUAL, entry={"again": "always"})
    [person] = people(conn, workspace, NOW, 1)

    for _ in range(2):
        run(conn, workspace, add(conn, workspace, selections.of_people([person])))

    assert added(conn, workspace) == [person, person]


def test_two_workers_are_not_at_one_job(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, *TWO, trigger=MANUAL)
    add(conn, workspace, selections.of_people(people(conn, workspace, NOW, 2)))
    conn.commit()

    assert adding.workspaces_with_work(conn, NOW)[-1] == workspace
    assert adding.turn(conn, workspace, NOW) == 2
    with database.connect() as other:
        assert adding.turn(other, workspace, NOW) == 0


def test_a_job_waits_while_its_flow_is_paused(conn: Connection, workspace: int) -> None:
    flow = publish(conn, workspace, NOW, *TWO, trigger=MANUAL)
    job = add(conn, workspace, selections.of_people(people(conn, workspace, NOW, 2)))
    conn.execute("UPDATE flow SET status = 'paused' WHERE id = %s", (flow,))

    assert workspace not in adding.workspaces_with_work(conn, NOW)
    assert run(conn, workspace, job).state == "running"

    conn.execute("UPDATE flow SET status = 'live' WHERE id = %s", (flow,))
    assert run(conn, workspace, job).entered == 2


@pytest.mark.parametrize("what", ["flow", "trigger", "segment", "list"])
def test_a_job_fails_when_what_it_needs_is_gone(conn: Connection, workspace: int, what: str) -> None:
    flow = publish(conn, workspace, NOW, *TWO, trigger=MANUAL)
    both = people(conn, workspace, NOW, 2)
    segmented(conn, workspace, "All", both)
    listed(conn, workspace, "All", both)
    of_list = selections.of_list(conn, workspace, "All")[0]
    job = add(conn, workspace, of_list if what == "list" else selections.of_segment(conn, workspace, "All")[0])
    if what == "flow":
        conn.execute("UPDATE flow SET status = 'archived' WHERE id = %s", (flow,))
    elif what == "trigger":
        add_version(conn, workspace, flow, 2, {"flow": "a-flow", "trigger": {"metric": "X"}, "steps": TWO}, NOW)
    else:
        conn.execute(f"UPDATE {what} SET archived_at = %s WHERE workspace_id = %s", (NOW, workspace))

    found = run(conn, workspace, job)

    assert (found.state, found.entered) == ("failed", 0)
    assert found.error


@pytest.mark.slow
def test_twenty_thousand_people_of_a_segment(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, *TWO, trigger=MANUAL)
    everyone = people(conn, workspace, NOW, 20_000)
    segment = a_segment(conn, workspace, "All", NOW)
    conn.execute(
        """
        INSERT INTO segment_member (workspace_id, segment_id, version, profile_id, entered_at)
        SELECT %s, %s, 1, id, %s
        FROM unnest(%s::bigint[]) AS id
        """,
        (workspace, segment, NOW, everyone),
    )

    job = run(conn, workspace, add(conn, workspace, selections.of_segment(conn, workspace, segment)[0]))

    assert (job.state, job.done, job.entered) == ("done", 20_000, 20_000)
    assert added(conn, workspace) == everyone


# ── who is in a flow ────────────────────────────────────────────────────────────────────────────────────────────────
def test_who_is_in_a_flow_and_where(conn: Connection, workspace: int) -> None:
    held = {"email": "b.mjml", "status": "manual"}
    flow_id = publish(conn, workspace, NOW, EMAIL, {"delay": {"hours": 1}}, held, trigger=MANUAL)
    early, late, gone = people(conn, workspace, NOW, 3)
    enrol(conn, workspace, flow_id, [early, gone], NOW)
    runner.run_due(conn, workspace, NOW)
    runner.run_due(conn, workspace, NOW + HOUR)
    enrol(conn, workspace, flow_id, [late], NOW + HOUR, wake_in=DAY)
    conn.execute("UPDATE enrolment SET state = 'exited', reason = 'exit_event' WHERE profile_id = %s", (gone,))
    flow = live.by_slug(conn, workspace, "a-flow")
    assert flow is not None

    found = inside.page(conn, workspace, flow)

    assert [(one.profile_id, one.state, one.step, one.held, one.since, one.next_at) for one in found[:2]] == [
        (early, "waiting", "b", "review", NOW + HOUR, None),
        (late, "waiting", "a", None, NOW + HOUR, NOW + HOUR + DAY),
    ]
    assert (found[2].profile_id, found[2].state, found[2].reason) == (gone, "exited", "exit_event")

    def ids(**asked: Any) -> list[int]:
        return [one.profile_id for one in inside.page(conn, workspace, flow, **asked)]

    assert ids(step="a") == [late]
    assert ids(state="held") == [early]
    assert ids(state="waiting") == [early, late]
    assert ids(state="completed") == []
    assert ids(limit=1) == [early]
    assert ids(after=(early, found[0].id)) == [late, gone]


def test_a_page_of_a_flow_reads_its_own_people(conn: Connection, workspace: int) -> None:
    everyone = people(conn, workspace, NOW, 20_000)
    enrol(conn, workspace, publish(conn, workspace, NOW, *TWO, flow="large", trigger=MANUAL), everyone, NOW)
    enrol(conn, workspace, publish(conn, workspace, NOW, *TWO, trigger=MANUAL), everyone[::20], NOW)
    conn.execute("ANALYZE enrolment")
    flow = live.by_slug(conn, workspace, "a-flow")
    assert flow is not None

    found = plan(conn, lambda: inside.page(conn, workspace, flow, after=(7, 7)))

    assert "enrolment_once" in found
    assert "Seq Scan on enrolment" not in found
    conn.rollback()
