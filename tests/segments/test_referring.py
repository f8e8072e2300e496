"""Filters that compare with the event that started a flow."""

from __future__ import annotations

from typing import Any

import pytest

from headwater.segments.language import DefinitionError, describe, matches, parse, parse_where
from headwater.segments.referring import bind, refers

SAME = {"property": "order_id", "equals": {"event": "order_id"}}


@pytest.mark.parametrize(
    ("asked", "started", "happened", "holds"),
    [
        (SAME, {"order_id": 7}, {"order_id": 7}, True),
        (SAME, {"order_id": 7}, {"order_id": 8}, False),
        (SAME, {"order_id": 7}, {"order_id": "7"}, False),  # typed, like every comparison
        (SAME, {}, {"order_id": 7}, False),
        (SAME, {}, {}, False),
        ({"property": "order_id", "not_equals": {"event": "order_id"}}, {"order_id": 7}, {"order_id": 8}, True),
        ({"property": "order_id", "not_equals": {"event": "order_id"}}, {}, {"order_id": 8}, True),
        (
            {"property": "items[].id", "equals": {"event": "id"}},
            {"id": "b"},
            {"items": [{"id": "a"}, {"id": "b"}]},
            True,
        ),
        (
            {"property": "id", "equals": {"event": "items[].id"}},
            {"items": [{"id": "a"}, {"id": "b"}]},
            {"id": "b"},
            True,
        ),
        ({"any": [{"property": "x", "equals": 1}, SAME]}, {"order_id": 7}, {"order_id": 7}, True),
        ({"not": SAME}, {"order_id": 7}, {"order_id": 7}, False),
    ],
)
def test_the_event_that_started_the_flow_is_compared_with(
    asked: Any, started: dict[str, Any], happened: dict[str, Any], holds: bool
) -> None:
    where = parse_where(asked, in_flow=True)

    assert refers(where)
    assert matches(bind(where, started), happened) is holds


def test_a_filter_without_a_reference_is_bound_to_itself() -> None:
    where = parse_where({"property": "order_id", "equals": 7})

    assert not refers(where)
    assert bind(where, {"order_id": 8}) == where


def test_only_flows_know_such_an_event() -> None:
    with pytest.raises(DefinitionError, match="inside a flow") as refused:
        parse({"metric": "Placed Order", "where": [SAME]})

    assert refused.value.path == "where[0].equals"


def test_it_reads_as_a_sentence() -> None:
    assert describe(parse_where(SAME, in_flow=True)) == ("order_id is the order_id of the event that started the flow")
