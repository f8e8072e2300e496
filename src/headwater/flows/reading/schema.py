"""The published JSON Schema of a whole flow file (draft 2020-12), for editors, generators and checks beforehand. Pure.

Conditions and filters are those of `segments.schema`; steps and tests stand in `schema_steps` and `schema_tests`. Held
to the parser by a test: what `reading.parse` takes is valid, and what is valid it takes, but for what no schema says.
"""

from __future__ import annotations

from headwater.flows.definition import MERGES, PRIORITIES
from headwater.flows.reading.flow import MAX_TESTS
from headwater.flows.reading.parts import WEEKDAYS
from headwater.flows.reading.schema_steps import steps_
from headwater.flows.reading.schema_tests import fit_to_the_trigger, tests_
from headwater.flows.reading.steps import MAX_DEPTH, MAX_STEPS
from headwater.flows.reading.triggers import AUDIENCES, REPEATS
from headwater.segments.json_schema import DIALECT, Node, closed, none_of, ref
from headwater.segments.schema import filters
from headwater.segments.schema import schema as schema_of_conditions

MAX_SLUG = 100
MAX_HOLDOUT = 90

_LIMITS = (
    f"A flow has at most {MAX_STEPS} steps, whose branches nest at most {MAX_DEPTH} deep. These and a few rules more "
    "cannot be said here and are checked when it is applied: shares add up to 100 and have at most two decimals, ids "
    "are given once, nothing follows an exit, a send window begins and ends at different times, a date is kept off by "
    "whole days, shoppers are looked for within at most a year, a time zone exists, and what the description of "
    "conditions names."
)


def schema() -> Node:
    """The schema, made anew for its caller."""
    conditions = schema_of_conditions(in_flow=True)
    parts = {**conditions["$defs"]}
    parts["condition"] |= {"description": f"One condition, or a group of conditions. {conditions['description']}"}
    return {
        "$schema": DIALECT,
        "title": "A flow of Headwater",
        "description": _LIMITS,
        **closed(_head(), required=["trigger", "steps"]),
        "allOf": [_keys_go_with_events(), fit_to_the_trigger()],
        "$defs": {
            "trigger": {
                "title": "What starts the flow",
                "description": f"One of {', '.join(_triggers())}.",
                "anyOf": [ref(f"trigger_{kind}") for kind in _triggers()],
            },
            **{f"trigger_{kind}": made for kind, made in _triggers().items()},
            **_parts_of_head(),
            **tests_(),
            **steps_(),
            **filters("own_filter", "own_test"),
            **_simple(),
            **parts,
        },
    }


# ── the head ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _head() -> Node:
    return {
        "flow": {"description": "Its short name; left out: the folder's name.", **ref("slug")},
        "name": {"description": "What people call it.", **ref("text")},
        "description": {"description": "For people.", **ref("words")},
        "priority": {
            "description": "Who writes first when several flows want one person.",
            "enum": list(reversed(PRIORITIES)),
            "default": "none",
        },
        "trigger": ref("trigger"),
        "profile_filters": {
            "description": "Asked at entry, before every step and at every send.",
            **ref("conditions"),
        },
        "entry": ref("entry"),
        "exit_on": {
            "description": "What ends the flow for a person at once, wherever they wait.",
            "type": "array",
            "items": ref("exit"),
        },
        "coupons": {
            "description": "Coupons that the emails use, by name; made unless they exist.",
            "type": "object",
            "propertyNames": ref("text"),
            "additionalProperties": ref("coupon_plan"),
        },
        "send_window": ref("send_window"),
        "steps": ref("steps"),
        "tests": {
            "description": "What must be sent to whom; `headwater flows test` runs them.",
            "type": "array",
            "maxItems": MAX_TESTS,
            "items": ref("flow_test"),
        },
    }


def _keys_go_with_events() -> Node:
    """Only a flow that an event starts is entered by a key."""
    others = {"anyOf": [{"required": [kind]} for kind in ("list", "segment", "date")]}
    keyless = {"properties": {"entry": {"properties": none_of(["key"])}}}
    return {"if": {"properties": {"trigger": others}}, "then": keyless}


def _parts_of_head() -> dict[str, Node]:
    entry = {
        "again": {
            "description": "Whether, and how soon, the same person (or key) may enter again.",
            "anyOf": [{"enum": ["never", "always"]}, closed({"after": ref("span")})],
            "examples": [{"after": {"days": 14}}],
        },
        "key": {"description": "One run for each value of this property of the event: cart_id.", **ref("text")},
        "merge": {
            "description": "When the key is inside already: ignore the event, restart, or replace the event's data.",
            "enum": list(MERGES),
            "default": "ignore",
        },
        "holdout": {
            "description": "Percent who are left out, always the same people, to measure against.",
            "type": "number",
            "minimum": 0,
            "maximum": MAX_HOLDOUT,
        },
    }
    window = {"weekdays": ref("weekdays"), "from": ref("time_of_day"), "to": ref("time_of_day")}
    return {
        "entry": {
            "title": "Who may enter, and again",
            "type": "object",
            "properties": entry,
            "additionalProperties": False,
            "dependentRequired": {"merge": ["key"]},
        },
        "exit": {
            "description": "An event, with or without a filter, or a condition.",
            "anyOf": [ref("occurrence"), closed({"if": ref("condition")})],
        },
        "send_window": closed(
            window,
            required=["from", "to"],
            title="When its emails go out",
            description="In the person's own zone; other emails wait for it. Without weekdays: any day.",
        ),
        "coupon_plan": _coupon_plan(),
    }


