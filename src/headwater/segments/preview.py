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
    """What an editor shows beside a definition. An estimate asks the same sample three times."""
    counted = exactly if exact else estimate
    found = counted(conn, workspace_id, condition, now)
    reached = counted(conn, workspace_id, AllOf((condition, CanReceive())), now).count
    people = counted(conn, workspace_id, AllOf(()), now).count
    return Reach(found.count, found.low, found.high, found.exact, found.examples, reached, people)


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
    # The ends of the workspace's ids. Primary key.
    row = conn.execute("SELECT min(id), max(id) FROM profile WHERE workspace_id = %s", (workspace_id,)).fetchone()
    if row is None or row[0] is None:
        return Preview(0, 0, 0, True, ())
    first, width = row[0], row[1] - row[0] + 1
    if width <= 2 * SAMPLE:
        return exactly(conn, workspace_id, condition, now)
    drawn, sample = SAMPLE, _present(conn, workspace_id, draw(first, width, SAMPLE))
    if len(sample) < SAMPLE / 2:  # most of the range is other brands' people, or gone
        if len(sample) * width <= 2 * SAMPLE**2:
            return exactly(conn, workspace_id, condition, now)
        drawn = min(MOST_DRAWN, SAMPLE * SAMPLE // len(sample))
        sample = _present(conn, workspace_id, draw(first, width, drawn))
    statement, values = compiling.to_sql(conn, condition, workspace_id, now, profile_ids=sample)
    found = sorted((row[0] for row in conn.execute(statement, values)), reverse=True)
    return judged(found, width, drawn)


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
