"""From plain data to what starts a flow. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import time, timedelta
from typing import Any

from headwater.flows.delays import zone
from headwater.flows.occasions import DateRule
from headwater.flows.reading.parts import time_of_day
from headwater.flows.triggers import (
    CallTrigger,
    DateTrigger,
    ListTrigger,
    LowStockTrigger,
    MetricTrigger,
    PriceDropTrigger,
    SegmentTrigger,
    Trigger,
)
from headwater.segments import checks
from headwater.segments.language import DefinitionError, Filter, parse_span, parse_where
from headwater.segments.parsing import parse_path

AUDIENCES = ("viewed", "cart", "checkout")
REPEATS = ("once", "yearly", "monthly")


def trigger_of(tree: Any, path: str) -> Trigger:
    """A trigger. Raises DefinitionError."""
    node = checks.mapping(tree, path)
    for kind, read in _KINDS.items():
        if kind in node:
            return read(node, path)
    raise DefinitionError(path, f"a flow is started by one of {', '.join(_KINDS)}")


def _metric(node: Mapping[str, Any], path: str) -> MetricTrigger:
    checks.only(node, ("metric", "where"), path)
    return MetricTrigger(checks.text(node["metric"], f"{path}.metric"), _where(node, path))


def _list(node: Mapping[str, Any], path: str) -> ListTrigger:
    checks.only(node, ("list",), path)
    return ListTrigger(checks.reference(node["list"], "a list's name or id", f"{path}.list"))


def _segment(node: Mapping[str, Any], path: str) -> SegmentTrigger:
    checks.only(node, ("segment", "on", "stay"), path)
    segment = checks.reference(node["segment"], "a segment's name or id", f"{path}.segment")
    entered = checks.choice(node.get("on", "entered"), ("entered", "left"), f"{path}.on") == "entered"
    return SegmentTrigger(segment, entered, checks.boolean(node.get("stay", True), f"{path}.stay"))


def _date(node: Mapping[str, Any], path: str) -> DateTrigger:
    checks.only(node, ("date", "repeat", "before", "after", "at", "timezone"), path)
    if "before" in node and "after" in node:
        raise DefinitionError(path, "has either before or after")
    offset = 0
    for key, sign in (("before", -1), ("after", 1)):
        if key in node:
            span = parse_span(node[key], f"{path}.{key}")
            if span % timedelta(days=1):
                raise DefinitionError(f"{path}.{key}", "is counted in whole days or weeks")
            offset = sign * span.days
    timezone = zone_of(node.get("timezone", "profile"), f"{path}.timezone")
    at = time_of_day(node["at"], f"{path}.at") if "at" in node else time(0)
    repeat = checks.choice(node.get("repeat", "once"), REPEATS, f"{path}.repeat")
    property_path = parse_path(node["date"], f"{path}.date")
    if any(step.every for step in property_path):
        raise DefinitionError(f"{path}.date", "a date is a single value: no []")
    return DateTrigger(DateRule(property_path, repeat, offset, at, timezone))


def _price_drop(node: Mapping[str, Any], path: str) -> PriceDropTrigger:
    checks.only(node, ("price_drop", "audience", "within", "where"), path)
    inner = f"{path}.price_drop"
    least = checks.mapping(node["price_drop"], inner)
    checks.only(least, ("percent", "amount"), inner)
    if ("percent" in least) is ("amount" in least):
        raise DefinitionError(inner, "needs percent or amount")
    amounts = {key: checks.number(value, f"{inner}.{key}") for key, value in least.items()}
    if any(amount <= 0 or (key == "percent" and amount >= 100) for key, amount in amounts.items()):
        raise DefinitionError(inner, "a drop is more than nothing and less than everything")
    return PriceDropTrigger(amounts.get("percent"), amounts.get("amount"), *_shoppers(node, path), _where(node, path))


def _low_stock(node: Mapping[str, Any], path: str) -> LowStockTrigger:
    checks.only(node, ("low_stock", "audience", "within", "where"), path)
    inner = f"{path}.low_stock"
    least = checks.mapping(node["low_stock"], inner)
    checks.only(least, ("at_most",), inner)
    at_most = checks.whole(least.get("at_most"), 1, 1_000_000, f"{inner}.at_most")
    return LowStockTrigger(at_most, *_shoppers(node, path), _where(node, path))


def _shoppers(node: Mapping[str, Any], path: str) -> tuple[tuple[str, ...], timedelta]:
    """Who is meant: those who did one of these with the product, within a span."""
    named = node.get("audience", ["viewed", "checkout"])
    if not isinstance(named, list) or not named or any(one not in AUDIENCES for one in named):
        raise DefinitionError(f"{path}.audience", f"must be a list of {', '.join(AUDIENCES)}")
    within = parse_span(node.get("within", {"days": 30}), f"{path}.within")
    if within > timedelta(days=365):
        raise DefinitionError(f"{path}.within", "is at most a year")
    return tuple(dict.fromkeys(named)), within


def _call(kind: str) -> Callable[[Mapping[str, Any], str], CallTrigger]:
    def read(node: Mapping[str, Any], path: str) -> CallTrigger:
        checks.only(node, (kind,), path)
        checks.only(checks.mapping(node[kind], f"{path}.{kind}"), (), f"{path}.{kind}")
        return CallTrigger(kind)

    return read


def _where(node: Mapping[str, Any], path: str) -> Filter | None:
    return parse_where(node["where"], f"{path}.where") if node.get("where") is not None else None


def zone_of(value: Any, path: str) -> str:
    """profile, or an IANA name."""
    if value != "profile" and (not isinstance(value, str) or zone(value) is None):
        raise DefinitionError(path, "must be profile or an IANA name such as Europe/Berlin")
    return str(value)


_KINDS: Mapping[str, Callable[[Mapping[str, Any], str], Trigger]] = {
    "metric": _metric,
    "list": _list,
    "segment": _segment,
    "date": _date,
    "price_drop": _price_drop,
    "low_stock": _low_stock,
    "api": _call("api"),
    "manual": _call("manual"),
}
