"""The role that watches the catalog for flows: prices that fall and stock that runs low become events of people.

A turn does one of three things, each small and resumable, since its effect and its place commit together:

- Judging: new changes of the catalog, in order, become notices (`shelf_rules` decides). They go unread while a round
  is under way.
- Reading: a round takes all notices there are and goes through the events of checkouts, carts and views, most serious
  first, in slices of bounded size, once for all flows and products. Whoever met one of the products is noted.
- Telling: those noted, some thousands a turn, become items in the inbox, directed at their flow by its short name.

A round rests in proportion to what it read, so that a busy catalog of a large shop cannot occupy the database. Idle, it
costs an index probe or two for each workspace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from headwater.catalog import history, products
from headwater.catalog.history import Change
from headwater.catalog.products import Product
from headwater.flows import live
from headwater.flows.shelves import rounds, rules
from headwater.flows.shelves.rounds import Place, Watcher
from headwater.flows.shelves.rules import Notice
from headwater.flows.triggers import LowStockTrigger, PriceDropTrigger
from headwater.segments.language import matches

CHANGES_A_TURN = 5_000


def workspaces_with_work(conn: Connection, now: datetime) -> list[int]:
    """Workspaces where a flow that watches went live or stopped, and those with changes to judge, read or tell."""
    # Index flow_version_shelves; then, for a workspace with such a flow, the primary keys of flow, product_change (its
    # end) and shelf_notice.
    rows = conn.execute(
        """
        WITH watched AS (
            SELECT DISTINCT flow.workspace_id
            FROM flow_version
            JOIN flow
              ON flow.workspace_id = flow_version.workspace_id
             AND flow.id = flow_version.flow_id
             AND flow.live_version = flow_version.version
             AND flow.status = 'live'
            WHERE flow_version.definition -> 'trigger' ?| ARRAY['price_drop', 'low_stock']
        )
        SELECT workspace_id
        FROM watched
        FULL JOIN shelf_cursor USING (workspace_id)
        WHERE watched.workspace_id IS NULL
           OR shelf_cursor.workspace_id IS NULL
           OR stage IS NOT NULL
           OR after_id < (
                  SELECT max(id)
                  FROM product_change
                  WHERE product_change.workspace_id = shelf_cursor.workspace_id
              )
           OR (
                  COALESCE(rest_until <= %(now)s, true)
                  AND EXISTS (
                      SELECT FROM shelf_notice
                      WHERE shelf_notice.workspace_id = shelf_cursor.workspace_id
                  )
              )
        ORDER BY workspace_id
        """,
        {"now": now},
    ).fetchall()
    return [row[0] for row in rows]


def turn(conn: Connection, workspace_id: int, now: datetime) -> int:
    """One step; answers how much was done. 0: nothing to do for now, or someone else is at it."""
    mine = conn.execute("SELECT pg_try_advisory_xact_lock(hashtext('shelves'), %s)", (workspace_id % 2**31,)).fetchone()
    if mine != (True,):
        return 0
    watchers, place = _watchers(conn, workspace_id), _place(conn, workspace_id)
    if place is None:
        return _start(conn, workspace_id) if watchers else 0
    if place.stage == rounds.TELLING:
        return rounds.tell(conn, workspace_id, watchers, place, now)
    if place.stage is not None:
        return rounds.read(conn, workspace_id, place)
    if not watchers:
        return _stop(conn, workspace_id)
    return _judge(conn, workspace_id, watchers, place) or _begin(conn, workspace_id, place, now)


# ── the row that says how far ───────────────────────────────────────────────────────────────────────────────────────
def _watchers(conn: Connection, workspace_id: int) -> dict[int, Watcher]:
    return {
        flow.id: Watcher(flow, flow.definition.trigger)
        for flow in live.running(conn, workspace_id)
        if flow.status == "live" and isinstance(flow.definition.trigger, PriceDropTrigger | LowStockTrigger)
    }


def _place(conn: Connection, workspace_id: int) -> Place | None:
    with conn.cursor(row_factory=class_row(Place)) as cursor:
        # Index: primary key.
        return cursor.execute(
            """
            SELECT after_id, stage, read_until, full_slices, rest_until
            FROM shelf_cursor
            WHERE workspace_id = %(workspace)s
            """,
            {"workspace": workspace_id},
        ).fetchone()


def _start(conn: Connection, workspace_id: int) -> int:
    """Watch from here on: what changed before no flow was there to see."""
    conn.execute(
        "INSERT INTO shelf_cursor (workspace_id, after_id) VALUES (%(workspace)s, %(after)s)",
        {"workspace": workspace_id, "after": history.latest_id(conn, workspace_id)},
    )
    return 1


def _stop(conn: Connection, workspace_id: int) -> int:
    for table in ("shelf_notice", "shelf_cursor"):
        conn.execute(f"DELETE FROM {table} WHERE workspace_id = %s", (workspace_id,))  # noqa: S608 - constants
    return 1


# ── judging ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _judge(conn: Connection, workspace_id: int, watchers: Mapping[int, Watcher], place: Place) -> int:
    changes = history.since(conn, workspace_id, place.after_id, CHANGES_A_TURN)
    if not changes:
        return 0
    found = _found(watchers, changes, _trails(conn, workspace_id, watchers, changes))
    items = products.get(conn, workspace_id, {change.product_id for _, change, _ in found})
    concerned = [one for one in found if _concerns(one, items.get(one[1].product_id))]
    _note(conn, workspace_id, concerned)
    rounds.move(conn, workspace_id, replace(place, after_id=changes[-1].id))
    return len(changes)


_Found = tuple[Watcher, Change, Notice]


def _found(
    watchers: Mapping[int, Watcher], changes: Sequence[Change], trails: Mapping[str, Sequence[Change]]
) -> list[_Found]:
    """What there is to tell of each product by each flow, with the last change that gave cause to."""
    found: dict[tuple[int, str], _Found] = {}
    for watcher in watchers.values():
        for change in changes:
            notice = rules.judge(watcher.trigger, change, trails.get(change.product_id, ()))
            if notice is not None:
                key = (watcher.flow.id, change.product_id)
                earlier = found[key][2] if key in found else None
                found[key] = (watcher, change, rules.joined(earlier, notice))
    return list(found.values())


def _trails(
    conn: Connection, workspace_id: int, watchers: Mapping[int, Watcher], changes: Sequence[Change]
) -> dict[str, list[Change]]:
    """The prices before those that changed, by product; nothing if no flow asks."""
    prices = [change for change in changes if change.kind == "price"]
    if not prices or not any(isinstance(watcher.trigger, PriceDropTrigger) for watcher in watchers.values()):
        return {}
    since = min(change.at for change in prices) - rules.LOOK_BACK
    ids = {change.product_id for change in prices}
    return history.of_products(conn, workspace_id, ids, "price", since, prices[-1].id)


def _concerns(found: _Found, item: Product | None) -> bool:
    """Whether it still stands, and passes the flow's filter."""
    watcher, _, notice = found
    if item is None or not rules.stands(watcher.trigger, notice, item):
        return False
    return matches(watcher.trigger.where, rules.told(watcher.trigger, watcher.slug, notice, item))


