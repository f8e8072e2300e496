"""A metric's past in pieces: in the order of time, each event once, those of one instant together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from psycopg import Connection

from headwater.events import past
from tests.flows.flow_tables import did, event, people, stored

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_span_is_read_in_pieces(conn: Connection, workspace: int) -> None:
    [person] = people(conn, workspace, NOW, 1)
    hours = [1, 2, 3, 3, 3, 4, 5, 6, 30]
    many = [
        event(conn, workspace, person, "Viewed Product", NOW - hour * HOUR, {"n": n}, key=str(n))
        for n, hour in enumerate(hours)
    ]
    stored(conn, workspace, many, NOW)
    did(conn, workspace, person, "Placed Order", NOW - HOUR)

    read, after, pieces = [], NOW - 24 * HOUR, 0
    while after < NOW:
        events, after = past.happened(conn, workspace, "Viewed Product", after, NOW, 2)
        read += events
        pieces += 1

    assert [NOW - found.ts for found in read] == [hour * HOUR for hour in (6, 5, 4, 3, 3, 3, 2, 1)]
    assert len({found.id for found in read}) == 8
    assert (read[0].metric, read[0].profile_id, read[0].properties) == ("Viewed Product", person, {"n": 7})
    assert pieces == 3


def test_a_metric_that_never_happened_has_no_past(conn: Connection, workspace: int) -> None:
    assert past.happened(conn, workspace, "Nothing", NOW - HOUR, NOW, 10) == ([], NOW)


def test_the_past_of_another_workspace_stays_there(conn: Connection, workspace: int) -> None:
    [person] = people(conn, workspace, NOW, 1)
    did(conn, workspace, person, "Viewed Product", NOW - HOUR)

    assert past.happened(conn, workspace + 1, "Viewed Product", NOW - 2 * HOUR, NOW, 10) == ([], NOW)
