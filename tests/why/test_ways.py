"""How a person's ways through flows are told: each decision of a step, each end, and what is waited for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from psycopg import Connection

from headwater import why
from headwater.audience import consent
from headwater.flows import admission, engine, exits, runner, walk
from headwater.flows.definition import FlowDefinition
from headwater.flows.editing import pausing
from headwater.flows.timeline import Taken, Way
from headwater.why.ways import coming, way
from headwater.why.wording import Entry
from tests.flows.flow_people import flow
from tests.flows.flow_tables import people, publish
from tests.flows.test_numbers import happens

AT = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # a Monday, noon in New York
DAY = timedelta(days=1)
LOCAL = ZoneInfo("America/New_York")
A, B = {"email": "a.mjml", "name": "First"}, {"email": "b.mjml", "name": "Second"}
VIP = {"property": "plan", "equals": "gold"}


def went(*steps: tuple[str, str, dict[str, Any] | None], **more: Any) -> Way:
    """An enrolment that decided these: (step, outcome, detail)."""
    taken = tuple(Taken(step, AT, outcome, detail) for step, outcome, detail in steps)
    plain: dict[str, Any] = {
        "id": 7, "flow_id": 1, "flow": "a-flow", "name": "A flow", "flow_status": "live", "started_at": AT,
        "entered_at": AT, "state": "waiting", "reason": None, "step": None, "due_at": AT + DAY, "since": None,
        "held": None, "item": None, "version": 1, "pinned": False, "finished_at": None,
        "trigger": {"metric": "Viewed Product"},
    }  # fmt: skip
    return Way(**{**plain, "steps": taken, **more})


def told(one: Way, definition: FlowDefinition | None, messages: tuple[str, ...] = ()) -> list[Entry]:
    return list(way(one, definition, LOCAL, messages))


WAIT = {
    "id": "w",
    "wait_for": [{"metric": "Clicked Email"}, {"if": VIP, "name": "Gold"}],
    "within": {"days": 2},
    "else": [B],
}
STOCK = {"id": "s", "back_in_stock": {}}
GOAL = {"id": "g", "goal": VIP, "unmet": "wait"}
TEST = {"id": "t", "ab_test": [{**A, "share": 50}, {**B, "share": 50}]}
CHANCE = {"id": "r", "random": [{"share": 50, "name": "Left"}, {"share": 50}]}
SPLIT = {"id": "m", "split": [{"if": VIP, "name": "Gold"}], "else": []}
EXPIRY = {"id": "c", "delay": {"before": {"days": 1}, "expiry_of": "TEN"}}
DATE = {"id": "d", "delay": {"before": {"days": 3}, "date": "renewal"}}
UNTIL = {"until": "2026-03-04T15:00:00+00:00"}

DECISIONS: list[tuple[dict[str, Any], str, dict[str, Any] | None, str, str | None]] = [
    (A, "intended", None, "Planned “First”", None),
    (A, "skipped", {"reason": "overdue"}, "Skipped “First”", "Due while the flow was paused"),
    (A, "skipped", {"reason": "message_draft"}, "Skipped “First”", "The message is a draft"),
    (A, "held", {"reason": "review"}, "Held “First” for review", "until somebody decides"),
    (A, "passed", {"reason": "behind"}, "Passed over “First”", "it lies before the place where they were put"),
    (WAIT, "waited", UNTIL, "Waits for Clicked Email or Gold", "until Wed 4 Mar 2026 10:00 at the latest"),
    (WAIT, "happened", {"branch": "Clicked Email"}, "It came: Clicked Email", None),
    (WAIT, "timed_out", None, "The time to wait for Clicked Email or Gold was over", None),
    (STOCK, "waited", {"for": "b1"}, "Waits until b1 is in stock again", None),
    (STOCK, "passed", {"reason": "in stock"}, "Did not wait", "the product is in stock"),
    (STOCK, "passed", {"reason": "no product"}, "Did not wait", "the event names no product"),
    (STOCK, "released", None, "The product is in stock again", None),
    (GOAL, "waited", {"for": "goal"}, "Waits at the goal: plan is “gold”", None),
    (GOAL, "reached", None, "Reached the goal: plan is “gold”", None),
    (GOAL, "unmet", None, "Went on without the goal: plan is “gold”", None),
    (GOAL, "jumped", {"goal": "g"}, "Jumped to the goal: plan is “gold”", None),
    (TEST, "took", {"branch": "b"}, "Gets “Second”", "of the emails that are tested"),
    (CHANCE, "took", {"branch": "Left"}, "Took the way “Left” by chance", None),
    (SPLIT, "took", {"branch": "else"}, "Took the way “else”", None),
    ({"id": "i", "if": VIP}, "yes", None, "Asked: plan is “gold”? Yes", None),
    ({"id": "i", "if_event": {"property": "price", "at_least": 5}}, "no", None,
     "Asked: the event has price is at least 5? No", None),
    (EXPIRY, "waited", UNTIL, "Waits until Wed 4 Mar 2026 10:00", "1 day before the code of TEN expires"),
    (EXPIRY, "waited", {"for": "TEN"}, "Waits for the code of TEN", "the email that gives it is on its way"),
    (EXPIRY, "passed", {"coupon": "TEN", "reason": "never given"}, "Did not wait", "the code of TEN was never given"),
    (DATE, "waited", UNTIL, "Waits until Wed 4 Mar 2026 10:00", "3 days before renewal"),
    (DATE, "passed", {"reason": "no date"}, "Did not wait", "they have no such date"),
    ({"id": "u", "update_profile": {"set": {"plan": "gold"}}}, "done", None, "Changed the profile", "sets plan"),
    ({"id": "l", "add_to_list": "VIP"}, "done", None, "Put on the list VIP", None),
    ({"id": "l", "remove_from_list": "VIP"}, "done", None, "Taken off the list VIP", None),
    ({"id": "l", "add_to_list": "VIP"}, "skipped", {"reason": "not_in_audience"}, "Skipped “joins the list VIP”",
     "No longer in the list or segment"),
    ({"id": "k", "coupon": "TEN"}, "done", None, "Was given a code of TEN", None),
    ({"id": "h", "webhook": {"url": "https://x.example"}}, "done", None, "Calls https://x.example", None),
    ({"id": "n", "notify": {"to": "t@example.com", "subject": "Big"}}, "done", None, "Tells t@example.com", "Big"),
    (A, "moved", {"to": "a", "version": 3}, "Moved to “First”", "when version 3 was published"),
    (A, "pinned", {"version": 2}, "Finishes on the version they are on", "when version 2 was published"),
    (A, "put_back", None, "Put back where they stood", "the publishing that had moved them was undone"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "outcome", "detail", "title", "says"), DECISIONS)
def test_each_decision_has_its_words(
    step: dict[str, Any], outcome: str, detail: dict[str, Any] | None, title: str, says: str | None
) -> None:
    definition = flow(step, {"email": "last.mjml"})

    entries = told(went((definition.first, outcome, detail)), definition)

    assert [(one.kind, one.title, one.detail) for one in entries[1:]] == [("step", title, says)]


def test_a_step_that_is_gone_is_told_as_well() -> None:
    decided = [("old", outcome, None) for outcome in ("happened", "timed_out", "took", "done", "skipped", "yes")]

    entries = told(went(*decided), None)

    assert len(entries) == 1 + len(decided)
    assert all(one.title for one in entries)


def test_what_the_ledger_tells_is_not_told_twice() -> None:
    definition = flow(A, B)
    one = went(("a", "intended", None), ("b", "skipped", {"reason": "message_draft"}))

    assert [entry.title for entry in told(one, definition, ("a",))] == ["Entered A flow", "Skipped “Second”"]


ENDS = {
    engine.EXIT_EVENT, engine.EXIT_CONDITION, engine.FAILED_PROFILE_FILTER, engine.PROFILE_DELETED,
    engine.DATE_CHANGED, walk.EXIT_STEP, walk.STEP_REMOVED, walk.NOT_RESTOCKED, walk.GOAL_UNMET, exits.UNSUBSCRIBED,
    exits.RESTARTED, pausing.LEFT_OVERDUE, pausing.LEFT_ARCHIVED, "merged_away",
}  # fmt: skip


@pytest.mark.parametrize("reason", sorted(ENDS))
def test_each_end_has_its_words(reason: str) -> None:
    one = went(state="exited", reason=reason, finished_at=AT + DAY)

    left = told(one, flow(A))[-1]

    assert (left.title, left.reason) == ("Left A flow", reason)
    assert left.detail is not None
    assert "_" not in left.detail


def test_an_exit_says_what_it_asked() -> None:
    definition = flow(A, exit_on=[{"metric": "Placed Order"}, {"if": VIP}])
    by_condition = went(state="exited", reason="exit_condition", finished_at=AT)
    by_event = went(
        ("a", "exited", {"reason": "exit_event", "event": "Placed Order"}),
        state="exited", reason="exit_event", finished_at=AT,
    )  # fmt: skip

    assert told(by_condition, definition)[-1].detail == "what ends the flow is met: plan is “gold”"
    assert told(by_event, definition)[-1].detail == "what ends the flow has happened: Placed Order"


def test_who_is_held_out_never_entered() -> None:
    one = went(("a", "exited", {"reason": admission.HOLDOUT}), state="exited", reason=admission.HOLDOUT, finished_at=AT)

    [only] = told(one, flow(A))

    assert only.title == "Left out of A flow"
    assert only.detail == "always the same people, to measure the flow against"


@pytest.mark.parametrize(
    ("trigger", "words"),
    [
        ({"metric": "Viewed Product", "properties": {"title": "Boots"}}, "because of Viewed Product: Boots"),
        ({"list": 3, "name": "News"}, "joined the list News"),
        ({"property": "birthday", "day": "2026-03-09"}, "because of the date birthday: 2026-03-09"),
        ({"properties": {}, "added": 4}, "added by hand"),
    ],
)
def test_how_it_began_is_said(trigger: dict[str, Any], words: str) -> None:
    assert told(went(trigger=trigger), None)[0].detail == words


def test_a_date_takes_in_ahead_of_its_time() -> None:
    one = went(trigger={"property": "birthday", "day": "2026-03-03"}, started_at=AT + DAY, entered_at=AT)

    assert told(one, None)[0].at == AT


# ── what comes next ─────────────────────────────────────────────────────────────────────────────────────────────────
def comes(one: Way, definition: FlowDefinition | None) -> tuple[str, str | None]:
    [entry] = coming([one], {one.id: definition}, LOCAL)
    return entry.title, entry.detail


LATEST = "until Tue 3 Mar 2026 12:00 at the latest"
IF_STILL = "if the flow's conditions still hold then"


@pytest.mark.parametrize(
    ("step", "stands", "title", "detail"),
    [
        (A, {}, "“First” is due", IF_STILL),
        (A, {"held": "review"}, "“First” is held for review", "until somebody decides"),
        (WAIT, {"since": AT}, "Waits for Clicked Email or Gold", f"{LATEST}; the next email is “Second”"),
        (WAIT, {}, "The wait for Clicked Email or Gold begins", f"{IF_STILL}; the next email is “Second”"),
        (STOCK, {"since": AT, "held": "stock", "item": "b1"}, "Waits until b1 is in stock again",
         f"{LATEST}; the next email is “last”"),
        (GOAL, {"since": AT}, "Waits at the goal (plan is “gold”)", f"{LATEST}; the next email is “last”"),
        (TEST, {}, "One of “First”, “Second” is due", f"{IF_STILL}; the next email is “First”"),
        ({"id": "x", "delay": {"days": 1}}, {}, "The next step is due", f"{IF_STILL}; the next email is “last”"),
        ({"id": "l", "add_to_list": "VIP"}, {}, "“joins the list VIP” is due", f"{IF_STILL}; the next email is “last”"),
        ({"id": "l", "add_to_list": "VIP", "status": "manual"}, {"held": "review"},
         "“joins the list VIP” is held for review", "until somebody decides; the next email is “last”"),
    ],
)  # fmt: skip
def test_what_comes_next_says_what_is_waited_for(
    step: dict[str, Any], stands: dict[str, Any], title: str, detail: str
) -> None:
    definition = flow(step, {"email": "last.mjml"})

    assert comes(went(step=definition.first, **stands), definition) == (f"{title} in A flow", detail)


def test_a_draft_is_not_promised() -> None:
    definition = flow({"id": "x", "delay": {"days": 1}}, {**A, "status": "draft"}, B)

    assert comes(went(step="x"), definition)[1] == f"{IF_STILL}; the next email is “Second”"


def test_in_a_paused_flow_nothing_is_promised_whatever_is_waited_for() -> None:
    definition = flow(WAIT)

    title, detail = comes(went(step="w", since=AT, flow_status="paused"), definition)

    assert title == "Waits for Clicked Email or Gold in A flow"
    assert detail == "but the flow is paused: everyone stays where they are until it goes on"


def test_who_has_left_has_nothing_coming() -> None:
    assert coming([went(state="exited", reason="exit_event")], {7: flow(A)}, LOCAL) == []


# ── from the tables ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_where_somebody_stands_is_read_from_the_tables(conn: Connection, workspace: int) -> None:
    held = {**B, "status": "manual"}
    publish(conn, workspace, AT, A, {**WAIT, "else": []}, held)
    [person] = people(conn, workspace, AT, 1)
    happens(conn, workspace, person, "Viewed Product", AT)
    runner.run_due(conn, workspace, AT)

    waiting = why.timeline(conn, workspace, person, AT)["next"]
    happens(conn, workspace, person, "Clicked Email", AT + DAY)
    runner.run_due(conn, workspace, AT + DAY)
    answer = why.timeline(conn, workspace, person, AT + DAY)

    assert [one["title"] for one in waiting] == ["“First” is planned", "Waits for Clicked Email or Gold in a-flow"]
    assert waiting[1]["at"] == (AT + 2 * DAY).isoformat()
    assert waiting[1]["detail"] == "until Wed 4 Mar 2026 12:00 at the latest; the next email is “Second”"
    assert [one["title"] for one in answer["entries"] if one["kind"] == "step"] == [
        "Waits for Clicked Email or Gold", "It came: Clicked Email", "Held “Second” for review",
    ]  # fmt: skip
    assert answer["next"][-1]["title"] == "“Second” is held for review in a-flow"


def test_a_pinned_way_is_told_by_its_own_version(conn: Connection, workspace: int) -> None:
    flow_id = publish(conn, workspace, AT, {"id": "x", "delay": {"days": 2}}, {**A, "name": "Old"})
    [person] = people(conn, workspace, AT, 1)
    happens(conn, workspace, person, "Viewed Product", AT)
    conn.execute(
        """
        INSERT INTO flow_version (workspace_id, flow_id, version, definition, published_at)
        SELECT workspace_id, flow_id, 2, replace(definition::text, 'Old', 'New')::jsonb, published_at
        FROM flow_version
        WHERE workspace_id = %s
        """,
        (workspace,),
    )
    conn.execute("UPDATE flow SET live_version = 2 WHERE id = %s", (flow_id,))

    def next_title() -> str:
        return str(why.timeline(conn, workspace, person, AT)["next"][0]["title"])

    assert next_title() == "“New” is due in a-flow"
    conn.execute("UPDATE enrolment SET pinned = true WHERE workspace_id = %s", (workspace,))
    assert next_title() == "“Old” is due in a-flow"


@pytest.mark.parametrize(("method", "words"), [("double_opt_in", "confirmed from an email"), ("flow", "by a flow")])
def test_how_consent_came_is_said(conn: Connection, workspace: int, method: str, words: str) -> None:
    [person] = people(conn, workspace, AT, 1)
    consent.subscribe(conn, workspace, [person], at=AT, now=AT, method=method)

    [entry] = why.timeline(conn, workspace, person, AT)["entries"]

    assert (entry["kind"], entry["detail"]) == ("consent", words)


def test_times_in_words_are_the_persons_own() -> None:
    one = went(("w", "waited", UNTIL))

    [_, entry] = way(one, flow(WAIT), ZoneInfo("Asia/Tokyo"))

    assert entry.detail == "until Thu 5 Mar 2026 00:00 at the latest"
    assert replace(entry, detail=None).title == "Waits for Clicked Email or Gold"
