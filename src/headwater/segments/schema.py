"""The published JSON Schema of definitions (draft 2020-12), for editors, generators and checks before anything is sent.

It is written in the words that `parsing` reads, and a test holds the two together: what `parse` takes is valid, and
what is valid `parse` takes, but for the few rules that a schema cannot say; its description names them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from headwater.segments.json_schema import DIALECT, Node, closed, none_of, one_of, ref, two
from headwater.segments.parsing import (
    COMPARISONS,
    CONSENT_STATES,
    COUPON_STATES,
    CREATED,
    DATE_FORMS,
    MAX_CONDITIONS,
    MAX_DEPTH,
    MAX_SEQUENCE,
    NUMERIC_OPERATORS,
    OPERATORS,
    SET_OPERATORS,
    SUPPRESSION_REASONS,
    TEXT_OPERATORS,
    WINDOWS,
)
from headwater.segments.patterns import MAX_LENGTH as MAX_PATTERN
from headwater.segments.regions import REGIONS

MAX_TEXT = 1000
MAX_NUMBER = 10**15
MAX_ID = 2**63 - 1
MAX_STEPS = 8  # of a path
MAX_AMOUNT = 1_000_000  # of one unit of a span
LONGEST = timedelta(days=3660)
FARTHEST = 20_100  # km or miles; half of the way around the earth is 20,015 km
UNITS = ("minutes", "hours", "days", "weeks")
MOST = {unit: min(MAX_AMOUNT, LONGEST / timedelta(**{unit: 1})) for unit in UNITS}
"""How much a span may have of one unit."""

_LIMITS = (
    f"A definition holds at most {MAX_CONDITIONS} conditions (tests in where and steps of sequences count too), and "
    f"groups nest at most {MAX_DEPTH} deep. These and a few rules more cannot be said here and are checked when it is "
    "sent: a span of several units is more than nothing and at most ten years, a day stands in the calendar, an id is "
    "written without a decimal point, a pattern keeps to the pattern language, a share has at most two decimals, and "
    "segments that are named exist and do not lead back to this one."
)


def schema(*, in_flow: bool = False) -> dict[str, Any]:
    """The schema, made anew for its caller; `in_flow`: with what only flows know, such as flow-start and coupons."""
    kinds = {**_of_events(), **_of_properties(), **_of_membership(), **_of_email(), **_of_places()}
    if in_flow:
        kinds |= _of_flows()
    return {
        "$schema": DIALECT,
        "title": "Condition of a flow" if in_flow else "Definition of a segment",
        "description": _LIMITS,
        "$ref": "#/$defs/condition",
        "$defs": {
            "condition": _either("Condition", "One condition, or a group of conditions.", "condition", kinds),
            **kinds,
            **filters("filter", "test", in_flow=in_flow),
            **_windows(in_flow),
            **_parts(),
            **_simple(),
        },
    }


def filters(name: str, test: str, *, in_flow: bool = False) -> dict[str, Node]:
    """The parts for a filter on events, under these names; `in_flow`: it may compare with the flow's own event."""
    one = _tested("Test of an event", "One property of the event, compared in one way.", "event_path")
    made = {
        name: _either("Filter on an event", "One test of its properties, or a group of tests.", name, [test]),
        test: one,
    }
    if not in_flow:
        return made
    one["properties"] |= dict.fromkeys(("equals", "not_equals"), {"anyOf": [ref("value"), ref("of_event")]})
    says = "What this property of the event that started the flow holds."
    own = closed({"event": ref("event_path")}, description=says, examples=[{"event": "order_id"}])
    return {**made, "of_event": own}


# ── groups ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def _either(title: str, says: str, member: str, kinds: Iterable[str]) -> Node:
    """One of the kinds, or a group of what is called `member`."""
    several = {"type": "array", "items": ref(member)}
    groups = [
        {"title": "A list", "description": "Stands for all of them.", **several},
        closed({"all": several}, title="All", description="Every one of them holds; an empty list always does."),
        closed({"any": several | {"minItems": 1}}, title="Any", description="At least one of them holds."),
        closed({"not": ref(member)}, title="Not", description="It does not hold."),
    ]
    return {"title": title, "description": says, "anyOf": [*groups, *(ref(kind) for kind in kinds)]}


