"""Best sellers: units sold in the last 90 days, ranked at most hourly, by category and for the whole store.

Reads sales through `events.purchases` only. A shop without a sale in 90 days is ranked by all its sales.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from psycopg import Connection

from headwater.catalog.products import COLUMNS, Product
from headwater.events import purchases

WINDOW = timedelta(days=90)
FRESH_FOR = timedelta(hours=1)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def refresh(conn: Connection, workspace_id: int, now: datetime) -> bool:
    """Rank again, unless that was done within the hour (of the instance's clock); answers whether it was."""
    if not _due(conn, workspace_id, now):
        return False
    sold = purchases.units_sold(conn, workspace_id, now - WINDOW, now)
    if not sold:
        sold = purchases.units_sold(conn, workspace_id, _BEGINNING, now)
    _store(conn, workspace_id, sold, now)
    return True


def _due(conn: Connection, workspace_id: int, now: datetime) -> bool:
    # Whoever gets the row updates the ranking; a second process finds it fresh. A clock set back counts as stale.
    taken = conn.execute(
        """
        INSERT INTO popularity_run AS last (workspace_id, computed_at)
        VALUES (%(workspace)s, %(now)s)
        ON CONFLICT (workspace_id) DO UPDATE
        SET computed_at = excluded.computed_at
        WHERE last.computed_at <= %(stale)s
           OR last.computed_at > %(now)s
        """,
        {"workspace": workspace_id, "now": now, "stale": now - FRESH_FOR},
    )
    return taken.rowcount > 0


def _store(conn: Connection, workspace_id: int, sold: dict[str, int], now: datetime) -> None:
    conn.execute("DELETE FROM product_popularity WHERE workspace_id = %(workspace)s", {"workspace": workspace_id})
    # Items without an image are left out as soon as any item sold has one.
    conn.execute(
        """
        WITH ranked AS (
            SELECT product.id, product.category, sold.units, COALESCE(product.image_url, '') <> '' AS pictured
            FROM unnest(%(ids)s::text[], %(units)s::bigint[]) AS sold (id, units)
            JOIN product
              ON product.workspace_id = %(workspace)s
             AND product.id = sold.id
            WHERE sold.units > 0
        )
        INSERT INTO product_popularity (workspace_id, product_id, category, units, computed_at)
        SELECT %(workspace)s, id, category, units, %(now)s
        FROM ranked
        WHERE pictured
           OR NOT EXISTS (SELECT FROM ranked WHERE pictured)
        """,
        {"workspace": workspace_id, "ids": list(sold), "units": list(sold.values()), "now": now},
    )


_SELLABLE = """EXISTS (
         SELECT FROM product AS sellable
         WHERE sellable.workspace_id = ranked.workspace_id
           AND sellable.id = ranked.product_id
           AND sellable.published
           AND COALESCE(sellable.stock, 1) > 0)"""

# For feeds in emails: the first `limit` of each category asked for; NULL asks for the whole store. What is unpublished
# or out of stock by now is passed over. Indexes: product_popularity_category, product_popularity_rank, product's key.
_BEST = f"""
SELECT wanted.category, {COLUMNS}
FROM unnest(%(categories)s::text[]) AS wanted (category)
CROSS JOIN LATERAL (
    (SELECT product_id, units
     FROM product_popularity AS ranked
     WHERE wanted.category IS NOT NULL
       AND ranked.workspace_id = %(workspace)s
       AND ranked.category = wanted.category
       AND ranked.product_id <> ALL (%(excluded)s::text[])
       AND {_SELLABLE}
     ORDER BY units DESC, product_id
     LIMIT %(limit)s)
    UNION ALL
    (SELECT product_id, units
     FROM product_popularity AS ranked
     WHERE wanted.category IS NULL
       AND ranked.workspace_id = %(workspace)s
       AND ranked.product_id <> ALL (%(excluded)s::text[])
       AND {_SELLABLE}
     ORDER BY units DESC, product_id
     LIMIT %(limit)s)
) AS chosen
JOIN product
  ON product.workspace_id = %(workspace)s
 AND product.id = chosen.product_id
ORDER BY chosen.units DESC, product.id
"""  # noqa: S608 - constant parts


def best_sellers(
    conn: Connection,
    workspace_id: int,
    categories: Collection[str | None],
    limit: int,
    *,
    exclude: Collection[str] = (),
) -> dict[str | None, list[Product]]:
    """The best sellers of each category asked for (None: of the store), filled up from the whole store.

    To leave out different items for different people, ask for a few more than needed and `choose` for each.
    """
    asked = {None, *categories}
    rows = conn.execute(
        _BEST,
        {"workspace": workspace_id, "categories": list(asked), "excluded": list(exclude), "limit": limit},
    ).fetchall()
    found: dict[str | None, list[Product]] = {category: [] for category in asked}
    for category, *columns in rows:
        found[category].append(_product(columns))
    store = found[None]
    return {category: choose([*found[category], *store], (), limit) for category in asked}


def choose(candidates: Sequence[Product], exclude: Collection[str], limit: int) -> list[Product]:
    """The first `limit` different candidates that are not excluded. Pure."""
    chosen: dict[str, Product] = {}
    for product in candidates:
        if product.id not in exclude and len(chosen) < limit:
            chosen.setdefault(product.id, product)
    return list(chosen.values())


_NAMES = [name.strip().removeprefix("product.") for name in COLUMNS.split(",")]


def _product(columns: Sequence[object]) -> Product:
    return Product(**dict(zip(_NAMES, columns, strict=True)))  # type: ignore[arg-type]
