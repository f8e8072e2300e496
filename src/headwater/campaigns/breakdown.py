"""An audience taken apart: how many each list and segment brings, how many each takes away, and who gets it in the end.

For the author who is choosing. Two statements over the workspace, however many parts there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from headwater.accounts import brand as brands
from headwater.campaigns import audience
from headwater.campaigns.audience import Audience, Buyers
from headwater.campaigns.campaigns import SOURCE
from headwater.delivery import expected
from headwater.delivery.expected import Expectation, People, Waiting
from headwater.segments import compile as compiling
from headwater.segments import members, saved
from headwater.segments.conditions import AnyOf, Condition, OnList
from headwater.segments.scope import scope


@dataclass(frozen=True, slots=True)
class PartCount:
    """A list or segment of the audience; `buyers` is whom a series leaves out."""

    kind: str
    id: int
    name: str
    people: int
    """In it, whatever the other parts are."""
    only: int
    """Of an included one: those who get it through this part alone. Of an excluded one: those it takes away."""
    building: bool = False
    """A segment whose members are still being looked for: its numbers are of its definition."""


@dataclass(frozen=True)
class Breakdown:
    included: tuple[PartCount, ...]
    excluded: tuple[PartCount, ...]
    chosen: int
    """In any of the included ones; each person once."""
    left_out: int
    """Of those, in any of the excluded ones."""
    overlap: int
    """Of those who stay: in more than one of the included ones."""
    expectation: Expectation
    waiting: Waiting


@dataclass(frozen=True, slots=True)
class _Part:
    kind: str
    id: int
    inside: bool
    condition: Condition
    building: bool = False


def of_audience(
    conn: Connection,
    workspace_id: int,
    chosen: Audience,
    now: datetime,
    *,
    at: datetime | None = None,
    smart_sending: bool = True,
    buyers: Buyers | None = None,
) -> Breakdown:
    """Who gets an email that leaves at `at` (else now). Its lists and segments exist (`audience.check`)."""
    compiling.for_everybody(conn)
    parts = _parts(conn, workspace_id, chosen, buyers)
    counts = _counts(conn, workspace_id, parts, now)
    wanted = audience.condition(conn, workspace_id, chosen, buyers)
    brand = brands.load(conn, workspace_id)
    people = People(*compiling.to_sql(conn, wanted, workspace_id, now))
    when = max(at or now, now)
    expectation = expected.expect(conn, brand, people, when, kind=SOURCE, smart_sending=smart_sending)
    names = audience.names(conn, workspace_id, chosen)
    shown = [
        PartCount(
            part.kind,
            part.id,
            names.get((part.kind, part.id)) or (buyers.metric if buyers else ""),
            *counts.get(place, (0, 0)),
            part.building,
        )
        for place, part in enumerate(parts)
    ]
    chosen_people, kept, several = _sums(counts)
    return Breakdown(
        tuple(one for one, part in zip(shown, parts, strict=True) if part.inside),
        tuple(one for one, part in zip(shown, parts, strict=True) if not part.inside),
        chosen_people,
        chosen_people - kept,
        several,
        expectation,
        expected.waiting(brand, expectation, when),
    )


def _parts(conn: Connection, workspace_id: int, chosen: Audience, buyers: Buyers | None) -> list[_Part]:
    segments = saved.get(conn, workspace_id, list(chosen.segments))
    found: list[_Part] = []
    for inside, lists, segment_ids in (
        (True, chosen.included_lists, chosen.included_segments),
        (False, chosen.excluded_lists, chosen.excluded_segments),
    ):
        found += [_Part("list", number, inside, OnList(number)) for number in lists]
        found += [
            _Part("segment", number, inside, members.asking(segments[number]), segments[number].progress is not None)
            for number in segment_ids
            if number in segments
        ]
    if buyers is not None:
        found.append(_Part("buyers", 0, False, buyers.condition))
    return found


_WHOLE, _KEPT = -1, -2


def _counts(conn: Connection, workspace_id: int, parts: list[_Part], now: datetime) -> dict[int, tuple[int, int]]:
    """By place (people, only); under _WHOLE (in any included one, in several), under _KEPT the same of who stays."""
    if not parts:
        return {}
    known = scope(conn, AnyOf(tuple(part.condition for part in parts)), workspace_id, now)
    writer = compiling.Writer(known, now)
    # Each part's people with the part's place, then each person with the number of parts; the sums in one pass each.
    # Indexes: what the conditions name.
    union = "\n        UNION ALL\n        ".join(_members(place, part, writer) for place, part in enumerate(parts))
    rows = conn.execute(
        f"""
        WITH part AS MATERIALIZED (
            {union}
        ), person AS MATERIALIZED (
            SELECT profile_id,
                   count(*) FILTER (WHERE inside) AS included,
                   count(*) FILTER (WHERE NOT inside) AS excluded
            FROM part
            GROUP BY profile_id
        )
        SELECT part.place,
               count(*),
               count(*) FILTER (WHERE CASE WHEN part.inside
                                           THEN person.included = 1 AND person.excluded = 0
                                           ELSE person.included > 0 END)
        FROM part
        JOIN person USING (profile_id)
        GROUP BY part.place
        UNION ALL
        SELECT {_WHOLE}, count(*), count(*) FILTER (WHERE included > 1)
        FROM person
        WHERE included > 0
        UNION ALL
        SELECT {_KEPT}, count(*), count(*) FILTER (WHERE included > 1)
        FROM person
        WHERE included > 0
          AND excluded = 0
        """,  # noqa: S608 - compiled by segments; values are parameters
        writer.values,
    ).fetchall()
    return {row[0]: (row[1], row[2]) for row in rows}


def _members(place: int, part: _Part, writer: compiling.Writer) -> str:
    inside = str(part.inside).lower()
    statement = writer.statement(part.condition)
    return f"SELECT profile_id, {place} AS place, {inside} AS inside FROM ({statement}) AS of_{place}"  # noqa: S608


def _sums(counts: dict[int, tuple[int, int]]) -> tuple[int, int, int]:
    """(in any included part, who stays, who stays and is in several)."""
    kept, several = counts.get(_KEPT, (0, 0))
    return counts.get(_WHOLE, (0, 0))[0], kept, several
