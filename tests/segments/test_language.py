"""The segment language: what is refused and where, what a sentence says, and the rules that are decided once."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from headwater.segments.language import (
    CouponState,
    DefinitionError,
    Entry,
    Facts,
    Happening,
    Needs,
    Place,
    Total,
    belongs,
    describe,
    evaluate,
    in_sample,
    matches,
    needs,
    parse,
    parse_where,
)

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
NEW_YORK = ZoneInfo("America/New_York")
MANUAL = Path(__file__).parents[2] / "docs" / "segments.md"


def holds(definition: Any, facts: Facts, now: datetime = NOW) -> bool:
    return evaluate(parse(definition, in_flow=True), facts, now)


# Definitions that are refused, and the path of what is wrong with them.
WRONG: list[tuple[Any, str]] = [
    ("everyone", ""),
    ({"colour": "red"}, ""),
    ({"any": []}, "any"),
    ({"all": {}}, "all"),
    ({"all": [{"metric": "A"}, {"not": {"x": 1}}]}, "all[1].not"),
    ({"all": [], "any": []}, "any"),
    ({"metric": "A", "count": {"at_least": 1}, "sum": {"at_least": 1}}, ""),
    ({"metric": "A", "count": {"at_least": "1"}}, "count.at_least"),
    ({"metric": "A", "count": {"at_least": 1, "at_most": 2}}, "count"),
    ({"metric": "A", "count": {"at_least": True}}, "count.at_least"),
    ({"metric": "A", "in_last": {"days": 0}}, "in_last"),
    ({"metric": "A", "in_last": {"fortnights": 1}}, "in_last.fortnights"),
    ({"metric": "A", "in_last": {"days": 5000}}, "in_last"),
    ({"metric": "A", "in_last": {"days": 1}, "since": "2026-01-01"}, ""),
    ({"metric": "A", "since": "soon"}, "since"),
    ({"metric": "A", "since": "flow-start"}, "since"),
    ({"metric": "A", "where": [{"property": "x", "equals": None}]}, "where[0].equals"),
    ({"metric": "A", "where": {"property": "a..b", "equals": 1}}, "where.property"),
    ({"metric": "A", "where": {"metric": "B"}}, "where"),
    ({"metric": "A", "colour": 1}, "colour"),
    ({"property": "x"}, ""),
    ({"property": "x", "equals": 1, "contains": "a"}, ""),
    ({"property": "x", "in": []}, "in"),
    ({"property": "x", "is_set": "yes"}, "is_set"),
    ({"property": "$value", "equals": 1}, "property"),
    ({"list": True}, "list"),
    ({"consent": "perhaps"}, "consent"),
    ({"can_receive": 1}, "can_receive"),
    ({"coupon": "A"}, ""),
    ({"not_in_flow": "a-flow"}, ""),
    ({"sample": 101}, "sample"),
    ({"sample": 33.333}, "sample"),
    # windows
    ({"metric": "A", "in_last": {"days": 1}, "at_least_ago": {"days": 2}}, ""),
    ({"list": "A", "before": "2026-01-01", "between": ["2026-01-01", "2026-02-01"]}, ""),
    ({"metric": "A", "between": ["2026-01-01"]}, "between"),
    ({"metric": "A", "between": ["2026-01-01", "2026-02-01", "2026-03-01"]}, "between"),
    ({"metric": "A", "between": ["2026-01-01", "soon"]}, "between[1]"),
    ({"metric": "A", "between_ago": {"days": 1}}, "between_ago"),
    ({"metric": "A", "between_ago": [{"days": 1}, {"days": 0}]}, "between_ago[1]"),
    ({"metric": "A", "at_least_ago": 30}, "at_least_ago"),
    ({"metric": "A", "before": "flow-start"}, "before"),
    ({"metric": "A", "since": "2026-02-30"}, "since"),
    ({"can_receive": True, "in_last": {"days": 1}}, "in_last"),
    # sequences
    ({"sequence": {"metric": "A"}}, "sequence"),
    ({"sequence": [{"metric": "A"}]}, "sequence"),
    ({"sequence": [{"metric": "A"}] * 6}, "sequence"),
    ({"sequence": [{"metric": "A", "did": True}, {"metric": "B"}]}, "sequence[0].did"),
    ({"sequence": [{"metric": "A"}, {"did": False}]}, "sequence[1].metric"),
    ({"sequence": [{"metric": "A"}, {"metric": "B", "did": "no"}]}, "sequence[1].did"),
    ({"sequence": [{"metric": "A"}, {"metric": "B", "did": False}, {"metric": "C"}]}, "sequence[2]"),
    ({"sequence": [{"metric": "A"}, {"metric": "B", "order": "during"}]}, "sequence[1].order"),
    ({"sequence": [{"metric": "A"}, {"metric": "B", "within": {"days": 0}}]}, "sequence[1].within"),
    ({"sequence": [{"metric": "A"}, {"metric": "B", "where": {"property": "x"}}]}, "sequence[1].where"),
    # comparisons of properties
    ({"property": "x", "between": [1]}, "between"),
    ({"property": "x", "between": ["1", 2]}, "between[0]"),
    ({"property": "x", "contains": ""}, "contains"),
    ({"property": "x", "contains_any": "a"}, "contains_any"),
    ({"property": "x", "not_contains_all": []}, "not_contains_all"),
    ({"property": "x", "contains_all": ["a", None]}, "contains_all[1]"),
    ({"property": "x", "length": 2}, "length"),
    ({"property": "x", "length": {"longer_than": 2}}, "length"),
    ({"property": "x", "length": {"equals": "2"}}, "length.equals"),
    ({"property": "x", "matches": "(a+)+"}, "matches"),
    ({"property": "x", "not_matches": "a" * 201}, "not_matches"),
    ({"metric": "A", "where": [{"property": "x", "matches": "(a"}]}, "where[0].matches"),
    ({"property": "created_at", "equals": "2026-01-01"}, ""),
    # dates
    ({"property": "births[].day", "date": {"month": 1}}, "property"),
    ({"property": "birthday", "date": "today"}, "date"),
    ({"property": "birthday", "date": {"some_day": 1}}, "date"),
    ({"property": "birthday", "date": {"month": 1, "anniversary": "today"}}, "date"),
    ({"property": "birthday", "date": {"month": 0}}, "date.month"),
    ({"property": "birthday", "date": {"month": 13}}, "date.month"),
    ({"property": "birthday", "date": {"month": True}}, "date.month"),
    ({"property": "birthday", "date": {"month": "May"}}, "date.month"),
    ({"property": "birthday", "date": {"anniversary": "tomorrow"}}, "date.anniversary"),
    ({"property": "birthday", "date": {"anniversary": {"in_next": {"hours": 5}}}}, "date.anniversary.in_next.hours"),
    ({"property": "birthday", "date": {"anniversary": {"in_last": {"days": 367}}}}, "date.anniversary.in_last.days"),
    ({"property": "birthday", "date": {"since": "2026-02-30"}}, "date.since"),
    ({"property": "birthday", "date": {"between": ["2026-02-01", "soon"]}}, "date.between[1]"),
    ({"property": "birthday", "date": {"month": 1}, "in_last": {"days": 1}}, "in_last"),
    ({"metric": "A", "where": {"property": "due", "date": {"month": 1}}}, "where.date"),
    # lists, segments, email
    ({"list": 0}, "list"),
    ({"segment": 0}, "segment"),
    ({"segment": True}, "segment"),
    ({"segment": ""}, "segment"),
    ({"consent": "subscribed", "method": {}}, "method"),
    ({"consent": "subscribed", "method": ["form", ""]}, "method[1]"),
    ({"consent": "never_subscribed", "method": "form"}, ""),
    ({"consent": "never_subscribed", "in_last": {"days": 1}}, ""),
    ({"suppressed": "spite"}, "suppressed"),
    ({"suppressed": 1}, "suppressed"),
    # places
    ({"region": "atlantis"}, "region"),
    ({"near": {"latitude": 52.5, "longitude": 13.4}}, "near"),
    ({"near": {"latitude": 52.5, "longitude": 13.4, "km": 5, "miles": 3}}, "near"),
    ({"near": {"latitude": 91, "longitude": 13.4, "km": 5}}, "near.latitude"),
    ({"near": {"latitude": 52.5, "km": 5}}, "near.longitude"),
    ({"near": {"latitude": 52.5, "longitude": 13.4, "miles": -1}}, "near.miles"),
]


@pytest.mark.parametrize(("definition", "path"), WRONG)
def test_what_is_wrong_is_named_by_its_path(definition: Any, path: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        parse(definition)

    assert refused.value.path == path


def test_size_and_depth_are_bounded() -> None:
    deep: Any = {"metric": "A"}
    for _ in range(30):
        deep = {"not": deep}

    with pytest.raises(DefinitionError, match="deep"):
        parse(deep)
    with pytest.raises(DefinitionError, match="at most 100"):
        parse({"any": [{"metric": "A"}] * 101})


@pytest.mark.parametrize(
    ("test", "missing_fits"),
    [
        ({"equals": "x"}, False),
        ({"not_equals": "x"}, True),
        ({"contains": "x"}, False),
        ({"not_contains": "x"}, True),
        ({"in": ["x"]}, False),
        ({"not_in": ["x"]}, True),
        ({"greater_than": 0}, False),
        ({"at_most": 0}, False),
        ({"is_set": True}, False),
        ({"is_set": False}, True),
        ({"between": [-1, 1]}, False),
        ({"contains_any": ["x"]}, False),
        ({"not_contains_any": ["x"]}, True),
        ({"contains_all": ["x"]}, False),
        ({"not_contains_all": ["x"]}, True),
        ({"matches": "x*"}, False),
        ({"not_matches": "x"}, True),
        ({"length": {"at_most": 3}}, False),
    ],
)
def test_a_missing_property_satisfies_only_the_negative_comparisons(test: Any, missing_fits: bool) -> None:
    for properties in ({}, {"p": None}):
        assert holds({"property": "p", **test}, Facts(1, properties=properties)) is missing_fits


@pytest.mark.parametrize(
    ("value", "test", "fits"),
    [
        ("10", {"equals": 10}, False),
        (10, {"equals": 10.0}, True),
        (True, {"equals": 1}, False),
        ("10", {"greater_than": 5}, False),
        ("Shoes", {"equals": "shoes"}, False),
        ("Shoes", {"contains": "hoe"}, True),
        (["Shoes", "Bags"], {"contains": "Bags"}, True),
        (["Shoes"], {"contains": "hoe"}, False),
        ("", {"is_set": True}, True),
        (0.1, {"at_least": 0.1}, True),
        (["Shoes", "Bags"], {"contains_any": ["Hats", "Bags"]}, True),
        (["Shoes"], {"contains_any": ["hoe"]}, False),
        ("Shoes and bags", {"contains_any": ["hats", "bags"]}, True),
        ("Shoes", {"not_contains_any": ["hats", "bags"]}, True),
        (["Shoes", "Bags"], {"contains_all": ["Bags", "Shoes"]}, True),
        (["Shoes"], {"contains_all": ["Bags", "Shoes"]}, False),
        (["Shoes"], {"not_contains_all": ["Bags", "Shoes"]}, True),
        ("Shoes and bags", {"contains_all": ["Shoes", "bags"]}, True),
        ([10], {"contains_any": ["10"]}, False),
        (10, {"contains_any": [10]}, False),
        (5, {"between": [5, 10]}, True),
        (10, {"between": [5, 10]}, True),
        (10.01, {"between": [5, 10]}, False),
        ("7", {"between": [5, 10]}, False),
        (7, {"between": [10, 5]}, False),
        (["a", "b"], {"length": {"equals": 2}}, True),
        ([], {"length": {"less_than": 1}}, True),
        ("ab", {"length": {"equals": 2}}, False),
        ("ab", {"length": {"not_equals": 5}}, False),
        ("SKU-42", {"matches": r"^SKU-\d+$"}, True),
        (42, {"matches": "42"}, False),
        (42, {"not_matches": "42"}, True),
    ],
)
def test_comparisons_are_typed(value: Any, test: Any, fits: bool) -> None:
    assert holds({"property": "p", **test}, Facts(1, properties={"p": value})) is fits


def test_any_line_may_satisfy_a_path_through_a_list() -> None:
    order = {"items": [{"category": "Shoes", "price": 10}, {"category": "Bags", "price": 90}]}

    def passes(*tests: Any) -> bool:
        return matches(parse_where(list(tests)), order, Decimal(100))

    assert passes({"property": "items[].category", "equals": "Bags"})
    assert not passes({"property": "items[].category", "not_equals": "Bags"})
    assert passes(
        {"property": "items[].category", "equals": "Shoes"}, {"property": "items[].price", "greater_than": 50}
    )
    assert passes({"property": "$value", "at_least": 100})
    assert not passes({"property": "items[].size", "is_set": True})


@pytest.mark.parametrize(("ago", "inside"), [(DAY * 30, False), (DAY * 30 - timedelta(microseconds=1), True)])
def test_windows_roll_and_their_far_edge_is_outside(ago: timedelta, inside: bool) -> None:
    facts = Facts(1, totals={"A": Total(1, Decimal(0), NOW - ago, NOW - ago)}, events={"A": [Happening(NOW - ago)]})

    assert holds({"metric": "A", "in_last": {"days": 30}}, facts) is inside
    assert holds({"metric": "A", "count": {"at_least": 0.5}, "in_last": {"days": 30}}, facts) is inside


@pytest.mark.parametrize(
    ("window", "ago", "inside"),
    [
        ({"at_least_ago": {"days": 30}}, DAY * 30, True),
        ({"at_least_ago": {"days": 30}}, DAY * 30 - INSTANT, False),
        ({"between_ago": [{"days": 10}, {"days": 30}]}, DAY * 10, True),
        ({"between_ago": [{"days": 10}, {"days": 30}]}, DAY * 10 - INSTANT, False),
        ({"between_ago": [{"days": 30}, {"days": 10}]}, DAY * 30 - INSTANT, True),
        ({"between_ago": [{"days": 10}, {"days": 30}]}, DAY * 30, False),
        ({"between": ["2026-03-01T12:00:00Z", "2026-03-02T00:00:00Z"]}, DAY, True),
        ({"between": ["2026-03-01T12:00:00Z", "2026-03-02T00:00:00Z"]}, DAY + INSTANT, False),
        ({"between": ["2026-02-01", "2026-03-01T12:00:00Z"]}, DAY, False),
        ({"between": ["2026-02-01", "2026-03-01T12:00:00Z"]}, DAY + INSTANT, True),
        ({"since": "2026-03-01T12:00:00Z"}, DAY, True),
        ({"before": "2026-03-01T12:00:00Z"}, DAY, False),
        ({"before": "2026-03-01T12:00:00Z"}, DAY + INSTANT, True),
        ({"in_last": {"days": 30}}, -DAY, True),  # a sender's clock that is fast
    ],
)
def test_the_edges_of_windows(window: Any, ago: timedelta, inside: bool) -> None:
    at = NOW - ago
    facts = Facts(
        1,
        totals={"A": Total(1, Decimal(0), at, at)},
        events={"A": [Happening(at)]},
        lists={"L": at},
        segments={5: at},
        consent="subscribed",
        consent_at=at,
        suppressions={"hard_bounce": at},
    )

    for one in ({"metric": "A"}, {"list": "L"}, {"segment": 5}, {"consent": "subscribed"}, {"suppressed": True}):
        assert holds({**one, **window}, facts) is inside
    assert holds({"metric": "A", "count": {"at_least": 0.5}, **window}, facts) is inside


def test_an_event_without_a_value_adds_nothing_to_a_sum() -> None:
    facts = Facts(1, events={"A": [Happening(NOW), Happening(NOW, Decimal("9.50"))]})

    assert holds({"metric": "A", "sum": {"equals": 9.5}, "in_last": {"days": 1}}, facts)


def test_since_flow_start_counts_from_the_trigger_but_not_the_trigger() -> None:
    def since_start(metric: str, at: datetime, started_by: str) -> bool:
        facts = Facts(1, totals={metric: Total(1, Decimal(0), at, at)}, place=Place(NOW, started_by, 7))
        return holds({"metric": metric, "since": "flow-start"}, facts)

    assert since_start("Placed Order", NOW, started_by="Viewed Product")
    assert not since_start("Placed Order", NOW, started_by="Placed Order")
    assert since_start("Placed Order", NOW + timedelta(microseconds=1), started_by="Placed Order")
    assert not since_start("Placed Order", NOW - timedelta(microseconds=1), started_by="Viewed Product")


# ── sequences ───────────────────────────────────────────────────────────────────────────────────────────────────────
def happened(**metrics: list[timedelta]) -> Facts:
    """Who did these so long ago."""
    return Facts(1, events={name: [Happening(NOW - ago) for ago in agos] for name, agos in metrics.items()})


@pytest.mark.parametrize(
    ("then", "a", "b", "fits"),
    [
        ({}, DAY, DAY - INSTANT, True),
        ({}, DAY, DAY, False),
        ({}, DAY, DAY + INSTANT, False),
        ({"did": False}, DAY, DAY, True),
        ({"order": "before"}, DAY, DAY, False),
        ({"order": "before"}, DAY, DAY + INSTANT, True),
        ({"within": {"hours": 1}}, DAY, timedelta(hours=23), True),
        ({"within": {"hours": 1}}, DAY, timedelta(hours=23) - INSTANT, False),
        ({"order": "before", "within": {"hours": 1}}, DAY, timedelta(hours=25), True),
        ({"order": "before", "within": {"hours": 1}}, DAY, timedelta(hours=25) + INSTANT, False),
    ],
)
def test_a_step_comes_strictly_later_and_within_its_span(then: Any, a: timedelta, b: timedelta, fits: bool) -> None:
    assert holds({"sequence": [{"metric": "A"}, {"metric": "B", **then}]}, happened(A=[a], B=[b])) is fits


def test_an_event_does_not_follow_itself() -> None:
    again = {"sequence": [{"metric": "A"}, {"metric": "A"}]}

    assert not holds(again, happened(A=[DAY]))
    assert not holds(again, happened(A=[DAY, DAY]))
    assert holds(again, happened(A=[DAY, DAY * 2]))


def test_what_was_not_done_within_a_span_is_known_when_the_span_is_over() -> None:
    abandoned = {"sequence": [{"metric": "A"}, {"metric": "B", "did": False, "within": {"days": 2}}]}

    assert not holds(abandoned, happened(A=[DAY * 2 - INSTANT]))
    assert holds(abandoned, happened(A=[DAY * 2]))
    assert not holds(abandoned, happened(A=[DAY * 5], B=[DAY * 3]))
    assert holds(abandoned, happened(A=[DAY * 5], B=[DAY * 3 - INSTANT]))
    assert holds({"sequence": [{"metric": "A"}, {"metric": "B", "did": False}]}, happened(A=[INSTANT]))


def test_each_step_is_seen_from_the_one_before_it() -> None:
    steps = [{"metric": "A"}, {"metric": "B", "within": {"days": 1}}, {"metric": "C", "within": {"days": 1}}]

    assert holds({"sequence": steps}, happened(A=[DAY * 5], B=[DAY * 4], C=[DAY * 3]))
    assert not holds({"sequence": steps}, happened(A=[DAY * 5], B=[DAY * 4], C=[DAY * 2]))
    assert holds({"sequence": steps}, happened(A=[DAY * 9, DAY * 5], B=[DAY * 8, DAY * 4], C=[DAY * 3]))


def test_the_window_of_a_sequence_is_about_its_first_step() -> None:
    recent = {"sequence": [{"metric": "A"}, {"metric": "B"}], "in_last": {"days": 30}}

    assert not holds(recent, happened(A=[DAY * 40], B=[DAY]))
    assert holds(recent | {"in_last": {"days": 41}}, happened(A=[DAY * 40], B=[DAY]))
    assert holds(
        {"sequence": [{"metric": "A"}, {"metric": "B", "order": "before"}], "in_last": {"days": 30}},
        happened(A=[DAY], B=[DAY * 40]),
    )


def test_steps_of_a_sequence_are_filtered() -> None:
    facts = Facts(1, events={"A": [Happening(NOW - DAY, None, {"id": 1})], "B": [Happening(NOW, None, {"id": 2})]})

    def then(wanted: int) -> Any:
        return {"sequence": [{"metric": "A"}, {"metric": "B", "where": {"property": "id", "equals": wanted}}]}

    assert holds(then(2), facts)
    assert not holds(then(1), facts)


# ── dates ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def born(value: Any, zone: ZoneInfo = ZoneInfo("UTC")) -> Facts:
    return Facts(1, properties={"birthday": value}, zone=zone)


def test_a_birthday_begins_at_midnight_of_the_brand() -> None:
    today = {"property": "birthday", "date": {"anniversary": "today"}}
    midnight = datetime(2026, 5, 31, 4, tzinfo=UTC)  # in New York

    for at, fits in [(-INSTANT, False), (timedelta(0), True), (DAY - INSTANT, True), (DAY, False)]:
        assert holds(today, born("1990-05-31", NEW_YORK), midnight + at) is fits
        assert holds(today, born("1990-05-31T23:30:00-04:00", NEW_YORK), midnight + at) is fits


def test_days_of_the_calendar_are_the_brands() -> None:
    midnight = datetime(2026, 5, 31, 4, tzinfo=UTC)
    due = born("2026-05-31", NEW_YORK)

    for at, begun in [(midnight - INSTANT, False), (midnight, True)]:
        assert holds({"property": "birthday", "date": {"in_last": {"days": 1}}}, due, at) is begun
        assert holds({"property": "birthday", "date": {"in_next": {"days": 1}}}, due, at) is not begun
    for days, fits in [({"since": "2026-05-31"}, True), ({"before": "2026-05-31"}, False)]:
        assert holds({"property": "birthday", "date": days}, due) is fits
        assert holds({"property": "birthday", "date": days}, born("2026-05-31T04:00:00Z", NEW_YORK)) is fits
        assert holds({"property": "birthday", "date": days}, born("2026-05-31T03:59:59Z", NEW_YORK)) is not fits


@pytest.mark.parametrize(
    ("asked", "day", "fits"),
    [
        ({"in_last": {"days": 2}}, "2026-02-28T12:00:00Z", False),
        ({"in_last": {"days": 2}}, "2026-02-28T12:00:00.000001Z", True),
        ({"in_last": {"days": 2}}, "2026-03-02T12:00:00.000001Z", False),
        ({"in_last": {"days": 2}}, "2026-03-01", True),
        ({"in_last": {"days": 2}}, "2026-02-28", False),  # it began more than two days ago
        ({"in_next": {"days": 2}}, "2026-03-04", True),
        ({"in_next": {"days": 2}}, "2026-03-02", False),  # it has begun
        ({"at_least_ago": {"days": 2}}, "2026-02-28T12:00:00Z", True),
        ({"at_least_ago": {"days": 2}}, "2026-02-28T12:00:00.000001Z", False),
        ({"between_ago": [{"days": 1}, {"days": 2}]}, "2026-03-01T12:00:00Z", True),
        ({"between_ago": [{"days": 1}, {"days": 2}]}, "2026-02-28T12:00:00Z", False),
        ({"between": ["2026-03-01", "2026-03-03"]}, "2026-03-02", True),
        ({"between": ["2026-03-01", "2026-03-03"]}, "2026-03-03", False),
        ({"anniversary": {"in_next": {"days": 7}}}, "1990-03-02", True),
        ({"anniversary": {"in_next": {"days": 7}}}, "1990-03-09", True),
        ({"anniversary": {"in_next": {"days": 7}}}, "1990-03-10", False),
        ({"anniversary": {"in_last": {"days": 3}}}, "1990-02-27", True),
        ({"anniversary": {"in_last": {"days": 3}}}, "1990-03-03", False),
        ({"month": "this"}, "1990-03-31", True),
        ({"month": 2}, "1990-03-31", False),
    ],
)
def test_what_a_date_may_be(asked: Any, day: str, fits: bool) -> None:
    assert holds({"property": "birthday", "date": asked}, born(day)) is fits


@pytest.mark.parametrize(
    ("today", "fits"),
    [
        (datetime(2026, 2, 27, 12, tzinfo=UTC), False),
        (datetime(2026, 2, 28, 12, tzinfo=UTC), True),
        (datetime(2026, 3, 1, 12, tzinfo=UTC), False),
        (datetime(2028, 2, 28, 12, tzinfo=UTC), False),
        (datetime(2028, 2, 29, 12, tzinfo=UTC), True),
    ],
)
def test_who_was_born_on_29_february_has_a_birthday_every_year(today: datetime, fits: bool) -> None:
    assert holds({"property": "birthday", "date": {"anniversary": "today"}}, born("1988-02-29"), today) is fits


@pytest.mark.parametrize(
    "value",
    ["soon", "2026-13-01", "2026-3-2", "20260302", "2026-03-02T25:00Z", "", 20260302, True, ["2026-03-02"], None],
)
def test_what_is_no_date_satisfies_no_date_condition(value: Any) -> None:
    forms: list[Any] = [
        *({form: {"days": 3660}} for form in ("in_last", "in_next", "at_least_ago")),
        *({form: "2026-03-02"} for form in ("since", "before")),
        {"between": ["1000-01-01", "2999-12-31"]},
        {"anniversary": {"in_next": {"days": 366}}},
        *({"month": month} for month in range(1, 13)),
    ]

    for form in forms:
        asked = {"property": "birthday", "date": form}
        assert not holds(asked, born(value))
        assert holds({"not": asked}, born(value))


def test_everyone_was_made_at_some_time() -> None:
    facts = Facts(1, attributes={"created_at": NOW - DAY})

    assert holds({"property": "created_at", "date": {"in_last": {"days": 2}}}, facts)
    assert not holds({"property": "created_at", "date": {"in_last": {"days": 1}}}, facts)


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_browser_belongs_to_no_segment_until_it_says_who_it_is() -> None:
    everyone = parse({"all": []})
    somewhere = {"country": "US", "first_name": "Jane"}

    assert evaluate(everyone, Facts(1, attributes=somewhere), NOW)
    assert not belongs(everyone, Facts(1, attributes=somewhere), NOW)
    for said in ({"email": "jane@example.com"}, {"phone": "+15550100"}, {"external_id": "customer-7"}):
        assert belongs(everyone, Facts(1, attributes=somewhere | said), NOW)
        assert not belongs(parse({"not": {"all": []}}), Facts(1, attributes=somewhere | said), NOW)


def test_consent_has_a_state_a_method_and_a_time() -> None:
    facts = Facts(1, consent="subscribed", consent_at=NOW - DAY * 3, consent_method="form")

    assert holds({"consent": "subscribed", "method": ["api", "form"]}, facts)
    assert not holds({"consent": "subscribed", "method": "api"}, facts)
    assert not holds({"consent": "subscribed", "in_last": {"days": 3}}, facts)
    assert not holds({"consent": "never_subscribed"}, facts)
    assert holds({"consent": "never_subscribed"}, Facts(1))


def test_suppression_has_reasons_and_each_its_time() -> None:
    facts = Facts(1, suppressions={"hard_bounce": NOW - DAY * 9, "unsubscribe": NOW})

    assert holds({"suppressed": "hard_bounce", "at_least_ago": {"days": 9}}, facts)
    assert not holds({"suppressed": "unsubscribe", "at_least_ago": {"days": 9}}, facts)
    assert not holds({"suppressed": "spam_complaint"}, facts)
    assert holds({"suppressed": False}, Facts(1))
    assert not holds({"suppressed": False}, facts)


def test_a_region_is_its_countries() -> None:
    assert holds({"region": "european_union"}, Facts(1, attributes={"country": "DE"}))
    assert not holds({"region": "european_union"}, Facts(1, attributes={"country": "GB"}))
    assert not holds({"region": "european_union"}, Facts(1))


@pytest.mark.parametrize(
    ("distance", "place", "fits"),
    [
        ({"km": 260}, {"latitude": 53.5511, "longitude": 9.9937}, True),  # Hamburg, 255 km from Berlin
        ({"km": 250}, {"latitude": 53.5511, "longitude": 9.9937}, False),
        ({"miles": 160}, {"latitude": 53.5511, "longitude": 9.9937}, True),
        ({"km": 20_100}, {"latitude": "53.5511", "longitude": 9.9937}, False),
        ({"km": 20_100}, {"latitude": 91, "longitude": 9.9937}, False),
        ({"km": 20_100}, {"latitude": 53.5511}, False),
    ],
)
def test_near_a_place(distance: Any, place: Any, fits: bool) -> None:
    assert holds({"near": {"latitude": 52.52, "longitude": 13.405, **distance}}, Facts(1, properties=place)) is fits


# ── flows ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("state", "fits"),
    [
        (CouponState("TEN", "x", NOW - DAY, NOW + DAY), {"assigned", "valid"}),
        (CouponState("TEN", "x", NOW - DAY, NOW), {"assigned", "expired"}),
        (CouponState("TEN", "x", NOW - DAY, NOW + DAY, NOW), {"assigned", "redeemed"}),
        (CouponState("TEN", "x", NOW - DAY), {"assigned", "valid"}),
        (CouponState("OTHER", "x", NOW - DAY), set()),
    ],
)
def test_the_states_of_a_coupon(state: CouponState, fits: set[str]) -> None:
    facts = Facts(1, coupons=(state,))

    found = {s for s in ("assigned", "valid", "redeemed", "expired") if holds({"coupon": "TEN", "state": s}, facts)}

    assert found == fits


def test_time_left_on_a_coupon() -> None:
    facts = Facts(1, coupons=(CouponState("TEN", "x", NOW - DAY, NOW + timedelta(hours=2)),))
    left = {"coupon": "TEN", "state": "valid", "left_at_least": {"hours": 2}}

    assert holds(left, facts)
    assert not holds(left, facts, NOW + timedelta(seconds=1))


def test_the_enrolment_that_asks_is_not_another_one() -> None:
    facts = Facts(1, entries=(Entry("a-flow", NOW, 7),), place=Place(NOW, None, 7))
    other = Facts(1, entries=(Entry("a-flow", NOW, 7), Entry("a-flow", NOW - DAY, 6)), place=Place(NOW, None, 7))
    condition = {"not_in_flow": "a-flow", "in_last": {"days": 2}}

    assert holds(condition, facts)
    assert not holds(condition, other)


def test_a_sample_is_stable_and_nested() -> None:
    ten = {profile for profile in range(3000) if in_sample(profile, Decimal(10), "s")}
    half = {profile for profile in range(3000) if in_sample(profile, Decimal(50), "s")}

    assert 230 < len(ten) < 370
    assert ten < half
    assert ten != {profile for profile in range(3000) if in_sample(profile, Decimal(10), "another")}


def test_presence_and_totals_need_no_single_events() -> None:
    never = needs(parse({"metric": "A", "count": {"equals": 0}, "in_last": {"days": 10}}))
    lifetime = needs(parse({"metric": "A", "sum": {"greater_than": 500}}))
    twice = needs(parse({"metric": "A", "count": {"at_least": 2}, "in_last": {"days": 10}}))

    assert never == lifetime == Needs(totals=frozenset(["A"]))
    assert twice.events
    assert not twice.event_properties


@pytest.mark.parametrize(
    ("definition", "sentence"),
    [
        ({"all": []}, "everyone"),
        ({"metric": "Placed Order", "in_last": {"days": 90}}, "Placed Order at least once in the last 90 days"),
        ({"metric": "Placed Order", "count": {"equals": 0}}, "Placed Order zero times over all time"),
        (
            {"metric": "Placed Order", "sum": {"greater_than": 2500}},
            "Placed Order for a total of more than 2,500",
        ),
        (
            [{"list": "VIP"}, {"any": [{"property": "country", "equals": "US"}, {"can_receive": True}]}],
            "is on the list VIP and (country is “US” or can receive email)",
        ),
        (
            {"metric": "A", "count": {"at_least": 2}, "where": [{"property": "items[].category", "in": ["x", "y"]}]},
            "A at least 2 times where items[].category is one of “x”, “y”",
        ),
        ({"not": {"list": "VIP"}}, "is not on the list VIP"),
        ({"sample": 12.5}, "is in a random 12.5% of all"),
        ({"metric": "A", "at_least_ago": {"days": 30}}, "A at least once 30 days ago or earlier"),
        (
            {"metric": "A", "count": {"at_most": 2}, "between_ago": [{"days": 10}, {"days": 30}]},
            "A at most 2 times between 30 days and 10 days ago",
        ),
        ({"metric": "A", "before": "2026-03-01"}, "A at least once before 2026-03-01 00:00 UTC"),
        (
            {"metric": "A", "between": ["2026-03-01", "2026-03-02T12:00:00+02:00"]},
            "A at least once between 2026-03-01 00:00 UTC and 2026-03-02 10:00 UTC",
        ),
        (
            {"sequence": [{"metric": "A"}, {"metric": "B"}, {"metric": "C", "did": False, "within": {"days": 2}}]},
            "did A, and then did B, and then did not do C within 2 days",
        ),
        (
            {
                "sequence": [
                    {"metric": "A", "where": {"property": "$value", "at_least": 50}},
                    {"metric": "B", "order": "before", "within": {"hours": 36}},
                ],
                "in_last": {"days": 30},
            },
            "did A where $value is at least 50 in the last 30 days, and before that did B within 1 day 12 hours",
        ),
        ({"property": "age", "between": [18, 25.5]}, "age is between 18 and 25.5"),
        ({"property": "tags", "contains_any": ["a", "b"]}, "tags contains any of “a”, “b”"),
        ({"property": "tags", "not_contains_all": ["a", 1]}, "tags does not contain all of “a”, 1"),
        ({"property": "tags", "length": {"at_least": 2}}, "tags has at least 2 items"),
        ({"property": "sku", "matches": "^A"}, "sku matches the pattern “^A”"),
        ({"property": "sku", "not_matches": "^A"}, "sku does not match the pattern “^A”"),
        ({"property": "birthday", "date": {"anniversary": "today"}}, "birthday has its anniversary today"),
        (
            {"property": "birthday", "date": {"anniversary": {"in_next": {"days": 7}}}},
            "birthday has its anniversary in the next 7 days",
        ),
        (
            {"property": "birthday", "date": {"anniversary": {"in_last": {"days": 1}}}},
            "birthday has its anniversary in the last 1 day",
        ),
        ({"property": "birthday", "date": {"month": 5}}, "birthday is in the month of May"),
        ({"property": "birthday", "date": {"month": "this"}}, "birthday has its anniversary this month"),
        ({"property": "trial.ends", "date": {"in_next": {"days": 3}}}, "trial.ends is in the next 3 days"),
        ({"property": "created_at", "date": {"in_last": {"days": 3}}}, "created_at is in the last 3 days"),
        ({"property": "created_at", "date": {"at_least_ago": {"days": 3}}}, "created_at was 3 days ago or earlier"),
        (
            {"property": "due", "date": {"between_ago": [{"days": 1}, {"hours": 60}]}},
            "due is between 2 days 12 hours and 1 day ago",
        ),
        ({"property": "due", "date": {"since": "2026-03-01"}}, "due is on or after 2026-03-01"),
        ({"property": "due", "date": {"before": "2026-03-01T10:00:00Z"}}, "due is before 2026-03-01 10:00 UTC"),
        (
            {"property": "due", "date": {"between": ["2026-03-01", "2026-04-01"]}},
            "due is from 2026-03-01 until just before 2026-04-01",
        ),
        ({"list": "VIP", "in_last": {"days": 7}}, "is on the list VIP and joined it in the last 7 days"),
        ({"segment": "Champions"}, "is in the segment Champions"),
        (
            {"segment": "Champions", "in_last": {"days": 7}},
            "is in the segment Champions and entered it in the last 7 days",
        ),
        ({"not": {"segment": "Champions"}}, "is not in the segment Champions"),
        ({"consent": "never_subscribed"}, "consent is never subscribed"),
        (
            {"consent": "unsubscribed", "method": ["one_click_unsubscribe", "api"], "in_last": {"days": 7}},
            "consent is unsubscribed by one click unsubscribe or api in the last 7 days",
        ),
        ({"suppressed": True}, "is suppressed"),
        ({"suppressed": False}, "is not suppressed"),
        (
            {"suppressed": "hard_bounce", "at_least_ago": {"days": 7}},
            "is suppressed for hard bounce 7 days ago or earlier",
        ),
        ({"can_receive": False}, "cannot receive email"),
        ({"region": "european_union"}, "lives in the European Union"),
        ({"not": {"region": "canada"}}, "does not live in Canada"),
        (
            {"near": {"latitude": 52.52, "longitude": 13.405, "miles": 10}},
            "is within 16.09 km of 52.52, 13.405",
        ),
    ],
)
def test_a_definition_reads_as_a_sentence(definition: Any, sentence: str) -> None:
    assert describe(parse(definition)) == sentence


def test_a_segment_is_called_by_its_name() -> None:
    named = describe(parse({"segment": 7}), lambda segment: f"number {segment}")

    assert named == "is in the segment number 7"


# The rows of the manual's tables: | `{"metric": "Placed Order"}` | Placed Order at least once |
SHOWN = re.findall(r"^\| `([\[{].+)` \| (.+?) \|$", MANUAL.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("definition", "sentence"), SHOWN)
def test_the_manual_says_how_its_examples_read(definition: str, sentence: str) -> None:
    assert describe(parse(json.loads(definition))) == sentence


def test_true_and_one_are_different_conditions() -> None:
    true, one = parse({"property": "active", "equals": True}), parse({"property": "active", "equals": 1})

    assert true != one
    assert len({true, one}) == 2


@pytest.mark.parametrize("year", ["0999", "3000", "9999"])
def test_times_that_cannot_be_counted_with_are_refused(year: str) -> None:
    for definition in (
        {"metric": "A", "since": f"{year}-06-01T00:00:00Z"},
        {"property": "x", "date": {"before": f"{year}-06-01"}},
    ):
        with pytest.raises(DefinitionError, match="1000 to 2999"):
            parse(definition)
