"""Profiles as data: read by id, found by identifier, written many at a time, erased.

`write` takes attributes by profile: a name with a column of its own goes there, everything else into `properties`;
null clears, what is absent stays. Identifiers are written through `identity`, not here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from psycopg import Connection
from psycopg.rows import class_row

from headwater.audience.addresses import normalise_email, normalise_id, normalise_phone
from headwater.audience.listeners import listeners
from headwater.core import arrays, jsonb, settings

COLUMNS = ("first_name", "last_name", "locale", "timezone", "city", "region", "country")
_ALIASES = {
    "firstName": "first_name", "lastName": "last_name", "$first_name": "first_name", "$last_name": "last_name",
    "firstname": "first_name", "lastname": "last_name", "$timezone": "timezone", "$city": "city",
    "$region": "region", "$country": "country", "state": "region",
}  # fmt: skip
_IDENTIFIERS = frozenset({"email", "phone", "external_id", "anonymous_id", "$email", "$phone_number", "id"})


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as stored. Times are aware, UTC."""

    id: int
    external_id: str | None = None
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    locale: str | None = None
    timezone: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    created_at: datetime | None = None
    updated_at: datetime | None = None


_SELECT = """
    SELECT id, external_id, email, phone, first_name, last_name, locale, timezone, city, region, country,
           properties, created_at, updated_at
    FROM profile
    WHERE workspace_id = %(workspace)s
"""


def get(conn: Connection, workspace_id: int, ids: Iterable[int]) -> dict[int, Profile]:
    """The profiles of these ids; ids that are gone are left out."""
    with conn.cursor(row_factory=class_row(Profile)) as cursor:
        found = cursor.execute(_SELECT + " AND id = ANY(%(ids)s)", {"workspace": workspace_id, "ids": list(set(ids))})
        return {profile.id: profile for profile in found}


def page(conn: Connection, workspace_id: int, after: int = 0, limit: int = 100) -> list[Profile]:
    """Profiles in the order of their ids, after a given one."""
    with conn.cursor(row_factory=class_row(Profile)) as cursor:
        return cursor.execute(
            _SELECT + " AND id > %(after)s ORDER BY id LIMIT %(limit)s",
            {"workspace": workspace_id, "after": after, "limit": limit},
        ).fetchall()


def count(conn: Connection, workspace_id: int) -> int:
    """How many profiles there are. For the home page: reads the primary key's entries of the workspace."""
    row = conn.execute("SELECT count(*) FROM profile WHERE workspace_id = %s", (workspace_id,)).fetchone()
    assert row is not None
    return int(row[0])


def any_reachable(conn: Connection, workspace_id: int) -> bool:
    """Whether anybody has an email address."""
    # For the set-up of a new brand. Index profile_identifier's primary key; the first hit ends it.
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM profile_identifier WHERE workspace_id = %s AND kind = 'email')", (workspace_id,)
    ).fetchone()
    assert row is not None
    return bool(row[0])


def find(
    conn: Connection,
    workspace_id: int,
    *,
    email: str | None = None,
    external_id: str | None = None,
    phone: str | None = None,
    anonymous_id: str | None = None,
) -> int | None:
    """The id of the profile with this identifier (the first one given), or None."""
    for kind, value in (
        ("email", normalise_email(email)),
        ("external_id", normalise_id(external_id)),
        ("phone", normalise_phone(phone)),
        ("anonymous_id", normalise_id(anonymous_id)),
    ):
        if value is not None:
            row = conn.execute(
                "SELECT profile_id FROM profile_identifier WHERE workspace_id = %s AND kind = %s AND value = %s",
                (workspace_id, kind, value),
            ).fetchone()
            return row[0] if row else None
    return None


def write(conn: Connection, workspace_id: int, attributes: Mapping[int, Mapping[str, Any]], now: datetime) -> None:
    """Write these attributes, by profile id. Unknown time zones and overlong names are put aside as properties."""
    rows = [(profile_id, *_split(given)) for profile_id, given in attributes.items() if given]
    if not rows:
        return
    changed = conn.execute(
        _WRITE,
        {
            "workspace": workspace_id,
            "now": now,
            "ids": arrays.plain([row[0] for row in rows]),
            "columns": arrays.texts([jsonb.text(row[1]) for row in rows]),
            "properties": arrays.texts(
                [jsonb.text({name: value for name, value in row[2].items() if value is not None}) for row in rows]
            ),
            "cleared": arrays.texts(
                [jsonb.text([name for name, value in row[2].items() if value is None]) for row in rows]
            ),
        },
    ).fetchall()
    if changed and listeners:
        written = {row[0]: (*row[1], *row[2]) for row in rows}
        for listener in listeners:
            listener.on_attributes(conn, workspace_id, {one: written[one] for (one,) in changed}, now)


