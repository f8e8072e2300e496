"""People, lists, purchases and emails for the campaign tests, written straight into the tables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from headwater.content import templates
from headwater.content.document import Document

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BODY = "<mjml><mj-body><mj-section><mj-column><mj-text>{}</mj-text></mj-column></mj-section></mj-body></mjml>"


def people(conn: Connection, workspace: int, number: int, *, email: str = "person{}@example.com") -> list[int]:
    """Profiles with addresses, set-based: `number` may be large."""
    rows = conn.execute(
        """
        INSERT INTO profile (workspace_id, email, created_at, updated_at)
        SELECT %(w)s, replace(%(email)s, '{}', number::text), %(now)s, %(now)s
        FROM generate_series(1, %(number)s) AS number
        RETURNING id
        """,
        {"w": workspace, "number": number, "email": email, "now": NOW},
    ).fetchall()
    return [row[0] for row in rows]


def a_list(conn: Connection, workspace: int, name: str, members: Iterable[int]) -> int:
    row = conn.execute(
        "INSERT INTO list (workspace_id, name, created_at) VALUES (%s, %s, %s) RETURNING id", (workspace, name, NOW)
    ).fetchone()
    assert row is not None
    conn.execute(
        """
        INSERT INTO list_member (workspace_id, list_id, profile_id, added_at, method)
        SELECT %s, %s, member, %s, 'test'
        FROM unnest(%s::bigint[]) AS member
        """,
        (workspace, row[0], NOW, list(members)),
    )
    return int(row[0])


def ordered(conn: Connection, workspace: int, profile: int, at: datetime) -> None:
    """The roll-up of an order, as the processor writes it."""
    conn.execute(
        """
        WITH kind AS (
            INSERT INTO metric (workspace_id, name, created_at)
            VALUES (%(w)s, 'Placed Order', %(at)s)
            ON CONFLICT (workspace_id, name) DO UPDATE SET name = excluded.name
            RETURNING id
        )
        INSERT INTO profile_metric (workspace_id, profile_id, metric_id, count, sum, first_ts, last_ts)
        SELECT %(w)s, %(p)s, id, 1, 10, %(at)s, %(at)s
        FROM kind
        """,
        {"w": workspace, "p": profile, "at": at},
    )


def an_email(
    conn: Connection,
    workspace: int,
    name: str = "Sale",
    body: str = "Hello {% footer %}",
    *,
    transactional: bool = False,
    **data: Any,
) -> int:
    document = Document("Sale", BODY.format(body), data=data)
    template, _ = templates.save(conn, workspace, name, document, NOW, transactional=transactional)
    return template


def ledger_of(conn: Connection, workspace: int, campaign: int) -> dict[int, str]:
    """State by profile."""
    rows = conn.execute(
        "SELECT profile_id, state FROM message WHERE workspace_id = %s AND source = 'campaign' AND source_id = %s",
        (workspace, campaign),
    ).fetchall()
    assert len(rows) == len({row[0] for row in rows})
    return {row[0]: row[1] for row in rows}


def settle_all(conn: Connection, workspace: int, state: str = "sent") -> None:
    """As if the sender had dealt with everything planned."""
    conn.execute("UPDATE message SET state = %s WHERE workspace_id = %s AND state = 'planned'", (state, workspace))
