"""From JSON to conditions: reads a definition, checks every key and value, and names the path of what is wrong.

Knows the words of the language and nothing of profiles, databases or time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from headwater.segments.conditions import (
    Ago,
    AllOf,
    Anniversary,
    AnyOf,
    Before,
    Between,
    CanReceive,
    Condition,
    Consent,
    Coupon,
    DateTest,
    DefinitionError,
    Did,
    Filter,
    Fixed,
    Follow,
    InFlow,
    InLast,
    InMonth,
    InSegment,
    Near,
    Negation,
    OnList,
    Operand,
    Path,
    ProfileTest,
    Region,
    Rolling,
    Sample,
    Scalar,
    Since,
    SinceFlowStart,
    Step,
    Suppressed,
    Test,
    Window,
)
from headwater.segments.conditions import Sequence as EventSequence
from headwater.segments.patterns import PatternError, compile_pattern
from headwater.segments.regions import REGIONS

MAX_CONDITIONS = 100
MAX_DEPTH = 20
COMPARISONS = ("equals", "not_equals", "greater_than", "at_least", "less_than", "at_most")
MAX_SEQUENCE = 5
TEXT_OPERATORS = ("contains", "not_contains", "starts_with", "not_starts_with", "ends_with", "not_ends_with")
SET_OPERATORS = (
    "in", "not_in", "contains_any", "not_contains_any", "contains_all", "not_contains_all",
)  # fmt: skip
NUMERIC_OPERATORS = ("greater_than", "at_least", "less_than", "at_most")
OPERATORS = (
    *COMPARISONS, *TEXT_OPERATORS, *SET_OPERATORS, "between", "matches", "not_matches", "length", "is_set", "date",
)  # fmt: skip
NEGATIVE = {
    "not_equals": "equals",
    "not_contains": "contains",
    "not_starts_with": "starts_with",
    "not_ends_with": "ends_with",
    "not_in": "in",
    "not_contains_any": "contains_any",
    "not_contains_all": "contains_all",
    "not_matches": "matches",
    "not_set": "is_set",
}
CONSENT_STATES = ("subscribed", "unsubscribed", "never_subscribed")
COUPON_STATES = ("assigned", "valid", "redeemed", "expired")
SUPPRESSION_REASONS = ("hard_bounce", "invalid_email", "spam_complaint", "unsubscribe", "user_suppressed")
WINDOWS = ("in_last", "since", "before", "between", "at_least_ago", "between_ago")
DATE_FORMS = (
    "in_last", "in_next", "at_least_ago", "between_ago", "since", "before", "between", "anniversary", "month",
)  # fmt: skip
_LONGEST = timedelta(days=3660)
_UNITS = ("minutes", "hours", "days", "weeks")


def parse(tree: Any, *, in_flow: bool = False, path: str = "", salt: str = "") -> Condition:
    """A definition as a tree of conditions. Raises DefinitionError with the path of the wrong node.

    `in_flow` admits what only flows know (flow-start, coupons, other flows); `salt` is the sample's when it names none.
    A list stands for {"all": [...]}.
    """
    return _Reader(in_flow, salt).condition(tree, path, 0)


def parse_where(tree: Any, path: str = "where") -> Filter:
    """A filter on one event's properties: a test, a group of tests, or a list of tests that must all hold."""
    return _Reader(False, "").where(tree, path, 0)


def parse_span(value: Any, path: str) -> timedelta:
    """{"days": 3} or {"hours": 1, "minutes": 30} as a positive span."""
    parts = _mapping(value, path)
    _only(parts, _UNITS, path)
    if not parts:
        raise DefinitionError(path, "a span needs days, hours, minutes or weeks")
    for unit, amount in parts.items():
        if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount <= 1_000_000:
            raise DefinitionError(f"{path}.{unit}", "must be a number from 0 to 1000000")
    span = timedelta(**{unit: parts[unit] for unit in parts})
    if not timedelta(0) < span <= _LONGEST:
        raise DefinitionError(path, "a span is more than nothing and at most ten years")
    return span