# ── kinds ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _of_events() -> dict[str, Node]:
    return {
        "metric": _kind(
            "What someone did",
            "How often (count) or for how much (sum of the events' values) it happened; without either, at least once.",
            {"metric": "Placed Order", "count": {"at_least": 2}, "in_last": {"days": 90}},
            {"metric": ref("text"), "count": ref("comparison"), "sum": ref("comparison"), "where": ref("where")},
            timed=True,
            rules=[{"not": {"required": ["count", "sum"]}}],
        ),
        "sequence": _kind(
            "What someone did, step by step",
            "An event, and then further ones that did or did not come after it, or before it.",
            {
                "sequence": [
                    {"metric": "Added to Cart"},
                    {"metric": "Placed Order", "did": False, "within": {"days": 1}},
                ]
            },
            {"sequence": _steps()},
            timed=True,
        ),
    }


def _steps() -> Node:
    """The first step, then others; none but the last may ask for what did not happen."""
    no_end = [
        {"if": {"minItems": length}, "then": {"prefixItems": [*[True] * (length - 2), ref("did")]}}
        for length in range(3, MAX_SEQUENCE + 1)
    ]
    return {
        "type": "array",
        "minItems": 2,
        "maxItems": MAX_SEQUENCE,
        "prefixItems": [ref("first_step")],
        "items": ref("step"),
        "allOf": no_end,
    }


def _of_properties() -> dict[str, Node]:
    test = _tested("A property", "One property of the profile, compared in one way.", "profile_path")
    return {
        "property": test | {"examples": [{"property": "country", "in": ["US", "CA"]}]},
        "date": closed(
            {"property": ref("date_path"), "date": ref("date_form")},
            title="A date",
            description="A date among the profile's properties, or when the profile was made.",
            examples=[{"property": "birthday", "date": {"anniversary": {"in_next": {"days": 7}}}}],
            required=["property", "date"],
        ),
    }


def _of_membership() -> dict[str, Node]:
    return {
        "list": _kind(
            "On a list",
            "On the list of this name or id; with a window: joined it then.",
            {"list": "Newsletter", "in_last": {"days": 30}},
            {"list": ref("reference")},
            timed=True,
        ),
        "segment": _kind(
            "In another segment",
            "In the segment of this name or id; with a window: entered it then.",
            {"segment": "VIP customers"},
            {"segment": ref("reference")},
            timed=True,
        ),
        "sample": _kind(
            "In a random share",
            "So many percent of all, with at most two decimals: always the same people for the same salt.",
            {"sample": 20, "salt": "spring test"},
            {"sample": {"type": "number", "minimum": 0, "maximum": 100}, "salt": ref("salt")},
        ),
    }


def _of_email() -> dict[str, Node]:
    return {
        "consent": _kind(
            "Consent",
            "The present state of consent to email, and by what method and when it was decided.",
            {"consent": "subscribed", "method": "form", "in_last": {"days": 30}},
            {"consent": {"enum": list(CONSENT_STATES)}, "method": ref("methods")},
            timed=True,
            rules=[_undecided()],
        ),
        "suppressed": _kind(
            "Suppressed",
            "Nothing may be sent: for any reason (true), none (false), or this one; with a window: since then.",
            {"suppressed": "hard_bounce"},
            {"suppressed": {"anyOf": [{"type": "boolean"}, {"enum": list(SUPPRESSION_REASONS)}]}},
            timed=True,
        ),
        "can_receive": _kind(
            "Can receive email",
            "Has an address, and neither suppression nor missing consent stops email.",
            {"can_receive": True},
            {"can_receive": {"type": "boolean"}},
        ),
    }


