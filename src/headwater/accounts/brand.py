"""A workspace as plain data: what sending and rendering need to know of the brand."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True)
class Brand:
    id: int
    name: str
    slug: str
    timezone: str
    currency: str
    from_name: str
    from_email: str
    reply_to: str
    postal_address: str
    website_url: str
    smart_sending_hours: int
    require_consent: bool


def load(conn: Connection, workspace_id: int) -> Brand:
    """The brand of a workspace. Raises LookupError for an unknown id."""
    with conn.cursor(row_factory=class_row(Brand)) as cursor:
        found = cursor.execute(
            """
            SELECT id, name, slug, timezone, currency, from_name, from_email, reply_to, postal_address,
                   website_url, smart_sending_hours, require_consent
            FROM workspace
            WHERE id = %(workspace)s
            """,
            {"workspace": workspace_id},
        ).fetchone()
    if found is None:
        raise LookupError(f"No workspace {workspace_id}.")
    return found
