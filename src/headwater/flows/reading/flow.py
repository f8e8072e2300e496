"""From plain data (a YAML file, a JSON body) to a flow: every field is checked, every refusal names its path. Pure.

Triggers and steps have files of their own: `reading_triggers`, `reading_steps`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from headwater.delivery.hours import SendWindow
from headwater.flows.definition import MERGES, PRIORITIES, CouponPlan, ExitOn, FlowDefinition
from headwater.flows.reading import step_paths
from headwater.flows.reading.findings import Findings
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


@dataclass(frozen=True)
class Reading:
    """What could be read of a definition, and what could not."""

    definition: FlowDefinition
    """With something else in the place of what could not be read: whole only where nothing is wrong."""
    found: Findings


def parse(tree: Any, *, slug: str | None = None) -> FlowDefinition:
    """A flow from plain data (a YAML file, a JSON body). Raises WrongStep with the path of what is wrong first in it,
    and all the rest.

    `slug` is used when the definition does not say `flow:`, for instance the name of its folder.
    """
    reading = read(tree, slug=slug)
    if reading.found.errors:
        raise step_paths.refusal(tree, reading.found.errors)
    return reading.definition


def read(tree: Any, *, slug: str | None = None) -> Reading:
    """The same, as far as it can be read. Raises WrongStep for data that is no flow at all, or cannot be named."""
    try:
        node = checks.mapping(tree, "")
        slug = slug_of(node.get("flow", slug), "flow")
    except DefinitionError as error:
        raise step_paths.refusal(tree, [error]) from None
    found = Findings()
    attempt = found.attempt
    attempt(None, checks.only, node, _TOP, "")
    name = attempt(slug, checks.text, node.get("name", slug), "name")
    priority = attempt("none", checks.choice, node.get("priority", "none"), PRIORITIES, "priority")
    trigger = attempt(_NO_TRIGGER, trigger_of, node.get("trigger"), "trigger")
    filters = attempt(None, filters_of, node.get("profile_filters"), "profile_filters", salt=slug)
    again_after, key, merge, holdout = attempt(_NO_ENTRY, _entry, node.get("entry", {}), trigger, "entry", found)
    exits = attempt((), _exits, node.get("exit_on", []), "exit_on", slug, found)
    coupons = attempt((), _coupons, node.get("coupons", {}), "coupons", found)
    window = attempt(None, _send_window, node["send_window"], "send_window") if "send_window" in node else None
    steps = StepReader(slug, found)
    first = steps.read(node.get("steps"), "steps")
    definition = FlowDefinition(
        slug=slug,
        name=name,
        description=str(node.get("description") or ""),
        priority=priority,
        trigger=trigger,
        profile_filters=filters,
        again_after=again_after,
        key=key,
        merge=merge,
        holdout=holdout,
        exit_on=exits,
        coupons=coupons,
        send_window=window,
        steps=steps.table,
        first=first,
        tests=attempt((), _tests, node.get("tests", []), "tests"),
    )
    return Reading(definition, found)


_Entry = tuple[timedelta | None, tuple[str, ...], str, Decimal]
_NO_ENTRY: _Entry = (None, (), "ignore", Decimal(0))
_NO_TRIGGER: Trigger = CallTrigger("manual")


def _entry(tree: Any, trigger: Trigger, path: str, found: Findings) -> _Entry:
    node = checks.mapping(tree, path)
    attempt = found.attempt
    attempt(None, checks.only, node, ("again", "key", "merge", "holdout"), path)
    key = attempt((), _key, node["key"], trigger, f"{path}.key") if "key" in node else ()
    if "merge" in node and "key" not in node:
        found.note(DefinitionError(f"{path}.merge", "goes with a key"))
    merge = attempt("ignore", checks.choice, node.get("merge", "ignore"), MERGES, f"{path}.merge")
    holdout = attempt(Decimal(0), _holdout, node.get("holdout", 0), f"{path}.holdout")
    again = node.get("again", "never" if key else _usually(trigger))
    return attempt(None, _again, again, f"{path}.again"), key, merge, holdout


def _key(value: Any, trigger: Trigger, path: str) -> tuple[str, ...]:
    key = tuple(checks.text(value, path).split("."))
    if isinstance(trigger, ListTrigger | SegmentTrigger | DateTrigger):
        raise DefinitionError(path, "only a flow that an event starts is entered by a key")
    return key


def _holdout(value: Any, path: str) -> Decimal:
    holdout = checks.number(value, path)
    if not 0 <= holdout <= 90:
        raise DefinitionError(path, "a holdout is from 0 to 90 percent")
    return holdout


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


def _exits(tree: Any, path: str, slug: str, found: Findings) -> tuple[ExitOn, ...]:
    if not isinstance(tree, list):
        raise DefinitionError(path, "must be a list of events and conditions")
    read = (found.attempt(None, _exit, raw, f"{path}[{index}]", slug) for index, raw in enumerate(tree))
    return tuple(one for one in read if one is not None)


def _exit(raw: Any, path: str, slug: str) -> ExitOn | None:
    if isinstance(raw, Mapping) and "if" in raw:
        checks.only(raw, ("if",), path)
        return ExitOn(condition=parse_condition(raw["if"], in_flow=True, path=f"{path}.if", salt=slug))
    return ExitOn(occurrence_of(raw, path))


def _coupons(tree: Any, path: str, found: Findings) -> tuple[CouponPlan, ...]:
    plans = (
        found.attempt(None, _coupon, name, raw, f"{path}.{name}") for name, raw in checks.mapping(tree, path).items()
    )
    return tuple(plan for plan in plans if plan is not None)


def _coupon(name: Any, raw: Any, path: str) -> CouponPlan | None:
    node = checks.mapping(raw, path)
    checks.only(node, ("kind", "code", "prefix", "expires_after"), path)
    kind = checks.choice(node.get("kind"), ("static", "generated", "pool"), f"{path}.kind")
    wanted = {"static": "code", "generated": "prefix"}.get(kind)
    code = checks.text(node.get(wanted), f"{path}.{wanted}") if wanted else None
    expires = parse_span(node["expires_after"], f"{path}.expires_after") if "expires_after" in node else None
    return CouponPlan(checks.text(name, path), kind, code, expires)


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
