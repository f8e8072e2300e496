"""From plain data to the steps that change or call something: profile, list, coupon, webhook, notice. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from headwater.flows.steps import STATUSES, Acting, ChangeList, IssueCoupon, Notify, UpdateProfile, Webhook
from headwater.segments import checks
from headwater.segments.conditions import Scalar
from headwater.segments.language import COLUMNS, DefinitionError
from headwater.segments.parsing import parse_path

MAX_TEXT = 100_000
"""Characters that all values of one update may have together."""

_HEADER = re.compile(r"[A-Za-z0-9-]{1,100}")
_FIXED = ("email", "phone", "external_id")


def acting_of(kind: str, node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> Acting:
    """A step of one of these kinds. Raises DefinitionError."""
    return _KINDS[kind](node, path, step_id, after)


def _update(node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> UpdateProfile:
    checks.only(node, ("id", "update_profile", "status"), path)
    inner = f"{path}.update_profile"
    asked = checks.mapping(node["update_profile"], inner)
    checks.only(asked, ("set", "unset", "add_to", "remove_from"), inner)
    if not asked:
        raise DefinitionError(inner, "needs set, unset, add_to or remove_from")
    if len(str(asked)) > MAX_TEXT:
        raise DefinitionError(inner, f"has at most {MAX_TEXT} characters")
    unset = asked.get("unset", [])
    if not isinstance(unset, list):
        raise DefinitionError(f"{inner}.unset", "must be a list of names")
    return UpdateProfile(
        step_id,
        _values(asked.get("set", {}), f"{inner}.set", _value),
        tuple(_property(name, f"{inner}.unset[{index}]") for index, name in enumerate(unset)),
        _values(asked.get("add_to", {}), f"{inner}.add_to", checks.scalar, own=True),
        _values(asked.get("remove_from", {}), f"{inner}.remove_from", checks.scalar, own=True),
        after,
        _status(node, path),
    )


def _values(tree: Any, path: str, read: Callable[[Any, str], Any], *, own: bool = False) -> dict[str, Any]:
    found = {}
    for name, value in checks.mapping(tree, path).items():
        here = f"{path}.{name}"
        if own and name in COLUMNS:
            raise DefinitionError(here, "is not a list")
        found[_property(name, here)] = read(value, here)
    return found


def _property(name: Any, path: str) -> str:
    if name in _FIXED:
        raise DefinitionError(path, "identifies the person and is not changed by a flow")
    if "." in checks.text(name, path) or name.startswith("$"):
        raise DefinitionError(path, "must be the name of a property of the profile")
    return str(name)


def _value(value: Any, path: str) -> Any:
    """A plain value, a list of them, {date: today}, or {event: path}."""
    if isinstance(value, Mapping):
        if value == {"date": "today"}:
            return dict(value)
        checks.only(value, ("event",), path)
        parse_path(value.get("event"), f"{path}.event")
        return dict(value)
    if isinstance(value, list):
        return [checks.scalar(item, f"{path}[{index}]") for index, item in enumerate(value)]
    found: Scalar = checks.scalar(value, path)
    return found


def _list(kind: str) -> Callable[[Mapping[str, Any], str, str, str | None], ChangeList]:
    def read(node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> ChangeList:
        checks.only(node, ("id", kind, "status"), path)
        named = checks.reference(node[kind], "a list's name or id", f"{path}.{kind}")
        return ChangeList(step_id, named, kind == "add_to_list", after, _status(node, path))

    return read


def _coupon(node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> IssueCoupon:
    checks.only(node, ("id", "coupon"), path)
    return IssueCoupon(step_id, checks.text(node["coupon"], f"{path}.coupon"), after)


def _webhook(node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> Webhook:
    checks.only(node, ("id", "webhook", "status"), path)
    inner = f"{path}.webhook"
    spec = checks.mapping(node["webhook"], inner)
    checks.only(spec, ("url", "headers", "body"), inner)
    url = _url(checks.text(spec.get("url"), f"{inner}.url"))
    if url is None or url.scheme not in ("http", "https") or not url.hostname or url.username is not None:
        raise DefinitionError(f"{inner}.url", "must be an http or https address without a password")
    for name, value in checks.mapping(spec.get("headers", {}), f"{inner}.headers").items():
        here = f"{inner}.headers.{name}"
        named = isinstance(name, str) and _HEADER.fullmatch(name)
        if not named or any(end in checks.text(value, here) for end in "\r\n"):
            raise DefinitionError(here, "must be a header: one name, one line")
    return Webhook(step_id, dict(spec), after, _status(node, path))


def _url(value: str) -> SplitResult | None:
    try:
        return urlsplit(value)
    except ValueError:
        return None


def _notify(node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> Notify:
    checks.only(node, ("id", "notify", "status"), path)
    inner = f"{path}.notify"
    spec = checks.mapping(node["notify"], inner)
    checks.only(spec, ("to", "subject", "text"), inner)
    to = [spec["to"]] if isinstance(spec.get("to"), str) else spec.get("to")
    if not isinstance(to, list) or not 1 <= len(to) <= 20:
        raise DefinitionError(f"{inner}.to", "must be 1 to 20 addresses")
    for index, address in enumerate(to):
        if "@" not in checks.text(address, f"{inner}.to[{index}]"):
            raise DefinitionError(f"{inner}.to[{index}]", "must be an email address")
    checks.text(spec.get("subject"), f"{inner}.subject")
    text = spec.get("text", "")
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise DefinitionError(f"{inner}.text", f"must be text of at most {MAX_TEXT} characters")
    return Notify(step_id, {**spec, "to": to}, after, _status(node, path))


def _status(node: Mapping[str, Any], path: str) -> str:
    return checks.choice(node.get("status", "live"), STATUSES, f"{path}.status")


_KINDS: Mapping[str, Callable[[Mapping[str, Any], str, str, str | None], Acting]] = {
    "update_profile": _update,
    "add_to_list": _list("add_to_list"),
    "remove_from_list": _list("remove_from_list"),
    "coupon": _coupon,
    "webhook": _webhook,
    "notify": _notify,
}
