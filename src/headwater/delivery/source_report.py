"""One source's messages looked at from several sides: by hour, by mailbox provider, and how fast they leave.

Read from the ledger's own rows, so the numbers agree with the totals.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection


@dataclass(frozen=True, slots=True)
class Moment:
    """How many people opened and clicked for the first time in the hour that begins at `at`, and how many were sent."""

    at: datetime
    sent: int
    opened: int
    clicked: int


@dataclass(frozen=True, slots=True)
class Provider:
    """What became of the messages to one domain."""

    domain: str
    sent: int
    bounced: int
    complained: int
    opened: int
    clicked: int


@dataclass(frozen=True, slots=True)
class Source:
    """Names a source's messages: `origin_at` is what they have in common, and names their partition."""

    kind: str
    id: int
    origin_at: datetime

    def parameters(self, workspace_id: int) -> dict[str, object]:
        return {"workspace": workspace_id, "source": self.kind, "source_id": self.id, "origin": self.origin_at}


def by_hour(conn: Connection, workspace_id: int, source: Source) -> list[Moment]:
    """Hours in which something happened, in their order."""
    # For a campaign's curve. Index: the unique key's first columns.
    rows = conn.execute(
        """
        SELECT date_trunc('hour', moment.at) AS hour,
               count(*) FILTER (WHERE moment.kind = 'sent'),
               count(*) FILTER (WHERE moment.kind = 'opened'),
               count(*) FILTER (WHERE moment.kind = 'clicked')
        FROM message
        CROSS JOIN LATERAL (
            VALUES ('sent', sent_at), ('opened', opened_at), ('clicked', clicked_at)
        ) AS moment (kind, at)
        WHERE workspace_id = %(workspace)s
          AND source = %(source)s
          AND source_id = %(source_id)s
          AND origin_at = %(origin)s
          AND moment.at IS NOT NULL
        GROUP BY hour
        ORDER BY hour
        """,
        source.parameters(workspace_id),
    ).fetchall()
    return [Moment(*row) for row in rows]


def by_provider(conn: Connection, workspace_id: int, source: Source, limit: int) -> list[Provider]:
    """The domains that most went to, the largest first."""
    # For a campaign's report. Index: the unique key's first columns.
    rows = conn.execute(
        """
        SELECT lower(split_part(address, '@', 2)) AS domain,
               count(*) AS sent,
               count(*) FILTER (WHERE state = 'bounced'),
               count(*) FILTER (WHERE state = 'complained'),
               count(opened_at),
               count(clicked_at)
        FROM message
        WHERE workspace_id = %(workspace)s
          AND source = %(source)s
          AND source_id = %(source_id)s
          AND origin_at = %(origin)s
          AND state IN ('sent', 'delivered', 'complained', 'bounced')
          AND address IS NOT NULL
        GROUP BY domain
        ORDER BY sent DESC, domain
        LIMIT %(limit)s
        """,
        {**source.parameters(workspace_id), "limit": limit},
    ).fetchall()
    return [Provider(*row) for row in rows]


def left_between(conn: Connection, workspace_id: int, source: Source, since: datetime, until: datetime) -> int:
    """How many left in [since, until): how fast it goes."""
    # For a campaign's progress. Index: the unique key's first columns.
    row = conn.execute(
        """
        SELECT count(*)
        FROM message
        WHERE workspace_id = %(workspace)s
          AND source = %(source)s
          AND source_id = %(source_id)s
          AND origin_at = %(origin)s
          AND finished_at >= %(since)s
          AND finished_at < %(until)s
          AND state <> 'cancelled'
        """,
        {**source.parameters(workspace_id), "since": since, "until": until},
    ).fetchone()
    assert row is not None
    return int(row[0])


def clicked(conn: Connection, workspace_id: int, source: Source) -> tuple[list[int], list[int]]:
    """(message ids, profile ids) of those who clicked, in step."""
    # For a campaign's links. Index: the unique key's first columns.
    rows = conn.execute(
        """
        SELECT id, profile_id
        FROM message
        WHERE workspace_id = %(workspace)s
          AND source = %(source)s
          AND source_id = %(source_id)s
          AND origin_at = %(origin)s
          AND clicked_at IS NOT NULL
        """,
        source.parameters(workspace_id),
    ).fetchall()
    return [row[0] for row in rows], [row[1] for row in rows]


def held(conn: Connection, workspace_id: int, source: Source, now: datetime) -> dict[str, int]:
    """What is still to go, by where it stands: due, on the wire, or put off (quiet hours, another attempt)."""
    # For a campaign's progress. Index: the unique key's first columns.
    row = conn.execute(
        """
        SELECT count(*) FILTER (WHERE state = 'planned' AND send_at <= %(now)s),
               count(*) FILTER (WHERE state = 'claimed'),
               count(*) FILTER (WHERE state = 'planned' AND send_at > %(now)s)
        FROM message
        WHERE workspace_id = %(workspace)s
          AND source = %(source)s
          AND source_id = %(source_id)s
          AND origin_at = %(origin)s
          AND state IN ('planned', 'claimed')
        """,
        {**source.parameters(workspace_id), "now": now},
    ).fetchone()
    assert row is not None
    return {"due": row[0], "on_the_wire": row[1], "put_off": row[2]}
