"""People who wait by a delay that has changed, given the time that it says now. Only when asked: delays move nobody.

They wait from when the delay began for them: what the note of their waiting says, less the span that it was made with.
Where that span was until a time of day, it counts from the note itself, which a worker wrote as the delay began.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection

from headwater.accounts import brand
from headwater.flows import journal
from headwater.flows.delays import Span, ends
from headwater.flows.editing import moves, versions
from headwater.flows.editing.moves import Publish
from headwater.flows.editing.publish_effects import LAST_WAIT, WAITS_BY, after_delay
from headwater.flows.effects import Note
from headwater.flows.errors import FlowError
from headwater.flows.reading import parse
from headwater.flows.steps import Delay


@dataclass(frozen=True, slots=True)
class _Waiting:
    enrolment_id: int
    timezone: str | None
    at: datetime
    """When it was noted that they wait,"""
    until: datetime
    """until then,"""
    since: datetime | None
    """and from when, if that was noted too."""


def retime(conn: Connection, workspace_id: int, publish: Publish, delays: Sequence[str], now: datetime) -> int:
    """Those who wait by these delays wait as they are now, never into the past. Answers how many. Raises FlowError."""
    zone = brand.load(conn, workspace_id).timezone
    done = 0
    for index, delay in enumerate(delays):
        step = publish.new.steps.get(delay)
        if not isinstance(step, Delay) or not isinstance(publish.old.steps.get(delay), Delay):
            raise FlowError(f"retime[{index}]", f"{delay} is not a delay that people wait by", delay)
        before = after_delay(delay, publish.old, publish.new)
        moves.hold(conn, workspace_id, publish, WAITS_BY, delay=delay, before=before)
        spans = _spans(conn, workspace_id, publish, delay)
        for chunk in moves.held(conn, workspace_id, publish):
            waiting = _waiting(conn, workspace_id, list(chunk))
            times = {one.enrolment_id: (_began(one, spans), one.timezone) for one in waiting}
            wakes = {one: max(now, ends(step.span, began, own, zone)) for one, (began, own) in times.items()}
            _write(conn, workspace_id, wakes)
            notes = ((publish.flow_id, one, _note(delay, until, times[one][0])) for one, until in wakes.items())
            journal.write(conn, workspace_id, notes, now)
            moves.settle(conn, workspace_id, publish, list(chunk))
            done += len(chunk)
    return done


def _note(delay: str, until: datetime, since: datetime) -> Note:
    return Note(delay, "waited", {"until": until.isoformat(), "since": since.isoformat()})


def _spans(conn: Connection, workspace_id: int, publish: Publish, delay: str) -> list[tuple[datetime, Span]]:
    """How long the delay was, from when on: the newest first."""
    found = []
    for one in versions.history(conn, workspace_id, publish.flow_id, before=publish.before + 1):
        step = parse(one.definition).steps.get(delay)
        if isinstance(step, Delay):
            found.append((one.published_at, step.span))
    return found


def _began(one: _Waiting, spans: Sequence[tuple[datetime, Span]]) -> datetime:
    if one.since is not None:
        return one.since
    span = next((span for published_at, span in spans if published_at <= one.at), spans[-1][1])
    return one.until - timedelta(days=span.days) - span.rest if span.exact else one.at


def _waiting(conn: Connection, workspace_id: int, enrolment_ids: Sequence[int]) -> list[_Waiting]:
    # Those who are held, with the note of their waiting. Primary keys.
    rows = conn.execute(
        f"""
        SELECT e.id, p.timezone, waited.at, waited.detail ->> 'until', waited.detail ->> 'since'
        FROM enrolment e
        JOIN profile p
          ON p.workspace_id = e.workspace_id
         AND p.id = e.profile_id
        {LAST_WAIT}
        WHERE e.workspace_id = %(workspace)s
          AND e.id = ANY (%(ids)s)
        """,  # noqa: S608 - a constant
        {"workspace": workspace_id, "ids": list(enrolment_ids)},
    ).fetchall()
    return [
        _Waiting(
            enrolment_id,
            timezone,
            at,
            datetime.fromisoformat(until),
            datetime.fromisoformat(since) if since is not None else None,
        )
        for enrolment_id, timezone, at, until, since in rows
    ]


def _write(conn: Connection, workspace_id: int, wakes: dict[int, datetime]) -> None:
    # Held by `moves.hold`. Primary key. An early look that is still to come stays.
    conn.execute(
        """
        UPDATE enrolment
        SET wake_at = CASE WHEN due_at IS NULL THEN given.until ELSE LEAST(wake_at, given.until) END,
            due_at = CASE WHEN due_at IS NOT NULL THEN given.until END
        FROM unnest(%(ids)s::bigint[], %(untils)s::timestamptz[]) AS given (id, until)
        WHERE enrolment.workspace_id = %(workspace)s
          AND enrolment.id = given.id
        """,
        {"workspace": workspace_id, "ids": list(wakes), "untils": list(wakes.values())},
    )
