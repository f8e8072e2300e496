"""Who holds which code: one per person and coupon, the same one in every email until it expires.

Codes are issued while a message is claimed, in that transaction; two workers that issue the same coupon at once take
turns on the coupon's row. Knows nothing of what the message says.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from psycopg import Connection
from psycopg.rows import class_row

from headwater.events import inbox, metrics

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0, O, 1, I and L, which people mistake for one another."""
LENGTH = 7
NO_MESSAGE = 0
"""Issued by a step of a flow, before any message shows it."""
_ATTEMPTS = 20


@dataclass(frozen=True)
class Code:
    """A code that a person was given."""

    code: str
    expires_at: datetime | None
    assigned_at: datetime
    coupon: str
    profile_id: int
    message_id: int | None
    """The message that first showed it."""
    redeemed_at: datetime | None = None

    def valid(self, now: datetime) -> bool:
        """May still be used."""
        return self.redeemed_at is None and (self.expires_at is None or self.expires_at > now)


@dataclass(frozen=True)
class _Rule:
    """The coupon whose codes are being issued."""

    id: int
    name: str
    kind: str
    code: str | None
    expires_after: timedelta | None
    expires_at: datetime | None


def expiry(issued_at: datetime, after: timedelta | None, at: datetime | None) -> datetime | None:
    """When a code issued now ends: so long after, or at a fixed moment, whichever comes first. Pure."""
    ends = [end for end in (issued_at + after if after else None, at) if end is not None]
    return min(ends, default=None)


def random_code(prefix: str) -> str:
    """BROWSE10-7KQ2M9X: 31^7 possibilities behind the prefix."""
    return f"{prefix}-{''.join(secrets.choice(ALPHABET) for _ in range(LENGTH))}"


def issue(
    conn: Connection,
    workspace_id: int,
    name: str,
    requests: Sequence[tuple[int, int]],
    now: datetime,
    *,
    draw: Callable[[str], str] = random_code,
) -> dict[int, Code]:
    """A code for each (profile, message): the one that the person holds already, else a new one.

    No key for a profile: the pool is empty, the coupon has ended, or nobody defined it. A code that was redeemed before
    its expiry is shown again too (`redeemed_at` says so): another one comes only after expiry. To issue several coupons
    in one transaction go by name in alphabetical order, so that two transactions can't wait for one another.
    """
    messages: dict[int, int] = {}
    for profile_id, message_id in requests:
        messages.setdefault(profile_id, message_id)
    if not messages:
        return {}
    rule = _lock(conn, workspace_id, name)
    if rule is None:
        return {}
    held = _held(conn, workspace_id, rule, messages, now)
    missing = {profile: message for profile, message in messages.items() if profile not in held}
    ends = expiry(now, rule.expires_after, rule.expires_at)
    if not missing or (ends is not None and ends <= now):
        return held
    if rule.kind == "pool":
        fresh = _take(conn, workspace_id, rule, missing, ends, now)
    elif rule.kind == "generated":
        fresh = _generate(conn, workspace_id, rule, missing, ends, now, draw)
    else:
        codes = dict.fromkeys(missing, rule.code or "")
        fresh = _insert(conn, workspace_id, rule, missing, codes, ends, now)
    inbox.put(conn, workspace_id, [_event(rule, code_id, code, now) for code_id, code in fresh], now)
    return held | {code.profile_id: code for _, code in fresh}


def _lock(conn: Connection, workspace_id: int, name: str) -> _Rule | None:
    with conn.cursor(row_factory=class_row(_Rule)) as cursor:
        # The turn of this transaction, until it ends. Index: the unique (workspace_id, name).
        return cursor.execute(
            """
            SELECT id, name, kind, code, expires_after, expires_at
            FROM coupon
            WHERE workspace_id = %(workspace)s
              AND name = %(name)s
            FOR NO KEY UPDATE
            """,
            {"workspace": workspace_id, "name": name},
        ).fetchone()


def _held(
    conn: Connection, workspace_id: int, rule: _Rule, messages: Mapping[int, int], now: datetime
) -> dict[int, Code]:
    """The unexpired codes that these people hold; notes that another message shows them. Index: coupon_code_profile."""
    rows = conn.execute(
        """
        SELECT DISTINCT ON (profile_id) id, code, expires_at, assigned_at, profile_id, message_id, redeemed_at
        FROM coupon_code
        WHERE workspace_id = %(workspace)s
          AND coupon_id = %(coupon)s
          AND profile_id = ANY(%(profiles)s::bigint[])
          AND (expires_at IS NULL OR expires_at > %(now)s)
        ORDER BY profile_id, assigned_at DESC, id DESC
        """,
        {"workspace": workspace_id, "coupon": rule.id, "profiles": list(messages), "now": now},
    ).fetchall()
    again = [row[0] for row in rows if row[5] != messages[row[4]]]
    if again:
        conn.execute(
            """
            UPDATE coupon_code
            SET shown_again = true
            WHERE workspace_id = %(workspace)s
              AND coupon_id = %(coupon)s
              AND id = ANY(%(ids)s::bigint[])
              AND NOT shown_again
            """,
            {"workspace": workspace_id, "coupon": rule.id, "ids": again},
        )
    return {
        profile: Code(code, ends, at, rule.name, profile, message, redeemed)
        for _, code, ends, at, profile, message, redeemed in rows
    }