def _undecided() -> Node:
    """Who never subscribed has no method and no time of consent."""
    never: Node = {"properties": {"consent": {"const": "never_subscribed"}}}
    return {"if": never, "then": {"properties": {"method": {"type": "array", "maxItems": 0}, **none_of(WINDOWS)}}}


def _of_places() -> dict[str, Node]:
    return {
        "region": _kind(
            "Lives in a region",
            "The profile's country is one of the region's.",
            {"region": "european_union"},
            {"region": {"enum": list(REGIONS)}},
        ),
        "near": _kind(
            "Near a place",
            "Within a distance of a point, by the profile's properties latitude and longitude (degrees).",
            {"near": {"latitude": 52.52, "longitude": 13.405, "km": 50}},
            {"near": ref("place")},
        ),
    }


def _of_flows() -> dict[str, Node]:
    return {
        "coupon": _kind(
            "A coupon",
            "The state of the person's code of this coupon; any: of whichever.",
            {"coupon": "BROWSE10", "state": "valid", "left_at_least": {"hours": 2}},
            {
                "coupon": ref("text"),
                "state": {"enum": list(COUPON_STATES), "default": "assigned"},
                "left_at_least": ref("span"),
            },
            timed=True,
            rules=_rules_of_coupons(),
        ),
        "in_flow": _kind(
            "In another flow",
            "Entered the flow of this name, apart from the run that asks.",
            {"in_flow": "welcome-series"},
            {"in_flow": ref("text")},
            timed=True,
        ),
        "not_in_flow": _kind(
            "Not in another flow",
            "Did not enter the flow of this name, apart from the run that asks.",
            {"not_in_flow": "welcome-series", "in_last": {"days": 7}},
            {"not_in_flow": ref("text")},
            timed=True,
        ),
    }


def _rules_of_coupons() -> list[Node]:
    """Time is left only of a valid code, and only giving and redeeming have a time."""
    valid: Node = {"required": ["state"], "properties": {"state": {"const": "valid"}}}
    timed: Node = {"properties": {"state": {"enum": ["assigned", "redeemed"]}}}
    return [
        {"if": valid, "else": {"properties": none_of(["left_at_least"])}},
        {"if": timed, "else": {"properties": none_of(WINDOWS)}},
    ]


# ── time ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _windows(in_flow: bool) -> dict[str, Node]:
    """What stands under each window's name, and that there is at most one."""
    since = ("From this instant on.", ref("instant"))
    if in_flow:
        started = {"anyOf": [ref("instant"), {"const": "flow-start"}]}
        since = ("From this instant on; flow-start: from the event that started the flow.", started)
    kinds = {
        "in_last": ("In the last so long, up to now.", ref("span")),
        "since": since,
        "before": ("Before this instant.", ref("instant")),
        "between": ("From the first instant until just before the second.", two("instant")),
        "at_least_ago": ("So long ago, or longer.", ref("span")),
        "between_ago": ("Between so long ago and so long ago.", two("span")),
    }
    either = [{"required": [name]} for name in WINDOWS]
    one: Node = {"description": "At most one window.", "oneOf": [{"not": {"anyOf": either}}, *either]}
    named = {f"window_{name}": {"description": kinds[name][0], **kinds[name][1]} for name in WINDOWS}
    return {**named, "one_window": one}


def _date_forms() -> Node:
    kinds = {
        "in_last": ("In the last so long, up to now.", ref("span")),
        "in_next": ("Ahead of now, by no more than so long.", ref("span")),
        "at_least_ago": ("So long ago, or longer.", ref("span")),
        "between_ago": ("Between so long ago and so long ago.", two("span")),
        "since": ("On this day (2026-03-01, of the brand's calendar) or at this instant, or later.", ref("instant")),
        "before": ("Before this day or instant.", ref("instant")),
        "between": ("From the first day or instant until just before the second.", two("instant")),
        "anniversary": ("Its day of the year is today, or some days ahead or back at most.", _anniversary()),
        "month": ("In this month of any year: 1 to 12, or this for the present one.", _month()),
    }
    return one_of({form: {"description": kinds[form][0], **kinds[form][1]} for form in DATE_FORMS})


