"""Whose answers the passing of time can have changed: for each boundary of each segment, a range of an index.

A definition says after what instants plus what offsets its answers change (`boundaries`); here those ranges are read:
the events of 60 days ago, the birthdays a week ahead. Who is found is asked again; nobody else is looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
from headwater.segments.conditions import Condition, DateTest, written
from headwater.segments.language import matches
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
    if not looks:
        return found
    for look, profile_ids in _looked(conn, workspace_id, list(looks)).items():
        for segment_id in looks[look]:
            found[segment_id] |= profile_ids
    return found


def _looked(conn: Connection, workspace_id: int, looks: Sequence[_Look]) -> dict[_Look, set[int]]:
    found: dict[_Look, set[int]] = {}
    events: list[_Look] = []
    zone = brand.load(conn, workspace_id).zone
    for look in looks:
        match look.boundary:
            case EventBoundary():
                events.append(look)
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
                found[look] = _dated(conn, workspace_id, look, written(path), offset, zone)
            case DayOfYearBoundary():
                found[look] = _of_year(conn, workspace_id, look, look.boundary, zone)
    if events:
        found |= _events(conn, workspace_id, events)
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
    """Who did what the event boundaries among these name, in their spans."""
    found: dict[_Look, set[int]] = {look: set() for look in looks}
    for filtered in (False, True):
        ranges: dict[tuple[str, datetime, datetime], list[_Look]] = defaultdict(list)
        for look in looks:
            assert isinstance(look.boundary, EventBoundary)
            if (look.boundary.where is not None) is filtered:
                ends = look.ends(look.boundary.offset)
                ranges[look.boundary.metric, ends["low"], ends["high"]].append(look)
        if filtered:
            _filtered(conn, workspace_id, ranges, found)
        else:
            for span, profile_id in _happened(conn, workspace_id, list(ranges)):
                for look in ranges[span]:
                    found[look].add(profile_id)
    return found


_Range = tuple[str, datetime, datetime]
_NAMED = """
    FROM unnest(%(names)s::text[], %(lows)s::timestamptz[], %(highs)s::timestamptz[])
         WITH ORDINALITY AS w (name, low, high, number)
    JOIN metric
      ON metric.workspace_id = %(workspace)s
     AND metric.name = w.name
"""


def _ranges(workspace_id: int, ranges: Sequence[_Range]) -> dict[str, Any]:
    return {
        "workspace": workspace_id,
        "names": [one[0] for one in ranges],
        "lows": [one[1] for one in ranges],
        "highs": [one[2] for one in ranges],
    }


def _happened(conn: Connection, workspace_id: int, ranges: Sequence[_Range]) -> list[tuple[_Range, int]]:
    # Who did each metric in each span. Index event_metric alone, one range each in the months that it touches.
    rows = conn.execute(
        f"""
        SELECT DISTINCT w.number, e.profile_id
        {_NAMED}
        CROSS JOIN LATERAL (
            SELECT profile_id
            FROM event
            WHERE workspace_id = %(workspace)s
              AND metric_id = metric.id
              AND ts > w.low
              AND ts <= w.high
            OFFSET 0
        ) AS e
        """,  # noqa: S608 - a constant of this file
        _ranges(workspace_id, ranges),
    )
    return [(ranges[number - 1], profile_id) for number, profile_id in rows]


def _filtered(
    conn: Connection, workspace_id: int, ranges: Mapping[_Range, Sequence[_Look]], found: dict[_Look, set[int]]
) -> None:
    if not ranges:
        return
    spans = list(ranges)
    # The same with what filters look at: one look at an event serves every filter of its range.
    rows = conn.execute(
        f"""
        SELECT w.number, e.profile_id, e.value, e.properties
        {_NAMED}
        CROSS JOIN LATERAL (
            SELECT profile_id, value, properties
            FROM event
            WHERE workspace_id = %(workspace)s
              AND metric_id = metric.id
              AND ts > w.low
              AND ts <= w.high
            OFFSET 0
        ) AS e
        """,  # noqa: S608 - a constant of this file
        _ranges(workspace_id, spans),
    )
    for number, profile_id, value, properties in rows:
        for look in ranges[spans[number - 1]]:
            assert isinstance(look.boundary, EventBoundary)
            if profile_id not in found[look] and matches(look.boundary.where, properties, value):
                found[look].add(profile_id)


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


def _dated(conn: Connection, workspace_id: int, look: _Look, path: str, offset: timedelta, zone: ZoneInfo) -> set[int]:
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


def _of_year(conn: Connection, workspace_id: int, look: _Look, boundary: DayOfYearBoundary, zone: ZoneInfo) -> set[int]:
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
