"""Which people a table asks for, as SQL conditions on `profile AS p`, and by what they are sorted. Pure.

The expressions here are those of the indexes profile_search, profile_email and profile_name; they must stay the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Consent = Literal["subscribed", "unsubscribed", "never_subscribed"]
SortBy = Literal["created", "email", "name", "orders", "value"]

KNOWN = "(p.email IS NOT NULL OR p.external_id IS NOT NULL OR p.phone IS NOT NULL)"
_WORDS = """lower(
    ' ' || COALESCE(p.email, '') || ' ' || COALESCE(p.first_name, '') || ' ' || COALESCE(p.last_name, '') || ' '
    || COALESCE(p.external_id, '') || ' ' || COALESCE(p.phone, '')
)"""
_NAME = "NULLIF(lower(COALESCE(p.first_name, '') || ' ' || COALESCE(p.last_name, '')), ' ')"
_PHONE = re.compile(r"\+?[\d\s().\-/]{6,}")
_MOST_WORDS = 5
_SHORT = 3
"""Shorter words have no trigram inside them: they are looked for where a word begins."""

Exists = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Sort:
    """A column that people sort by."""

    key: str
    type: str
    measure: str | None = None
    """Of an order's totals; None: of the profile."""


SORTS: dict[SortBy, Sort] = {
    "created": Sort("p.created_at", "timestamptz"),
    "email": Sort("COALESCE(lower(p.email), '~') COLLATE \"C\"", "text"),
    "name": Sort(f"COALESCE({_NAME}, '~') COLLATE \"C\"", "text"),
    "orders": Sort("m.count", "bigint", "count"),
    "value": Sort("m.sum::float8", "float8", "sum"),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """Who is asked for; what is None is not asked."""

    q: str | None = None
    consent: Consent | None = None
    list_id: int | None = None
    segment: tuple[int, int] | None = None
    """(id, version of its membership)."""
    country: str | None = None
    suppressed: bool | None = None
    created_since: datetime | None = None


def conditions(filters: Filters, exists: Exists) -> tuple[str, dict[str, Any]]:
    """The WHERE clause after `workspace_id`, and its values. `exists` says how a look into another table is written."""
    found = [KNOWN]
    values: dict[str, Any] = {}
    for number, word in enumerate(words(filters.q or "")):
        found.append(f"{_WORDS} LIKE %(q{number})s")
        values[f"q{number}"] = pattern(word)
    if filters.consent == "never_subscribed":
        found.append("NOT " + exists(_of("consent", "channel = 'email'")))
    elif filters.consent is not None:
        found.append(exists(_of("consent", f"state = '{filters.consent}'")))
    if filters.list_id is not None:
        found.append(exists(_of("list_member", "list_id = %(list)s")))
        values["list"] = filters.list_id
    if filters.segment is not None:
        found.append(exists(_of("segment_member", "segment_id = %(segment)s AND x.version = %(version)s")))
        values["segment"], values["version"] = filters.segment
    if filters.country is not None:
        found.append("p.country = %(country)s")
        values["country"] = filters.country
    if filters.suppressed is not None:
        found.append(("" if filters.suppressed else "NOT ") + exists(_of("suppression", "at IS NOT NULL")))
    if filters.created_since is not None:
        found.append("p.created_at >= %(since)s")
        values["since"] = filters.created_since
    return "\n  AND ".join(found), values


def _of(table: str, condition: str) -> str:
    """The rows of a table about this person; indexes: its primary key."""
    return f"FROM {table} x WHERE x.workspace_id = %(workspace)s AND x.profile_id = p.id AND x.{condition}"


def semi_join(rows: str) -> str:
    """For the planner to turn round: from the rarer side."""
    return f"EXISTS (SELECT {rows})"


def probe(rows: str) -> str:
    """For one look a person, whatever the planner believes."""
    return f"COALESCE((SELECT true {rows} LIMIT 1), false)"


def words(q: str) -> list[str]:
    """What is looked for: each of these somewhere. A phone number is one, without signs and leading zeros."""
    text = q.replace("\x00", "").lower().strip()
    if _PHONE.fullmatch(text):
        return [re.sub(r"\D", "", text).lstrip("0") or "0"]
    return text.split()[:_MOST_WORDS]


def pattern(word: str) -> str:
    """As LIKE takes it."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"% {escaped}%" if len(word) < _SHORT else f"%{escaped}%"
