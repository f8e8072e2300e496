"""The instant at which a zone's clock shows a time of a day, in the nights on which clocks change too."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.core.wall_clock import first_zone, instant, instants, zone

SHIFTING = [
    "Europe/Berlin", "Europe/London", "America/New_York", "America/Santiago", "America/St_Johns", "Africa/Cairo",
    "Australia/Lord_Howe", "Atlantic/Azores", "America/Havana", "Asia/Kathmandu",
]  # fmt: skip
SECOND = timedelta(seconds=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "clock_time", "expected"),
    [
        ("Europe/Berlin", "2026-03-29", time(2, 30), "2026-03-29T01:00"),
        ("Europe/London", "2026-03-29", time(1, 30), "2026-03-29T01:00"),
        ("Australia/Lord_Howe", "2026-10-04", time(2, 15), "2026-10-03T15:30"),  # a gap of half an hour
        ("Pacific/Apia", "2011-12-30", time(12, 0), "2011-12-30T10:00"),  # a whole day left out
        ("America/Santiago", "2026-09-06", time(0, 30), "2026-09-06T04:00"),  # no midnight
        ("Africa/Cairo", "2026-04-24", time(0, 0), "2026-04-23T22:00"),
        ("Asia/Kathmandu", "2026-03-29", time(2, 30), "2026-03-28T20:45"),
        ("Europe/Berlin", "2026-10-25", time(2, 30), "2026-10-25T00:30"),  # twice: the first
        ("America/St_Johns", "2026-11-01", time(1, 30), "2026-11-01T04:00"),
        ("Australia/Lord_Howe", "2026-04-05", time(1, 45), "2026-04-04T14:45"),
    ],
)
def test_gaps_and_overlaps_of_ten_zones(zone: str, day: str, clock_time: time, expected: str) -> None:
    assert instant(datetime.fromisoformat(day).date(), clock_time, ZoneInfo(zone)) == utc(expected)


def test_a_time_that_is_shown_twice_has_a_change_between() -> None:
    assert instants(date(2026, 10, 25), time(2, 30), ZoneInfo("Europe/Berlin")) == (
        utc("2026-10-25T00:30"), utc("2026-10-25T01:00"), utc("2026-10-25T01:30"),
    )  # fmt: skip
    assert instants(date(2026, 3, 29), time(2, 30), ZoneInfo("Europe/Berlin")) == (utc("2026-03-29T01:00"),)
    assert len(instants(date(2026, 3, 2), time(2, 30), ZoneInfo("Europe/Berlin"))) == 1


@given(
    st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    st.times().map(lambda found: found.replace(second=0, microsecond=0)),
    st.sampled_from(SHIFTING),
)
def test_an_instant_is_the_first_at_which_the_clock_shows_that_time_or_has_passed_it(
    day: date, clock_time: time, name: str
) -> None:
    local = ZoneInfo(name)
    wall = datetime.combine(day, clock_time)

    found = instant(day, clock_time, local)

    assert found.astimezone(local).replace(tzinfo=None) >= wall
    assert (found - SECOND).astimezone(local).replace(tzinfo=None) < wall


def test_the_first_name_that_is_a_zone_counts() -> None:
    assert first_zone("Asia/Tokyo", "Europe/Berlin") == ZoneInfo("Asia/Tokyo")
    assert first_zone(None, "Mars/Olympus", "Europe/Berlin") == ZoneInfo("Europe/Berlin")
    assert first_zone("../etc/passwd", "") == ZoneInfo("UTC")
    assert zone("Europe") is None
