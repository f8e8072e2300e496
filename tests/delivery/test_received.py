"""What mail people got: sent in the span, by person and in the order of time."""

from __future__ import annotations

from datetime import datetime, timedelta

from psycopg import Connection

from headwater.core import partitions
from headwater.delivery import received
from tests.conftest import NOW

DAY = timedelta(days=1)


def mail(
    conn: Connection,
    workspace: int,
    person: int,
    at: datetime | None,
    source: str = "campaign",
    planned: timedelta = DAY,
) -> None:
    """A message that was planned so long before; None: that has not gone."""
    begun = (at or NOW) - planned
    partitions.ensure(conn, "message", [begun])
    conn.execute(
        """
        INSERT INTO message
            (workspace_id, origin_at, source, source_id, profile_id, state, planned_at, send_at, sent_at, transactional)
        VALUES (%(w)s, %(begun)s, %(source)s, 7, %(person)s, %(state)s, %(begun)s, %(begun)s, %(at)s, %(t)s)
        """,
        {
            "w": workspace, "begun": begun, "source": source, "person": person, "at": at,
            "state": "sent" if at else "skipped", "t": source == "flow",
        },
    )  # fmt: skip


def test_what_was_sent_in_the_span(conn: Connection, workspace: int) -> None:
    mail(conn, workspace, 2, NOW - 3 * DAY, "flow")
    mail(conn, workspace, 1, NOW - 2 * DAY)
    mail(conn, workspace, 1, NOW - 5 * DAY, planned=40 * DAY)
    mail(conn, workspace, 1, None, planned=2 * DAY)
    mail(conn, workspace, 1, NOW)
    mail(conn, workspace, 1, NOW - 11 * DAY)
    mail(conn, workspace, 3, NOW - 2 * DAY)

    found = received.between(conn, workspace, [1, 2], NOW - 10 * DAY, NOW)

    assert [(one.profile_id, one.at, one.kind, one.source_id, one.transactional) for one in found] == [
        (1, NOW - 5 * DAY, "campaign", 7, False),
        (1, NOW - 2 * DAY, "campaign", 7, False),
        (2, NOW - 3 * DAY, "flow", 7, True),
    ]
    assert received.between(conn, workspace + 1, [1, 2], NOW - 10 * DAY, NOW) == []


def test_what_somebody_made_of_the_mail_of_a_span(conn: Connection, workspace: int) -> None:
    for days in (2, 3, 4):
        mail(conn, workspace, 1, NOW - days * DAY, "flow" if days == 3 else "campaign")
    mail(conn, workspace, 1, NOW - 5 * DAY, "test")
    mail(conn, workspace, 1, NOW - 20 * DAY)
    mail(conn, workspace, 1, None)
    mail(conn, workspace, 2, NOW - 2 * DAY)
    noted = "UPDATE message SET {} WHERE workspace_id = %s AND profile_id = 1 AND sent_at = %s"
    conn.execute(noted.format("opened_at = sent_at"), (workspace, NOW - 2 * DAY))
    conn.execute(noted.format("opened_at = sent_at, clicked_at = sent_at"), (workspace, NOW - 3 * DAY))
    conn.execute(noted.format("state = 'bounced'"), (workspace, NOW - 4 * DAY))

    assert received.answered(conn, workspace, 1, NOW - 10 * DAY, NOW) == received.Answered(2, 2, 1)
    assert received.answered(conn, workspace, 1, NOW - 30 * DAY, NOW) == received.Answered(3, 2, 1)
    assert received.answered(conn, workspace, 3, NOW - 10 * DAY, NOW) == received.Answered(0, 0, 0)
