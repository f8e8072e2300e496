"""A segment's size day by day, and how many entered and left, from what upkeep records; quiet days included."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day of the brand."""

    day: date
    members: int
    """At its end."""
    entered: int
    left: int


def days(conn: Connection, workspace_id: int, segment_id: int, first: date, last: date) -> list[Day]:
    """Each day from `first` to `last` since the segment has been built."""
    with conn.cursor(row_factory=class_row(Day)) as cursor:
        # Recorded is a day on which something changed; the others have the size of the one before. Primary key.
        return cursor.execute(
            """
            SELECT d.day::date AS day, kept.members,
                   CASE WHEN kept.day = d.day THEN kept.entered ELSE 0 END AS entered,
                   CASE WHEN kept.day = d.day THEN kept."left" ELSE 0 END AS "left"
            FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS d (day)
            CROSS JOIN LATERAL (
                SELECT day, members, entered, "left"
                FROM segment_day
                WHERE workspace_id = %(workspace)s
                  AND segment_id = %(segment)s
                  AND day <= d.day
                ORDER BY day DESC
                LIMIT 1
            ) AS kept
            ORDER BY d.day
            """,
            {"workspace": workspace_id, "segment": segment_id, "first": first, "last": last},
        ).fetchall()


def sizes(conn: Connection, workspace_id: int, first: date, last: date) -> dict[int, list[int]]:
    """By segment in use: its size at the end of each day, since it has been built."""
    # For the list of segments: each one's curve. segment_day's primary key, one probe a segment and day.
    rows = conn.execute(
        """
        SELECT s.id, array_agg(kept.members ORDER BY d.day)
        FROM segment s
        CROSS JOIN generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS d (day)
        CROSS JOIN LATERAL (
            SELECT members
            FROM segment_day
            WHERE workspace_id = %(workspace)s
              AND segment_id = s.id
              AND day <= d.day
            ORDER BY day DESC
            LIMIT 1
        ) AS kept
        WHERE s.workspace_id = %(workspace)s
          AND s.archived_at IS NULL
        GROUP BY s.id
        """,
        {"workspace": workspace_id, "first": first, "last": last},
    ).fetchall()
    return dict(rows)
