"""Counts while editing: a sample with an honest error, and the exact figure."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from psycopg import Connection

from headwater.segments import preview
from headwater.segments.language import parse

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
GOLD = parse({"property": "tier", "equals": "gold"})


def people(conn: Connection, workspace: int, count: int, gold_every: int) -> None:
    conn.execute(
        """
        INSERT INTO profile (workspace_id, email, properties, created_at, updated_at)
        SELECT %(workspace)s, 'p' || n || '@example.com',
               CASE WHEN n %% %(every)s = 0 THEN '{"tier": "gold"}'::jsonb ELSE '{}' END, %(now)s, %(now)s
        FROM generate_series(1, %(count)s) AS n
        """,
        {"workspace": workspace, "count": count, "every": gold_every, "now": NOW},
    )


def test_a_sample_tells_about_how_many_and_how_sure_it_is(conn: Connection, workspace: int) -> None:
    people(conn, workspace, 30_000, 5)

    guessed = preview.estimate(conn, workspace, GOLD, NOW)
    exact = preview.exactly(conn, workspace, GOLD, NOW)

    assert (exact.count, exact.low, exact.high, exact.exact) == (6000, 6000, 6000, True)
    assert not guessed.exact
    assert guessed.low <= 6000 <= guessed.high
    assert guessed.high - guessed.low < 1500
    assert len(guessed.examples) == len(exact.examples) == preview.EXAMPLES


def test_the_reach_by_a_sample_tells_who_can_get_email_and_of_how_many(conn: Connection, workspace: int) -> None:
    people(conn, workspace, 30_000, 5)
    # Every tenth has no address: half of the gold ones.
    conn.execute(
        "UPDATE profile SET email = NULL, external_id = id::text WHERE workspace_id = %s AND email LIKE '%%0@%%'",
        [workspace],
    )

    guessed = preview.reach(conn, workspace, GOLD, NOW, exact=False)
    exact = preview.reach(conn, workspace, GOLD, NOW, exact=True)

    assert (exact.count, exact.can_receive, exact.people) == (6000, 3000, 30_000)
    assert exact.examples == preview.exactly(conn, workspace, GOLD, NOW).examples
    assert guessed.count == preview.estimate(conn, workspace, GOLD, NOW).count
    assert 2400 < guessed.can_receive < 3600
    assert guessed.people == pytest.approx(30_000, rel=0.01)


def test_few_people_are_counted_exactly_at_once(conn: Connection, workspace: int) -> None:
    people(conn, workspace, 50, 10)

    found = preview.estimate(conn, workspace, GOLD, NOW)

    assert (found.count, found.exact, len(found.examples)) == (5, True, 5)


def test_a_small_brand_among_large_ones_is_not_guessed_at(conn: Connection, workspace: int) -> None:
    people(conn, workspace, 30, 10)
    conn.execute("SELECT setval(pg_get_serial_sequence('profile', 'id'), (SELECT max(id) + 50000 FROM profile))")
    people(conn, workspace, 30, 10)

    found = preview.estimate(conn, workspace, GOLD, NOW)

    assert (found.count, found.exact) == (6, True)


def test_a_workspace_without_people_has_nobody(conn: Connection, workspace: int) -> None:
    assert preview.estimate(conn, workspace, GOLD, NOW).count == 0


@pytest.mark.parametrize("share", [0.0, 0.0005, 0.02, 0.4, 1.0])
def test_the_interval_holds_the_truth_about_as_often_as_it_says(share: float) -> None:
    from random import Random

    dice, width = Random(1), 1_000_000
    inside = 0
    for _ in range(300):
        hits = sum(dice.random() < share for _ in range(1000))
        guessed = preview.judged(range(hits), width, 1000)
        inside += guessed.low <= share * width <= guessed.high

    assert inside >= 300 * 0.9
