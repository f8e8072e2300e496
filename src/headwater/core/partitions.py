"""Monthly partitions of the growing tables (`event`, `message`): made before rows arrive, dropped by retention."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from psycopg import Connection, sql

TABLES = ("event", "message")
_made: set[tuple[str, str, int, int]] = set()


def ensure(conn: Connection, table: str, moments: Iterable[datetime]) -> None:
    """Make the partitions of `table` that hold these moments. Idempotent, safe when several processes race.

    The partition is created in the caller's transaction; what was seen committed is remembered by this process.
    """
    assert table in TABLES
    database = conn.info.dbname + conn.info.host + str(conn.info.port)
    months = {(moment.astimezone(UTC).year, moment.astimezone(UTC).month) for moment in moments}
    for year, month in sorted(months):
        key = (database, table, year, month)
        if key in _made:
            continue
        name = f"{table}_y{year:04d}m{month:02d}"
        if conn.execute("SELECT to_regclass(%s)", (name,)).fetchone() == (None,):
            # Serialises creators; DDL on the parent would otherwise deadlock between two of them.
            conn.execute("SELECT pg_advisory_xact_lock(hashtext('partition'), hashtext(%s))", (table,))
            start = datetime(year, month, 1, tzinfo=UTC)
            end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
            conn.execute(
                sql.SQL("CREATE TABLE IF NOT EXISTS {} PARTITION OF {} FOR VALUES FROM ({}) TO ({})").format(
                    sql.Identifier(name), sql.Identifier(table), sql.Literal(start), sql.Literal(end)
                )
            )
        else:
            _made.add(key)
