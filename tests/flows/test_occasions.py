"""When dates come: yearly and monthly, over leap days, month ends and clock changes, and none missed or doubled."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.flows.occasions import REPEATS, DateRule, Occasion, occasions
from headwater.segments.conditions import Step

ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",  # a gap of half an hour
    "Pacific/Apia",  # left out 30 December 2011
    "America/Santiago",  # no midnight when clocks go forward
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Pacific/Chatham",
    "Pacific/Kiritimati",  # 14 hours ahead
)
QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)


def rule(
    repeat: str = "once", offset_days: int = 0, at: time = time(9), timezone: str = "profile", name: str = "birthday"
) -> DateRule:
    return DateRule((Step(name),), repeat, offset_days, at, timezone)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def came(asked: DateRule, value: object, zone: str | None, start: str, end: str) -> list[tuple[str, str]]:
    """(day, instant) of what comes in a range of UTC, with UTC as the brand's zone."""
    found = occasions(asked, value, zone, "UTC", utc(start), utc(end))
    return [(one.day.isoformat(), f"{one.at:%Y-%m-%d %H:%M}") for one in found]


# ── examples ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_week_before_a_birthday_at_nine_where_the_person_lives() -> None:
    week_before = rule("yearly", -7)

    assert came(week_before, "1990-05-31", "America/New_York", "2026-01-01", "2028-01-01") == [
        ("2026-05-31", "2026-05-24 13:00"),
        ("2027-05-31", "2027-05-24 13:00"),
    ]
    assert came(week_before, "1990-01-03", "Asia/Tokyo", "2026-12-01", "2027-01-01") == [
        ("2027-01-03", "2026-12-27 00:00")  # of the next year already
    ]


def test_a_leap_day_is_the_28th_in_common_years() -> None:
    assert came(rule("yearly"), "1996-02-29", "UTC", "2026-01-01", "2029-01-01") == [
        ("2026-02-28", "2026-02-28 09:00"),
        ("2027-02-28", "2027-02-28 09:00"),
        ("2028-02-29", "2028-02-29 09:00"),
    ]
    assert came(rule("yearly", 1), "1996-02-29", "UTC", "2027-01-01", "2029-01-01") == [
        ("2027-02-28", "2027-03-01 09:00"),
        ("2028-02-29", "2028-03-01 09:00"),
    ]


def test_the_31st_of_every_month_is_the_last_of_short_ones() -> None:
    days = [day for day, _ in came(rule("monthly"), "2025-12-31", "UTC", "2026-01-01", "2026-07-01")]

    assert days == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"]


def test_a_date_comes_once() -> None:
    assert came(rule(offset_days=3), "2026-03-02", "Europe/Berlin", "2020-01-01", "2030-01-01") == [
        ("2026-03-02", "2026-03-05 08:00")
    ]


@pytest.mark.parametrize("repeat", ["yearly", "monthly"])
def test_what_repeats_begins_with_the_date_itself(repeat: str) -> None:
    days = [day for day, _ in came(rule(repeat), "2027-03-01", "UTC", "2020-01-01", "2028-03-02")]

    assert days[0] == "2027-03-01"
    assert days[-1] == "2028-03-01"
    assert len(days) == {"yearly": 2, "monthly": 13}[repeat]


def test_an_instant_stands_for_its_day_in_the_persons_zone() -> None:
    late = "2026-05-31T23:30:00+02:00"

    assert came(rule(), late, "Europe/Berlin", "2026-05-01", "2026-07-01") == [("2026-05-31", "2026-05-31 07:00")]
    assert came(rule(), late, "Asia/Tokyo", "2026-05-01", "2026-07-01") == [("2026-06-01", "2026-06-01 00:00")]


def test_a_range_has_its_first_instant_and_not_its_last() -> None:
    nine = "2026-05-31T09:00"

    assert came(rule(), "2026-05-31", "UTC", nine, "2026-06-01") == [("2026-05-31", "2026-05-31 09:00")]
    assert came(rule(), "2026-05-31", "UTC", "2026-05-01", nine) == []
    assert came(rule(), "2026-05-31", "UTC", nine, nine) == []


