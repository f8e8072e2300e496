"""The steps of a flow file in the published JSON Schema: one part a kind, known by its first key. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from headwater.flows.reading.acts import MAX_TEXT
from headwater.flows.reading.steps import MAX_BRANCHES
from headwater.flows.reading.tree import KINDS
from headwater.flows.steps import STATUSES
from headwater.segments.json_schema import Node, closed, ref
from headwater.segments.needs import COLUMNS
from headwater.segments.schema import MOST, UNITS

IDENTIFYING = ("email", "phone", "external_id")
MAX_RECIPIENTS = 20
MAX_VARIATIONS = 7

_URL = r"^[Hh][Tt][Tt][Pp][Ss]?://(\[[0-9A-Fa-f:.]+\]|[^/?#@:\[\]\s\\]+)(:[0-9]*)?([/?#]|$)"


def steps_() -> dict[str, Node]:
    """`steps` and all that it is made of."""
    kinds = {**_sending(), **_waiting(), **_asking(), **_changing(), **_calling()}
    assert kinds.keys() == set(KINDS)
    anywhere = [ref(f"step_{kind}") for kind in KINDS if kind != "back_in_stock"]
    return {
        "steps": {
            "description": "From top to bottom. Waiting for stock stands directly after the trigger.",
            "type": "array",
            "minItems": 1,
            "prefixItems": [{"anyOf": [ref("step_back_in_stock"), ref("flow_step")]}],
            "items": ref("flow_step"),
        },
        "branch_steps": {
            "description": "The steps of a branch; what follows the branching comes after them.",
            "type": ["array", "null"],
            "items": ref("flow_step"),
        },
        "flow_step": {
            "title": "A step",
            "description": f"One of {', '.join(KINDS)}.",
            "anyOf": [*anywhere, {"const": "exit", "description": "Ends the flow for the person."}],
        },
        **{f"step_{kind}": made for kind, made in kinds.items()},
        **_parts(),
    }


def _step(
    says: str, example: Node, properties: Node, *, required: Iterable[str] = (), status: bool = False, **more: Any
) -> Node:
    """A step of the kind of its first key, with an id; `status`: it may be a draft, or held for review."""
    rest = {"id": ref("step_id"), **({"status": ref("status")} if status else {})}
    return closed({**properties, **rest}, required=required, description=says, examples=[example], **more)


def _sides() -> Node:
    return {"then": ref("branch_steps"), "else": ref("branch_steps")}


def _whole(most: int, **more: Any) -> Node:
    return {"type": "integer", "minimum": 1, "maximum": most, **more}


def _flag(default: bool, says: str) -> Node:
    return {"description": says, "type": "boolean", "default": default}


# ── what sends ──────────────────────────────────────────────────────────────────────────────────────────────────────
def _email() -> Node:
    return {
        "email": {"description": "A file beside the flow, or the name of a saved template.", **ref("named")},
        "name": {"description": "What people call the email.", **ref("named")},
        "template_id": {"description": "Set when it is applied.", "anyOf": [_whole(2**63 - 1), {"type": "null"}]},
        "smart_sending": _flag(True, "Not to those who got another email recently."),
        "transactional": _flag(False, "Goes to those who did not consent too."),
        "filters": {"description": "Asked at the send; no: the email is skipped.", **ref("conditions")},
        "utm": {
            "description": "Parameters of its links: utm_campaign.",
            "type": ["object", "null"],
            "propertyNames": ref("text"),
            "additionalProperties": ref("words"),
        },
    }


def _sending() -> dict[str, Node]:
    tested = {**_email(), "share": ref("share"), "id": ref("step_id"), "status": ref("status")}
    variation = closed(tested, required=["email", "share"], description="An email, and its share in percent.")
    return {
        "email": _step("An email.", {"email": "welcome.mjml"}, _email(), status=True),
        "ab_test": _step(
            "One of two to seven emails, by shares that add up to 100; the winner, once there is one.",
            {"ab_test": [{"email": "warm.mjml", "share": 50}, {"email": "crisp.mjml", "share": 50}]},
            {
                "ab_test": {"type": "array", "minItems": 2, "maxItems": MAX_VARIATIONS, "items": variation},
                "winner": {"anyOf": [ref("winner"), {"type": "null"}]},
            },
        ),
    }


# ── what waits ──────────────────────────────────────────────────────────────────────────────────────────────────────
def _waiting() -> dict[str, Node]:
    return {
        "delay": _step(
            "Waits a span, until a time of day, or until so long before something.",
            {"delay": {"days": 1, "until": "10:00"}},
            {"delay": {"anyOf": [ref("delay_of"), ref("delay_before_expiry"), ref("delay_before_date")]}},
        ),
        "wait_for": _step(
            "Waits until one of these happens or holds; else: when the time ran out.",
            {"wait_for": [{"metric": "Clicked Email", "then": []}], "within": {"days": 3}},
            {
                "wait_for": _branches("wait_branch"),
                "within": ref("span"),
                "else": ref("branch_steps"),
                "count_past": _flag(False, "What happened since the flow began counts too."),
                "reset_on": {
                    "description": "What starts the time anew.",
                    "type": "array",
                    "items": ref("occurrence"),
                },
            },
            required=["wait_for", "within"],
        ),
        "back_in_stock": _step(
            "Waits until the product of the event is in stock again.",
            {"back_in_stock": {"minimum_stock": 1, "people_per_unit": 5, "every": {"minutes": 15}}},
            {"back_in_stock": _stock()},
        ),
    }


def _stock() -> Node:
    return {
        "type": "object",
        "properties": {
            "minimum_stock": _whole(1_000_000, default=1),
            "people_per_unit": {"anyOf": [_whole(10_000), {"type": "null"}]},
            "every": ref("span"),
            "give_up_after": ref("span"),
        },
        "additionalProperties": False,
    }


def _delay_of() -> Node:
    """A span, with a time of day or days of the week, or one of these alone."""
    some = {unit: {"required": [unit], "properties": {unit: {"exclusiveMinimum": 0}}} for unit in UNITS}
    days, hours = [some["days"], some["weeks"]], [some["hours"], some["minutes"]]
    on_weekdays: Node = {"required": ["weekdays"], "properties": {"weekdays": {"minItems": 1}}}
    return {
        "title": "A span of time",
        "description": "Alone it is exact; with until, days are calendar days of the zone.",
        "type": "object",
        "properties": {
            "minutes": ref("amount_minutes"),
            "hours": ref("amount_hours"),
            "days": ref("amount_days"),
            "weeks": ref("amount_weeks"),
            "until": ref("time_of_day"),
            "weekdays": ref("weekdays"),
            "timezone": ref("timezone"),
        },
        "additionalProperties": False,
        "anyOf": [*some.values(), {"required": ["until"]}, on_weekdays],
        "not": {"required": ["until"], "allOf": [{"anyOf": days}, {"anyOf": hours}]},
        "examples": [{"days": 1}, {"hours": 2, "minutes": 30}, {"days": 1, "until": "10:00"}],
    }


def _amounts() -> dict[str, Node]:
    """How much of a unit a delay may have."""
    whole = ("days", "weeks")
    return {
        f"amount_{unit}": {
            "description": f"So many {unit}.",
            "type": "integer" if unit in whole else "number",
            "minimum": 0,
            "maximum": MOST[unit],
        }
        for unit in UNITS
    }


# ── what asks ───────────────────────────────────────────────────────────────────────────────────────────────────────
def _branches(part: str) -> Node:
    return {"type": "array", "minItems": 1, "maxItems": MAX_BRANCHES, "items": ref(part)}


def _branch(asks: Node, *, required: Iterable[str] = ()) -> Node:
    then = {"then": ref("branch_steps"), "name": {"description": "For people.", **ref("words")}}
    return closed({**asks, **then}, required=required)


def _asking() -> dict[str, Node]:
    return {
        "if": _step(
            "Asks the profile.",
            {"if": {"list": "VIP"}, "then": [{"email": "thanks.mjml"}]},
            {"if": ref("condition"), **_sides()},
        ),
        "if_event": _step(
            "Asks the event that started the flow.",
            {"if_event": {"property": "price", "at_least": 50}, "then": [], "else": ["exit"]},
            {"if_event": ref("own_filter"), **_sides()},
        ),
        "split": _step(
            "The first branch that holds.",
            {"split": [{"if": {"list": "VIP"}, "then": []}], "else": []},
            {"split": _branches("split_branch"), "else": ref("branch_steps")},
        ),
        "random": _step(
            "By stable shares of all people, in percent, which add up to 100.",
            {"random": [{"share": 50, "then": []}, {"share": 50}]},
            {"random": _branches("random_branch")},
        ),
        "goal": _step(
            "Who is above it and meets the condition jumps here at once.",
            {"goal": {"metric": "Placed Order", "since": "flow-start"}, "unmet": "leave"},
            {
                "goal": ref("condition"),
                "unmet": {
                    "description": "What happens to those who arrive without.",
                    "enum": ["go_on", "wait", "leave"],
                    "default": "go_on",
                },
            },
        ),
        "exit": _step("Ends the flow for the person.", {"exit": {}}, {"exit": True}),
    }


# ── what changes and calls ──────────────────────────────────────────────────────────────────────────────────────────
def _changing() -> dict[str, Node]:
    named = {"type": "object", "propertyNames": ref("property_name")}
    own = {"allOf": [ref("property_name"), {"not": {"enum": list(COLUMNS)}}]}
    listed = {"type": "object", "propertyNames": own, "additionalProperties": ref("value")}
    changes = {
        "set": {"description": "Values by property.", **named, "additionalProperties": ref("set_value")},
        "unset": {"description": "Properties to clear.", "type": "array", "items": ref("property_name")},
        "add_to": {"description": "A value for a list among the properties.", **listed},
        "remove_from": {"description": "A value out of such a list.", **listed},
    }
    update = {"type": "object", "properties": changes, "additionalProperties": False, "minProperties": 1}
    return {
        "update_profile": _step(
            "Changes properties of the profile.",
            {"update_profile": {"set": {"plan": "gold", "since": {"date": "today"}}, "add_to": {"tags": "vip"}}},
            {"update_profile": update},
            status=True,
        ),
        "add_to_list": _step(
            "Puts the person on a list.", {"add_to_list": "VIP"}, {"add_to_list": ref("reference")}, status=True
        ),
        "remove_from_list": _step(
            "Takes the person off a list.",
            {"remove_from_list": "VIP"},
            {"remove_from_list": ref("reference")},
            status=True,
        ),
        "coupon": _step("Issues the person's code now.", {"coupon": "BROWSE10"}, {"coupon": ref("text")}),
    }


def _calling() -> dict[str, Node]:
    address: Node = {"allOf": [ref("text")], "pattern": "@"}
    webhook = {
        "url": {"description": "http or https.", "allOf": [ref("text")], "pattern": _URL},
        "headers": {
            "type": "object",
            "propertyNames": {"pattern": "^[A-Za-z0-9-]{1,100}$"},
            "additionalProperties": {"allOf": [ref("text")], "pattern": r"^[^\r\n]*$"},
        },
        "body": {"description": "A tree of JSON whose texts are templates."},
    }
    several = {"type": "array", "minItems": 1, "maxItems": MAX_RECIPIENTS, "items": address}
    notice = {
        "to": {"description": "Addresses of the team.", "anyOf": [address, several]},
        "subject": ref("text"),
        "text": {"type": "string", "maxLength": MAX_TEXT},
    }
    return {
        "webhook": _step(
            "Calls another system.",
            {"webhook": {"url": "https://example.com/hook", "body": {"email": "{{ email }}"}}},
            {"webhook": closed(webhook)},
            status=True,
        ),
        "notify": _step(
            "An email to the team; subject and text are templates.",
            {"notify": {"to": ["team@example.com"], "subject": "A big order", "text": "{{ event.value }}"}},
            {"notify": closed(notice, required=["to", "subject"])},
            status=True,
        ),
    }


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _parts() -> dict[str, Node]:
    counted = closed({"metric": ref("text"), "where": ref("where")})["properties"]
    none_or_span = {"anyOf": [{"const": {"days": 0}}, ref("span")]}
    by_date = {
        "date": ref("event_path"),
        "before": {"description": "{days: 0}: its first moment.", **none_or_span},
        "until": ref("time_of_day"),
        "timezone": ref("timezone"),
    }
    return {
        "wait_branch": {
            "description": "Something that happens, or a condition, and what follows.",
            "anyOf": [_branch(counted), _branch({"if": ref("condition")})],
        },
        "split_branch": {
            "description": "A condition on the profile or a filter on the event, and what follows.",
            "anyOf": [_branch({"if": ref("condition")}), _branch({"if_event": ref("own_filter")})],
        },
        "random_branch": _branch({"share": ref("share")}) | {"description": "A share, and what follows."},
        "delay_of": _delay_of(),
        "delay_before_expiry": closed(
            {"expiry_of": ref("named"), "before": ref("span")},
            required=["expiry_of", "before"],
            description="Until so long before the person's code of this coupon expires.",
        ),
        "delay_before_date": closed(
            by_date,
            required=["date", "before"],
            description="Until so long before a date among the profile's properties.",
        ),
        **_amounts(),
        "winner": _winner(),
        "share": {
            "description": "In percent, with at most two decimals.",
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": 100,
        },
        "status": {
            "description": "draft: skipped, the person goes on; manual: the person is held for review.",
            "enum": list(STATUSES),
            "default": "live",
        },
        "step_id": {"description": "People who wait, and what was sent, refer to it.", **ref("slug")},
        "named": {"description": "Text that is not empty.", "allOf": [ref("text")], "pattern": r"\S"},
        **_of_profiles(),
    }


def _winner() -> Node:
    return {
        "description": "When a variation has won.",
        "type": "object",
        "properties": {
            "by": {"enum": ["clicks", "opens", "orders"], "default": "clicks"},
            "certainty": {"type": "number", "exclusiveMinimum": 50, "exclusiveMaximum": 100, "default": 90},
            "at_least": _whole(1_000_000, default=500, description="People who got each."),
            "after": {"description": "Whatever the certainty, after this span.", **ref("span")},
        },
        "additionalProperties": False,
    }


def _of_profiles() -> dict[str, Node]:
    today = {"const": {"date": "today"}}
    return {
        "property_name": {
            "description": "The name of a property, without dots; not what identifies the person.",
            "allOf": [ref("text")],
            "pattern": r"^[^.$][^.]*$",
            "not": {"enum": list(IDENTIFYING)},
        },
        "set_value": {
            "description": "A value, a list of values, {date: today}, or {event: path} from the trigger.",
            "anyOf": [
                ref("value"),
                {"type": "array", "items": ref("value")},
                today,
                closed({"event": ref("event_path")}),
            ],
        },
    }
