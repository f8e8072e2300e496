"""JSON text that PostgreSQL's jsonb takes: it has no NUL character, wherever in the value one may hide."""

from __future__ import annotations

from typing import Any

import orjson


def text(value: Any) -> str:
    """`value` as compact JSON without raw line ends or tabs. Raises TypeError for what JSON cannot say."""
    return encoded(value).decode()


def encoded(value: Any) -> bytes:
    """The same, in UTF-8."""
    found = orjson.dumps(value, default=str)
    if b"\\u0000" in found:
        found = orjson.dumps(_without_nul(orjson.loads(found)))
    return found


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [_without_nul(one) for one in value]
    if isinstance(value, dict):
        return {_without_nul(name): _without_nul(one) for name, one in value.items()}
    return value
