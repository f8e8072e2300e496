"""What the columns of a file mean, and a row as a person by that. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from headwater.audience.addresses import normalise_email, normalise_id, normalise_phone
from headwater.audience.profiles import COLUMNS

IDENTIFIERS = ("email", "external_id", "phone")
FIELDS = (*IDENTIFIERS, *COLUMNS)
Kind = Literal["text", "number", "boolean", "date"]
To = Literal[
    "email", "external_id", "phone", "first_name", "last_name", "locale", "timezone", "city", "region", "country",
    "property", "skip",
]  # fmt: skip


class Column(msgspec.Struct, frozen=True):
    """What one column of a file becomes."""

    to: To
    name: str = ""
    """Of the property."""
    type: Kind = "text"
    """Of the property."""


class MappingError(ValueError):
    """The columns can't be used like this; `field` names the one."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Given:
    """What a row says of a person."""

    email: str | None = None
    external_id: str | None = None
    phone: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """What of it could not be used."""


class RowRefused(Exception):
    """The row can't be taken; the message says why."""


def check(mapping: Sequence[Column], columns: Sequence[str]) -> None:
    """Raises MappingError unless every column is told, once, and somebody can be found by it."""
    if len(mapping) != len(columns):
        raise MappingError("mapping", f"The file has {len(columns)} columns; say what becomes of each.")
    seen: dict[str, str] = {}
    for number, (column, named) in enumerate(zip(mapping, columns, strict=True)):
        if column.to == "skip":
            continue
        place = f"mapping.{number}"
        if column.to == "property":
            _check_property(place, column.name, named)
        target = f"property {column.name}" if column.to == "property" else column.to.replace("_", " ")
        if target in seen:
            raise MappingError(place, f"Both “{seen[target]}” and “{named}” become the {target}.")
        seen[target] = named
    if not any(column.to in IDENTIFIERS for column in mapping):
        raise MappingError("mapping", "Say which column holds the email address, the external id or the phone number.")


def _check_property(place: str, name: str, named: str) -> None:
    if not name.strip():
        raise MappingError(place, f"Give the property a name that “{named}” becomes.")
    if len(name) > 200 or not name.isprintable():
        raise MappingError(place, "A property's name has at most 200 printable characters.")
    if name in FIELDS:
        raise MappingError(place, f"“{name}” is a field of every profile: map the column to it, or name it otherwise.")


def read(cells: Sequence[str], mapping: Sequence[Column]) -> Given:
    """What this row says. Empty cells say nothing. Raises RowRefused."""
    if len(cells) > len(mapping) and any(cell.strip() for cell in cells[len(mapping) :]):
        raise RowRefused(f"The row has {len(cells)} cells, the file {len(mapping)} columns.")
    found: dict[str, str] = {}
    attributes: dict[str, Any] = {}
    notes: list[str] = []
    for cell, column in zip(cells, mapping, strict=False):
        text = cell.replace("\x00", "").strip()
        if not text or column.to == "skip":
            continue
        if column.to in IDENTIFIERS:
            found[column.to] = text
        elif column.to == "property":
            value = _TYPED[column.type](text)
            if value is None:
                notes.append(f"“{_short(text)}” is no {_WORDS[column.type]}, so {column.name} was left as it is.")
            else:
                attributes[column.name] = value
        else:
            attributes[column.to] = text
    return _person(found, attributes, notes)


def _person(found: Mapping[str, str], attributes: dict[str, Any], notes: list[str]) -> Given:
    email, external_id, phone = found.get("email"), found.get("external_id"), found.get("phone")
    if email is not None and normalise_email(email) is None:
        raise RowRefused(f"“{_short(email)}” is not an email address.")
    if external_id is not None and normalise_id(external_id) is None:
        raise RowRefused("The external id is longer than 255 characters or holds control characters.")
    if phone is not None and normalise_phone(phone) is None:
        said = f"“{_short(phone)}” is not a phone number in international form (+49 30 1234567)"
        if email is None and external_id is None:
            raise RowRefused(f"{said}.")
        notes.append(f"{said}, so it was left out.")
        phone = None
    if email is None and external_id is None and phone is None:
        raise RowRefused("The row names nobody: no email address, external id or phone number.")
    return Given(email, external_id, phone, attributes, tuple(notes))


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


# ── typed values ────────────────────────────────────────────────────────────────────────────────────────────────────
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,10})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d{1,10})?")
_DATE = re.compile(r"([12]\d{3})-(\d{2})-(\d{2})([T ].{1,30})?")
_TRUE = frozenset({"true", "yes", "y", "1", "t", "on"})
_FALSE = frozenset({"false", "no", "n", "0", "f", "off"})
_WORDS = {"number": "number", "boolean": "yes or no", "date": "date like 2026-03-31", "text": "text"}


def number(text: str) -> int | float | None:
    """1250, 12.5, 1,250.00; None: it is none. A comma alone before two digits is ambiguous, so it is none."""
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if not _NUMBER.fullmatch(text):
        return None
    return float(text) if "." in text else int(text)


def boolean(text: str) -> bool | None:
    """Yes, no, true, 0 …; None: neither."""
    lowered = text.lower()
    return True if lowered in _TRUE else False if lowered in _FALSE else None


def date(text: str) -> str | None:
    """An ISO date, with a time of day or without, as it stands; None: it is none."""
    found = _DATE.fullmatch(text)
    if found is None or not 1 <= int(found[2]) <= 12 or not 1 <= int(found[3]) <= 31:
        return None
    return text


_TYPED: dict[Kind, Callable[[str], Any]] = {"text": str, "number": number, "boolean": boolean, "date": date}
