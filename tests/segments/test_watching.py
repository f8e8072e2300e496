"""Which segments an event marks: those whose answer it can change, and as few others as can be told without looking."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from headwater.segments.language import Total, parse
from headwater.segments.watching import Watch

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Happened:
    ts: datetime = NOW
    value: float | None = None
    properties: dict[str, Any] = field(default_factory=dict)


def marked(definition: Any, before: Total | None, *events: Happened, **more: Any) -> bool:
    return 7 in Watch([(7, parse(definition))]).events("A", before, events or (Happened(),), NOW, **more)


def since(days: float, count: int = 1, money: int = 0) -> Total:
    return Total(count, Decimal(money), NOW - days * DAY, NOW - days * DAY)


RECENT = {"metric": "A", "in_last": {"days": 30}}


@pytest.mark.parametrize(
    ("before", "event", "marks"),
    [
        (None, Happened(), True),
        (since(31), Happened(), True),
        (since(29), Happened(), False),  # it was true before and is still
        (None, Happened(NOW - 40 * DAY), False),  # late, and outside of the window
        (since(31), Happened(NOW - 29 * DAY), True),
    ],
)
def test_presence_is_touched_only_when_the_window_was_empty(before: Total | None, event: Happened, marks: bool) -> None:
    assert marked(RECENT, before, event) is marks
    assert marked({**RECENT, "count": {"equals": 0}}, before, event) is marks


def test_of_many_windows_only_those_between_the_old_and_the_new_time_are_touched() -> None:
    watch = Watch([(days, parse({"metric": "A", "in_last": {"days": days}})) for days in (7, 14, 30, 60, 90)])

    assert watch.events("A", since(20), [Happened()], NOW) == {7, 14}
    assert watch.events("A", since(20), [Happened(NOW - 10 * DAY)], NOW) == {14}
    assert watch.events("A", since(20), [Happened()], NOW, soon=NOW + 11 * DAY) == {7, 14, 30}
    assert watch.events("A", None, [Happened()], NOW) == {7, 14, 30, 60, 90}
    assert watch.events("B", None, [Happened()], NOW) == set()


@pytest.mark.parametrize(
    ("definition", "before", "marks"),
    [
        ({"metric": "A"}, None, True),
        ({"metric": "A"}, since(400), False),
        ({"metric": "A", "count": {"at_least": 5}}, since(1, count=4), True),
        ({"metric": "A", "count": {"at_least": 5}}, since(1, count=3), False),
        ({"metric": "A", "count": {"at_least": 5}}, since(1, count=5), False),
        ({"metric": "A", "sum": {"greater_than": 100}}, since(1, money=90), True),
        ({"metric": "A", "sum": {"greater_than": 100}}, since(1, money=10), False),
        ({"metric": "A", "count": {"at_least": 3}, "in_last": {"days": 9}}, since(1, count=2), True),
        ({"metric": "A", "count": {"at_least": 3}, "in_last": {"days": 9}}, since(1, count=1), False),
    ],
)
def test_totals_decide_what_they_can(definition: Any, before: Total | None, marks: bool) -> None:
    assert marked(definition, before, Happened(value=50)) is marks


def test_what_was_not_looked_up_is_marked_to_be_on_the_safe_side() -> None:
    assert marked({"metric": "A", "count": {"at_least": 5}}, None, unsure=True)
    assert marked({"metric": "A", "count": {"at_least": 3}, "in_last": {"days": 9}}, None, unsure=True)


def test_an_event_that_a_filter_passes_over_touches_nothing() -> None:
    shoes = {
        "metric": "A",
        "where": [{"property": "category", "equals": "Shoes"}, {"property": "price", "at_least": 9}],
    }

    assert marked(shoes, None, Happened(properties={"category": "Shoes", "price": 10}))
    assert not marked(shoes, None, Happened(properties={"category": "Shoes", "price": 1}))
    assert not marked(shoes, None, Happened(properties={"category": "Bags", "price": 10}))
    assert not marked(shoes, None, Happened(properties={"category": 1}))
    lines = {"metric": "A", "where": {"property": "items[].category", "equals": "Shoes"}}
    assert marked(lines, None, Happened(properties={"items": [{"category": "Bags"}, {"category": "Shoes"}]}))
    either = {
        "metric": "A",
        "where": {"any": [{"property": "category", "equals": "Shoes"}, {"property": "x", "equals": 1}]},
    }
    assert marked(either, None, Happened(properties={"x": 1}))


def test_what_waits_for_nothing_to_follow_is_left_to_time() -> None:
    left = {"sequence": [{"metric": "A"}, {"metric": "B", "did": False, "within": {"hours": 2}}]}

    assert not marked(left, None, Happened())
    assert marked(left, None, Happened(NOW - timedelta(hours=3)))
    assert 7 in Watch([(7, parse(left))]).events("B", None, [Happened()], NOW)


def test_only_what_may_hold_a_newcomer_is_asked_of_newcomers() -> None:
    watch = Watch(
        [
            (1, parse({"metric": "A", "count": {"equals": 0}})),
            (2, parse({"metric": "A"})),
            (3, parse({"sample": 10})),
            (4, parse({"property": "created_at", "date": {"in_last": {"days": 3}}})),
            (5, parse({"not": {"property": "tier", "is_set": True}})),
        ]
    )

    assert watch.newcomers == {1, 3, 4, 5}
