"""Smart sending: whoever got an email lately gets no second one yet. The window is stamped when a message is claimed.

A stamp is one row a profile; the row's lock is what keeps two workers from both letting a message through. A changed
setting does not shorten stamps that stand, and a message that fails at the server keeps its stamp: delivery was tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message that has passed every other gate."""

    message_id: int
    profile_id: int
    heeds: bool
    """False: goes whatever the timer says, and starts it all the same."""


@dataclass(frozen=True, slots=True)
class Stamp:
    profile_id: int
    message_id: int
    forced: bool


def plan(candidates: Iterable[Candidate]) -> list[Stamp]:
    """One stamp a profile, in the order in which every worker locks them.

    Of several messages of a profile, one that does not heed the timer stamps (the others will not go now); else the
    first.
    """
    chosen: dict[int, Stamp] = {}
    for candidate in candidates:
        present = chosen.get(candidate.profile_id)
        if present is None or (present.forced is False and not candidate.heeds):
            chosen[candidate.profile_id] = Stamp(candidate.profile_id, candidate.message_id, not candidate.heeds)
    return sorted(chosen.values(), key=lambda stamp: stamp.profile_id)


def grant(
    conn: Connection, workspace_id: int, candidates: Sequence[Candidate], window: timedelta, now: datetime
) -> set[int]:
    """Stamp the profiles; answers the ids of the messages that may go. A retry of the stamping message may."""
    if window <= timedelta(0):
        return {candidate.message_id for candidate in candidates}
    stamps = plan(candidates)
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
            "forced": [stamp.message_id for stamp in stamps if stamp.forced],
        },
    ).fetchall()
    granted = {row[0] for row in rows}
    return granted | {candidate.message_id for candidate in candidates if not candidate.heeds}


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
