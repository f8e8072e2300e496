"""What holds of every turn and of every whole way through a flow, whatever the flow and whatever happens.

Each rule is a function of a journey that fails by an assertion. `after` tells a flow's path once more, from the notes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from headwater.delivery.reasons import Reason
from headwater.flows.effects import Complete, Leave, Wait
from headwater.flows.engine import DATE_CHANGED, EXIT_CONDITION, EXIT_EVENT, FAILED_PROFILE_FILTER, advance
from headwater.flows.steps import (
    DRAFT,
    LIVE,
    MANUAL,
    BackInStock,
    ChangeList,
    Countdown,
    DateCountdown,
    Delay,
    Goal,
    IssueCoupon,
    Step,
    UpdateProfile,
    WaitFor,
)
from headwater.flows.triggers import DateTrigger
from headwater.flows.walk import LOOK_AGAIN, PATIENCE
from headwater.segments.language import evaluate
from tests.flows.flow_paths import the_way_is_one_of_the_flow
from tests.flows.flow_turns import Journey, Turn, facts_of, here, reach, refused
from tests.flows.flow_worlds import DAY, World

Rule = Callable[[Journey, World], None]
STANDING = (WaitFor, Goal, BackInStock)
"""Steps in which somebody stands, and is found before their time is over."""


# ── a function ──────────────────────────────────────────────────────────────────────────────────────────────────────
def the_same_again(journey: Journey, world: World) -> None:
    for turn in journey.turns:
        assert advance(journey.definition, turn.place, turn.known, turn.now) == turn.outcome


# ── always on, never for ever ───────────────────────────────────────────────────────────────────────────────────────
def waits_for_something_ahead(journey: Journey, world: World) -> None:
    for turn in journey.turns:
        end = turn.outcome.end
        if not isinstance(end, Wait):
            continue
        assert end.step in journey.definition.steps
        assert end.until >= world.start
        assert end.look_at is None or turn.now < end.look_at < end.until
        assert end.since is None or world.start <= end.since <= max(turn.now, end.until)
        assert (end.item is not None) is (end.held == "stock")
        assert end.held in (None, "review", "stock")
        # No wake is in vain: the person moves, or stands somewhere until later.
        assert _moved(journey, turn, end) or end.until > turn.now or end.held == "review"


def _moved(journey: Journey, turn: Turn, end: Wait) -> bool:
    """To another step, or into this one."""
    return end.step != here(journey, turn) or (turn.place.since is None and end.since is not None)


def ends_in_time(journey: Journey, world: World) -> None:
    assert isinstance(journey.turns[-1].outcome.end, Complete | Leave)
    assert all(isinstance(turn.outcome.end, Wait) for turn in journey.turns[:-1])
    longest = max(world.lags) + LOOK_AGAIN
    waits = sum((_longest(step) for step in journey.definition.steps.values()), timedelta(0))
    held = sum((after for after, _ in world.reviews), timedelta(0)) * len(journey.definition.steps)
    assert journey.turns[-1].now <= world.start + waits + held + longest * len(journey.turns)


def _longest(step: Step) -> timedelta:
    match step:
        case Delay(span=span):
            return timedelta(days=span.days) + span.rest + 9 * DAY
        case Goal():
            return PATIENCE
        case WaitFor():
            return step.within + 20 * DAY  # what starts the time anew comes within 20 days
        case BackInStock():
            return step.give_up_after
        case Countdown():
            return 30 * DAY
        case DateCountdown():
            return 300 * DAY
    return timedelta(0)


# ── once, and in the order of time ──────────────────────────────────────────────────────────────────────────────────
def nothing_happens_twice(journey: Journey, world: World) -> None:
    effects = [one.step.id for turn in journey.turns for one in (*turn.outcome.intents, *turn.outcome.acts)]
    assert len(effects) == len(set(effects))
    again = ("waited", "held", "jumped")  # at a step that is then taken
    decided = [note.step for turn in journey.turns for note in turn.outcome.notes if note.outcome not in again]
    assert len(decided) == len(set(decided))
    told = [(note.step, note.outcome) for turn in journey.turns for note in turn.outcome.notes]
    assert all(told.count(one) == 1 for one in told if not isinstance(journey.definition.steps[one[0]], Countdown))


def time_goes_on(journey: Journey, world: World) -> None:
    reached = world.start
    for turn in journey.turns:
        steps = {note.step: place for place, note in enumerate(turn.outcome.notes)}
        effects = [(one.send_at, one.step.id) for one in turn.outcome.intents]
        effects += [(one.at, one.step.id) for one in turn.outcome.acts]
        for at, _ in sorted(effects, key=lambda one: steps[one[1]]):
            assert reached <= at <= turn.now
            reached = at


def a_look_before_the_time_moves_nobody(journey: Journey, world: World) -> None:
    for turn in (*journey.turns, *journey.asked):
        step = journey.definition.steps[here(journey, turn)]
        early = turn.place.due_at > turn.now and turn.place.held is None
        if not early or turn.outcome.jumped or isinstance(turn.outcome.end, Leave):
            continue
        if turn.place.since is None or not isinstance(step, STANDING):
            assert turn.outcome.notes == turn.outcome.intents == turn.outcome.acts == ()
            assert isinstance(turn.outcome.end, Wait)
            assert replace(turn.outcome.end, look_at=None) == Wait(step.id, turn.place.due_at)


def a_futile_look_changes_nothing(journey: Journey, world: World) -> None:
    for turn in journey.turns:
        end, stood_by = turn.outcome.end, turn.stands_by
        if stood_by is None or not isinstance(end, Wait) or turn.outcome.notes or turn.place.due_at <= turn.now:
            continue
        step = journey.definition.steps[end.step]
        if isinstance(step, WaitFor) and step.reset_on:
            assert (end.until, end.since) >= (stood_by.until, stood_by.since)
        else:
            assert (end.step, end.until, end.since, end.held, end.item) == (
                stood_by.step, stood_by.until, stood_by.since, stood_by.held, stood_by.item
            )  # fmt: skip


def only_what_is_listened_to_matters(journey: Journey, world: World) -> None:
    """Where news wakes nobody, a look would have been as futile with it as without it."""
    for turn in journey.asked:
        earlier = advance(journey.definition, turn.place, replace(turn.known, facts=turn.before), turn.now)
        if not earlier.notes and not refused(turn):  # filters are asked before every step, and wake nobody
            assert turn.outcome == earlier


# ── who leaves ──────────────────────────────────────────────────────────────────────────────────────────────────────
def exits_and_filters_end(journey: Journey, world: World) -> None:
    definition = journey.definition
    for turn in journey.turns:
        facts = facts_of(journey, turn)
        met = [one for one in definition.exit_on if evaluate(one.asked, facts, turn.now)]
        if met:
            assert turn.outcome.end == Leave(EXIT_EVENT if met[0].event is not None else EXIT_CONDITION)
        elif definition.profile_filters is not None and not evaluate(definition.profile_filters, facts, turn.now):
            assert turn.outcome.end == Leave(FAILED_PROFILE_FILTER)
        elif isinstance(definition.trigger, DateTrigger):
            moved = str(facts.properties.get("renewal"))[:10] != turn.place.trigger["day"]
            assert (turn.outcome.end == Leave(DATE_CHANGED)) is moved
        else:
            assert not refused(turn)
        if refused(turn):
            assert turn.outcome.intents == turn.outcome.acts == ()
        assert turn.why != "exit" or met


# ── what follows ─────────────────────────────────────────────────────────────────────────────────────────────────────
def what_follows_a_change_is_asked_in_a_turn_of_its_own(journey: Journey, world: World) -> None:
    for turn in journey.turns:
        for act in turn.outcome.acts:
            if isinstance(act.step, UpdateProfile | ChangeList | IssueCoupon):
                assert turn.outcome.notes[-1].step == act.step.id
                assert turn.outcome.end == (Wait(act.step.next, act.at) if act.step.next else Complete())


# ── goals and waits ─────────────────────────────────────────────────────────────────────────────────────────────────
def who_meets_a_goal_is_there_at_once(journey: Journey, world: World) -> None:
    definition, ways = journey.definition, reach(journey.definition)
    gone: frozenset[str] = frozenset()
    for turn in journey.turns:
        facts, outcome, stood = facts_of(journey, turn), turn.outcome, here(journey, turn)
        if refused(turn):
            continue
        goals = [step for step in definition.steps.values() if isinstance(step, Goal)]
        early = turn.place.due_at > turn.now
        ahead = [goal for goal in goals if goal.id in ways[stood] or goal.id == stood and early]
        met = [goal for goal in ahead if evaluate(goal.condition, facts, turn.now)]
        standing = met and met[-1].id == stood and turn.place.since is not None
        assert outcome.jumped is (bool(met) and not standing), (met, stood)
        if outcome.jumped:
            gone |= ways[stood] - ways[met[-1].id] - {met[-1].id}
        taken = {one.step.id for one in (*outcome.intents, *outcome.acts)}
        assert not taken & gone


def who_waits_has_nothing_to_wait_for(journey: Journey, world: World) -> None:
    """Nothing of what people wait for has happened yet, no goal ahead and no exit is met; the next look is when that
    may change."""
    ways = reach(journey.definition)
    for turn in journey.turns:
        end, facts = turn.outcome.end, facts_of(journey, turn)
        if not isinstance(end, Wait) or end.until <= turn.now or end.held == "review":
            continue
        step = journey.definition.steps[end.step]
        goals = [one for one in journey.definition.steps.values() if isinstance(one, Goal)]
        asked = [goal.condition for goal in goals if goal.id in ways[step.id] or goal is step]
        asked += [one.condition for one in journey.definition.exit_on if one.condition is not None]
        if isinstance(step, WaitFor) and end.since is not None:
            asked += [one.condition for one in step.branches if one.condition is not None]
        last = min(end.until, end.look_at or end.until) - timedelta(microseconds=1)
        for part in range(5):
            at = turn.now + (last - turn.now) * part / 4
            assert not any(evaluate(one, facts, at) for one in asked), (at, end)
        if end.look_at is not None:
            assert any(evaluate(one, facts, end.look_at) for one in asked)


def a_countdown_counts_down_to_the_code_that_is_held_or_may_still_come(journey: Journey, world: World) -> None:
    for turn in journey.turns:
        earlier: set[str] = set()
        for note in turn.outcome.notes:
            step, detail = journey.definition.steps[note.step], note.detail or {}
            if isinstance(step, Countdown) and note.outcome in ("waited", "passed"):
                code = max(facts_of(journey, turn).coupons, key=lambda one: one.assigned_at, default=None)
                expires_at = code.expires_at if code is not None and code.valid(turn.now) else None
                intended = any(intent.step.id in earlier for intent in turn.outcome.intents)
                messages = turn.known.messages
                coming = intended or messages is None or "planned" in messages.values()
                assert (expires_at is not None) is ("until" in detail)
                if expires_at is not None:
                    assert datetime.fromisoformat(detail["until"]) >= expires_at - step.before
                else:
                    assert coming is (note.outcome == "waited")
            earlier.add(note.step)


# ── status ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def drafts_are_skipped_and_what_is_manual_is_asked_for(journey: Journey, world: World) -> None:
    for turn in journey.turns:
        decided = turn.place.held if turn.place.held in ("approved", "declined") and not turn.outcome.jumped else None
        here_ = here(journey, turn)
        for intent in turn.outcome.intents:
            if intent.step.status == DRAFT:
                assert intent.skip == Reason.MESSAGE_DRAFT
            elif decided == "declined" and intent.step.id == here_:
                assert intent.skip == Reason.NOT_REVIEWED
            else:
                assert intent.skip is None
                assert intent.step.status != MANUAL or (decided, intent.step.id) == ("approved", here_)
        for act in turn.outcome.acts:
            status = getattr(act.step, "status", LIVE)
            assert status == LIVE or (status, decided, act.step.id) == (MANUAL, "approved", here_)
            audience = journey.definition.audience
            assert audience is None or evaluate(audience, facts_of(journey, turn), turn.now)
        released = turn.place.held == "released" and not turn.outcome.jumped
        if decided is not None or released:  # what comes after counts from then
            moments = [one.send_at for one in turn.outcome.intents] + [one.at for one in turn.outcome.acts]
            assert set(moments) <= {turn.now}
            assert not isinstance(turn.outcome.end, Wait) or turn.outcome.end.until >= turn.now


RULES: tuple[Rule, ...] = (
    the_same_again,
    waits_for_something_ahead,
    ends_in_time,
    nothing_happens_twice,
    time_goes_on,
    a_look_before_the_time_moves_nobody,
    a_futile_look_changes_nothing,
    only_what_is_listened_to_matters,
    exits_and_filters_end,
    the_way_is_one_of_the_flow,
    what_follows_a_change_is_asked_in_a_turn_of_its_own,
    who_meets_a_goal_is_there_at_once,
    who_waits_has_nothing_to_wait_for,
    a_countdown_counts_down_to_the_code_that_is_held_or_may_still_come,
    drafts_are_skipped_and_what_is_manual_is_asked_for,
)
