"""Identifiers by hand: finding many profiles at once without making any, and changing those of one profile.

What events claim goes through `identity`, which joins and merges; here a person decides, and nothing is joined.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from psycopg import Connection

from headwater.audience.addresses import normalise_email, normalise_id, normalise_phone
from headwater.audience.listeners import listeners

COLUMNS = ("external_id", "email", "phone")
_NORMALISE = {"email": normalise_email, "phone": normalise_phone}


class IdentifierError(ValueError):
    """An identifier that can't be used for this profile; `field` names its kind."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def normalise(kind: str, value: str) -> str | None:
    """As it is compared; None: it is not one."""
    return _NORMALISE.get(kind, normalise_id)(value)


def find(conn: Connection, workspace_id: int, wanted: Sequence[tuple[str, str]]) -> list[int | None]:
    """The profile of each (kind, value), in order; None where there is none. Kind "id" follows merges."""
    ids = [int(value) if kind == "id" else None for kind, value in wanted]
    values = [normalise(kind, value) if kind != "id" else None for kind, value in wanted]
    # For bulk calls of the API. Indexes: the primary keys of profile_identifier, profile and profile_alias.
    rows = conn.execute(
        """
        SELECT COALESCE(owner.profile_id, present.id, alias.profile_id)
        FROM unnest(%(kinds)s::text[], %(values)s::text[], %(ids)s::bigint[]) WITH ORDINALITY
             AS wanted (kind, value, id, position)
        LEFT JOIN profile_identifier AS owner
               ON owner.workspace_id = %(workspace)s
              AND owner.kind = wanted.kind
              AND owner.value = wanted.value
        LEFT JOIN profile AS present
               ON present.workspace_id = %(workspace)s
              AND present.id = wanted.id
        LEFT JOIN profile_alias AS alias
               ON alias.workspace_id = %(workspace)s
              AND alias.old_id = wanted.id
        ORDER BY wanted.position
        """,
        {"workspace": workspace_id, "kinds": [kind for kind, _ in wanted], "values": values, "ids": ids},
    ).fetchall()
    return [row[0] for row in rows]


def change(
    conn: Connection, workspace_id: int, profile_id: int, identifiers: Mapping[str, str | None], now: datetime
) -> None:
    """Give a profile these identifiers (of COLUMNS); null takes away all of the kind. The caller holds identity.lock.

    A former address stays an identifier, so that old links and events still resolve. Raises IdentifierError.
    """
    given = {kind: value for kind, value in identifiers.items() if kind in COLUMNS}
    fresh = {kind: normalise(kind, value) for kind, value in given.items() if value is not None}
    for kind, value in fresh.items():
        if value is None:
            raise IdentifierError(kind, f"This is not a valid {kind.replace('_', ' ')}.")
    owners = find(conn, workspace_id, [(kind, value) for kind, value in fresh.items() if value is not None])
    for kind, owner in zip(fresh, owners, strict=True):
        if owner is not None and owner != profile_id:
            raise IdentifierError(
                kind, f"This {kind.replace('_', ' ')} belongs to profile {owner}; merge them instead."
            )
    cleared = [kind for kind, value in given.items() if value is None]
    conn.execute(
        """
        DELETE FROM profile_identifier
        WHERE workspace_id = %(workspace)s
          AND profile_id = %(profile)s
          AND kind = ANY(%(kinds)s::text[])
        """,
        {"workspace": workspace_id, "profile": profile_id, "kinds": cleared},
    )
    conn.execute(
        """
        INSERT INTO profile_identifier (workspace_id, kind, value, profile_id)
        SELECT %(workspace)s, kind, value, %(profile)s
        FROM unnest(%(kinds)s::text[], %(values)s::text[]) AS fresh (kind, value)
        ON CONFLICT DO NOTHING
        """,
        {
            "workspace": workspace_id,
            "profile": profile_id,
            "kinds": list(fresh),
            "values": list(fresh.values()),
        },
    )
    shown = {kind: value.strip() if kind == "email" and value else fresh.get(kind) for kind, value in given.items()}
    conn.execute(
        """
        UPDATE profile
        SET external_id = CASE WHEN 'external_id' = ANY(%(kinds)s::text[]) THEN %(external_id)s ELSE external_id END,
            email = CASE WHEN 'email' = ANY(%(kinds)s::text[]) THEN %(email)s ELSE email END,
            phone = CASE WHEN 'phone' = ANY(%(kinds)s::text[]) THEN %(phone)s ELSE phone END,
            updated_at = %(now)s
        WHERE workspace_id = %(workspace)s
          AND id = %(profile)s
        """,
        {
            "workspace": workspace_id,
            "profile": profile_id,
            "kinds": list(given),
            "external_id": shown.get("external_id"),
            "email": shown.get("email"),
            "phone": shown.get("phone"),
            "now": now,
        },
    )
    for listener in listeners:
        listener.on_known(conn, workspace_id, [], [profile_id], now)
