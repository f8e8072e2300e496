"""Consent with its proof, and suppression: two separate axes. Subscribed people can be suppressed all the same.

Every change appends to `consent_record`; `consent` holds the present state. All functions take many profiles at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from psycopg import Connection

from headwater.audience.listeners import listeners
from headwater.core import jsonb

SuppressionReason = Literal["hard_bounce", "invalid_email", "spam_complaint", "unsubscribe", "user_suppressed"]
LIFTABLE: tuple[SuppressionReason, ...] = ("user_suppressed", "hard_bounce", "invalid_email")
"""What a person of the brand may lift. The others are a wish of theirs: they end when they subscribe anew."""
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""No proof of consent is older than this."""


def subscribe(
    conn: Connection,
    workspace_id: int,
    profile_ids: Sequence[int],
    *,
    at: datetime,
    now: datetime,
    method: str,
    list_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Record that these people consented at `at`.

    Lifts their suppressions by unsubscription, complaint and by hand, but not those of dead or invalid addresses. A
    decision older than the recorded one is kept as proof and changes nothing; so is one that repeats it, except that
    double opt-in, the stronger proof, gives its method to a subscription that stands. Raises ValueError for a date
    before 1990.
    """
    _decide(conn, workspace_id, profile_ids, "subscribed", at, now, method, list_id, detail)
    conn.execute(
        """
        DELETE FROM suppression
        WHERE workspace_id = %(workspace)s
          AND profile_id = ANY(%(ids)s)
          AND reason IN ('unsubscribe', 'spam_complaint', 'user_suppressed')
          AND at <= %(at)s
        """,
        {"workspace": workspace_id, "ids": list(profile_ids), "at": at},
    )
    _tell(conn, workspace_id, profile_ids)


def _tell(conn: Connection, workspace_id: int, profile_ids: Sequence[int]) -> None:
    for listener in listeners:
        listener.on_consent(conn, workspace_id, profile_ids)


def unsubscribe(
    conn: Connection,
    workspace_id: int,
    profile_ids: Sequence[int],
    *,
    at: datetime,
    now: datetime,
    method: str,
    list_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Record that these people want no marketing email: for the whole workspace, effective with this transaction."""
    _decide(conn, workspace_id, profile_ids, "unsubscribed", at, now, method, list_id, detail)
    _tell(conn, workspace_id, profile_ids)


def _decide(
    conn: Connection,
    workspace_id: int,
    profile_ids: Sequence[int],
    state: str,
    at: datetime,
    now: datetime,
    method: str,
    list_id: int | None,
    detail: Mapping[str, Any] | None,
) -> None:
    if at < EARLIEST:
        raise ValueError("Consent cannot be older than 1990-01-01.")
    scope = {
        "workspace": workspace_id,
        "ids": sorted(set(profile_ids)),
        "state": state,
        "at": at,
        "now": now,
        "method": method,
        "list": list_id,
        "detail": jsonb.text(dict(detail or {})),
    }
    conn.execute(
        """
        INSERT INTO consent AS kept (workspace_id, profile_id, channel, state, changed_at, method)
        SELECT workspace_id, id, 'email', %(state)s, %(at)s, %(method)s
        FROM profile
        WHERE workspace_id = %(workspace)s
          AND id = ANY(%(ids)s)
        ON CONFLICT (workspace_id, profile_id, channel) DO UPDATE
        SET state = excluded.state,
            changed_at = CASE WHEN kept.state = excluded.state THEN kept.changed_at ELSE excluded.changed_at END,
            method = excluded.method
        WHERE kept.changed_at <= excluded.changed_at
          AND (kept.state <> excluded.state
               OR excluded.method = 'double_opt_in' AND kept.method <> 'double_opt_in')
        """,
        scope,
    )
    conn.execute(
        """
        INSERT INTO consent_record (workspace_id, profile_id, channel, state, at, recorded_at, method, list_id, detail)
        SELECT workspace_id, id, 'email', %(state)s, %(at)s, %(now)s, %(method)s, %(list)s, %(detail)s::jsonb
        FROM profile
        WHERE workspace_id = %(workspace)s
          AND id = ANY(%(ids)s)
        """,
        scope,
    )


def suppress(
    conn: Connection,
    workspace_id: int,
    profile_ids: Sequence[int],
    reason: SuppressionReason,
    *,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Let nothing be sent to these profiles, for this reason. The first time of a reason stays."""
    conn.execute(
        """
        INSERT INTO suppression (workspace_id, profile_id, reason, at, detail)
        SELECT workspace_id, id, %(reason)s, %(at)s, %(detail)s::jsonb
        FROM profile
        WHERE workspace_id = %(workspace)s
          AND id = ANY(%(ids)s)
        ON CONFLICT DO NOTHING
        """,
        {
            "workspace": workspace_id,
            "ids": list(profile_ids),
            "reason": reason,
            "at": at,
            "detail": jsonb.text(dict(detail or {})),
        },
    )
    _tell(conn, workspace_id, profile_ids)


def unsuppress(
    conn: Connection, workspace_id: int, profile_ids: Sequence[int], reason: SuppressionReason | None = None
) -> int:
    """Lift suppressions of one reason, or of any. Answers how many."""
    lifted = conn.execute(
        """
        DELETE FROM suppression
        WHERE workspace_id = %(workspace)s
          AND profile_id = ANY(%(ids)s)
          AND (%(reason)s::text IS NULL OR reason = %(reason)s)
        """,
        {"workspace": workspace_id, "ids": list(profile_ids), "reason": reason},
    ).rowcount
    _tell(conn, workspace_id, profile_ids)
    return lifted


def of_profiles(conn: Connection, workspace_id: int, profile_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Consent and suppressions by profile: {"state", "changed_at", "method", "suppressions": [{"reason", "at"}]}."""
    known: dict[int, dict[str, Any]] = {
        one: {"state": "never_subscribed", "changed_at": None, "method": None, "suppressions": []}
        for one in profile_ids
    }
    for profile_id, state, changed_at, method in conn.execute(
        "SELECT profile_id, state, changed_at, method FROM consent"
        " WHERE workspace_id = %s AND profile_id = ANY(%s) AND channel = 'email'",
        (workspace_id, list(profile_ids)),
    ):
        known[profile_id].update(state=state, changed_at=changed_at, method=method)
    for profile_id, reason, at in conn.execute(
        "SELECT profile_id, reason, at FROM suppression WHERE workspace_id = %s AND profile_id = ANY(%s) ORDER BY at",
        (workspace_id, list(profile_ids)),
    ):
        known[profile_id]["suppressions"].append({"reason": reason, "at": at})
    return known


def records(conn: Connection, workspace_id: int, profile_id: int) -> list[tuple[datetime, str, str, dict[str, Any]]]:
    """The proof, oldest first: (at, state, method, detail)."""
    return conn.execute(
        "SELECT at, state, method, detail FROM consent_record"
        " WHERE workspace_id = %s AND profile_id = %s ORDER BY at, id",
        (workspace_id, profile_id),
    ).fetchall()