def _coupon_plan() -> Node:
    properties: Node = {
        "kind": {"enum": ["static", "generated", "pool"]},
        "code": {"description": "Of a static coupon: the code that all get.", **ref("text")},
        "prefix": {"description": "Of a generated coupon: what the codes begin with.", **ref("text")},
        "expires_after": ref("span"),
    }
    needed = {"static": "code", "generated": "prefix"}
    rules: list[Node] = [
        {"if": {"properties": {"kind": {"const": kind}}}, "then": {"required": [wanted]}}
        for kind, wanted in needed.items()
    ]
    return closed(properties, title="A coupon", description="One code, codes of one's own, or a pool.") | {
        "allOf": rules,
        "examples": [{"kind": "generated", "prefix": "BROWSE", "expires_after": {"days": 3}}],
    }


# ── triggers ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _triggers() -> dict[str, Node]:
    """By kind, which is also the key they are known by."""
    shoppers = {
        "audience": {
            "description": "Who did one of these with the product.",
            "type": "array",
            "minItems": 1,
            "items": {"enum": list(AUDIENCES)},
            "default": ["viewed", "checkout"],
        },
        "within": {"description": "So long ago at most.", **ref("span")},
        "where": ref("own_where"),
    }
    by_name: Node = {"type": "object", "properties": {}, "additionalProperties": False}
    return {
        "metric": _trigger(
            "An event happens, and its properties pass the filter.",
            {"metric": "Viewed Product", "where": [{"property": "price", "greater_than": 0}]},
            {"metric": ref("text"), "where": ref("own_where")},
        ),
        "list": _trigger("Someone joins the list.", {"list": "Newsletter"}, {"list": ref("reference")}),
        "segment": _trigger(
            "Someone enters the segment, or leaves it; stay: they must still be in (or out) at each send.",
            {"segment": "VIP customers"},
            {
                "segment": ref("reference"),
                "on": {"enum": ["entered", "left"], "default": "entered"},
                "stay": {"type": "boolean", "default": True},
            },
        ),
        "date": _date(),
        "price_drop": _trigger(
            "A product becomes cheaper by so many percent, or by an amount.",
            {"price_drop": {"percent": 10}, "audience": ["viewed"], "within": {"days": 30}},
            {"price_drop": _drop(), **shoppers},
        ),
        "low_stock": _trigger(
            "The stock of a product falls to this number or below.",
            {"low_stock": {"at_most": 10}, "within": {"days": 30}},
            {
                "low_stock": closed({"at_most": {"type": "integer", "minimum": 1, "maximum": 1_000_000}}),
                **shoppers,
            },
        ),
        "api": _trigger("Another system calls for it.", {"api": {}}, {"api": by_name}),
        "manual": _trigger("Someone adds people by hand.", {"manual": {}}, {"manual": by_name}),
    }


def _trigger(says: str, example: Node, properties: Node) -> Node:
    return closed(properties, description=says, examples=[example])


def _date() -> Node:
    either = {"not": {"required": ["before", "after"]}}
    properties: Node = {
        "date": ref("date_path"),
        "repeat": {"enum": list(REPEATS), "default": "once"},
        "before": ref("span"),
        "after": ref("span"),
        "at": ref("time_of_day"),
        "timezone": ref("timezone"),
    }
    example = {"date": "birthday", "repeat": "yearly", "before": {"days": 7}, "at": "09:00"}
    says = "A date among the profile's properties comes; before or after it by whole days or weeks."
    return _trigger(says, example, properties) | {"allOf": [either]}


def _drop() -> Node:
    percent: Node = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 100}
    amount = {"allOf": [ref("number")], "exclusiveMinimum": 0, "description": "In the brand's currency."}
    return {
        "description": "By percent, or by an amount.",
        "type": "object",
        "properties": {"percent": percent, "amount": amount},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _simple() -> dict[str, Node]:
    return {
        "slug": {
            "description": "Lower-case words joined by hyphens.",
            "type": "string",
            "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$",
            "maxLength": MAX_SLUG,
            "examples": ["browse-abandonment"],
        },
        "words": {"description": "Text for people.", "type": ["string", "number", "boolean", "null"]},
        "own_where": {
            "description": "A filter on the event that starts the flow.",
            "anyOf": [ref("own_filter"), {"type": "null"}],
        },
        "conditions": {"description": "Conditions that must all hold.", "anyOf": [ref("condition"), {"type": "null"}]},
        "occurrence": {
            "description": "An event by its metric, with or without a filter.",
            "anyOf": [ref("text"), closed({"metric": ref("text"), "where": ref("where")})],
            "examples": ["Placed Order", {"metric": "Placed Order", "where": [{"property": "price", "at_least": 50}]}],
        },
        "time_of_day": {
            "description": 'A time of day: "10:00".',
            "type": "string",
            "pattern": "^([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$",
            "examples": ["10:00"],
        },
        "weekdays": {"description": "Days of the week.", "type": "array", "items": {"enum": list(WEEKDAYS)}},
        "timezone": {
            "description": "profile: the person's own, or the brand's; or an IANA name.",
            "type": "string",
            "minLength": 1,
            "default": "profile",
            "examples": ["profile", "Europe/Berlin"],
        },
    }
