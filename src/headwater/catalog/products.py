"""Products: the items of the shop under the shop's own ids. Knows nothing of what was sold; `popularity` does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from headwater.catalog import history

FIELDS = ("title", "category", "brand", "price", "url", "image_url", "description", "published", "stock", "properties")
COLUMNS = f"product.id, {', '.join(f'product.{name}' for name in FIELDS)}, product.updated_at"
_CHUNK = 5_000


@dataclass(frozen=True)
class Product:
    id: str
    title: str
    updated_at: datetime
    category: str | None = None
    brand: str | None = None
    price: Decimal | None = None
    url: str | None = None
    image_url: str | None = None
    description: str | None = None
    published: bool = True
    stock: int | None = None
    """None: not counted."""
    properties: dict[str, Any] = field(default_factory=dict)

    @property
    def available(self) -> bool:
        """May be shown to a customer."""
        return self.published and (self.stock is None or self.stock > 0)


# One statement a chunk. A field that a row leaves out keeps its value, a null clears it. What really changes of prices
# and stock goes into the history with it: under the lock, what is read is what is replaced. Index: primary key.
_UPSERT = """
WITH wanted AS MATERIALIZED (
    SELECT given ->> 'id' AS id,
           COALESCE(CASE WHEN given ? 'title' THEN given ->> 'title' ELSE old.title END, given ->> 'id') AS title,
           CASE WHEN given ? 'category' THEN given ->> 'category' ELSE old.category END AS category,
           CASE WHEN given ? 'brand' THEN given ->> 'brand' ELSE old.brand END AS brand,
           CASE WHEN given ? 'price' THEN (given ->> 'price')::numeric ELSE old.price END AS price,
           CASE WHEN given ? 'url' THEN given ->> 'url' ELSE old.url END AS url,
           CASE WHEN given ? 'image_url' THEN given ->> 'image_url' ELSE old.image_url END AS image_url,
           CASE WHEN given ? 'description' THEN given ->> 'description' ELSE old.description END AS description,
           COALESCE(
               CASE WHEN given ? 'published' THEN (given ->> 'published')::boolean ELSE old.published END, true
           ) AS published,
           CASE WHEN given ? 'stock' THEN (given ->> 'stock')::int ELSE old.stock END AS stock,
           COALESCE(
               CASE WHEN given ? 'properties' THEN NULLIF(given -> 'properties', 'null') ELSE old.properties END, '{}'
           ) AS properties,
           old.id IS NOT NULL AS known,
           old.price AS price_before,
           old.stock AS stock_before
    FROM jsonb_array_elements(%(rows)s) AS given
    LEFT JOIN product AS old
           ON old.workspace_id = %(workspace)s
          AND old.id = given ->> 'id'
), written AS (
    INSERT INTO product (workspace_id, id, title, category, brand, price, url, image_url, description, published, stock,
                         properties, updated_at)
    SELECT %(workspace)s, id, title, category, brand, price, url, image_url, description, published, stock,
           properties, %(now)s
    FROM wanted
    ORDER BY id
    ON CONFLICT (workspace_id, id) DO UPDATE
    SET title = excluded.title,
        category = excluded.category,
        brand = excluded.brand,
        price = excluded.price,
        url = excluded.url,
        image_url = excluded.image_url,
        description = excluded.description,
        published = excluded.published,
        stock = excluded.stock,
        properties = excluded.properties,
        updated_at = excluded.updated_at
)
INSERT INTO product_change (workspace_id, product_id, at, kind, before, after)
SELECT %(workspace)s, wanted.id, %(now)s, changed.kind, changed.before, changed.after
FROM wanted
CROSS JOIN LATERAL (
    VALUES ('price', price_before, price), ('stock', stock_before, stock)
) AS changed (kind, before, after)
WHERE wanted.known
  AND changed.before IS DISTINCT FROM changed.after
