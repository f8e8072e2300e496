"""A flow published as people do it, its emails with content, and where its people stand: for tests of publishing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import Connection

from headwater.content import templates
from headwater.content.document import Document
from headwater.flows.editing import publishing
from headwater.flows.editing.publishing import Applied

MJML = (
    "<mjml><mj-body><mj-section><mj-column><mj-text>Hi {% footer %}</mj-text></mj-column></mj-section></mj-body></mjml>"
)
COLUMNS = "state, reason, step, wake_at, due_at, since, held, item, version, pinned"


def tree(*steps: Any, **more: Any) -> dict[str, Any]:
    """A definition whose emails are `mail(id)`."""
    return {"flow": "a-flow", "trigger": {"metric": "Viewed Product"}, "steps": list(steps), **more}


def mail(step: str, **more: Any) -> dict[str, Any]:
    return {"id": step, "email": "Hello", **more}


def delay(step: str, **span: Any) -> dict[str, Any]:
    return {"id": step, "delay": span}


def publish(conn: Connection, workspace: int, now: datetime, definition: dict[str, Any], **choices: Any) -> Applied:
    """Publish a definition, whose template is made first."""
    templates.save(conn, workspace, "Hello", Document(subject="Hello", mjml=MJML), now)
    return publishing.apply(conn, workspace, definition, now, **choices)


def standing(conn: Connection, workspace: int) -> list[dict[str, Any]]:
    """Where each person stands, in the order in which they came."""
    rows = conn.execute(
        f"SELECT {COLUMNS} FROM enrolment WHERE workspace_id = %s ORDER BY id",  # noqa: S608 - constant
        (workspace,),
    ).fetchall()
    return [dict(zip(COLUMNS.split(", "), row, strict=True)) for row in rows]
