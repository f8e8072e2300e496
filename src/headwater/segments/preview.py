"""How many people a definition would have, while it is being edited: at once from a sample, then exactly.

The sample is drawn from the range of the workspace's profile ids, evenly: each id drawn stands for an equal part of the
range, whether or not a person has it, so the estimate needs no count of all people.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from psycopg import Connection

from headwater.core import arrays
from headwater.segments import compile as compiling
from headwater.segments.conditions import AllOf, CanReceive, Condition

SAMPLE = 6000
"""How many people a sample should hold; where there are hardly more, the count is exact."""
MOST_DRAWN = 200_000
EXAMPLES = 20
CONFIDENCE = 1.96
"""Standard errors to either side that hold the true count in 95 of 100 cases."""


@dataclass(frozen=True, slots=True)
class Preview:
    """How many people belong, and some of them."""

    count: int
    low: int
    high: int
    """With 95 % confidence from `low` to `high`; the same as `count` when it is exact."""
    exact: bool
    examples: tuple[int, ...]
    """Profile ids."""


@dataclass(frozen=True, slots=True)
class Reach(Preview):
    """And how many of them can get email, of how many whom the brand knows."""

    can_receive: int
    people: int


def reach(conn: Connection, workspace_id: int, condition: Condition, now: datetime, *, exact: bool) -> Reach:
    """What an editor shows beside a definition: by a sample, or of everybody."""
    sample = None if exact else _sample(conn, workspace_id)
    if sample is None:
        return _reach_exactly(conn, workspace_id, condition, now)
    found = _among(conn, workspace_id, condition, now, sample.ids)
    told = judged(found, sample.width, sample.drawn)
    reached = _among(conn, workspace_id, CanReceive(), now, found)
    known = _among(conn, workspace_id, AllOf(()), now, sample.ids)
    each = sample.width / sample.drawn
    return Reach(
        told.count, told.low, told.high, False, told.examples, round(len(reached) * each), round(len(known) * each)
    )


def _reach_exactly(conn: Connection, workspace_id: int, condition: Condition, now: datetime) -> Reach:
    people = compiling.count(conn, AllOf(()), workspace_id, now)
    statement, values = compiling.to_sql(conn, condition, workspace_id, now)
    can, can_values = compiling.to_sql(conn, CanReceive(), workspace_id, now)
    # Two statements in one: the parameters of the second get names of their own.
    can = can.replace("%(seg_", "%(can_seg_")
    # Whoever edits a segment. Everybody is asked once; who can get email, and the examples, come with the count.
    row = conn.execute(
        f"""
        WITH member AS MATERIALIZED ({statement})
        SELECT (SELECT count(*) FROM member),
               (SELECT count(*) FROM member JOIN ({can}) AS reached USING (profile_id)),
               ARRAY(SELECT profile_id FROM member ORDER BY profile_id DESC LIMIT %(examples)s)
        """,  # noqa: S608 - compiled; values are parameters
        {**values, **{f"can_{name}": value for name, value in can_values.items()}, "examples": EXAMPLES},
    ).fetchone()
    assert row is not None
    return Reach(row[0], row[0], row[0], True, tuple(row[2]), row[1], people)


def exactly(conn: Connection, workspace_id: int, condition: Condition, now: datetime) -> Preview:
    """The exact count, and the twenty with the highest ids, who are the newest."""
    compiling.for_everybody(conn)
    statement, values = compiling.to_sql(conn, condition, workspace_id, now)
    # Everybody is asked once; the examples come with the count.
    row = conn.execute(
        f"""
        WITH member AS MATERIALIZED ({statement})
        SELECT (SELECT count(*) FROM member),
               ARRAY(SELECT profile_id FROM member ORDER BY profile_id DESC LIMIT %(examples)s)
        """,  # noqa: S608 - compiled; values are parameters
        {**values, "examples": EXAMPLES},
    ).fetchone()
    assert row is not None
    return Preview(row[0], row[0], row[0], True, tuple(row[1]))


def estimate(conn: Connection, workspace_id: int, condition: Condition, now: datetime) -> Preview:
    """The count by a sample of the people, with its error; exact where there are hardly more of them than that."""
    sample = _sample(conn, workspace_id)
    if sample is None:
        return exactly(conn, workspace_id, condition, now)
    return judged(_among(conn, workspace_id, condition, now, sample.ids), sample.width, sample.drawn)


@dataclass(frozen=True, slots=True)
class _Sample:
    """Profiles among `drawn` ids of a range so wide."""

    ids: list[int]
    width: int
    drawn: int


def _sample(conn: Connection, workspace_id: int) -> _Sample | None:
    """None: there are hardly more people than a sample holds, so everybody is asked."""
    # The ends of the workspace's ids. Primary key.
    row = conn.execute("SELECT min(id), max(id) FROM profile WHERE workspace_id = %s", (workspace_id,)).fetchone()
    if row is None or row[0] is None:
        return None
    first, width = row[0], row[1] - row[0] + 1
    if width <= 2 * SAMPLE:
        return None
    drawn, ids = SAMPLE, _present(conn, workspace_id, draw(first, width, SAMPLE))
    if len(ids) < SAMPLE / 2:  # most of the range is other brands' people, or gone
        if len(ids) * width <= 2 * SAMPLE**2:
            return None
        drawn = min(MOST_DRAWN, SAMPLE * SAMPLE // len(ids))
        ids = _present(conn, workspace_id, draw(first, width, drawn))
    return _Sample(ids, width, drawn)


def _among(conn: Connection, workspace_id: int, condition: Condition, now: datetime, ids: Sequence[int]) -> list[int]:
    """Who of these meets it, the newest first."""
    statement, values = compiling.to_sql(conn, condition, workspace_id, now, profile_ids=ids)
    return sorted((row[0] for row in conn.execute(statement, values)), reverse=True)


def draw(first: int, width: int, count: int) -> list[int]:
    """So many ids of a range, one from each of its equal parts; the same ones for the same range."""
    dice = Random(width)
    return [first + int((number + dice.random()) * width / count) for number in range(count)]


def _present(conn: Connection, workspace_id: int, ids: Sequence[int]) -> list[int]:
    # Which of these are profiles of the workspace. Primary key, one probe each.
    rows = conn.execute(
        "SELECT id FROM profile WHERE workspace_id = %(workspace)s AND id = ANY (%(ids)s::bigint[])",
        {"workspace": workspace_id, "ids": arrays.plain(ids)},
    )
    return [row[0] for row in rows]


def judged(found: Sequence[int], width: int, drawn: int) -> Preview:
    """What so many hits among so many drawn say of the whole range, by Wilson's interval, which suits few hits too."""
    share = len(found) / drawn
    square = CONFIDENCE**2 / drawn
    middle = (share + square / 2) / (1 + square)
    half = CONFIDENCE * math.sqrt(share * (1 - share) / drawn + square / (4 * drawn)) / (1 + square)
    return Preview(
        count=round(share * width),
        low=max(len(found), math.floor((middle - half) * width)),
        high=min(width, math.ceil((middle + half) * width)),
        exact=False,
        examples=tuple(found[:EXAMPLES]),
    )
