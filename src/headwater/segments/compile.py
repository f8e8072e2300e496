"""A condition as one SQL statement over the people of a workspace: the same answer as `language.belongs`.

Every condition becomes a test of the profile p: of its own row, or that it is, or is not, in a query of profile ids,
which PostgreSQL joins, hashes or probes at any number of rows. All-time conditions read the roll-up `profile_metric`;
presence in a window reads that or the index of events, whichever is less; counts and sums in a window and filters on
properties read events. Values travel as parameters, never as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg import Connection

from headwater.segments.conditions import (
    Ago,
    AllOf,
    AnyOf,
    Before,
    Between,
    CanReceive,
    Condition,
    Consent,
    Coupon,
    DateTest,
    DefinitionError,
    Did,
    Filter,
    Follow,
    InFlow,
    InLast,
    InSegment,
    Near,
    Negation,
    OnList,
    ProfileTest,
    Region,
    Sample,
    Since,
    Step,
    Suppressed,
    Test,
    Window,
)
from headwater.segments.conditions import Sequence as EventSequence
from headwater.segments.language import opens_backwards
from headwater.segments.properties import compare
from headwater.segments.property_sql import SIGNS, PropertyWriter, opposite
from headwater.segments.scope import Scope, scope

KNOWN = "(p.email IS NOT NULL OR p.external_id IS NOT NULL OR p.phone IS NOT NULL)"
"""The people among the profiles p; index profile_known."""


def to_sql(
    conn: Connection,
    condition: Condition,
    workspace_id: int,
    now: datetime,
    *,
    profile_ids: Sequence[int] | None = None,
) -> tuple[str, dict[str, Any]]:
    """(statement, parameters): the statement selects one column, profile_id, of everyone who belongs to the condition.

    With `profile_ids` only these are asked, by probing the indexes for them. Parameter names begin with "seg_", so the
    statement can stand inside a larger one. A metric, list or segment that does not exist has nobody.
    """
    writer = Writer(scope(conn, condition, workspace_id, now), now, profile_ids)
    return writer.statement(condition), writer.values


def count(conn: Connection, condition: Condition, workspace_id: int, now: datetime) -> int:
    """How many people belong."""
    for_everybody(conn)
    statement, values = to_sql(conn, condition, workspace_id, now)
    row = conn.execute(f"SELECT count(*) FROM ({statement}) AS members", values).fetchone()  # noqa: S608
    assert row is not None
    return int(row[0])


def for_everybody(conn: Connection) -> None:
    """Prepare this transaction for statements over a whole workspace.

    The server's low price of random reads suits the probes that everything else makes. Here it would have the roll-up
    read row by row in the order of its index: two to four times as slow as page by page, at four million rows. One
    core does it: the others are for intake and sending.
    """
    conn.execute("SET LOCAL random_page_cost = 4")
    conn.execute("SET LOCAL max_parallel_workers_per_gather = 0")


@dataclass(frozen=True, slots=True)
class _Part:
    """A condition as a test of the profile p, and, where it is one, as a query of the profile ids that pass."""

    test: str
    ids: str | None = None


def _exists(ids: str) -> str:
    # Joined to p with the others where it stands alone or under AND; hashed, or probed for each p, under OR.
    return f"EXISTS (SELECT FROM ({ids}) AS m WHERE m.profile_id = p.id)"  # noqa: S608


def _constant(value: bool) -> _Part:
    return _Part("true" if value else "false")


class Writer(PropertyWriter):
    """Writes the statement of one condition and gathers its parameters."""

    def __init__(self, known: Scope, now: datetime, profile_ids: Sequence[int] | None = None) -> None:
        super().__init__(now, known.zone)
        self.known = known
        self.scope = self.value(known.workspace_id)
        self.among = self.value(list(profile_ids)) if profile_ids is not None else None

    def statement(self, condition: Condition) -> str:
        part = self.part(condition, True)
        test = _exists(part.ids) if part.ids is not None else part.test
        # Everyone of the workspace who passes. Index profile_known, joined with the sets that the test names.
        return (
            f"SELECT p.id AS profile_id\nFROM profile p\nWHERE p.workspace_id = {self.scope} AND {KNOWN}"  # noqa: S608
            f"{self._these('p.id')}\n  AND {test}"
        )

    # ── combining ───────────────────────────────────────────────────────────────────────────────────────────────────
    def part(self, condition: Condition, wanted: bool) -> _Part:
        """The condition (`wanted`) or its opposite. Opposites are taken of single conditions, never of groups, so that
        PostgreSQL sees joins and anti-joins."""
        match condition:
            case AllOf(of) | AnyOf(of):
                if isinstance(condition, AllOf) is wanted:
                    return self._all(of, wanted)
                return self._any([self.part(child, wanted) for child in of])
            case Negation(child):
                return self.part(child, not wanted)
            case CanReceive():
                return self._can_receive(wanted)
        part = self._single(condition)
        return part if wanted else _Part(opposite(part.test))

    def _all(self, of: Sequence[Condition], wanted: bool) -> _Part:
        fused, rest = self._fused(of, wanted)
        parts = [*fused, *(self.part(child, wanted) for child in rest)]
        if len(parts) == 1:
            return parts[0]
        return _Part("(" + "\n  AND ".join(part.test for part in parts) + ")") if parts else _constant(True)

    @staticmethod
    def _any(parts: Sequence[_Part]) -> _Part:
        if len(parts) == 1:
            return parts[0]
        sets = [part.ids for part in parts if part.ids is not None]
        # UNION, not UNION ALL: its number of rows is estimated far better.
        ids = "\nUNION ".join(sets) if len(sets) == len(parts) and sets else None
        return _Part("(" + "\n  OR ".join(part.test for part in parts) + ")" if parts else "false", ids)

    def _fused(self, of: Sequence[Condition], wanted: bool) -> tuple[list[_Part], list[Condition]]:
        """Conditions on the all-time total of one metric that must hold together, as one look at the roll-up."""
        by_metric: dict[str, list[Did]] = {}
        for child in of:
            if isinstance(child, Did) and child.by_total and child.metric in self.known.metrics:
                by_metric.setdefault(child.metric, []).append(child)
        fused: list[_Part] = []
        taken: list[Condition] = []
        for metric, asked in by_metric.items():
            # One of them must be false of those without any event: then all need to be asked only of the others.
            if len(asked) > 1 and any(_zero_fits(did) is not wanted for did in asked):
                tests = "".join(f" AND {'' if wanted else 'NOT '}({self._total_test(did)})" for did in asked)
                fused.append(self._set(self._totals(self.known.metrics[metric], tests)))
                taken += asked
        return fused, [child for child in of if not any(child is one for one in taken)]

    @staticmethod
    def _set(ids: str) -> _Part:
        return _Part(_exists(ids), ids)

    def _single(self, condition: Condition) -> _Part:
        match condition:
            case Did():
                return self._did(condition)
            case EventSequence():
                return self._sequence(condition)
            case ProfileTest(test):
                return _Part(f"({self.profile(test)})")
            case DateTest():
                return _Part(f"({self.date(condition)})")
            case OnList():
                return self._on_list(condition)
            case InSegment():
                return self._in_segment(condition)
            case Consent():
                return self._consent(condition)
            case Suppressed():
                return self._suppressed(condition)
            case Region(_, countries):
                return _Part(f"(p.country = ANY ({self.value(list(countries))}))")
            case Near():
                return _Part(f"({self.near(condition)})")
            case Sample(percent, salt):
                hashed = f"('x' || left(md5({self.value(salt)}::text || ':' || p.id::text), 8))::bit(32)::bigint"
                return _Part(f"({hashed} %% 10000 < {self.value(percent * 100)})")
            case Coupon() | InFlow():
                raise DefinitionError("", "coupons and other flows are known only inside a flow")
        raise DefinitionError("", "a test of an event's property stands only in where")

    def _these(self, column: str) -> str:
        return f" AND {column} = ANY ({self.among}::bigint[])" if self.among is not None else ""

    # ── events ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def _did(self, condition: Did) -> _Part:
        metric = self.known.metrics.get(condition.metric)
        zero_fits = _zero_fits(condition)
        if metric is None:
            return _constant(zero_fits)
        if condition.by_total and not self._by_events(condition):
            fits = self._total_test(condition)
            ids = self._totals(metric, f" AND {'NOT ' if zero_fits else ''}({fits})")
        elif condition.presence is not None:
            ids = self._events(metric, condition.window, condition.where)
        else:
            measure = "count(*)" if condition.measure == "count" else "COALESCE(sum(e.value), 0)"
            fits = f"{measure} {SIGNS[condition.operator]} {self._number(condition)}"
            events = self._events(metric, condition.window, condition.where)
            ids = f"{events} GROUP BY e.profile_id HAVING {'NOT ' if zero_fits else ''}({fits})"
        # Whoever has no event at all measures zero. So when zero fits, these are the ones whose measure does not.
        return _Part(f"NOT {_exists(ids)}") if zero_fits else self._set(ids)

    def _by_events(self, condition: Did) -> bool:
        """For everybody, a short window's events are quicker to read than everyone's totals."""
        if self.among is not None or condition.presence is None or not isinstance(condition.window, InLast):
            return False
        return self.known.short(condition.metric, self.now - condition.window.span)

    def _total_test(self, condition: Did) -> str:
        """The condition as a test of a row m of profile_metric."""
        if condition.presence is None:
            return f"m.{condition.measure} {SIGNS[condition.operator]} {self._number(condition)}"
        nearest = "m.first_ts" if opens_backwards(condition.window) else "m.last_ts"
        inside = self.inside(nearest, condition.window).removeprefix(" AND ") or "true"
        return inside if condition.presence else f"NOT ({inside})"

    def _number(self, condition: Did) -> str:
        whole = condition.measure == "count" and condition.operand == int(condition.operand)
        return self.value(int(condition.operand) if whole else condition.operand)

    def _totals(self, metric: int, asked: str) -> str:
        return (
            f"SELECT m.profile_id FROM profile_metric m WHERE m.workspace_id = {self.scope}"  # noqa: S608
            f" AND m.metric_id = {self.value(metric)}{self._these('m.profile_id')}{asked}"
        )

    def _events(self, metric: int, window: Window, where: Filter | None) -> str:
        filtered = f" AND {self.where(where)}" if where is not None else ""
        return (
            f"SELECT e.profile_id FROM event e WHERE e.workspace_id = {self.scope}"  # noqa: S608
            f" AND e.metric_id = {self.value(metric)}{self._these('e.profile_id')}"
            f"{self.inside('e.ts', window)}{filtered}"
        )

    def _sequence(self, condition: EventSequence) -> _Part:
        metric = self.known.metrics.get(condition.metric)
        if metric is None:
            return _constant(False)
        filtered = f" AND {self.where(condition.where, 'e0')}" if condition.where is not None else ""
        return self._set(
            f"SELECT e0.profile_id FROM event e0 WHERE e0.workspace_id = {self.scope}"  # noqa: S608
            f" AND e0.metric_id = {self.value(metric)}{self._these('e0.profile_id')}"
            f"{self.inside('e0.ts', condition.window)}{filtered} AND {self._follows(condition.steps, 0)}",
        )

    def _follows(self, steps: Sequence[Follow], depth: int) -> str:
        """The steps after the event e<depth>."""
        if not steps:
            return "true"
        step, this, before = steps[0], f"e{depth + 1}", f"e{depth}"
        metric = self.known.metrics.get(step.metric)
        waited = ""
        if not step.did and not step.before and step.within is not None:
            waited = f"{before}.ts <= {self.value(self.now - step.within)} AND "
        if metric is None:
            return "false" if step.did else f"{waited}true"
        if step.before:
            near = f"{this}.ts < {before}.ts"
            far = f" AND {this}.ts >= {before}.ts - {self.value(step.within)}::interval" if step.within else ""
        else:
            near = f"{this}.ts > {before}.ts"
            far = f" AND {this}.ts <= {before}.ts + {self.value(step.within)}::interval" if step.within else ""
        filtered = f" AND {self.where(step.where, this)}" if step.where is not None else ""
        # Index event_profile, one probe for each event before it, or a hash where there are many.
        found = (
            f"EXISTS (SELECT FROM event {this} WHERE {this}.workspace_id = {self.scope}"  # noqa: S608
            f" AND {this}.profile_id = {before}.profile_id AND {this}.metric_id = {self.value(metric)}"
            f" AND {near}{far}{filtered} AND {self._follows(steps[1:], depth + 1)})"
        )
        return found if step.did else f"{waited}NOT {found}"

    def inside(self, column: str, window: Window) -> str:
        """A window as further conditions on a column of instants."""
        match window:
            case None:
                return ""
            case InLast(span):
                return f" AND {column} > {self.value(self.now - span)}"
            case Ago(least, most):
                far = f" AND {column} > {self.value(self.now - most)}" if most is not None else ""
                return f" AND {column} <= {self.value(self.now - least)}{far}"
            case Since(at):
                return f" AND {column} >= {self.value(at)}"
            case Before(at):
                return f" AND {column} < {self.value(at)}"
            case Between(start, end):
                return f" AND {column} >= {self.value(start)} AND {column} < {self.value(end)}"
        raise DefinitionError("", "flow-start is known only inside a flow")

    # ── lists, segments, consent ────────────────────────────────────────────────────────────────────────────────────
    def _on_list(self, condition: OnList) -> _Part:
        if isinstance(condition.list, int):
            named = f"l.id = {self.value(condition.list)}"
        else:
            named = f"lower(l.name) = lower({self.value(condition.list)}::text)"
        return self._set(
            "SELECT lm.profile_id FROM list l JOIN list_member lm ON lm.workspace_id = l.workspace_id"  # noqa: S608
            f" AND lm.list_id = l.id WHERE l.workspace_id = {self.scope} AND l.archived_at IS NULL AND {named}"
            f"{self._these('lm.profile_id')}{self.inside('lm.added_at', condition.window)}",
        )

    def _in_segment(self, condition: InSegment) -> _Part:
        if isinstance(condition.segment, int):
            named = f"s.id = {self.value(condition.segment)}"
        else:
            named = f"lower(s.name) = lower({self.value(condition.segment)}::text)"
        return self._set(
            "SELECT sm.profile_id FROM segment s JOIN segment_member sm ON sm.workspace_id = s.workspace_id"  # noqa: S608
            f" AND sm.segment_id = s.id AND sm.version = s.live_version WHERE s.workspace_id = {self.scope}"
            f" AND s.archived_at IS NULL AND {named}"
            f"{self._these('sm.profile_id')}{self.inside('sm.entered_at', condition.window)}",
        )

    def _consents(self, asked: str) -> str:
        return (
            f"SELECT c.profile_id FROM consent c WHERE c.workspace_id = {self.scope} AND c.channel = 'email'"  # noqa: S608
            f"{self._these('c.profile_id')}{asked}"
        )

    def _consent(self, condition: Consent) -> _Part:
        if condition.state == "never_subscribed":
            return _Part(f"NOT {_exists(self._consents(''))}")
        method = f" AND c.method = ANY ({self.value(list(condition.methods))})" if condition.methods else ""
        window = self.inside("c.changed_at", condition.window)
        return self._set(self._consents(f" AND c.state = {self.value(condition.state)}{method}{window}"))

    def _suppressed(self, condition: Suppressed) -> _Part:
        reason = f" AND s.reason = {self.value(condition.reason)}" if condition.reason is not None else ""
        return self._set(
            f"SELECT s.profile_id FROM suppression s WHERE s.workspace_id = {self.scope}"  # noqa: S608
            f"{self._these('s.profile_id')}{reason}{self.inside('s.at', condition.window)}",
        )

    def _can_receive(self, wanted: bool) -> _Part:
        agreed: Condition = Consent("subscribed") if self.known.consent_required else Negation(Consent("unsubscribed"))
        address = ProfileTest(Test((Step("email"),), "not_in", ("",)))
        whole = AllOf((ProfileTest(Test((Step("email"),), "is_set", None)), address, agreed, Negation(Suppressed())))
        return self.part(whole, wanted)


def _zero_fits(condition: Did) -> bool:
    """Whether it is true of someone without any event of the metric."""
    return compare(condition.operator, Decimal(0), condition.operand)