@pytest.mark.parametrize(
    ("zone", "at", "hour"),
    [
        ("America/New_York", time(23), "2026-05-01T03:00"),  # 30 April there, May in UTC
        ("Pacific/Kiritimati", time(9), "2026-04-29T19:00"),
    ],
)
@pytest.mark.parametrize(
    ("repeat", "first"), [("once", "2026-04-30"), ("yearly", "1990-04-30"), ("monthly", "2025-12-30")]
)
def test_a_range_of_an_hour_finds_what_comes_in_it(zone: str, at: time, hour: str, repeat: str, first: str) -> None:
    start = utc(hour)

    found = occasions(rule(repeat, at=at), first, zone, "UTC", start, start + timedelta(hours=1))

    assert found == [Occasion(date(2026, 4, 30), start)]


@pytest.mark.parametrize(("repeat", "first"), [("yearly", "1990-06-01"), ("monthly", "2026-01-01")])
def test_the_first_of_a_month_may_come_in_the_month_before(repeat: str, first: str) -> None:
    start = utc("2026-05-31T18:00")

    found = occasions(rule(repeat), first, "Pacific/Kiritimati", "UTC", start, start + timedelta(hours=2))

    assert found == [Occasion(date(2026, 6, 1), utc("2026-05-31T19:00"))]


@pytest.mark.parametrize(
    ("day", "at", "zone", "expected"),
    [
        ("2026-03-08", time(2, 30), "America/New_York", "2026-03-08 07:00"),  # no such time: after the gap
        ("2026-11-01", time(1, 30), "America/New_York", "2026-11-01 05:30"),  # twice: the first
        ("2026-10-04", time(2, 15), "Australia/Lord_Howe", "2026-10-03 15:30"),
        ("2026-09-06", time(0, 0), "America/Santiago", "2026-09-06 04:00"),  # the day begins at one
        ("2011-12-30", time(9, 0), "Pacific/Apia", "2011-12-30 10:00"),  # no such day
    ],
)
def test_where_clocks_change(day: str, at: time, zone: str, expected: str) -> None:
    assert came(rule(at=at), day, zone, "2000-01-01", "2030-01-01") == [(day, expected)]


def test_an_unknown_zone_falls_back_to_the_brands_and_then_to_utc() -> None:
    year = (utc("2026-01-01"), utc("2027-01-01"))

    for unknown in ("Mars/Olympus", "", None):
        [brands] = occasions(rule(), "2026-05-31", unknown, "Europe/Berlin", *year)
        assert brands.at == utc("2026-05-31T07:00")
    [neither] = occasions(rule(), "2026-05-31", None, "Mars/Olympus", *year)
    assert neither.at == utc("2026-05-31T09:00")
    [fixed] = occasions(rule(timezone="Asia/Tokyo"), "2026-05-31", "Europe/Berlin", "UTC", *year)
    assert fixed.at == utc("2026-05-31T00:00")


@pytest.mark.parametrize("value", [None, "", "soon", 20260531, True, "31.5.2026", "2026-5-31", "2026-13-01", ["x"], {}])
@pytest.mark.parametrize("repeat", REPEATS)
def test_what_is_no_date_never_comes(value: object, repeat: str) -> None:
    assert came(rule(repeat), value, "UTC", "2000-01-01", "2030-01-01") == []


