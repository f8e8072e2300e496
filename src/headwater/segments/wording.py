"""A definition as an English sentence, for people who check what they, or a file, asked for."""

from __future__ import annotations

from datetime import timedelta

from headwater.segments.conditions import (
    AllOf,
    AnyOf,
    CanReceive,
    Condition,
    Consent,
    Coupon,
    Did,
    InFlow,
    InLast,
    Negation,
    OnList,
    ProfileTest,
    Sample,
    Since,
    SinceFlowStart,
    Test,
    Window,
)

_COMPARED = {
    "equals": "exactly",
    "not_equals": "any number but",
    "greater_than": "more than",
    "at_least": "at least",
    "less_than": "fewer than",
    "at_most": "at most",
}
_TESTED = {
    "equals": "is",
    "not_equals": "is not",
    "greater_than": "is more than",
    "at_least": "is at least",
    "less_than": "is less than",
    "at_most": "is at most",
    "contains": "contains",
    "not_contains": "does not contain",
    "starts_with": "starts with",
    "not_starts_with": "does not start with",
    "ends_with": "ends with",
    "not_ends_with": "does not end with",
    "in": "is one of",
    "not_in": "is none of",
    "is_set": "is set",
    "not_set": "is not set",
}


def describe(condition: Condition | None) -> str:
    """What the condition asks, in words: "Placed Order at least 2 times in the last 90 days"."""
    match condition:
        case None | AllOf(()):
            return "everyone"
        case AllOf(of):
            return " and ".join(_grouped(child, AnyOf) for child in of)
        case AnyOf(of):
            return " or ".join(_grouped(child, AllOf) for child in of)
        case Negation(InFlow() as entered):
            return f"has not entered the flow {entered.flow}{describe_window(entered.window)}"
        case Negation(OnList() as member):
            return f"is not on the list {member.list}{describe_window(member.window)}"
        case Negation(child):
            return f"not ({describe(child)})"
        case Did():
            return _did(condition)
        case Test():
            return _test(condition)
        case ProfileTest(test):
            return _test(test)
        case OnList():
            joined = f" and joined it{describe_window(condition.window)}" if condition.window else ""
            return f"is on the list {condition.list}{joined}"
        case Consent(state):
            return f"consent is {state.replace('_', ' ')}"
        case CanReceive():
            return "can receive email"
        case Coupon():
            return _coupon(condition)
        case InFlow():
            return f"entered the flow {condition.flow}{describe_window(condition.window)}"
        case Sample(percent):
            return f"is in a random {percent}% of all"


def describe_window(window: Window) -> str:
    """ " in the last 90 days", " since 1 March 2026", "" for all time: to be put after a verb."""
    match window:
        case InLast(span):
            return f" in the last {describe_span(span)}"
        case Since(at):
            return f" since {at:%Y-%m-%d %H:%M} UTC"
        case SinceFlowStart():
            return " since starting this flow"
        case None:
            return ""


def describe_span(span: timedelta) -> str:
    """3 days; 1 hour 30 minutes."""
    minutes = int(span.total_seconds() // 60)
    parts = []
    for name, size in (("day", 1440), ("hour", 60), ("minute", 1)):
        amount, minutes = divmod(minutes, size)
        if amount:
            parts.append(f"{amount} {name}{'' if amount == 1 else 's'}")
    return " ".join(parts) or "less than a minute"


def _did(condition: Did) -> str:
    if condition.measure == "sum":
        amount = f"for a total of {_COMPARED[condition.operator]} {condition.operand:f}"
    elif condition.operator in ("equals", "at_most") and condition.operand == 0:
        amount = "zero times"
    elif condition.operator == "at_least" and condition.operand == 1:
        amount = "at least once"
    else:
        times = "time" if condition.operand == 1 else "times"
        amount = f"{_COMPARED[condition.operator]} {condition.operand:f} {times}"
    where = f" where {describe(condition.where)}" if condition.where is not None else ""
    window = describe_window(condition.window) or (" over all time" if condition.operand == 0 else "")
    return f"{condition.metric} {amount}{where}{window}"


def _test(test: Test) -> str:
    name = ".".join(step.key + ("[]" if step.every else "") for step in test.path)
    if test.operator in ("is_set", "not_set"):
        return f"{name} {_TESTED[test.operator]}"
    return f"{name} {_TESTED[test.operator]} {_value(test.operand)}"


def _value(operand: object) -> str:
    if isinstance(operand, tuple):
        return ", ".join(_value(item) for item in operand)
    if isinstance(operand, bool):
        return "true" if operand else "false"
    return f"“{operand}”" if isinstance(operand, str) else str(operand)


def _coupon(condition: Coupon) -> str:
    name = f"a code of {condition.name}" if condition.name else "any coupon"
    if condition.state == "valid":
        left = f" with at least {describe_span(condition.left)} left" if condition.left else ""
        return f"holds a valid {name.removeprefix('a ')}{left}" if condition.name else f"holds a valid coupon{left}"
    verb = {"assigned": "was given", "redeemed": "redeemed", "expired": "let expire"}[condition.state]
    return f"{verb} {name}{describe_window(condition.window)}"


def _grouped(child: Condition, other: type) -> str:
    return f"({describe(child)})" if isinstance(child, other) else describe(child)
