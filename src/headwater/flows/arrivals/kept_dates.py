"""The dates that date flows go by, kept beside the profiles in the order of days (`flow_date`).

So a look ahead reads a few days of an index instead of everybody, and a change of a date is told from one that was
merely written again. What looks like a date is kept; whether it is one, `occasions` says.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from headwater.flows.arrivals.near_days import Days, near
from headwater.flows.occasions import DateRule
from headwater.segments.conditions import Path, written
from headwater.segments.profile_dates import text_of

_LOOKS_LIKE_ONE = "^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([T ]|$)"
_LONGEST = 40
"""No date is written longer."""


# ── keeping ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def renew(
    conn: Connection, workspace_id: int, flow_id: int, path: Path, profile_ids: Collection[int]
) -> frozenset[int]:
    """Keep what the path of these profiles says now; answers those whose date came, went or changed."""
    # For whoever writes properties. Primary keys; `_DATES_OF` keeps to them.
    rows = conn.execute(
        f"""
        WITH said AS (
            SELECT p.id, {_value_of(path)} AS value
            FROM profile p
            WHERE p.workspace_id = %(workspace)s
              AND p.id = ANY (%(ids)s)
        ), gone AS (
            DELETE FROM flow_date
            WHERE ctid = ANY (ARRAY(
                SELECT d.place
                FROM said
                {_DATES_OF.format("said.id")}
                WHERE d.flow_id = %(flow)s
                  AND (said.value ~ %(date)s) IS NOT TRUE
            ))
            RETURNING profile_id
        ), put AS (
            INSERT INTO flow_date AS kept (workspace_id, profile_id, flow_id, day, value)
            SELECT %(workspace)s, id, %(flow)s, left(value, 10), value
            FROM said
            WHERE value ~ %(date)s
            ON CONFLICT (workspace_id, profile_id, flow_id) DO UPDATE
            SET day = excluded.day,
                value = excluded.value
            WHERE kept.value <> excluded.value
            RETURNING profile_id
        )
        SELECT profile_id FROM gone
        UNION ALL
        SELECT profile_id FROM put
        """,  # noqa: S608 - constants of this file and of `profile_dates`
        _said(workspace_id, flow_id, path) | {"ids": sorted(profile_ids)},
    )
    return frozenset(row[0] for row in rows)


def fill(
    conn: Connection, workspace_id: int, flow_id: int, path: Path, after: int, most: int
) -> tuple[int, int | None]:
    """Keep the dates of the next `most` profiles; answers how many were looked at, and the last of them (None: none).

    What is kept already was written by somebody who knows of the flow, later than what is read here, and stands.
    """
    # Primary keys.
    row = conn.execute(
        f"""
        WITH said AS MATERIALIZED (
            SELECT p.id, {_value_of(path)} AS value
            FROM profile p
            WHERE p.workspace_id = %(workspace)s
              AND p.id > %(after)s
            ORDER BY p.id
            LIMIT %(most)s
        ), put AS (
            INSERT INTO flow_date (workspace_id, profile_id, flow_id, day, value)
            SELECT %(workspace)s, id, %(flow)s, left(value, 10), value
            FROM said
            WHERE value ~ %(date)s
            ORDER BY id
            ON CONFLICT DO NOTHING
        )
        SELECT count(*), max(id) FROM said
        """,  # noqa: S608 - constants of this file and of `profile_dates`
        _said(workspace_id, flow_id, path) | {"after": after, "most": most},
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def clear(conn: Connection, workspace_id: int, flow_id: int, most: int) -> int:
    """Forget up to `most` dates of a flow; answers how many there were."""
    # Index flow_date_day.
    return conn.execute(
        """
        DELETE FROM flow_date
        WHERE ctid = ANY (ARRAY(
            SELECT ctid
            FROM flow_date
            WHERE workspace_id = %(workspace)s
              AND flow_id = %(flow)s
            LIMIT %(most)s
        ))
        """,
        {"workspace": workspace_id, "flow": flow_id, "most": most},
    ).rowcount


# A person's dates, whichever flow they belong to: no other index leads to a few rows then.
_DATES_OF = """
        CROSS JOIN LATERAL (
            SELECT ctid AS place, flow_id, day
            FROM flow_date
            WHERE workspace_id = %(workspace)s
              AND profile_id = {}
            OFFSET 0
        ) AS d
"""


def _value_of(path: Path) -> str:
    return f"left({text_of(path)}, {_LONGEST})"


def _said(workspace_id: int, flow_id: int, path: Path) -> dict[str, Any]:
    keys = [step.key for step in path]
    return {"workspace": workspace_id, "flow": flow_id, "keys": keys, "date": _LOOKS_LIKE_ONE}


# ── looking ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def coming(
    conn: Connection,
    workspace_id: int,
    flow_id: int,
    rule: DateRule,
    start: datetime,
    end: datetime,
    *,
    after: int,
    most: int,
) -> list[int]:
    """Profiles whose date may start the flow in a span of time: the next `most` of them, in the order of ids."""
    which, values = _which(rule, start, end)
    # For the look ahead. Indexes flow_date_day or flow_date_of_year, alone.
    rows = conn.execute(
        f"""
        SELECT d.profile_id
        FROM flow_date d
        WHERE d.workspace_id = %(workspace)s
          AND d.flow_id = %(flow)s
          AND {which}
          AND d.profile_id > %(after)s
        ORDER BY d.profile_id
        LIMIT %(most)s
        """,  # noqa: S608 - one of two constants
        {"workspace": workspace_id, "flow": flow_id, "after": after, "most": most, **values},
    )
    return [row[0] for row in rows]


def coming_of(
    conn: Connection,
    workspace_id: int,
    flow_id: int,
    rule: DateRule,
    start: datetime,
    end: datetime,
    profile_ids: Collection[int],
) -> Sequence[int]:
    """Those of these profiles whose date may start the flow in a span of time."""
    which, values = _which(rule, start, end)
    # For whoever writes properties. Primary key, one probe each.
    rows = conn.execute(
        f"""
        SELECT asked.id
        FROM unnest(%(ids)s::bigint[]) AS asked (id)
        {_DATES_OF.format("asked.id")}
        WHERE d.flow_id = %(flow)s
          AND {which}
        """,  # noqa: S608 - constants of this file
        {"workspace": workspace_id, "flow": flow_id, "ids": sorted(profile_ids), **values},
    )
    return [row[0] for row in rows]


def _which(rule: DateRule, start: datetime, end: datetime) -> tuple[str, dict[str, Any]]:
    wanted = near(rule, start, end)
    if isinstance(wanted, Days):
        return "d.day BETWEEN %(first)s AND %(last)s", {"first": wanted.first, "last": wanted.last}
    return "substr(d.day, 6) = ANY (%(days)s)", {"days": list(wanted.days)}


def are_complete(conn: Connection, workspace_id: int, flow_id: int, path: Path) -> bool:
    """Whether everybody's dates by this path are kept: until then, one that is new here may be old."""
    # Primary key.
    row = conn.execute(
        """
        SELECT stage = 'ready' AND path = %(path)s
        FROM flow_dates
        WHERE workspace_id = %(workspace)s
          AND flow_id = %(flow)s
        """,
        {"workspace": workspace_id, "flow": flow_id, "path": written(path)},
    ).fetchone()
    return row == (True,)
