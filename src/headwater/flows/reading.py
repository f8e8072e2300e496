"""From plain data (a YAML file, a JSON body) to a flow: every field is checked, every refusal names its path. Pure.

Steps are written as a tree, where a split holds its branches; here they become the table that the engine walks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any

from headwater.flows.definition import (
    Countdown,
    CouponPlan,
    Delay,
    Email,
    Exit,
    ExitOn,
    FlowDefinition,
    ListTrigger,
    MetricTrigger,
    Split,
    Step,
    TriggerSplit,
)
from headwater.flows.delays import Span, zone
from headwater.segments.conditions import AllOf
from headwater.segments.language import Condition, DefinitionError, parse_span, parse_where
from headwater.segments.language import parse as parse_condition

MAX_STEPS = 200
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TOP = ("flow", "name", "description", "trigger", "profile_filters", "entry", "exit_on", "coupons", "steps")


def parse(tree: Any, *, slug: str | None = None) -> FlowDefinition:
    """A flow from plain data (a YAML file, a JSON body). Raises DefinitionError with the path of what is wrong.

    `slug` is used when the definition does not say `flow:`, for instance the name of its folder.
    """
    node = _mapping(tree, "")
    _only(node, _TOP, "")
    slug = _slug(node.get("flow", slug), "flow")
    trigger = _trigger(node.get("trigger"), "trigger")
    again_after, key = _entry(node.get("entry", {}), trigger, "entry")
    steps = _Steps(slug)
    first = steps.read(node.get("steps"), "steps")
    return FlowDefinition(
        slug=slug,
        name=_text(node.get("name", slug), "name"),
        description=str(node.get("description") or ""),
        trigger=trigger,
        profile_filters=_filters(node.get("profile_filters"), "profile_filters", salt=slug),
        again_after=again_after,
        key=key,
        exit_on=_exits(node.get("exit_on", []), "exit_on"),
        coupons=_coupons(node.get("coupons", {}), "coupons"),
        steps=steps.table,
        first=first,
    )


class _Steps:
    """Reads the tree of steps into a table. Ids are given first, so that each step can name the next."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self.table: dict[str, Step] = {}
        self.ids: dict[str, str] = {}  # path → id
        self.taken: dict[str, str] = {}  # id → path
        self.automatic: dict[str, int] = {}

    def read(self, nodes: Any, path: str) -> str:
        if not isinstance(nodes, list) or not nodes:
            raise DefinitionError(path, "a flow needs at least one step")
        self._name(nodes, path, 0)
        self._branch(nodes, path, None)
        self.table = {step_id: self.table[step_id] for step_id in self.taken}  # in the order written
        return self.ids[f"{path}[0]"]

    def _name(self, nodes: Any, path: str, depth: int) -> None:
        if depth > 10:
            raise DefinitionError(path, "splits nest at most 10 deep")
        if not isinstance(nodes, list):
            raise DefinitionError(path, "must be a list of steps")
        for index, raw in enumerate(nodes):
            here = f"{path}[{index}]"
            node = _step_node(raw, here)
            step_id = self._id(node, here)
            if step_id in self.taken:
                raise DefinitionError(f"{here}.id", f"the id {step_id} is already that of {self.taken[step_id]}")
            self.ids[here] = step_id
            self.taken[step_id] = here
            if len(self.taken) > MAX_STEPS:
                raise DefinitionError(here, f"a flow has at most {MAX_STEPS} steps")
            for branch in ("then", "else"):
                if node.get(branch):
                    self._name(node[branch], f"{here}.{branch}", depth + 1)
            if index + 1 < len(nodes) and "exit" in node:
                raise DefinitionError(f"{path}[{index + 1}]", "is never reached: it follows an exit")

    def _id(self, node: Mapping[str, Any], path: str) -> str:
        if "id" in node:
            return _slug(node["id"], f"{path}.id")
        kind = _kind(node, path)
        if kind == "email" and isinstance(node["email"], str):
            stem = re.sub(r"[^a-z0-9]+", "-", node["email"].rsplit("/", 1)[-1].removesuffix(".mjml").lower()).strip("-")
            if stem:
                return stem
        self.automatic[kind] = self.automatic.get(kind, 0) + 1
        return f"{kind.replace('_', '-')}-{self.automatic[kind]}"

    def _branch(self, nodes: list[Any] | None, path: str, after: str | None) -> str | None:
        """Fill the table with the steps of one list; what follows its last is `after`. Answers the first one's id."""
        following = after
        for index in reversed(range(len(nodes or []))):
            here = f"{path}[{index}]"
            self.table[self.ids[here]] = self._step(_step_node((nodes or [])[index], here), here, following)
            following = self.ids[here]
        return following

    def _step(self, node: Mapping[str, Any], path: str, following: str | None) -> Step:
        step_id, kind = self.ids[path], _kind(node, path)
        if kind == "email":
            return _email(node, path, step_id, following, f"{self.slug}:{step_id}")
        if kind == "delay":
            _only(node, ("id", "delay"), path)
            return _delay(node["delay"], f"{path}.delay", step_id, following)
        if kind == "exit":
            _only(node, ("id", "exit"), path)
            return Exit(step_id)
        _only(node, ("id", kind, "then", "else"), path)
        then = self._branch(node.get("then"), f"{path}.then", following)
        otherwise = self._branch(node.get("else"), f"{path}.else", following)
        if kind == "if_event":
            return TriggerSplit(step_id, parse_where(node["if_event"], f"{path}.if_event"), then, otherwise)
        condition = parse_condition(node["if"], in_flow=True, path=f"{path}.if", salt=f"{self.slug}:{step_id}")
        return Split(step_id, condition, then, otherwise)


