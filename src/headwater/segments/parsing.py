"""From JSON to conditions: reads a definition, checks every key and value, and names the path of what is wrong.

Knows the words of the language and nothing of profiles, databases or time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from headwater.segments.conditions import (
    AllOf,
    AnyOf,
    CanReceive,
    Condition,
    Consent,
    Coupon,
    DefinitionError,
    Did,
    Filter,
    InFlow,
    InLast,
    Negation,
    OnList,
    Operand,
    ProfileTest,
    Sample,
    Scalar,
    Since,
    SinceFlowStart,
    Step,
    Test,
    Window,
)

MAX_CONDITIONS = 100
MAX_DEPTH = 20
COMPARISONS = ("equals", "not_equals", "greater_than", "at_least", "less_than", "at_most")
TEXT_OPERATORS = ("contains", "not_contains", "starts_with", "not_starts_with", "ends_with", "not_ends_with")
SET_OPERATORS = ("in", "not_in")
NUMERIC_OPERATORS = ("greater_than", "at_least", "less_than", "at_most")
OPERATORS = (*COMPARISONS, *TEXT_OPERATORS, *SET_OPERATORS, "is_set")
NEGATIVE = {
    "not_equals": "equals",
    "not_contains": "contains",
    "not_starts_with": "starts_with",
    "not_ends_with": "ends_with",
    "not_in": "in",
    "not_set": "is_set",
}
CONSENT_STATES = ("subscribed", "unsubscribed", "never_subscribed")
COUPON_STATES = ("assigned", "valid", "redeemed", "expired")
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
        _only(node, ("metric", "count", "sum", "in_last", "since", "where"), path)
        metric = _text(node["metric"], _join(path, "metric"))
        if "count" in node and "sum" in node:
            raise DefinitionError(path, "measures either count or sum")
        measure = "sum" if "sum" in node else "count"
        comparison = node.get(measure, {"at_least": 1})
        operator, operand = _comparison(comparison, _join(path, measure))
        where = self.where(node["where"], _join(path, "where"), 0) if node.get("where") is not None else None
        return Did(metric, measure, operator, operand, self._window(node, path), where)

    def _profile(self, node: Mapping[str, Any], path: str) -> ProfileTest:
        test = _test(node, path)
        if test.path[0].key.startswith("$"):
            raise DefinitionError(_join(path, "property"), "names that start with $ belong to events")
        return ProfileTest(test)

    def _list(self, node: Mapping[str, Any], path: str) -> OnList:
        _only(node, ("list", "in_last", "since"), path)
        named = node["list"]
        if isinstance(named, bool) or not isinstance(named, int | str) or named == "":
            raise DefinitionError(_join(path, "list"), "must be a list's name or id")
        return OnList(named, self._window(node, path))

    def _consent(self, node: Mapping[str, Any], path: str) -> Consent:
        _only(node, ("consent",), path)
        return Consent(_choice(node["consent"], CONSENT_STATES, _join(path, "consent")))

    def _can_receive(self, node: Mapping[str, Any], path: str) -> Condition:
        _only(node, ("can_receive",), path)
        return CanReceive() if _boolean(node["can_receive"], _join(path, "can_receive")) else Negation(CanReceive())

    def _coupon(self, node: Mapping[str, Any], path: str) -> Coupon:
        _only(node, ("coupon", "state", "in_last", "since", "left_at_least"), path)
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
        _only(node, (key, "in_last", "since"), path)
        self._flows_only(path, "being in another flow")
        entered = InFlow(_text(node[key], _join(path, key)), self._window(node, path))
        return entered if key == "in_flow" else Negation(entered)

    def _sample(self, node: Mapping[str, Any], path: str) -> Sample:
        _only(node, ("sample", "salt"), path)
        percent = _number(node["sample"], _join(path, "sample"))
        if not 0 <= percent <= 100 or percent * 100 % 1:
            raise DefinitionError(_join(path, "sample"), "a share is from 0 to 100 percent, with at most two decimals")
        return Sample(percent, _text(node.get("salt") or self.salt or "sample", _join(path, "salt")))

    _kinds: dict[str, Callable[[_Reader, Mapping[str, Any], str], Condition]] = {
        "metric": _did,
        "property": _profile,
        "list": _list,
        "consent": _consent,
        "can_receive": _can_receive,
        "coupon": _coupon,
        "in_flow": _in_flow,
        "not_in_flow": _in_flow,
        "sample": _sample,
    }

    # ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def _window(self, node: Mapping[str, Any], path: str) -> Window:
        if "in_last" in node and "since" in node:
            raise DefinitionError(path, "has either in_last or since")
        if "in_last" in node:
            return InLast(parse_span(node["in_last"], _join(path, "in_last")))
        if "since" not in node:
            return None
        since, where = node["since"], _join(path, "since")
        if since == "flow-start":
            self._flows_only(where, "flow-start")
            return SinceFlowStart()
        return Since(_instant(since, where))

    def _flows_only(self, path: str, what: str) -> None:
        if not self.in_flow:
            raise DefinitionError(path, f"{what} is known only inside a flow")


_GROUPS = ("all", "any", "not")


def _test(node: Mapping[str, Any], path: str) -> Test:
    operators = [key for key in node if key != "property"]
    if len(operators) != 1 or operators[0] not in OPERATORS:
        raise DefinitionError(path, f"a property is compared by exactly one of {', '.join(OPERATORS)}")
    operator = operators[0]
    steps = _steps(node["property"], _join(path, "property"))
    return _tested(steps, operator, node[operator], _join(path, operator))


def _tested(steps: tuple[Step, ...], operator: str, value: Any, path: str) -> Test:
    operand: Operand
    if operator == "is_set":
        return Test(steps, "is_set" if _boolean(value, path) else "not_set", None)
    if operator in NUMERIC_OPERATORS:
        operand = _number(value, path)
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


def _steps(value: Any, path: str) -> tuple[Step, ...]:
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


def _instant(value: Any, path: str) -> datetime:
    if isinstance(value, datetime):
        at = value
    else:
        try:
            at = datetime.fromisoformat(_text(value, path))
        except ValueError:
            raise DefinitionError(path, "must be flow-start or an instant such as 2026-03-01T00:00:00Z") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


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
