"""From plain data to the steps that change or call something: profile, list, coupon, webhook, notice. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from headwater.flows.reading.findings import Findings
from headwater.flows.steps import LIVE, STATUSES, Acting, ChangeList, IssueCoupon, Notify, UpdateProfile, Webhook
from headwater.segments import checks
from headwater.segments.conditions import Scalar
from headwater.segments.language import COLUMNS, DefinitionError
from headwater.segments.parsing import parse_path

MAX_TEXT = 100_000
"""Characters that all values of one update may have together."""

_HEADER = re.compile(r"[A-Za-z0-9-]{1,100}")
_FIXED = ("email", "phone", "external_id")
_Read = Callable[[Mapping[str, Any], str, str, str | None, Findings], Acting]
"""(the step as written, its path, its id, the step after it, what is wrong) → the step"""


def acting_of(
    kind: str, node: Mapping[str, Any], path: str, step_id: str, after: str | None, found: Findings
) -> Acting:
    """A step of one of these kinds; what is wrong in its fields is noted. Raises DefinitionError for one without."""
    return _KINDS[kind](node, path, step_id, after, found)


def _update(node: Mapping[str, Any], path: str, step_id: str, after: str | None, found: Findings) -> UpdateProfile:
    attempt = found.attempt
    attempt(None, checks.only, node, ("id", "update_profile", "status"), path)
    inner = f"{path}.update_profile"
    asked = checks.mapping(node["update_profile"], inner)
    attempt(None, checks.only, asked, ("set", "unset", "add_to", "remove_from"), inner)
    if not asked:
        raise DefinitionError(inner, "needs set, unset, add_to or remove_from")
    if len(str(asked)) > MAX_TEXT:
        raise DefinitionError(inner, f"has at most {MAX_TEXT} characters")
    return UpdateProfile(
        step_id,
        attempt({}, _values, asked.get("set", {}), f"{inner}.set", _value, found),
        attempt((), _unset, asked.get("unset", []), f"{inner}.unset", found),
        attempt({}, _values, asked.get("add_to", {}), f"{inner}.add_to", checks.scalar, found, own=True),
        attempt({}, _values, asked.get("remove_from", {}), f"{inner}.remove_from", checks.scalar, found, own=True),
        after,
        attempt(LIVE, _status, node, path),
    )


def _unset(names: Any, path: str, found: Findings) -> tuple[str, ...]:
    if not isinstance(names, list):
        raise DefinitionError(path, "must be a list of names")
    return tuple(found.attempt("", _property, name, f"{path}[{index}]") for index, name in enumerate(names))


def _values(
    tree: Any, path: str, read: Callable[[Any, str], Any], found: Findings, *, own: bool = False
) -> dict[str, Any]:
    def one(name: Any, value: Any, here: str) -> tuple[str, Any]:
        if own and name in COLUMNS:
            raise DefinitionError(here, "is not a list")
        return _property(name, here), read(value, here)

    nothing: tuple[str, Any] = ("", None)
    return dict(
        found.attempt(nothing, one, name, value, f"{path}.{name}") for name, value in checks.mapping(tree, path).items()
    )


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


def _list(kind: str) -> _Read:
    def read(node: Mapping[str, Any], path: str, step_id: str, after: str | None, found: Findings) -> ChangeList:
        attempt = found.attempt
        attempt(None, checks.only, node, ("id", kind, "status"), path)
        named = attempt("", checks.reference, node[kind], "a list's name or id", f"{path}.{kind}")
        return ChangeList(step_id, named, kind == "add_to_list", after, attempt(LIVE, _status, node, path))

    return read


def _coupon(node: Mapping[str, Any], path: str, step_id: str, after: str | None, found: Findings) -> IssueCoupon:
    found.attempt(None, checks.only, node, ("id", "coupon"), path)
    return IssueCoupon(step_id, found.attempt("", checks.text, node["coupon"], f"{path}.coupon"), after)


def _webhook(node: Mapping[str, Any], path: str, step_id: str, after: str | None, found: Findings) -> Webhook:
    attempt = found.attempt
    attempt(None, checks.only, node, ("id", "webhook", "status"), path)
    inner = f"{path}.webhook"
    spec = checks.mapping(node["webhook"], inner)
    attempt(None, checks.only, spec, ("url", "headers", "body"), inner)
    attempt(None, _address, spec.get("url"), f"{inner}.url")
    for name, value in attempt({}, checks.mapping, spec.get("headers", {}), f"{inner}.headers").items():
        attempt(None, _header, name, value, f"{inner}.headers.{name}")
    return Webhook(step_id, dict(spec), after, attempt(LIVE, _status, node, path))


def _address(value: Any, path: str) -> None:
    url = _url(checks.text(value, path))
    if url is None or url.scheme not in ("http", "https") or not url.hostname or url.username is not None:
        raise DefinitionError(path, "must be an http or https address without a password")


def _header(name: Any, value: Any, path: str) -> None:
    named = isinstance(name, str) and _HEADER.fullmatch(name)
    if not named or any(end in checks.text(value, path) for end in "\r\n"):
        raise DefinitionError(path, "must be a header: one name, one line")


def _url(value: str) -> SplitResult | None:
    try:
        return urlsplit(value)
    except ValueError:
        return None


def _notify(node: Mapping[str, Any], path: str, step_id: str, after: str | None, found: Findings) -> Notify:
    attempt = found.attempt
    attempt(None, checks.only, node, ("id", "notify", "status"), path)
    inner = f"{path}.notify"
    spec = checks.mapping(node["notify"], inner)
    attempt(None, checks.only, spec, ("to", "subject", "text"), inner)
    to = attempt([], _recipients, spec.get("to"), f"{inner}.to", found)
    attempt("", checks.text, spec.get("subject"), f"{inner}.subject")
    attempt("", _text, spec.get("text", ""), f"{inner}.text")
    return Notify(step_id, {**spec, "to": to}, after, attempt(LIVE, _status, node, path))


def _recipients(value: Any, path: str, found: Findings) -> list[str]:
    to = [value] if isinstance(value, str) else value
    if not isinstance(to, list) or not 1 <= len(to) <= 20:
        raise DefinitionError(path, "must be 1 to 20 addresses")
    return [found.attempt("", _recipient, address, f"{path}[{index}]") for index, address in enumerate(to)]


def _recipient(value: Any, path: str) -> str:
    if "@" not in checks.text(value, path):
        raise DefinitionError(path, "must be an email address")
    return str(value)


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise DefinitionError(path, f"must be text of at most {MAX_TEXT} characters")
    return value


def _status(node: Mapping[str, Any], path: str) -> str:
    return checks.choice(node.get("status", "live"), STATUSES, f"{path}.status")


_KINDS: Mapping[str, _Read] = {
    "update_profile": _update,
    "add_to_list": _list("add_to_list"),
    "remove_from_list": _list("remove_from_list"),
    "coupon": _coupon,
    "webhook": _webhook,
    "notify": _notify,
}