_KINDS = ("email", "delay", "if", "if_event", "exit")


def _step_node(raw: Any, path: str) -> Mapping[str, Any]:
    return {"exit": {}} if raw == "exit" else _mapping(raw, path)


def _kind(node: Mapping[str, Any], path: str) -> str:
    kinds = [kind for kind in _KINDS if kind in node]
    if len(kinds) != 1:
        raise DefinitionError(path, f"a step is exactly one of {', '.join(_KINDS)}")
    return kinds[0]


def _email(node: Mapping[str, Any], path: str, step_id: str, following: str | None, salt: str) -> Email:
    known = ("id", "email", "template_id", "name", "smart_sending", "transactional", "filters", "utm")
    _only(node, known, path)
    template_id = node.get("template_id")
    if template_id is not None and (isinstance(template_id, bool) or not isinstance(template_id, int)):
        raise DefinitionError(f"{path}.template_id", "must be a template's id")
    utm = node.get("utm")
    if utm is not None:
        utm = {_text(key, f"{path}.utm"): str(value) for key, value in _mapping(utm, f"{path}.utm").items()}
    return Email(
        id=step_id,
        template=_text(node["email"], f"{path}.email"),
        template_id=template_id,
        name=_text(node.get("name", step_id), f"{path}.name"),
        next=following,
        smart_sending=_boolean(node.get("smart_sending", True), f"{path}.smart_sending"),
        transactional=_boolean(node.get("transactional", False), f"{path}.transactional"),
        filters=_filters(node.get("filters"), f"{path}.filters", salt=salt),
        utm=utm,
    )


def _delay(tree: Any, path: str, step_id: str, following: str | None) -> Delay | Countdown:
    node = _mapping(tree, path)
    if "before" in node or "expiry_of" in node:
        _only(node, ("before", "expiry_of"), path)
        if "before" not in node or "expiry_of" not in node:
            raise DefinitionError(path, "a countdown needs both before and expiry_of")
        before = parse_span(node["before"], f"{path}.before")
        return Countdown(step_id, before, _text(node["expiry_of"], f"{path}.expiry_of"), following)
    _only(node, ("minutes", "hours", "days", "weeks", "until", "weekdays", "timezone"), path)
    until = _time_of_day(node["until"], f"{path}.until") if "until" in node else None
    weekdays = _weekdays(node.get("weekdays", []), f"{path}.weekdays")
    amounts = {unit: node[unit] for unit in ("minutes", "hours", "days", "weeks") if node.get(unit)}
    if amounts or (until is None and not weekdays):
        whole = parse_span(amounts, path)
    else:
        whole = timedelta(0)
    days = amounts.get("days", 0) + 7 * amounts.get("weeks", 0)
    if days != int(days):
        raise DefinitionError(f"{path}.days", "days are whole; use hours for parts of a day")
    rest = whole - timedelta(days=days)
    if until is not None and days and rest:
        raise DefinitionError(path, "with until, a delay is counted either in days or in hours")
    timezone = node.get("timezone", "profile")
    if timezone != "profile" and (not isinstance(timezone, str) or zone(timezone) is None):
        raise DefinitionError(f"{path}.timezone", "must be profile or an IANA name such as Europe/Berlin")
    return Delay(step_id, Span(int(days), rest, until, weekdays, timezone), following)


