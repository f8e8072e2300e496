"""When marketing email may go, by the clock that the person sees, in the nights on which clocks change too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.accounts.limits import QuietHours
from headwater.delivery.hours import SendWindow, held_until, jitter, next_allowed

NEW_YORK, BERLIN = "America/New_York", "Europe/Berlin"
NIGHT = QuietHours(time(21), time(8))
OFFICE = SendWindow(frozenset(range(5)), time(9), time(18))
MINUTE = timedelta(minutes=1)
MIDNIGHT = time(0)

ZONES = [
    NEW_YORK, BERLIN, "Europe/London", "America/Santiago", "America/St_Johns", "Africa/Cairo", "Australia/Lord_Howe",
    "Atlantic/Azores", "America/Havana", "Asia/Kathmandu",
]  # fmt: skip


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, zone: str = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "quiet", "window", "expected"),
    [
        # quiet over midnight; its end is not quiet any more, its beginning is
        ("2026-03-02T20:59", NIGHT, None, "2026-03-02T20:59"),
        ("2026-03-02T21:00", NIGHT, None, "2026-03-03T08:00"),
        ("2026-03-03T07:59", NIGHT, None, "2026-03-03T08:00"),
        ("2026-03-03T08:00", NIGHT, None, "2026-03-03T08:00"),
        # quiet at noon
        ("2026-03-02T12:30", QuietHours(time(12), time(14)), None, "2026-03-02T14:00"),
        # a window on working days
        ("2026-03-02T08:00", None, OFFICE, "2026-03-02T09:00"),
        ("2026-03-02T17:59", None, OFFICE, "2026-03-02T17:59"),
        ("2026-03-06T18:00", None, OFFICE, "2026-03-09T09:00"),
        # one that begins on Friday evening is still open in Saturday's first hours, and in Friday's it is not
        ("2026-03-07T01:00", None, SendWindow(frozenset({4}), time(20), time(2)), "2026-03-07T01:00"),
        ("2026-03-06T01:00", None, SendWindow(frozenset({4}), time(20), time(2)), "2026-03-06T20:00"),
        # whole days
        ("2026-03-06T12:00", None, SendWindow(frozenset({6}), MIDNIGHT, MIDNIGHT), "2026-03-08T00:00"),
        ("2026-03-08T23:59", None, SendWindow(frozenset({6}), MIDNIGHT, MIDNIGHT), "2026-03-08T23:59"),
        # both: the window opens at seven, but quiet hours last until eight
        ("2026-03-02T22:00", NIGHT, SendWindow(frozenset(), time(7), time(20)), "2026-03-03T08:00"),
        ("2026-03-02T20:30", NIGHT, SendWindow(frozenset(), time(7), time(20)), "2026-03-03T08:00"),
        ("2026-03-02T03:00", None, None, "2026-03-02T03:00"),
    ],
)
def test_a_message_waits_for_the_first_allowed_moment(
    now: str, quiet: QuietHours | None, window: SendWindow | None, expected: str
) -> None:
    assert next_allowed(local(now), NEW_YORK, "UTC", quiet, window) == local(expected)


def test_the_persons_clock_counts_then_the_brands() -> None:
    at = utc("2026-03-02T22:00")  # 17:00 in New York, 23:00 in Berlin
    assert next_allowed(at, NEW_YORK, BERLIN, NIGHT, None) == at
    assert next_allowed(at, BERLIN, NEW_YORK, NIGHT, None) == utc("2026-03-03T07:00")
    assert next_allowed(at, "Mars/Olympus", BERLIN, NIGHT, None) == utc("2026-03-03T07:00")
    assert next_allowed(at, None, "", NIGHT, None) == utc("2026-03-03T08:00")


def test_a_window_that_quiet_hours_cover_never_opens() -> None:
    night_shift = SendWindow(frozenset(), time(22), time(6))
    assert next_allowed(utc("2026-03-02T12:00"), BERLIN, "UTC", NIGHT, night_shift) is None


def test_a_window_whose_time_the_clock_skips_opens_a_week_later() -> None:
    """02:10 to 02:40 on Sundays: on 29 March Berlin's clocks go from two to three."""
    sunday = SendWindow(frozenset({6}), time(2, 10), time(2, 40))
    assert next_allowed(utc("2026-03-28T12:00"), BERLIN, "UTC", None, sunday) == local("2026-04-05T02:10", BERLIN)


def test_quiet_hours_that_end_in_the_hour_that_comes_twice_end_twice() -> None:
    """On 25 October Berlin's clocks go from three back to two: quiet until 02:30 is quiet from the second two on."""
    quiet = QuietHours(time(21), time(2, 30))
    first = utc("2026-10-25T00:30")
    assert next_allowed(utc("2026-10-24T22:00"), BERLIN, "UTC", quiet, None) == first
    assert next_allowed(utc("2026-10-25T01:10"), BERLIN, "UTC", quiet, None) == first + timedelta(hours=1)


