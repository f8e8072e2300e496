"""Whose answers the passing of time can have changed: for each boundary of each segment, a range of an index.

A definition says after what instants plus what offsets its answers change (`boundaries`); here those ranges are read:
the events of 60 days ago, the birthdays a week ahead. Who is found is asked again; nobody else is looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from headwater.accounts import brand
from headwater.segments import dates
from headwater.segments.boundaries import (
    Boundary,
    ConsentBoundary,
    DateBoundary,
    DayOfYearBoundary,
    EventBoundary,
    ListBoundary,
    SegmentBoundary,
    SuppressionBoundary,
    boundaries,
)
from headwater.segments.compile import Writer, scope
from headwater.segments.conditions import Condition, DateTest, Did, written
from headwater.segments.live import Live


@dataclass(frozen=True, slots=True)
class _Look:
    """A boundary, and the span of time (after `since`, up to `until`) that is given effect."""

    boundary: Boundary
    since: datetime
    until: datetime

    def ends(self, offset: timedelta) -> dict[str, datetime]:
        """Between which instants lies what changes an answer in the span."""
        return {"low": self.since - offset, "high": self.until - offset}


def timed(condition: Condition) -> bool:
    """Whether time alone can change its answers."""
    return bool(boundaries(condition))


def candidates(
    conn: Connection, workspace_id: int, spans: Iterable[tuple[Live, datetime, datetime]]
) -> dict[int, set[int]]:
    """Profiles by segment id, whose answers can have changed after the one instant and up to the other."""
    looks: dict[_Look, list[int]] = defaultdict(list)
    for segment, since, until in spans:
        assert segment.standing is not None
        for boundary in boundaries(segment.standing):
            looks[_Look(boundary, since, until)].append(segment.id)
    found: dict[int, set[int]] = defaultdict(set)
    for look, profile_ids in _looked(conn, workspace_id, list(looks)).items():
        for segment_id in looks[look]:
            found[segment_id] |= profile_ids
    return found


def _looked(conn: Connection, workspace_id: int, looks: Sequence[_Look]) -> dict[_Look, set[int]]:
    found: dict[_Look, set[int]] = {}
    plain: dict[str, list[_Look]] = defaultdict(list)
    for look in looks:
        match look.boundary:
            case EventBoundary(_, None, _):
                plain["event"].append(look)
            case EventBoundary():
                found[look] = _filtered_events(conn, workspace_id, look, look.boundary)
            case ListBoundary():
                found[look] = _joined_list(conn, workspace_id, look, look.boundary)
            case SegmentBoundary(segment, offset):
                values = {"segment": segment, **look.ends(offset)}
                found[look] = _ids(conn, workspace_id, _ENTERED, values)
            case ConsentBoundary(offset):
                found[look] = _ids(conn, workspace_id, _CONSENTED, look.ends(offset))
            case SuppressionBoundary(offset):
                found[look] = _ids(conn, workspace_id, _SUPPRESSED, look.ends(offset))
            case DateBoundary(path, offset):
                found[look] = _dated(conn, workspace_id, look, written(path), offset)
            case DayOfYearBoundary():
                found[look] = _of_year(conn, workspace_id, look, look.boundary)
    if plain["event"]:
        found |= _events(conn, workspace_id, plain["event"])
    return found


# Who entered a segment in a span. BRIN segment_member_entered, within the segment's rows.
_ENTERED = """
    SELECT m.profile_id
    FROM segment s
    JOIN segment_member m
      ON m.workspace_id = s.workspace_id
     AND m.segment_id = s.id
     AND m.version = s.live_version
    WHERE s.workspace_id = %(workspace)s
      AND s.id = %(segment)s
      AND m.entered_at > %(low)s
      AND m.entered_at <= %(high)s
"""
# Whose consent was decided in a span. Index consent_changed.
_CONSENTED = """
    SELECT profile_id
    FROM consent
    WHERE workspace_id = %(workspace)s
      AND changed_at > %(low)s
      AND changed_at <= %(high)s
"""
# Who was suppressed in a span. Index suppression_at.
_SUPPRESSED = """
    SELECT profile_id
    FROM suppression
    WHERE workspace_id = %(workspace)s
      AND at > %(low)s
      AND at <= %(high)s