class _Reader:
    def __init__(self, in_flow: bool, salt: str) -> None:
        self.in_flow = in_flow
        self.salt = salt
        self.count = 0

    # ── groups ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def condition(self, tree: Any, path: str, depth: int) -> Condition:
        group = self._group(tree, path, depth, self.condition)
        if group is not None:
            return group
        node = _mapping(tree, path)
        for key, read in self._kinds.items():
            if key in node:
                self._counted(path)
                return read(self, node, path)
        raise DefinitionError(path, f"unknown condition; it needs one of {', '.join((*_GROUPS, *self._kinds))}")

    def where(self, tree: Any, path: str, depth: int) -> Filter:
        group = self._group(tree, path, depth, self.where)
        if group is not None:
            return group
        node = _mapping(tree, path)
        if "property" not in node:
            raise DefinitionError(path, "a filter on an event needs property, or all, any, not")
        self._counted(path)
        return _test(node, path)

    def _group(
        self, tree: Any, path: str, depth: int, read: Callable[[Any, str, int], Any]
    ) -> AllOf | AnyOf | Negation | None:
        if depth > MAX_DEPTH:
            raise DefinitionError(path, f"groups nest at most {MAX_DEPTH} deep")
        if isinstance(tree, list):
            return AllOf(tuple(read(child, f"{path}[{index}]", depth + 1) for index, child in enumerate(tree)))
        if not isinstance(tree, Mapping):
            return None
        for key in _GROUPS:
            if key not in tree:
                continue
            _only(tree, (key,), path)
            inner = _join(path, key)
            if key == "not":
                return Negation(read(tree[key], inner, depth + 1))
            children = tree[key]
            if not isinstance(children, list):
                raise DefinitionError(inner, "must be a list of conditions")
            if key == "any" and not children:
                raise DefinitionError(inner, "needs at least one condition")
            made = tuple(read(child, f"{inner}[{index}]", depth + 1) for index, child in enumerate(children))
            return AllOf(made) if key == "all" else AnyOf(made)
        return None

    def _counted(self, path: str) -> None:
        self.count += 1
        if self.count > MAX_CONDITIONS:
            raise DefinitionError(path, f"a definition holds at most {MAX_CONDITIONS} conditions")

    # ── kinds ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def _did(self, node: Mapping[str, Any], path: str) -> Did:
        _only(node, ("metric", "count", "sum", "where", *WINDOWS), path)
        metric = _text(node["metric"], _join(path, "metric"))
        if "count" in node and "sum" in node:
            raise DefinitionError(path, "measures either count or sum")
        measure = "sum" if "sum" in node else "count"
        comparison = node.get(measure, {"at_least": 1})
        operator, operand = _comparison(comparison, _join(path, measure))
        return Did(metric, measure, operator, operand, self._window(node, path), self._filter(node, path))

    def _sequence(self, node: Mapping[str, Any], path: str) -> EventSequence:
        _only(node, ("sequence", *WINDOWS), path)
        parts, inner = node["sequence"], _join(path, "sequence")
        if not isinstance(parts, list) or not 2 <= len(parts) <= MAX_SEQUENCE:
            raise DefinitionError(inner, f"is a list of 2 to {MAX_SEQUENCE} steps")
        first = _mapping(parts[0], f"{inner}[0]")
        _only(first, ("metric", "where"), f"{inner}[0]")
        steps = []
        for index, raw in enumerate(parts[1:], start=1):
            here = f"{inner}[{index}]"
            self._counted(here)
            steps.append(self._follow(_mapping(raw, here), here))
            if index > 1 and not steps[-2].did:
                raise DefinitionError(here, "nothing can follow what did not happen: did: false stands last")
        metric = _text(first.get("metric"), f"{inner}[0].metric")
        return EventSequence(metric, tuple(steps), self._window(node, path), self._filter(first, f"{inner}[0]"))

    def _follow(self, node: Mapping[str, Any], path: str) -> Follow:
        _only(node, ("metric", "did", "within", "order", "where"), path)
        return Follow(
            _text(node.get("metric"), _join(path, "metric")),
            _boolean(node.get("did", True), _join(path, "did")),
            parse_span(node["within"], _join(path, "within")) if "within" in node else None,
            _choice(node.get("order", "after"), ("after", "before"), _join(path, "order")) == "before",
            self._filter(node, path),
        )

    def _profile(self, node: Mapping[str, Any], path: str) -> ProfileTest | DateTest:
        if "date" in node:
            return self._date(node, path)
        test = _test(node, path)
        if test.path[0].key.startswith("$"):
            raise DefinitionError(_join(path, "property"), "names that start with $ belong to events")
        if test.path[0].key == CREATED:
            raise DefinitionError(path, f"{CREATED} is a date: compare it by date")
        return ProfileTest(test)

    def _date(self, node: Mapping[str, Any], path: str) -> DateTest:
        _only(node, ("property", "date"), path)
        steps = _steps(node["property"], _join(path, "property"))
        if any(step.every for step in steps):
            raise DefinitionError(_join(path, "property"), "a date is a single value: no []")
        if steps[0].key.startswith("$"):
            raise DefinitionError(_join(path, "property"), "names that start with $ belong to events")
        inner = _join(path, "date")
        asked = _mapping(node["date"], inner)
        if len(asked) != 1 or next(iter(asked)) not in DATE_FORMS:
            raise DefinitionError(inner, f"is exactly one of {', '.join(DATE_FORMS)}")
        form, value = next(iter(asked.items()))
        return DateTest(steps, _dated(form, value, _join(inner, form)))

    def _list(self, node: Mapping[str, Any], path: str) -> OnList:
        _only(node, ("list", *WINDOWS), path)
        return OnList(_reference(node["list"], "a list's name or id", _join(path, "list")), self._window(node, path))

    def _segment(self, node: Mapping[str, Any], path: str) -> InSegment:
        _only(node, ("segment", *WINDOWS), path)
        named = _reference(node["segment"], "a segment's name or id", _join(path, "segment"))
        return InSegment(named, self._window(node, path))

    def _consent(self, node: Mapping[str, Any], path: str) -> Consent:
        _only(node, ("consent", "method", *WINDOWS), path)
        state = _choice(node["consent"], CONSENT_STATES, _join(path, "consent"))
        methods = node.get("method", [])
        inner = _join(path, "method")
        if isinstance(methods, str):
            methods = [methods]
        if not isinstance(methods, list):
            raise DefinitionError(inner, "must be a method, or a list of them")
        named = tuple(_text(method, f"{inner}[{index}]") for index, method in enumerate(methods))
        window = self._window(node, path)
        if state == "never_subscribed" and (named or window):
            raise DefinitionError(path, "who never subscribed has no method and no time of consent")
        return Consent(state, named, window)

    def _suppressed(self, node: Mapping[str, Any], path: str) -> Condition:
        _only(node, ("suppressed", *WINDOWS), path)
        asked, inner = node["suppressed"], _join(path, "suppressed")
        window = self._window(node, path)
        if isinstance(asked, bool):
            return Suppressed(None, window) if asked else Negation(Suppressed(None, window))
        return Suppressed(_choice(asked, SUPPRESSION_REASONS, inner), window)

    def _can_receive(self, node: Mapping[str, Any], path: str) -> Condition:
        _only(node, ("can_receive",), path)
        return CanReceive() if _boolean(node["can_receive"], _join(path, "can_receive")) else Negation(CanReceive())

    def _region(self, node: Mapping[str, Any], path: str) -> Region:
        _only(node, ("region",), path)
        name = _choice(node["region"], tuple(REGIONS), _join(path, "region"))
        return Region(name, REGIONS[name])

    def _near(self, node: Mapping[str, Any], path: str) -> Near:
        _only(node, ("near",), path)
        inner = _join(path, "near")
        point = _mapping(node["near"], inner)
        _only(point, ("latitude", "longitude", "km", "miles"), inner)
        if ("km" in point) is ("miles" in point):
            raise DefinitionError(inner, "needs a distance in km or in miles")
        unit = "km" if "km" in point else "miles"
        distance = _within(point, unit, 0, 20_100, inner) * (1.0 if unit == "km" else 1.609344)
        return Near(_within(point, "latitude", -90, 90, inner), _within(point, "longitude", -180, 180, inner), distance)

    def _coupon(self, node: Mapping[str, Any], path: str) -> Coupon:
        _only(node, ("coupon", "state", "left_at_least", *WINDOWS), path)
        self._flows_only(path, "a coupon's state")
        name = _text(node["coupon"], _join(path, "coupon"))
        state = _choice(node.get("state", "assigned"), COUPON_STATES, _join(path, "state"))
        left = None
        if "left_at_least" in node:
            if state != "valid":
                raise DefinitionError(_join(path, "left_at_least"), "only with state valid")
            left = parse_span(node["left_at_least"], _join(path, "left_at_least"))
        window = self._window(node, path)
        if window is not None and state not in ("assigned", "redeemed"):
            raise DefinitionError(path, "a window goes with state assigned or redeemed")
        return Coupon(None if name == "any" else name, state, window, left)

    def _in_flow(self, node: Mapping[str, Any], path: str) -> Condition:
        key = "in_flow" if "in_flow" in node else "not_in_flow"
        _only(node, (key, *WINDOWS), path)
        self._flows_only(path, "being in another flow")
        entered = InFlow(_text(node[key], _join(path, key)), self._window(node, path))
        return entered if key == "in_flow" else Negation(entered)

    def _sample(self, node: Mapping[str, Any], path: str) -> Sample:
        _only(node, ("sample", "salt"), path)
        percent = _number(node["sample"], _join(path, "sample"))
        if not 0 <= percent <= 100 or percent * 100 % 1:
            raise DefinitionError(_join(path, "sample"), "a share is from 0 to 100 percent, with at most two decimals")
        salt = node.get("salt")
        return Sample(percent, _text(self.salt or "sample" if salt is None else salt, _join(path, "salt")))

    _kinds: dict[str, Callable[[_Reader, Mapping[str, Any], str], Condition]] = {
        "metric": _did,
        "sequence": _sequence,
        "property": _profile,
        "list": _list,
        "segment": _segment,
        "consent": _consent,
        "suppressed": _suppressed,
        "can_receive": _can_receive,
        "region": _region,
        "near": _near,
        "coupon": _coupon,
        "in_flow": _in_flow,
        "not_in_flow": _in_flow,
        "sample": _sample,
    }

    # ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def _filter(self, node: Mapping[str, Any], path: str) -> Filter | None:
        return self.where(node["where"], _join(path, "where"), 0) if node.get("where") is not None else None

    def _window(self, node: Mapping[str, Any], path: str) -> Window:
        named = [name for name in WINDOWS if name in node]
        if not named:
            return None
        if len(named) > 1:
            raise DefinitionError(path, f"has either {named[0]} or {named[1]}")
        value, where = node[named[0]], _join(path, named[0])
        match named[0]:
            case "in_last":
                return InLast(parse_span(value, where))
            case "at_least_ago":
                return Ago(parse_span(value, where))
            case "between_ago":
                near, far = _pair(value, where)
                spans = sorted((parse_span(near, f"{where}[0]"), parse_span(far, f"{where}[1]")))
                return Ago(*spans)
            case "before":
                return Before(_instant(value, where))
            case "between":
                start, end = _pair(value, where)
                return Between(_instant(start, f"{where}[0]"), _instant(end, f"{where}[1]"))
        if value == "flow-start":
            self._flows_only(where, "flow-start")
            return SinceFlowStart()
        return Since(_instant(value, where, "flow-start or "))

    def _flows_only(self, path: str, what: str) -> None:
        if not self.in_flow:
            raise DefinitionError(path, f"{what} is known only inside a flow")


