"""From the tree of steps as written to the table that the engine walks. Pure.

Ids are given first, so that each step can name the next; then the table is filled from the end of each list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

from headwater.flows.delays import Span
from headwater.flows.reading import tree
from headwater.flows.reading.acts import acting_of
from headwater.flows.reading.parts import filters_of, occurrence_of, slug_of, time_of_day, weekdays_of
from headwater.flows.reading.triggers import zone_of
from headwater.flows.steps import (
    STATUSES,
    AbTest,
    BackInStock,
    Branch,
    Countdown,
    DateCountdown,
    Delay,
    Email,
    Exit,
    Goal,
    MultiSplit,
    RandomSplit,
    Split,
    Step,
    TriggerSplit,
    WaitFor,
    Winner,
)
from headwater.segments import checks
from headwater.segments.language import DefinitionError, parse_span, parse_where
from headwater.segments.language import parse as parse_condition
from headwater.segments.parsing import parse_path

MAX_STEPS = 200
MAX_DEPTH = 10
MAX_BRANCHES = 20


class StepReader:
    """Reads one flow's steps; `table` then holds them in the order written."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self.table: dict[str, Step] = {}
        self.ids: dict[str, str] = {}  # path → id
        self.taken: dict[str, str] = {}  # id → path
        self.automatic: dict[str, int] = {}

    def read(self, nodes: Any, path: str) -> str:
        """Fill the table; answers the id of the first step."""
        if not isinstance(nodes, list) or not nodes:
            raise DefinitionError(path, "a flow needs at least one step")
        self._name(nodes, path, 0)
        self._list(nodes, path, None)
        self.table = {step_id: self.table[step_id] for step_id in self.taken}
        return self.ids[f"{path}[0]"]

    # ── ids ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _name(self, nodes: Any, path: str, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise DefinitionError(path, f"branches nest at most {MAX_DEPTH} deep")
        if not isinstance(nodes, list):
            raise DefinitionError(path, "must be a list of steps")
        for index, raw in enumerate(nodes):
            here = f"{path}[{index}]"
            node = _node(raw, here)
            self._take(_kind(node, here), node, here)
            for variation_path, variation in tree.variations(node, here):
                self._take("email", variation, variation_path)
            for branch_path, branch in tree.branches(node, here):
                self._name(branch, branch_path, depth + 1)
            if index + 1 < len(nodes) and "exit" in node:
                raise DefinitionError(f"{path}[{index + 1}]", "is never reached: it follows an exit")

    def _take(self, kind: str, node: Mapping[str, Any], path: str) -> None:
        step_id = self._id(kind, node, path)
        if step_id in self.taken:
            raise DefinitionError(f"{path}.id", f"the id {step_id} is already that of {self.taken[step_id]}")
        self.ids[path] = step_id
        self.taken[step_id] = path
        if len(self.taken) > MAX_STEPS:
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
        for index in reversed(range(len(nodes or []))):
            here = f"{path}[{index}]"
            self.table[self.ids[here]] = self._step(_node(nodes[index], here), here, following)
            following = self.ids[here]
        return following

    def _step(self, node: Mapping[str, Any], path: str, after: str | None) -> Step:
        step_id, kind = self.ids[path], _kind(node, path)
        read = self._kinds.get(kind)
        if read is not None:
            return read(self, node, path, step_id, after)
        return acting_of(kind, node, path, step_id, after)

    def _email(self, node: Mapping[str, Any], path: str, step_id: str, after: str | None, *, more: str = "") -> Email:
        known = ("id", "email", "template_id", "name", "smart_sending", "transactional", "filters", "utm", "status")
        checks.only(node, (*known, more) if more else known, path)
        template_id = node.get("template_id")
        if template_id is not None:
            checks.whole(template_id, 1, 2**63 - 1, f"{path}.template_id")
        utm = node.get("utm")
        if utm is not None:
            given = checks.mapping(utm, f"{path}.utm")
            utm = {checks.text(key, f"{path}.utm"): str(value) for key, value in given.items()}
        return Email(
            id=step_id,
            template=_named(node["email"], f"{path}.email"),
            template_id=template_id,
            name=_named(node.get("name", step_id), f"{path}.name"),
            next=after,
            smart_sending=checks.boolean(node.get("smart_sending", True), f"{path}.smart_sending"),
            transactional=checks.boolean(node.get("transactional", False), f"{path}.transactional"),
            filters=filters_of(node.get("filters"), f"{path}.filters", salt=f"{self.slug}:{step_id}"),
            utm=utm,
            status=checks.choice(node.get("status", "live"), STATUSES, f"{path}.status"),
        )

    def _ab_test(self, node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> AbTest:
        checks.only(node, ("id", "ab_test", "winner"), path)
        found = list(tree.variations(node, path))
        if not isinstance(node["ab_test"], list) or not 2 <= len(found) <= 7 or len(found) != len(node["ab_test"]):
            raise DefinitionError(f"{path}.ab_test", "is a list of two to seven emails")
        for here, one in found:
            if "email" not in one:
                raise DefinitionError(here, "is an email with its share")
            self.table[self.ids[here]] = self._email(one, here, self.ids[here], after, more="share")
        shares = _shares([(here, one) for here, one in found], f"{path}.ab_test")
        variations = tuple((self.ids[here], share) for (here, _), share in zip(found, shares, strict=True))
        winner = _winner(node["winner"], f"{path}.winner") if node.get("winner") is not None else None
        return AbTest(step_id, variations, winner, after)

    def _delay(self, node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> Step:
        checks.only(node, ("id", "delay"), path)
        return _delay(checks.mapping(node["delay"], f"{path}.delay"), f"{path}.delay", step_id, after)

    def _if(self, node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> Split:
        then, otherwise = self._sides(node, ("if",), path, after)
        condition = parse_condition(node["if"], in_flow=True, path=f"{path}.if", salt=f"{self.slug}:{step_id}")
        return Split(step_id, condition, then, otherwise)

    def _if_event(self, node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> TriggerSplit:
        then, otherwise = self._sides(node, ("if_event",), path, after)
        return TriggerSplit(step_id, parse_where(node["if_event"], f"{path}.if_event"), then, otherwise)

    def _sides(
        self, node: Mapping[str, Any], own: tuple[str, ...], path: str, after: str | None
    ) -> tuple[str | None, str | None]:
        checks.only(node, ("id", *own, "then", "else"), path)
        return self._list(node.get("then"), f"{path}.then", after), self._list(node.get("else"), f"{path}.else", after)

    def _split(self, node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> MultiSplit:
        checks.only(node, ("id", "split", "else"), path)
        branches = self._branches(node, "split", ("if", "if_event"), path, step_id, after)
        return MultiSplit(step_id, tuple(branches), self._list(node.get("else"), f"{path}.else", after))

    def _wait_for(self, node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> WaitFor:
        checks.only(node, ("id", "wait_for", "within", "else", "count_past", "reset_on"), path)
        branches = self._branches(node, "wait_for", ("metric", "if"), path, step_id, after)
        if "within" not in node:
            raise DefinitionError(f"{path}.within", "says how long to wait: {days: 3}")
        resets = node.get("reset_on", [])
        if not isinstance(resets, list):
            raise DefinitionError(f"{path}.reset_on", "must be a list of events")
        return WaitFor(
            step_id,
            tuple(branches),
            parse_span(node["within"], f"{path}.within"),
            self._list(node.get("else"), f"{path}.else", after),
            checks.boolean(node.get("count_past", False), f"{path}.count_past"),
            tuple(occurrence_of(raw, f"{path}.reset_on[{index}]") for index, raw in enumerate(resets)),
        )

    def _branches(
        self, node: Mapping[str, Any], kind: str, asks: tuple[str, ...], path: str, step_id: str, after: str | None
    ) -> list[Branch]:
        found = []
        for here, raw in _listed(node[kind], f"{path}.{kind}"):
            asked = [key for key in asks if key in raw]
            if len(asked) != 1:
                raise DefinitionError(here, f"a branch asks exactly one of {', '.join(asks)}")
            more = ("where",) if asked == ["metric"] else ()
            checks.only(raw, (asked[0], "then", "name", *more), here)
            found.append(self._branch(raw, asked[0], here, f"{self.slug}:{step_id}", after))
        return found

    def _branch(self, raw: Mapping[str, Any], asked: str, path: str, salt: str, after: str | None) -> Branch:
        then = self._list(raw.get("then"), f"{path}.then", after)
        name = str(raw.get("name") or "")
        if asked == "metric":
            return Branch(then, event=occurrence_of(_pick(raw, ("metric", "where")), path), name=name)
        if asked == "if_event":
            return Branch(then, where=parse_where(raw["if_event"], f"{path}.if_event"), name=name)
        condition = parse_condition(raw["if"], in_flow=True, path=f"{path}.if", salt=salt)
        return Branch(then, condition=condition, name=name)

    def _random(self, node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> RandomSplit:
        checks.only(node, ("id", "random"), path)
        found = _listed(node["random"], f"{path}.random")
        for here, raw in found:
            checks.only(raw, ("share", "then", "name"), here)
        branches = [
            Branch(self._list(raw.get("then"), f"{here}.then", after), name=str(raw.get("name") or ""))
            for here, raw in found
        ]
        shares = _shares(found, f"{path}.random")
        return RandomSplit(step_id, tuple(zip(shares, branches, strict=True)), f"{self.slug}:{step_id}")

    def _back_in_stock(self, node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> BackInStock:
        checks.only(node, ("id", "back_in_stock"), path)
        if path != "steps[0]":
            raise DefinitionError(path, "waiting for stock stands directly after the trigger")
        inner = f"{path}.back_in_stock"
        asked = checks.mapping(node["back_in_stock"], inner)
        checks.only(asked, ("minimum_stock", "people_per_unit", "every", "give_up_after"), inner)
        per_unit = asked.get("people_per_unit")
        return BackInStock(
            step_id,
            checks.whole(asked.get("minimum_stock", 1), 1, 1_000_000, f"{inner}.minimum_stock"),
            checks.whole(per_unit, 1, 10_000, f"{inner}.people_per_unit") if per_unit is not None else None,
            parse_span(asked.get("every", {"minutes": 15}), f"{inner}.every"),
            parse_span(asked.get("give_up_after", {"days": 180}), f"{inner}.give_up_after"),
            after,
        )

    def _goal(self, node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> Goal:
        checks.only(node, ("id", "goal", "unmet"), path)
        condition = parse_condition(node["goal"], in_flow=True, path=f"{path}.goal", salt=f"{self.slug}:{step_id}")
        unmet = checks.choice(node.get("unmet", "go_on"), ("go_on", "wait", "leave"), f"{path}.unmet")
        return Goal(step_id, condition, unmet, after)

    def _exit(self, node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> Exit:
        checks.only(node, ("id", "exit"), path)
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


def _named(value: Any, path: str) -> str:
    if not checks.text(value, path).strip():
        raise DefinitionError(path, "must be text")
    return str(value)


def _listed(value: Any, path: str) -> list[tuple[str, Mapping[str, Any]]]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_BRANCHES:
        raise DefinitionError(path, f"is a list of 1 to {MAX_BRANCHES} branches")
    return [(here := f"{path}[{index}]", checks.mapping(raw, here)) for index, raw in enumerate(value)]


def _pick(node: Mapping[str, Any], keys: tuple[str, ...]) -> Mapping[str, Any]:
    return {key: node[key] for key in keys if key in node}


def _shares(branches: list[tuple[str, Mapping[str, Any]]], path: str) -> list[Decimal]:
    shares = [checks.number(raw.get("share"), f"{here}.share") for here, raw in branches]
    for (here, _), share in zip(branches, shares, strict=True):
        if share <= 0 or share * 100 % 1:
            raise DefinitionError(f"{here}.share", "is more than 0, with at most two decimals")
    if sum(shares) != 100:
        raise DefinitionError(path, f"the shares are {sum(shares):f} percent together, not 100")
    return shares


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


def _delay(node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> Step:
    if "expiry_of" in node or "date" in node or "before" in node:
        return _countdown(node, path, step_id, after)
    checks.only(node, ("minutes", "hours", "days", "weeks", "until", "weekdays", "timezone"), path)
    until = time_of_day(node["until"], f"{path}.until") if "until" in node else None
    weekdays = weekdays_of(node.get("weekdays", []), f"{path}.weekdays")
    amounts = {unit: node[unit] for unit in ("minutes", "hours", "days", "weeks") if node.get(unit)}
    if amounts or (until is None and not weekdays):
        whole = parse_span(amounts, path)
    else:
        whole = timedelta(0)
    days = amounts.get("days", 0) + 7 * amounts.get("weeks", 0)
    if days != int(days):
        raise DefinitionError(f"{path}.days", "days are whole; use hours for parts of a day")
    rest = whole - timedelta(days=days)
    if until is not None and days and rest:
        raise DefinitionError(path, "with until, a delay is counted either in days or in hours")
    timezone = zone_of(node.get("timezone", "profile"), f"{path}.timezone")
    return Delay(step_id, Span(int(days), rest, until, weekdays, timezone), after)


def _countdown(node: Mapping[str, Any], path: str, step_id: str, after: str | None) -> Step:
    if "before" not in node or ("expiry_of" in node) is ("date" in node):
        raise DefinitionError(path, "a countdown needs before, and expiry_of or date")
    if "expiry_of" in node:
        checks.only(node, ("before", "expiry_of"), path)
        before = parse_span(node["before"], f"{path}.before")
        return Countdown(step_id, before, _named(node["expiry_of"], f"{path}.expiry_of"), after)
    checks.only(node, ("before", "date", "until", "timezone"), path)
    return DateCountdown(
        step_id,
        _maybe_nothing(node["before"], f"{path}.before"),
        parse_path(node["date"], f"{path}.date"),
        time_of_day(node["until"], f"{path}.until") if "until" in node else time(0),
        zone_of(node.get("timezone", "profile"), f"{path}.timezone"),
        after,
    )


def _maybe_nothing(value: Any, path: str) -> timedelta:
    """A span that may be nothing: {days: 0} is the day itself."""
    return timedelta(0) if value == {"days": 0} else parse_span(value, path)
