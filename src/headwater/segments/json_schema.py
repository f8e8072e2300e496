"""How the published JSON Schemas (draft 2020-12) are written: references, closed objects, one of several keys. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Node = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def ref(name: str) -> Node:
    """What stands under this name in `$defs`."""
    return {"$ref": f"#/$defs/{name}"}


def closed(properties: Node, *, required: Iterable[str] = (), **more: Any) -> Node:
    """An object with these keys and no others; required is the first unless it is said which are."""
    needed = list(required) or [next(iter(properties))]
    return {**more, "type": "object", "properties": properties, "required": needed, "additionalProperties": False}


def one_of(properties: Node) -> Node:
    """An object with exactly one of these keys."""
    return {
        "description": f"Exactly one of {', '.join(properties)}.",
        "type": "object",
        "properties": properties,
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
    }


def two(part: str) -> Node:
    """A list of two of these."""
    return {"type": "array", "items": ref(part), "minItems": 2, "maxItems": 2}


def none_of(names: Iterable[str]) -> Node:
    """Properties of an object that has none of these keys."""
    return dict.fromkeys(names, False)