_GROUPS = ("all", "any", "not")
CREATED = "created_at"
"""The one date that every profile has: when it was made."""


def _test(node: Mapping[str, Any], path: str) -> Test:
    operators = [key for key in node if key != "property"]
    if len(operators) != 1 or operators[0] not in OPERATORS:
        raise DefinitionError(path, f"a property is compared by exactly one of {', '.join(OPERATORS)}")
    operator = operators[0]
    if operator == "date":
        raise DefinitionError(_join(path, "date"), "dates are compared only among the profile's properties")
    steps = _steps(node["property"], _join(path, "property"))
    return _tested(steps, operator, node[operator], _join(path, operator))


def _tested(steps: Path, operator: str, value: Any, path: str) -> Test:
    operand: Operand
    if operator == "is_set":
        return Test(steps, "is_set" if _boolean(value, path) else "not_set", None)
    if operator == "length":
        measured, length = _comparison(value, path)
        return Test(steps, f"length_{measured}", length)
    if operator in NUMERIC_OPERATORS:
        operand = _number(value, path)
    elif operator == "between":
        low, high = _pair(value, path)
        operand = (_number(low, f"{path}[0]"), _number(high, f"{path}[1]"))
    elif operator in ("matches", "not_matches"):
        operand = _text(value, path)
        try:
            compile_pattern(operand)
        except PatternError as error:
            raise DefinitionError(path, str(error)) from None
    elif operator in SET_OPERATORS:
        if not isinstance(value, list) or not value:
            raise DefinitionError(path, "must be a list of values")
        operand = tuple(_scalar(item, f"{path}[{index}]") for index, item in enumerate(value))
    elif operator in ("contains", "not_contains") and not isinstance(value, str):
        operand = _scalar(value, path)
    elif operator in TEXT_OPERATORS:
        operand = _text(value, path)
    else:
        operand = _scalar(value, path)
    return Test(steps, operator, operand)


