"""Coupons: what templates name ('BROWSE10'), and the codes of a pool. Who was given which code is in `issuing`.

Three kinds: static (one code for everyone), generated (one a person, made when it is shown), pool (uploaded codes).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection
from psycopg.rows import class_row

from headwater.catalog.issuing import Code, active, assigned, issue, redeem, release

KINDS = ("static", "generated", "pool")


class CouponError(ValueError):
    """A coupon that can't be defined like this; `field` says which of its fields is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Coupon:
    id: int
    name: str
    kind: str
    code: str | None
    """static: the code; generated: the prefix of every code."""
    expires_after: timedelta | None
    expires_at: datetime | None
    created_at: datetime


@dataclass(frozen=True)
class Usage:
    """How far a coupon is used up."""

    assigned: int
    redeemed: int
    remaining: int | None
    """Free codes of a pool; None: as many as asked for."""


_COLUMNS = "id, name, kind, code, expires_after, expires_at, created_at"


def define(
    conn: Connection,
    workspace_id: int,
    name: str,
    kind: str,
    code: str | None,
    expires_after: timedelta | None,
    expires_at: datetime | None,
    now: datetime,
) -> Coupon:
    """Make a coupon, or change one of this name and kind; what was already given out keeps its own expiry.

    A generated coupon without a prefix uses its name. Raises CouponError.
    """
    name, code = name.strip(), (code or "").strip() or None
    _check(name, kind, code, expires_after)
    if kind == "generated":
        code = (code or name).upper()
    values = {
        "workspace": workspace_id,
        "name": name,
        "kind": kind,
        "code": code if kind != "pool" else None,
        "after": expires_after,
        "at": expires_at,
        "now": now,
    }
    with conn.cursor(row_factory=class_row(Coupon)) as cursor:
        found = cursor.execute(
            f"""
            INSERT INTO coupon AS present (workspace_id, name, kind, code, expires_after, expires_at, created_at)
            VALUES (%(workspace)s, %(name)s, %(kind)s, %(code)s, %(after)s, %(at)s, %(now)s)
            ON CONFLICT (workspace_id, name) DO UPDATE
            SET code = excluded.code,
                expires_after = excluded.expires_after,
                expires_at = excluded.expires_at
            WHERE present.kind = excluded.kind
            RETURNING {_COLUMNS}
            """,  # noqa: S608 - constant columns
            values,
        ).fetchone()
    if found is None:
        raise CouponError("kind", f"The coupon {name} exists and is of another kind; choose another name.")
    return found


def _check(name: str, kind: str, code: str | None, expires_after: timedelta | None) -> None:
    if not name or len(name) > 100 or "\x00" in name:
        raise CouponError("name", "A coupon needs a name of at most 100 characters.")
    if kind not in KINDS:
        raise CouponError("kind", f"The kind must be one of {', '.join(KINDS)}.")
    if kind == "static" and code is None:
        raise CouponError("code", "A static coupon needs the code that everyone gets.")
    if code is not None and len(code) > 100:
        raise CouponError("code", "A code has at most 100 characters.")
    if expires_after is not None and not timedelta(0) < expires_after <= timedelta(days=3650):
        raise CouponError("expires_after", "The time to expiry must be above zero and at most ten years.")


def find(conn: Connection, workspace_id: int, name: str) -> Coupon | None:
    """The coupon of this name."""
    with conn.cursor(row_factory=class_row(Coupon)) as cursor:
        # Index: the unique (workspace_id, name).
        return cursor.execute(
            f"SELECT {_COLUMNS} FROM coupon WHERE workspace_id = %(workspace)s AND name = %(name)s",  # noqa: S608
            {"workspace": workspace_id, "name": name},
        ).fetchone()


def page(conn: Connection, workspace_id: int, *, q: str = "", after: int = 0, limit: int = 100) -> list[Coupon]:
    """Coupons by id, from after the given one; those whose name or code holds `q`."""
    with conn.cursor(row_factory=class_row(Coupon)) as cursor:
        # Index: primary key.
        return cursor.execute(
            f"""
            SELECT {_COLUMNS}
            FROM coupon
            WHERE workspace_id = %(workspace)s
              AND id > %(after)s
              AND (strpos(lower(name), lower(%(q)s)) > 0 OR strpos(lower(code), lower(%(q)s)) > 0)
            ORDER BY id
            LIMIT %(limit)s
            """,  # noqa: S608 - constant columns
            {"workspace": workspace_id, "q": q, "after": after, "limit": limit},
        ).fetchall()


