"""Two profiles become one. The destination wins conflicts, the source fills blanks, and an alias leads on for ever.

Higher rooms add what else moves with `on_merge`: events, enrolments, messages, coupons. A merge cannot be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from psycopg import Connection

Mover = Callable[[Connection, int, int, int, datetime], None]
"""(conn, workspace_id, destination, source, now): moves what a room keeps about the source."""

_movers: list[Mover] = []


def on_merge(mover: Mover) -> None:
    """Have `mover` called in each merge's transaction, before the source profile is deleted."""
    if mover not in _movers:
        _movers.append(mover)


class MergeRefused(Exception):
    """The two profiles can't become one; the message says why."""


def merge(conn: Connection, workspace_id: int, destination: int, source: int, now: datetime) -> None:
    """Merge `source` into `destination`. The caller holds `identity.lock`. Raises MergeRefused."""
    if destination == source:
        raise MergeRefused("A profile cannot be merged into itself.")
    found = conn.execute(
        "SELECT count(*) FROM profile WHERE workspace_id = %s AND id = ANY(%s)", (workspace_id, [destination, source])
    ).fetchone()
    if found is None or found[0] != 2:
        raise MergeRefused("Both profiles must exist.")
    merge_all(conn, workspace_id, [(destination, source)], now)


def merge_all(conn: Connection, workspace_id: int, pairs: Sequence[tuple[int, int]], now: datetime) -> None:
    """Merge each (destination, source), in order. Sources that were never stored (0) are passed over."""
    pairs = [(destination, source) for destination, source in pairs if source and source != destination]
    for destination, source in pairs:
        scope = {"workspace": workspace_id, "destination": destination, "source": source, "now": now}
        for statement in _STATEMENTS:
            conn.execute(statement, scope)
        for mover in _movers:
            mover(conn, workspace_id, destination, source, now)
        conn.execute("DELETE FROM profile WHERE workspace_id = %(workspace)s AND id = %(source)s", scope)


# Merges are rare beside events (one when a browser becomes a person), so they run pair by pair.
_STATEMENTS = (
    """
    UPDATE profile
    SET external_id = COALESCE(profile.external_id, gone.external_id),
        email = COALESCE(profile.email, gone.email),
        phone = COALESCE(profile.phone, gone.phone),
        first_name = COALESCE(profile.first_name, gone.first_name),
        last_name = COALESCE(profile.last_name, gone.last_name),
        locale = COALESCE(profile.locale, gone.locale),
        timezone = COALESCE(profile.timezone, gone.timezone),
        city = COALESCE(profile.city, gone.city),
        region = COALESCE(profile.region, gone.region),
        country = COALESCE(profile.country, gone.country),
        properties = gone.properties || profile.properties,
        created_at = LEAST(profile.created_at, gone.created_at),
        updated_at = %(now)s
    FROM profile AS gone
    WHERE profile.workspace_id = %(workspace)s
      AND profile.id = %(destination)s
      AND gone.workspace_id = %(workspace)s
      AND gone.id = %(source)s
    """,
    """
    UPDATE profile_identifier
    SET profile_id = %(destination)s
    WHERE workspace_id = %(workspace)s
      AND profile_id = %(source)s
    """,
    # The later decision counts; of two at the same instant, the refusal. A refusal of open tracking stays.
    """
    INSERT INTO consent AS kept (workspace_id, profile_id, channel, state, changed_at, method, open_tracking)
    SELECT workspace_id, %(destination)s, channel, state, changed_at, 'merge', open_tracking
    FROM consent
    WHERE workspace_id = %(workspace)s
      AND profile_id = %(source)s
    ON CONFLICT (workspace_id, profile_id, channel) DO UPDATE
    SET (state, changed_at, method) = (
            SELECT decided.*
            FROM (VALUES (kept.state, kept.changed_at, kept.method),
                         (excluded.state, excluded.changed_at, excluded.method))
                 AS decided (state, changed_at, method)
            ORDER BY decided.changed_at DESC, decided.state DESC
            LIMIT 1
        ),
        open_tracking = CASE WHEN 'refused' IN (kept.open_tracking, excluded.open_tracking) THEN 'refused'
                             ELSE COALESCE(kept.open_tracking, excluded.open_tracking) END
    """,
    """
    UPDATE consent_record
    SET profile_id = %(destination)s
    WHERE workspace_id = %(workspace)s
      AND profile_id = %(source)s
    """,
    """
    INSERT INTO suppression (workspace_id, profile_id, reason, at, detail)
    SELECT workspace_id, %(destination)s, reason, at, detail
    FROM suppression
    WHERE workspace_id = %(workspace)s
      AND profile_id = %(source)s
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO list_member (workspace_id, list_id, profile_id, added_at, method)
    SELECT workspace_id, list_id, %(destination)s, added_at, method
    FROM list_member
    WHERE workspace_id = %(workspace)s
      AND profile_id = %(source)s
    ON CONFLICT DO NOTHING
    """,
    # Wishes to join a list that wait to be confirmed, with the latest of the emails that either got.
    """
    INSERT INTO list_pending AS kept
        (workspace_id, list_id, profile_id, asked_at, asked_again, mailed_at, method, detail)
    SELECT workspace_id, list_id, %(destination)s, asked_at, asked_again, mailed_at, method, detail
    FROM list_pending
    WHERE workspace_id = %(workspace)s
      AND profile_id = %(source)s
    ON CONFLICT (workspace_id, list_id, profile_id) DO UPDATE
    SET asked_at = GREATEST(kept.asked_at, excluded.asked_at),
        asked_again = kept.asked_again + 1 + excluded.asked_again,
        mailed_at = (
            SELECT (array_agg(at ORDER BY at))[GREATEST(1, count(*) - 4):]
            FROM unnest(kept.mailed_at || excluded.mailed_at) AS at
        )
    """,
    """
    UPDATE profile_alias
    SET profile_id = %(destination)s
    WHERE workspace_id = %(workspace)s
      AND profile_id = %(source)s
    """,
    """
    INSERT INTO profile_alias (workspace_id, old_id, profile_id, merged_at)
    VALUES (%(workspace)s, %(source)s, %(destination)s, %(now)s)
    ON CONFLICT (workspace_id, old_id) DO UPDATE
    SET profile_id = excluded.profile_id,
        merged_at = excluded.merged_at
    """,
)
