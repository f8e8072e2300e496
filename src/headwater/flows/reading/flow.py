"""From plain data (a YAML file, a JSON body) to a flow: every field is checked, every refusal names its path. Pure.

Triggers and steps have files of their own: `reading_triggers`, `reading_steps`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from headwater.delivery.hours import SendWindow
from headwater.flows.definition import MERGES, PRIORITIES, CouponPlan, ExitOn, FlowDefinition
from headwater.flows.reading.parts import filters_of, occurrence_of, slug_of, time_of_day, weekdays_of
from headwater.flows.reading.steps import StepReader
from headwater.flows.reading.triggers import trigger_of
from headwater.flows.triggers import CallTrigger, DateTrigger, ListTrigger, SegmentTrigger, Trigger
from headwater.segments import checks
from headwater.segments.language import DefinitionError, parse_span
from headwater.segments.language import parse as parse_condition

_TOP = (
    "flow", "name", "description", "priority", "trigger", "profile_filters", "entry", "exit_on", "coupons",
    "send_window", "steps", "tests",
)  # fmt: skip
MAX_TESTS = 100


def parse(tree: Any, *, slug: str | None = None) -> FlowDefinition:
    """A flow from plain data (a YAML file, a JSON body). Raises DefinitionError with the path of what is wrong.

    `slug` is used when the definition does not say `flow:`, for instance the name of its folder.
    """
    node = checks.mapping(tree, "")
    checks.only(node, _TOP, "")
    slug = slug_of(node.get("flow", slug), "flow")
    trigger = trigger_of(node.get("trigger"), "trigger")
    again_after, key, merge, holdout = _entry(node.get("entry", {}), trigger, "entry")
    steps = StepReader(slug)
    first = steps.read(node.get("steps"), "steps")
    return FlowDefinition(
        slug=slug,
        name=checks.text(node.get("name", slug), "name"),
        description=str(node.get("description") or ""),
        priority=checks.choice(node.get("priority", "none"), PRIORITIES, "priority"),
        trigger=trigger,
        profile_filters=filters_of(node.get("profile_filters"), "profile_filters", salt=slug),
        again_after=again_after,
        key=key,
        merge=merge,
        holdout=holdout,
        exit_on=_exits(node.get("exit_on", []), "exit_on", slug),
        coupons=_coupons(node.get("coupons", {}), "coupons"),
        send_window=_send_window(node["send_window"], "send_window") if "send_window" in node else None,
        steps=steps.table,
        first=first,
        tests=_tests(node.get("tests", []), "tests"),
    )


_Entry = tuple[timedelta | None, tuple[str, ...], str, Decimal]


def _entry(tree: Any, trigger: Trigger, path: str) -> _Entry:
    node = checks.mapping(tree, path)
    checks.only(node, ("again", "key", "merge", "holdout"), path)
    key = tuple(checks.text(node["key"], f"{path}.key").split(".")) if "key" in node else ()
    if key and isinstance(trigger, ListTrigger | SegmentTrigger | DateTrigger):
        raise DefinitionError(f"{path}.key", "only a flow that an event starts is entered by a key")
    if "merge" in node and not key:
        raise DefinitionError(f"{path}.merge", "goes with a key")
    merge = checks.choice(node.get("merge", "ignore"), MERGES, f"{path}.merge")
    holdout = checks.number(node.get("holdout", 0), f"{path}.holdout")
    if not 0 <= holdout <= 90:
        raise DefinitionError(f"{path}.holdout", "a holdout is from 0 to 90 percent")
    again = node.get("again", "never" if key else _usually(trigger))
    return _again(again, f"{path}.again"), key, merge, holdout


def _usually(trigger: Trigger) -> str:
    by_hand = isinstance(trigger, CallTrigger) and trigger.kind == "manual"
    return "never" if isinstance(trigger, ListTrigger | SegmentTrigger) or by_hand else "always"


def _again(tree: Any, path: str) -> timedelta | None:
    if tree == "never":
        return None
    if tree == "always":
        return timedelta(0)
    after = checks.mapping(tree, path)
    checks.only(after, ("after",), path)
    if "after" not in after:
        raise DefinitionError(path, "must be never, always, or {after: {days: 14}}")
    return parse_span(after["after"], f"{path}.after")


def _exits(tree: Any, path: str, slug: str) -> tuple[ExitOn, ...]:
    if not isinstance(tree, list):
        raise DefinitionError(path, "must be a list of events and conditions")
    found = []
    for index, raw in enumerate(tree):
        here = f"{path}[{index}]"
        if isinstance(raw, Mapping) and "if" in raw:
            checks.only(raw, ("if",), here)
            condition = parse_condition(raw["if"], in_flow=True, path=f"{here}.if", salt=slug)
            found.append(ExitOn(condition=condition))
        else:
            found.append(ExitOn(occurrence_of(raw, here)))
    return tuple(found)


def _coupons(tree: Any, path: str) -> tuple[CouponPlan, ...]:
    found = []
    for name, raw in checks.mapping(tree, path).items():
        here = f"{path}.{name}"
        node = checks.mapping(raw, here)
        checks.only(node, ("kind", "code", "prefix", "expires_after"), here)
        kind = checks.choice(node.get("kind"), ("static", "generated", "pool"), f"{here}.kind")
        wanted = {"static": "code", "generated": "prefix"}.get(kind)
        code = checks.text(node.get(wanted), f"{here}.{wanted}") if wanted else None
        expires = parse_span(node["expires_after"], f"{here}.expires_after") if "expires_after" in node else None
        found.append(CouponPlan(checks.text(name, here), kind, code, expires))
    return tuple(found)


def _send_window(tree: Any, path: str) -> SendWindow:
    node = checks.mapping(tree, path)
    checks.only(node, ("weekdays", "from", "to"), path)
    start, end = (time_of_day(node.get(key), f"{path}.{key}") for key in ("from", "to"))
    if start == end:
        raise DefinitionError(f"{path}.to", "a window begins and ends at different times")
    return SendWindow(weekdays_of(node.get("weekdays", []), f"{path}.weekdays"), start, end)


def _tests(tree: Any, path: str) -> tuple[Mapping[str, Any], ...]:
    """Kept as they are written; `file_tests` reads and runs them."""
    if not isinstance(tree, list) or len(tree) > MAX_TESTS:
        raise DefinitionError(path, f"must be a list of at most {MAX_TESTS} tests")
    return tuple(checks.mapping(raw, f"{path}[{index}]") for index, raw in enumerate(tree))
