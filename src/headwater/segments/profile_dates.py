"""The dates among profiles' properties that conditions look at, kept in the order of time (`profile_date`).

A sweep finds through it whose birthday comes up or whose trial ends, without a look at anybody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psycopg import Connection

from headwater.segments import dates
from headwater.segments.conditions import Path, written
from headwater.segments.language import COLUMNS
from headwater.segments.parsing import CREATED


def refresh(
    conn: Connection, workspace_id: int, paths: Iterable[Path], profile_ids: Sequence[int] | None = None
) -> None:
    """Write what these paths of these profiles (None: of everybody) hold now, where it is a date."""
    for path in sorted(set(paths), key=written):
        _refresh(conn, workspace_id, path, profile_ids)


def _refresh(conn: Connection, workspace_id: int, path: Path, profile_ids: Sequence[int] | None) -> None:
    values = {
        "workspace": workspace_id,
        "path": written(path),
        "keys": [step.key for step in path],
        "ids": list(profile_ids) if profile_ids is not None else None,
        "day": dates.DAY,
    }
    these = "AND p.id = ANY (%(ids)s)" if profile_ids is not None else ""
    # A path's dates of some profiles: gone, changed, or new. By primary keys; for everybody a scan of the workspace.
    conn.execute(
        f"""
        WITH said AS (
            SELECT p.id, {text_of(path)} AS value, w.timezone
            FROM profile p
            JOIN workspace w ON w.id = p.workspace_id
            WHERE p.workspace_id = %(workspace)s
              {these}
        ), dated AS (
            SELECT id, value, timezone, CASE WHEN value !~ %(day)s THEN headwater_instant(value) END AS at
            FROM said
            WHERE value IS NOT NULL
        ), fresh AS (
            SELECT id, at,
                   CASE WHEN at IS NULL THEN value ELSE to_char(at AT TIME ZONE timezone, 'YYYY-MM-DD') END AS day
            FROM dated
            WHERE at IS NOT NULL
               OR value ~ %(day)s
        ), gone AS (
            DELETE FROM profile_date p
            WHERE p.workspace_id = %(workspace)s
              AND p.path = %(path)s
              {these.replace("p.id", "p.profile_id")}
              AND NOT EXISTS (SELECT FROM fresh WHERE fresh.id = p.profile_id)
        )
        INSERT INTO profile_date AS kept (workspace_id, path, profile_id, day, at)
        SELECT %(workspace)s, %(path)s, id, day, at
        FROM fresh
        ON CONFLICT (workspace_id, path, profile_id) DO UPDATE
        SET day = excluded.day,
            at = excluded.at
        WHERE (kept.day, kept.at) IS DISTINCT FROM (excluded.day, excluded.at)
        """,  # noqa: S608 - constants of this file
        values,
    )


def text_of(path: Path) -> str:
    """What a path leads to in the profile `p`, if it is text, as SQL; `keys` is the parameter with the path's keys."""
    if path[0].key == CREATED:
        return "to_char(p.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    if path[0].key in COLUMNS:
        return f"p.{path[0].key}" if len(path) == 1 else "NULL::text"
    return (
        "CASE jsonb_typeof(p.properties #> %(keys)s::text[]) WHEN 'string' THEN p.properties #>> %(keys)s::text[] END"
    )
