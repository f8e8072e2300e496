"""Documents spoilt a little: to hold a published schema and its parser together, bad ones are needed too."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import strategies as st


def nodes(node: Any) -> Iterator[Any]:
    """A tree's objects."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(child)


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Everything that can be changed, as what holds it and under which key."""
    for key, child in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield node, key
        yield from _places(child)


@st.composite
def spoilt(draw: st.DrawFn, documents: st.SearchStrategy[Any], words: Sequence[str], junk: Sequence[Any]) -> Any:
    """A document with one or two things changed: a key gone, one too many, another name for it, another value."""
    whole = [copy.deepcopy(draw(documents))]
    for _ in range(draw(st.integers(1, 2))):
        holder, key = draw(st.sampled_from(list(_places(whole))))
        match draw(st.sampled_from(["drop", "add", "rename", "replace", "double"])):
            case "drop" if holder is not whole:
                del holder[key]
            case "add" if isinstance(holder, dict):
                holder[draw(st.sampled_from(words))] = copy.deepcopy(draw(st.sampled_from(junk)))
            case "rename" if isinstance(holder, dict):
                holder[draw(st.sampled_from(words))] = holder.pop(key)
            case "double" if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[key]))
            case _:
                holder[key] = copy.deepcopy(draw(st.sampled_from(junk)))
    return whole[0]