# ── whatever the date, the rule and the zone ────────────────────────────────────────────────────────────────────────
ODD_DAYS = st.sampled_from(
    [date(1996, 2, 29), date(2012, 2, 29), date(2026, 1, 31), date(2025, 11, 30), date(2011, 12, 30)]
)
DATES = st.one_of(ODD_DAYS, st.dates(date(1950, 1, 1), date(2029, 12, 31)))
QUARTERS = st.integers(0, 95).map(lambda number: time(number // 4, number % 4 * 15))
RULES = st.builds(
    rule,
    st.sampled_from(REPEATS),
    st.one_of(st.integers(-3, 3), st.integers(-400, 400)),
    st.one_of(st.sampled_from([time(0), time(1, 30), time(2, 30), time(3), time(23, 45)]), QUARTERS),
    st.sampled_from(["profile", *ZONES]),
)
INSTANTS = st.integers(946_684_800, 1_893_369_600).map(lambda at: datetime.fromtimestamp(at, UTC))  # 2000 to 2029


def first_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """By walking through time: when a clock on the wall first shows this or, where it never does, something later."""
    wanted = datetime.combine(day, at)
    here = wanted.replace(tzinfo=UTC) - timedelta(hours=15)
    while here.astimezone(zone).replace(tzinfo=None) < wanted:
        here += QUARTER
    return here


def comes(first: date, repeat: str, day: date) -> bool:
    """Whether it comes on this very day."""
    if repeat == "once" or day < first:
        return day == first
    if repeat == "yearly" and day.month != first.month:
        return False
    return day.day == first.day or (day.day < first.day and (day + DAY).day == 1)


def by_walking(asked: DateRule, first: date, zone: ZoneInfo, start: datetime, end: datetime) -> list[Occasion]:
    offset = timedelta(days=asked.offset_days)
    day, found = start.date() - offset - 3 * DAY, []
    while day + offset <= end.date() + 3 * DAY:
        if comes(first, asked.repeat, day):
            found.append(Occasion(day, first_instant(day + offset, asked.at, zone)))
        day += DAY
    return [one for one in found if start <= one.at < end]


@given(RULES, DATES, st.sampled_from(ZONES), INSTANTS, st.integers(0, 800))
def test_it_is_what_a_walk_from_day_to_day_finds(
    asked: DateRule, first: date, zone: str, start: datetime, days: int
) -> None:
    end = start + days * DAY
    where = ZoneInfo(zone if asked.timezone == "profile" else asked.timezone)

    assert occasions(asked, first.isoformat(), zone, "UTC", start, end) == by_walking(asked, first, where, start, end)


@given(RULES, st.sampled_from(ZONES), INSTANTS, INSTANTS)
def test_an_instant_is_as_good_as_its_day(asked: DateRule, zone: str, value: datetime, start: datetime) -> None:
    where = ZoneInfo(zone if asked.timezone == "profile" else asked.timezone)
    day = value.astimezone(where).date().isoformat()
    end = start + 500 * DAY

    as_instant = occasions(asked, value.isoformat(), zone, "UTC", start, end)

    assert as_instant == occasions(asked, day, zone, "UTC", start, end)


@given(RULES, DATES, st.sampled_from(ZONES), st.lists(INSTANTS, min_size=3, max_size=8, unique=True), st.data())
def test_a_span_in_pieces_misses_nothing_and_doubles_nothing(
    asked: DateRule, first: date, zone: str, cuts: list[datetime], data: st.DataObject
) -> None:
    def within(start: datetime, end: datetime) -> list[Occasion]:
        return occasions(asked, first.isoformat(), zone, "UTC", start, end)

    whole = within(min(cuts), max(cuts))
    if whole:  # the hardest place to cut is where one comes
        cuts = [*cuts, data.draw(st.sampled_from(whole)).at]

    pieces = [within(start, end) for start, end in pairwise(sorted(cuts))]

    assert [one for piece in pieces for one in piece] == whole


@given(RULES, DATES, st.sampled_from(ZONES), INSTANTS, st.integers(1, 4000))
def test_they_come_in_order_and_within_the_range(
    asked: DateRule, first: date, zone: str, start: datetime, days: int
) -> None:
    end = start + days * DAY

    found = occasions(asked, first.isoformat(), zone, "UTC", start, end)

    assert all(start <= one.at < end and one.day >= first for one in found)
    assert all(before.day < after.day and before.at < after.at for before, after in pairwise(found))


@given(DATES, st.sampled_from(ZONES), st.integers(-400, 400), QUARTERS, st.integers(2000, 2028))
def test_every_year_has_one_birthday_and_twelve_months(
    first: date, zone: str, offset: int, at: time, year: int
) -> None:
    began = first.year - year

    for repeat, of_later_years, of_its_own in (("yearly", 1, 1), ("monthly", 12, 13 - first.month)):
        found = occasions(
            rule(repeat, offset, at), first.isoformat(), zone, "UTC", utc("1990-01-01"), utc("2040-01-01")
        )

        of_year = [one for one in found if one.day.year == year]
        assert len(of_year) == (of_later_years if began < 0 else of_its_own if began == 0 else 0)
