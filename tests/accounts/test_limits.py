"""Quiet hours and frequency caps as a brand has them: what cannot be made, how they are stored and told."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from headwater.accounts.limits import FrequencyCap, QuietHours


@pytest.mark.parametrize(
    ("start", "end"), [(time(21), time(21)), (time(0), time(0)), (time(21, tzinfo=UTC), time(8, tzinfo=UTC))]
)
def test_quiet_hours_that_never_end_cannot_be_made(start: time, end: time) -> None:
    with pytest.raises(ValueError):
        QuietHours(start, end)


def test_they_are_read_as_they_are_stored() -> None:
    quiet, cap = {"from": "21:00", "to": "08:30"}, {"kind": "flow", "at_most": 2, "days": 7}
    assert QuietHours.read(quiet) == QuietHours(time(21), time(8, 30))
    assert QuietHours.read(quiet).plain() == quiet
    assert FrequencyCap.read(cap) == FrequencyCap("flow", 2, 7)
    assert FrequencyCap.read(cap).plain() == cap


def test_one_day_is_today_and_seven_are_today_and_the_six_before_it() -> None:
    """22:00 on 8 March in New York, after the change of clocks: a week ago midnight was an hour later by UTC."""
    now, local = datetime(2026, 3, 9, 2, tzinfo=UTC), ZoneInfo("America/New_York")
    assert FrequencyCap("any", 1, 1).since(now, local) == datetime(2026, 3, 8, 5, tzinfo=UTC)
    assert FrequencyCap("any", 1, 2).since(now, local) == datetime(2026, 3, 7, 5, tzinfo=UTC)
    assert FrequencyCap("any", 1, 7).since(now, local) == datetime(2026, 3, 2, 5, tzinfo=UTC)
    assert FrequencyCap("any", 1, 1).since(now, ZoneInfo("Asia/Tokyo")) == datetime(2026, 3, 8, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cap", "words"),
    [
        (FrequencyCap("any", 1, 1), "at most 1 email a day"),
        (FrequencyCap("flow", 2, 7), "at most 2 flow emails in 7 days"),
        (FrequencyCap("campaign", 4, 30), "at most 4 campaigns in 30 days"),
    ],
)
def test_caps_are_told_in_words(cap: FrequencyCap, words: str) -> None:
    assert cap.words == words


@pytest.mark.parametrize(("kind", "at_most", "days"), [("sms", 1, 1), ("any", 0, 1), ("any", 1, 0), ("any", 1, 91)])
def test_a_cap_that_stops_all_or_nothing_cannot_be_made(kind, at_most: int, days: int) -> None:
    with pytest.raises(ValueError):
        FrequencyCap(kind, at_most, days)
