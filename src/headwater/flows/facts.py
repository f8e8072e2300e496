"""What flows ask about a profile: the segments' facts, and what only flows know: coupons and other enrolments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from psycopg import Connection

from headwater.catalog import coupons
from headwater.segments import facts as segment_facts
from headwater.segments.language import CouponState, Entry, Facts, Needs


def load(
    conn: Connection,
    workspace_id: int,
    starts: Iterable[tuple[int, datetime]],
    needs: Needs,
    now: datetime,
) -> dict[int, Facts]:
    """Facts by profile, for enrolments given as (profile, when it began): one query a kind of fact."""
    earliest: dict[int, datetime] = {}
    for profile_id, started_at in starts:
        earliest[profile_id] = min(started_at, earliest.get(profile_id, started_at))
    found = segment_facts.load(conn, workspace_id, earliest, needs, now, earliest)
    ids = list(found)
    given = _coupons(conn, workspace_id, ids) if needs.coupons and ids else {}
    entries = _entries(conn, workspace_id, ids, needs.flows) if needs.flows and ids else {}
    if not given and not entries:
        return found
    return {
        profile_id: replace(facts, coupons=tuple(given.get(profile_id, ())), entries=tuple(entries.get(profile_id, ())))
        for profile_id, facts in found.items()
    }


def _coupons(conn: Connection, workspace_id: int, profile_ids: Sequence[int]) -> Mapping[int, list[CouponState]]:
    given = coupons.assigned(conn, workspace_id, None, profile_ids)
    return {
        profile_id: [
            CouponState(code.coupon, code.code, code.assigned_at, code.expires_at, code.redeemed_at) for code in codes
        ]
        for profile_id, codes in given.items()
    }


def _entries(
    conn: Connection, workspace_id: int, profile_ids: Sequence[int], flows: Iterable[str]
) -> Mapping[int, list[Entry]]:
    found: dict[int, list[Entry]] = defaultdict(list)
    # When these profiles entered the flows that a filter names. Index enrolment_profile.
    rows = conn.execute(
        """
        SELECT e.profile_id, f.slug, e.started_at, e.id
        FROM enrolment e
        JOIN flow f
          ON f.workspace_id = e.workspace_id
         AND f.id = e.flow_id
        WHERE e.workspace_id = %(workspace)s
          AND e.profile_id = ANY (%(ids)s)
          AND f.slug = ANY (%(slugs)s)
        """,
        {"workspace": workspace_id, "ids": profile_ids, "slugs": list(flows)},
    )
    for profile_id, *entry in rows:
        found[profile_id].append(Entry(*entry))
    return found