@pytest.mark.parametrize(
    "never",
    [
        lambda: SendWindow(frozenset(), time(9), time(9)),
        lambda: SendWindow(frozenset({7}), time(9), time(18)),
        lambda: SendWindow(frozenset(), time(9, tzinfo=UTC), time(18)),
    ],
)
def test_a_window_that_would_never_open_cannot_be_made(never) -> None:
    with pytest.raises(ValueError):
        never()


# ---- Every minute, asked one by one ---------------------------------------------------------------------------------


@lru_cache
def changes(name: str) -> list[datetime]:
    """The hours of 2026 in which a zone's clocks change; the first of July for a zone that changes none."""
    zone, hour = ZoneInfo(name), timedelta(hours=1)
    hours = [utc("2026-01-01T00:00") + count * hour for count in range(365 * 24)]
    found = [at for at in hours if at.astimezone(zone).utcoffset() != (at + hour).astimezone(zone).utcoffset()]
    return found or [utc("2026-07-01T00:00")]


def minute_of_day(at: time) -> int:
    return at.hour * 60 + at.minute


def may_go(at: datetime, zone: ZoneInfo, quiet: QuietHours | None, window: SendWindow | None) -> bool:
    """The same question, asked with minutes of the week."""
    wall = at.astimezone(zone)
    minute = minute_of_day(wall.time())
    if quiet is not None:
        begins, ends = minute_of_day(quiet.start), minute_of_day(quiet.end)
        if (minute - begins) % 1440 < (ends - begins) % 1440:
            return False
    if window is None:
        return True
    begins, ends = minute_of_day(window.start), minute_of_day(window.end)
    lasts = (ends - begins) % 1440 or 1440
    return any(
        (wall.weekday() * 1440 + minute - day * 1440 - begins) % (7 * 1440) < lasts
        for day in window.weekdays or range(7)
    )


def minutes_from(now: datetime) -> Iterator[datetime]:
    return (now + count * MINUTE for count in range(9 * 24 * 60))


TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 59]))
QUIET = st.tuples(TIMES, TIMES).filter(lambda two: two[0] != two[1]).map(lambda two: QuietHours(*two))
WINDOWS = st.builds(
    lambda days, two: SendWindow(days, *two),
    st.frozensets(st.integers(0, 6), max_size=3),
    st.one_of(st.tuples(TIMES, TIMES).filter(lambda two: two[0] != two[1]), st.just((MIDNIGHT, MIDNIGHT))),
)
MOMENTS = st.sampled_from(ZONES).flatmap(
    lambda name: st.builds(
        lambda change, minutes: (name, change + minutes * MINUTE),
        st.sampled_from(changes(name)),
        st.integers(-36 * 60, 12 * 60),
    )
)


@settings(deadline=None)
@given(MOMENTS, st.one_of(st.none(), QUIET), st.one_of(st.none(), WINDOWS))
def test_no_allowed_minute_is_passed_over(
    moment: tuple[str, datetime], quiet: QuietHours | None, window: SendWindow | None
) -> None:
    name, now = moment
    zone = ZoneInfo(name)

    found = next_allowed(now, name, "UTC", quiet, window)

    first = next((at for at in minutes_from(now) if may_go(at, zone, quiet, window)), None)
    if first is not None or found is None:
        assert found == first
    else:  # in more than nine days: a clock skipped this week's opening
        assert may_go(found, zone, quiet, window)


@settings(deadline=None)
@given(MOMENTS, st.one_of(st.none(), QUIET), WINDOWS, st.integers(1, 2**62), st.integers(0, 40))
def test_jitter_takes_nothing_out_of_its_hours_or_past_its_latest_moment(
    moment: tuple[str, datetime], quiet: QuietHours | None, window: SendWindow, person: int, minutes_left: int
) -> None:
    name, now = moment
    opens = next_allowed(now, name, "UTC", quiet, window)
    if opens is None:
        return
    latest = opens + minutes_left * MINUTE

    until = held_until(opens, latest, person, ZoneInfo(name), quiet, window)

    assert opens <= until <= latest
    assert next_allowed(until, name, "UTC", quiet, window) == until


# ---- Jitter ---------------------------------------------------------------------------------------------------------


def test_jitter_is_stable_and_spreads_people_over_a_quarter_of_an_hour() -> None:
    waits = [jitter(person) for person in range(1, 3001)]
    assert waits == [jitter(person) for person in range(1, 3001)]
    a_minute = [sum(1 for wait in waits if wait // MINUTE == minute) for minute in range(15)]
    assert sum(a_minute) == len(waits)
    assert min(a_minute) >= 190
    assert max(a_minute) <= 210
