"""From JSON to conditions: reads a definition, checks every key and value, and names the path of what is wrong.

Knows the words of the language and nothing of profiles, databases or time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from headwater.segments import checks
from headwater.segments.conditions import (
    Ago,
    AllOf,
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
    Follow,
    InFlow,
    InLast,
    InSegment,
    Near,
    Negation,
    OfEvent,
    OnList,
    Operand,
    Path,
    ProfileTest,
    Region,
    Sample,
    Since,
    SinceFlowStart,
    Step,
    Suppressed,
    Test,
    Window,
)
from headwater.segments.conditions import Sequence as EventSequence
from headwater.segments.parsing_times import dated, instant, parse_span
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


def parse(tree: Any, *, in_flow: bool = False, path: str = "", salt: str = "") -> Condition:
    """A definition as a tree of conditions. Raises DefinitionError with the path of the wrong node.

    `in_flow` admits what only flows know (flow-start, coupons, other flows); `salt` is the sample's when it names none.
    A list stands for {"all": [...]}.
    """
    return _Reader(in_flow, salt).condition(tree, path, 0)


def parse_where(tree: Any, path: str = "where", *, in_flow: bool = False) -> Filter:
    """A filter on one event's properties: a test, a group of tests, or a list of tests that must all hold.

    `in_flow` admits comparisons with the event that started the flow: {property: order_id, equals: {event: order_id}}.
    """
    return _Reader(in_flow, "").where(tree, path, 0)


def parse_path(value: Any, path: str) -> Path:
    """The path of a property: items[].category."""
    return _steps(value, path)


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
        node = checks.mapping(tree, path)
        for key, read in self._kinds.items():
            if key in node:
                self._counted(path)
                return read(self, node, path)
        raise DefinitionError(path, f"unknown condition; it needs one of {', '.join((*_GROUPS, *self._kinds))}")

    def where(self, tree: Any, path: str, depth: int) -> Filter:
        group = self._group(tree, path, depth, self.where)
        if group is not None:
            return group
        node = checks.mapping(tree, path)
        if "property" not in node:
            raise DefinitionError(path, "a filter on an event needs property, or all, any, not")
        self._counted(path)
        return self._of_event(node, path) or _test(node, path)

    def _of_event(self, node: Mapping[str, Any], path: str) -> Test | None:
        """A comparison with the event that started the flow."""
        for operator in ("equals", "not_equals"):
            value, inner = node.get(operator), checks.join(path, operator)
            if isinstance(value, Mapping):
                self._flows_only(inner, "the event that starts a flow")
                checks.only(node, ("property", operator), path)
                checks.only(value, ("event",), inner)
                wanted = _steps(value.get("event"), checks.join(inner, "event"))
                return Test(_steps(node["property"], checks.join(path, "property")), operator, OfEvent(wanted))
        return None

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
            checks.only(tree, (key,), path)
            inner = checks.join(path, key)
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
        checks.only(node, ("metric", "count", "sum", "where", *WINDOWS), path)
        metric = checks.text(node["metric"], checks.join(path, "metric"))
        if "count" in node and "sum" in node:
            raise DefinitionError(path, "measures either count or sum")
        measure = "sum" if "sum" in node else "count"
        comparison = node.get(measure, {"at_least": 1})
        operator, operand = _comparison(comparison, checks.join(path, measure))
        return Did(metric, measure, operator, operand, self._window(node, path), self._filter(node, path))

    def _sequence(self, node: Mapping[str, Any], path: str) -> EventSequence:
        checks.only(node, ("sequence", *WINDOWS), path)
        parts, inner = node["sequence"], checks.join(path, "sequence")
        if not isinstance(parts, list) or not 2 <= len(parts) <= MAX_SEQUENCE:
            raise DefinitionError(inner, f"is a list of 2 to {MAX_SEQUENCE} steps")
        first = checks.mapping(parts[0], f"{inner}[0]")
        checks.only(first, ("metric", "where"), f"{inner}[0]")
        steps = []
        for index, raw in enumerate(parts[1:], start=1):
            here = f"{inner}[{index}]"
            self._counted(here)
            steps.append(self._follow(checks.mapping(raw, here), here))
            if index > 1 and not steps[-2].did:
                raise DefinitionError(here, "nothing can follow what did not happen: did: false stands last")
        metric = checks.text(first.get("metric"), f"{inner}[0].metric")
        return EventSequence(metric, tuple(steps), self._window(node, path), self._filter(first, f"{inner}[0]"))

    def _follow(self, node: Mapping[str, Any], path: str) -> Follow:
        checks.only(node, ("metric", "did", "within", "order", "where"), path)
        return Follow(
            checks.text(node.get("metric"), checks.join(path, "metric")),
            checks.boolean(node.get("did", True), checks.join(path, "did")),
            parse_span(node["within"], checks.join(path, "within")) if "within" in node else None,
            checks.choice(node.get("order", "after"), ("after", "before"), checks.join(path, "order")) == "before",
            self._filter(node, path),
        )

    def _profile(self, node: Mapping[str, Any], path: str) -> ProfileTest | DateTest:
        if "date" in node:
            return self._date(node, path)
        test = _test(node, path)
        if test.path[0].key.startswith("$"):
            raise DefinitionError(checks.join(path, "property"), "names that start with $ belong to events")
        if test.path[0].key == CREATED:
            raise DefinitionError(path, f"{CREATED} is a date: compare it by date")
        return ProfileTest(test)

    def _date(self, node: Mapping[str, Any], path: str) -> DateTest:
        checks.only(node, ("property", "date"), path)
        steps = _steps(node["property"], checks.join(path, "property"))
        if any(step.every for step in steps):
            raise DefinitionError(checks.join(path, "property"), "a date is a single value: no []")
        if steps[0].key.startswith("$"):
            raise DefinitionError(checks.join(path, "property"), "names that start with $ belong to events")
        inner = checks.join(path, "date")
        asked = checks.mapping(node["date"], inner)
        if len(asked) != 1 or next(iter(asked)) not in DATE_FORMS:
            raise DefinitionError(inner, f"is exactly one of {', '.join(DATE_FORMS)}")
        form, value = next(iter(asked.items()))
        return DateTest(steps, dated(form, value, checks.join(inner, form)))

    def _list(self, node: Mapping[str, Any], path: str) -> OnList:
        checks.only(node, ("list", *WINDOWS), path)
        return OnList(
            checks.reference(node["list"], "a list's name or id", checks.join(path, "list")), self._window(node, path)
        )

    def _segment(self, node: Mapping[str, Any], path: str) -> InSegment:
        checks.only(node, ("segment", *WINDOWS), path)
        named = checks.reference(node["segment"], "a segment's name or id", checks.join(path, "segment"))
        return InSegment(named, self._window(node, path))

    def _consent(self, node: Mapping[str, Any], path: str) -> Consent:
        checks.only(node, ("consent", "method", *WINDOWS), path)
        state = checks.choice(node["consent"], CONSENT_STATES, checks.join(path, "consent"))
        methods = node.get("method", [])
        inner = checks.join(path, "method")
        if isinstance(methods, str):
            methods = [methods]
        if not isinstance(methods, list):
            raise DefinitionError(inner, "must be a method, or a list of them")
        named = tuple(checks.text(method, f"{inner}[{index}]") for index, method in enumerate(methods))
        window = self._window(node, path)
        if state == "never_subscribed" and (named or window):
            raise DefinitionError(path, "who never subscribed has no method and no time of consent")
        return Consent(state, named, window)

    def _suppressed(self, node: Mapping[str, Any], path: str) -> Condition:
        checks.only(node, ("suppressed", *WINDOWS), path)
        asked, inner = node["suppressed"], checks.join(path, "suppressed")
        window = self._window(node, path)
        if isinstance(asked, bool):
            return Suppressed(None, window) if asked else Negation(Suppressed(None, window))
        return Suppressed(checks.choice(asked, SUPPRESSION_REASONS, inner), window)

    def _can_receive(self, node: Mapping[str, Any], path: str) -> Condition:
        checks.only(node, ("can_receive",), path)
        return (
            CanReceive()
            if checks.boolean(node["can_receive"], checks.join(path, "can_receive"))
            else Negation(CanReceive())
        )

    def _region(self, node: Mapping[str, Any], path: str) -> Region:
        checks.only(node, ("region",), path)
        name = checks.choice(node["region"], tuple(REGIONS), checks.join(path, "region"))
        return Region(name, REGIONS[name])

    def _near(self, node: Mapping[str, Any], path: str) -> Near:
        checks.only(node, ("near",), path)
        inner = checks.join(path, "near")
        point = checks.mapping(node["near"], inner)
        checks.only(point, ("latitude", "longitude", "km", "miles"), inner)
        if ("km" in point) is ("miles" in point):
            raise DefinitionError(inner, "needs a distance in km or in miles")
        unit = "km" if "km" in point else "miles"
        distance = checks.within(point, unit, 0, 20_100, inner) * (1.0 if unit == "km" else 1.609344)
        return Near(
            checks.within(point, "latitude", -90, 90, inner),
            checks.within(point, "longitude", -180, 180, inner),
            distance,
        )

    def _coupon(self, node: Mapping[str, Any], path: str) -> Coupon:
        checks.only(node, ("coupon", "state", "left_at_least", *WINDOWS), path)
        self._flows_only(path, "a coupon's state")
        name = checks.text(node["coupon"], checks.join(path, "coupon"))
        state = checks.choice(node.get("state", "assigned"), COUPON_STATES, checks.join(path, "state"))
        left = None
        if "left_at_least" in node:
            if state != "valid":
                raise DefinitionError(checks.join(path, "left_at_least"), "only with state valid")
            left = parse_span(node["left_at_least"], checks.join(path, "left_at_least"))
        window = self._window(node, path)
        if window is not None and state not in ("assigned", "redeemed"):
            raise DefinitionError(path, "a window goes with state assigned or redeemed")
        return Coupon(None if name == "any" else name, state, window, left)

    def _in_flow(self, node: Mapping[str, Any], path: str) -> Condition:
        key = "in_flow" if "in_flow" in node else "not_in_flow"
        checks.only(node, (key, *WINDOWS), path)
        self._flows_only(path, "being in another flow")
        entered = InFlow(checks.text(node[key], checks.join(path, key)), self._window(node, path))
        return entered if key == "in_flow" else Negation(entered)

    def _sample(self, node: Mapping[str, Any], path: str) -> Sample:
        checks.only(node, ("sample", "salt"), path)
        percent = checks.number(node["sample"], checks.join(path, "sample"))
        if not 0 <= percent <= 100 or percent * 100 % 1:
            raise DefinitionError(
                checks.join(path, "sample"), "a share is from 0 to 100 percent, with at most two decimals"
            )
        salt = node.get("salt") or None
        return Sample(percent, checks.text(self.salt or "sample" if salt is None else salt, checks.join(path, "salt")))

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
        return self.where(node["where"], checks.join(path, "where"), 0) if node.get("where") is not None else None

    def _window(self, node: Mapping[str, Any], path: str) -> Window:
        named = [name for name in WINDOWS if name in node]
        if not named:
            return None
        if len(named) > 1:
            raise DefinitionError(path, f"has either {named[0]} or {named[1]}")
        value, where = node[named[0]], checks.join(path, named[0])
        match named[0]:
            case "in_last":
                return InLast(parse_span(value, where))
            case "at_least_ago":
                return Ago(parse_span(value, where))
            case "between_ago":
                near, far = checks.pair(value, where)
                spans = sorted((parse_span(near, f"{where}[0]"), parse_span(far, f"{where}[1]")))
                return Ago(*spans)
            case "before":
                return Before(instant(value, where))
            case "between":
                start, end = checks.pair(value, where)
                return Between(instant(start, f"{where}[0]"), instant(end, f"{where}[1]"))
        if value == "flow-start":
            self._flows_only(where, "flow-start")
            return SinceFlowStart()
        return Since(instant(value, where, "flow-start or "))

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
        raise DefinitionError(checks.join(path, "date"), "dates are compared only among the profile's properties")
    steps = _steps(node["property"], checks.join(path, "property"))
    return _tested(steps, operator, node[operator], checks.join(path, operator))


def _tested(steps: Path, operator: str, value: Any, path: str) -> Test:
    operand: Operand
    if operator == "is_set":
        return Test(steps, "is_set" if checks.boolean(value, path) else "not_set", None)
    if operator == "length":
        measured, length = _comparison(value, path)
        return Test(steps, f"length_{measured}", length)
    if operator in NUMERIC_OPERATORS:
        operand = checks.number(value, path)
    elif operator == "between":
        low, high = checks.pair(value, path)
        operand = (checks.number(low, f"{path}[0]"), checks.number(high, f"{path}[1]"))
    elif operator in ("matches", "not_matches"):
        operand = checks.text(value, path)
        try:
            compile_pattern(operand)
        except PatternError as error:
            raise DefinitionError(path, str(error)) from None
    elif operator in SET_OPERATORS:
        if not isinstance(value, list) or not value:
            raise DefinitionError(path, "must be a list of values")
        operand = tuple(checks.scalar(item, f"{path}[{index}]") for index, item in enumerate(value))
    elif operator in ("contains", "not_contains") and not isinstance(value, str):
        operand = checks.scalar(value, path)
    elif operator in TEXT_OPERATORS:
        operand = checks.text(value, path)
    else:
        operand = checks.scalar(value, path)
    return Test(steps, operator, operand)


def _steps(value: Any, path: str) -> Path:
    parts = checks.text(value, path).split(".")
    steps = tuple(Step(part.removesuffix("[]"), part.endswith("[]")) for part in parts)
    if len(steps) > 8 or any(not step.key or "[" in step.key or "]" in step.key for step in steps):
        raise DefinitionError(path, "a path is names with dots, lists marked by []: items[].category")
    return steps


def _comparison(value: Any, path: str) -> tuple[str, Decimal]:
    node = checks.mapping(value, path)
    if len(node) != 1 or next(iter(node)) not in COMPARISONS:
        raise DefinitionError(path, f"is compared by exactly one of {', '.join(COMPARISONS)}")
    operator, operand = next(iter(node.items()))
    return operator, checks.number(operand, f"{path}.{operator}")
