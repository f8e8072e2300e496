"""RFM: once a day every buyer is scored by how recently, how often and for how much they ordered, and named a group.

Each of the three is a score from 1 to 3, by terciles among those who ordered within the last 365 days of the brand.
The scores and the group are properties of the profile, so that segments, flows and templates see them like any other.

- Thresholds are the values at one third and at two thirds of the buyers in order (percentile_disc): values that buyers
  have. A value up to the first is in the first tercile, up to the second in the second, above it in the third; so equal
  values always get equal scores. Where most ordered once, one order is the first and the second tercile, and two
  orders are the third.
- Of the year's buyers, orders and money of the year are scored. Who last ordered before it gets 1 for recency, and all
  that they ever ordered is measured by the year's thresholds. Without a buyer in the year every such score is 1.
- Recency counts whole days of the brand. Orders and money come from the roll-up by UTC day, so the year may begin a
  few hours early for them. What was ordered today counts.
- A run goes through all profiles in the order of their ids, a chunk a transaction: who is killed goes on where it was.
  One that a midnight overtakes is finished as of the day on which it began; the next begins after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from headwater.accounts import brand
from headwater.audience import identity, profiles
from headwater.events import metrics
from headwater.segments import dates

SCORE = "rfm_score"
GROUP = "rfm_group"
YEAR = timedelta(days=365)
CHUNK = 5_000


# ── scores ──────────────────────────────────────────────────────────────────────────────────────────────────────────
class Thresholds(msgspec.Struct, frozen=True):
    """The upper ends of the first and the second tercile; empty if nobody ordered in the year."""

    days: tuple[int, ...] = ()
    orders: tuple[int, ...] = ()
    spent: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class Buyer:
    """What is scored: `days` since the last order, None if that is more than a year ago."""

    days: int | None
    orders: int
    spent: Decimal


def scored(buyer: Buyer, thresholds: Thresholds) -> dict[str, str]:
    """The properties of a buyer."""
    r = 1 if buyer.days is None else 3 - sum(buyer.days > end for end in thresholds.days)
    f = 1 + sum(buyer.orders > end for end in thresholds.orders)
    m = 1 + sum(buyer.spent > end for end in thresholds.spent)
    return {SCORE: f"{r}{f}{m}", GROUP: group(r, f, m)}


def group(r: int, f: int, m: int) -> str:
    """The group of three scores, 1 to 3 each; 3 is most recent, most often, most money."""
    if r == 3 and f == 3:
        return "Champions"
    if r >= 2 and f >= 2:
        return "Loyal"
    if r >= 2:
        return "Recent" if r == 3 else "Needs attention"
    return "At risk" if f >= 2 or m >= 2 else "Inactive"


# ── the role ────────────────────────────────────────────────────────────────────────────────────────────────────────
def workspaces_with_work(conn: Connection, now: datetime) -> list[int]:
    """Brands that take orders and whose buyers have not all been scored on their present day."""
    # Always asked: a walk through brands and their runs; orders are looked for only where a run is due. Primary keys,
    # and metric's unique (workspace_id, name).
    rows = conn.execute(
        """
        SELECT workspace.id
        FROM workspace
        LEFT JOIN rfm_run ON rfm_run.workspace_id = workspace.id
        WHERE (rfm_run.done IS NOT TRUE OR rfm_run.day <> (%(now)s AT TIME ZONE workspace.timezone)::date)
          AND EXISTS (
                  SELECT
                  FROM metric
                  WHERE metric.workspace_id = workspace.id
                    AND metric.name = %(metric)s
              )
        """,
        {"now": now, "metric": metrics.PLACED_ORDER},
    ).fetchall()
    return [row[0] for row in rows]


def turn(conn: Connection, workspace_id: int, now: datetime) -> int:
    """One step of the day's run: its thresholds, or a chunk of profiles. 0: nothing to do, or someone else is at it."""
    mine = conn.execute("SELECT pg_try_advisory_xact_lock(hashtext('rfm'), %s)", (workspace_id % 2**31,)).fetchone()
    metric = metrics.known_ids(conn, workspace_id, [metrics.PLACED_ORDER]).get(metrics.PLACED_ORDER)
    if mine != (True,) or metric is None:
        return 0
    zone = brand.load(conn, workspace_id).zone
    today = dates.today(now, zone)
    run = _run(conn, workspace_id)
    if run is None or (run.done and run.day != today):
        _begin(conn, _Year(workspace_id, metric, today, zone))
        return 1
    if run.done:
        return 0
    return _score(conn, _Year(workspace_id, metric, run.day, zone), run, now)


@dataclass(frozen=True, slots=True)
class _Run:
    """The row of rfm_run."""

    day: date
    after_profile: int
    done: bool
    thresholds: Any


@dataclass(frozen=True, slots=True)
class _Year:
    """Orders of a brand, and the year that ends with a day."""

    workspace_id: int
    metric_id: int
    day: date
    zone: ZoneInfo

    def values(self) -> dict[str, Any]:
        since = dates.midnight(self.day - YEAR, self.zone)
        return {
            "workspace": self.workspace_id,
            "metric": self.metric_id,
            "day": self.day,
            "zone": self.zone.key,
            "since": since,
            "first": since.date(),
        }


