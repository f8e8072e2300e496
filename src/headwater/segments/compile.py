"""A condition as one SQL statement over all profiles of a workspace: the same answer as `language.evaluate`.

All-time conditions and "at least once / never in a window" read the roll-up `profile_metric` (its last_ts decides them
exactly); counts and sums in a window and filters on properties read events. Values travel as parameters, never as text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from psycopg import Connection

from headwater.segments.conditions import (
    AllOf,
    AnyOf,
    CanReceive,
    Condition,
    Consent,
    Coupon,
    DefinitionError,
    Did,
    Filter,
    InFlow,
    InLast,
    Negation,
    OnList,
    Operand,
    ProfileTest,
    Sample,
    Since,
    Step,
    Test,
    Window,
)
from headwater.segments.language import COLUMNS, compare, needs
from headwater.segments.parsing import NEGATIVE

_SIGNS = {
    "equals": "=",
    "not_equals": "<>",
    "greater_than": ">",
    "at_least": ">=",
    "less_than": "<",
    "at_most": "<=",
}


def to_sql(
    metrics: Connection | Mapping[str, int],
    condition: Condition,
    workspace_id: int,
    now: datetime,
    *,
    profile_ids: Sequence[int] | None = None,
) -> tuple[str, dict[str, Any]]:
    """(statement, parameters): the statement selects one column, profile_id, of everyone who meets the condition.

    `metrics` gives metric ids by name, or is the connection to read them with. With `profile_ids` only these are asked.
    Parameter names begin with "seg_", so the statement can stand inside a larger one.
    """
    if isinstance(metrics, Connection):
        metrics = _metric_ids(metrics, condition, workspace_id)
    writer = _Writer(metrics, workspace_id, now)
    asked = writer.condition(condition)
    among = f"\n  AND p.id = ANY ({writer.value(list(profile_ids))}::bigint[])" if profile_ids is not None else ""
    # Everyone of the workspace who meets the condition. Primary key of profile, semi-joined with what each part names.
    statement = (
        f"SELECT p.id AS profile_id\nFROM profile p\nWHERE p.workspace_id = {writer.scope}{among}\n  AND {asked}"  # noqa: S608
    )
    return statement, writer.values


def count(conn: Connection, condition: Condition, workspace_id: int, now: datetime) -> int:
    """How many profiles meet the condition."""
    statement, values = to_sql(conn, condition, workspace_id, now)
    row = conn.execute(f"SELECT count(*) FROM ({statement}) AS members", values).fetchone()  # noqa: S608
    assert row is not None
    return int(row[0])


def _metric_ids(conn: Connection, condition: Condition, workspace_id: int) -> dict[str, int]:
    wanted = needs(condition)
    names = sorted(wanted.totals | {metric for metric, _ in wanted.events})
    rows = conn.execute(
        "SELECT name, id FROM metric WHERE workspace_id = %(workspace)s AND name = ANY (%(names)s)",
        {"workspace": workspace_id, "names": names},
    )
    return {row[0]: row[1] for row in rows}


class _Writer:
    """Writes SQL text for one statement and gathers its parameters."""

    def __init__(self, metrics: Mapping[str, int], workspace_id: int, now: datetime) -> None:
        self.metrics = metrics
        self.now = now
        self.values: dict[str, Any] = {}
        self.scope = self.value(workspace_id)

    def value(self, value: Any) -> str:
        name = f"seg_{len(self.values)}"
        self.values[name] = value
        return f"%({name})s"

    # ── conditions ──────────────────────────────────────────────────────────────────────────────────────────────────
    def condition(self, condition: Condition) -> str:
        match condition:
            case AllOf(of):
                return self._joined(of, "AND") if of else "true"
            case AnyOf(of):
                return self._joined(of, "OR")
            case Negation(child):
                return f"NOT ({self.condition(child)})"
            case Did():
                return self._did(condition)
            case ProfileTest(test):
                return self._profile(test)
            case OnList():
                return self._on_list(condition)
            case Consent(state):
                return self._consent(state)
            case CanReceive():
                return self._can_receive()
            case Sample(percent, salt):
                hashed = f"('x' || left(md5({self.value(salt)}::text || ':' || p.id::text), 8))::bit(32)::bigint"
                return f"({hashed} %% 10000 < {self.value(percent * 100)})"
            case Coupon() | InFlow():
                raise DefinitionError("", "coupons and other flows are known only inside a flow")
            case Test():
                raise DefinitionError("", "a test of an event's property stands only in where")

    def _joined(self, children: Sequence[Condition], word: str) -> str:
        return "(" + f"\n  {word} ".join(self.condition(child) for child in children) + ")"

    def _did(self, condition: Did) -> str:
        metric = self.metrics.get(condition.metric)
        asked = condition.presence
        zero_fits = compare(condition.operator, Decimal(0), condition.operand)
        if metric is None:
            return "true" if zero_fits else "false"
        if condition.where is None and asked is not None:
            after = self._after("m.last_ts", condition.window)
            members = (
                f"SELECT m.profile_id FROM profile_metric m WHERE m.workspace_id = {self.scope}"  # noqa: S608
                f" AND m.metric_id = {self.value(metric)}{after}"
            )
            return self._member(members, wanted=asked)
        # Whoever has no event at all measures zero. So when zero fits, name those whose measure does not.
        sign = _SIGNS[condition.operator]
        if condition.where is None and condition.window is None:
            fits = f"m.{condition.measure} {sign} {self.value(condition.operand)}"
            members = (
                f"SELECT m.profile_id FROM profile_metric m WHERE m.workspace_id = {self.scope}"  # noqa: S608
                f" AND m.metric_id = {self.value(metric)} AND {_unless(zero_fits, fits)}"
            )
            return self._member(members, wanted=not zero_fits)
        measure = "count(*)" if condition.measure == "count" else "COALESCE(sum(e.value), 0)"
        fits = f"{measure} {sign} {self.value(condition.operand)}"
        where = f" AND {self._where(condition.where)}" if condition.where is not None else ""
        members = (
            f"SELECT e.profile_id FROM event e WHERE e.workspace_id = {self.scope}"  # noqa: S608
            f" AND e.metric_id = {self.value(metric)}{self._after('e.ts', condition.window)}{where}"
            f" GROUP BY e.profile_id HAVING {_unless(zero_fits, fits)}"
        )
        return self._member(members, wanted=not zero_fits)

    def _member(self, members: str, *, wanted: bool) -> str:
        # EXISTS over a derived table becomes a hashed semi-join or anti-join, at any number of rows.
        word = "EXISTS" if wanted else "NOT EXISTS"
        return f"{word} (SELECT 1 FROM ({members}) AS m WHERE m.profile_id = p.id)"  # noqa: S608

    def _after(self, column: str, window: Window) -> str:
        match window:
            case None:
                return ""
            case InLast(span):
                return f" AND {column} > {self.value(self.now - span)}"
            case Since(at):
                return f" AND {column} >= {self.value(at)}"
        raise DefinitionError("", "flow-start is known only inside a flow")

    def _on_list(self, condition: OnList) -> str:
        if isinstance(condition.list, int):
            named = f"l.id = {self.value(condition.list)}"
        else:
            named = f"lower(l.name) = lower({self.value(condition.list)}::text)"
        members = (
            "SELECT lm.profile_id FROM list l JOIN list_member lm ON lm.workspace_id = l.workspace_id"  # noqa: S608
            f" AND lm.list_id = l.id WHERE l.workspace_id = {self.scope} AND l.archived_at IS NULL AND {named}"
            f"{self._after('lm.added_at', condition.window)}"
        )
        return self._member(members, wanted=True)

    def _consent(self, state: str) -> str:
        known = f"SELECT c.profile_id FROM consent c WHERE c.workspace_id = {self.scope} AND c.channel = 'email'"  # noqa: S608
        if state == "never_subscribed":
            return self._member(known, wanted=False)
        return self._member(f"{known} AND c.state = {self.value(state)}", wanted=True)

    def _can_receive(self) -> str:
        suppressed = f"SELECT s.profile_id FROM suppression s WHERE s.workspace_id = {self.scope}"  # noqa: S608
        required = f"(SELECT w.require_consent FROM workspace w WHERE w.id = {self.scope})"  # noqa: S608
        allowed = f"({self._consent('subscribed')} OR ({self._consent('never_subscribed')} AND NOT {required}))"
        return f"(COALESCE(p.email, '') <> '' AND {self._member(suppressed, wanted=False)} AND {allowed})"

    # ── properties ──────────────────────────────────────────────────────────────────────────────────────────────────
    def _profile(self, test: Test) -> str:
        first = test.path[0]
        if first.key not in COLUMNS:
            return self._test(test, "p.properties")
        whole = f"jsonb_build_object('{first.key}', p.{first.key})"
        return self._test(test, whole)

    def _where(self, where: Filter) -> str:
        match where:
            case Test():
                if where.path[0].key == "$value":
                    return self._test(where, "jsonb_build_object('$value', e.value)")
                return self._test(where, "e.properties")
            case AllOf(of):
                return "(" + " AND ".join(self._where(child) for child in of) + ")" if of else "true"  # type: ignore[arg-type]
            case AnyOf(of):
                return "(" + " OR ".join(self._where(child) for child in of) + ")"  # type: ignore[arg-type]
            case Negation(child):
                return f"NOT ({self._where(child)})"  # type: ignore[arg-type]

    def _test(self, test: Test, held: str) -> str:
        positive = NEGATIVE.get(test.operator)
        if positive is not None:
            return f"NOT {self._reach(held, test.path, positive, test.operand, 0)}"
        return self._reach(held, test.path, test.operator, test.operand, 0)

    def _reach(self, held: str, path: Sequence[Step], operator: str, operand: Operand, depth: int) -> str:
        """Follow a path from a jsonb expression; where it passes through a list, any line may satisfy the rest."""
        for index, step in enumerate(path):
            held = f"({held} -> {self.value(step.key)}::text)"
            if step.every:
                line = f"line{depth}"
                inner = self._reach(f"{line}.item", path[index + 1 :], operator, operand, depth + 1)
                lines = f"CASE WHEN jsonb_typeof({held}) = 'array' THEN {held} ELSE '[]'::jsonb END"
                return f"EXISTS (SELECT 1 FROM jsonb_array_elements({lines}) AS {line} (item) WHERE {inner})"  # noqa: S608
        return self._holds(held, operator, operand)

    def _holds(self, held: str, operator: str, operand: Operand) -> str:
        match operator:
            case "is_set":
                return f"(COALESCE(jsonb_typeof({held}), 'null') <> 'null')"
            case "equals":
                return f"COALESCE({held} = {self._json(operand)}, false)"
            case "in":
                assert isinstance(operand, tuple)
                return f"COALESCE({held} IN ({', '.join(self._json(item) for item in operand)}), false)"
            case "contains":
                part = (
                    f"strpos({held} #>> '{{}}', {self.value(operand)}::text) > 0"
                    if isinstance(operand, str)
                    else "false"
                )
                item = f"{held} @> jsonb_build_array({self._json(operand)})"
                return f"(CASE jsonb_typeof({held}) WHEN 'string' THEN {part} WHEN 'array' THEN {item} ELSE false END)"
            case "starts_with":
                return self._text(held, f"starts_with({held} #>> '{{}}', {self.value(operand)}::text)")
            case "ends_with":
                asked = self.value(operand)
                return self._text(held, f"right({held} #>> '{{}}', length({asked}::text)) = {asked}::text")
            case _:
                number = f"({held} #>> '{{}}')::numeric {_SIGNS[operator]} {self.value(operand)}"
                return f"(CASE jsonb_typeof({held}) WHEN 'number' THEN {number} ELSE false END)"

    def _text(self, held: str, asked: str) -> str:
        return f"(CASE jsonb_typeof({held}) WHEN 'string' THEN {asked} ELSE false END)"

    def _json(self, operand: Any) -> str:
        return f"{self.value(orjson.dumps(operand).decode())}::jsonb"


def _unless(zero_fits: bool, fits: str) -> str:
    return f"NOT ({fits})" if zero_fits else fits
