"""Reviews, shown as customers wrote them: the best of an item, else of its category, else of the store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True)
class Review:
    id: str
    product_id: str
    rating: int
    author: str
    body: str
    created_at: datetime


@dataclass(frozen=True)
class Best:
    """The best reviews by what they speak of."""

    products: dict[str, list[Review]] = field(default_factory=dict)
    categories: dict[str, list[Review]] = field(default_factory=dict)
    store: list[Review] = field(default_factory=list)

    def of(self, product_id: str | None = None, category: str | None = None) -> list[Review]:
        """Those of the item, else of the category, else of the whole store."""
        found = self.products.get(product_id) if product_id is not None else None
        found = found or (self.categories.get(category) if category is not None else None)
        return found or self.store


# A review of an unknown product is left out. Index: primary keys.
_UPSERT = """
INSERT INTO review (workspace_id, id, product_id, rating, author, body, created_at)
SELECT %(workspace)s, given.id, given.product_id, given.rating, given.author, given.body, given.created_at
FROM unnest(%(ids)s::text[], %(products)s::text[], %(ratings)s::smallint[], %(authors)s::text[], %(bodies)s::text[],
            %(created)s::timestamptz[]) AS given (id, product_id, rating, author, body, created_at)
JOIN product
  ON product.workspace_id = %(workspace)s
 AND product.id = given.product_id
ORDER BY given.id
ON CONFLICT (workspace_id, id) DO UPDATE
SET product_id = excluded.product_id,
    rating = excluded.rating,
    author = excluded.author,
    body = excluded.body,
    created_at = excluded.created_at
RETURNING id
"""


def upsert(conn: Connection, workspace_id: int, rows: Sequence[Review]) -> list[str]:
    """Add or change reviews; answers the ids of those that were refused, because their product is unknown."""
    latest = {row.id: row for row in rows}
    wanted = list(latest.values())
    stored = conn.execute(
        _UPSERT,
        {
            "workspace": workspace_id,
            "ids": [row.id for row in wanted],
            "products": [row.product_id for row in wanted],
            "ratings": [row.rating for row in wanted],
            "authors": [row.author for row in wanted],
            "bodies": [row.body for row in wanted],
            "created": [row.created_at for row in wanted],
        },
    ).fetchall()
    return sorted(latest.keys() - {row[0] for row in stored})


# For rendering: per subject the best `limit` of its latest 200 good reviews; texts that suit an email (40 to 240
# characters) first, then the newest. Indexes: review_product, product_category, review_newest.
_BEST = """
SELECT subject.kind, subject.name, chosen.id, chosen.product_id, chosen.rating, chosen.author, chosen.body,
       chosen.created_at
FROM (
    SELECT 'product' AS kind, unnest(%(products)s::text[]) AS name
    UNION ALL
    SELECT 'category', unnest(%(categories)s::text[])
    UNION ALL
    SELECT 'store', ''
) AS subject
CROSS JOIN LATERAL (
    SELECT latest.*
    FROM (
        (SELECT review.*
         FROM review
         WHERE subject.kind = 'product'
           AND review.workspace_id = %(workspace)s
           AND review.product_id = subject.name
           AND review.rating >= %(rating)s
         LIMIT 200)
        UNION ALL
        (SELECT review.*
         FROM product
         JOIN review
           ON review.workspace_id = product.workspace_id
          AND review.product_id = product.id
         WHERE subject.kind = 'category'
           AND product.workspace_id = %(workspace)s
           AND product.category = subject.name
           AND product.published
           AND review.rating >= %(rating)s
         ORDER BY review.created_at DESC
         LIMIT 200)
        UNION ALL
        (SELECT review.*
         FROM review
         WHERE subject.kind = 'store'
           AND review.workspace_id = %(workspace)s
           AND review.rating >= %(rating)s
         ORDER BY review.created_at DESC
         LIMIT 200)
    ) AS latest
    ORDER BY length(latest.body) BETWEEN 40 AND 240 DESC, latest.created_at DESC, latest.id
    LIMIT %(limit)s
) AS chosen
"""


def best(
    conn: Connection,
    workspace_id: int,
    *,
    product_ids: Collection[str] = (),
    categories: Collection[str] = (),
    min_rating: int = 4,
    limit: int = 2,
) -> Best:
    """The best reviews of these products, of these categories and of the store, `limit` of each, in one query."""
    rows = conn.execute(
        _BEST,
        {
            "workspace": workspace_id,
            "products": sorted(set(product_ids)),
            "categories": sorted(set(categories)),
            "rating": min_rating,
            "limit": limit,
        },
    ).fetchall()
    found = Best()
    for kind, name, *columns in rows:
        review = Review(*columns)
        if kind == "store":
            found.store.append(review)
        else:
            (found.products if kind == "product" else found.categories).setdefault(name, []).append(review)
    return found


def page(
    conn: Connection, workspace_id: int, *, after: str = "", limit: int = 100, product_id: str | None = None
) -> list[Review]:
    """Reviews by id, from after the given one."""
    with conn.cursor(row_factory=class_row(Review)) as cursor:
        # Index: primary key.
        return cursor.execute(
            """
            SELECT id, product_id, rating, author, body, created_at
            FROM review
            WHERE workspace_id = %(workspace)s
              AND id > %(after)s
              AND (%(product)s::text IS NULL OR product_id = %(product)s)
            ORDER BY id
            LIMIT %(limit)s
            """,
            {"workspace": workspace_id, "after": after, "limit": limit, "product": product_id},
        ).fetchall()


def delete(conn: Connection, workspace_id: int, ids: Collection[str]) -> int:
    """Remove reviews; answers how many there were."""
    return conn.execute(
        "DELETE FROM review WHERE workspace_id = %(workspace)s AND id = ANY(%(ids)s)",
        {"workspace": workspace_id, "ids": list(ids)},
    ).rowcount