def _run(conn: Connection, workspace_id: int) -> _Run | None:
    with conn.cursor(row_factory=class_row(_Run)) as cursor:
        return cursor.execute(
            "SELECT day, after_profile, done, thresholds FROM rfm_run WHERE workspace_id = %(workspace)s",
            {"workspace": workspace_id},
        ).fetchone()


_DAYS = "GREATEST(%(day)s - (whole.last_ts AT TIME ZONE %(zone)s)::date, 0)"
"""Whole days of the brand since the last order; one that lies ahead of now is of today."""


def _begin(conn: Connection, year: _Year) -> None:
    """Find the day's thresholds and begin with the first profile."""
    # Once a day a brand. The metric's part of both roll-ups' primary keys, read in the order of profiles.
    found = conn.execute(
        f"""
        WITH buyer AS (
            SELECT {_DAYS} AS days, year.orders, year.spent
            FROM (
                SELECT profile_id, sum(count) AS orders, sum(sum) AS spent
                FROM profile_metric_day
                WHERE workspace_id = %(workspace)s
                  AND metric_id = %(metric)s
                  AND day >= %(first)s
                GROUP BY profile_id
            ) AS year
            JOIN profile_metric AS whole
              ON whole.workspace_id = %(workspace)s
             AND whole.metric_id = %(metric)s
             AND whole.profile_id = year.profile_id
            WHERE whole.last_ts >= %(since)s
        ), tercile AS (
            SELECT ARRAY[1 / 3.0, 2 / 3.0]::float8[] AS ends
        )
        SELECT percentile_disc((SELECT ends FROM tercile)) WITHIN GROUP (ORDER BY days),
               percentile_disc((SELECT ends FROM tercile)) WITHIN GROUP (ORDER BY orders),
               percentile_disc((SELECT ends FROM tercile)) WITHIN GROUP (ORDER BY spent)
        FROM buyer
        """,  # noqa: S608 - a constant of this file
        year.values(),
    ).fetchone()
    assert found is not None
    thresholds = Thresholds(*(tuple(ends or ()) for ends in found))
    conn.execute(
        """
        INSERT INTO rfm_run (workspace_id, day, thresholds)
        VALUES (%(workspace)s, %(day)s, %(thresholds)s)
        ON CONFLICT (workspace_id) DO UPDATE
        SET day = excluded.day,
            after_profile = 0,
            done = false,
            thresholds = excluded.thresholds
        """,
        {**year.values(), "thresholds": Jsonb(msgspec.to_builtins(thresholds))},
    )


def _score(conn: Connection, year: _Year, run: _Run, now: datetime) -> int:
    """Score the next chunk of profiles and write those whose properties change; answers how many were looked at."""
    # The next profiles, what they have been told and what they ordered. Primary keys: a range of profiles, a probe of
    # each one's total, a few rows of each buyer's days. LATERAL with LIMIT keeps to it.
    rows = conn.execute(
        f"""
        WITH page AS (
            SELECT id, properties -> '{SCORE}' AS score, properties -> '{GROUP}' AS "group"
            FROM profile
            WHERE workspace_id = %(workspace)s
              AND id > %(after)s
            ORDER BY id
            LIMIT %(chunk)s
        )
        SELECT page.id, page.score, page."group",
               whole.count IS NOT NULL,
               CASE WHEN whole.last_ts >= %(since)s THEN {_DAYS} END,
               COALESCE(year.orders, whole.count),
               COALESCE(year.spent, whole.sum)
        FROM page
        LEFT JOIN LATERAL (
            SELECT profile_id, count, sum, last_ts
            FROM profile_metric
            WHERE workspace_id = %(workspace)s
              AND metric_id = %(metric)s
              AND profile_id = page.id
            LIMIT 1
        ) AS whole ON true
        LEFT JOIN LATERAL (
            SELECT sum(count) AS orders, sum(sum) AS spent
            FROM profile_metric_day
            WHERE workspace_id = %(workspace)s
              AND metric_id = %(metric)s
              AND profile_id = whole.profile_id
              AND day >= %(first)s
              AND whole.last_ts >= %(since)s
        ) AS year ON true
        ORDER BY page.id
        """,  # noqa: S608 - constants of this file
        {**year.values(), "after": run.after_profile, "chunk": CHUNK},
    ).fetchall()
    thresholds = msgspec.convert(run.thresholds, Thresholds)
    changes: dict[int, Mapping[str, str | None]] = {}
    for profile_id, score, named, buys, days, orders, spent in rows:
        kept = {SCORE: score, GROUP: named}
        fresh = scored(Buyer(days, orders, spent), thresholds) if buys else {SCORE: None, GROUP: None}
        if fresh != kept:
            changes[profile_id] = fresh
    if changes:
        identity.lock(conn, year.workspace_id)
        profiles.write(conn, year.workspace_id, changes, now)
    conn.execute(
        """
        UPDATE rfm_run
        SET after_profile = %(last)s,
            done = %(done)s
        WHERE workspace_id = %(workspace)s
        """,
        {
            "workspace": year.workspace_id,
            "last": rows[-1][0] if rows else run.after_profile,
            "done": len(rows) < CHUNK,
        },
    )
    return len(rows)
