"""The published schema of flow files says what the parser takes: no less, and no more than a schema cannot help."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from headwater.flows.reading import files, parse, tests
from headwater.flows.reading.schema import schema
from headwater.flows.reading.tree import KINDS
from headwater.segments.language import DefinitionError
from tests.flows import generated_flows as generated
from tests.flows.flow_people import RECIPES
from tests.segments import test_schema as of_segments
from tests.spoiling import nodes, spoilt

WHOLE = Draft202012Validator(schema())
MANUAL = Path(__file__).parents[2] / "docs" / "flow-files.md"

UNSAYABLE = {
    **of_segments.UNSAYABLE,
    "is already that of": "a schema does not compare ids across a tree",
    "it follows an exit": "nor steps of one list",
    "percent together, not 100": "nor can it add",
    "branches nest at most|at most 200 steps|at most 100000 characters": "nor count",
    "begins and ends at different times": "nor compare two texts",
    "whole days or weeks": "24 hours are a day",
    "is at most a year": "spans of several units, as above",
    "IANA name": "it knows no zones",
    "must be a time such as": "nor a calendar",
    "comes after the end": "nor what stands last in a list",
    "is not the id of|must be one of (a, b|step-)": "nor the ids of the steps",
}
"""What the parser refuses although the schema does not, by its message, and why."""


def valid(flow: Any) -> bool:
    return WHOLE.is_valid(flow)


@cache
def part(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": schema()["$defs"]})


def refusal(flow: Any) -> str | None:
    """What the parser says against it."""
    try:
        tests.tests_of(parse(flow, slug="a-flow"))
    except DefinitionError as error:
        return error.message
    return None


def unsayable(message: str) -> bool:
    return any(re.search(known, message) for known in UNSAYABLE)


def whole(*steps: Any, **more: Any) -> dict[str, Any]:
    return {"trigger": {"metric": "A"}, "steps": list(steps), **more}


def test_it_is_a_schema_and_json() -> None:
    made = schema()

    Draft202012Validator.check_schema(made)
    assert json.loads(json.dumps(made)) == made
    assert made is not schema()


def test_it_is_closed_and_explained() -> None:
    made = schema()
    parts = list(nodes(made))

    objects = [node for node in parts if node.get("type") == "object" and "properties" in node]
    assert all(node["additionalProperties"] is False for node in objects)
    named = {node["$ref"].removeprefix("#/$defs/") for node in parts if "$ref" in node}
    assert named == made["$defs"].keys()
    assert all("title" in node or "description" in node for node in made["$defs"].values())


def test_it_has_every_kind_that_the_parser_knows() -> None:
    parts = schema()["$defs"].keys()

    told = refusal({"trigger": {}, "steps": []})
    assert told is not None
    triggers = told.rpartition("one of ")[2].split(", ")
    assert {f"trigger_{kind}" for kind in triggers} == {name for name in parts if name.startswith("trigger_")}
    assert {f"step_{kind}" for kind in KINDS} <= parts


def test_its_examples_are_valid_and_parsed() -> None:
    made = schema()["$defs"]

    for name, one in made.items():
        assert all(part(name).is_valid(example) for example in one.get("examples", []))
        kind, _, key = name.partition("_")
        if kind == "step" and key in KINDS:
            assert one["examples"]
            assert [refusal(whole(example)) for example in one["examples"]] == [None]
        if kind == "trigger" and key:
            assert [refusal(whole({"email": "a.mjml"}, trigger=example)) for example in one["examples"]] == [None]


# ── the manual and the recipes ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("recipe", sorted(path.parent.name for path in RECIPES.glob("*/flow.yaml")))
def test_every_recipe_is_valid(recipe: str) -> None:
    flow = files.read((RECIPES / recipe / "flow.yaml").read_text(encoding="utf-8"))

    assert [f"{error.json_path}: {error.message}" for error in WHOLE.iter_errors(flow)] == []


def _sections() -> dict[str, str]:
    """The manual's text under each heading."""
    found = re.split(r"^##+ (.+)$", MANUAL.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {"": found[0], **dict(zip(found[1::2], found[2::2], strict=True))}


def _examples(heading: str) -> list[Any]:
    """The YAML under a heading of the manual; what it leaves out (`[…]`) is nothing."""
    text = re.findall(r"^```yaml\n(.+?)^```", _sections()[heading], re.MULTILINE | re.DOTALL)
    return [files.read(one.replace("[…]", "[]")) for one in text]


def _rows(heading: str) -> list[Any]:
    """The first cells of the tables under a heading, where they hold an object."""
    cells = re.findall(r"^\| (.+?) \|", _sections()[heading], re.MULTILINE)
    return [files.read(code.replace("[…]", "[]")) for cell in cells for code in re.findall(r"^`(\{.+?\})`", cell)]


def test_the_manuals_flow_is_valid() -> None:
    [head] = _examples("")
    flow = {**head, "steps": [{"email": "a.mjml"}]}

    assert valid(flow)
    assert refusal(flow) is None


@pytest.mark.parametrize("heading", ["Waiting for something to happen", "A/B tests of an email"])
def test_the_manuals_steps_are_valid(heading: str) -> None:
    [steps] = _examples(heading)

    assert part("steps").is_valid(steps)
    assert refusal(whole(*steps)) is None


def test_the_manuals_tests_are_valid() -> None:
    [shown] = _examples("Tests")

    flow = whole({"email": "welcome.mjml"}, **shown)
    assert valid(flow)
    assert refusal(flow) is None


def test_the_manuals_tables_are_valid() -> None:
    triggers, conditions = _rows("Triggers"), _rows("Conditions")

    assert len(triggers) == 8
    assert len(conditions) >= 9
    for trigger in triggers:
        assert part("trigger").is_valid(trigger)
        assert refusal(whole({"email": "a.mjml"}, trigger=trigger)) is None
    for condition in conditions:
        assert part("condition").is_valid(condition)
        assert refusal(whole({"if": condition})) is None


STAND_INS = {
    "[BRANCHES]": "[{metric: A}]\nwithin: {days: 1}",
    "if: CONDITION, then: [steps]": "if: {list: A}, then: [exit]",
    "then: [steps]": "then: [exit]",
    "CONDITION": "{list: A}",
    "FILTER": "{property: a, equals: 1}",
    "[team@…]": "[team@example.com]",
    "subject: …, text: …": "subject: A, text: B",
    "`ab_test: [{email: a.mjml, share: 50}, ": "`ab_test: [{email: a.mjml, share: 50}, {email: b.mjml, share: 50}, ",
    "`random: [{share: 50, then: [exit]}, ": "`random: [{share: 50, then: [exit]}, {share: 50}, ",
    ", …]": "]",
    "https://…": "https://example.com",
    "remove_from_list: …": "remove_from_list: VIP",
}
"""What the manual's table of steps leaves out, or only names."""


def test_the_manuals_table_of_steps_is_valid() -> None:
    text = _sections()["Steps"]
    for named, meant in STAND_INS.items():
        text = text.replace(named, meant)
    cells = re.findall(r"^\| (`.+?`)(?: \||\n)", text.replace("\nwithin", "\\nwithin"), re.MULTILINE)
    shown = [code.replace("\\n", "\n") for cell in cells for code in re.findall(r"`([a-z_]+: .+?)`", cell)]

    kinds = set()
    for code in shown:
        step = files.read(code)
        kinds |= step.keys()
        assert part("steps").is_valid([step]), step
        assert refusal(whole(step)) is None, step
    assert set(KINDS) <= kinds


# ── what the parser takes ───────────────────────────────────────────────────────────────────────────────────────────
FLOWS = [pytest.param(generated.flows(step=step), id=name) for name, step in generated.KINDS.items()]
FLOWS += [
    pytest.param(generated.flows(step=generated.emails, trigger=trigger), id=f"by-{name}")
    for name, trigger in generated.TRIGGERS.items()
]
FLOWS += [pytest.param(generated.flows(), id="trees"), pytest.param(generated.tested(), id="tests")]
WITHOUT_HURRY = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("drawn", FLOWS)
def test_what_is_parsed_is_valid(drawn: st.SearchStrategy[Any]) -> None:
    @settings(WITHOUT_HURRY, max_examples=30)
    @given(drawn)
    def hold(flow: Any) -> None:
        told = refusal(flow)
        assert told is None or "at most 100 conditions" in told
        assert [error.message for error in WHOLE.iter_errors(flow)] == []

    hold()


# ── what the parser refuses ─────────────────────────────────────────────────────────────────────────────────────────
EMAIL = {"email": "a.mjml"}
TEST = {"name": "A", "events": [{"at": "2026-03-02", "metric": "A"}], "expect": [{"email": "a"}, {"left": True}]}
EDGES: list[tuple[Any, Any]] = [
    (whole(EMAIL), whole()),
    (whole(EMAIL, description=None), whole(EMAIL, name=None)),
    (whole(EMAIL, flow="a" * 100), whole(EMAIL, flow="a" * 101)),
    (whole(EMAIL, flow="a-1"), whole(EMAIL, flow="a--1")),
    (whole(EMAIL, entry={"holdout": 90}), whole(EMAIL, entry={"holdout": 90.01})),
    (whole(EMAIL, entry={"key": "a", "merge": "replace"}), whole(EMAIL, entry={"merge": "replace"})),
    (whole(EMAIL, entry={"key": "a"}), whole(EMAIL, entry={"key": "a"}, trigger={"list": 1})),
    (whole(EMAIL, entry={"again": {"after": {"days": 1}}}), whole(EMAIL, entry={"again": {}})),
    (whole(EMAIL, exit_on=["A", {"if": []}]), whole(EMAIL, exit_on=[""])),
    (whole(EMAIL, coupons={"A": {"kind": "pool"}}), whole(EMAIL, coupons={"A": {"kind": "static"}})),
    (whole(EMAIL, coupons={"A": {"kind": "static", "code": "A"}}),
     whole(EMAIL, coupons={"A": {"kind": "generated", "code": "A"}})),
    (whole(EMAIL, send_window={"from": "9:00", "to": "23:59:59"}),
     whole(EMAIL, send_window={"from": "24:00", "to": "1:00"})),
    (whole(EMAIL, trigger={"date": "a.b", "before": {"days": 1}}),
     whole(EMAIL, trigger={"date": "a", "before": {"days": 1}, "after": {"days": 1}})),
    (whole(EMAIL, trigger={"date": "a"}), whole(EMAIL, trigger={"date": "a[]"})),
    (whole(EMAIL, trigger={"price_drop": {"percent": 99.5}}), whole(EMAIL, trigger={"price_drop": {"percent": 100}})),
    (whole(EMAIL, trigger={"price_drop": {"amount": 0.01}}), whole(EMAIL, trigger={"price_drop": {"amount": 0}})),
    (whole(EMAIL, trigger={"low_stock": {"at_most": 1}}), whole(EMAIL, trigger={"low_stock": {"at_most": 0}})),
    (whole(EMAIL, trigger={"api": {}}), whole(EMAIL, trigger={"api": {"a": 1}})),
    (whole(EMAIL, trigger={"metric": "A", "where": None}),
     whole(EMAIL, trigger={"metric": "A", "where": {"property": "a", "equals": {"event": "a"}}})),
    (whole("exit"), whole("leave")),
    (whole({"exit": True}), whole({"exit": {}, **EMAIL})),
    (whole({"email": " a"}), whole({"email": " "})),
    (whole({**EMAIL, "template_id": 1}), whole({**EMAIL, "template_id": 0})),
    (whole({"delay": {"days": 3660}}), whole({"delay": {"days": 3661}})),
    (whole({"delay": {"days": 1.0}}), whole({"delay": {"days": 1.5}})),
    (whole({"delay": {"days": 0, "weekdays": ["friday"]}}), whole({"delay": {"days": 0, "weekdays": []}})),
    (whole({"delay": {"days": 1, "hours": 0, "until": "10:00"}}),
     whole({"delay": {"days": 1, "hours": 1, "until": "10:00"}})),
    (whole({"delay": {"before": {"days": 0}, "date": "a[].b"}}),
     whole({"delay": {"before": {"days": 0}, "expiry_of": "A"}})),
    (whole({"delay": {"before": {"days": 1}, "date": "a", "until": "10:00"}}),
     whole({"delay": {"before": {"days": 1}, "expiry_of": "A", "until": "10:00"}})),
    (whole({"wait_for": [{"metric": "A", "where": None}], "within": {"days": 1}}),
     whole({"wait_for": [{"metric": "A"}]})),
    (whole({"wait_for": [{"metric": "A"}] * 20, "within": {"days": 1}}),
     whole({"wait_for": [{"metric": "A"}] * 21, "within": {"days": 1}})),
    (whole({"wait_for": [{"if": []}], "within": {"days": 1}}),
     whole({"wait_for": [{"if": [], "where": []}], "within": {"days": 1}})),
    (whole({"split": [{"if_event": []}], "else": None}), whole({"split": [{"if": [], "if_event": []}]})),
    (whole({"random": [{"share": 100}]}), whole({"random": [{"share": 0}, {"share": 100}]})),
    (whole({"ab_test": [{"email": "a", "share": 50}, {"email": "b", "share": 50}]}),
     whole({"ab_test": [{"email": "a", "share": 100}]})),
    (whole({"ab_test": [{"email": "a", "share": 50}, {"email": "b", "share": 50}], "winner": {"certainty": 50.5}}),
     whole({"ab_test": [{"email": "a", "share": 50}, {"email": "b", "share": 50}], "winner": {"certainty": 50}})),
    (whole({"update_profile": {"set": {}}}), whole({"update_profile": {}})),
    (whole({"update_profile": {"set": {"country": "US"}}}), whole({"update_profile": {"set": {"email": "US"}}})),
    (whole({"update_profile": {"add_to": {"tags": 1}}}), whole({"update_profile": {"add_to": {"country": 1}}})),
    (whole({"update_profile": {"set": {"a": {"date": "today"}}}}),
     whole({"update_profile": {"set": {"a": {"date": "tomorrow"}}}})),
    (whole({"update_profile": {"unset": ["a"]}}), whole({"update_profile": {"unset": ["a.b"]}})),
    (whole({"webhook": {"url": "https://a.example"}}), whole({"webhook": {"url": "ftp://a.example"}})),
    (whole({"webhook": {"url": "https://a.example/@b"}}), whole({"webhook": {"url": "https://me@a.example/"}})),
    (whole({"webhook": {"url": "https://a", "headers": {"A-1": "b c"}}}),
     whole({"webhook": {"url": "https://a", "headers": {"A": "b\nc"}}})),
    (whole({"notify": {"to": ["a@b"] * 20, "subject": "A"}}), whole({"notify": {"to": ["a@b"] * 21, "subject": "A"}})),
    (whole({"notify": {"to": "a@b", "subject": "A"}}), whole({"notify": {"to": "ab", "subject": "A"}})),
    (whole({"back_in_stock": {"people_per_unit": None}}), whole(EMAIL, {"back_in_stock": {}})),
    (whole({"if": [], "then": None}), whole({"if": [], "then": [{"back_in_stock": {}}]})),
    (whole({"goal": {"metric": "A", "since": "flow-start"}}), whole({"goal": {"metric": "A"}, "unmet": "stay"})),
    (whole(EMAIL, tests=[TEST] * 100), whole(EMAIL, tests=[TEST] * 101)),
    (whole(EMAIL, tests=[TEST]), whole(EMAIL, tests=[TEST | {"from": "2026-03-01"}])),
    (whole(EMAIL, tests=[TEST | {"from": "2026-03-01", "events": []}], trigger={"date": "birthday"}),
     whole(EMAIL, tests=[TEST], trigger={"date": "birthday"})),
    (whole(EMAIL, tests=[TEST]), whole(EMAIL, tests=[TEST | {"events": []}])),
    (whole(EMAIL, tests=[TEST]), whole(EMAIL, tests=[TEST | {"events": [{"after": {"days": 1}, "metric": "A"}]}])),
    (whole(EMAIL, tests=[TEST | {"expect": []}]), whole(EMAIL, tests=[TEST | {"expect": [{"completed": False}]}])),
    (whole(EMAIL, tests=[TEST | {"person": {"timezone": None}}]), whole(EMAIL, tests=[TEST | {"person": {"age": 7}}])),
]  # fmt: skip


@pytest.mark.parametrize(("last", "beyond"), EDGES)
def test_the_edges_are_the_parsers(last: Any, beyond: Any) -> None:
    assert refusal(last) is None
    assert valid(last)
    assert refusal(beyond) is not None
    assert not valid(beyond)


JUNK = [
    *of_segments.JUNK, "exit", "profile", "09:00", "24:00", "a@example.com", "https://example.com", "email", ["exit"],
    [{"email": "z.mjml"}], [{"metric": "A"}], ["monday"], {"email": "z.mjml"}, {"days": 0.5}, {"exit": {}},
]  # fmt: skip
WORDS = [
    *KINDS, "id", "then", "else", "name", "share", "status", "winner", "within", "until", "weekdays", "timezone",
    "before", "date", "expiry_of", "hours", "days", "key", "merge", "again", "holdout", "trigger", "steps", "where",
    "metric", "list", "segment", "property", "equals", "all", "not", "set", "unset", "url", "to", "code", "prefix",
    "by", "after", "colour", "filters", "template_id", "at", "email", "done", "events", "expect", "from", "stock",
]  # fmt: skip
UNITS = ("minutes", "hours", "days", "weeks")


def taken_loosely(flow: Any) -> bool:
    """What the parser lets pass and nobody should write: the schema is stricter."""
    return of_segments._salt_is_empty(flow) or any(map(_loose, nodes(flow)))


def _loose(node: dict[str, Any]) -> bool:
    texts = [node.get("description"), node.get("name"), *_values(node.get("utm"))]
    return (
        any(isinstance(text, list | dict) for text in texts)  # whatever it is, it is written as text
        or any(map(_of_another_kind, _values(node.get("coupons"))))
        or _loose_delay(node.get("delay"))
    )


def _of_another_kind(plan: Any) -> bool:
    """The coupon has a field that its kind does not look at."""
    unread = {"static": {"prefix"}, "generated": {"code"}, "pool": {"code", "prefix"}}
    kind = plan.get("kind") if isinstance(plan, dict) else None
    return isinstance(kind, str) and bool(unread.get(kind, set()) & plan.keys())


def _loose_delay(delay: Any) -> bool:
    """Nothing is taken for 0, and halves of days may add up to whole ones."""
    if not isinstance(delay, dict):
        return False
    amounts = [delay[unit] for unit in UNITS if unit in delay]
    nothing = any(not amount and (amount != 0 or isinstance(amount, bool)) for amount in amounts)
    halves = any(isinstance(delay.get(unit), float) for unit in ("days", "weeks"))
    return nothing or halves or delay.get("before") == {"days": False}


def _values(node: Any) -> list[Any]:
    return list(node.values()) if isinstance(node, dict) else []


@pytest.mark.parametrize("drawn", FLOWS)
def test_what_is_valid_is_parsed(drawn: st.SearchStrategy[Any]) -> None:
    @settings(WITHOUT_HURRY, max_examples=60)
    @given(spoilt(drawn, WORDS, JUNK))
    def hold(flow: Any) -> None:
        told = refusal(flow)
        if told is None:
            assert valid(flow) or taken_loosely(flow)
        elif not unsayable(told):
            assert not valid(flow)

    hold()
