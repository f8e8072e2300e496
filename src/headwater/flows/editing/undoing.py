"""Undoing a publish: the version before it becomes the live one, as a new version, and whoever was moved goes back."""

from __future__ import annotations

from datetime import datetime

from psycopg import Connection

from headwater.flows.editing import publishing, versions
from headwater.flows.editing.publishing import Applied
from headwater.flows.errors import FlowError


def undo(conn: Connection, workspace_id: int, slug: str, now: datetime) -> Applied:
    """Publish the version before the last again. Raises UnknownFlow, or FlowError where there is none.

    People whom the last publish moved are put back where they stood, unless they have gone on since; who had to leave
    waits again. Undoing an undo takes it back in the same way. What emails say is no part of a version, and stays.
    """
    row = versions.find(conn, workspace_id, slug, lock=True)
    latest = versions.history(conn, workspace_id, row.id, limit=2)
    if len(latest) < 2:
        raise FlowError("version", "there is no earlier version to return to")
    live, before = latest
    return publishing.publish_stored(
        conn, workspace_id, row, live.definition, before.definition, now, undoes=live.version
    )