def _anniversary() -> Node:
    days = closed({"days": {"type": "integer", "minimum": 1, "maximum": 366}})
    return {"anyOf": [{"const": "today"}, one_of({"in_next": days, "in_last": days})]}


def _month() -> Node:
    return {"anyOf": [{"const": "this"}, {"type": "integer", "minimum": 1, "maximum": 12}]}


def _span() -> Node:
    return {
        "title": "A span of time",
        "description": "More than nothing and at most ten years (3,660 days); a day is 24 hours. Units add up.",
        "examples": [{"days": 3}, {"hours": 1, "minutes": 30}],
        "type": "object",
        "properties": {unit: {"type": "number", "minimum": 0, "maximum": MOST[unit]} for unit in UNITS},
        "additionalProperties": False,
        "anyOf": [{"required": [unit], "properties": {unit: {"exclusiveMinimum": 0}}} for unit in UNITS],
    }


def _instant() -> Node:
    """ISO 8601 in its long and its short form. (`parse` lets pass some oddities more, which nobody should write.)"""
    month, day, week = "(0[1-9]|1[0-2])", "(0[1-9]|[12][0-9]|3[01])", "W(0[1-9]|[1-4][0-9]|5[0-3])"
    date = f"[0-9]{{4}}(-{month}-{day}|{month}{day}|-{week}(-[1-7])?|{week}[1-7]?)"
    hour, sixty, fraction = "([01][0-9]|2[0-3])", "[0-5][0-9]", "([.,][0-9]+)?"
    clock = f"{hour}(:{sixty}(:{sixty}{fraction})?|{sixty}({sixty}{fraction})?)?"
    return {
        "title": "An instant",
        "description": "ISO 8601; without an offset it is UTC, without a time of day it is midnight.",
        "examples": ["2026-03-01T00:00:00Z", "2026-03-01T18:00:00+02:00", "2026-03-01"],
        "type": "string",
        "maxLength": MAX_TEXT,
        "pattern": f"^{date}([Tt ]{clock}(Z|[+-]{clock})?)?$",
    }


# ── comparisons ─────────────────────────────────────────────────────────────────────────────────────────────────────
def _tested(title: str, says: str, path: str) -> Node:
    """A property and exactly one operator."""
    operators = {name: _operand(name) for name in OPERATORS if name != "date"}
    return closed(
        {"property": ref(path), **operators},
        title=title,
        description=says,
        minProperties=2,
        maxProperties=2,
    )


def _operand(operator: str) -> Node:
    """What a property may be compared with."""
    if operator in NUMERIC_OPERATORS:
        return ref("number")
    if operator in SET_OPERATORS:
        return {"type": "array", "minItems": 1, "items": ref("value")}
    if operator in ("contains", "not_contains"):
        return {"anyOf": [ref("text"), ref("number"), {"type": "boolean"}]}
    if operator in TEXT_OPERATORS:
        return ref("text")
    others = {
        "equals": ref("value"),
        "not_equals": ref("value"),
        "between": two("number"),
        "matches": ref("pattern"),
        "not_matches": ref("pattern"),
        "length": ref("comparison"),
        "is_set": {"type": "boolean"},
    }
    return others[operator]


