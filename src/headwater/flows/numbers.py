"""The numbers of a flow, step by step: who waits where, what steps decided, what became of the emails.

Exact: from rows of the ledger and of enrolments, and from the counts appended with each step (`journal`). Those
are summed up into one row an hour by a role of the worker, so that a year of them is quick to add.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from psycopg import Connection

from headwater.delivery import results
from headwater.delivery.results import StepResults
from headwater.flows.live import SOURCE

SUM_AFTER = timedelta(hours=1)


@dataclass
class StepNumbers:
    """One step: people there now, and what happened in the span of time."""

    waiting: int = 0
    """Before the step, or in it, now."""
    needs_review: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    """yes, no, took, happened, timed_out, waited, passed, done …; skipped:reason and exited:reason."""
    results: StepResults | None = None
    """Of an email."""

    @property
    def came(self) -> int:
        """How often somebody came to the step."""
        return sum(count for outcome, count in self.outcomes.items() if outcome not in ("held", "jumped", "reached"))


@dataclass
class FlowNumbers:
    entered: int = 0
    completed: int = 0
    waiting: int = 0
    needs_review: int = 0
    steps: dict[str, StepNumbers] = field(default_factory=dict)

    @property
    def exited(self) -> dict[str, int]:
        """By reason."""
        found: dict[str, int] = defaultdict(int)
        for step in self.steps.values():
            for outcome, count in step.outcomes.items():
                kind, _, reason = outcome.partition(":")
                if kind == "exited":
                    found[reason] += count
        return dict(found)


def of_flow(conn: Connection, workspace_id: int, flow_id: int, since: datetime, until: datetime) -> FlowNumbers:
    """The numbers of [since, until), and who waits now."""
    numbers = FlowNumbers()
    steps: dict[str, StepNumbers] = defaultdict(StepNumbers)
    for step, held, count in _waiting(conn, workspace_id, flow_id):
        steps[step].waiting += count
        numbers.waiting += count
        if held:
            steps[step].needs_review += count
            numbers.needs_review += count
    for (step, outcome), count in _counted(conn, workspace_id, flow_id, since, until).items():
        if step:
            steps[step].outcomes[outcome] = count
        elif outcome == "entered":
            numbers.entered = count
        elif outcome == "completed":
            numbers.completed = count
    for step, sent in results.by_step(conn, workspace_id, SOURCE, flow_id, since, until).items():
        steps[step].results = sent
    numbers.steps = dict(steps)
    return numbers


def _waiting(conn: Connection, workspace_id: int, flow_id: int) -> list[tuple[str, bool, int]]:
    # Who waits before which step. Index enrolment_due.
    return conn.execute(
        """
        SELECT COALESCE(step, ''), held IS NOT DISTINCT FROM 'review', count(*)
        FROM enrolment
        WHERE workspace_id = %(workspace)s
          AND flow_id = %(flow)s
          AND state = 'waiting'
        GROUP BY 1, 2
        """,
        {"workspace": workspace_id, "flow": flow_id},
    ).fetchall()


def _counted(
    conn: Connection, workspace_id: int, flow_id: int, since: datetime, until: datetime
) -> Mapping[tuple[str, str], int]:
    # Primary key: the flow's rows, one an hour, step and outcome, and the last hour's as they were written.
    rows = conn.execute(
        """
        SELECT step, outcome, sum(count)::bigint
        FROM flow_step_count
        WHERE workspace_id = %(workspace)s
          AND flow_id = %(flow)s
          AND at >= %(since)s
          AND at < %(until)s
        GROUP BY step, outcome
        """,
        {"workspace": workspace_id, "flow": flow_id, "since": since, "until": until},
    ).fetchall()
    return {(row[0], row[1]): row[2] for row in rows}


def entered(conn: Connection, workspace_id: int, since: datetime, until: datetime) -> dict[int, int]:
    """How many came into each flow in [since, until), by the flow's id."""
    # For the list of flows. Primary key: the workspace's rows, one an hour, step and outcome.
    rows = conn.execute(
        """
        SELECT flow_id, sum(count)::bigint
        FROM flow_step_count
        WHERE workspace_id = %(workspace)s
          AND step = ''
          AND outcome = 'entered'
          AND at >= %(since)s
          AND at < %(until)s
        GROUP BY flow_id
        """,
        {"workspace": workspace_id, "since": since, "until": until},
    ).fetchall()
    return dict(rows)


# ── summing up ──────────────────────────────────────────────────────────────────────────────────────────────────────
def workspaces_with_work(conn: Connection, now: datetime) -> list[int]:
    """The workspaces with counts of a past hour that are not summed up yet."""
    # For the worker's idle poll. Index flow_step_count_new.
    rows = conn.execute(
        """
        SELECT w.id
        FROM workspace w
        WHERE EXISTS (
            SELECT FROM flow_step_count
            WHERE workspace_id = w.id
              AND NOT summed
              AND at < date_trunc('hour', %(before)s::timestamptz, 'UTC')
        )
        """,
        {"before": now - SUM_AFTER},
    ).fetchall()
    return [row[0] for row in rows]


def sum_up(conn: Connection, workspace_id: int, now: datetime, limit: int = 50_000) -> int:
    """One turn: counts of past hours become one row an hour, step and outcome. Answers how many rows were taken."""
    # Index flow_step_count_new; taken rows are locked, so that two workers sum different ones.
    row = conn.execute(
        """
        WITH taken AS (
            DELETE FROM flow_step_count
            WHERE (workspace_id, flow_id, id) IN (
                SELECT workspace_id, flow_id, id
                FROM flow_step_count
                WHERE workspace_id = %(workspace)s
                  AND NOT summed
                  AND at < date_trunc('hour', %(before)s::timestamptz, 'UTC')
                ORDER BY at
                LIMIT %(limit)s
                FOR UPDATE SKIP LOCKED
            )
            RETURNING flow_id, step, outcome, at, count
        ), written AS (
            INSERT INTO flow_step_count (workspace_id, flow_id, step, outcome, at, count, summed)
            SELECT %(workspace)s, flow_id, step, outcome, date_trunc('hour', at, 'UTC'), sum(count), true
            FROM taken
            GROUP BY flow_id, step, outcome, date_trunc('hour', at, 'UTC')
        )
        SELECT count(*) FROM taken
        """,
        {"workspace": workspace_id, "before": now - SUM_AFTER, "limit": limit},
    ).fetchone()
    return int(row[0]) if row else 0