ORDER BY wanted.id, changed.kind
"""


def upsert(conn: Connection, workspace_id: int, rows: Sequence[Mapping[str, Any]], now: datetime) -> int:
    """Add or change products; answers how many. A row is a mapping with `id` and any of FIELDS.

    What a row leaves out keeps its value, None clears it; of two rows with one id the last counts. Prices and stock
    that change are told of by `history`, those of a product that was not there before are not. Writers of one
    workspace's catalog wait for one another until they commit.
    """
    history.lock(conn, workspace_id)
    latest = {str(row["id"]): _plain(row) for row in rows}
    wanted = list(latest.values())
    for start in range(0, len(wanted), _CHUNK):
        conn.execute(_UPSERT, {"workspace": workspace_id, "now": now, "rows": Jsonb(wanted[start : start + _CHUNK])})
    return len(wanted)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: row[name] for name in FIELDS if name in row} | {"id": str(row["id"])}
    if plain.get("price") is not None:
        plain["price"] = str(plain["price"])
    return plain


def get(conn: Connection, workspace_id: int, ids: Collection[str]) -> dict[str, Product]:
    """Products by id; unknown ids are left out."""
    if not ids:
        return {}
    with conn.cursor(row_factory=class_row(Product)) as cursor:
        # Index: primary key.
        found = cursor.execute(
            f"""
            SELECT {COLUMNS}
            FROM product
            WHERE workspace_id = %(workspace)s
              AND id = ANY(%(ids)s)
            """,  # noqa: S608 - constant columns
            {"workspace": workspace_id, "ids": list(ids)},
        ).fetchall()
    return {product.id: product for product in found}


def page(
    conn: Connection,
    workspace_id: int,
    *,
    q: str = "",
    after: str = "",
    limit: int = 100,
    category: str | None = None,
    published: bool | None = None,
) -> list[Product]:
    """Products by id, from after the given one; those whose title, id or brand holds `q`."""
    with conn.cursor(row_factory=class_row(Product)) as cursor:
        # Index: primary key.
        return cursor.execute(
            f"""
            SELECT {COLUMNS}
            FROM product
            WHERE workspace_id = %(workspace)s
              AND id > %(after)s
              AND (%(category)s::text IS NULL OR category = %(category)s)
              AND (%(published)s::boolean IS NULL OR published = %(published)s)
              AND (
                  %(q)s = ''
                  OR strpos(lower(title), lower(%(q)s)) > 0
                  OR strpos(lower(id), lower(%(q)s)) > 0
                  OR strpos(lower(brand), lower(%(q)s)) > 0
              )
            ORDER BY id
            LIMIT %(limit)s
            """,  # noqa: S608 - constant columns
            {
                "workspace": workspace_id,
                "q": q,
                "after": after,
                "limit": limit,
                "category": category,
                "published": published,
            },
        ).fetchall()


def delete(conn: Connection, workspace_id: int, ids: Collection[str], now: datetime) -> int:
    """Remove products and their reviews; answers how many there were."""
    history.lock(conn, workspace_id)
    # Index: primary key.
    row = conn.execute(
        """
        WITH gone AS (
            DELETE FROM product
            WHERE workspace_id = %(workspace)s
              AND id = ANY(%(ids)s)
            RETURNING id, price, stock
        ), told AS (
            INSERT INTO product_change (workspace_id, product_id, at, kind, before, after)
            SELECT %(workspace)s, gone.id, %(now)s, changed.kind, changed.before, NULL
            FROM gone
            CROSS JOIN LATERAL (VALUES ('price', price), ('stock', stock)) AS changed (kind, before)
            WHERE changed.before IS NOT NULL
            ORDER BY gone.id, changed.kind
        )
        SELECT count(*)
        FROM gone
        """,
        {"workspace": workspace_id, "ids": list(ids), "now": now},
    ).fetchone()
    assert row is not None
    return int(row[0])


def in_stock(conn: Connection, workspace_id: int, ids: Collection[str], minimum: int = 1) -> set[str]:
    """Those of these products that may be shown and of which there are so many; of what is not counted there are."""
    # For people who wait for a product. Index: primary key.
    rows = conn.execute(
        """
        SELECT id
        FROM product
        WHERE workspace_id = %(workspace)s
          AND id = ANY(%(ids)s)
          AND published
          AND (stock IS NULL OR stock >= %(minimum)s)
        """,
        {"workspace": workspace_id, "ids": list(ids), "minimum": minimum},
    ).fetchall()
    return {row[0] for row in rows}
