"""Builders for the ledger's tests: people, templates, a source that says what the test wants, due messages."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from headwater.accounts import brand
from headwater.content import templates
from headwater.content.document import Document
from headwater.delivery import claiming, ledger, settling, sources
from headwater.delivery.claims import Claimed
from headwater.delivery.ledger import Intent
from headwater.delivery.outgoing import Outgoing, Templates
from headwater.delivery.settling import Result
from headwater.delivery.sources import Brief
from headwater.delivery.transports.parcel import Verdict

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FOOTER = (
    "<mj-section><mj-column><mj-text>{{ organization.full_address }} "
    '<a href="{{ unsubscribe_link }}">Unsubscribe</a></mj-text></mj-column></mj-section>'
)
_names = itertools.count(1)


class SaidSource:
    """A source whose briefs the test sets; by default every message may go."""

    def __init__(self) -> None:
        self.default = Brief(message_name="A test")
        self.said: dict[int, Brief] = {}
        self.asked: list[int] = []

    def brief(
        self, conn: Connection, workspace_id: int, messages: Sequence[Claimed], now: datetime
    ) -> Mapping[int, Brief]:
        self.asked += [message.id for message in messages]
        return {message.id: self.said.get(message.profile_id, self.default) for message in messages}


def new_source() -> tuple[str, SaidSource]:
    name = f"said-{next(_names)}"
    source = SaidSource()
    sources.register(name, source)
    return name, source


def mjml(body: str) -> str:
    return (
        f"<mjml><mj-body><mj-section><mj-column><mj-text>{body}</mj-text></mj-column></mj-section>"
        f"{FOOTER}</mj-body></mjml>"
    )


def template(
    conn: Connection, workspace_id: int, body: str = "Hello {{ first_name }}", data: dict[str, Any] | None = None
) -> int:
    """The id of a template version."""
    document = Document(subject="Hello {{ first_name }}", mjml=mjml(body), data=data or {})
    return templates.save(conn, workspace_id, f"T{next(_names)}", document, NOW)[1]


def people(conn: Connection, workspace_id: int, count: int, *, first_name: str = "Ann") -> list[int]:
    """Profiles with addresses of their own."""
    start = next(_names)
    rows = conn.execute(
        """
        INSERT INTO profile (workspace_id, email, first_name, properties, created_at, updated_at)
        SELECT %(workspace)s, 'p' || %(start)s || '.' || n || '@example.com', %(first)s, '{}', %(now)s, %(now)s
        FROM generate_series(1, %(count)s) AS n
        RETURNING id
        """,
        {"workspace": workspace_id, "start": start, "count": count, "first": first_name, "now": NOW},
    ).fetchall()
    return [row[0] for row in rows]


def plan(
    conn: Connection,
    workspace_id: int,
    source: str,
    profiles: Sequence[int],
    version: int | None,
    *,
    step: str = "",
    occurrence: int = 0,
    send_at: datetime = NOW,
) -> int:
    """Intend one message for each of these people."""
    intents = [Intent(source, 1, step, profile, occurrence, NOW, send_at, version) for profile in profiles]
    return ledger.intend(conn, workspace_id, intents, NOW)


def claim(
    conn: Connection, workspace_id: int, *, now: datetime = NOW, limit: int = 500, wall: datetime = NOW
) -> claiming.Batch:
    return claiming.claim(conn, workspace_id, Templates(), now=now, wall=wall, limit=limit)


ACCEPTED = Verdict("accepted", 250, "ok")
DEFERRED = Verdict("deferred", 451, "busy")


def settle(
    conn: Connection, workspace_id: int, ready: Sequence[Outgoing], at: datetime = NOW, verdict: Verdict = ACCEPTED
) -> None:
    """The server's verdict on these."""
    results = [Result(one.key, one.profile_id, one.address, one.attempts, one.deadline, verdict, at) for one in ready]
    settling.settle(conn, workspace_id, results)


def set_brand(conn: Connection, workspace_id: int, **changes: Any) -> None:
    """Change the brand's settings."""
    brand.update(conn, workspace_id, changes)


def set_timezone(conn: Connection, workspace_id: int, profile_id: int, name: str) -> None:
    conn.execute(
        "UPDATE profile SET timezone = %s WHERE workspace_id = %s AND id = %s", (name, workspace_id, profile_id)
    )


def states(conn: Connection, workspace_id: int) -> dict[int, tuple[str, str | None]]:
    """State and reason of each profile's message (of the last, where it has several)."""
    rows = conn.execute(
        "SELECT profile_id, state, reason FROM message WHERE workspace_id = %s ORDER BY id", (workspace_id,)
    ).fetchall()
    return {row[0]: (row[1], row[2]) for row in rows}