_Fresh = list[tuple[int, Code]]


def _generate(
    conn: Connection,
    workspace_id: int,
    rule: _Rule,
    missing: Mapping[int, int],
    ends: datetime | None,
    now: datetime,
    draw: Callable[[str], str],
) -> _Fresh:
    """New codes for all; those that exist already are drawn again, all at once."""
    fresh: _Fresh = []
    left = dict(missing)
    for _ in range(_ATTEMPTS):
        codes = {profile: draw(rule.code or rule.name) for profile in left}
        fresh += _insert(conn, workspace_id, rule, left, codes, ends, now)
        done = {code.profile_id for _, code in fresh}
        left = {profile: message for profile, message in missing.items() if profile not in done}
        if not left:
            break
    return fresh


def _insert(
    conn: Connection,
    workspace_id: int,
    rule: _Rule,
    messages: Mapping[int, int],
    codes: Mapping[int, str],
    ends: datetime | None,
    now: datetime,
) -> _Fresh:
    # Index: coupon_code_unique, which shared codes are not in.
    rows = conn.execute(
        """
        INSERT INTO coupon_code (workspace_id, coupon_id, code, shared, profile_id, message_id, assigned_at, expires_at)
        SELECT %(workspace)s, %(coupon)s, given.code, %(shared)s, given.profile_id, given.message_id,
               %(now)s, %(ends)s::timestamptz
        FROM unnest(%(codes)s::text[], %(profiles)s::bigint[], %(messages)s::bigint[])
             AS given (code, profile_id, message_id)
        ON CONFLICT (workspace_id, coupon_id, code) WHERE NOT shared DO NOTHING
        RETURNING id, code, profile_id, message_id
        """,
        {
            "workspace": workspace_id,
            "coupon": rule.id,
            "shared": rule.kind == "static",
            "profiles": list(messages),
            "messages": list(messages.values()),
            "codes": [codes[profile] for profile in messages],
            "ends": ends,
            "now": now,
        },
    ).fetchall()
    return [(code_id, Code(code, ends, now, rule.name, profile, message)) for code_id, code, profile, message in rows]


def _take(
    conn: Connection,
    workspace_id: int,
    rule: _Rule,
    missing: Mapping[int, int],
    ends: datetime | None,
    now: datetime,
) -> _Fresh:
    """Free codes of the pool, the oldest first, as many as there are. Index: coupon_code_free."""
    rows = conn.execute(
        """
        WITH free AS MATERIALIZED (
            SELECT id
            FROM coupon_code
            WHERE workspace_id = %(workspace)s
              AND coupon_id = %(coupon)s
              AND profile_id IS NULL
              AND redeemed_at IS NULL
              AND (valid_until IS NULL OR valid_until > %(now)s)
            ORDER BY id
            LIMIT %(count)s
            FOR UPDATE SKIP LOCKED
        ), numbered AS (
            SELECT id, row_number() OVER (ORDER BY id) AS position
            FROM free
        )
        UPDATE coupon_code
        SET profile_id = wanted.profile_id,
            message_id = wanted.message_id,
            shown_again = false,
            assigned_at = %(now)s,
            expires_at = LEAST(coupon_code.valid_until, %(ends)s::timestamptz)
        FROM numbered
        JOIN unnest(%(profiles)s::bigint[], %(messages)s::bigint[]) WITH ORDINALITY
             AS wanted (profile_id, message_id, position)
          ON wanted.position = numbered.position
        WHERE coupon_code.workspace_id = %(workspace)s
          AND coupon_code.coupon_id = %(coupon)s
          AND coupon_code.id = numbered.id
        RETURNING coupon_code.id, coupon_code.code, coupon_code.expires_at, coupon_code.profile_id,
                  coupon_code.message_id
        """,
        {
            "workspace": workspace_id,
            "coupon": rule.id,
            "profiles": list(missing),
            "messages": list(missing.values()),
            "count": len(missing),
            "ends": ends,
            "now": now,
        },
    ).fetchall()
    return [
        (code_id, Code(code, until, now, rule.name, profile, message))
        for code_id, code, until, profile, message in rows
    ]


def _event(rule: _Rule, code_id: int, code: Code, now: datetime) -> bytes:
    return inbox.item(
        type="track",
        id=f"coupon-{rule.id}-{code_id}-{code.message_id}",
        ts=now,
        user={"profile_id": code.profile_id},
        metric=metrics.COUPON_ASSIGNED,
        properties={
            "coupon": code.coupon,
            "code": code.code,
            "expires_at": code.expires_at.astimezone(UTC).isoformat() if code.expires_at else None,
            "message_id": code.message_id,
        },
    )


