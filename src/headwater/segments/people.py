"""Everybody whom a brand knows, as a table to look at: search, filters, sort, and pages in both directions.

Two ways to a page, both bounded. A *walk* follows the index of the sort from the cursor on over some thousand people
and keeps those that are asked for: at once where they are many. Where that does not fill the page they are few, and all
of them are *gathered* by the index of what is asked, and sorted. So nobody needs to guess how rare they are.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from psycopg import Connection

from headwater.events.standard import PLACED_ORDER
from headwater.segments.people_query import KNOWN, SORTS, Filters, Sort, SortBy, conditions, probe, semi_join

WALK = 20_000
"""Of a million people, some 20 ms."""
STROLL = 1_000
"""Where everybody is asked for."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after (or, backwards, before) this person."""

    shelf: int
    """Sorted by orders: 1 for those who ordered, 0 for the others."""
    key: Any
    id: int
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A page."""

    ids: list[int]
    next: str | None
    previous: str | None
    total: int
    exact: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one page is made of."""

    workspace_id: int
    filters: Filters
    sort: Sort
    up: bool
    """Read in rising order; a page backwards in a falling table is."""
    place: Place | None
    limit: int
    metric_id: int

    @property
    def values(self) -> dict[str, Any]:
        at = self.place
        values = {"workspace": self.workspace_id, "metric": self.metric_id, "limit": self.limit, "walk": self.walk}
        return values | {"shelf": at and at.shelf, "key": at and at.key, "id": at and at.id}

    @property
    def walk(self) -> int:
        return WALK if self.filters != Filters() else STROLL

    @property
    def order(self) -> str:
        return "ASC" if self.up else "DESC"

    @property
    def beyond(self) -> str:
        return ">" if self.up else "<"


_Row = tuple[int, Any, int]
"""(shelf, key, profile id)."""


def page(
    conn: Connection,
    workspace_id: int,
    filters: Filters,
    *,
    by: SortBy = "created",
    falling: bool = True,
    cursor: str | None = None,
    limit: int = 50,
) -> Found:
    """One page. Raises ValueError for a cursor that this sort did not make."""
    place = _read(cursor, by, falling) if cursor else None
    backwards = place is not None and place.backwards
    metric_id = _orders(conn, workspace_id) if SORTS[by].measure else 0
    up = falling == backwards
    asked = _Asked(workspace_id, filters, SORTS[by], up, place, limit + 1, metric_id)
    rows = None if _better_gathered(conn, asked) else _walk(conn, asked)
    gathered = None
    if rows is None:
        rows, gathered = _gather(conn, asked)
    more = len(rows) > limit
    rows = rows[:limit]
    if backwards:
        rows = rows[::-1]
    total, exact = (gathered, True) if gathered is not None else _count(conn, asked)
    return Found(
        [row[2] for row in rows],
        _written(by, falling, rows[-1], False) if rows and (more or backwards) else None,
        _written(by, falling, rows[0], True) if rows and place is not None and (more or not backwards) else None,
        total,
        exact,
    )


# ── walking ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _walk(conn: Connection, asked: _Asked) -> list[_Row] | None:
    """The page, found by following the sort's index; None: too many were passed over."""
    rows: list[_Row] = []
    for shelf in _shelves(asked):
        within = asked.place if asked.place is not None and asked.place.shelf == shelf else None
        passed, found = _along(conn, asked, shelf, within, asked.limit - len(rows))
        rows += found
        if len(rows) == asked.limit:
            break
        if passed == asked.walk:
            return None
    return rows


def _better_gathered(conn: Connection, asked: _Asked) -> bool:
    """Sorted by what has no index, a walk begins with sorting all who ordered: not worth it for some few people."""
    if asked.sort.measure is None or asked.filters == Filters():
        return False
    return _estimate(conn, asked) < WALK


def _shelves(asked: _Asked) -> list[int]:
    """In the order of the walk, from the cursor's on."""
    if asked.sort.measure is None:
        return [0]
    shelves = [0, 1] if asked.up else [1, 0]
    return shelves[shelves.index(asked.place.shelf) :] if asked.place is not None else shelves