def add_codes(
    conn: Connection,
    workspace_id: int,
    name: str,
    codes: Sequence[str],
    *,
    valid_until: datetime | None = None,
) -> int:
    """Add codes to a pool; answers how many were new. Raises CouponError unless `name` is a pool."""
    coupon = find(conn, workspace_id, name)
    if coupon is None or coupon.kind != "pool":
        raise CouponError("name", f"There is no pool of codes named {name}.")
    tidy = sorted({code.strip() for code in codes} - {""})
    if any(len(code) > 100 or "\x00" in code for code in tidy):
        raise CouponError("codes", "A code has at most 100 characters.")
    # Index: coupon_code_unique.
    return conn.execute(
        """
        INSERT INTO coupon_code (workspace_id, coupon_id, code, valid_until)
        SELECT %(workspace)s, %(coupon)s, given.code, %(until)s::timestamptz
        FROM unnest(%(codes)s::text[]) AS given (code)
        ON CONFLICT (workspace_id, coupon_id, code) WHERE NOT shared DO NOTHING
        """,
        {"workspace": workspace_id, "coupon": coupon.id, "codes": tidy, "until": valid_until},
    ).rowcount


def usage(conn: Connection, workspace_id: int, coupon_ids: Collection[int], now: datetime) -> dict[int, Usage]:
    """How far these coupons are used up. For the list of coupons; counts the codes of each."""
    # Index: the primary key's first columns.
    rows = conn.execute(
        """
        SELECT coupon.id,
               count(coupon_code.profile_id),
               count(coupon_code.redeemed_at),
               CASE WHEN coupon.kind = 'pool' THEN count(*) FILTER (
                   WHERE coupon_code.id IS NOT NULL
                     AND coupon_code.profile_id IS NULL
                     AND coupon_code.redeemed_at IS NULL
                     AND (coupon_code.valid_until IS NULL OR coupon_code.valid_until > %(now)s)
               ) END
        FROM coupon
        LEFT JOIN coupon_code
               ON coupon_code.workspace_id = coupon.workspace_id
              AND coupon_code.coupon_id = coupon.id
        WHERE coupon.workspace_id = %(workspace)s
          AND coupon.id = ANY(%(ids)s)
        GROUP BY coupon.id, coupon.kind
        """,
        {"workspace": workspace_id, "ids": list(coupon_ids), "now": now},
    ).fetchall()
    return {row[0]: Usage(*row[1:]) for row in rows}


def remaining(conn: Connection, workspace_id: int, name: str, now: datetime) -> int | None:
    """Free codes of a pool; None for a coupon that never runs out. Raises LookupError for an unknown one."""
    coupon = find(conn, workspace_id, name)
    if coupon is None:
        raise LookupError(f"No coupon named {name}.")
    return usage(conn, workspace_id, [coupon.id], now)[coupon.id].remaining


def lookup(conn: Connection, workspace_id: int, code: str) -> list[Code]:
    """Whom a code was given to, and when it was redeemed; of a static code the latest 100 people."""
    with conn.cursor(row_factory=class_row(Code)) as cursor:
        # For support and the API. Indexes: coupon_code_lookup for single codes, the coupon's key for shared ones.
        return cursor.execute(
            """
            SELECT given.code, given.expires_at, given.assigned_at, coupon.name AS coupon, given.profile_id,
                   given.message_id, given.redeemed_at
            FROM (
                SELECT *
                FROM coupon_code
                WHERE workspace_id = %(workspace)s
                  AND upper(code) = upper(%(code)s)
                  AND NOT shared
                  AND assigned_at IS NOT NULL
                UNION ALL
                SELECT held.*
                FROM coupon AS static
                JOIN coupon_code AS held
                  ON held.workspace_id = static.workspace_id
                 AND held.coupon_id = static.id
                WHERE static.workspace_id = %(workspace)s
                  AND static.kind = 'static'
                  AND upper(static.code) = upper(%(code)s)
            ) AS given
            JOIN coupon
              ON coupon.workspace_id = %(workspace)s
             AND coupon.id = given.coupon_id
            ORDER BY given.assigned_at DESC, given.id DESC
            LIMIT 100
            """,
            {"workspace": workspace_id, "code": code.strip()},
        ).fetchall()


__all__ = [
    "Code",
    "Coupon",
    "CouponError",
    "Usage",
    "active",
    "add_codes",
    "assigned",
    "define",
    "find",
    "issue",
    "lookup",
    "page",
    "redeem",
    "release",
    "remaining",
    "usage",
]
