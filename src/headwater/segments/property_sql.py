"""Tests of properties as SQL: of a profile p by its columns and its own properties, of an event e in `where`.

The same answers as `properties` and `dates` give in Python. Values travel as parameters, never as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from headwater.segments import dates, patterns
from headwater.segments.conditions import AllOf, AnyOf, DateTest, Filter, Near, Negation, Operand, Step, Test
from headwater.segments.language import COLUMNS, EARTH_KM
from headwater.segments.parsing import CREATED, NEGATIVE

SIGNS = {
    "equals": "=",
    "not_equals": "<>",
    "greater_than": ">",
    "at_least": ">=",
    "less_than": "<",
    "at_most": "<=",
}


def opposite(test: str) -> str:
    """True where the test is false or, as of something that is missing, null. (AND and OR need no such care.)"""
    return f"NOT {test}" if test.startswith(("EXISTS", "true", "false")) else f"NOT COALESCE({test}, false)"


class PropertyWriter:
    """Writes tests of properties as of `now`, for a brand in this time zone, and gathers their parameters."""

    def __init__(self, now: datetime, zone: ZoneInfo) -> None:
        self.now = now
        self.zone = zone
        self.values: dict[str, Any] = {}
        self._names: dict[Any, str] = {}

    def value(self, value: Any) -> str:
        """A value as a parameter; equal ones share it."""
        key = (type(value), str(value))
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = f"seg_{len(self.values)}"
            self.values[name] = value
        return f"%({name})s"

    def profile(self, test: Test) -> str:
        first = test.path[0]
        if first.key not in COLUMNS:
            return self._test(test, "p.properties")
        whole = f"jsonb_build_object('{first.key}', p.{first.key})"
        return self._test(test, whole)

    def date(self, condition: DateTest) -> str:
        asked = dates.asked(condition, self.now, self.zone)
        first = condition.path[0].key
        if first == CREATED:
            return self._instant_asked("p.created_at", asked) if len(condition.path) == 1 else "false"
        if first in COLUMNS:
            text = f"p.{first}" if len(condition.path) == 1 else "NULL::text"
        else:
            held = "p.properties"
            for step in condition.path:
                held = f"({held} -> {self.value(step.key)}::text)"
            text = f"(CASE jsonb_typeof({held}) WHEN 'string' THEN {held} #>> '{{}}' END)"
        is_day = f"{text} ~ {self.value(dates.DAY)}"
        as_day = self._day_asked(text, asked)
        as_instant = self._instant_asked(f"headwater_instant({text})", asked)
        return f"CASE WHEN {is_day} THEN {as_day} ELSE {as_instant} END"

    def _day_asked(self, day: str, asked: dates.Span | dates.DaysOfYear | dates.MonthOfYear) -> str:
        match asked:
            case dates.DaysOfYear(days):
                return f"substr({day}, 6, 5) = ANY ({self.value(list(days))})"
            case dates.MonthOfYear(month):
                return f"substr({day}, 6, 2) = {self.value(month)}"
        edges = ((">", asked.after), (">=", asked.start), ("<=", asked.until), ("<", asked.end))
        return " AND ".join(
            f'{day} COLLATE "C" {sign} {self.value(edge.day)}::text' for sign, edge in edges if edge is not None
        )

    def _instant_asked(self, at: str, asked: dates.Span | dates.DaysOfYear | dates.MonthOfYear) -> str:
        if isinstance(asked, dates.Span):
            edges = ((">", asked.after), (">=", asked.start), ("<=", asked.until), ("<", asked.end))
            return " AND ".join(f"{at} {sign} {self.value(edge.at)}" for sign, edge in edges if edge is not None)
        local = f"to_char({at} AT TIME ZONE {self.value(self.zone.key)}::text, 'YYYY-MM-DD')"
        return self._day_asked(local, asked)

    def near(self, condition: Near) -> str:
        def degrees(name: str, most: int) -> str:
            held = f"(p.properties -> '{name}')"
            number = f"({held} #>> '{{}}')::numeric"
            fits = f"jsonb_typeof({held}) = 'number' AND abs({number}) <= {most}"
            return f"CASE WHEN jsonb_typeof({held}) = 'number' THEN CASE WHEN {fits} THEN {number}::float8 END END"

        latitude, longitude = degrees("latitude", 90), degrees("longitude", 180)
        there = (f"{self.value(condition.latitude)}::float8", f"{self.value(condition.longitude)}::float8")
        across = f"power(sin(radians({there[0]} - ({latitude})) / 2), 2)"
        along = f"power(sin(radians({there[1]} - ({longitude})) / 2), 2)"
        shares = f"{across} + cos(radians({latitude})) * cos(radians({there[0]})) * {along}"
        distance = f"{2 * EARTH_KM}::float8 * asin(sqrt(LEAST(1.0::float8, {shares})))"
        return f"{distance} <= {self.value(condition.km)}::float8"

    def where(self, where: Filter, event: str = "e") -> str:
        """A filter on the properties of an event."""
        match where:
            case Test():
                if where.path[0].key == "$value":
                    return self._test(where, f"jsonb_build_object('$value', {event}.value)")
                return self._test(where, f"{event}.properties")
            case AllOf(of):
                return "(" + " AND ".join(self.where(child, event) for child in of) + ")" if of else "true"  # type: ignore[arg-type]
            case AnyOf(of):
                return "(" + " OR ".join(self.where(child, event) for child in of) + ")"  # type: ignore[arg-type]
            case Negation(child):
                return opposite(self.where(child, event))  # type: ignore[arg-type]

    def _test(self, test: Test, held: str) -> str:
        positive = NEGATIVE.get(test.operator)
        if positive is not None:
            return f"({opposite(self._reach(held, test.path, positive, test.operand, 0))})"
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

    def _holds(self, held: str, operator: str, operand: Any) -> str:
        match operator:
            case "is_set":
                return f"(COALESCE(jsonb_typeof({held}), 'null') <> 'null')"
            case "equals":
                return f"({held} = {self._json(operand)})"
            case "in":
                return f"({held} IN ({', '.join(self._json(item) for item in operand)}))"
            case "contains":
                part = (
                    f"strpos({held} #>> '{{}}', {self.value(operand)}::text) > 0"
                    if isinstance(operand, str)
                    else "false"
                )
                item = f"{held} @> jsonb_build_array({self._json(operand)})"
                return f"(CASE jsonb_typeof({held}) WHEN 'string' THEN {part} WHEN 'array' THEN {item} ELSE false END)"
            case "contains_any" | "contains_all":
                word = " OR " if operator == "contains_any" else " AND "
                return "(" + word.join(self._holds(held, "contains", item) for item in operand) + ")"
            case "starts_with":
                return self._text(held, f"starts_with({held} #>> '{{}}', {self.value(operand)}::text)")
            case "ends_with":
                asked = self.value(operand)
                return self._text(held, f"right({held} #>> '{{}}', length({asked}::text)) = {asked}::text")
            case "matches":
                pattern = self.value(patterns.compile_pattern(operand).postgres)
                return self._text(held, f"left({held} #>> '{{}}', {patterns.MAX_TEXT}) ~ {pattern}::text")
            case _ if operator.startswith("length_"):
                length = f"jsonb_array_length({held}) {SIGNS[operator[7:]]} {self.value(operand)}"
                return f"(CASE jsonb_typeof({held}) WHEN 'array' THEN {length} ELSE false END)"
            case "between":
                number = f"({held} #>> '{{}}')::numeric BETWEEN {self.value(operand[0])} AND {self.value(operand[1])}"
            case _:
                number = f"({held} #>> '{{}}')::numeric {SIGNS[operator]} {self.value(operand)}"
        return f"(CASE jsonb_typeof({held}) WHEN 'number' THEN {number} ELSE false END)"

    def _text(self, held: str, asked: str) -> str:
        return f"(CASE jsonb_typeof({held}) WHEN 'string' THEN {asked} ELSE false END)"

    def _json(self, operand: Any) -> str:
        return f"{self.value(orjson.dumps(operand).decode())}::jsonb"