def _along(conn: Connection, asked: _Asked, shelf: int, within: Place | None, limit: int) -> tuple[int, list[_Row]]:
    """How many people were passed, at most `walk`, and those of them who are asked for; 0 passed: the page is full."""
    where, values = conditions(asked.filters, probe)
    source = _buyers(asked, within) if shelf == 1 else _sorted(asked, within)
    rows = conn.execute(
        f"""
        SELECT {shelf}, p.key, p.id
        FROM ({source}) AS p
        WHERE {where}
        ORDER BY p.key {asked.order}, p.id {asked.order}
        LIMIT %(limit)s
        """,  # noqa: S608 - made of constants
        {**asked.values, **values, "limit": limit},
        prepare=False,  # a plan for any words would fit none
    ).fetchall()
    if len(rows) == limit:
        return 0, rows
    passed = conn.execute(
        f"SELECT count(*) FROM ({source}) AS passed",  # noqa: S608 - made of constants
        {**asked.values, **values},
    ).fetchone()
    assert passed is not None
    return passed[0], rows


def _buyers(asked: _Asked, within: Place | None) -> str:
    """Those who ordered, by how much. There is no index by what every order changes. Primary key of profile_metric."""
    key = asked.sort.key
    after = f"AND ({key}, m.profile_id) {asked.beyond} (%(key)s::{asked.sort.type}, %(id)s)" if within else ""
    return f"""
            SELECT m.key, p.*
            FROM (
                SELECT m.profile_id, {key} AS key
                FROM profile_metric m
                WHERE m.workspace_id = %(workspace)s
                  AND m.metric_id = %(metric)s
                  {after}
                ORDER BY {key} {asked.order}, m.profile_id {asked.order}
                LIMIT %(walk)s
            ) AS m
            CROSS JOIN LATERAL (
                SELECT *
                FROM profile p
                WHERE p.workspace_id = %(workspace)s
                  AND p.id = m.profile_id
                OFFSET 0
            ) AS p"""  # noqa: S608 - made of constants


def _sorted(asked: _Asked, within: Place | None) -> str:
    """Everybody by a field of theirs; where orders sort, those who never ordered, by id.

    Indexes profile_created, profile_email, profile_name; profile_known.
    """
    own = asked.sort.measure is None
    key, order = (asked.sort.key, f"{asked.sort.key} {asked.order}, ") if own else ("0", "")
    after = ""
    if within is not None:
        after = f"({key}, p.id) {asked.beyond} (%(key)s::{asked.sort.type}, %(id)s)"
        after = f"AND {after}" if own else f"AND p.id {asked.beyond} %(id)s"
    since = "AND p.created_at >= %(since)s" if asked.filters.created_since is not None else ""
    others = "" if own else f"AND NOT {probe(_ORDERED)}"
    return f"""
            SELECT {key} AS key, p.*
            FROM profile p
            WHERE p.workspace_id = %(workspace)s
              AND {KNOWN} {since} {others}
              {after}
            ORDER BY {order}p.id {asked.order}
            LIMIT %(walk)s"""  # noqa: S608 - made of constants


_ORDERED = """
    FROM profile_metric o
    WHERE o.workspace_id = %(workspace)s AND o.metric_id = %(metric)s AND o.profile_id = p.id"""


