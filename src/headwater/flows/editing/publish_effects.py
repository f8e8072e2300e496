"""What publishing means for the people inside: how many wait where, and where those go whose step moved or is gone.

People follow the live version by the ids of steps: who waits before a step that is still there waits on, wherever it
stands now; whose step was removed goes on at the next that is left, at their own time. Only counts; nothing is written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from psycopg import Connection

from headwater.flows import live
from headwater.flows.definition import FlowDefinition
from headwater.flows.engine import reroute
from headwater.flows.steps import BackInStock, Delay
from headwater.flows.wording import step_words

STAYS, MOVED, REMOVED = "stays", "moved", "removed"


@dataclass(frozen=True)
class Standing:
    """People who wait before (or in) one step."""

    step: str
    words: str
    """What the step does; '': it was removed long ago."""
    people: int
    in_review: int
    """Of them, held until somebody decides."""
    fate: str
    """stays, moved or removed."""
    goes_to: str | None
    """Where they wait afterwards unless told otherwise; None: nothing is left, and they leave."""

    @property
    def needs_choice(self) -> bool:
        """Whoever publishes is asked: continue at a step, finish on the version they are on, or leave."""
        return self.fate != STAYS


@dataclass(frozen=True)
class Retimable:
    """A delay that changed, and how many wait by what it was; they keep their time unless asked."""

    delay: str
    people: int


@dataclass(frozen=True)
class Effect:
    standing: tuple[Standing, ...] = ()
    retimable: tuple[Retimable, ...] = ()
    pinned: int = 0
    """People who finish on an earlier version, whatever is published."""


def effect(
    conn: Connection,
    workspace_id: int,
    flow_id: int,
    old: FlowDefinition,
    new: FlowDefinition,
    moved: Collection[str],
) -> Effect:
    """Of publishing `new` over `old`. `moved` are the steps that stand at another place."""
    rows = _counts(conn, workspace_id, flow_id)
    lost = {(flow_id, row.version) for row in rows if (row.step or old.first) not in new.steps and not row.pinned}
    earlier = {version: found for (_, version), found in live.versions(conn, workspace_id, lost).items()}
    people: dict[tuple[str, str | None], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        if not row.pinned:
            step = row.step or old.first
            count = people[step, _goes_to(step, earlier.get(row.version), old, new)]
            count[0] += row.people
            count[1] += row.people if row.in_review else 0
    standing = [
        Standing(step, _words(step, old, new), waiting, in_review, _fate(step, new, moved), goes_to)
        for (step, goes_to), (waiting, in_review) in people.items()
    ]
    order = {step: place for place, step in enumerate((*old.steps, *new.steps))}
    standing.sort(key=lambda one: order.get(one.step, -1))
    return Effect(
        tuple(standing),
        tuple(_retimable(conn, workspace_id, flow_id, old, new)),
        sum(row.people for row in rows if row.pinned),
    )


def changed_delays(old: FlowDefinition, new: FlowDefinition) -> list[str]:
    """The delays that are there before and after, and not for as long."""
    return [
        step.id
        for step in new.steps.values()
        if isinstance(step, Delay) and isinstance(was := old.steps.get(step.id), Delay) and was.span != step.span
    ]


def after_delay(delay: str, *definitions: FlowDefinition) -> list[str]:
    """Where those stand who wait because of a delay: before the step that follows it."""
    steps = (definition.steps.get(delay) for definition in definitions)
    return [step.next for step in steps if isinstance(step, Delay) and step.next is not None]


def _goes_to(step: str, theirs: FlowDefinition | None, old: FlowDefinition, new: FlowDefinition) -> str | None:
    if step in new.steps:
        return step
    known = theirs if theirs is not None and step in theirs.steps else old
    if isinstance(known.steps.get(step), BackInStock):
        return None  # the product that they wait for has not come
    return reroute(known, new, step)


def _fate(step: str, new: FlowDefinition, moved: Collection[str]) -> str:
    if step not in new.steps:
        return REMOVED
    return MOVED if step in moved else STAYS


def _words(step: str, old: FlowDefinition, new: FlowDefinition) -> str:
    definition = new if step in new.steps else old
    return step_words(definition, definition.steps[step]) if step in definition.steps else ""


# ── counting ────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class _Count:
    step: str | None
    version: int
    pinned: bool
    in_review: bool
    people: int


def _counts(conn: Connection, workspace_id: int, flow_id: int) -> list[_Count]:
    # For whoever is about to publish. Index enrolment_due: the people of this flow who wait, and nobody else.
    rows = conn.execute(
        """
        SELECT step, version, pinned, held IS NOT DISTINCT FROM 'review', count(*)
        FROM enrolment
        WHERE workspace_id = %(workspace)s
          AND flow_id = %(flow)s
          AND state = 'waiting'
        GROUP BY 1, 2, 3, 4
        """,
        {"workspace": workspace_id, "flow": flow_id},
    ).fetchall()
    return [_Count(*row) for row in rows]


LAST_WAIT = """
        CROSS JOIN LATERAL (
            SELECT s.step, s.at, s.detail
            FROM enrolment_step s
            WHERE s.workspace_id = e.workspace_id
              AND s.enrolment_id = e.id
              AND s.outcome = 'waited'
            ORDER BY s.id DESC
            LIMIT 1
        ) AS waited
"""
"""What had each enrolment `e` wait last. Index: the primary key of their steps, read backwards."""

WAITS_BY = f"""
        FROM enrolment e
        {LAST_WAIT}
        WHERE e.workspace_id = %(workspace)s
          AND e.flow_id = %(flow)s
          AND e.state = 'waiting'
          AND e.step = ANY (%(before)s)
          AND e.since IS NULL
          AND e.held IS NULL
          AND NOT e.pinned
          AND waited.step = %(delay)s
"""
"""Who waits because of a delay: they stand before what follows it, and it is the last that had them wait. Index
enrolment_due."""


def _retimable(
    conn: Connection, workspace_id: int, flow_id: int, old: FlowDefinition, new: FlowDefinition
) -> list[Retimable]:
    found = []
    for delay in changed_delays(old, new):  # a few steps, not people
        row = conn.execute(
            f"SELECT count(*) {WAITS_BY}",  # noqa: S608 - a constant
            {"workspace": workspace_id, "flow": flow_id, "delay": delay, "before": after_delay(delay, old, new)},
        ).fetchone()
        assert row is not None
        found.append(Retimable(delay, row[0]))
    return found
