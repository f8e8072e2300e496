"""Who is in a segment, page by page: by its stored membership where that stands for the definition, else by asking."""

from __future__ import annotations

from datetime import datetime

from psycopg import Connection

from headwater.segments.compile import to_sql
from headwater.segments.conditions import Condition, InSegment
from headwater.segments.saved import Segment


def asking(segment: Segment) -> Condition:
    """A segment as a condition of others' questions: its stored membership, or its definition until that is built."""
    return InSegment(segment.id) if segment.built and segment.archived_at is None else segment.condition


def page(
    conn: Connection, workspace_id: int, condition: Condition, now: datetime, *, after: int = 0, limit: int = 100
) -> list[int]:
    """Profile ids of those who meet it now, in order, from after the given one."""
    statement, values = to_sql(conn, condition, workspace_id, now)
    rows = conn.execute(
        f"""
        SELECT member.profile_id
        FROM ({statement}) AS member
        WHERE member.profile_id > %(members_after)s
        ORDER BY member.profile_id
        LIMIT %(members_limit)s
        """,  # noqa: S608 - compiled; values are parameters
        {**values, "members_after": after, "members_limit": limit},
    ).fetchall()
    return [row[0] for row in rows]


def of_segment(
    conn: Connection, workspace_id: int, segment: Segment, now: datetime, after: int, limit: int
) -> list[tuple[int, datetime | None]]:
    """(profile id, entered at) in the order of ids: the standing membership; of one never built, who will be in it."""
    if segment.live_version is not None:
        return list(stored(conn, workspace_id, segment.id, after=after, limit=limit))
    found = page(conn, workspace_id, segment.condition, now, after=after, limit=limit)
    return [(profile_id, None) for profile_id in found]


def stored(
    conn: Connection, workspace_id: int, segment_id: int, *, after: int = 0, limit: int = 100
) -> list[tuple[int, datetime]]:
    """(profile id, entered at) of the membership that stands, in the order of ids, from after the given one."""
    # Primary key, from the cursor on.
    return conn.execute(
        """
        SELECT m.profile_id, m.entered_at
        FROM segment s
        JOIN segment_member m
          ON m.workspace_id = s.workspace_id
         AND m.segment_id = s.id
         AND m.version = s.live_version
        WHERE s.workspace_id = %(workspace)s
          AND s.id = %(segment)s
          AND m.profile_id > %(after)s
        ORDER BY m.profile_id
        LIMIT %(limit)s
        """,
        {"workspace": workspace_id, "segment": segment_id, "after": after, "limit": limit},
    ).fetchall()


def of_profile(conn: Connection, workspace_id: int, profile_id: int) -> list[tuple[int, str, datetime]]:
    """(segment id, name, entered at) of every segment in use that a profile is in, by name."""
    # For people looking at one profile. Primary key, one probe a segment.
    return conn.execute(
        """
        SELECT s.id, s.name, m.entered_at
        FROM segment s
        JOIN segment_member m
          ON m.workspace_id = s.workspace_id
         AND m.segment_id = s.id
         AND m.version = s.live_version
         AND m.profile_id = %(profile)s
        WHERE s.workspace_id = %(workspace)s
          AND s.archived_at IS NULL
        ORDER BY lower(s.name)
        """,
        {"workspace": workspace_id, "profile": profile_id},
    ).fetchall()
