"""PostgreSQL array literals, built by joining text: for batches where adapting each element would cost too much.

Pass the literal as a parameter and cast it: `unnest(%(ids)s::bigint[])`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID


def plain(values: Iterable[int | float | Decimal | UUID | date | str]) -> str:
    """Numbers, UUIDs (as such or in hex) and dates: their text needs no quotes."""
    return "{" + ",".join(map(str, values)) + "}"


def instants(values: Iterable[datetime | None]) -> str:
    """None is null."""
    return "{" + ",".join([value.isoformat() if value is not None else "NULL" for value in values]) + "}"


def texts(values: Iterable[str | None]) -> str:
    """Any text, quoted; None is null."""
    return "{" + ",".join([_quoted(value) for value in values]) + "}"


def _quoted(value: str | None) -> str:
    if value is None:
        return "NULL"
    if "\\" in value or '"' in value:
        value = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{value}"'
