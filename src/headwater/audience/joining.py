"""Joining a list: at once with single opt-in; with double opt-in when the person has confirmed it, from an email.

Until then a row of `list_pending` stands for the wish, and neither membership nor consent changes. Who sends the emails
registers with `on_ask`. A flow that puts people on a list does not ask: it calls `lists.add`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from headwater.audience import consent, lists
from headwater.core import jsonb

CONFIRMED = "double_opt_in"
"""The method of a consent, and of a membership, that was confirmed."""
LIFE = timedelta(days=30)
"""How long a wish can be confirmed, from the last email that asked."""
PAUSE = timedelta(minutes=10)
"""Who asks again sooner gets no second email."""
WEEK = timedelta(days=7)
MOST_A_WEEK = 5
"""Emails that ask one person about one list, in any seven days."""

Asked = Callable[[Connection, int, int, Sequence[int], datetime], None]
"""(conn, workspace_id, list_id, profile_ids, now): these people should get an email that asks them to confirm."""

_asked: list[Asked] = []


def on_ask(listener: Asked) -> None:
    """Have `listener` called, in the same transaction, with those who must confirm that they want to join a list."""
    if listener not in _asked:
        _asked.append(listener)


@dataclass(frozen=True, slots=True)
class Wish:
    """How people came to want a list."""

    method: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    """The proof: form, page, text shown, ip."""
    subscribing: bool = False
    """They also consent to email: recorded when they join, which with double opt-in is when they confirm."""
    consented_at: datetime | None = None
    """When they decided; None: now."""
    confirmed: bool = False
    """They have confirmed elsewhere: joins a list with double opt-in at once."""
    historical: bool = False
    """An import of people who joined long ago: joins at once and starts no flow."""


@dataclass(frozen=True, slots=True)
class Joined:
    """What became of those who wanted to join. Who was on the list already, or does not exist, is in none of these."""

    added: list[int] = field(default_factory=list)
    pending: list[int] = field(default_factory=list)
    """They must confirm first. Whether another email goes to them now depends on the last ones."""
    unreachable: list[int] = field(default_factory=list)
    """They have no address at which they could confirm."""


def join(
    conn: Connection, workspace_id: int, list_id: int, profile_ids: Sequence[int], now: datetime, wish: Wish
) -> Joined:
    """Put people on the list, or ask them to confirm. Raises ValueError for consent before 1990."""
    asks = lists.opt_in(conn, workspace_id, list_id) == "double" and not (wish.confirmed or wish.historical)
    if asks:
        return _ask(conn, workspace_id, list_id, profile_ids, now, wish)
    at = wish.consented_at or now
    if wish.subscribing:
        consent.subscribe(
            conn,
            workspace_id,
            profile_ids,
            at=at,
            now=now,
            method=wish.method,
            list_id=list_id,
            detail={**wish.detail, "confirmed": True} if wish.confirmed else wish.detail,
        )
    lists.forget_pending(conn, workspace_id, list_id, profile_ids)
    added = lists.add(conn, workspace_id, list_id, profile_ids, now, wish.method, historical=wish.historical, at=at)
    return Joined(added=added)


# ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────────────
# For people who join a list with double opt-in, a batch at a time. Members need not ask, unless they consent with it
# and have not consented yet. The rows stay locked while `may_mail` decides. Indexes: primary keys.
_ASK = """
INSERT INTO list_pending AS standing (workspace_id, list_id, profile_id, asked_at, method, detail)
SELECT profile.workspace_id, list.id, profile.id, %(now)s, %(method)s, %(detail)s::jsonb
FROM profile
JOIN list
  ON list.workspace_id = profile.workspace_id
 AND list.id = %(list)s
 AND list.archived_at IS NULL
LEFT JOIN list_member
  ON list_member.workspace_id = profile.workspace_id
 AND list_member.list_id = list.id
 AND list_member.profile_id = profile.id
LEFT JOIN consent
  ON consent.workspace_id = profile.workspace_id
 AND consent.profile_id = profile.id
 AND consent.channel = 'email'
WHERE profile.workspace_id = %(workspace)s
  AND profile.id = ANY(%(ids)s)
  AND profile.email IS NOT NULL
  AND (list_member.profile_id IS NULL OR %(subscribing)s AND consent.state IS DISTINCT FROM 'subscribed')
ORDER BY profile.id
ON CONFLICT (workspace_id, list_id, profile_id) DO UPDATE
SET asked_again = standing.asked_again + 1
RETURNING profile_id, mailed_at
"""
# Those who get an email now: it is this wish that they will confirm. Index: primary key.
_MAILED = """
UPDATE list_pending
SET asked_at = %(now)s,
    mailed_at = (mailed_at || %(now)s::timestamptz)[GREATEST(1, cardinality(mailed_at) + 2 - %(most)s):],
    method = %(method)s,
    detail = %(detail)s::jsonb
WHERE workspace_id = %(workspace)s
  AND list_id = %(list)s
  AND profile_id = ANY(%(mailing)s)