def _trigger(tree: Any, path: str) -> MetricTrigger | ListTrigger:
    node = _mapping(tree, path)
    if "metric" in node:
        _only(node, ("metric", "where"), path)
        where = parse_where(node["where"], f"{path}.where") if node.get("where") is not None else None
        return MetricTrigger(_text(node["metric"], f"{path}.metric"), where)
    if "list" in node:
        _only(node, ("list",), path)
        named = node["list"]
        return ListTrigger(named if isinstance(named, int) else _text(named, f"{path}.list"))
    raise DefinitionError(path, "a flow is started by a metric or a list")


def _entry(tree: Any, trigger: MetricTrigger | ListTrigger, path: str) -> tuple[timedelta | None, tuple[str, ...]]:
    node = _mapping(tree, path)
    _only(node, ("again", "key"), path)
    again = node.get("again", "always" if isinstance(trigger, MetricTrigger) else "never")
    key = tuple(_text(node["key"], f"{path}.key").split(".")) if "key" in node else ()
    if key and isinstance(trigger, ListTrigger):
        raise DefinitionError(f"{path}.key", "only a flow that a metric starts is entered by a key")
    if again == "never":
        return None, key
    if again == "always":
        return timedelta(0), key
    after = _mapping(again, f"{path}.again")
    _only(after, ("after",), f"{path}.again")
    if "after" not in after:
        raise DefinitionError(f"{path}.again", "must be never, always, or {after: {days: 14}}")
    return parse_span(after["after"], f"{path}.again.after"), key


def _exits(tree: Any, path: str) -> tuple[ExitOn, ...]:
    if not isinstance(tree, list):
        raise DefinitionError(path, "must be a list of events")
    found = []
    for index, raw in enumerate(tree):
        here = f"{path}[{index}]"
        node = {"metric": raw} if isinstance(raw, str) else _mapping(raw, here)
        _only(node, ("metric", "where"), here)
        where = parse_where(node["where"], f"{here}.where") if node.get("where") is not None else None
        found.append(ExitOn(_text(node.get("metric"), f"{here}.metric"), where))
    return tuple(found)


def _coupons(tree: Any, path: str) -> tuple[CouponPlan, ...]:
    found = []
    for name, raw in _mapping(tree, path).items():
        here = f"{path}.{name}"
        node = _mapping(raw, here)
        _only(node, ("kind", "code", "prefix", "expires_after"), here)
        kind = node.get("kind")
        if kind not in ("static", "generated", "pool"):
            raise DefinitionError(f"{here}.kind", "must be static, generated or pool")
        wanted = {"static": "code", "generated": "prefix"}.get(kind)
        code = _text(node.get(wanted), f"{here}.{wanted}") if wanted else None
        expires = parse_span(node["expires_after"], f"{here}.expires_after") if "expires_after" in node else None
        found.append(CouponPlan(_text(name, here), kind, code, expires))
    return tuple(found)


def _filters(tree: Any, path: str, *, salt: str) -> Condition | None:
    if tree is None:
        return None
    condition = parse_condition(tree, in_flow=True, path=path, salt=salt)
    return None if condition == AllOf(()) else condition


def _time_of_day(value: Any, path: str) -> time:
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", value) if isinstance(value, str) else None
    if match is None:
        raise DefinitionError(path, 'must be a time of day such as "10:00"')
    return time(int(match[1]), int(match[2]), int(match[3] or 0))


def _weekdays(value: Any, path: str) -> frozenset[int]:
    if not isinstance(value, list) or any(day not in WEEKDAYS for day in value):
        raise DefinitionError(path, f"must be a list of {', '.join(WEEKDAYS)}")
    return frozenset(WEEKDAYS.index(day) for day in value)


def _mapping(value: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise DefinitionError(path, "must be an object with named fields" if path else "a flow is an object")
    return value


def _only(node: Mapping[str, Any], allowed: tuple[str, ...], path: str) -> None:
    for key in node:
        if key not in allowed:
            where = f"{path}.{key}" if path else str(key)
            raise DefinitionError(where, f"is not known here; known: {', '.join(allowed)}")


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str) or not value.strip() or "\x00" in value or len(value) > 1000:
        raise DefinitionError(path, "must be text")
    return value


def _slug(value: Any, path: str) -> str:
    if not isinstance(value, str) or len(value) > 100 or not _SLUG.fullmatch(value):
        raise DefinitionError(path, "must be lower-case words joined by hyphens: browse-abandonment")
    return value


def _boolean(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise DefinitionError(path, "must be true or false")
    return value
