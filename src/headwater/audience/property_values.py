"""What people's properties hold: paths, kinds and frequent values, from the newest of them, to ask for people by."""

from __future__ import annotations

from psycopg import Connection

from headwater.core.property_shapes import Shape, shapes

_PEOPLE = 500
_COLUMNS = (
    "email",
    "phone",
    "external_id",
    "first_name",
    "last_name",
    "locale",
    "timezone",
    "city",
    "region",
    "country",
)
_TELLING = ("locale", "timezone", "city", "region", "country")
"""Columns whose values many people share."""


def of_people(conn: Connection, workspace_id: int) -> list[Shape]:
    """Of the profile itself first, then its properties by how many have them."""
    # For condition editors. Reads the end of the primary key.
    rows = conn.execute(
        """
        SELECT locale, timezone, city, region, country, properties
        FROM profile
        WHERE workspace_id = %(workspace)s
        ORDER BY id DESC
        LIMIT %(people)s
        """,
        {"workspace": workspace_id, "people": _PEOPLE},
    ).fetchall()
    telling = {one.path: one for one in shapes(dict(zip(_TELLING, row, strict=False)) for row in rows)}
    columns = [telling.get(name, Shape(name, "text", 0, ())) for name in _COLUMNS]
    own = [one for one in shapes(row[-1] for row in rows) if one.path not in _COLUMNS and one.path != "created_at"]
    return [*columns, Shape("created_at", "date", len(rows), ()), *own]
