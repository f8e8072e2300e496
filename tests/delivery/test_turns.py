"""Whose turn it is among messages that want one person at once, and which of them are too much."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from headwater.accounts.limits import FrequencyCap
from headwater.delivery.reasons import Reason
from headwater.delivery.turns import OUTRANKED, Candidate, Timer, Turns, take

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WINDOW = 16 * HOUR
ANN = 1
RUNNING = {ANN: Timer(NOW + HOUR, 99)}
OVER = {ANN: Timer(NOW, 99)}
ONE_A_DAY = FrequencyCap("any", 1, 1)


def message(number: int, **given) -> Candidate:
    return Candidate(number, ANN, NOW - number * MINUTE, **given)


def decide(*candidates: Candidate, timers=None, caps=(), used=None, window=WINDOW) -> Turns:
    return take(candidates, timers or {}, caps, used or {}, window, NOW)


def smart(detail: str | None = None) -> tuple[Reason, str | None]:
    return (Reason.SMART_SENDING, detail)


# ---- Priority and smart sending -------------------------------------------------------------------------------------


def test_the_longest_waiting_goes_and_the_others_do_not():
    turns = decide(message(1), message(3), message(2))
    assert turns.go == {3}
    assert turns.refused == {1: smart(), 2: smart()}
    assert turns.stamps == {ANN: 3}


def test_a_higher_rank_goes_before_who_waits_longer():
    turns = decide(message(1, rank=40), message(3), message(2, rank=20))
    assert turns.go == {1}
    assert turns.refused == {2: smart(OUTRANKED), 3: smart(OUTRANKED)}


def test_of_one_rank_what_does_not_heed_the_timer_goes_first():
    turns = decide(message(1, heeds=False), message(2))
    assert (turns.go, turns.refused, turns.stamps) == ({1}, {2: smart()}, {ANN: 1})


def test_a_higher_rank_gets_the_stamp_and_what_does_not_heed_it_goes_as_well():
    turns = decide(message(1, rank=5), message(2, heeds=False))
    assert (turns.go, turns.stamps) == ({1, 2}, {ANN: 1})


def test_under_a_running_timer_only_what_does_not_heed_it_goes_and_starts_it_anew():
    turns = decide(message(1, rank=5), message(2, heeds=False), timers=RUNNING)
    assert turns.go == {2}
    assert turns.refused == {1: smart()}
    assert turns.stamps == {ANN: 2}


def test_the_retry_of_the_message_that_started_the_timer_passes_whatever_else_is_due():
    turns = decide(message(99), message(1, rank=5), timers=RUNNING)
    assert turns.go == {99}
    assert turns.refused == {1: smart()}


def test_a_timer_that_is_over_stops_nothing_and_favours_nobody():
    turns = decide(message(99), message(1, rank=5), timers=OVER)
    assert turns.go == {1}


def test_without_smart_sending_everything_goes_and_nothing_is_stamped():
    turns = decide(message(1), message(2), timers=RUNNING, window=timedelta(0))
    assert (turns.go, turns.refused, turns.stamps) == ({1, 2}, {}, {})


# ---- Frequency caps -------------------------------------------------------------------------------------------------


def test_a_full_cap_stops_and_names_itself():
    week = FrequencyCap("any", 3, 7)
    turns = decide(message(1), caps=[week], used={(ANN, 0): 3})
    assert turns.refused == {1: (Reason.FREQUENCY_CAPPED, "at most 3 emails in 7 days")}
    assert (turns.go, turns.stamps) == (set(), {})


def test_one_batch_counts_what_it_lets_through():
    turns = decide(message(1), message(2), message(3), caps=[FrequencyCap("any", 2, 1)], window=timedelta(0))
    assert turns.go == {3, 2}
    assert turns.refused == {1: (Reason.FREQUENCY_CAPPED, "at most 2 emails a day")}


def test_a_cap_of_one_kind_leaves_the_other_alone():
    caps = [FrequencyCap("campaign", 1, 1)]
    turns = decide(message(1, kind="campaign"), message(2, kind="campaign"), message(3), caps=caps, window=timedelta(0))
    assert turns.go == {3, 2}
    assert turns.refused == {1: (Reason.FREQUENCY_CAPPED, "at most 1 campaign a day")}


def test_a_capped_message_takes_nobodys_turn():
    """The flow email is more important, but flows are full: the campaign goes instead."""
    caps = [FrequencyCap("flow", 1, 7)]
    turns = decide(message(1, rank=9), message(2, kind="campaign"), caps=caps, used={(ANN, 0): 1})
    assert turns.go == {2}
    assert turns.refused == {1: (Reason.FREQUENCY_CAPPED, "at most 1 flow email in 7 days")}
    assert turns.stamps == {ANN: 2}


def test_a_message_under_the_timer_uses_nothing_up():
    turns = decide(message(1, rank=9), message(2, heeds=False), timers=RUNNING, caps=[ONE_A_DAY])
    assert turns.go == {2}
    assert turns.refused == {1: smart()}


def test_transactional_mail_goes_over_a_full_cap_and_does_not_count():
    turns = decide(
        message(1, heeds=False, capped=False), message(2, heeds=False), message(3, heeds=False), caps=[ONE_A_DAY]
    )
    assert turns.go == {1, 3}
    full = decide(message(1, heeds=False, capped=False), caps=[ONE_A_DAY], used={(ANN, 0): 1})
    assert full.go == {1}


# ---- Whatever comes -------------------------------------------------------------------------------------------------

CANDIDATES = st.lists(
    st.builds(
        Candidate,
        st.integers(1, 8),
        st.integers(1, 2),
        st.integers(0, 5).map(lambda minutes: NOW - minutes * MINUTE),
        st.sampled_from(["flow", "campaign"]),
        st.integers(0, 2),
        st.booleans(),
        st.just(True),
    ),
    unique_by=lambda one: one.message_id,
    max_size=8,
)
CAPS = st.lists(
    st.builds(FrequencyCap, st.sampled_from(["any", "flow", "campaign"]), st.integers(1, 3), st.just(1)), max_size=3
)
TIMERS = st.dictionaries(
    st.integers(1, 2), st.builds(Timer, st.sampled_from([NOW - HOUR, NOW + HOUR]), st.integers(1, 8)), max_size=2
)
USED = st.dictionaries(st.tuples(st.integers(1, 2), st.integers(0, 2)), st.integers(0, 3), max_size=6)


@given(CANDIDATES, TIMERS, CAPS, USED, st.sampled_from([WINDOW, timedelta(0)]))
def test_nobody_gets_too_much_and_everything_has_its_verdict(candidates, timers, caps, used, window):
    turns = take(candidates, timers, caps, used, window, NOW)

    assert turns.go | turns.refused.keys() == {one.message_id for one in candidates}
    assert not turns.go & turns.refused.keys()
    for person in (1, 2):
        went = [one for one in candidates if one.profile_id == person and one.message_id in turns.go]
        assert (person in turns.stamps) == bool(went and window)
        if window:
            assert sum(one.heeds for one in went) <= 1
        for place, cap in enumerate(caps):
            counted = sum(cap.limits(one.kind) for one in went)
            assert not counted or used.get((person, place), 0) + counted <= cap.at_most
        if not went:
            mine = [one for one in candidates if one.profile_id == person]
            running = person in timers and timers[person].until > NOW
            assert all(turns.refused[one.message_id][0] is Reason.FREQUENCY_CAPPED or running for one in mine)


@given(CANDIDATES, TIMERS, CAPS, USED)
def test_the_order_in_which_they_come_does_not_matter(candidates, timers, caps, used):
    one, other = (take(given, timers, caps, used, WINDOW, NOW) for given in (candidates, candidates[::-1]))
    assert (one.go, one.refused, one.stamps) == (other.go, other.refused, other.stamps)
