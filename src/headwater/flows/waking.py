"""A look at those who wait, before their step is due: something happened that a wait, a goal or an exit asks about.

Only the time of the next look moves; when the step is really due is kept beside it, and the engine decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from psycopg import Connection

from headwater.events.store import Event
from headwater.flows import live
from headwater.flows.listening import PERSON, Listening, entry_into
from headwater.flows.live import Flow
from headwater.segments.language import matches

_ANYWHERE = ""
_Look = tuple[int, int, str]
"""(flow, profile, the step where they stand; '': wherever)"""


def on_events(
    conn: Connection, workspace_id: int, flows: Sequence[Flow], events: Iterable[Event], now: datetime
) -> None:
    """Look at those to whom these events matter."""
    heard = _listened(flows)
    if not heard:
        return
    wanted = {
        look
        for event in events
        for flow, one in heard.get(event.metric, ())
        if matches(one.where, event.properties, event.value)
        for look in _looks(flow, one, event.profile_id)
    }
    _wake(conn, workspace_id, wanted, now, due_too=True)


def on_people(conn: Connection, workspace_id: int, profile_ids: Iterable[int], now: datetime) -> None:
    """Look at these people where a property, list, consent or suppression of theirs matters."""
    heard = _listened(live.running(conn, workspace_id)).get(PERSON)
    if not heard:
        return
    wanted = {look for one in profile_ids for flow, listening in heard for look in _looks(flow, listening, one)}
    _wake(conn, workspace_id, wanted, now)


def on_entries(
    conn: Connection, workspace_id: int, entered: Iterable[tuple[int, int]], now: datetime, *, due_too: bool = False
) -> None:
    """Look at those to whom it matters that they have just entered a flow: (flow, profile).

    `due_too`: at those, too, whom the runner may be moving on just now. Not for the runner itself, whose turns would
    wait for one another.
    """
    flows = live.running(conn, workspace_id)
    heard = _listened(flows)
    slugs = {flow.id: entry_into(flow.definition.slug) for flow in flows}
    wanted = {
        look
        for flow_id, profile_id in entered
        for flow, one in heard.get(slugs.get(flow_id, ""), ())
        for look in _looks(flow, one, profile_id)
    }
    _wake(conn, workspace_id, wanted, now, due_too=due_too)


def _listened(flows: Sequence[Flow]) -> Mapping[str, list[tuple[Flow, Listening]]]:
    heard: dict[str, list[tuple[Flow, Listening]]] = defaultdict(list)
    for flow in flows:
        for one in flow.definition.listening:
            heard[one.metric].append((flow, one))
    return heard


def _looks(flow: Flow, one: Listening, profile_id: int) -> list[_Look]:
    return [(flow.id, profile_id, step) for step in (one.steps or (_ANYWHERE,))]


def _wake(conn: Connection, workspace_id: int, wanted: set[_Look], now: datetime, *, due_too: bool = False) -> None:
    """Look at these people now. `due_too`: at those, too, whose step is due: the runner may be moving them on just now,
    and does not see what the caller has not committed; it is waited for, and they are looked at where it left them."""
    if not wanted:
        return
    pairs = sorted({look[:2] for look in wanted})
    # Index enrolment_profile. Locked in the order of ids, as every writer of several enrolments does; the steps are
    # those where they stand once they are locked.
    rows = conn.execute(
        """
        SELECT e.id, e.flow_id, e.profile_id, e.step
        FROM unnest(%(flows)s::bigint[], %(profiles)s::bigint[]) AS looked (flow_id, profile_id)
        JOIN enrolment e
          ON e.workspace_id = %(workspace)s
         AND e.profile_id = looked.profile_id
         AND e.flow_id = looked.flow_id
        WHERE e.state = 'waiting'
          AND (%(due_too)s OR e.wake_at IS NULL OR e.wake_at > %(now)s)
        ORDER BY e.id
        FOR NO KEY UPDATE OF e
        """,
        {
            "workspace": workspace_id,
            "now": now,
            "due_too": due_too,
            "flows": [flow_id for flow_id, _ in pairs],
            "profiles": [profile_id for _, profile_id in pairs],
        },
    )
    here = [
        enrolment_id
        for enrolment_id, flow_id, profile_id, step in rows
        if (flow_id, profile_id, _ANYWHERE) in wanted or (flow_id, profile_id, step) in wanted
    ]
    if not here:
        return
    # The rows are locked. Primary key.
    conn.execute(
        """
        UPDATE enrolment
        SET due_at = COALESCE(due_at, wake_at),
            wake_at = %(now)s
        WHERE workspace_id = %(workspace)s
          AND id = ANY (%(here)s)
          AND (wake_at IS NULL OR wake_at > %(now)s)
        """,
        {"workspace": workspace_id, "now": now, "here": here},
    )