def release(conn: Connection, workspace_id: int, message_ids: Collection[int]) -> int:
    """Take back the codes first shown by these messages, which never left. Answers how many.

    A code that another message showed meanwhile, or that was redeemed, stays with its person.
    """
    if not message_ids:
        return 0
    values = {"workspace": workspace_id, "messages": list(message_ids)}
    # Pool codes are free again; all others vanish. Index: coupon_code_message.
    freed = conn.execute(
        """
        UPDATE coupon_code
        SET profile_id = NULL,
            message_id = NULL,
            assigned_at = NULL,
            expires_at = NULL
        FROM coupon
        WHERE coupon_code.workspace_id = %(workspace)s
          AND coupon_code.message_id = ANY(%(messages)s::bigint[])
          AND NOT coupon_code.shown_again
          AND coupon_code.redeemed_at IS NULL
          AND coupon.workspace_id = coupon_code.workspace_id
          AND coupon.id = coupon_code.coupon_id
          AND coupon.kind = 'pool'
        """,
        values,
    ).rowcount
    return (
        freed
        + conn.execute(
            """
            DELETE FROM coupon_code
            WHERE workspace_id = %(workspace)s
              AND message_id = ANY(%(messages)s::bigint[])
              AND NOT shown_again
              AND redeemed_at IS NULL
            """,
            values,
        ).rowcount
    )


def redeem(conn: Connection, workspace_id: int, uses: Sequence[tuple[str, datetime]]) -> int:
    """Note when codes were used, as an order's `discount_codes` names them; answers how many were known.

    The first use counts. Static codes, which many people hold, can't be told apart and are left alone.
    """
    if not uses:
        return 0
    first: dict[str, datetime] = {}
    for code, at in uses:
        key = code.strip().upper()
        first[key] = min(first.get(key, at), at)
    # For the processor, with every order. Locked in the order of the key. Index: coupon_code_lookup.
    return conn.execute(
        """
        UPDATE coupon_code
        SET redeemed_at = used.at
        FROM (
            SELECT coupon_code.coupon_id, coupon_code.id, given.at
            FROM unnest(%(codes)s::text[], %(at)s::timestamptz[]) AS given (code, at)
            JOIN coupon_code
              ON coupon_code.workspace_id = %(workspace)s
             AND upper(coupon_code.code) = given.code
             AND NOT coupon_code.shared
             AND coupon_code.redeemed_at IS NULL
            ORDER BY coupon_code.coupon_id, coupon_code.id
            FOR UPDATE OF coupon_code
        ) AS used
        WHERE coupon_code.workspace_id = %(workspace)s
          AND coupon_code.coupon_id = used.coupon_id
          AND coupon_code.id = used.id
          AND coupon_code.redeemed_at IS NULL
        """,
        {"workspace": workspace_id, "codes": list(first), "at": list(first.values())},
    ).rowcount


def assigned(
    conn: Connection, workspace_id: int, names: Collection[str] | None, profile_ids: Collection[int]
) -> dict[int, list[Code]]:
    """Every code that these people were ever given, the newest first; of these coupons, or (None) of any."""
    if not profile_ids:
        return {}
    with conn.cursor(row_factory=class_row(Code)) as cursor:
        # For flows' conditions on coupons. Index: coupon_code_profile.
        rows = cursor.execute(
            """
            SELECT coupon_code.code, coupon_code.expires_at, coupon_code.assigned_at, coupon.name AS coupon,
                   coupon_code.profile_id, coupon_code.message_id, coupon_code.redeemed_at
            FROM coupon_code
            JOIN coupon
              ON coupon.workspace_id = coupon_code.workspace_id
             AND coupon.id = coupon_code.coupon_id
            WHERE coupon_code.workspace_id = %(workspace)s
              AND coupon_code.profile_id = ANY(%(profiles)s::bigint[])
              AND (%(names)s::text[] IS NULL OR coupon.name = ANY(%(names)s::text[]))
            ORDER BY coupon_code.assigned_at DESC, coupon_code.id DESC
            """,
            {
                "workspace": workspace_id,
                "profiles": list(profile_ids),
                "names": None if names is None else list(names),
            },
        ).fetchall()
    found: dict[int, list[Code]] = {}
    for code in rows:
        found.setdefault(code.profile_id, []).append(code)
    return found


def active(
    conn: Connection, workspace_id: int, names: Collection[str], profile_ids: Collection[int], now: datetime
) -> dict[tuple[str, int], Code]:
    """The unexpired code of each (coupon, profile), redeemed or not: the one that the next email would show."""
    found: dict[tuple[str, int], Code] = {}
    for codes in assigned(conn, workspace_id, names, profile_ids).values():
        for code in codes:
            if code.expires_at is None or code.expires_at > now:
                found.setdefault((code.coupon, code.profile_id), code)
    return found


def merge(conn: Connection, workspace_id: int, destination: int, source: int, now: datetime) -> None:
    """Codes stay with the person when two profiles become one. For `audience.merging.on_merge`."""
    conn.execute(
        """
        UPDATE coupon_code
        SET profile_id = %(destination)s
        WHERE workspace_id = %(workspace)s
          AND profile_id = %(source)s
        """,
        {"workspace": workspace_id, "destination": destination, "source": source},
    )
