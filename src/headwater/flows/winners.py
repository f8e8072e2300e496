"""Which variation of an A/B test has won: decided by a role of the worker every few minutes, and then kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime

from psycopg import Connection
from psycopg.types.json import Jsonb

from headwater.delivery import results
from headwater.delivery.results import StepResults
from headwater.flows import live
from headwater.flows.experiment import Tally, Verdict, decide
from headwater.flows.live import SOURCE, Flow
from headwater.flows.steps import AbTest


def decided(conn: Connection, workspace_id: int, flow_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """The winning variation by flow and test."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    # For the runner, where a flow has a test. Primary key.
    rows = conn.execute(
        """
        SELECT flow_id, step, variation
        FROM flow_winner
        WHERE workspace_id = %(workspace)s
          AND flow_id = ANY (%(flows)s)
        """,
        {"workspace": workspace_id, "flows": list(flow_ids)},
    )
    for flow_id, step, variation in rows:
        found[flow_id][step] = variation
    return found


def workspaces_with_work(conn: Connection, now: datetime) -> list[int]:
    """The workspaces with a live flow that has a test with a winner to be found."""
    # Once a minute; a few live definitions, by primary key.
    rows = conn.execute(
        """
        SELECT DISTINCT f.workspace_id
        FROM flow f
        JOIN flow_version v
          ON v.workspace_id = f.workspace_id
         AND v.flow_id = f.id
         AND v.version = f.live_version
        WHERE f.status = 'live'
          AND v.definition @? '$.steps.**.winner'
        """
    ).fetchall()
    return [row[0] for row in rows]


def turn(conn: Connection, workspace_id: int, now: datetime) -> int:
    """Decide the tests of a workspace that can be decided. Answers how many."""
    flows = [flow for flow in live.running(conn, workspace_id) if _tests(flow)]
    known = decided(conn, workspace_id, [flow.id for flow in flows])
    count = 0
    for flow in flows:  # a few flows
        open_tests = [test for test in _tests(flow) if test.id not in known.get(flow.id, {})]
        if not open_tests:
            continue
        emails = [email for test in open_tests for email, _ in test.variations]
        began = _began(conn, workspace_id, flow.id, emails)
        if not began:
            continue
        sent = results.by_step(conn, workspace_id, SOURCE, flow.id, min(began.values()), now)
        for test in open_tests:
            count += _settle(conn, workspace_id, flow, test, sent, began, now)
    return count


def _tests(flow: Flow) -> list[AbTest]:
    steps = flow.definition.steps.values()
    return [step for step in steps if isinstance(step, AbTest) and step.winner is not None]


def _began(conn: Connection, workspace_id: int, flow_id: int, steps: Sequence[str]) -> dict[str, datetime]:
    # When the first of each variation was planned. Index: the unique key's first columns.
    rows = conn.execute(
        """
        SELECT step, min(planned_at)
        FROM message
        WHERE workspace_id = %(workspace)s
          AND source = 'flow'
          AND source_id = %(flow)s
          AND step = ANY (%(steps)s)
        GROUP BY step
        """,
        {"workspace": workspace_id, "flow": flow_id, "steps": list(steps)},
    ).fetchall()
    return dict(rows)


def _settle(
    conn: Connection,
    workspace_id: int,
    flow: Flow,
    test: AbTest,
    sent: dict[str, StepResults],
    began: dict[str, datetime],
    now: datetime,
) -> int:
    assert test.winner is not None
    tallies = {email: tally_of(test.winner.by, sent.get(email)) for email, _ in test.variations}
    first = min((began[email] for email, _ in test.variations if email in began), default=None)
    verdict = decide(test.winner, tallies, first, now)
    if verdict is None:
        return 0
    conn.execute(
        """
        INSERT INTO flow_winner (workspace_id, flow_id, step, variation, decided_at, detail)
        VALUES (%(workspace)s, %(flow)s, %(step)s, %(variation)s, %(now)s, %(detail)s)
        ON CONFLICT (workspace_id, flow_id, step) DO NOTHING
        """,
        {
            "workspace": workspace_id,
            "flow": flow.id,
            "step": test.id,
            "variation": verdict.variation,
            "now": now,
            "detail": Jsonb(_detail(verdict, tallies)),
        },
    )
    return 1


def tally_of(by: str, shown: StepResults | None) -> Tally:
    """What a variation has shown, by clicks, opens or orders."""
    if shown is None:
        return Tally(0, 0)
    return Tally(shown.sent, {"clicks": shown.clicked, "opens": shown.opened, "orders": shown.converted}[by])


def _detail(verdict: Verdict, tallies: dict[str, Tally]) -> dict[str, object]:
    return asdict(verdict) | {"tallies": {name: asdict(tally) for name, tally in tallies.items()}}