_SET_COLUMNS = ",\n        ".join(
    f"{name} = CASE WHEN fresh.columns ? '{name}' THEN fresh.columns ->> '{name}' ELSE profile.{name} END"
    for name in COLUMNS
)
_COLUMNS_AS_JSON = ", ".join(f"'{name}', {name}" for name in COLUMNS)
# For the processor and the API, per batch. Index: primary key. Rows that would not change are not written.
_WRITE = f"""
    UPDATE profile
    SET {_SET_COLUMNS},
        properties = (profile.properties || fresh.properties) - ARRAY(SELECT jsonb_array_elements_text(fresh.cleared)),
        updated_at = %(now)s
    FROM unnest(%(ids)s::bigint[], %(columns)s::jsonb[], %(properties)s::jsonb[], %(cleared)s::jsonb[])
         AS fresh (id, columns, properties, cleared)
    WHERE profile.workspace_id = %(workspace)s
      AND profile.id = fresh.id
      AND (profile.properties || fresh.properties IS DISTINCT FROM profile.properties
           OR profile.properties ?| ARRAY(SELECT jsonb_array_elements_text(fresh.cleared))
           OR NOT jsonb_build_object({_COLUMNS_AS_JSON}) @> fresh.columns)
    RETURNING profile.id
"""  # noqa: S608 - the names are constants


def _split(given: Mapping[str, Any]) -> tuple[dict[str, str | None], dict[str, Any]]:
    columns: dict[str, str | None] = {}
    properties: dict[str, Any] = {}
    address = given.get("address")
    items = [*address.items(), *given.items()] if isinstance(address, Mapping) else given.items()
    for raw_name, value in items:
        name = _ALIASES.get(raw_name, raw_name)
        if name in _IDENTIFIERS:
            continue
        if name in COLUMNS and (value is None or _fits(name, value)):
            columns[name] = None if value is None else str(value).replace("\x00", "").strip() or None
        else:
            properties[raw_name] = value
    return columns, properties


def _fits(name: str, value: Any) -> bool:
    if not isinstance(value, str) or len(value) > 255:
        return False
    return name != "timezone" or value in _timezones()


@lru_cache(maxsize=1)
def _timezones() -> frozenset[str]:
    """Every zone of the machine's database, read from its files once."""
    return frozenset(available_timezones())


def address_hash(email: str) -> bytes:
    """How an erased address is remembered: keyed, so that the ledger of erased addresses names nobody."""
    normal = normalise_email(email) or email
    return hashlib.blake2b(normal.encode(), key=settings.current().secret_key.encode()[:64], digest_size=20).digest()


def erased(conn: Connection, workspace_id: int, emails: Iterable[str]) -> set[str]:
    """Those of these addresses whose people were erased. Primary key of erased_address."""
    hashes = {email: address_hash(email) for email in emails}
    rows = conn.execute(
        "SELECT address_hash FROM erased_address WHERE workspace_id = %s AND address_hash = ANY(%s)",
        (workspace_id, list(hashes.values())),
    ).fetchall()
    found = {bytes(row[0]) for row in rows}
    return {email for email, hashed in hashes.items() if hashed in found}


def erase(conn: Connection, workspace_id: int, profile_ids: Sequence[int], now: datetime) -> int:
    """Delete profiles for good, keeping a keyed hash of their addresses so that a later import does not mail them.

    What rooms above keep (events, enrolments, messages) goes through `on_erase`. Answers how many were deleted.
    """
    ids = list(set(profile_ids))
    rows = conn.execute(
        "SELECT value FROM profile_identifier WHERE workspace_id = %s AND kind = 'email' AND profile_id = ANY(%s)",
        (workspace_id, ids),
    ).fetchall()
    conn.execute(
        """
        INSERT INTO erased_address (workspace_id, address_hash, erased_at)
        SELECT %(workspace)s, hash, %(now)s
        FROM unnest(%(hashes)s::bytea[]) AS hash
        ON CONFLICT DO NOTHING
        """,
        {"workspace": workspace_id, "now": now, "hashes": [address_hash(row[0]) for row in rows]},
    )
    for eraser in _erasers:
        eraser(conn, workspace_id, ids)
    return conn.execute("DELETE FROM profile WHERE workspace_id = %s AND id = ANY(%s)", (workspace_id, ids)).rowcount


_erasers: list[Any] = []


def on_erase(eraser: Any) -> None:
    """Have `eraser(conn, workspace_id, profile_ids)` called in the transaction that erases profiles."""
    if eraser not in _erasers:
        _erasers.append(eraser)