def _note(conn: Connection, workspace_id: int, found: Sequence[_Found]) -> None:
    if not found:
        return
    # Joined with an older notice of the product that nobody was told of yet (`rules.joined`). Primary key.
    conn.execute(
        """
        INSERT INTO shelf_notice AS earlier
               (workspace_id, flow_id, product_id, change_id, at, was, became, audience, within)
        SELECT %(workspace)s, n.flow_id, n.product_id, n.change_id, n.at, n.was, n.became, n.audience, n.within
        FROM jsonb_to_recordset(%(new)s)
             AS n (flow_id bigint, product_id text, change_id bigint, at timestamptz, was numeric, became numeric,
                   audience text[], within interval)
        ON CONFLICT (workspace_id, flow_id, product_id) DO UPDATE
        SET change_id = excluded.change_id,
            at = excluded.at,
            was = GREATEST(earlier.was, excluded.was),
            became = excluded.became,
            audience = excluded.audience,
            within = excluded.within
        """,
        {"workspace": workspace_id, "new": Jsonb([_row(*one) for one in found])},
    )


def _row(watcher: Watcher, change: Change, notice: Notice) -> dict[str, object]:
    return {
        "flow_id": watcher.flow.id,
        "product_id": change.product_id,
        "change_id": change.id,
        "at": change.at,
        "was": str(notice.was),
        "became": str(notice.became),
        "audience": watcher.trigger.audience,
        "within": f"{watcher.trigger.within.total_seconds()} seconds",
    }


# ── a round ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _begin(conn: Connection, workspace_id: int, place: Place, now: datetime) -> int:
    """A new round with all notices there are, unless the last one still rests."""
    if place.rest_until is not None and place.rest_until > now:
        return 0
    row = conn.execute("SELECT EXISTS (SELECT FROM shelf_notice WHERE workspace_id = %s)", (workspace_id,)).fetchone()
    if row != (True,):
        return 0
    return rounds.read(conn, workspace_id, replace(place, stage=rounds.FIRST, rest_until=None))
