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
            {"metric": "Placed Order", "sum": {"greater_than": 500}},
            "Placed Order for a total of more than 500",
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
    ],
)
def test_a_definition_reads_as_a_sentence(definition: Any, sentence: str) -> None:
    assert describe(parse(definition)) == sentence
