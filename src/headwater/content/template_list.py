"""The list of templates as people look through it: searched, sorted, in parts; those in use or those put away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg import Connection
from psycopg.rows import class_row

Format = Literal["mjml", "html"]
Sort = Literal["name", "-name", "created", "-created", "updated", "-updated"]
_KEYS = {"name": "lower(template.name)", "created": "template.created_at", "updated": "template.updated_at"}


@dataclass(frozen=True)
class Listed:
    """A template with what its current version says to whoever looks for it."""

    id: int
    name: str
    subject: str
    preview_text: str
    format: Format
    current_version: int
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


def find(
    conn: Connection,
    workspace_id: int,
    *,
    q: str = "",
    kind: Format | None = None,
    archived: bool = False,
    sort: Sort = "created",
    after: int = 0,
    limit: int = 100,
) -> list[Listed]:
    """Templates whose name or subject holds `q`, from after the one with the id `after`."""
    key, down = _KEYS[sort.removeprefix("-")], sort.startswith("-")
    # For the list of templates. A workspace has hundreds; index: the primary key's first column.
    with conn.cursor(row_factory=class_row(Listed)) as cursor:
        return cursor.execute(
            f"""
            WITH listed AS (
                SELECT template.id, template.name, shown.subject, shown.preview_text,
                       CASE WHEN left(shown.mjml, 5000) ~ '<mjml[[:space:]>]' THEN 'mjml' ELSE 'html' END AS format,
                       template.current_version, template.created_at, template.updated_at, template.archived_at,
                       {key} AS sort_key
                FROM template
                JOIN template_version AS shown
                  ON shown.workspace_id = template.workspace_id
                 AND shown.id = template.current_version
                WHERE template.workspace_id = %(workspace)s
            )
            SELECT id, name, subject, preview_text, format, current_version, created_at, updated_at, archived_at
            FROM listed
            WHERE (archived_at IS NOT NULL) = %(archived)s
              AND (%(kind)s::text IS NULL OR format = %(kind)s)
              AND (strpos(lower(name), lower(%(q)s)) > 0 OR strpos(lower(subject), lower(%(q)s)) > 0)
              AND (
                  %(after)s = 0
                  OR (sort_key, id) {"<" if down else ">"} (SELECT sort_key, id FROM listed WHERE id = %(after)s)
              )
            ORDER BY sort_key {"DESC" if down else "ASC"}, id {"DESC" if down else "ASC"}
            LIMIT %(limit)s
            """,  # noqa: S608  constant columns and directions
            {"workspace": workspace_id, "q": q, "kind": kind, "archived": archived, "after": after, "limit": limit},
        ).fetchall()
