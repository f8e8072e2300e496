"""The tests of a flow file in the published JSON Schema: who, what happens when, what is expected. Pure.

In the words that `reading_tests` reads, with which a test holds it together.
"""

from __future__ import annotations

from typing import Any, get_args

from headwater.accounts.limits import Kind
from headwater.flows.reading.tests import LEFT, NOT_ENTERED, TRIGGER
from headwater.segments.json_schema import Node, closed, none_of, one_of, ref
from headwater.segments.needs import COLUMNS
from headwater.segments.parsing import CONSENT_STATES, SUPPRESSION_REASONS
from headwater.segments.schema import MAX_ID, MOST


def tests_() -> dict[str, Node]:
    """A test and all that it is made of."""
    return {
        "flow_test": closed(
            {
                "name": ref("text"),
                "person": ref("test_person"),
                "brand": ref("test_brand"),
                "from": {"description": "In a date flow: when the test's time begins.", **ref("test_time")},
                "until": {"description": "When the test's time ends.", **ref("test_time")},
                "events": {
                    "description": "What happens, the first usually the trigger.",
                    "type": "array",
                    "items": ref("test_event"),
                },
                "expect": {
                    "description": "Every email that is sent, in order; the last may be how it ends.",
                    "type": "array",
                    "items": ref("test_expected"),
                },
            },
            required=["name", "expect"],
            title="A test",
            description="What must be sent to somebody to whom this happens.",
        ),
        "test_person": _person(),
        "test_brand": _brand(),
        "test_event": {"description": "Exactly one thing that happens, and when.", "anyOf": _happenings()},
        "test_expected": {"description": "An email, a step that is done, or the end.", "anyOf": _expected()},
        **_parts(),
    }


def fit_to_the_trigger() -> Node:
    """A date begins a test by `from`; what else begins one is its first event, at a time."""
    dated = {"properties": {"trigger": {"required": ["date"]}}}
    first = {"minItems": 1, "prefixItems": [{"required": ["at"]}]}
    by_event = {"required": ["events"], "properties": {**none_of(["from"]), "events": first}}
    return {"if": dated, "then": _each_test({"required": ["from"]}), "else": _each_test(by_event)}


def _each_test(rule: Node) -> Node:
    return {"properties": {"tests": {"items": rule}}}


# ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _person() -> Node:
    own: Node = {"anyOf": [ref("text"), {"type": "null"}]}
    belongs = {
        "anyOf": [
            {"type": "array", "items": ref("reference")},
            {"type": "object", "additionalProperties": ref("test_ago")},
        ]
    }
    coupon = {"name": ref("text"), "assigned": ref("test_ago"), "expires": ref("test_ago"), "redeemed": ref("test_ago")}
    entered = {"flow": ref("text"), "entered": ref("test_ago")}
    properties: Node = {
        **dict.fromkeys(COLUMNS, own),
        "id": {"description": "Decides shares.", "type": "integer", "minimum": 1, "maximum": MAX_ID},
        "properties": {"type": "object"},
        "lists": {"description": "Since long ago, or since when by name.", **belongs},
        "segments": {"description": "Likewise.", **belongs},
        "consent": {"enum": list(CONSENT_STATES), "default": "subscribed"},
        "suppressed": {"type": "array", "items": {"enum": list(SUPPRESSION_REASONS)}},
        "coupons": {"type": "array", "items": closed(coupon, required=["name", "assigned"])},
        "flows": {"type": "array", "items": closed(entered, required=["flow", "entered"])},
    }
    return {
        "description": "Who it is: the profile's own fields, and where they belong.",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def _brand() -> Node:
    cap = {
        "kind": {"enum": list(get_args(Kind)), "default": "any"},
        "at_most": {"type": "integer", "minimum": 1, "maximum": 100},
        "days": {"type": "integer", "minimum": 1, "maximum": 90},
    }
    hours = {"from": ref("time_of_day"), "to": ref("time_of_day")}
    return {
        "description": "Settings of the brand that matter, as in the API.",
        "type": "object",
        "properties": {
            "timezone": {"type": "string", "minLength": 1},
            "smart_sending_hours": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 16},
            "quiet_hours": closed(hours, required=["from", "to"]),
            "frequency_caps": {"type": "array", "items": closed(cap, required=["at_most", "days"])},
            "require_consent": {"type": "boolean", "default": False},
        },
        "additionalProperties": False,
    }


# ── what happens, and what is expected ──────────────────────────────────────────────────────────────────────────────
def _happenings() -> list[Node]:
    scalar = ref("value")
    stock = closed(
        {"to": {"type": "integer", "minimum": 0, "maximum": 2**31}, "product_id": scalar, "variant_id": scalar},
        oneOf=[{"required": ["product_id"]}, {"required": ["variant_id"]}],
    )
    value = {"anyOf": [ref("number"), {"type": "null"}]}
    kinds: dict[str, tuple[str, Node]] = {
        "metric": ("An event.", ref("text")),
        "stock": ("The stock of a product changes.", stock),
        "joins": ("They join a list.", ref("reference")),
        "leaves": ("They leave a list.", ref("reference")),
        "enters": ("They come into a segment.", ref("reference")),
        "exits": ("They leave a segment.", ref("reference")),
        "set": ("Properties change.", {"type": "object"}),
        "subscribes": ("They consent.", {"const": True}),
        "unsubscribes": ("They unsubscribe.", {"const": True}),
        "redeems": ("They redeem their code.", ref("text")),
        "gets": ("Another email reaches them.", {"enum": ["campaign", "flow"]}),
    }
    more: dict[str, Node] = {"metric": {"properties": {"type": "object"}, "value": value}}
    return [
        _timed({kind: node, **more.get(kind, {})}, says) | {"oneOf": [{"required": ["at"]}, {"required": ["after"]}]}
        for kind, (says, node) in kinds.items()
    ]


def _expected() -> list[Node]:
    no_two: dict[str, Any] = {"not": {"required": ["at", "after"]}}
    not_entered = [*dict.fromkeys(NOT_ENTERED.values()), TRIGGER]
    ends: dict[str, tuple[str, Node]] = {
        "left": ("They leave before the end.", {"enum": [True, *LEFT]}),
        "completed": ("They go through to the end.", {"const": True}),
        "not_entered": ("They do not enter.", {"enum": [True, *not_entered]}),
        "waiting": ("They still wait, before this step.", {"anyOf": [{"const": True}, ref("text")]}),
    }
    return [
        _timed({"email": ref("text")}, "An email is sent: its step.") | no_two,
        _timed({"done": ref("text")}, "A step that changes or calls something is done.") | no_two,
        *(closed({kind: node}, description=says) for kind, (says, node) in ends.items()),
    ]


def _timed(properties: Node, says: str) -> Node:
    return closed({**properties, "at": ref("test_time"), "after": ref("test_span")}, description=says)


def _parts() -> dict[str, Node]:
    amounts = {unit: {"type": "number", "minimum": 0, "maximum": most} for unit, most in MOST.items()}
    return {
        "test_time": {
            "description": "A time of the person's zone, or an instant with its offset.",
            "type": "string",
            "examples": ["2026-03-02 12:00", "2026-03-02T12:00:00-05:00"],
        },
        "test_span": {
            "description": "So long after the first event; it may be nothing.",
            "type": "object",
            "properties": amounts,
            "additionalProperties": False,
            "minProperties": 1,
        },
        "test_ago": one_of({"ago": ref("test_span"), "in": ref("test_span")})
        | {"description": "So long before the first event, or after it."},
    }
