"""When delays end: exact spans, times of day, weekdays, and the two nights on which clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.flows.delays import Span, ends, instant

NEW_YORK = "America/New_York"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, zone: str = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("span", "at", "expected"),
    [
        # a span alone is exact, over the spring change too
        (Span(days=1), "2026-03-07T12:00", "2026-03-08T13:00"),
        (Span(rest=timedelta(hours=1, minutes=30)), "2026-03-02T12:00", "2026-03-02T13:30"),
        # with a time of day, days are calendar days: 14:00 or 16:00, both end at 15:00 of the next day
        (Span(days=1, until=time(15)), "2026-03-02T14:00", "2026-03-03T15:00"),
        (Span(days=1, until=time(15)), "2026-03-02T16:00", "2026-03-03T15:00"),
        (Span(days=0, until=time(15)), "2026-03-02T16:00", "2026-03-03T15:00"),
        (Span(days=0, until=time(15)), "2026-03-02T15:00", "2026-03-03T15:00"),
        (Span(days=0, until=time(15)), "2026-03-02T14:59", "2026-03-02T15:00"),
        # hours, then the next such time
        (Span(rest=timedelta(hours=2), until=time(15)), "2026-03-02T12:00", "2026-03-02T15:00"),
        (Span(rest=timedelta(hours=2), until=time(15)), "2026-03-02T13:00", "2026-03-02T15:00"),
        (Span(rest=timedelta(hours=2), until=time(15)), "2026-03-02T14:00", "2026-03-03T15:00"),
        # weekdays: Saturday 7 March moves on to Monday, at the same wall-clock time
        (Span(days=1, until=time(10), weekdays=frozenset({0, 1})), "2026-03-06T09:00", "2026-03-09T10:00"),
        (Span(days=1, weekdays=frozenset({0})), "2026-03-06T09:00", "2026-03-09T09:00"),
        # 02:30 does not exist on 8 March: the first instant after the gap
        (Span(days=1, until=time(2, 30)), "2026-03-07T12:00", "2026-03-08T03:00"),
        # 01:30 comes twice on 1 November: the first
        (Span(days=1, until=time(1, 30)), "2026-10-31T12:00", "2026-11-01T01:30"),
    ],
)
def test_a_delay_ends_in_the_persons_own_time(span: Span, at: str, expected: str) -> None:
    ended = ends(span, local(at).astimezone(UTC), NEW_YORK, "UTC")

    assert ended == local(expected).astimezone(UTC)


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


def test_an_unknown_zone_falls_back_to_the_brands_and_then_to_utc() -> None:
    span = Span(days=1, until=time(10))
    at = utc("2026-03-02T12:00")

    assert ends(span, at, "Mars/Olympus", "Europe/Berlin") == utc("2026-03-03T09:00")
    assert ends(span, at, "../etc/passwd", "") == utc("2026-03-03T10:00")
    assert ends(Span(days=1, until=time(10), timezone="Asia/Tokyo"), at, "Europe/Berlin", "UTC") == utc(
        "2026-03-03T01:00"
    )


@given(
    st.integers(1_577_836_800, 1_893_456_000).map(lambda at: datetime.fromtimestamp(at, UTC)),
    st.builds(
        Span,
        st.integers(0, 30),
        st.just(timedelta(0)),
        st.one_of(st.none(), st.times()),
        st.frozensets(st.integers(0, 6), max_size=3),
    ),
    st.sampled_from([NEW_YORK, "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia", "bad", None]),
)
def test_a_delay_never_ends_before_it_began_and_on_an_allowed_day(at: datetime, span: Span, zone: str | None) -> None:
    ended = ends(span, at, zone, "UTC")

    assert ended >= at
    if span.until is not None and span.days == 0:
        assert ended > at
    if span.weekdays:
        where = ZoneInfo(zone) if zone not in (None, "bad") else ZoneInfo("UTC")
        assert ended.astimezone(where).weekday() in span.weekdays
