"""Smart sending: whoever got an email lately gets no second one yet. The window is stamped when a message is claimed.

A stamp is one row a profile; the row's lock is what keeps two workers from both letting a message through. A changed
setting does not shorten stamps that stand, and a message that fails at the server keeps its stamp: delivery was tried.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from psycopg import Connection

from headwater.delivery.turns import Candidate, Timer


def grant(
    conn: Connection, workspace_id: int, candidates: Sequence[Candidate], window: timedelta, now: datetime
) -> set[int]:
    """Stamp people of whom each has one candidate; answers the ids of the messages that may go.

    What `turns.take` decides, in one statement: the usual claim, in which nobody gets two and nothing is capped.
    """
    if window <= timedelta(0):
        return {candidate.message_id for candidate in candidates}
    stamps = sorted(candidates, key=lambda candidate: candidate.profile_id)
    # For the claim. Rows arrive in the order of profile_id, so that two claims never wait for one another crosswise.
    # Index: primary key.
    rows = conn.execute(
        """
        INSERT INTO smart_sending AS standing (workspace_id, profile_id, until, message_id)
        SELECT %(workspace)s, stamp.profile_id, %(until)s, stamp.message_id
        FROM unnest(%(profiles)s::bigint[], %(messages)s::bigint[]) AS stamp (profile_id, message_id)
        ON CONFLICT (workspace_id, profile_id) DO UPDATE
        SET until = excluded.until,
            message_id = excluded.message_id
        WHERE standing.until <= %(now)s
           OR standing.message_id = excluded.message_id
           OR excluded.message_id = ANY(%(forced)s::bigint[])
        RETURNING message_id
        """,
        {
            "workspace": workspace_id,
            "now": now,
            "until": now + window,
            "profiles": [stamp.profile_id for stamp in stamps],
            "messages": [stamp.message_id for stamp in stamps],
            "forced": [stamp.message_id for stamp in stamps if not stamp.heeds],
        },
    ).fetchall()
    return {row[0] for row in rows}


def lock(conn: Connection, workspace_id: int, profile_ids: Collection[int], now: datetime) -> dict[int, Timer]:
    """Lock these people's stamps until the transaction ends, new ones too; answers how their timers stand.

    What another worker let through for one of them is committed by then, and the next statement sees it.
    """
    # For claims that are decided in Python. In the order of profile_id, as above. Index: primary key.
    rows = conn.execute(
        """
        INSERT INTO smart_sending AS standing (workspace_id, profile_id, until, message_id)
        SELECT %(workspace)s, person.id, %(now)s, 0
        FROM unnest(%(profiles)s::bigint[]) AS person (id)
        ON CONFLICT (workspace_id, profile_id) DO UPDATE
        SET until = standing.until
        RETURNING profile_id, until, message_id
        """,
        {"workspace": workspace_id, "now": now, "profiles": sorted(profile_ids)},
    ).fetchall()
    return {row[0]: Timer(row[1], row[2]) for row in rows}


def stamp(conn: Connection, workspace_id: int, stamps: Mapping[int, int], until: datetime) -> None:
    """Start the timers of people whose stamps are locked: a message by profile."""
    if not stamps:
        return
    # Index: primary key.
    conn.execute(
        """
        UPDATE smart_sending
        SET until = %(until)s,
            message_id = stamp.message_id
        FROM unnest(%(profiles)s::bigint[], %(messages)s::bigint[]) AS stamp (profile_id, message_id)
        WHERE smart_sending.workspace_id = %(workspace)s
          AND smart_sending.profile_id = stamp.profile_id
        """,
        {"workspace": workspace_id, "until": until, "profiles": list(stamps), "messages": list(stamps.values())},
    )


def release(conn: Connection, workspace_id: int, stamps: Sequence[tuple[int, int]]) -> None:
    """Take back the stamps (profile, message) of messages that were skipped before anything left."""
    if not stamps:
        return
    # Locked in the order of profile_id, as above. Index: primary key.
    conn.execute(
        """
        DELETE FROM smart_sending
        WHERE workspace_id = %(workspace)s
          AND profile_id IN (
            SELECT standing.profile_id
            FROM smart_sending AS standing
            JOIN unnest(%(profiles)s::bigint[], %(messages)s::bigint[]) AS stamp (profile_id, message_id)
              ON standing.profile_id = stamp.profile_id
             AND standing.message_id = stamp.message_id
            WHERE standing.workspace_id = %(workspace)s
            ORDER BY standing.profile_id
            FOR UPDATE OF standing
          )
        """,
        {
            "workspace": workspace_id,
            "profiles": [profile for profile, _ in stamps],
            "messages": [message for _, message in stamps],
        },
    )
