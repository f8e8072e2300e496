"""Loads the facts that conditions need, for many profiles at once: one query a kind of fact, however many profiles.

What only flows know (coupons, other enrolments) is added by `flows/facts.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from headwater.accounts import brand
from headwater.segments.conditions import Ago, Between, InLast, Since, SinceFlowStart, Window
from headwater.segments.language import COLUMNS, Facts, Happening, Needs, Total

_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
_UTC = ZoneInfo("UTC")
_NEVER = (None, None, None)
_COLUMNS = (*COLUMNS, "created_at")


def load(
    conn: Connection,
    workspace_id: int,
    profile_ids: Iterable[int],
    needs: Needs,
    now: datetime,
    flow_start: Mapping[int, datetime] | None = None,
) -> dict[int, Facts]:
    """Facts by profile, of those that exist. `flow_start` says when a profile's earliest enrolment in hand began."""
    scope: dict[str, Any] = {"workspace": workspace_id, "ids": sorted(set(profile_ids))}
    if not scope["ids"]:
        return {}
    profiles = _profiles(conn, scope, needs)
    metrics = _metric_ids(conn, workspace_id, needs)
    totals = _totals(conn, scope, [metrics[name] for name in needs.totals if name in metrics])
    events = _events(conn, scope, needs, metrics, now, flow_start or {})
    lists = _lists(conn, scope, needs)
    segments = _segments(conn, scope, needs)
    consents = _consents(conn, scope) if needs.consent else {}
    suppressions = _suppressions(conn, scope) if needs.consent else {}
    known = brand.load(conn, workspace_id) if needs.consent or needs.zone else None
    zone = known.zone if known is not None else _UTC
    names = {metric_id: name for name, metric_id in metrics.items()}
    return {
        profile_id: Facts(
            profile_id=profile_id,
            attributes=attributes,
            properties=properties,
            totals={names[metric]: total for metric, total in totals.get(profile_id, ())},
            events={names[metric]: found for metric, found in events.get(profile_id, {}).items()},
            lists=lists.get(profile_id, {}),
            segments=segments.get(profile_id, {}),
            consent=(consent := consents.get(profile_id, _NEVER))[0],
            consent_at=consent[1],
            consent_method=consent[2],
            suppressions=suppressions.get(profile_id, {}),
            consent_required=known is not None and known.require_consent,
            zone=zone,
        )
        for profile_id, (attributes, properties) in profiles.items()
    }


def _profiles(
    conn: Connection, scope: dict[str, Any], needs: Needs
) -> dict[int, tuple[dict[str, Any], dict[str, Any]]]:
    # The profiles that exist, with their columns and, where a condition asks, their own properties. By primary key.
    columns = ", ".join(f"p.{column}" for column in _COLUMNS) if needs.profile or needs.properties else "NULL"
    properties = "p.properties" if needs.properties else "NULL"
    rows = conn.execute(
        f"""
        SELECT p.id, {properties}, {columns}
        FROM profile p
        WHERE p.workspace_id = %(workspace)s
          AND p.id = ANY (%(ids)s)
        """,  # noqa: S608 - column names are constants
        scope,
    )
    if columns == "NULL":
        return {row[0]: ({}, {}) for row in rows}
    return {row[0]: (dict(zip(_COLUMNS, row[2:], strict=True)), row[1] or {}) for row in rows}


def _metric_ids(conn: Connection, workspace_id: int, needs: Needs) -> dict[str, int]:
    wanted = sorted(needs.totals | {metric for metric, _ in needs.events})
    if not wanted:
        return {}
    # Ids of metrics by name; a metric that never happened has none.
    rows = conn.execute(
        "SELECT name, id FROM metric WHERE workspace_id = %(workspace)s AND name = ANY (%(names)s)",
        {"workspace": workspace_id, "names": wanted},
    )
    return {row[0]: row[1] for row in rows}


def _totals(conn: Connection, scope: dict[str, Any], metrics: list[int]) -> dict[int, list[tuple[int, Total]]]:
    found: dict[int, list[tuple[int, Total]]] = defaultdict(list)
    if not metrics:
        return found
    # All-time totals of these profiles and metrics, for conditions without a filter. By primary key.
    rows = conn.execute(
        """
        SELECT m.profile_id, m.metric_id, m.count, m.sum, m.first_ts, m.last_ts
        FROM profile_metric m
        WHERE m.workspace_id = %(workspace)s
          AND m.profile_id = ANY (%(ids)s)
          AND m.metric_id = ANY (%(metrics)s)
        """,
        {**scope, "metrics": metrics},
    ).fetchall()
    for profile_id, metric_id, count, total, first, last in rows:
        found[profile_id].append((metric_id, Total(count, total, first, last)))
    return found


