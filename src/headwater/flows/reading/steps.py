"""From the tree of steps as written to the table that the engine walks. Pure.

Ids are given first, so that each step can name the next; then the table is filled from the end of each list. What is
wrong is noted, step by step and field by field, and reading goes on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from headwater.flows.reading import tree
from headwater.flows.reading.acts import acting_of
from headwater.flows.reading.delays import delay_of
from headwater.flows.reading.findings import Findings
from headwater.flows.reading.parts import filters_of, named, occurrence_of, slug_of
from headwater.flows.steps import (
    STATUSES,
    AbTest,
    BackInStock,
    Branch,
    Email,
    Exit,
    Goal,
    MultiSplit,
    Occurrence,
    RandomSplit,
    Split,
    Step,
    TriggerSplit,
    WaitFor,
    Winner,
)
from headwater.segments import checks
from headwater.segments.conditions import AllOf
from headwater.segments.language import Condition, DefinitionError, Filter, parse_span, parse_where
from headwater.segments.language import parse as parse_condition

MAX_STEPS = 200
MAX_DEPTH = 10
MAX_BRANCHES = 20


class StepReader:
    """Reads one flow's steps; `table` then holds them in the order written."""

    def __init__(self, slug: str, found: Findings) -> None:
        self.slug = slug
        self.found = found
        self.table: dict[str, Step] = {}
        self.ids: dict[str, str] = {}  # path → id
        self.taken: dict[str, str] = {}  # id → path
        self.automatic: dict[str, int] = {}

    def read(self, nodes: Any, path: str) -> str:
        """Fill the table, as far as the steps can be read; answers the id of the first, '' without one."""
        if not isinstance(nodes, list) or not nodes:
            self.found.note(DefinitionError(path, "a flow needs at least one step"))
            return ""
        self._name(nodes, path, 0)
        self._list(nodes, path, None)
        self.table = {step_id: self.table[step_id] for step_id in self.taken if step_id in self.table}
        return self.ids.get(f"{path}[0]", "")

    # ── ids ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _name(self, nodes: Any, path: str, depth: int) -> None:
        if depth > MAX_DEPTH:
            self.found.note(DefinitionError(path, f"branches nest at most {MAX_DEPTH} deep"))
        elif not isinstance(nodes, list):
            self.found.note(DefinitionError(path, "must be a list of steps"))
        else:
            for index, raw in enumerate(nodes):
                if len(self.ids) > MAX_STEPS:
                    return
                self._name_step(raw, f"{path}[{index}]", depth)
                if index + 1 < len(nodes) and (raw == "exit" or isinstance(raw, Mapping) and "exit" in raw):
                    self.found.note(DefinitionError(f"{path}[{index + 1}]", "is never reached: it follows an exit"))

    def _name_step(self, raw: Any, path: str, depth: int) -> None:
        try:
            node = _node(raw, path)
            kind = _kind(node, path)
        except DefinitionError as error:
            self.found.note(error)
            return
        self.found.attempt(None, self._take, kind, node, path)
        for variation_path, variation in tree.variations(node, path):
            self.found.attempt(None, self._take, "email", variation, variation_path)
        for branch_path, branch in tree.branches(node, path):
            self._name(branch, branch_path, depth + 1)

    def _take(self, kind: str, node: Mapping[str, Any], path: str) -> None:
        step_id = self._id(kind, node, path)
        self.ids[path] = step_id
        if step_id in self.taken:
            raise DefinitionError(f"{path}.id", f"the id {step_id} is already that of {self.taken[step_id]}")
        self.taken[step_id] = path
        if len(self.ids) > MAX_STEPS:
            raise DefinitionError(path, f"a flow has at most {MAX_STEPS} steps")

    def _id(self, kind: str, node: Mapping[str, Any], path: str) -> str:
        if "id" in node:
            return slug_of(node["id"], f"{path}.id")
        if kind == "email" and isinstance(node.get("email"), str):
            stem = re.sub(r"[^a-z0-9]+", "-", node["email"].rsplit("/", 1)[-1].removesuffix(".mjml").lower()).strip("-")
            if stem:
                return stem
        self.automatic[kind] = self.automatic.get(kind, 0) + 1
        return f"{kind.replace('_', '-')}-{self.automatic[kind]}"

    # ── the table ───────────────────────────────────────────────────────────────────────────────────────────────────
    def _list(self, nodes: Any, path: str, after: str | None) -> str | None:
        """The steps of one list; what follows its last is `after`. Answers the id of its first."""
        following = after
        for index in reversed(range(len(nodes) if isinstance(nodes, list) else 0)):
            here = f"{path}[{index}]"
            if here in self.ids:
                step = self.found.attempt(None, self._step, _node(nodes[index], here), here, following)
                following = self.ids[here]
                if step is not None:
                    self.table[following] = step
        return following

    def _step(self, node: Mapping[str, Any], path: str, after: str | None) -> Step | None:
        step_id, kind = self.ids[path], _kind(node, path)
        read = self._kinds.get(kind)
        if read is not None:
            return read(self, node, path, step_id, after)
        return acting_of(kind, node, path, step_id, after, self.found)

    def _only(self, node: Mapping[str, Any], allowed: Sequence[str], path: str) -> None:
        self.found.attempt(None, checks.only, node, allowed, path)

    def _condition(self, tree_: Any, path: str, step_id: str) -> Condition:
        nothing: Condition = AllOf(())
        salt = f"{self.slug}:{step_id}"
        return self.found.attempt(nothing, parse_condition, tree_, in_flow=True, path=path, salt=salt)

    def _email(self, node: Mapping[str, Any], path: str, step_id: str, after: str | None, *, more: str = "") -> Email:
        attempt = self.found.attempt
        known = ("id", "email", "template_id", "name", "smart_sending", "transactional", "filters", "utm", "status")
        self._only(node, (*known, more) if more else known, path)
        template_id = node.get("template_id")
        if template_id is not None:
            attempt(1, checks.whole, template_id, 1, 2**63 - 1, f"{path}.template_id")
        return Email(
            id=step_id,
            template=attempt("", named, node["email"], f"{path}.email"),
            template_id=template_id,
            name=attempt("", named, node.get("name", step_id), f"{path}.name"),
            next=after,
            smart_sending=attempt(True, checks.boolean, node.get("smart_sending", True), f"{path}.smart_sending"),
            transactional=attempt(False, checks.boolean, node.get("transactional", False), f"{path}.transactional"),
            filters=attempt(None, filters_of, node.get("filters"), f"{path}.filters", salt=f"{self.slug}:{step_id}"),
            utm=attempt(None, _utm, node.get("utm"), f"{path}.utm"),
            status=attempt("live", checks.choice, node.get("status", "live"), STATUSES, f"{path}.status"),
        )

    def _ab_test(self, node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> AbTest:
        self._only(node, ("id", "ab_test", "winner"), path)
        found = list(tree.variations(node, path))
        if not isinstance(node["ab_test"], list) or not 2 <= len(found) <= 7 or len(found) != len(node["ab_test"]):
            self.found.note(DefinitionError(f"{path}.ab_test", "is a list of two to seven emails"))
        for here, one in found:
            if "email" not in one:
                self.found.note(DefinitionError(here, "is an email with its share"))
            elif here in self.ids:
                self.table[self.ids[here]] = self._email(one, here, self.ids[here], after, more="share")
        shares = self._shares([(here, one) for here, one in found], f"{path}.ab_test")
        variations = tuple((self.ids.get(here, ""), share) for (here, _), share in zip(found, shares, strict=False))
        asked = node.get("winner")
        winner = self.found.attempt(None, _winner, asked, f"{path}.winner") if asked is not None else None
        return AbTest(step_id, variations, winner, after)

    def _delay(self, node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> Step:
        self._only(node, ("id", "delay"), path)
        return delay_of(checks.mapping(node["delay"], f"{path}.delay"), f"{path}.delay", step_id, after, self.found)

    def _if(self, node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> Split:
        then, otherwise = self._sides(node, ("if",), path, after)
        return Split(step_id, self._condition(node["if"], f"{path}.if", step_id), then, otherwise)

    def _if_event(self, node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> TriggerSplit:
        then, otherwise = self._sides(node, ("if_event",), path, after)
        return TriggerSplit(step_id, parse_where(node["if_event"], f"{path}.if_event"), then, otherwise)

    def _sides(
        self, node: Mapping[str, Any], own: tuple[str, ...], path: str, after: str | None
    ) -> tuple[str | None, str | None]:
        self._only(node, ("id", *own, "then", "else"), path)
        return self._list(node.get("then"), f"{path}.then", after), self._list(node.get("else"), f"{path}.else", after)

    def _split(self, node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> MultiSplit:
        self._only(node, ("id", "split", "else"), path)
        branches = self._branches(node, "split", ("if", "if_event"), path, step_id, after)
        return MultiSplit(step_id, tuple(branches), self._list(node.get("else"), f"{path}.else", after))

    def _wait_for(self, node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> WaitFor:
        attempt = self.found.attempt
        self._only(node, ("id", "wait_for", "within", "else", "count_past", "reset_on"), path)
        return WaitFor(
            step_id,
            tuple(self._branches(node, "wait_for", ("metric", "if"), path, step_id, after)),
            attempt(timedelta(0), _within, node.get("within"), f"{path}.within"),
            self._list(node.get("else"), f"{path}.else", after),
            attempt(False, checks.boolean, node.get("count_past", False), f"{path}.count_past"),
            self._resets(node.get("reset_on", []), f"{path}.reset_on"),
        )

    def _resets(self, nodes: Any, path: str) -> tuple[Occurrence, ...]:
        if not isinstance(nodes, list):
            self.found.note(DefinitionError(path, "must be a list of events"))
            return ()
        nothing: Occurrence | None = None
        read = (self.found.attempt(nothing, occurrence_of, raw, f"{path}[{at}]") for at, raw in enumerate(nodes))
        return tuple(one for one in read if one is not None)

    def _branches(
        self, node: Mapping[str, Any], kind: str, asks: tuple[str, ...], path: str, step_id: str, after: str | None
    ) -> list[Branch]:
        return [
            self._branch(raw, asks, here, step_id, after)
            for here, raw in self.found.attempt([], _listed, node[kind], f"{path}.{kind}")
        ]

    def _branch(
        self, raw: Mapping[str, Any], asks: tuple[str, ...], path: str, step_id: str, after: str | None
    ) -> Branch:
        then, name = self._list(raw.get("then"), f"{path}.then", after), str(raw.get("name") or "")
        asked = [key for key in asks if key in raw]
        if len(asked) != 1:
            self.found.note(DefinitionError(path, f"a branch asks exactly one of {', '.join(asks)}"))
            return Branch(then, name=name)
        [one] = asked
        self._only(raw, (one, "then", "name", *(("where",) if one == "metric" else ())), path)
        if one == "metric":
            event = self.found.attempt(Occurrence(""), occurrence_of, _pick(raw, ("metric", "where")), path)
            return Branch(then, event=event, name=name)
        if one == "if_event":
            nothing: Filter = AllOf(())
            where = self.found.attempt(nothing, parse_where, raw["if_event"], f"{path}.if_event")
            return Branch(then, where=where, name=name)
        return Branch(then, condition=self._condition(raw["if"], f"{path}.if", step_id), name=name)

    def _random(self, node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> RandomSplit:
        self._only(node, ("id", "random"), path)
        found = _listed(node["random"], f"{path}.random")
        for here, raw in found:
            self._only(raw, ("share", "then", "name"), here)
        branches = [
            Branch(self._list(raw.get("then"), f"{here}.then", after), name=str(raw.get("name") or ""))
            for here, raw in found
        ]
        shares = self._shares(found, f"{path}.random")
        return RandomSplit(step_id, tuple(zip(shares, branches, strict=False)), f"{self.slug}:{step_id}")

    def _shares(self, branches: list[tuple[str, Mapping[str, Any]]], path: str) -> list[Decimal]:
        """None where one cannot be read: what they are together says nothing then."""
        nothing: Decimal | None = None
        read = (self.found.attempt(nothing, _share, raw.get("share"), f"{here}.share") for here, raw in branches)
        shares = [share for share in read if share is not None]
        if len(shares) == len(branches) and branches and sum(shares) != 100:
            self.found.note(DefinitionError(path, f"the shares are {sum(shares):f} percent together, not 100"))
        return shares

    def _back_in_stock(self, node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> BackInStock:
        attempt = self.found.attempt
        self._only(node, ("id", "back_in_stock"), path)
        if path != "steps[0]":
            self.found.note(DefinitionError(path, "waiting for stock stands directly after the trigger"))
        inner = f"{path}.back_in_stock"
        asked = checks.mapping(node["back_in_stock"], inner)
        self._only(asked, ("minimum_stock", "people_per_unit", "every", "give_up_after"), inner)
        least, per_unit = asked.get("minimum_stock", 1), asked.get("people_per_unit")
        day = timedelta(days=1)
        return BackInStock(
            step_id,
            attempt(1, checks.whole, least, 1, 1_000_000, f"{inner}.minimum_stock"),
            attempt(1, checks.whole, per_unit, 1, 10_000, f"{inner}.people_per_unit") if per_unit is not None else None,
            attempt(day, parse_span, asked.get("every", {"minutes": 15}), f"{inner}.every"),
            attempt(day, parse_span, asked.get("give_up_after", {"days": 180}), f"{inner}.give_up_after"),
            after,
        )

    def _goal(self, node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> Goal:
        self._only(node, ("id", "goal", "unmet"), path)
        condition = self._condition(node["goal"], f"{path}.goal", step_id)
        unmet = node.get("unmet", "go_on")
        unmet = self.found.attempt("go_on", checks.choice, unmet, ("go_on", "wait", "leave"), f"{path}.unmet")
        return Goal(step_id, condition, unmet, after)

    def _exit(self, node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> Exit:
        self._only(node, ("id", "exit"), path)
        return Exit(step_id)

    _kinds: Mapping[str, Callable[[StepReader, Mapping[str, Any], str, str, str | None], Step]] = {
        "email": _email,
        "ab_test": _ab_test,
        "delay": _delay,
        "if": _if,
        "if_event": _if_event,
        "split": _split,
        "wait_for": _wait_for,
        "random": _random,
        "back_in_stock": _back_in_stock,
        "goal": _goal,
        "exit": _exit,
    }


# ── parts of steps ──────────────────────────────────────────────────────────────────────────────────────────────────
def _node(raw: Any, path: str) -> Mapping[str, Any]:
    return {"exit": {}} if raw == "exit" else checks.mapping(raw, path)


def _kind(node: Mapping[str, Any], path: str) -> str:
    kinds = [kind for kind in tree.KINDS if kind in node]
    if len(kinds) != 1:
        raise DefinitionError(path, f"a step is exactly one of {', '.join(tree.KINDS)}")
    return kinds[0]


def _listed(value: Any, path: str) -> list[tuple[str, Mapping[str, Any]]]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_BRANCHES:
        raise DefinitionError(path, f"is a list of 1 to {MAX_BRANCHES} branches")
    return [(here := f"{path}[{index}]", checks.mapping(raw, here)) for index, raw in enumerate(value)]


def _pick(node: Mapping[str, Any], keys: tuple[str, ...]) -> Mapping[str, Any]:
    return {key: node[key] for key in keys if key in node}


def _share(value: Any, path: str) -> Decimal:
    share = checks.number(value, path)
    if share <= 0 or share * 100 % 1:
        raise DefinitionError(path, "is more than 0, with at most two decimals")
    return share


def _utm(tree_: Any, path: str) -> dict[str, str] | None:
    if tree_ is None:
        return None
    return {checks.text(key, path): str(value) for key, value in checks.mapping(tree_, path).items()}


def _within(value: Any, path: str) -> timedelta:
    if value is None:
        raise DefinitionError(path, "says how long to wait: {days: 3}")
    return parse_span(value, path)


def _winner(tree_: Any, path: str) -> Winner:
    node = checks.mapping(tree_, path)
    checks.only(node, ("by", "certainty", "at_least", "after"), path)
    certainty = checks.number(node.get("certainty", 90), f"{path}.certainty")
    if not 50 < certainty < 100:
        raise DefinitionError(f"{path}.certainty", "is more than 50 and less than 100 percent")
    return Winner(
        checks.choice(node.get("by", "clicks"), ("clicks", "opens", "orders"), f"{path}.by"),
        certainty,
        checks.whole(node.get("at_least", 500), 1, 1_000_000, f"{path}.at_least"),
        parse_span(node["after"], f"{path}.after") if "after" in node else None,
    )
