"""Which brand a command is about: the one named by --brand, or the only one there is."""

from __future__ import annotations

from typing import Annotated

import typer
from psycopg import Connection

Brand = Annotated[
    str | None, typer.Option("--brand", help="The brand's short name. Not needed while there is only one.")
]
SETS_SENDER = 'headwater brand set --from-email you@your-shop.com --from-name "Your shop" --postal-address "…"'
"""The command that says whom a brand's emails come from, as it is told to people."""


def chosen(conn: Connection, slug: str | None) -> int:
    """The workspace id; ends the command with a message for people when there is none, or no telling which."""
    rows = conn.execute("SELECT id, slug FROM workspace ORDER BY id").fetchall()
    if slug is None and len(rows) == 1:
        return int(rows[0][0])
    names = ", ".join(row[1] for row in rows)
    if slug is None:
        raise typer.BadParameter(f"Say which brand: --brand with one of {names}." if rows else "There is no brand yet.")
    for workspace_id, name in rows:
        if name == slug:
            return int(workspace_id)
    raise typer.BadParameter(f"There is no brand {slug}; there are: {names or 'none'}.")
