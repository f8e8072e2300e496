"""What changed of products' prices and stock, in order: written with each change, read by whoever follows the catalog.

Writers of one workspace's catalog take turns (`lock`), so a change that is committed later has the higher number, and a
reader that remembers the last number it saw misses none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from psycopg import Connection
from psycopg.rows import class_row

KEPT = timedelta(days=90)
"""For how long changes are worth keeping; readers are seconds behind, or look at the catalog itself."""


@dataclass(frozen=True, slots=True)
class Change:
    id: int
    product_id: str
    at: datetime
    kind: str
    """price or stock."""
    before: Decimal | None
    """None: there was no price, or the stock was not counted."""
    after: Decimal | None
    """None: likewise, or the product was deleted."""


def lock(conn: Connection, workspace_id: int) -> None:
    """Be the one who changes this catalog, until this transaction ends. Taken before the first product is touched."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtext('catalog'), %s)", (workspace_id % 2**31,))


def since(conn: Connection, workspace_id: int, after_id: int, limit: int) -> list[Change]:
    """The changes that follow the one with this number, at most `limit`, in order."""
    with conn.cursor(row_factory=class_row(Change)) as cursor:
        # Index: primary key.
        return cursor.execute(
            """
            SELECT id, product_id, at, kind, before, after
            FROM product_change
            WHERE workspace_id = %(workspace)s
              AND id > %(after)s
            ORDER BY id
            LIMIT %(limit)s
            """,
            {"workspace": workspace_id, "after": after_id, "limit": limit},
        ).fetchall()


def of_products(
    conn: Connection, workspace_id: int, product_ids: Collection[str], kind: str, since: datetime, until_id: int
) -> dict[str, list[Change]]:
    """The changes of one kind of these products, later than an instant and up to a number, in order, by product."""
    found: dict[str, list[Change]] = defaultdict(list)
    if not product_ids:
        return found
    with conn.cursor(row_factory=class_row(Change)) as cursor:
        # Index product_change_product, a range a product.
        rows = cursor.execute(
            """
            SELECT id, product_id, at, kind, before, after
            FROM product_change
            WHERE workspace_id = %(workspace)s
              AND product_id = ANY(%(products)s)
              AND id <= %(until)s
              AND kind = %(kind)s
              AND at > %(since)s
            ORDER BY id
            """,
            {
                "workspace": workspace_id,
                "products": list(product_ids),
                "kind": kind,
                "since": since,
                "until": until_id,
            },
        )
        for change in rows:
            found[change.product_id].append(change)
    return found


def latest_id(conn: Connection, workspace_id: int) -> int:
    """The number of the last change; 0 if there was none."""
    # Index: primary key, its end.
    row = conn.execute("SELECT max(id) FROM product_change WHERE workspace_id = %s", (workspace_id,)).fetchone()
    return int(row[0]) if row is not None and row[0] is not None else 0


def workspaces_with_old(conn: Connection, now: datetime) -> list[int]:
    """The workspaces whose oldest change is kept long enough."""
    # For a rare role of the worker. Primary key: the first change of each workspace.
    rows = conn.execute(
        """
        SELECT w.id
        FROM workspace w
        CROSS JOIN LATERAL (
            SELECT at
            FROM product_change
            WHERE workspace_id = w.id
            ORDER BY id
            LIMIT 1
        ) AS oldest
        WHERE oldest.at < %(before)s
        """,
        {"before": now - KEPT},
    ).fetchall()
    return [row[0] for row in rows]


def forget_old(conn: Connection, workspace_id: int, now: datetime) -> int:
    """One turn of forgetting what is kept long enough; answers how many changes went."""
    return prune(conn, workspace_id, now - KEPT)


def prune(conn: Connection, workspace_id: int, before: datetime, limit: int = 50_000) -> int:
    """Forget changes from before an instant, the oldest first, at most `limit`; answers how many."""
    # Index: primary key, its beginning; numbers grow with time.
    return conn.execute(
        """
        DELETE FROM product_change
        USING (
            SELECT id
            FROM product_change
            WHERE workspace_id = %(workspace)s
            ORDER BY id
            LIMIT %(limit)s
        ) AS oldest
        WHERE product_change.workspace_id = %(workspace)s
          AND product_change.id = oldest.id
          AND product_change.at < %(before)s
        """,
        {"workspace": workspace_id, "before": before, "limit": limit},
    ).rowcount
