"""Which step a path in a definition belongs to, and where in it a step is written. Pure.

For messages about what is wrong: people know their steps by id, programs their fields by path.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from headwater.flows.errors import FlowError, Problem, WrongStep
from headwater.flows.reading.findings import Findings
from headwater.flows.reading.steps import StepReader
from headwater.segments.language import DefinitionError

_PART = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")


def ids(tree: Any) -> dict[str, str]:
    """The ids of a definition's steps by path, in the order written; of one that cannot be read, as far as it can."""
    reader = StepReader("", Findings())
    reader.read(tree.get("steps") if isinstance(tree, Mapping) else None, "steps")
    return reader.ids


def step_at(tree: Any, path: str, known: Mapping[str, str] | None = None) -> str:
    """The id of the step that a path leads into; '': it leads into the head of the flow, or to a step without an id.

    `known`: the ids by path, where they have been looked up before.
    """
    known = ids(tree) if known is None else known
    here, node, found = "", tree, ""
    for part in _PART.finditer(path):
        here += part[0]
        node = _inside(node, part)
        if here in known:
            found = known[here]
        elif part[2] is not None and isinstance(node, Mapping) and isinstance(node.get("id"), str):
            found = node["id"]
    return found


def refusal(tree: Any, errors: Sequence[DefinitionError | FlowError]) -> WrongStep | FlowError:
    """The first of these in the order written, with all of them and their steps."""
    known = ids(tree)
    places = {step_id: place for place, step_id in enumerate(known.values())}
    told = [(error, getattr(error, "step", "") or step_at(tree, error.path, known)) for error in errors]
    told.sort(key=lambda one: places.get(one[1], -1))
    problems = tuple(Problem(error.path, step, error.message) for error, step in told)
    first, (error, _) = problems[0], told[0]
    kind = FlowError if isinstance(error, FlowError) else WrongStep
    return kind(first.field, first.detail, first.step, problems)


def _inside(node: Any, part: re.Match[str]) -> Any:
    if part[2] is not None:
        index = int(part[2])
        return node[index] if isinstance(node, list) and index < len(node) else None
    return node.get(part[1]) if isinstance(node, Mapping) else None
