"""Why someone is in a segment or not: each condition's answer with the facts behind it, and when time will change it.

Pure: a tree of plain answers from one profile's facts. `of_profile` is its shell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg import Connection

from headwater.segments import facts, live
from headwater.segments.boundaries import next_change
from headwater.segments.conditions import (
    AllOf,
    AnyOf,
    CanReceive,
    Condition,
    Consent,
    DateTest,
    Did,
    InSegment,
    Near,
    Negation,
    OnList,
    ProfileTest,
    Region,
    Sequence,
    Suppressed,
    written,
)
from headwater.segments.language import COLUMNS, Facts, Needs, date_of, evaluate, needs, within
from headwater.segments.properties import leads_to, matches
from headwater.segments.wording import Naming, describe

SHOWN = 5
"""So many events are shown of those that a condition counts."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One condition's answer for one profile."""

    says: str
    """The condition in words."""
    holds: bool
    facts: tuple[str, ...] = ()
    """What is known that decides it."""
    changes_at: datetime | None = None
    """When it will answer otherwise if nothing else happens; None: not by time alone."""
    of: tuple[Answer, ...] = ()
    """The parts of a group."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a profile is in a segment, or not."""

    member: bool
    known: bool
    """It has an address, phone or external id; others are in no segment."""
    entered_at: datetime | None
    """By the stored membership, which follows within a second; None: not in it."""
    changes_at: datetime | None
    answer: Answer


def of_profile(
    conn: Connection, workspace_id: int, condition: Condition, profile_id: int, now: datetime, segment_id: int | None
) -> Explanation | None:
    """Why this profile belongs or not; None if there is no such profile. `segment_id`: whose membership to show."""
    wanted = needs(condition) | _shown(condition) | Needs(profile=True)
    if segment_id is not None:
        wanted |= Needs(segments=frozenset([segment_id]))
    known = facts.load(conn, workspace_id, [profile_id], wanted, now).get(profile_id)
    if known is None:
        return None
    names: dict[int | str, str] = {one.id: one.name for one in live.segments(conn, workspace_id).values()}
    answer = explain(condition, known, now, lambda named: names.get(named, str(named)))
    return Explanation(
        member=known.known and answer.holds,
        known=known.known,
        entered_at=known.segments.get(segment_id) if segment_id is not None else None,
        changes_at=answer.changes_at if known.known else None,
        answer=answer,
    )


def _shown(condition: Condition) -> Needs:
    """Totals of the metrics, to tell of what happened outside of a window too."""
    return Needs(totals=frozenset(metric for metric, _ in needs(condition).events))


def explain(condition: Condition, known: Facts, now: datetime, segment_name: Naming = str) -> Answer:
    """The answers of a condition and its parts."""
    parts: tuple[Answer, ...] = ()
    match condition:
        case AllOf(of) | AnyOf(of):
            parts = tuple(explain(child, known, now, segment_name) for child in of)
        case Negation(child):
            parts = (explain(child, known, now, segment_name),)
    return Answer(
        says=describe(condition, segment_name),
        holds=evaluate(condition, known, now),
        facts=tuple(_facts(condition, known, now)),
        changes_at=next_change(condition, known, now),
        of=parts,
    )


def _facts(condition: Condition, known: Facts, now: datetime) -> Iterator[str]:
    match condition:
        case Did():
            yield from _events(condition, known, now)
        case Sequence():
            for metric in dict.fromkeys([condition.metric, *(step.metric for step in condition.steps)]):
                yield from _times(metric, [event.ts for event in known.events.get(metric, ())])
        case ProfileTest(test):
            held = known.attributes if test.path[0].key in COLUMNS else known.properties
            values = list(leads_to(held, test.path))
            yield f"{written(test.path)}: {', '.join(_shortly(value) for value in values) if values else 'not set'}"
        case DateTest(path, _):
            value = date_of(condition, known)
            yield f"{written(path)}: {'not set' if value is None else _shortly(value)}"
        case OnList(named, _):
            joined = known.lists.get(named)
            yield f"joined {_time(joined)}" if joined else "is not on the list"
        case InSegment(named, _):
            entered = known.segments.get(named)
            yield f"entered {_time(entered)}" if entered else "is not in it"
        case Consent():
            yield from _consent(known)
        case Suppressed():
            yield from _suppressions(known)
        case CanReceive():
            yield f"address: {known.attributes.get('email') or 'none'}"
            yield from _consent(known)
            yield from _suppressions(known)
        case Region():
            yield f"country: {known.attributes.get('country') or 'not set'}"
        case Near():
            yield f"latitude {known.properties.get('latitude')}, longitude {known.properties.get('longitude')}"


def _events(condition: Did, known: Facts, now: datetime) -> Iterator[str]:
    total = known.totals.get(condition.metric)
    if not condition.by_total:
        counted = [
            event
            for event in known.events.get(condition.metric, ())
            if (condition.window is None or within(event.ts, condition.window, known.place, now))
            and matches(condition.where, event.properties, event.value)
        ]
        money = sum((event.value or Decimal(0) for event in counted), Decimal(0))
        yield f"{len(counted)} counted" + (f", worth {money:.2f}" if condition.measure == "sum" and counted else "")
        yield from _times(condition.metric, [event.ts for event in counted])
    if total is None:
        yield f"{condition.metric} never happened"
        return
    worth = f", worth {total.sum:.2f}" if total.sum else ""
    yield f"{condition.metric}: {total.count} in all{worth}, first {_time(total.first)}, last {_time(total.last)}"


def _times(metric: str, times: list[datetime]) -> Iterator[str]:
    if times:
        latest = sorted(times, reverse=True)[:SHOWN]
        more = f" and {len(times) - SHOWN} before" if len(times) > SHOWN else ""
        yield f"{metric} at {', '.join(_time(at) for at in latest)}{more}"


def _consent(known: Facts) -> Iterator[str]:
    if known.consent is None:
        yield "never subscribed" + (", and the brand asks for consent" if known.consent_required else "")
    else:
        since = f" since {_time(known.consent_at)}" if known.consent_at else ""
        how = f" by {known.consent_method.replace('_', ' ')}" if known.consent_method else ""
        yield f"{known.consent}{since}{how}"


def _suppressions(known: Facts) -> Iterator[str]:
    if not known.suppressions:
        yield "not suppressed"
    for reason, at in known.suppressions.items():
        yield f"suppressed for {reason.replace('_', ' ')} since {_time(at)}"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _shortly(value: Any) -> str:
    if isinstance(value, datetime):
        return _time(value)
    said = f"“{value}”" if isinstance(value, str) else str(value)
    return said if len(said) <= 80 else said[:79] + "…"
