"""What an index of dates is asked for: whatever is written, whoever's occasion lies in the span is found by it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from headwater.flows.arrivals.near_days import Days, DaysOfYear, near
from headwater.flows.occasions import MONTHLY, ONCE, REPEATS, YEARLY, DateRule, occasions
from headwater.segments.conditions import Step

ZONES = ("America/New_York", "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "UTC")
HOUR = timedelta(hours=1)


def rule(repeat: str, offset_days: int = 0) -> DateRule:
    return DateRule((Step("birthday"),), repeat, offset_days, time(9))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def found(asked: DateRule, value: str, start: datetime, end: datetime) -> bool:
    match near(asked, start, end):
        case Days(first, last):
            return first <= value[:10] <= last
        case DaysOfYear(days):
            return value[5:10] in days


written = st.builds(
    lambda year, month, day, of_day: f"{year}-{month:02d}-{day:02d}{of_day}",
    st.integers(1995, 2026),
    st.integers(1, 12),
    st.integers(1, 31),
    st.sampled_from(["", "", "T00:30:00+14:00", "T23:30:00-12:00", "T12:00:00Z"]),
)


@given(
    st.sampled_from(REPEATS),
    st.integers(-40, 40),
    written,
    st.sampled_from(ZONES),
    st.integers(0, 3000 * 24),
    st.integers(1, 24 * 40),
)
def test_nobody_with_an_occasion_in_the_span_is_missed(
    repeat: str, offset: int, value: str, zone: str, hours: int, length: int
) -> None:
    start = utc("2019-12-01") + hours * HOUR
    end = start + length * HOUR
    asked = rule(repeat, offset)

    if occasions(asked, value, zone, "UTC", start, end):
        assert found(asked, value, start, end)


def test_an_hour_is_looked_for_among_a_few_days() -> None:
    start = utc("2026-05-20 12:00")

    assert near(rule(ONCE, -7), start, start + HOUR) == Days("2026-05-24", "2026-05-30")
    assert near(rule(YEARLY), start, start + HOUR) == DaysOfYear(
        ("05-17", "05-18", "05-19", "05-20", "05-21", "05-22", "05-23")
    )
    monthly = near(rule(MONTHLY), start, start + HOUR)
    assert isinstance(monthly, DaysOfYear)
    assert len(monthly.days) == 7 * 12


def test_a_leap_day_is_looked_for_at_the_end_of_february() -> None:
    start = utc("2027-02-28")

    assert found(rule(YEARLY), "1996-02-29", start, start + HOUR)
    assert found(rule(MONTHLY), "2025-12-31", start, start + HOUR)
