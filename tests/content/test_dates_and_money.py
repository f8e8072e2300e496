"""Dates in a person's time zone and prices in a currency, as templates write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from headwater.content.liquid.dates import Moment, later, write
from headwater.content.liquid.money import money

MOMENT = Moment(datetime(2026, 3, 8, 6, 30, tzinfo=UTC), "America/New_York", "USD")


@pytest.mark.parametrize(
    ("value", "pattern", "zone", "expected"),
    [
        ("2026-03-02T23:30:00Z", "%Y-%m-%d %H:%M", None, "2026-03-02 18:30"),
        ("2026-03-02T23:30:00Z", "%Y-%m-%d %H:%M", "Asia/Tokyo", "2026-03-03 08:30"),
        ("2026-03-02T23:30:00+09:00", "%d", "UTC", "02"),
        ("2026-03-02", "%B %-d, %Y", None, "March 2, 2026"),
        ("2026-03-02 09:05", "%l:%M %p", None, " 9:05 AM"),
        (1772494200, "%F %T", "UTC", "2026-03-02 23:30:00"),
        ("1772494200", "%F", "UTC", "2026-03-02"),
        (datetime(2026, 3, 2, 23, 30, tzinfo=UTC), "%A", None, "Monday"),
        (date(2026, 3, 2), "%A %e", None, "Monday  2"),
        ("now", "%H:%M %Z", None, "01:30 EST"),
        ("today", "%Y", None, "2026"),
        ("2026-03-02", None, None, "March 2, 2026"),
        ("2026-03-02", "F d, Y", None, "March 02, 2026"),
        ("2026-03-02", "100%% %Q %10d", None, "100% %Q %10d"),
        ("2026-03-02", "%^B %-m %y", None, "MARCH 3 26"),
        ("2026-03-02", "%d", "No/Where", "02"),
        ("next week", "%Y", None, "next week"),
        ("", "%Y", None, ""),
        (None, "%Y", None, ""),
        (True, "%Y", None, True),
        (1e30, "%Y", None, 1e30),
    ],
)
def test_dates(value: Any, pattern: str | None, zone: str | None, expected: Any) -> None:
    assert write(MOMENT, value, pattern, zone) == expected


def test_days_later_keeps_the_time_of_day_over_a_clock_change() -> None:
    assert write(MOMENT, later(MOMENT, "now", 1), "%d %H:%M") == "09 01:30"


@pytest.mark.parametrize(
    ("value", "currency", "expected"),
    [
        (1234.5, None, "$1,234.50"),
        (1234.565, None, "$1,234.57"),
        ("12", "EUR", "€12.00"),
        (Decimal("0.005"), None, "$0.01"),
        (-3, "gbp", "-£3.00"),
        (1500, "JPY", "¥1,500"),
        (99.9, "SEK", "99.90 kr"),
        (5, "CHF", "5.00 CHF"),
        ("1.2345", "KWD", "1.235 KWD"),
        ("free", None, "free"),
        (None, None, ""),
        (True, None, ""),
        (float("inf"), None, "Infinity"),
    ],
)
def test_money(value: Any, currency: str | None, expected: str) -> None:
    assert money(MOMENT, value, currency) == expected
