"""The role that lets people go on who wait for a product, once it is in stock again: the longest waiting first.

Rising stock in the catalog's history says where to look; what counts is the catalog as it stands. Every quarter of an
hour everything that is waited for is looked at again, so that whatever else makes a product available (it is published,
it was deleted and comes back, a step asks for less, a paused flow goes on) has its effect too.

A release belongs to a step of a flow and a product. It ends when nobody waits any more or there is not enough stock; a
later rise begins another one. Each turn frees a bounded number of people in the transaction that notes how far it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from headwater.catalog import history, products
from headwater.catalog.products import Product, in_stock
from headwater.flows import live
from headwater.flows.shelves import releases
from headwater.flows.shelves.releases import Release
from headwater.flows.steps import BackInStock

__all__ = ["in_stock", "turn", "workspaces_with_work"]

CHANGES_A_TURN = 5_000
FREED_A_TURN = 5_000
RELEASES_A_TURN = 200
LOOK_AGAIN = timedelta(minutes=15)
"""How often everything that is waited for is looked at; instance clock."""


def workspaces_with_work(conn: Connection, now: datetime) -> list[int]:
    """Workspaces where people wait for stock, and something changed, it is time to look, or a batch is due."""
    # Indexes: enrolment_stock, then the primary keys of restock_cursor and product_change, and restock_release_next.
    rows = conn.execute(
        """
        SELECT workspace.id
        FROM workspace
        LEFT JOIN restock_cursor
               ON restock_cursor.workspace_id = workspace.id
        WHERE EXISTS (
                  SELECT FROM enrolment
                  WHERE workspace_id = workspace.id
                    AND held = 'stock'
                    AND state = 'waiting'
              )
          AND (
                  restock_cursor.workspace_id IS NULL
                  OR restock_cursor.look_again_at <= %(now)s
                  OR restock_cursor.look_again_at > %(again)s
                  OR restock_cursor.after_id < (
                      SELECT max(id)
                      FROM product_change
                      WHERE workspace_id = workspace.id
                  )
                  OR EXISTS (
                      SELECT FROM restock_release
                      WHERE workspace_id = workspace.id
                        AND next_at <= %(now)s
                  )
              )
        ORDER BY workspace.id
        """,
        {"now": now, "again": now + LOOK_AGAIN},
    ).fetchall()
    return [row[0] for row in rows]


def turn(conn: Connection, workspace_id: int, now: datetime) -> int:
    """One step; answers how much was done. 0: nothing to do for now, or someone else is at it."""
    mine = conn.execute("SELECT pg_try_advisory_xact_lock(hashtext('restock'), %s)", (workspace_id % 2**31,)).fetchone()
    if mine != (True,):
        return 0
    steps = _steps(conn, workspace_id)
    looked = _look(conn, workspace_id, steps, now)
    return looked + _release(conn, workspace_id, steps, now)


Steps = Mapping[tuple[int, str], BackInStock]
"""The steps of live flows that wait for stock, by flow and step. Who stands at one of a paused flow stays."""


def _steps(conn: Connection, workspace_id: int) -> Steps:
    return {
        (flow.id, step.id): step
        for flow in live.running(conn, workspace_id)
        if flow.status == "live"
        for step in flow.definition.steps.values()
        if isinstance(step, BackInStock)
    }


# ── where to look ───────────────────────────────────────────────────────────────────────────────────────────────────
def _look(conn: Connection, workspace_id: int, steps: Steps, now: datetime) -> int:
    """Begin releases of what has come in; answers how many changes were looked at, 1 for all that is waited for."""
    # Index: primary key.
    place = conn.execute(
        "SELECT after_id, look_again_at FROM restock_cursor WHERE workspace_id = %s", (workspace_id,)
    ).fetchone()
    if place is None or not now < place[1] <= now + LOOK_AGAIN:  # for the first time, due, or the clock was set back
        after_id, look_again_at, done = history.latest_id(conn, workspace_id), now + LOOK_AGAIN, 1
        come_in = set(_waited_for(conn, workspace_id))
    else:
        changes = history.since(conn, workspace_id, place[0], CHANGES_A_TURN)
        if not changes:
            return 0
        after_id, look_again_at, done = changes[-1].id, place[1], len(changes)
        come_in = {change.product_id for change in changes if releases.may_have_come_in(change)}
    _begin(conn, workspace_id, steps, come_in, now)
    # Index: primary key.
    conn.execute(
        """
        INSERT INTO restock_cursor (workspace_id, after_id, look_again_at)
        VALUES (%(workspace)s, %(after)s, %(again)s)
        ON CONFLICT (workspace_id) DO UPDATE
        SET after_id = excluded.after_id,
            look_again_at = excluded.look_again_at
        """,
        {"workspace": workspace_id, "after": after_id, "again": look_again_at},
    )
    return done


def _waited_for(conn: Connection, workspace_id: int) -> list[str]:
    # Each product that somebody waits for. Index: enrolment_stock, one probe a product.
    rows = conn.execute(
        """
        WITH RECURSIVE waited (item) AS (
            (SELECT item
             FROM enrolment
             WHERE workspace_id = %(workspace)s
               AND held = 'stock'
               AND state = 'waiting'
             ORDER BY item
             LIMIT 1)
            UNION ALL
            SELECT (
                SELECT enrolment.item
                FROM enrolment
                WHERE workspace_id = %(workspace)s
                  AND held = 'stock'
                  AND state = 'waiting'
                  AND enrolment.item > waited.item
                ORDER BY enrolment.item
                LIMIT 1
            )
            FROM waited
            WHERE waited.item IS NOT NULL
        )
        SELECT item
        FROM waited
        WHERE item IS NOT NULL
        """,
        {"workspace": workspace_id},
    ).fetchall()
    return [row[0] for row in rows]


def _begin(conn: Connection, workspace_id: int, steps: Steps, product_ids: Collection[str], now: datetime) -> None:
    """Releases where people wait for one of these products and there is enough of it, unless one is under way."""
    if not steps or not product_ids:
        return
    # Indexes: product's primary key, enrolment_stock, the release's primary key.
    conn.execute(
        """
        INSERT INTO restock_release (workspace_id, flow_id, step, product_id, began_at, next_at)
        SELECT %(workspace)s, s.flow_id, s.step, product.id, %(now)s, %(now)s
        FROM unnest(%(flows)s::bigint[], %(steps)s::text[], %(minimums)s::int[]) AS s (flow_id, step, minimum)
        JOIN product
          ON product.workspace_id = %(workspace)s
         AND product.id = ANY (%(products)s)
         AND product.published
         AND (product.stock IS NULL OR product.stock >= s.minimum)
        WHERE EXISTS (
            SELECT FROM enrolment
            WHERE workspace_id = %(workspace)s
              AND held = 'stock'
              AND state = 'waiting'
              AND item = product.id
              AND flow_id = s.flow_id
              AND enrolment.step = s.step
        )
        ON CONFLICT DO NOTHING
        """,
        {
            "workspace": workspace_id,
            "now": now,
            "flows": [flow_id for flow_id, _ in steps],
            "steps": [step_id for _, step_id in steps],
            "minimums": [step.minimum_stock for step in steps.values()],
            "products": list(product_ids),
        },
    )


# ── letting go ──────────────────────────────────────────────────────────────────────────────────────────────────────
def _release(conn: Connection, workspace_id: int, steps: Steps, now: datetime) -> int:
    """The next of those who wait, where a batch is due; answers how many were freed, and releases ended."""
    due = _due(conn, workspace_id, now)
    if not due:
        return 0
    items = products.get(conn, workspace_id, {one.product_id for one in due})
    running = [releases.begun(one, asked, item, now) for one, asked, item in _going_on(due, steps, items)]
    wanted = _shares(running)
    freed = _free(conn, workspace_id, running, wanted, now)
    kept = [
        after
        for one, most, found in zip(running, wanted, freed, strict=True)
        if (after := releases.advanced(one, steps[one.flow_id, one.step], most, found))
    ]
    _store(conn, workspace_id, due, kept)
    return sum(freed) + len(due) - len(kept)


def _going_on(
    due: Sequence[Release], steps: Steps, items: Mapping[str, Product]
) -> Iterator[tuple[Release, BackInStock, Product]]:
    """Those whose flow is live and of whose product there is enough."""
    for one in due:
        asked, item = steps.get((one.flow_id, one.step)), items.get(one.product_id)
        if asked is not None and item is not None and releases.enough(asked, item):
            yield one, asked, item


def _shares(running: Sequence[Release]) -> list[int]:
    """How many people of each may go in this turn: all have the same share, so that a crowd holds up nobody else."""
    share = max(FREED_A_TURN // max(len(running), 1), 1)
    return [share if one.remaining is None else min(share, one.remaining) for one in running]


def _due(conn: Connection, workspace_id: int, now: datetime) -> list[Release]:
    with conn.cursor(row_factory=class_row(Release)) as cursor:
        # Those whose batch is due, for the one worker that holds the workspace. Index: restock_release_next.
        return cursor.execute(
            """
            SELECT flow_id, step, product_id, began_at, remaining, next_at
            FROM restock_release
            WHERE workspace_id = %(workspace)s
              AND next_at <= %(now)s
            ORDER BY next_at
            LIMIT %(limit)s
            """,
            {"workspace": workspace_id, "now": now, "limit": RELEASES_A_TURN},
        ).fetchall()


def _free(
    conn: Connection, workspace_id: int, running: Sequence[Release], wanted: Sequence[int], now: datetime
) -> list[int]:
    """Wake the longest waiting of each; answers how many there were. Whom the runner moves just now is passed over."""
    # Index: enrolment_stock, as many entries as people, then the primary key.
    rows = conn.execute(
        """
        WITH chosen AS (
            SELECT release.number, one.id
            FROM unnest(%(flows)s::bigint[], %(steps)s::text[], %(products)s::text[], %(wanted)s::int[])
                 WITH ORDINALITY AS release (flow_id, step, product_id, wanted, number)
            CROSS JOIN LATERAL (
                SELECT id
                FROM enrolment
                WHERE workspace_id = %(workspace)s
                  AND held = 'stock'
                  AND state = 'waiting'
                  AND item = release.product_id
                  AND flow_id = release.flow_id
                  AND enrolment.step = release.step
                ORDER BY since, id
                LIMIT release.wanted
                FOR UPDATE SKIP LOCKED
            ) AS one
        ), freed AS (
            UPDATE enrolment
            SET held = 'released', wake_at = %(now)s
            FROM chosen
            WHERE enrolment.workspace_id = %(workspace)s
              AND enrolment.id = chosen.id
            RETURNING chosen.number
        )
        SELECT number, count(*)
        FROM freed
        GROUP BY number
        """,
        {
            "workspace": workspace_id,
            "now": now,
            "flows": [one.flow_id for one in running],
            "steps": [one.step for one in running],
            "products": [one.product_id for one in running],
            "wanted": list(wanted),
        },
    ).fetchall()
    found: dict[int, int] = dict(rows)
    return [found.get(number, 0) for number in range(1, len(running) + 1)]


def _store(conn: Connection, workspace_id: int, due: Sequence[Release], kept: Sequence[Release]) -> None:
    """What goes on, as it stands now; the rest of what was due has ended."""
    # Index: primary key.
    conn.execute(
        """
        DELETE FROM restock_release
        USING unnest(%(flows)s::bigint[], %(steps)s::text[], %(products)s::text[]) AS due (flow_id, step, product_id)
        WHERE restock_release.workspace_id = %(workspace)s
          AND restock_release.flow_id = due.flow_id
          AND restock_release.step = due.step
          AND restock_release.product_id = due.product_id
        """,
        {
            "workspace": workspace_id,
            "flows": [one.flow_id for one in due],
            "steps": [one.step for one in due],
            "products": [one.product_id for one in due],
        },
    )
    conn.execute(
        """
        INSERT INTO restock_release (workspace_id, flow_id, step, product_id, began_at, remaining, next_at)
        SELECT %(workspace)s, flow_id, step, product_id, began_at, remaining, next_at
        FROM jsonb_to_recordset(%(kept)s)
             AS kept (flow_id bigint, step text, product_id text, began_at timestamptz, remaining bigint,
                      next_at timestamptz)
        """,
        {"workspace": workspace_id, "kept": Jsonb([asdict(one) for one in kept])},
    )