"""
# Who wants to join and could never confirm. Indexes: primary keys.
_UNREACHABLE = """
SELECT profile.id
FROM profile
LEFT JOIN list_member
  ON list_member.workspace_id = profile.workspace_id
 AND list_member.list_id = %(list)s
 AND list_member.profile_id = profile.id
WHERE profile.workspace_id = %(workspace)s
  AND profile.id = ANY(%(ids)s)
  AND profile.email IS NULL
  AND list_member.profile_id IS NULL
"""


def may_mail(mailed_at: Sequence[datetime], now: datetime) -> bool:
    """Whether one more email may ask, after those at these times (the last few, oldest first)."""
    if not mailed_at:
        return True
    lately = sum(1 for at in mailed_at if now - at < WEEK)
    return now - mailed_at[-1] >= PAUSE and lately < MOST_A_WEEK


def _ask(
    conn: Connection, workspace_id: int, list_id: int, profile_ids: Sequence[int], now: datetime, wish: Wish
) -> Joined:
    scope = {
        "workspace": workspace_id,
        "list": list_id,
        "ids": list(profile_ids),
        "now": now,
        "method": wish.method,
        "detail": jsonb.text(dict(wish.detail)),
        "subscribing": wish.subscribing,
        "most": MOST_A_WEEK,
    }
    rows: list[tuple[int, list[datetime]]] = conn.execute(_ASK, scope).fetchall()
    mailing = [profile_id for profile_id, mailed_at in rows if may_mail(mailed_at, now)]
    if mailing:
        conn.execute(_MAILED, scope | {"mailing": mailing})
        for listener in _asked:
            listener(conn, workspace_id, list_id, mailing, now)
    unreachable = [row[0] for row in conn.execute(_UNREACHABLE, scope)]
    return Joined(pending=[row[0] for row in rows], unreachable=unreachable)


# ── confirming ──────────────────────────────────────────────────────────────────────────────────────────────────────
def is_pending(conn: Connection, workspace_id: int, list_id: int, profile_id: int, now: datetime) -> bool:
    """Whether this person's wish to join can be confirmed."""
    # For the page behind the email's link. Index: primary key.
    row = conn.execute(
        """
        SELECT
        FROM list_pending
        WHERE workspace_id = %(workspace)s
          AND list_id = %(list)s
          AND profile_id = %(profile)s
          AND asked_at > %(oldest)s
        """,
        {"workspace": workspace_id, "list": list_id, "profile": profile_id, "oldest": now - LIFE},
    ).fetchone()
    return row is not None


def confirm(
    conn: Connection, workspace_id: int, list_id: int, profile_id: int, now: datetime, proof: Mapping[str, Any]
) -> bool:
    """The person has confirmed: they consent, and are on the list. False if there is no wish to confirm (any more).

    `proof` is what is known of the click: ip, user_agent, message_id. Of two at the same time, one confirms.
    """
    # For one person at a time. Index: primary key.
    wish = conn.execute(
        """
        DELETE FROM list_pending
        USING list
        WHERE list_pending.workspace_id = %(workspace)s
          AND list_pending.list_id = %(list)s
          AND list_pending.profile_id = %(profile)s
          AND list_pending.asked_at > %(oldest)s
          AND list.workspace_id = list_pending.workspace_id
          AND list.id = list_pending.list_id
          AND list.archived_at IS NULL
        RETURNING list_pending.asked_at, list_pending.method, list_pending.detail
        """,
        {"workspace": workspace_id, "list": list_id, "profile": profile_id, "oldest": now - LIFE},
    ).fetchone()
    if wish is None:
        return False
    asked_at, method, detail = wish
    consent.subscribe(
        conn,
        workspace_id,
        [profile_id],
        at=now,
        now=now,
        method=CONFIRMED,
        list_id=list_id,
        detail={
            "asked_at": asked_at.isoformat(),
            "asked_by": method,
            "asked_with": detail,
            "confirmed_at": now.isoformat(),
            **proof,
        },
    )
    lists.add(conn, workspace_id, list_id, [profile_id], now, CONFIRMED)
    return True


# ── pruning ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def workspaces_with_expired(conn: Connection, now: datetime) -> list[int]:
    """The workspaces in which a wish was never confirmed. The one query that looks across workspaces."""
    # For the role that prunes. Index: list_pending_asked.
    rows = conn.execute(
        """
        SELECT workspace.id
        FROM workspace
        WHERE EXISTS (
            SELECT FROM list_pending
            WHERE list_pending.workspace_id = workspace.id
              AND list_pending.asked_at <= %(oldest)s
        )
        ORDER BY workspace.id
        """,
        {"oldest": now - LIFE},
    ).fetchall()
    return [row[0] for row in rows]


def prune_pending(conn: Connection, workspace_id: int, now: datetime) -> int:
    """Forget the wishes that can no longer be confirmed. Answers how many."""
    # Index: list_pending_asked.
    return conn.execute(
        "DELETE FROM list_pending WHERE workspace_id = %(workspace)s AND asked_at <= %(oldest)s",
        {"workspace": workspace_id, "oldest": now - LIFE},
    ).rowcount
