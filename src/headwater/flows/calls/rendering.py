"""What a call says about its person: bodies of webhooks, subjects and texts of notices, in the language of the emails.

A webhook's body is a tree of JSON whose texts are templates; what a template writes is a text, never more structure.
`check` says what is wrong with a step before it is published. Knows no database.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

import orjson

from headwater.accounts.brand import Brand
from headwater.audience.profiles import Profile
from headwater.content import context
from headwater.content.context import CouponCode
from headwater.content.errors import LimitExceeded, RenderError, TemplateError
from headwater.content.liquid import program, tokens
from headwater.content.liquid.dates import Moment
from headwater.content.liquid.program import Frame, Program
from headwater.core import destinations, jsonb, settings
from headwater.delivery.gates import wire_address

MOST_BYTES = 256_000
"""Of a rendered body."""
LARGEST_SPEC = 64_000
DEEPEST = 20
MOST_HEADERS = 20
MOST_RECIPIENTS = 20

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]{0,2000}")
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect"})
_OF_EMAILS = ("unsubscribe_link", "preferences_link", "web_view_link")
_Mode = Literal["text", "line"]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a call is about, and what began it."""

    flow: str
    step: str
    brand: Brand
    profile: Profile
    trigger: Mapping[str, Any]
    coupons: Mapping[str, CouponCode]
    now: datetime

    def names(self) -> dict[str, Any]:
        """What templates see: what the flow's emails see, but for the catalog's products."""
        event = self.trigger.get("properties")
        return context.build(self.brand, self.profile, event=event, coupons=self.coupons, message=self.step)

    def frame(self) -> Frame:
        return Frame(Moment(self.now, self.profile.timezone or self.brand.timezone, self.brand.currency))


# ── rendering ───────────────────────────────────────────────────────────────────────────────────────────────────────
def body(spec: Mapping[str, Any], about: Subject) -> bytes:
    """A webhook's body as JSON. Raises RenderError, TemplateError."""
    tree = spec.get("body")
    rendered = _default(about) if tree is None else _filled(tree, _writer(about))
    found = orjson.dumps(rendered, default=str)
    if len(found) > MOST_BYTES:
        raise LimitExceeded(f"The body is larger than {MOST_BYTES:,} bytes.")
    return found


def note(spec: Mapping[str, Any], about: Subject) -> tuple[str, str]:
    """A notice's subject and text, lines ended by LF. Raises RenderError, TemplateError."""
    names, frame = about.names(), about.frame()
    subject = " ".join(_program(spec["subject"], "line").run(names, frame).split())
    return subject, _lf(_program(spec["text"], "text").run(names, frame))


def _default(about: Subject) -> dict[str, Any]:
    """Who, where and why: what most receivers want to know."""
    person = about.profile
    shown = {name: getattr(person, name) for name in ("id", "external_id", "email", "first_name", "last_name")}
    return {"flow": about.flow, "step": about.step, "profile": shown, "event": dict(about.trigger)}


def _writer(about: Subject) -> Callable[[str], str]:
    names, frame = about.names(), about.frame()

    def write(text: str) -> str:
        return _lf(_program(text, "text").run(names, frame)) if "{" in text else text

    return write


def _filled(tree: Any, write: Callable[[str], str]) -> Any:
    if isinstance(tree, str):
        return write(tree)
    if isinstance(tree, Mapping):
        return {name: _filled(value, write) for name, value in tree.items()}
    if isinstance(tree, list):
        return [_filled(value, write) for value in tree]
    return tree


def _lf(text: str) -> str:
    return text.replace("\r\n", "\n")


@lru_cache(maxsize=1024)
def _program(source: str, mode: _Mode) -> Program:
    """A template ready to run. Raises TemplateError."""
    spelled = tokens.spell_out(source, "text")
    for name in _OF_EMAILS:
        if name in spelled:
            raise TemplateError(f"{name} belongs to an email, and this is none.")
    return program.build(spelled, mode)


# ── checking ────────────────────────────────────────────────────────────────────────────────────────────────────────
def check(spec: Mapping[str, Any], *, private: bool | None = None) -> None:
    """Raises TemplateError, with the field, for a webhook (it has a `url`) or notice that cannot be carried out.

    `private`: whether webhooks may call private addresses; None: what the instance's settings say. Where a name leads
    is asked when it is called.
    """
    if len(jsonb.encoded(spec)) > LARGEST_SPEC:
        raise TemplateError(f"The step is larger than {LARGEST_SPEC:,} bytes.")
    if "url" in spec:
        _check_url(spec["url"], settings.current().webhooks_private if private is None else private)
        _check_headers(spec.get("headers"))
        _check_tree(spec.get("body"), "body", 0)
    else:
        _check_recipients(spec.get("to"))
        _check_text(spec.get("subject"), "line", "subject")
        _check_text(spec.get("text"), "text", "text")


def _check_url(url: object, private: bool) -> None:
    if not isinstance(url, str):
        raise TemplateError("The URL must be a text.", field="url")
    try:
        destinations.check_url(url, private=private)
    except destinations.Refused as problem:
        raise TemplateError(str(problem), field="url") from None


def _check_headers(headers: object) -> None:
    if headers is None:
        return
    if not isinstance(headers, Mapping) or len(headers) > MOST_HEADERS:
        raise TemplateError(f"Headers must be at most {MOST_HEADERS} names with their texts.", field="headers")
    for name, value in headers.items():
        if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):
            raise TemplateError(f"“{name}” is not the name of a header.", field="headers")
        if name.lower() in _OURS or name.lower().startswith(("headwater-", "proxy-")):
            raise TemplateError(f"The header {name} is not yours to set.", field=f"headers.{name}")
        if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
            raise TemplateError("A header's value is a line of plain ASCII.", field=f"headers.{name}")


def _check_tree(tree: object, path: str, depth: int) -> None:
    if depth > DEEPEST:
        raise TemplateError(f"The body is nested more than {DEEPEST} deep.", field="body")
    if isinstance(tree, str):
        _check_program(tree, "text", path)
    elif isinstance(tree, Mapping):
        for name, value in tree.items():
            _check_tree(value, f"{path}.{name}", depth + 1)
    elif isinstance(tree, list):
        for number, value in enumerate(tree):
            _check_tree(value, f"{path}.{number}", depth + 1)


def _check_recipients(to: object) -> None:
    if not isinstance(to, list) or not 1 <= len(to) <= MOST_RECIPIENTS:
        raise TemplateError(f"“to” must be a list of 1 to {MOST_RECIPIENTS} email addresses.", field="to")
    for number, address in enumerate(to):
        if not isinstance(address, str) or wire_address(address) is None:
            raise TemplateError(f"“{str(address)[:80]}” is not an email address.", field=f"to.{number}")


def _check_text(text: object, mode: _Mode, field: str) -> None:
    if not isinstance(text, str) or not text.strip():
        raise TemplateError(f"A notice needs a {field}.", field=field)
    _check_program(text, mode, field)


def _check_program(source: str, mode: _Mode, field: str) -> None:
    try:
        _program(source, mode)
    except TemplateError as problem:
        raise problem.within(field) from None


__all__ = ["RenderError", "Subject", "TemplateError", "body", "check", "note"]
