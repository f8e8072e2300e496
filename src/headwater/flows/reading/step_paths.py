"""Which step a path in a definition belongs to, and where in it a step is written. Pure.

For messages about what is wrong: people know their steps by id, programs their fields by path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from headwater.flows.errors import FlowError, WrongStep
from headwater.flows.reading.steps import StepReader
from headwater.segments.language import DefinitionError

_PART = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")


def ids(tree: Any) -> dict[str, str]:
    """The ids of a definition's steps by path, in the order written; of one that cannot be read, as far as it can."""
    reader = StepReader("")
    with suppress(DefinitionError):
        reader.read(tree.get("steps") if isinstance(tree, Mapping) else None, "steps")
    return reader.ids


def step_at(tree: Any, path: str) -> str:
    """The id of the step that a path leads into; '': it leads into the head of the flow, or to a step without an id."""
    known = ids(tree)
    here, node, found = "", tree, ""
    for part in _PART.finditer(path):
        here += part[0]
        node = _inside(node, part)
        if here in known:
            found = known[here]
        elif part[2] is not None and isinstance(node, Mapping) and isinstance(node.get("id"), str):
            found = node["id"]
    return found


@contextmanager
def at_steps(tree: Any) -> Iterator[None]:
    """What is wrong with this definition is said with the id of its step."""
    try:
        yield
    except DefinitionError as error:
        raise WrongStep(error.path, error.message, step_at(tree, error.path)) from None
    except FlowError as error:
        error.step = error.step or step_at(tree, error.path)
        raise


def _inside(node: Any, part: re.Match[str]) -> Any:
    if part[2] is not None:
        index = int(part[2])
        return node[index] if isinstance(node, list) and index < len(node) else None
    return node.get(part[1]) if isinstance(node, Mapping) else None
