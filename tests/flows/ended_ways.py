"""Steps as written, without what nobody can come to: for generated flows, which must be ones that can be published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def up_to_the_end(nodes: list[Any]) -> list[Any]:
    """The steps of a list, up to the first after which every way has ended."""
    for place, node in enumerate(nodes):
        if _ends(node):
            return nodes[: place + 1]
    return nodes


def _ends(node: Any) -> bool:
    if node == "exit" or (isinstance(node, Mapping) and "exit" in node):
        return True
    ways = _ways(node) if isinstance(node, Mapping) else []
    return bool(ways) and all(any(_ends(step) for step in way or []) for way in ways)


def _ways(node: Mapping[str, Any]) -> list[Any]:
    branching = next((node[kind] for kind in ("wait_for", "split", "random") if kind in node), None)
    ways = [branch.get("then") for branch in branching] if branching is not None else []
    if "if" in node or "if_event" in node:
        ways.append(node.get("then"))
    return [*ways, node.get("else")] if ways and "random" not in node else ways
