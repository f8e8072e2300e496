"""Steps as they are written: a tree, in which steps hold the lists of their branches. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Node = Mapping[str, Any]

KINDS = (
    "email", "delay", "wait_for", "if", "if_event", "split", "random", "ab_test", "update_profile", "add_to_list",
    "remove_from_list", "coupon", "webhook", "notify", "back_in_stock", "goal", "exit",
)  # fmt: skip
_BRANCHING = ("wait_for", "split", "random")


def branches(node: Node, path: str) -> Iterator[tuple[str, Any]]:
    """The lists of steps that a step holds, each with its path, in the order written."""
    for kind in _BRANCHING:
        for index, branch in enumerate(_list(node.get(kind))):
            if isinstance(branch, Mapping) and branch.get("then") is not None:
                yield f"{path}.{kind}[{index}].then", branch["then"]
    for side in ("then", "else"):
        if node.get(side) is not None:
            yield f"{path}.{side}", node[side]


def variations(node: Node, path: str) -> Iterator[tuple[str, Node]]:
    """The emails of a test, each with its path."""
    for index, one in enumerate(_list(node.get("ab_test"))):
        if isinstance(one, Mapping):
            yield f"{path}.ab_test[{index}]", one


def rewritten(nodes: Any, change: Callable[[Node, str], Node], path: str = "steps") -> list[Any]:
    """The same tree with every step, and every email of a test, changed by `change` (step, path)."""
    return [_step(node, f"{path}[{index}]", change) for index, node in enumerate(_list(nodes))]


def _step(node: Any, path: str, change: Callable[[Node, str], Node]) -> Any:
    if not isinstance(node, Mapping):
        return node
    made = dict(change(node, path))
    for kind in _BRANCHING:
        if kind in made:
            made[kind] = [
                {**branch, "then": rewritten(branch["then"], change, f"{path}.{kind}[{index}].then")}
                if isinstance(branch, Mapping) and branch.get("then") is not None
                else branch
                for index, branch in enumerate(_list(made[kind]))
            ]
    if "ab_test" in made:
        changed = {path_: dict(change(one, path_)) for path_, one in variations(node, path)}
        made["ab_test"] = list(changed.values())
    for side in ("then", "else"):
        if made.get(side) is not None:
            made[side] = rewritten(made[side], change, f"{path}.{side}")
    return made


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