def _events(
    conn: Connection,
    scope: dict[str, Any],
    needs: Needs,
    metrics: Mapping[str, int],
    now: datetime,
    flow_start: Mapping[int, datetime],
) -> dict[int, dict[int, list[Happening]]]:
    found: dict[int, dict[int, list[Happening]]] = defaultdict(lambda: defaultdict(list))
    wanted = _earliest(needs, metrics, now, flow_start)
    if not wanted:
        return found
    # Single events of these profiles, each metric from where its widest window begins. Index event_profile.
    rows = conn.execute(
        """
        SELECT e.profile_id, e.metric_id, e.ts, e.value, CASE WHEN w.looked_into THEN e.properties END
        FROM unnest(%(metrics)s::bigint[], %(since)s::timestamptz[], %(into)s::boolean[])
             AS w (metric_id, since, looked_into)
        CROSS JOIN unnest(%(ids)s::bigint[]) AS p (id)
        JOIN event e
          ON e.workspace_id = %(workspace)s
         AND e.profile_id = p.id
         AND e.metric_id = w.metric_id
         AND e.ts >= w.since
        WHERE e.ts >= %(earliest)s
        """,
        {
            **scope,
            "metrics": list(wanted),
            "since": list(wanted.values()),
            "into": [name in needs.event_properties for name, metric_id in metrics.items() if metric_id in wanted],
            "earliest": min(wanted.values()),
        },
    ).fetchall()
    for profile_id, metric_id, ts, value, properties in rows:
        found[profile_id][metric_id].append(Happening(ts, value, properties or {}))
    return found


def _earliest(
    needs: Needs, metrics: Mapping[str, int], now: datetime, flow_start: Mapping[int, datetime]
) -> dict[int, datetime]:
    """Per metric the instant from which its events are needed, in the order of `metrics`."""
    wanted: dict[int, datetime] = {}
    for name, metric_id in metrics.items():
        begins = [_begins(window, now, flow_start) for metric, window in needs.events if metric == name]
        if begins:
            wanted[metric_id] = min(begins)
    return wanted


def _begins(window: Window, now: datetime, flow_start: Mapping[int, datetime]) -> datetime:
    match window:
        case InLast(span) | Ago(_, span) if span is not None:
            return now - span
        case Since(at) | Between(at, _):
            return at
        case SinceFlowStart():
            return min(flow_start.values(), default=now)
    return _BEGINNING


def _lists(conn: Connection, scope: dict[str, Any], needs: Needs) -> dict[int, dict[int | str, datetime]]:
    found: dict[int, dict[int | str, datetime]] = defaultdict(dict)
    if not needs.lists:
        return found
    names = [named for named in needs.lists if isinstance(named, str)]
    # Which of the lists asked for, by name or id, these profiles are on, and since when. Index list_member_profile.
    rows = conn.execute(
        """
        SELECT m.profile_id, m.added_at, l.id, w.name
        FROM list l
        LEFT JOIN unnest(%(names)s::text[]) AS w (name) ON lower(w.name) = lower(l.name)
        JOIN list_member m
          ON m.workspace_id = l.workspace_id
         AND m.list_id = l.id
         AND m.profile_id = ANY (%(ids)s)
        WHERE l.workspace_id = %(workspace)s
          AND l.archived_at IS NULL
          AND (w.name IS NOT NULL OR l.id = ANY (%(list_ids)s))
        """,
        {**scope, "names": names, "list_ids": [named for named in needs.lists if isinstance(named, int)]},
    )
    for profile_id, added_at, list_id, name in rows:
        found[profile_id][list_id] = added_at
        if name is not None:
            found[profile_id][name] = added_at
    return found


def _segments(conn: Connection, scope: dict[str, Any], needs: Needs) -> dict[int, dict[int | str, datetime]]:
    found: dict[int, dict[int | str, datetime]] = defaultdict(dict)
    if not needs.segments:
        return found
    # Which of the segments asked for these profiles are in, and since when. Primary key, one probe each.
    rows = conn.execute(
        """
        SELECT m.profile_id, m.segment_id, m.entered_at, w.name
        FROM segment s
        LEFT JOIN unnest(%(names)s::text[]) AS w (name) ON lower(w.name) = lower(s.name)
        JOIN segment_member m
          ON m.workspace_id = s.workspace_id
         AND m.segment_id = s.id
         AND m.version = s.live_version
         AND m.profile_id = ANY (%(ids)s)
        WHERE s.workspace_id = %(workspace)s
          AND s.archived_at IS NULL
          AND (w.name IS NOT NULL OR s.id = ANY (%(segments)s))
        """,
        {
            **scope,
            "names": [named for named in needs.segments if isinstance(named, str)],
            "segments": [named for named in needs.segments if isinstance(named, int)],
        },
    )
    for profile_id, segment_id, entered_at, name in rows:
        found[profile_id][segment_id] = entered_at
        if name is not None:
            found[profile_id][name] = entered_at
    return found


def _consents(conn: Connection, scope: dict[str, Any]) -> dict[int, tuple[str, datetime, str]]:
    # Present consent of these profiles. By primary key.
    rows = conn.execute(
        """
        SELECT c.profile_id, c.state, c.changed_at, c.method
        FROM consent c
        WHERE c.workspace_id = %(workspace)s
          AND c.profile_id = ANY (%(ids)s)
          AND c.channel = 'email'
        """,
        scope,
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def _suppressions(conn: Connection, scope: dict[str, Any]) -> dict[int, dict[str, datetime]]:
    found: dict[int, dict[str, datetime]] = defaultdict(dict)
    # Who of them is suppressed, why and since when. By primary key.
    rows = conn.execute(
        """
        SELECT s.profile_id, s.reason, s.at
        FROM suppression s
        WHERE s.workspace_id = %(workspace)s
          AND s.profile_id = ANY (%(ids)s)
        """,
        scope,
    )
    for profile_id, reason, at in rows:
        found[profile_id][reason] = at
    return found