def _steps(value: Any, path: str) -> Path:
    parts = _text(value, path).split(".")
    steps = tuple(Step(part.removesuffix("[]"), part.endswith("[]")) for part in parts)
    if len(steps) > 8 or any(not step.key or "[" in step.key or "]" in step.key for step in steps):
        raise DefinitionError(path, "a path is names with dots, lists marked by []: items[].category")
    return steps


def _comparison(value: Any, path: str) -> tuple[str, Decimal]:
    node = _mapping(value, path)
    if len(node) != 1 or next(iter(node)) not in COMPARISONS:
        raise DefinitionError(path, f"is compared by exactly one of {', '.join(COMPARISONS)}")
    operator, operand = next(iter(node.items()))
    return operator, _number(operand, f"{path}.{operator}")


def _dated(form: str, value: Any, path: str) -> Rolling | Fixed | Anniversary | InMonth:
    match form:
        case "in_last":
            return Rolling(-parse_span(value, path), timedelta(0))
        case "in_next":
            return Rolling(timedelta(0), parse_span(value, path))
        case "at_least_ago":
            return Rolling(None, -parse_span(value, path))
        case "between_ago":
            near, far = _pair(value, path)
            spans = sorted((parse_span(near, f"{path}[0]"), parse_span(far, f"{path}[1]")))
            return Rolling(-spans[1], -spans[0])
        case "since":
            return Fixed(start=_day_or_instant(value, path))
        case "before":
            return Fixed(end=_day_or_instant(value, path))
        case "between":
            start, end = _pair(value, path)
            return Fixed(_day_or_instant(start, f"{path}[0]"), _day_or_instant(end, f"{path}[1]"))
        case "month":
            if value == "this":
                return InMonth(0)
            return InMonth(_whole(value, 1, 12, path))
    if value == "today":
        return Anniversary(0, 0)
    node = _mapping(value, path)
    if len(node) != 1 or next(iter(node)) not in ("in_next", "in_last"):
        raise DefinitionError(path, 'is "today", {"in_next": {"days": 7}} or {"in_last": {"days": 7}}')
    direction, span = next(iter(node.items()))
    inner = f"{path}.{direction}"
    _only(_mapping(span, inner), ("days",), inner)
    days = _whole(span.get("days"), 1, 366, f"{inner}.days")
    return Anniversary(0, days) if direction == "in_next" else Anniversary(-days, 0)