def _paths() -> dict[str, Node]:
    step, line = r"[^.\[\]\u0000]+", r"(\[\])?"
    single = rf"{step}(\.{step}){{0,{MAX_STEPS - 1}}}"
    several = rf"{step}{line}(\.{step}{line}){{0,{MAX_STEPS - 1}}}"
    text: Node = {"type": "string", "maxLength": MAX_TEXT}
    return {
        "event_path": {
            "title": "A property of an event",
            "description": "Names with dots; [] looks at every line of a list; $value is the event's value.",
            "examples": ["items[].category", "$value"],
            **text,
            "pattern": f"^{several}$",
        },
        "profile_path": {
            "title": "A property of a profile",
            "description": f"Names with dots; [] looks at every item of a list. {CREATED} is compared by date.",
            "examples": ["country", "favourites[].brand"],
            **text,
            "pattern": rf"^(?!\$)(?!{CREATED}{line}(\.|$)){several}$",
        },
        "date_path": {
            "title": "A date of a profile",
            "description": f"Names with dots, without []; {CREATED} is when the profile was made.",
            "examples": ["birthday", CREATED],
            **text,
            "pattern": f"^{single}$",
        },
    }


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _parts() -> dict[str, Node]:
    follows: Node = {
        "metric": ref("text"),
        "did": {"type": "boolean", "default": True},
        "within": ref("span"),
        "order": {"enum": ["after", "before"], "default": "after"},
        "where": ref("where"),
    }
    return {
        "first_step": closed(
            {"metric": ref("text"), "where": ref("where")},
            title="The first step",
            description="An event; the window of the sequence is about this one.",
        ),
        "step": closed(
            follows,
            title="A further step",
            description="An event that did or did not come after (or before) the step above, within a span of it.",
        ),
        "did": {
            "description": "What did not happen stands last: nothing can follow it.",
            "properties": {"did": {"const": True}},
        },
        "where": {"description": "A filter on each event.", "anyOf": [ref("filter"), {"type": "null"}]},
        "date_form": _date_forms() | {"description": "What the date must be; whatever is no date is none of it."},
        "place": _place(),
        **_paths(),
    }


def _place() -> Node:
    distance: Node = {"type": "number", "minimum": 0, "maximum": FARTHEST}
    return closed(
        {
            "latitude": {"type": "number", "minimum": -90, "maximum": 90},
            "longitude": {"type": "number", "minimum": -180, "maximum": 180},
            "km": distance,
            "miles": distance,
        },
        description="A point, and a distance in km or in miles.",
        required=["latitude", "longitude"],
        oneOf=[{"required": ["km"]}, {"required": ["miles"]}],
    )


def _simple() -> dict[str, Node]:
    """Parts that are single values, and comparisons of numbers."""
    text: Node = {"type": "string", "maxLength": MAX_TEXT, "pattern": r"^[^\u0000]*$"}
    number: Node = {"type": "number", "minimum": -MAX_NUMBER, "maximum": MAX_NUMBER}
    an_id: Node = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
    return {
        "span": _span(),
        "instant": _instant(),
        "text": {"description": "Text that is not empty.", **text, "minLength": 1},
        "number": {"description": "A number of at most 15 digits before the point.", **number},
        "value": {"description": "Text, a number, true or false.", "anyOf": [text, number, {"type": "boolean"}]},
        "comparison": one_of({name: ref("number") for name in COMPARISONS}) | {"title": "A comparison of a number"},
        "reference": {"description": "A name, or an id.", "anyOf": [ref("text"), an_id]},
        "salt": {"description": "Another salt chooses other people.", **text, "type": ["string", "null"]},
        "methods": {
            "description": "A method, or several of which any will do.",
            "anyOf": [ref("text"), {"type": "array", "items": ref("text")}],
        },
        "pattern": {
            "description": "A pattern to search for: . [a-z] [^0-9] \\d \\w \\s ^ $ (a|b) * + ? {2,5}. Case counts.",
            **text,
            "minLength": 1,
            "maxLength": MAX_PATTERN,
        },
    }


# ── how it is written ───────────────────────────────────────────────────────────────────────────────────────────────
def _kind(
    title: str, says: str, example: Node, properties: Node, *, timed: bool = False, rules: Iterable[Node] = ()
) -> Node:
    """A kind of condition, known by the first of its keys; `timed`: it may have a window."""
    windows = {name: ref(f"window_{name}") for name in WINDOWS} if timed else {}
    rules = [*rules, *([ref("one_window")] if timed else [])]
    made = closed({**properties, **windows}, title=title, description=says, examples=[example])
    return made | {"allOf": rules} if rules else made
