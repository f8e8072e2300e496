"""The published schema says what the parser takes: no less, and no more than a schema cannot help."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from headwater.segments import parsing, patterns
from headwater.segments.language import DefinitionError, parse
from headwater.segments.ready_made import shelf
from headwater.segments.schema import schema
from tests.segments import generated
from tests.segments.test_language import SHOWN, WRONG
from tests.spoiling import nodes, spoilt

SEGMENTS = Draft202012Validator(schema())
FLOWS = Draft202012Validator(schema(in_flow=True))
BOTH = [pytest.param(False, id="segments"), pytest.param(True, id="flows")]

UNSAYABLE = {
    "at most 100 conditions": "a schema does not count across a tree",
    "groups nest at most": "nor how deep it is",
    "a span is more than nothing": "nor can it add days and hours",
    "must be (flow-start or |a day such as 2026-03-01, or )?an instant": "it knows no calendar: 2026-02-30, W53",
    "is no day of the calendar": "nor here",
    "must be in a year from 1000 to 2999": "it cannot compare texts",
    "half of a character": "JSON has none",
    "^at character": "it does not read patterns",
    "at most two decimals": "multipleOf 0.01 refuses 0.07 wherever numbers are binary",
    "must be a whole number": "it takes 2.0 for a whole number",
    "must be a (list|segment)'s name or id": "as above",
}
"""What the parser refuses although the schema does not, by its message, and why."""


def valid(definition: Any, in_flow: bool = False) -> bool:
    return (FLOWS if in_flow else SEGMENTS).is_valid(definition)


def refusal(definition: Any, in_flow: bool = False) -> str | None:
    """What the parser says against it."""
    try:
        parse(definition, in_flow=in_flow)
    except DefinitionError as error:
        return error.message
    return None


def unsayable(message: str) -> bool:
    return any(re.search(known, message) for known in UNSAYABLE)


@pytest.mark.parametrize("in_flow", BOTH)
def test_it_is_a_schema_and_json(in_flow: bool) -> None:
    made = schema(in_flow=in_flow)

    Draft202012Validator.check_schema(made)
    assert json.loads(json.dumps(made)) == made
    assert made is not schema(in_flow=in_flow)


@pytest.mark.parametrize("in_flow", BOTH)
def test_it_is_closed_and_explained(in_flow: bool) -> None:
    made = schema(in_flow=in_flow)
    parts = list(nodes(made))

    assert all(node["additionalProperties"] is False for node in parts if node.get("type") == "object")
    named = {node["$ref"].removeprefix("#/$defs/") for node in parts if "$ref" in node}
    assert named == made["$defs"].keys()
    assert all("title" in node or "description" in node for node in made["$defs"].values())


def known_kinds() -> set[str]:
    """As the parser lists them."""
    told = refusal({})
    assert told is not None
    return set(told.rpartition("one of ")[2].split(", ")) - {"all", "any", "not"}


@pytest.mark.parametrize("in_flow", BOTH)
def test_it_has_every_kind_that_the_parser_knows(in_flow: bool) -> None:
    missing = known_kinds() - schema(in_flow=in_flow)["$defs"].keys()

    assert missing == (set() if in_flow else {"coupon", "in_flow", "not_in_flow"})


@pytest.mark.parametrize("in_flow", BOTH)
def test_its_examples_are_valid_and_parsed(in_flow: bool) -> None:
    made = schema(in_flow=in_flow)
    kinds = [made["$defs"][one["$ref"].removeprefix("#/$defs/")] for one in made["$defs"]["condition"]["anyOf"][4:]]

    assert all(kind["title"] and kind["description"] and kind["examples"] for kind in kinds)
    for kind in kinds:
        for example in kind["examples"]:
            assert valid(example, in_flow)
            assert refusal(example, in_flow) is None
    for name, part in made["$defs"].items():
        alone = Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": made["$defs"]})
        assert all(alone.is_valid(example) for example in part.get("examples", []))


def test_the_manual_shows_every_kind() -> None:
    shown = {key for definition, _ in SHOWN for key in json.loads(definition)}

    assert known_kinds() - shown == {"coupon", "in_flow", "not_in_flow"}
    assert {*parsing.WINDOWS} <= shown


def test_the_manual_and_the_ready_made_segments_are_valid() -> None:
    assert all(valid(json.loads(definition)) for definition, _ in SHOWN)
    assert [one.slug for one in shelf() if not valid(one.definition)] == []


# ── what the parser takes ───────────────────────────────────────────────────────────────────────────────────────────
of_flows = st.one_of(
    st.builds(
        lambda state, window: {"coupon": "TEN", **state, **window},
        st.sampled_from([{}, {"state": "assigned"}, {"state": "redeemed"}]),
        generated.windows,
    ),
    st.sampled_from(
        [
            {"coupon": "any", "state": "expired"},
            {"coupon": "any", "state": "valid", "left_at_least": {"hours": 2}},
            {"metric": "A", "since": "flow-start"},
            {"metric": "A", "where": [{"property": "order_id", "equals": {"event": "order_id"}}]},
            {"metric": "A", "where": {"not": {"property": "items[].id", "not_equals": {"event": "items[].id"}}}},
        ]
    ),
    st.builds(
        lambda kind, window: {kind: "a-flow", **window}, st.sampled_from(["in_flow", "not_in_flow"]), generated.windows
    ),
)
KINDS = [pytest.param(kind, False, id=name) for name, kind in generated.KINDS.items()]
KINDS += [pytest.param(of_flows, True, id="flows"), pytest.param(generated.definitions, False, id="trees")]


@pytest.mark.parametrize(("drawn", "in_flow"), KINDS)
def test_what_is_parsed_is_valid(drawn: st.SearchStrategy[Any], in_flow: bool) -> None:
    @settings(max_examples=60, deadline=None)
    @given(drawn)
    def hold(definition: Any) -> None:
        parse(definition, in_flow=in_flow)
        for whole in (definition, [definition, {"not": definition}], {"any": [definition]}):
            assert valid(whole, in_flow)
        assert valid(definition, True)

    hold()


@given(st.datetimes(), st.sampled_from(["", "Z", "+02:00", "-0530", "+14"]), st.booleans())
def test_instants_are_written_in_many_ways(at: datetime, offset: str, short: bool) -> None:
    text = re.sub("[-:]", "", at.isoformat()) if short else at.isoformat()
    definition = {"metric": "A", "since": text + offset}

    told = refusal(definition)

    assert valid(definition)
    assert told is None or unsayable(told)


# ── what the parser refuses ─────────────────────────────────────────────────────────────────────────────────────────
ONLY_PARSED = [
    {"metric": "A", "since": "2026-02-30"},
    {"property": "birthday", "date": {"since": "2026-02-30"}},
    {"property": "x", "matches": "(a+)+"},
    {"metric": "A", "where": [{"property": "x", "matches": "(a"}]},
    {"sample": 33.333},
]
"""Of the wrong definitions, those that a schema cannot refuse."""


@pytest.mark.parametrize("definition", [pytest.param(one, id=json.dumps(one)[:80]) for one, _ in WRONG])
def test_what_is_wrong_is_not_valid(definition: Any) -> None:
    assert valid(definition) is (definition in ONLY_PARSED)
    told = refusal(definition)
    assert told is not None
    assert unsayable(told) or not valid(definition)


EDGES: list[tuple[Any, Any]] = [
    *(({"metric": "A", "in_last": {unit: most}}, {"metric": "A", "in_last": {unit: most + 1}})
      for unit, most in [("minutes", 1_000_000), ("hours", 87_840), ("days", 3660), ("weeks", 522)]),
    ({"metric": "m" * 1000}, {"metric": "m" * 1001}),
    ({"property": "x", "equals": ""}, {"property": "x", "equals": "\x00"}),
    ({"property": "x", "matches": "m" * patterns.MAX_LENGTH}, {"property": "x", "matches": "m" * 201}),
    ({"property": "x", "equals": 10**15}, {"property": "x", "equals": 10**15 + 1}),
    ({"property": "x", "at_least": -(10**15)}, {"property": "x", "at_least": -(10**15) - 1}),
    ({"property": ".".join("abcdefgh"), "is_set": True}, {"property": ".".join("abcdefghi"), "is_set": True}),
    ({"property": "created", "is_set": True}, {"property": "created_at.x", "is_set": True}),
    ({"property": "created_at_home", "is_set": True}, {"property": "created_at[]", "is_set": True}),
    ({"property": "a[].b[]", "is_set": True}, {"property": "a[][]", "is_set": True}),
    ({"property": "a.$b", "is_set": True}, {"property": "$b", "is_set": True}),
    ({"list": 1}, {"list": 0}),
    ({"segment": 2**63 - 1}, {"segment": 2**63}),
    ({"sample": 100}, {"sample": 100.01}),
    ({"near": {"latitude": -90, "longitude": 180, "miles": 20_100}},
     {"near": {"latitude": -90, "longitude": 180, "miles": 20_101}}),
    ({"property": "b", "date": {"anniversary": {"in_next": {"days": 366}}}},
     {"property": "b", "date": {"anniversary": {"in_next": {"days": 367}}}}),
    ({"sequence": [{"metric": "A"}] * parsing.MAX_SEQUENCE}, {"sequence": [{"metric": "A"}] * 6}),
    ({"sequence": [{"metric": "A"}, {"metric": "B", "did": False}]},
     {"sequence": [{"metric": "A"}, {"metric": "B", "did": False}, {"metric": "C"}]}),
    ({"consent": "never_subscribed", "method": []}, {"consent": "never_subscribed", "method": ["form"]}),
    ({"metric": "A", "where": None}, {"metric": "A", "where": False}),
]  # fmt: skip


@pytest.mark.parametrize(("last", "beyond"), EDGES)
def test_the_edges_are_the_parsers(last: Any, beyond: Any) -> None:
    assert refusal(last) is None
    assert valid(last)
    assert refusal(beyond) is not None
    assert not valid(beyond)


@pytest.mark.parametrize(
    ("coupon", "fits"),
    [
        ({"state": "valid", "left_at_least": {"hours": 1}}, True),
        ({"left_at_least": {"hours": 1}}, False),
        ({"state": "expired", "left_at_least": {"hours": 1}}, False),
        ({"state": "valid", "in_last": {"days": 1}}, False),
        ({"in_last": {"days": 1}}, True),
        ({"state": "redeemed", "since": "flow-start"}, True),
    ],
)
def test_a_coupon_has_time_left_or_a_window(coupon: Any, fits: bool) -> None:
    definition = {"coupon": "TEN", **coupon}

    assert valid(definition, in_flow=True) is fits
    assert (refusal(definition, in_flow=True) is None) is fits
    assert not valid(definition)


JUNK: list[Any] = [
    None, True, False, 0, 1, -1, 13, 2.0, 0.5, 33.333, 10**16, "", "x", "[]", "a..b", "flow-start", "today", "this",
    "2026-02-30", "2026-03-01T10:00:00Z", "x" * 1001, "(a", [], ["a"], [1, 2], ["2026-01-01", "2026-02-01"],
    [{"days": 1}, {"days": 2}], {}, {"days": 1}, {"days": 0}, {"days": 3660, "hours": 1}, {"at_least": 1}, {"all": []},
    {"property": "a", "equals": 1}, {"metric": "A"}, {"month": 2}, {"event": "order_id"}, {"event": "a..b"},
]  # fmt: skip
WORDS = [
    *parsing.OPERATORS, *parsing.WINDOWS, *parsing.DATE_FORMS, "metric", "count", "sum", "where", "sequence", "did",
    "within", "order", "property", "list", "segment", "consent", "method", "suppressed", "can_receive", "region",
    "near", "sample", "salt", "all", "any", "not", "days", "km", "miles", "coupon", "state", "left_at_least", "in_flow",
    "event", "colour",
]  # fmt: skip


def _salt_is_empty(definition: Any) -> bool:
    """The parser takes whatever is empty for no salt."""
    return any(not node["salt"] for node in nodes(definition) if "salt" in node)


@pytest.mark.parametrize(("drawn", "in_flow"), KINDS)
def test_what_is_valid_is_parsed(drawn: st.SearchStrategy[Any], in_flow: bool) -> None:
    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(spoilt(drawn, WORDS, JUNK))
    def hold(definition: Any) -> None:
        told = refusal(definition, in_flow)
        if told is None:
            assert valid(definition, in_flow) or _salt_is_empty(definition)
        elif not unsayable(told):
            assert not valid(definition, in_flow)

    hold()
