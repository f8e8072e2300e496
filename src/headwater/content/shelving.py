"""Giving templates other names, and taking out again what was put away. Their versions stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.errors import UniqueViolation

from headwater.content.errors import TemplateError


def rename(conn: Connection, workspace_id: int, template_id: int, name: str, now: datetime) -> bool:
    """Raises TemplateError if another template has this name."""
    name = name.strip()
    if not name:
        raise TemplateError("A template needs a name.", field="name")
    # Indexes: primary key, template_name.
    statement: LiteralString = """
        UPDATE template
        SET name = %(name)s,
            updated_at = %(now)s
        WHERE workspace_id = %(workspace)s
          AND id = %(template)s
          AND archived_at IS NULL
        """
    changed = {"workspace": workspace_id, "template": template_id, "name": name, "now": now}
    return _one(conn, statement, changed, f"There is already a template named {name}.")


def unarchive(conn: Connection, workspace_id: int, template_id: int, now: datetime) -> bool:
    """In sight again. Raises TemplateError if another template has its name by now."""
    # Indexes: primary key, template_name.
    statement: LiteralString = """
        UPDATE template
        SET archived_at = NULL,
            updated_at = %(now)s
        WHERE workspace_id = %(workspace)s
          AND id = %(template)s
          AND archived_at IS NOT NULL
        """
    changed = {"workspace": workspace_id, "template": template_id, "now": now}
    return _one(conn, statement, changed, "Another template has its name by now. Give that one another name first.")


def _one(conn: Connection, statement: LiteralString, changed: Mapping[str, Any], taken: str) -> bool:
    """Whether the statement changed its row. Raises TemplateError with these words where the name is taken."""
    try:
        with conn.transaction():
            return conn.execute(statement, changed).rowcount == 1
    except UniqueViolation:
        raise TemplateError(taken, field="name") from None
