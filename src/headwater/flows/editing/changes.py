"""What differs between two versions of a flow: steps added, removed, moved and changed, each said in words. Pure.

A step is known by its id. One that has come between two others, or has gone from there, moves neither of them: moved is
what stands in another branch, or before what it stood behind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any

from headwater.flows.definition import FlowDefinition
from headwater.flows.editing.change_words import field_words, head_words, step_said, way_words
from headwater.flows.reading import parse
from headwater.flows.reading import tree as trees
from headwater.flows.reading.step_paths import ids

ADDED, REMOVED, MOVED, CHANGED = "added", "removed", "moved", "changed"

_HEAD = {
    "name": "name",
    "description": "description",
    "priority": "priority",
    "trigger": "trigger",
    "profile_filters": "profile_filters",
    "entry.again": "again_after",
    "entry.key": "key",
    "entry.merge": "merge",
    "entry.holdout": "holdout",
    "exit_on": "exit_on",
    "coupons": "coupons",
    "send_window": "send_window",
    "tests": "tests",
}
"""What of a definition each field of the head becomes."""

_USUAL = {"status": "live", "smart_sending": True, "transactional": False, "count_past": False, "unmet": "go_on"}
"""What a field says that is left out."""

_NOT_ITS_OWN = ("id", "template_id", "then", "else", "ab_test")


@dataclass(frozen=True)
class Change:
    kind: str
    """added, removed, moved, changed"""
    step: str
    """The step's id; '': the head of the flow."""
    step_kind: str
    """email, delay …; '' for the head."""
    field: str
    """What of it, as in a flow file; '': the step itself."""
    before: Any
    after: Any
    words: str