def _instant(value: Any, path: str, besides: str = "") -> datetime:
    if isinstance(value, datetime):
        at = value
    elif isinstance(value, date):  # YAML reads a bare day as one
        at = datetime(value.year, value.month, value.day, tzinfo=UTC)
    else:
        try:
            at = datetime.fromisoformat(_text(value, path))
        except ValueError:
            raise DefinitionError(path, f"must be {besides}an instant such as 2026-03-01T00:00:00Z") from None
    _year(at, path)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _year(at: datetime | date, path: str) -> None:
    if not 1000 <= at.year < 3000:
        raise DefinitionError(path, "must be in a year from 1000 to 2999")


def _day_or_instant(value: Any, path: str) -> datetime | date:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise DefinitionError(path, "is no day of the calendar") from None
        _year(day, path)
        return day
    if isinstance(value, date) and not isinstance(value, datetime):
        _year(value, path)
        return value
    return _instant(value, path, "a day such as 2026-03-01, or ")


def _pair(value: Any, path: str) -> tuple[Any, Any]:
    if not isinstance(value, list) or len(value) != 2:
        raise DefinitionError(path, "is a list of two: from and to")
    return value[0], value[1]


def _whole(value: Any, low: int, high: int, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise DefinitionError(path, f"must be a whole number from {low} to {high}")
    return value


def _within(node: Mapping[str, Any], key: str, low: float, high: float, path: str) -> float:
    value = node.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise DefinitionError(f"{path}.{key}", f"must be a number from {low:g} to {high:g}")
    return float(value)


def _reference(value: Any, what: str, path: str) -> int | str:
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise DefinitionError(path, f"must be {what}")
    if isinstance(value, int):
        if not 0 < value < 2**63:
            raise DefinitionError(path, f"must be {what}")
        return value
    return _text(value, path)


def _mapping(value: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise DefinitionError(path, "must be an object")
    return value


def _only(node: Mapping[str, Any], allowed: Sequence[str], path: str) -> None:
    for key in node:
        if key not in allowed:
            raise DefinitionError(_join(path, str(key)), f"is not known here; known: {', '.join(allowed)}")


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str) or not value or "\x00" in value or len(value) > 1000:
        raise DefinitionError(path, "must be text")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise DefinitionError(path, "holds half of a character")
    return value


def _boolean(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise DefinitionError(path, "must be true or false")
    return value


def _choice(value: Any, choices: Sequence[str], path: str) -> str:
    if value not in choices:
        raise DefinitionError(path, f"must be one of {', '.join(choices)}")
    return str(value)


def _number(value: Any, path: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise DefinitionError(path, "must be a number")
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite() or abs(number) > Decimal(10) ** 15:
        raise DefinitionError(path, "must be a number of at most 15 digits")
    return number


def _scalar(value: Any, path: str) -> Scalar:
    if isinstance(value, str):
        return _text(value, path) if value else ""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        _number(value, path)
        return value
    raise DefinitionError(path, "must be text, a number, true or false; for nothing use is_set: false")


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
