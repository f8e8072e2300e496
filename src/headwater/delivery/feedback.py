"""What comes back: opens, clicks, bounces, complaints and unsubscribes, as events, change the ledger and the audience.

Called by intake's processor in the transaction that stores the events. The ledger is the judge of a bounce or a
complaint: an event alone, which anyone could send, suppresses nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from psycopg import Connection

from headwater.audience import consent
from headwater.events import metrics
from headwater.events.store import Event

MOST_SOFT_BOUNCES = 7
"""More than this many in a row, without a delivery between them, suppress the address."""
_DONE_BY_PAGE = {"one_click_unsubscribe", "unsubscribe_page"}


def apply(conn: Connection, workspace_id: int, events: Sequence[Event], now: datetime) -> None:
    """Apply the email activity among these (new) events."""
    by_metric: dict[str, list[Event]] = {}
    for event in events:
        if event.metric in _APPLIED:
            by_metric.setdefault(event.metric, []).append(event)
    for metric, found in by_metric.items():
        _APPLIED[metric](conn, workspace_id, found, now)


def _opened(conn: Connection, workspace_id: int, events: Sequence[Event], now: datetime) -> None:
    _note(conn, workspace_id, _by_people(events), clicked=False)


def _clicked(conn: Connection, workspace_id: int, events: Sequence[Event], now: datetime) -> None:
    _note(conn, workspace_id, _by_people(events), clicked=True)


def _by_people(events: Sequence[Event]) -> list[Event]:
    """Without what machines did: privacy proxies open whatever arrives, scanners click whatever is in it."""
    return [event for event in events if not event.properties.get("machine")]


def _message_id(event: Event) -> int | None:
    found = event.properties.get("message_id")
    return found if type(found) is int and 0 < found < 2**63 else None


def _of_messages(events: Sequence[Event]) -> dict[str, list[object]]:
    named = [(message, event) for event in events if (message := _message_id(event)) is not None]
    return {
        "ids": [message for message, _ in named],
        "profiles": [event.profile_id for _, event in named],
        "times": [event.ts for _, event in named],
    }


def _note(conn: Connection, workspace_id: int, events: Sequence[Event], *, clicked: bool) -> None:
    """The first open and the first click of a message; who clicked has opened, whatever became of the pixel."""
    columns = _of_messages(events)
    if not columns["ids"]:
        return
    # Index: the primary key's first columns, in each partition.
    conn.execute(
        """
        UPDATE message
        SET opened_at = LEAST(message.opened_at, seen.at),
            clicked_at = CASE WHEN %(clicked)s THEN LEAST(message.clicked_at, seen.at) ELSE message.clicked_at END
        FROM (
            SELECT id, profile_id, min(at) AS at
            FROM unnest(%(ids)s::bigint[], %(profiles)s::bigint[], %(times)s::timestamptz[])
                 AS sighting (id, profile_id, at)
            GROUP BY id, profile_id
        ) AS seen
        WHERE message.workspace_id = %(workspace)s
          AND message.id = seen.id
          AND message.profile_id = seen.profile_id
          AND (message.opened_at IS NULL OR message.opened_at > seen.at
               OR %(clicked)s AND (message.clicked_at IS NULL OR message.clicked_at > seen.at))
        """,
        {"workspace": workspace_id, "clicked": clicked, **columns},
    )


def _bounced(conn: Connection, workspace_id: int, events: Sequence[Event], now: datetime) -> None:
    """A hard bounce suppresses; so do soft ones, when there are more than seven in a row."""
    hard = [event for event in events if event.properties.get("kind") == "hard"]
    soft = [event for event in events if event.properties.get("kind") == "soft"]
    gone = sorted({event.profile_id for event in _borne_out(conn, workspace_id, hard, ("bounced",))})
    if gone:
        consent.suppress(conn, workspace_id, gone, "hard_bounce", at=now, detail={"metric": metrics.BOUNCED_EMAIL})
    counted = _count_soft(conn, workspace_id, _borne_out(conn, workspace_id, soft, ("bounced", "failed")))
    worn_out = [profile for profile, consecutive in counted.items() if consecutive > MOST_SOFT_BOUNCES]
    if worn_out:
        consent.suppress(
            conn, workspace_id, worn_out, "hard_bounce", at=now, detail={"soft_bounces": MOST_SOFT_BOUNCES + 1}
        )


def _borne_out(conn: Connection, workspace_id: int, events: Sequence[Event], states: tuple[str, ...]) -> list[Event]:
    """Those events whose message the ledger has, for that profile, in one of these states."""
    columns = _of_messages(events)
    if not columns["ids"]:
        return []
    # Index: the primary key's first columns, in each partition.
    rows = conn.execute(
        """
        SELECT id, profile_id
        FROM message
        WHERE workspace_id = %(workspace)s
          AND id = ANY(%(ids)s::bigint[])
          AND state = ANY(%(states)s::text[])
        """,
        {"workspace": workspace_id, "ids": columns["ids"], "states": list(states)},
    ).fetchall()
    known = set(rows)
    return [event for event in events if (_message_id(event), event.profile_id) in known]


def _count_soft(conn: Connection, workspace_id: int, events: Sequence[Event]) -> dict[int, int]:
    """Add to each profile's run of soft bounces; answers the runs' lengths."""
    if not events:
        return {}
    # Index: primary key.
    rows = conn.execute(
        """
        INSERT INTO soft_bounce AS run (workspace_id, profile_id, consecutive, last_at)
        SELECT %(workspace)s, bounce.profile_id, count(*), max(bounce.at)
        FROM unnest(%(profiles)s::bigint[], %(times)s::timestamptz[]) AS bounce (profile_id, at)
        GROUP BY bounce.profile_id
        ORDER BY bounce.profile_id
        ON CONFLICT (workspace_id, profile_id) DO UPDATE
        SET consecutive = run.consecutive + excluded.consecutive,
            last_at = GREATEST(run.last_at, excluded.last_at)
        RETURNING profile_id, consecutive
        """,
        {
            "workspace": workspace_id,
            "profiles": [event.profile_id for event in events],
            "times": [event.ts for event in events],
        },
    ).fetchall()
    return dict(rows)


def _complained(conn: Connection, workspace_id: int, events: Sequence[Event], now: datetime) -> None:
    """One complaint ends it."""
    complaints = _borne_out(conn, workspace_id, events, ("sent", "delivered", "bounced", "complained"))
    if not complaints:
        return
    # Index: the primary key's first columns, in each partition.
    conn.execute(
        """
        UPDATE message
        SET state = 'complained'
        WHERE workspace_id = %(workspace)s
          AND id = ANY(%(ids)s::bigint[])
          AND state IN ('sent', 'delivered')
        """,
        {"workspace": workspace_id, "ids": [_message_id(event) for event in complaints]},
    )
    profiles = sorted({event.profile_id for event in complaints})
    consent.suppress(conn, workspace_id, profiles, "spam_complaint", at=now, detail={"metric": metrics.MARKED_AS_SPAM})


def _unsubscribed(conn: Connection, workspace_id: int, events: Sequence[Event], now: datetime) -> None:
    """Unsubscribes that other systems report or imports bring. Those of our own pages were done before the event."""
    decided: dict[datetime, list[int]] = {}
    for event in events:
        if event.properties.get("method") not in _DONE_BY_PAGE:
            decided.setdefault(max(event.ts, consent.EARLIEST), []).append(event.profile_id)
    for at, profiles in decided.items():  # a decision has one moment, so its people go together
        consent.unsubscribe(conn, workspace_id, profiles, at=at, now=now, method="event")


_APPLIED: dict[str, Callable[[Connection, int, Sequence[Event], datetime], None]] = {
    metrics.OPENED_EMAIL: _opened,
    metrics.CLICKED_EMAIL: _clicked,
    metrics.BOUNCED_EMAIL: _bounced,
    metrics.UNSUBSCRIBED: _unsubscribed,
    metrics.MARKED_AS_SPAM: _complained,
}
