"""What each kind of step does, walked in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from headwater.delivery.reasons import Reason
from headwater.flows import engine
from headwater.flows.definition import FlowDefinition
from headwater.flows.effects import Enrolment, Known, Outcome, Wait
from headwater.segments.language import Facts, Happening
from tests.flows.flow_people import START, flow, stood

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
A, B, LAST = {"email": "a.mjml"}, {"email": "b.mjml"}, {"email": "last.mjml"}


def begin(trigger: dict[str, Any] | None = None, at: datetime = START) -> Enrolment:
    return Enrolment(7, 1, at, at, None, {"properties": trigger or {}})


def facts(*happened: tuple[str, datetime, dict[str, Any]], profile_id: int = 1, **more: Any) -> Facts:
    events: dict[str, list[Happening]] = {}
    for metric, ts, properties in happened:
        events.setdefault(metric, []).append(Happening(ts, None, properties))
    return Facts(profile_id, {"email": "p@example.com", "timezone": "UTC"}, events=events, **more)


def turn(
    definition: FlowDefinition, place: Enrolment, known: Facts | None = None, now: datetime | None = None, **more: Any
) -> Outcome:
    return engine.advance(definition, place, Known(known or facts(), "UTC", **more), now or place.due_at)


def emails(outcome: Outcome) -> list[str]:
    return [intent.step.id for intent in outcome.intents if intent.skip is None]


def waits(outcome: Outcome) -> Wait:
    assert isinstance(outcome.end, Wait)
    return outcome.end


# ── waiting for something ───────────────────────────────────────────────────────────────────────────────────────────
def clicked_or_ordered(**more: Any) -> FlowDefinition:
    branches = [
        {"metric": "Clicked Email", "then": [A]},
        {
            "metric": "Placed Order",
            "where": [{"property": "order_id", "equals": {"event": "order_id"}}],
            "then": ["exit"],
        },
    ]
    return flow({"id": "look", "wait_for": branches, "within": {"days": 3}, "else": [B], **more}, LAST)


def test_what_is_waited_for_leads_on_at_its_own_time() -> None:
    definition = clicked_or_ordered()
    first = waits(turn(definition, begin()))
    assert (first.step, first.until, first.since) == ("look", START + 3 * DAY, START)

    clicked = facts(("Clicked Email", START + HOUR, {}))
    outcome = turn(definition, stood(begin(), first), clicked, START + 2 * HOUR)

    assert emails(outcome) == ["a", "last"]
    assert outcome.intents[0].send_at == START + HOUR
    assert isinstance(outcome.end, engine.Complete)


def test_when_the_time_runs_out_the_other_way_is_taken() -> None:
    definition = clicked_or_ordered()
    place = stood(begin(), waits(turn(definition, begin())))

    outcome = turn(definition, place, now=START + 3 * DAY + HOUR)

    assert emails(outcome) == ["b", "last"]
    assert outcome.intents[0].send_at == START + 3 * DAY


def test_what_came_too_late_does_not_count() -> None:
    definition = clicked_or_ordered()
    place = stood(begin(), waits(turn(definition, begin())))

    outcome = turn(definition, place, facts(("Clicked Email", START + 4 * DAY, {})), START + 5 * DAY)

    assert emails(outcome) == ["b", "last"]


def test_an_event_must_fit_the_one_that_started_the_flow() -> None:
    definition = clicked_or_ordered()
    place = stood(begin({"order_id": 7}), waits(turn(definition, begin({"order_id": 7}))))
    other = facts(("Placed Order", START + HOUR, {"order_id": 8}))
    own = facts(("Placed Order", START + HOUR, {"order_id": 7}))

    assert waits(turn(definition, place, other, START + 2 * HOUR)) == waits(turn(definition, place, now=START + HOUR))
    assert turn(definition, place, own, START + 2 * HOUR).end == engine.Leave(engine.EXIT_STEP)


@pytest.mark.parametrize(("count_past", "expected"), [(False, []), (True, ["a", "last"])])
def test_the_past_counts_where_it_is_asked_for(count_past: bool, expected: list[str]) -> None:
    definition = clicked_or_ordered(count_past=count_past)
    arrived = replace(begin(), due_at=START + DAY)

    outcome = turn(definition, arrived, facts(("Clicked Email", START + HOUR, {})))

    assert emails(outcome) == expected


def test_the_time_starts_anew_with_what_resets_it() -> None:
    definition = clicked_or_ordered(reset_on=[{"metric": "Added to Cart"}])
    place = stood(begin(), waits(turn(definition, begin())))

    outcome = turn(definition, place, facts(("Added to Cart", START + 2 * DAY, {})), START + 3 * DAY)

    assert waits(outcome).until == START + 5 * DAY
    assert waits(outcome).since == START + 2 * DAY


def test_a_condition_that_time_makes_true_is_looked_at_then() -> None:
    lapsed = {"metric": "Opened Email", "count": {"equals": 0}, "in_last": {"days": 2}}
    definition = flow({"id": "quiet", "wait_for": [{"if": lapsed, "then": [A]}], "within": {"days": 9}}, LAST)
    opened = facts(("Opened Email", START - HOUR, {}))
    opened = replace(opened, totals={"Opened Email": _total(START - HOUR)})

    first = waits(turn(definition, begin(), opened))

    assert (first.until, first.look_at) == (START + 9 * DAY, START - HOUR + 2 * DAY)
    assert emails(turn(definition, stood(begin(), first), opened, START + 2 * DAY)) == ["a", "last"]


def _total(at: datetime) -> Any:
    from decimal import Decimal

    from headwater.segments.language import Total

    return Total(1, Decimal(0), at, at)


# ── goals ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def to_a_goal(**more: Any) -> FlowDefinition:
    ordered = {"metric": "Placed Order", "since": "flow-start"}
    return flow(A, {"delay": {"days": 2}}, B, {"id": "bought", "goal": ordered, **more}, {"email": "thanks.mjml"})


def ordered(at: datetime) -> Facts:
    return replace(facts(("Placed Order", at, {})), totals={"Placed Order": _total(at)})


def test_who_meets_the_goal_jumps_to_it_at_once() -> None:
    definition = to_a_goal()
    place = stood(begin(), waits(turn(definition, begin())))
    assert place.due_at == START + 2 * DAY

    outcome = turn(definition, place, ordered(START + HOUR), START + 2 * HOUR)

    assert emails(outcome) == ["thanks"]
    assert outcome.jumped
    assert outcome.intents[0].send_at == START + 2 * HOUR


def test_a_look_before_the_time_finds_nothing_and_waits_on() -> None:
    definition = to_a_goal()
    place = stood(begin(), waits(turn(definition, begin())))

    outcome = turn(definition, place, now=START + HOUR)

    assert outcome == Outcome(Wait("b", START + 2 * DAY))


@pytest.mark.parametrize(
    ("unmet", "sent", "end"),
    [
        ("go_on", ["b", "thanks"], engine.Complete()),
        ("leave", ["b"], engine.Leave(engine.GOAL_UNMET)),
    ],
)
def test_who_comes_to_a_goal_without_meeting_it(unmet: str, sent: list[str], end: engine.End) -> None:
    definition = to_a_goal(unmet=unmet)
    place = stood(begin(), waits(turn(definition, begin())))

    outcome = turn(definition, place)

    assert (emails(outcome), outcome.end) == (sent, end)


def test_one_can_wait_at_a_goal_but_not_for_ever() -> None:
    definition = to_a_goal(unmet="wait")
    place = stood(begin(), waits(turn(definition, begin())))
    standing = stood(place, waits(turn(definition, place)))
    assert standing.step == "bought"

    met = turn(definition, standing, ordered(START + 5 * DAY), START + 5 * DAY)
    given_up = turn(definition, standing)

    assert emails(met) == ["thanks"]
    assert given_up.end == engine.Leave(engine.GOAL_UNMET)


# ── splits ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_first_branch_that_holds_is_taken() -> None:
    definition = flow(
        {
            "split": [
                {"name": "big", "if_event": {"property": "price", "at_least": 100}, "then": [A]},
                {"if": {"property": "country", "equals": "DE"}, "then": [B]},
            ],
            "else": [LAST],
        }
    )
    german = Facts(1, {"email": "p@example.com", "country": "DE"})

    assert emails(turn(definition, begin({"price": 120}), german)) == ["a"]
    assert emails(turn(definition, begin({"price": 20}), german)) == ["b"]
    assert emails(turn(definition, begin({"price": 20}))) == ["last"]


def test_shares_are_kept_and_everybody_goes_the_same_way_again() -> None:
    definition = flow({"id": "luck", "random": [{"share": 30, "then": [A]}, {"share": 70, "then": [B]}]})

    def way(profile_id: int) -> list[str]:
        return emails(turn(definition, replace(begin(), profile_id=profile_id), facts(profile_id=profile_id)))

    taken = [way(one) for one in range(2000)]

    assert taken == [way(one) for one in range(2000)]
    assert 0.26 < taken.count(["a"]) / 2000 < 0.34


def test_a_test_sends_one_variation_and_then_the_winner() -> None:
    definition = flow({"id": "tone", "ab_test": [{**A, "share": 50}, {**B, "share": 50}]}, LAST)

    sent = {tuple(emails(turn(definition, begin(), facts(profile_id=one)))) for one in range(50)}
    after = {
        tuple(emails(turn(definition, begin(), facts(profile_id=one), winners={"tone": "b"}))) for one in range(50)
    }

    assert sent == {("a", "last"), ("b", "last")}
    assert after == {("b", "last")}


# ── status ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_draft_is_skipped_with_its_reason() -> None:
    outcome = turn(flow({**A, "status": "draft"}, LAST), begin())

    assert [(intent.step.id, intent.skip) for intent in outcome.intents] == [
        ("a", Reason.MESSAGE_DRAFT),
        ("last", None),
    ]


def test_a_manual_email_holds_until_it_is_decided() -> None:
    definition = flow({**A, "status": "manual"}, {"delay": {"days": 1}}, LAST)
    held = stood(begin(), waits(turn(definition, begin())))
    assert (held.step, held.held) == ("a", "review")
    later = START + 5 * HOUR

    assert waits(turn(definition, held, now=later)).held == "review"
    sent = turn(definition, replace(held, held="approved"), now=later)
    declined = turn(definition, replace(held, held="declined"), now=later)

    assert [(intent.send_at, intent.skip) for intent in sent.intents] == [(later, None)]
    assert waits(sent).until == later + DAY
    assert [intent.skip for intent in declined.intents] == [Reason.NOT_REVIEWED]


def test_who_is_held_stays_held_when_the_step_goes_live() -> None:
    held = replace(begin(), step="a", held="review")

    assert waits(turn(flow(A, LAST), held)).held == "review"


def test_nobody_is_held_by_a_delay_with_nothing_but_drafts_behind_it() -> None:
    outcome = turn(flow(A, {"delay": {"days": 3}}, {**B, "status": "draft"}), begin())

    assert isinstance(outcome.end, engine.Complete)
    assert emails(outcome) == ["a"]


# ── doing ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_after_a_change_of_the_person_the_next_step_is_asked_anew() -> None:
    definition = flow(
        {"id": "mark", "update_profile": {"set": {"plan": "gold"}}},
        {"id": "gold", "if": {"property": "plan", "equals": "gold"}, "then": [A], "else": [B]},
    )

    outcome = turn(definition, begin())

    assert [act.step.id for act in outcome.acts] == ["mark"]
    assert outcome.end == Wait("gold", START)


def test_who_left_the_segment_is_not_changed_any_more() -> None:
    definition = flow(
        {"id": "mark", "update_profile": {"set": {"sunset": True}}}, trigger={"segment": "Sunset"}, entry={}
    )

    left = turn(definition, begin())
    still = turn(definition, begin(), Facts(1, {"email": "p@example.com"}, segments={"Sunset": START}))

    assert left.acts == ()
    assert left.notes[0].detail == {"reason": "not_in_audience"}
    assert len(still.acts) == 1


def test_what_lies_behind_someone_placed_in_the_middle_is_passed() -> None:
    definition = flow(A, {"delay": {"days": 2}}, B, {"delay": {"days": 2}}, LAST)
    placed = replace(begin(), placing=True)

    outcome = turn(definition, placed, now=START + 3 * DAY)

    assert outcome.intents == ()
    assert waits(outcome).step == "last"
    assert waits(outcome).until == START + 4 * DAY


def test_what_was_due_while_paused_can_be_skipped() -> None:
    definition = flow(A, {"delay": {"days": 2}}, B)

    outcome = turn(definition, replace(begin(), held="overdue"), now=START + DAY)

    assert [intent.skip for intent in outcome.intents] == [Reason.OVERDUE]
    assert waits(outcome).until == START + 2 * DAY


# ── dates and stock ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_countdown_to_a_date_of_the_person() -> None:
    definition = flow({"delay": {"before": {"days": 3}, "date": "renewal", "until": "09:00"}}, A)
    known = Facts(1, {"email": "p@example.com", "timezone": "Europe/Berlin"}, {"renewal": "2026-03-20"})

    assert waits(turn(definition, begin(), known)).until == datetime(2026, 3, 17, 8, 0, tzinfo=UTC)
    assert emails(turn(definition, begin())) == ["a"]


def test_a_date_flow_ends_when_the_date_is_another() -> None:
    definition = flow(A, trigger={"date": "birthday", "repeat": "yearly"})
    place = Enrolment(7, 1, START, START, None, {"day": "2026-03-02"})

    def born(day: str) -> Facts:
        return Facts(1, {"email": "p@example.com"}, {"birthday": day})

    assert emails(turn(definition, place, born("1980-03-02"))) == ["a"]
    assert turn(definition, place, born("1980-04-02")).end == engine.Leave(engine.DATE_CHANGED)


def test_waiting_for_stock() -> None:
    definition = flow({"id": "stock", "back_in_stock": {"give_up_after": {"days": 90}}}, A)
    product = begin({"product_id": "p1"})

    waiting = waits(turn(definition, product, in_stock=frozenset()))
    assert (waiting.held, waiting.item, waiting.until) == ("stock", "p1", START + 90 * DAY)
    place = stood(product, waiting)

    assert emails(turn(definition, product, in_stock=frozenset({"p1"}))) == ["a"]
    assert emails(turn(definition, replace(place, held="released"), now=START + DAY, in_stock=frozenset())) == ["a"]
    assert turn(definition, place, in_stock=frozenset()).end == engine.Leave(engine.NOT_RESTOCKED)
