"""Monthly partitions of the growing tables (`event`, `message`): made before rows arrive, dropped by retention."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from psycopg import Connection, sql

TABLES = ("event", "message")
# Windows over everybody are answered from an index alone, as far as vacuum has noted which pages all can see.
_STORAGE = {"event": " WITH (autovacuum_vacuum_insert_scale_factor = 0.02)"}


def ensure(conn: Connection, table: str, moments: Iterable[datetime]) -> None:
    """Make the partitions of `table` that hold these moments. Idempotent, safe when several processes race.

    A partition is created in the caller's transaction. Nothing is remembered between calls: a partition made in a
    transaction, or part of one, that was rolled back has to be made again.
    """
    assert table in TABLES
    months = {(moment.astimezone(UTC).year, moment.astimezone(UTC).month) for moment in moments}
    names = {f"{table}_y{year:04d}m{month:02d}": (year, month) for year, month in sorted(months)}
    # For every batch that stores. A look-up in the catalog's cache per month.
    missing = conn.execute(
        "SELECT name FROM unnest(%(names)s::text[]) AS name WHERE to_regclass(name) IS NULL", {"names": list(names)}
    ).fetchall()
    if missing:
        # Serialises creators; DDL on the parent would otherwise deadlock between two of them.
        conn.execute("SELECT pg_advisory_xact_lock(hashtext('partition'), hashtext(%s))", (table,))
    for (name,) in missing:
        year, month = names[name]
        start = datetime(year, month, 1, tzinfo=UTC)
        end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        conn.execute(
            sql.SQL("CREATE TABLE IF NOT EXISTS {} PARTITION OF {} FOR VALUES FROM ({}) TO ({}){}").format(
                sql.Identifier(name),
                sql.Identifier(table),
                sql.Literal(start),
                sql.Literal(end),
                sql.SQL(_STORAGE.get(table, "")),
            )
        )