def diff(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> tuple[Change, ...]:
    """From one definition to another, as they are stored: the head first, then the steps as they are written now, then
    those that are gone. None: there was no version before."""
    after = _Version(new)
    if old is None:
        return tuple(_added(after, step_id) for step_id in after.steps)
    before = _Version(old)
    moved = _moved_themselves(before, after)
    found = list(_head_changes(before, after))
    for step_id in after.steps:
        if step_id not in before.steps:
            found.append(_added(after, step_id))
            continue
        if step_id in moved:
            found.append(_moved(before, after, step_id))
        found += _step_changes(before, after, step_id)
    found += [_removed(before, step_id) for step_id in before.steps if step_id not in after.steps]
    if not found and old != new:
        found.append(Change(CHANGED, "", "", "", None, None, "written differently, with the same meaning"))
    return tuple(found)


def moved(old: Mapping[str, Any], new: Mapping[str, Any]) -> frozenset[str]:
    """The steps that stand at another place, with those in their branches."""
    before, after = _Version(old), _Version(new)
    themselves = _moved_themselves(before, after)
    return frozenset(
        step_id
        for step_id in after.steps
        if step_id in before.steps and any(one in themselves for one in after.line(step_id))
    )


# ── a version, step by step ─────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class _Step:
    node: Mapping[str, Any]
    kind: str
    parent: str
    branch: str
    """The list it stands in, within its parent: then, wait_for[1].then; ab_test for the email of a test."""


class _Version:
    """A definition with its steps by id, in the order written."""

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self.tree = tree
        self.ids = ids(tree)
        self.steps: dict[str, _Step] = {}
        self._gather(tree.get("steps"), "steps", "", "")

    @cached_property
    def definition(self) -> FlowDefinition:
        return parse(self.tree)

    @cached_property
    def lists(self) -> Mapping[tuple[str, str], list[str]]:
        """The ids of each list of steps, by parent and branch."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for step_id, step in self.steps.items():
            found[step.parent, step.branch].append(step_id)
        return found

    def line(self, step_id: str) -> Iterator[str]:
        """The step and those in whose branches it stands."""
        while step_id:
            yield step_id
            step_id = self.steps[step_id].parent

    def _gather(self, nodes: Any, path: str, parent: str, branch: str) -> None:
        for index, raw in enumerate(nodes or []):
            here = f"{path}[{index}]"
            node = raw if isinstance(raw, Mapping) else {"exit": {}}
            step_id = self.ids[here]
            kind = next(kind for kind in trees.KINDS if kind in node)
            self.steps[step_id] = _Step(node, kind, parent, branch)
            for variation_path, variation in trees.variations(node, here):
                self.steps[self.ids[variation_path]] = _Step(variation, "email", step_id, "ab_test")
            for branch_path, steps in trees.branches(node, here):
                self._gather(steps, branch_path, step_id, branch_path.removeprefix(f"{here}."))


def _moved_themselves(before: _Version, after: _Version) -> set[str]:
    """In another list, or out of the order that the others of their list keep."""
    found: set[str] = set()
    kept: dict[tuple[str, str], list[str]] = defaultdict(list)
    for step_id, step in after.steps.items():
        was = before.steps.get(step_id)
        if was is None:
            continue
        if (was.parent, was.branch) == (step.parent, _branch_before(before, after, step)):
            kept[was.parent, was.branch].append(step_id)
        else:
            found.add(step_id)
    for place, now in kept.items():
        then = [step_id for step_id in before.lists[place] if step_id in set(now)]
        matched = SequenceMatcher(None, then, now, autojunk=False).get_matching_blocks()
        in_order = {step_id for block in matched for step_id in then[block.a : block.a + block.size]}
        found |= set(now) - in_order
    return found


def _branch_before(before: _Version, after: _Version, step: _Step) -> str:
    """What the branch of a step was called before: branches are known by what they ask, then by their order."""
    parent_then, parent_now = before.steps.get(step.parent), after.steps.get(step.parent)
    kind = step.branch.partition("[")[0]
    if parent_then is None or parent_now is None or not step.branch.endswith("].then") or kind not in parent_then.node:
        return step.branch
    pairs = _paired(_questions(parent_then.node[kind]), _questions(parent_now.node[kind]))
    was = pairs.get(int(step.branch[len(kind) + 1 : -len("].then")]))
    return f"{kind}[{was}].then" if was is not None else ""


def _questions(branches: Sequence[Mapping[str, Any]]) -> list[Any]:
    return [{key: value for key, value in branch.items() if key != "then"} for branch in branches]


def _paired(then: Sequence[Any], now: Sequence[Any]) -> dict[int, int]:
    """By index now: the index then."""
    left, pairs = list(range(len(then))), {}
    for index, asked in enumerate(now):
        same = next((was for was in left if then[was] == asked), None)
        if same is not None:
            left.remove(same)
            pairs[index] = same
    others = [index for index in range(len(now)) if index not in pairs]
    return pairs | dict(zip(others, left, strict=False))


# ── single changes ──────────────────────────────────────────────────────────────────────────────────────────────────
def _added(version: _Version, step_id: str) -> Change:
    step = version.steps[step_id]
    words = f"{_called(version, step_id)} added {_where(version, step_id)}: {_said(version, step_id)}"
    return Change(ADDED, step_id, step.kind, "", None, dict(step.node), words)


def _removed(version: _Version, step_id: str) -> Change:
    step = version.steps[step_id]
    words = f"{_called(version, step_id)} removed: {_said(version, step_id)}"
    return Change(REMOVED, step_id, step.kind, "", dict(step.node), None, words)


def _moved(before: _Version, after: _Version, step_id: str) -> Change:
    then, now = _where(before, step_id), _where(after, step_id)
    words = f"{_called(after, step_id)} moved: {then} → {now}"
    return Change(MOVED, step_id, after.steps[step_id].kind, "", then, now, words)


def _step_changes(before: _Version, after: _Version, step_id: str) -> Iterator[Change]:
    was, now = before.steps[step_id], after.steps[step_id]
    called = _called(after, step_id)
    if was.kind != now.kind:
        words = f"{called} was another kind of step: {_said(before, step_id)} → {_said(after, step_id)}"
        yield Change(CHANGED, step_id, now.kind, "", dict(was.node), dict(now.node), words)
        return
    for field in dict.fromkeys((*was.node, *now.node)):
        then, asked = _own(was, field), _own(now, field)
        if field not in _NOT_ITS_OWN and then != asked:
            said = (
                field_words(before.definition, before.definition.steps[step_id], field, then),
                field_words(after.definition, after.definition.steps[step_id], field, asked),
            )
            label = called if field == now.kind else f"{called}, {field.replace('_', ' ')}"
            yield Change(CHANGED, step_id, now.kind, field, then, asked, _from_to(label, *said))


def _own(step: _Step, field: str) -> Any:
    """A field's value, without the steps of branches."""
    value = step.node.get(field, _USUAL.get(field))
    if field == step.kind and isinstance(value, list) and field != "ab_test":
        return _questions(value)
    return value


def _head_changes(before: _Version, after: _Version) -> Iterator[Change]:
    for field, becomes in _HEAD.items():
        if getattr(before.definition, becomes) != getattr(after.definition, becomes):
            then, now = _at(before.tree, field), _at(after.tree, field)
            label = field.replace("entry.", "").replace("_", " ")
            said = head_words(before.definition, field, then), head_words(after.definition, field, now)
            yield Change(CHANGED, "", "", field, then, now, _from_to(label, *said))


def _at(tree: Mapping[str, Any], field: str) -> Any:
    group, _, key = field.rpartition(".")
    return (tree.get(group) or {} if group else tree).get(key)


def _from_to(label: str, before: str, after: str) -> str:
    return f"{label}: {before} → {after}" if before != after else f"{label} changed"


def _called(version: _Version, step_id: str) -> str:
    return f"{version.steps[step_id].kind.replace('_', ' ')} {step_id}"


def _said(version: _Version, step_id: str) -> str:
    return step_said(version.definition, version.definition.steps[step_id])


def _where(version: _Version, step_id: str) -> str:
    step = version.steps[step_id]
    beside = version.lists[step.parent, step.branch]
    place = beside.index(step_id)
    if step.branch == "ab_test":
        return f"in {step.parent}"
    if place:
        return f"after {beside[place - 1]}"
    if not step.parent:
        return "at the beginning"
    return f"first in {step.parent} ({way_words(version.definition.steps[step.parent], step.branch)})"
