"""When an A/B test is decided."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from psycopg import Connection

from headwater.flows import numbers, runner, winners
from headwater.flows.experiment import Tally, chances, decide
from headwater.flows.steps import Winner
from tests.flows.flow_tables import enrol, people, publish

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def test_the_chances_add_up_and_follow_the_counts() -> None:
    odds = chances({"a": Tally(500, 60), "b": Tally(500, 20), "c": Tally(500, 20)})

    assert sum(odds.values()) == pytest.approx(1)
    assert odds["a"] > 0.99
    assert odds["b"] == pytest.approx(odds["c"], abs=0.01)
    assert odds == chances({"a": Tally(500, 60), "b": Tally(500, 20), "c": Tally(500, 20)})


def test_two_variations_agree_with_the_closed_form() -> None:
    # P(X > Y) for X ~ Beta(a, b), Y ~ Beta(c, d) with whole a: a sum of beta functions (Evan Miller, 2013).
    from math import exp, lgamma, log

    def beta(x: float, y: float) -> float:
        return lgamma(x) + lgamma(y) - lgamma(x + y)

    a, b, c, d = 31, 471, 21, 481
    exact = sum(exp(beta(c + i, d + b) - log(b + i) - beta(1 + i, b) - beta(c, d)) for i in range(a))

    odds = chances({"a": Tally(500, 30), "b": Tally(500, 20)})

    assert odds["a"] == pytest.approx(exact, abs=0.01)


@pytest.mark.parametrize(
    ("tallies", "days", "winner"),
    [
        ({"a": (500, 60), "b": (500, 20)}, 1, "a"),
        ({"a": (499, 60), "b": (500, 20)}, 1, None),  # not enough people yet
        ({"a": (500, 31), "b": (500, 30)}, 1, None),  # not certain
        ({"a": (500, 31), "b": (500, 30)}, 14, "a"),  # the time is over
        ({"a": (9, 0), "b": (9, 5)}, 14, "b"),
    ],
)
def test_a_winner_needs_people_and_certainty_or_time(
    tallies: dict[str, tuple[int, int]], days: int, winner: str | None
) -> None:
    rule = Winner(certainty=Decimal(90), at_least=500, after=timedelta(days=14))

    verdict = decide(rule, {name: Tally(*counts) for name, counts in tallies.items()}, NOW, NOW + days * DAY)

    assert (verdict.variation if verdict is not None else None) == winner


def test_from_then_on_everybody_gets_the_winner(conn: Connection, workspace: int) -> None:
    test = {
        "id": "tone",
        "ab_test": [{"email": "a.mjml", "share": 50}, {"email": "b.mjml", "share": 50}],
        "winner": {"at_least": 20},
    }
    flow_id = publish(conn, workspace, NOW, test)
    crowd = people(conn, workspace, NOW, 120)
    enrol(conn, workspace, flow_id, crowd[:100], NOW)
    runner.run_due(conn, workspace, NOW)
    conn.execute(
        """
        UPDATE message
        SET state = 'sent', sent_at = %(now)s, clicked_at = CASE WHEN step = 'b' THEN %(now)s::timestamptz END
        WHERE workspace_id = %(w)s
        """,
        {"now": NOW, "w": workspace},
    )

    assert winners.workspaces_with_work(conn, NOW).count(workspace) == 1
    assert winners.turn(conn, workspace, NOW + DAY) == 1
    assert winners.turn(conn, workspace, NOW + DAY) == 0
    enrol(conn, workspace, flow_id, crowd[100:], NOW + DAY)
    runner.run_due(conn, workspace, NOW + DAY)

    later = conn.execute(
        "SELECT step, count(*) FROM message WHERE workspace_id = %s AND planned_at = %s GROUP BY step",
        (workspace, NOW + DAY),
    ).fetchall()
    assert later == [("b", 20)]
    shown = numbers.of_flow(conn, workspace, flow_id, NOW - DAY, NOW + 2 * DAY)
    sent = shown.steps["b"].results
    assert sent is not None
    assert sent.clicked == sent.sent > 30
