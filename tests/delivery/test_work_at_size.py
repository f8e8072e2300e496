"""What a claim reads of a ledger as large as it gets: the next of each index, however much is planned ahead."""

from __future__ import annotations

from datetime import timedelta

from psycopg import Connection

from headwater.delivery import claims
from tests.delivery.ledger_builders import NOW, new_source, people, template
from tests.delivery.ledger_builders import plan as intend
from tests.flows.query_plans import plan

AHEAD = 200_000


def test_whether_there_is_work_is_told_by_the_first_entry_of_two_indexes(conn: Connection, workspace: int) -> None:
    later = NOW + timedelta(days=1)  # makes the month's partition
    intend(conn, workspace, new_source()[0], people(conn, workspace, 1), template(conn, workspace), send_at=later)
    conn.execute(
        """
        INSERT INTO message (workspace_id, origin_at, source, source_id, profile_id, planned_at, send_at, state,
                             lease_until)
        SELECT %(w)s, %(now)s, 'test', 1, n, %(now)s, %(now)s + n * interval '1 second',
               CASE WHEN n %% 20 = 0 THEN 'claimed' ELSE 'planned' END,
               CASE WHEN n %% 20 = 0 THEN %(now)s + interval '30 seconds' END
        FROM generate_series(1, %(ahead)s) AS n
        """,
        {"w": workspace, "now": NOW, "ahead": AHEAD},
    )
    conn.execute("ANALYZE message")

    assert workspace not in claims.workspaces_with_work(conn, NOW, NOW)
    assert workspace in claims.workspaces_with_work(conn, NOW + timedelta(seconds=1), NOW)
    assert workspace in claims.workspaces_with_work(conn, NOW, NOW + timedelta(minutes=1))

    found = plan(conn, lambda: claims.workspaces_with_work(conn, NOW, NOW))
    leaves = [line for line in found.splitlines() if " on message" in line]
    assert leaves, found
    assert all("Index" in line and "Bitmap" not in line for line in leaves), found
    assert found.count("Limit") == 2, found
    conn.rollback()
