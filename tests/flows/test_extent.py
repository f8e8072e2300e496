"""How long a flow takes at the longest: along the longest way, as far as steps have a length."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from headwater.flows.extent import timeline
from tests.flows.flow_people import flow

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
A: Any = {"email": "a.mjml"}
B: Any = {"email": "b.mjml"}


def days(count: int) -> dict[str, Any]:
    return {"delay": {"days": count}}


@pytest.mark.parametrize(
    ("steps", "longest"),
    [
        ([A], timedelta(0)),
        ([A, days(1), B], DAY),
        ([{"delay": {"hours": 2}}, A, {"delay": {"weeks": 1}}, B], 7 * DAY + 2 * HOUR),
        ([A, days(3)], timedelta(0)),  # nothing after it: nobody waits
    ],
)
def test_exact_delays_add_up(steps: list[Any], longest: timedelta) -> None:
    assert timeline(flow(*steps)) == longest


def test_the_longest_way_counts() -> None:
    asked = {"property": "country", "equals": "US"}
    either = {"if": asked, "then": [days(2), A], "else": [days(5), {"email": "c.mjml"}, "exit"]}

    assert timeline(flow(either, days(1), B)) == 5 * DAY
    assert timeline(flow(either, days(4), B)) == 6 * DAY


def test_a_time_of_day_or_a_weekday_counts_with_what_it_can_add() -> None:
    assert timeline(flow({"delay": {"days": 1, "until": "09:00"}}, A)) == 2 * DAY + HOUR
    assert timeline(flow({"delay": {"days": 1, "weekdays": ["monday"]}}, A)) == 7 * DAY


def test_a_wait_counts_with_all_its_time() -> None:
    look = {"wait_for": [{"metric": "Clicked Email", "then": [days(1), A]}], "within": {"days": 3}, "else": [B]}

    assert timeline(flow(look)) == 4 * DAY