# ── gathering ───────────────────────────────────────────────────────────────────────────────────────────────────────
def _gather(conn: Connection, asked: _Asked) -> tuple[list[_Row], int]:
    """The page, and how many there are, from all who are asked for: few, and found by the index of what is asked."""
    where, values = conditions(asked.filters, semi_join)
    key, shelf, measures = asked.sort.key, "0", ""
    if asked.sort.measure is not None:
        key, shelf = f"COALESCE({key}, 0)", "(m.profile_id IS NOT NULL)::int"
        # Primary key, one probe a person.
        measures = """
            LEFT JOIN LATERAL (
                SELECT m.*
                FROM profile_metric m
                WHERE m.workspace_id = %(workspace)s
                  AND m.metric_id = %(metric)s
                  AND m.profile_id = p.id
                OFFSET 0
            ) AS m ON true"""
    after = ""
    if asked.place is not None:
        after = f"WHERE (shelf, key, id) {asked.beyond} (%(shelf)s, %(key)s::{asked.sort.type}, %(id)s)"
    order = f"shelf {asked.order}, key {asked.order}, id {asked.order}"
    # MATERIALIZED: who is asked for is found first, by what is rare, not along the sort. The count comes with it.
    rows = conn.execute(
        f"""
        WITH asked AS MATERIALIZED (
            SELECT p.*
            FROM profile p
            WHERE p.workspace_id = %(workspace)s
              AND {where}
        ), sorted AS MATERIALIZED (
            SELECT {shelf} AS shelf, {key} AS key, p.id
            FROM asked p{measures}
        )
        SELECT page.shelf, page.key, page.id, counted.total
        FROM (SELECT count(*) AS total FROM sorted) AS counted
        LEFT JOIN (SELECT * FROM sorted {after} ORDER BY {order} LIMIT %(limit)s) AS page ON true
        ORDER BY {order}
        """,  # noqa: S608 - made of constants
        {**asked.values, **values},
        prepare=False,
    ).fetchall()
    return [row[:3] for row in rows if row[2] is not None], rows[0][3]


# ── counting ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _count(conn: Connection, asked: _Asked) -> tuple[int, bool]:
    """How many there are: exactly in a brand that a walk passes whole, else as the planner estimates it."""
    where, values = conditions(asked.filters, semi_join)
    given = {**asked.values, **values}
    small = conn.execute(
        f"""
        SELECT count(*) < %(all)s
        FROM (SELECT FROM profile p WHERE p.workspace_id = %(workspace)s AND {KNOWN} LIMIT %(all)s) AS passed
        """,  # noqa: S608 - a constant
        {**given, "all": WALK},
    ).fetchone()
    if small == (True,):
        row = conn.execute(
            f"SELECT count(*) FROM profile p WHERE p.workspace_id = %(workspace)s AND {where}",  # noqa: S608
            given,
        ).fetchone()
        assert row is not None
        return row[0], True
    return _estimate(conn, asked), False


def _estimate(conn: Connection, asked: _Asked) -> int:
    """How many the planner believes there are."""
    where, values = conditions(asked.filters, semi_join)
    plan = conn.execute(
        f"EXPLAIN (FORMAT JSON) SELECT FROM profile p WHERE p.workspace_id = %(workspace)s AND {where}",  # noqa: S608
        {**asked.values, **values},
        prepare=False,
    ).fetchone()
    assert plan is not None
    return int(plan[0][0]["Plan"]["Plan Rows"])


def _orders(conn: Connection, workspace_id: int) -> int:
    row = conn.execute("SELECT id FROM metric WHERE workspace_id = %s AND name = %s", (workspace_id, PLACED_ORDER))
    found = row.fetchone()
    return found[0] if found else 0


# ── cursors ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _written(by: SortBy, falling: bool, row: _Row, backwards: bool) -> str:
    shelf, key, profile_id = row
    said = [by, falling, backwards, shelf, key if isinstance(key, int | float) else _text(key), profile_id]
    return base64.urlsafe_b64encode(orjson.dumps(said)).decode().rstrip("=")


def _text(key: Any) -> str:
    return key.isoformat() if isinstance(key, datetime) else str(key)


def _read(cursor: str, by: SortBy, falling: bool) -> Place:
    try:
        said = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        told, told_falling, backwards, shelf, key, profile_id = said
        if (told, told_falling) != (by, falling) or shelf not in (0, 1) or not isinstance(backwards, bool):
            raise ValueError
        return Place(shelf, _checked(key, SORTS[by].type), int(profile_id), backwards)
    except (ValueError, TypeError, ArithmeticError):
        raise ValueError("This cursor was not made by this list, sorted like this.") from None


def _checked(key: Any, kind: str) -> Any:
    if kind == "timestamptz":
        return datetime.fromisoformat(key)
    if kind == "text":
        return str(key).replace("\x00", "")
    return int(key) if kind == "bigint" else float(key)
