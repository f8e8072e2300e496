"""When delays end: exact spans, times of day, weekdays, and the two nights on which clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.flows.delays import Span, ends
from tests.flows.flow_worlds import ZONES

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


# ── around the nights on which clocks change ────────────────────────────────────────────────────────────────────────
QUARTER = timedelta(minutes=15)
"""All that happens in these zones and tests happens at quarters of an hour."""


def changes(zone: str) -> list[datetime]:
    """The instants in three years at which the zone's clocks change."""
    where, hour = ZoneInfo(zone), timedelta(hours=1)
    days = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(3 * 365)]
    hours = [
        day + hour * number
        for day in days
        if day.astimezone(where).utcoffset() != (day + timedelta(days=1)).astimezone(where).utcoffset()
        for number in range(25)
    ]
    return [at for at in hours if (at - hour).astimezone(where).utcoffset() != at.astimezone(where).utcoffset()]


CHANGES = [(zone, at) for zone in ZONES for at in changes(zone)]
CHANGES += [(zone, datetime(2026, 5, 1, 12, tzinfo=UTC)) for zone in ("Asia/Kathmandu", "Pacific/Apia")]


def shown(day: date, clock_time: time, where: ZoneInfo) -> datetime:
    """The first instant at which the clocks there show that time of that day, or have jumped over it: by looking."""
    at = datetime.combine(day, time(0), UTC) - timedelta(hours=16)
    while at.astimezone(where).replace(tzinfo=None) < datetime.combine(day, clock_time):
        at += QUARTER
    return at


def looked_up(span: Span, at: datetime, zone: str) -> datetime:
    """When the delay ends, by looking at the clock again and again."""
    where = ZoneInfo(zone)
    earliest = at + span.rest + (timedelta(days=span.days) if span.rest or span.until is None else timedelta(0))
    wall = earliest.astimezone(where)
    allowed = span.weekdays or frozenset(range(7))
    if span.until is None and (not span.weekdays or wall.weekday() in allowed):
        return earliest
    clock_time = span.until or wall.time()
    first = wall.date() + timedelta(days=0 if span.rest or span.until is None else span.days)
    days = (first + timedelta(days=ahead) for ahead in range(9))
    found = (shown(day, clock_time, where) for day in days if day.weekday() in allowed)
    if span.until is not None and not span.rest:
        return next(end for end in found if end > at)
    return next(end for end in found if end >= earliest)


near_changes = st.tuples(st.sampled_from(CHANGES), st.integers(-4 * 96, 96)).map(
    lambda drawn: (drawn[0][0], drawn[0][1] + drawn[1] * QUARTER)
)
untils = st.sampled_from([time(0), time(0, 30), time(1, 45), time(2), time(2, 30), time(3, 15), time(10), time(23, 45)])
weekdays = st.sampled_from([frozenset[int](), frozenset({0}), frozenset({5, 6}), frozenset({1, 3})])
spans = st.one_of(
    st.builds(Span, st.integers(0, 4), st.just(timedelta(0)), untils, weekdays),
    st.builds(Span, st.just(0), st.integers(1, 96).map(lambda quarters: quarters * QUARTER), untils, weekdays),
    st.builds(Span, st.integers(0, 2), st.integers(0, 8).map(lambda quarters: quarters * QUARTER), st.none(), weekdays),
)


@settings(max_examples=1500, deadline=None)
@given(near_changes, spans)
def test_delays_end_when_the_clocks_say_so_wherever_clocks_change(start: tuple[str, datetime], span: Span) -> None:
    zone, at = start

    assert ends(span, at, zone, "UTC") == looked_up(span, at, zone)


def test_clocks_change_in_most_of_the_ten_zones() -> None:
    assert len({zone for zone, _ in CHANGES}) == len(ZONES) == 10
    assert len(CHANGES) > 40


def test_hours_and_then_a_time_of_day_in_the_hour_that_comes_twice() -> None:
    at = utc("2026-11-01T06:30")  # 01:30 in New York, for the second time

    ended = ends(Span(rest=timedelta(minutes=5), until=time(1, 45)), at, NEW_YORK, "UTC")

    assert ended == utc("2026-11-02T06:45")
