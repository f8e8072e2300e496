"""A definition as an English sentence, for people who check what they, or a file, asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

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
    Did,
    Fixed,
    Follow,
    InFlow,
    InLast,
    InMonth,
    InSegment,
    Near,
    Negation,
    OfEvent,
    OnList,
    ProfileTest,
    Region,
    Rolling,
    Sample,
    Sequence,
    Since,
    SinceFlowStart,
    Suppressed,
    Test,
    Window,
    written,
)
from headwater.segments.regions import NAMES

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
    "contains_any": "contains any of",
    "not_contains_any": "contains none of",
    "contains_all": "contains all of",
    "not_contains_all": "does not contain all of",
    "starts_with": "starts with",
    "not_starts_with": "does not start with",
    "ends_with": "ends with",
    "not_ends_with": "does not end with",
    "matches": "matches the pattern",
    "not_matches": "does not match the pattern",
    "in": "is one of",
    "not_in": "is none of",
    "is_set": "is set",
    "not_set": "is not set",
}
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
Naming = Callable[[int | str], str]
"""How a segment that a definition refers to is called."""


def describe(condition: Condition | None, segment_name: Naming = str) -> str:
    """What the condition asks, in words: "Placed Order at least 2 times in the last 90 days".

    `segment_name` gives the name of a segment referred to by id.
    """
    match condition:
        case None | AllOf(()):
            return "everyone"
        case AllOf(of):
            return " and ".join(_grouped(child, AnyOf, segment_name) for child in of)
        case AnyOf(of):
            return " or ".join(_grouped(child, AllOf, segment_name) for child in of)
        case Negation(AllOf(())):
            return "no one"
        case Negation(InFlow() as entered):
            return f"has not entered the flow {entered.flow}{describe_window(entered.window)}"
        case Negation(OnList() as member):
            return f"is not on the list {member.list}{describe_window(member.window)}"
        case Negation(InSegment() as member):
            return f"is not in the segment {segment_name(member.segment)}{_entered(member)}"
        case Negation(CanReceive()):
            return "cannot receive email"
        case Negation(Suppressed(None, None)):
            return "is not suppressed"
        case Negation(Region(name)):
            return f"does not live in {NAMES[name]}"
        case Negation(child):
            return f"not ({describe(child, segment_name)})"
        case Did():
            return _did(condition)
        case Sequence():
            return _sequence(condition)
        case Test():
            return _test(condition)
        case ProfileTest(test):
            return _test(test)
        case DateTest():
            return f"{written(condition.path)} {_dated(condition)}"
        case OnList():
            joined = f" and joined it{describe_window(condition.window)}" if condition.window else ""
            return f"is on the list {condition.list}{joined}"
        case InSegment():
            return f"is in the segment {segment_name(condition.segment)}{_entered(condition)}"
        case Consent():
            return _consent(condition)
        case Suppressed(reason, window):
            why = f" for {reason.replace('_', ' ')}" if reason else ""
            return f"is suppressed{why}{describe_window(window)}"
        case CanReceive():
            return "can receive email"
        case Region(name):
            return f"lives in {NAMES[name]}"
        case Near(latitude, longitude, km):
            return f"is within {km:.4g} km of {latitude:g}, {longitude:g}"
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
        case Ago(least, None):
            return f" {describe_span(least)} ago or earlier"
        case Ago(least, most) if most is not None:
            return f" between {describe_span(most)} and {describe_span(least)} ago"
        case Since(at):
            return f" since {_instant(at)}"
        case Before(at):
            return f" before {_instant(at)}"
        case Between(start, end):
            return f" between {_instant(start)} and {_instant(end)}"
        case SinceFlowStart():
            return " since starting this flow"
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


def _instant(at: datetime | date) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if isinstance(at, datetime) else f"{at:%Y-%m-%d}"


def _entered(condition: InSegment) -> str:
    return f" and entered it{describe_window(condition.window)}" if condition.window else ""


def _did(condition: Did) -> str:
    if condition.measure == "sum":
        amount = f"for a total of {_COMPARED[condition.operator]} {condition.operand:,f}"
    elif condition.operator in ("equals", "at_most") and condition.operand == 0:
        amount = "zero times"
    elif condition.operator == "at_least" and condition.operand == 1:
        amount = "at least once"
    else:
        times = "time" if condition.operand == 1 else "times"
        amount = f"{_COMPARED[condition.operator]} {condition.operand:,f} {times}"
    where = f" where {describe(condition.where)}" if condition.where is not None else ""
    window = describe_window(condition.window) or (" over all time" if condition.operand == 0 else "")
    return f"{condition.metric} {amount}{where}{window}"


def _sequence(condition: Sequence) -> str:
    where = f" where {describe(condition.where)}" if condition.where is not None else ""
    told = f"did {condition.metric}{where}{describe_window(condition.window)}"
    return told + "".join(f", {_follow(step)}" for step in condition.steps)


def _follow(step: Follow) -> str:
    when = "before that" if step.before else "then"
    verb = "did" if step.did else "did not do"
    where = f" where {describe(step.where)}" if step.where is not None else ""
    span = f" within {describe_span(step.within)}" if step.within is not None else ""
    return f"and {when} {verb} {step.metric}{where}{span}"


def _test(test: Test) -> str:
    name = written(test.path)
    if test.operator in ("is_set", "not_set"):
        return f"{name} {_TESTED[test.operator]}"
    if test.operator == "between":
        assert isinstance(test.operand, tuple)
        return f"{name} is between {_value(test.operand[0])} and {_value(test.operand[1])}"
    if test.operator.startswith("length_"):
        items = "item" if test.operand == 1 else "items"
        return f"{name} has {_COMPARED[test.operator[7:]]} {_value(test.operand)} {items}"
    return f"{name} {_TESTED[test.operator]} {_value(test.operand)}"


def _value(operand: object) -> str:
    if isinstance(operand, OfEvent):
        return f"the {written(operand.path)} of the event that started the flow"
    if isinstance(operand, tuple):
        return ", ".join(_value(item) for item in operand)
    if isinstance(operand, bool):
        return "true" if operand else "false"
    return f"“{operand}”" if isinstance(operand, str) else str(operand)


def _dated(condition: DateTest) -> str:
    match condition.asked:
        case Rolling(None, until) if until is not None:
            return f"was {describe_span(-until)} ago or earlier"
        case Rolling(after, until) if after is not None and until is not None:
            if not until:
                return f"is in the last {describe_span(-after)}"
            if not after:
                return f"is in the next {describe_span(until)}"
            return f"is between {describe_span(-after)} and {describe_span(-until)} ago"
        case Fixed(start, None) if start is not None:
            return f"is on or after {_instant(start)}"
        case Fixed(None, end) if end is not None:
            return f"is before {_instant(end)}"
        case Fixed(start, end) if start is not None and end is not None:
            return f"is from {_instant(start)} until just before {_instant(end)}"
        case Anniversary(0, 0):
            return "has its anniversary today"
        case Anniversary(first, last):
            days = last or -first
            span = f"{'next' if last else 'last'} {days} day{'' if days == 1 else 's'}"
            return f"has its anniversary in the {span}"
        case InMonth(month):
            return f"is in the month of {MONTHS[month - 1]}" if month else "has its anniversary this month"
    raise AssertionError(condition.asked)


def _consent(condition: Consent) -> str:
    how = " or ".join(method.replace("_", " ") for method in condition.methods)
    by = f" by {how}" if how else ""
    return f"consent is {condition.state.replace('_', ' ')}{by}{describe_window(condition.window)}"


def _coupon(condition: Coupon) -> str:
    name = f"a code of {condition.name}" if condition.name else "any coupon"
    if condition.state == "valid":
        left = f" with at least {describe_span(condition.left)} left" if condition.left else ""
        return f"holds a valid {name.removeprefix('a ')}{left}" if condition.name else f"holds a valid coupon{left}"
    verb = {"assigned": "was given", "redeemed": "redeemed", "expired": "let expire"}[condition.state]
    return f"{verb} {name}{describe_window(condition.window)}"


def _grouped(child: Condition, other: type, segment_name: Naming) -> str:
    said = describe(child, segment_name)
    return f"({said})" if isinstance(child, other) else said