"""


def _ids(conn: Connection, workspace_id: int, statement: str, values: Mapping[str, Any]) -> set[int]:
    return {row[0] for row in conn.execute(statement, {"workspace": workspace_id, **values})}


def _events(conn: Connection, workspace_id: int, looks: Sequence[_Look]) -> dict[_Look, set[int]]:
    boundaries_ = [look.boundary for look in looks if isinstance(look.boundary, EventBoundary)]
    known = {
        row[0]: row[1]
        for row in conn.execute(
            "SELECT name, id FROM metric WHERE workspace_id = %(workspace)s AND name = ANY (%(names)s)",
            {"workspace": workspace_id, "names": list({boundary.metric for boundary in boundaries_})},
        )
    }
    wanted = [
        (number, known[boundary.metric], look.ends(boundary.offset))
        for number, (look, boundary) in enumerate(zip(looks, boundaries_, strict=True))
        if boundary.metric in known
    ]
    found: dict[_Look, set[int]] = {look: set() for look in looks}
    # Who did each metric in each span. Index event_metric alone, one range each in the months that it touches.
    rows = conn.execute(
        """
        SELECT DISTINCT w.number, e.profile_id
        FROM unnest(%(numbers)s::int[], %(metrics)s::bigint[], %(lows)s::timestamptz[], %(highs)s::timestamptz[])
             AS w (number, metric_id, low, high)
        CROSS JOIN LATERAL (
            SELECT profile_id
            FROM event
            WHERE workspace_id = %(workspace)s
              AND metric_id = w.metric_id
              AND ts > w.low
              AND ts <= w.high
            OFFSET 0
        ) AS e
        """,
        {
            "workspace": workspace_id,
            "numbers": [one[0] for one in wanted],
            "metrics": [one[1] for one in wanted],
            "lows": [one[2]["low"] for one in wanted],
            "highs": [one[2]["high"] for one in wanted],
        },
    )
    for number, profile_id in rows:
        found[looks[number]].add(profile_id)
    return found


def _filtered_events(conn: Connection, workspace_id: int, look: _Look, boundary: EventBoundary) -> set[int]:
    asked = Did(boundary.metric, "count", "at_least", Decimal(1), where=boundary.where)
    known = scope(conn, asked, workspace_id, look.until)
    metric = known.metrics.get(boundary.metric)
    if metric is None:
        return set()
    assert boundary.where is not None
    writer = Writer(known, look.until)
    ends = look.ends(boundary.offset)
    # Who did the metric in the span in the way that the filter asks. Index event_metric, then the events.
    statement = (
        f"SELECT DISTINCT e.profile_id FROM event e WHERE e.workspace_id = {writer.scope}"  # noqa: S608 - compiled
        f" AND e.metric_id = {writer.value(metric)} AND e.ts > {writer.value(ends['low'])}"
        f" AND e.ts <= {writer.value(ends['high'])} AND {writer.where(boundary.where)}"
    )
    return {row[0] for row in conn.execute(statement, writer.values)}


def _joined_list(conn: Connection, workspace_id: int, look: _Look, boundary: ListBoundary) -> set[int]:
    named = "list.id = %(list)s" if isinstance(boundary.list, int) else "lower(list.name) = lower(%(list)s)"
    # Who joined a list in a span. Index list_member_added.
    return _ids(
        conn,
        workspace_id,
        f"""
        SELECT list_member.profile_id
        FROM list
        JOIN list_member
          ON list_member.workspace_id = list.workspace_id
         AND list_member.list_id = list.id
        WHERE list.workspace_id = %(workspace)s
          AND list.archived_at IS NULL
          AND {named}
          AND list_member.added_at > %(low)s
          AND list_member.added_at <= %(high)s
        """,  # noqa: S608 - one of two constants
        {"list": boundary.list, **look.ends(boundary.offset)},
    )


def _dated(conn: Connection, workspace_id: int, look: _Look, path: str, offset: timedelta) -> set[int]:
    zone = brand.load(conn, workspace_id).zone
    ends = look.ends(offset)
    days = {f"{end}_day": dates.today(at, zone).isoformat() for end, at in ends.items()}
    # Whose calendar day began, or whose instant lay, in the span. Indexes profile_date_day and profile_date_at.
    return _ids(
        conn,
        workspace_id,
        """
        SELECT profile_id
        FROM profile_date
        WHERE workspace_id = %(workspace)s
          AND path = %(path)s
          AND day > %(low_day)s
          AND day <= %(high_day)s
          AND at IS NULL
        UNION ALL
        SELECT profile_id
        FROM profile_date
        WHERE workspace_id = %(workspace)s
          AND path = %(path)s
          AND at > %(low)s
          AND at <= %(high)s
        """,
        {"path": path, **days, **ends},
    )


def _of_year(conn: Connection, workspace_id: int, look: _Look, boundary: DayOfYearBoundary) -> set[int]:
    zone = brand.load(conn, workspace_id).zone
    test = boundary.test
    turned = _days_and_months(test, look.since, zone) ^ _days_and_months(test, look.until, zone)
    if not turned:
        return set()
    # Whose day of the year came into the range, or left it. Index profile_date_of_year.
    return _ids(
        conn,
        workspace_id,
        """
        SELECT profile_id
        FROM profile_date
        WHERE workspace_id = %(workspace)s
          AND path = %(path)s
          AND substr(day, 6) = ANY (%(days)s)
        """,
        {"path": written(test.path), "days": sorted(turned)},
    )


def _days_and_months(test: DateTest, now: datetime, zone: ZoneInfo) -> frozenset[str]:
    match dates.asked(test, now, zone):
        case dates.DaysOfYear(days):
            return frozenset(days)
        case dates.MonthOfYear(month):
            return frozenset(f"{month}-{day:02d}" for day in range(1, 32))
    return frozenset()
