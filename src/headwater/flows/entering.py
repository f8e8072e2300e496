"""The statements of entering a flow: who entered before, new enrolments, and a key's event replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from psycopg import Connection

from headwater.core import arrays
from headwater.flows import journal
from headwater.flows.due import columns_of
from headwater.flows.effects import End, Note


@dataclass(frozen=True, slots=True)
class Standing:
    """A profile's last entry into a flow, or into it with one key."""

    enrolment: int
    started_at: datetime
    waiting: bool


@dataclass(frozen=True, slots=True)
class Begun:
    """A new enrolment: what began it, where it stands first, and what was decided on the way there."""

    flow_id: int
    version: int
    profile_id: int
    key: str
    started_at: datetime
    trigger: Mapping[str, Any]
    end: End
    notes: tuple[Note, ...]


def last_entries(
    conn: Connection, workspace_id: int, asked: Sequence[tuple[int, int, str]]
) -> dict[tuple[int, int, str], Standing]:
    """By (flow, profile, key; '' for any): the last entry."""
    # When these profiles last entered these flows. Index enrolment_profile, and the unique key where one is given.
    rows = conn.execute(
        """
        SELECT asked.flow_id, asked.profile_id, asked.key, last.id, last.started_at, last.state = 'waiting'
        FROM unnest(%(flows)s::bigint[], %(profiles)s::bigint[], %(keys)s::text[]) AS asked (flow_id, profile_id, key)
        CROSS JOIN LATERAL (
            SELECT e.id, e.started_at, e.state
            FROM enrolment e
            WHERE e.workspace_id = %(workspace)s
              AND e.profile_id = asked.profile_id
              AND e.flow_id = asked.flow_id
              AND (asked.key = '' OR e.entry_key = asked.key)
            ORDER BY e.started_at DESC, e.id DESC
            LIMIT 1
        ) AS last
        """,
        {
            "workspace": workspace_id,
            "flows": arrays.plain([one[0] for one in asked]),
            "profiles": arrays.plain([one[1] for one in asked]),
            "keys": arrays.texts([one[2] for one in asked]),
        },
    ).fetchall()
    return {(row[0], row[1], row[2]): Standing(*row[3:]) for row in rows}


def replace_triggers(conn: Connection, workspace_id: int, triggers: Mapping[int, Mapping[str, Any]]) -> None:
    """Give enrolments the data of a later event of their key; where they stand does not change."""
    # Primary key.
    conn.execute(
        """
        UPDATE enrolment
        SET trigger = given.trigger::jsonb
        FROM unnest(%(ids)s::bigint[], %(triggers)s::text[]) AS given (id, trigger)
        WHERE enrolment.workspace_id = %(workspace)s
          AND enrolment.id = given.id
        """,
        {
            "workspace": workspace_id,
            "ids": list(triggers),
            "triggers": [orjson.dumps(trigger).decode() for trigger in triggers.values()],
        },
    )


def insert(conn: Connection, workspace_id: int, begun: Sequence[Begun], now: datetime) -> list[tuple[int, int]]:
    """Write new enrolments; the same trigger a second time is a no-op. Answers those that were new: (flow, profile)."""
    if not begun:
        return []
    # Indexes: enrolment_once, the unique key (flow, profile, entry key, start); for dates enrolment_once_a_date.
    rows = conn.execute(
        """
        INSERT INTO enrolment (workspace_id, flow_id, profile_id, entry_key, version, started_at, entered_at, trigger,
                               step, state, reason, wake_at, due_at, since, held, item, finished_at)
        SELECT %(workspace)s, n.flow_id, n.profile_id, n.entry_key, n.version, n.started_at, %(now)s, n.trigger,
               n.step, n.state, n.reason, n.wake_at, n.due_at, n.since, n.held, n.item,
               CASE WHEN n.state <> 'waiting' THEN %(now)s::timestamptz END
        FROM jsonb_to_recordset(%(new)s::jsonb)
             AS n (flow_id bigint, profile_id bigint, entry_key text, version int, started_at timestamptz,
                   trigger jsonb, step text, state text, reason text, wake_at timestamptz, due_at timestamptz,
                   since timestamptz, held text, item text)
        ON CONFLICT DO NOTHING
        RETURNING id, flow_id, profile_id, entry_key, started_at
        """,
        {"workspace": workspace_id, "now": now, "new": orjson.dumps([_row(one) for one in begun]).decode()},
    ).fetchall()
    ids = {(row[1], row[2], row[3], row[4]): row[0] for row in rows}
    notes = (
        (one.flow_id, ids[key], note)
        for one in begun
        if (key := (one.flow_id, one.profile_id, one.key, one.started_at)) in ids
        for note in (journal.ENTERED, *one.notes)
    )
    journal.write(conn, workspace_id, notes, now)
    return [(row[1], row[2]) for row in rows]


def _row(one: Begun) -> dict[str, Any]:
    place = columns_of(one.end)
    return {
        "flow_id": one.flow_id,
        "profile_id": one.profile_id,
        "entry_key": one.key,
        "version": one.version,
        "started_at": one.started_at,
        "trigger": one.trigger,
        "step": place.step,
        "state": place.state,
        "reason": place.reason,
        "wake_at": place.wake_at,
        "due_at": place.due_at,
        "since": place.since,
        "held": place.held,
        "item": place.item,
    }
