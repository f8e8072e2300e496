"""Moving people who wait inside a flow when it is published, and putting them back when that is undone.

Each move goes by three statements: hold (lock them, and keep where they stand), change, settle (keep where they stand
now). So an undo finds by one comparison who has not gone on since. A publish keeps the moves of the one before it no
longer. Set-based, a chunk of people at a time; the caller's transaction holds it all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from headwater.delivery.reasons import Reason
from headwater.flows import exits, journal
from headwater.flows.definition import FlowDefinition
from headwater.flows.effects import Note
from headwater.flows.engine import STEP_REMOVED
from headwater.flows.errors import FlowError
from headwater.flows.steps import BackInStock

CHUNK = 10_000
FINISH, EXIT, CONTINUE_AT = "finish", "exit", "continue_at"

Choice = str | Mapping[str, str]
"""finish (on the version they are on), exit, or {continue_at: step}."""

_PLACE = """ROW(e.state, e.reason, e.step, e.wake_at, e.due_at, e.since, e.held, e.item, e.version, e.pinned,
                   e.finished_at)::flow_place"""

_STILL_STANDS = """
          AND e.state = (m.put).state
          AND e.pinned = (m.put).pinned
          AND e.step IS NOT DISTINCT FROM (m.put).step
          AND e.reason IS NOT DISTINCT FROM (m.put).reason
          AND e.since IS NOT DISTINCT FROM (m.put).since
          AND e.held IS NOT DISTINCT FROM (m.put).held
          AND COALESCE(e.due_at, e.wake_at) IS NOT DISTINCT FROM COALESCE((m.put).due_at, (m.put).wake_at)
"""
"""Where the publish put them: an early look that changed nothing may have come between."""


@dataclass(frozen=True)
class Publish:
    """A version that takes the place of another, in the transaction that publishes it."""

    flow_id: int
    before: int
    version: int
    """The same as `before` where the definition did not change."""
    old: FlowDefinition
    new: FlowDefinition

    @property
    def values(self) -> dict[str, Any]:
        return {"flow": self.flow_id, "version": self.version}


# ── choices ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def check(people: Mapping[str, Choice], new: FlowDefinition) -> None:
    """Raises FlowError for a choice that cannot be made."""
    for step, choice in people.items():
        if choice in (FINISH, EXIT):
            continue
        if not isinstance(choice, Mapping) or set(choice) != {CONTINUE_AT}:
            raise FlowError(f"people.{step}", "must be finish, exit, or {continue_at: step}", step)
        if choice[CONTINUE_AT] not in new.steps:
            raise FlowError(f"people.{step}.continue_at", f"there is no step {choice[CONTINUE_AT]}", step)


def carry_out(
    conn: Connection, workspace_id: int, publish: Publish, people: Mapping[str, Choice], now: datetime
) -> int:
    """Do with those who wait at these steps as was chosen. Answers how many were moved. Raises FlowError."""
    check(people, publish.new)
    moved = 0
    for step, choice in people.items():
        found = hold(
            conn,
            workspace_id,
            publish,
            f"{_WAITS} AND COALESCE(e.step, %(first)s) = %(step)s",
            step=step,
            first=publish.old.first,
        )
        if not found and step not in publish.old.steps:
            raise FlowError(f"people.{step}", f"there is no step {step}, and nobody waits at one", step)
        for chunk in held(conn, workspace_id, publish):
            _choose(conn, workspace_id, publish, step, choice, list(chunk), now)
            settle(conn, workspace_id, publish, list(chunk))
            moved += len(chunk)
    return moved


def _choose(
    conn: Connection,
    workspace_id: int,
    publish: Publish,
    step: str,
    choice: Choice,
    enrolment_ids: Sequence[int],
    now: datetime,
) -> None:
    if choice == EXIT:
        exits.end(conn, workspace_id, enrolment_ids, STEP_REMOVED, Reason.CANCELLED, now)
        return
    values = {"workspace": workspace_id, "ids": list(enrolment_ids), "now": now}
    if choice == FINISH:
        knows = step in publish.old.steps
        _pin(conn, values | {"version": publish.before if knows else None})
        note = Note(step, "pinned", {"version": publish.before} if knows else None)
    else:
        assert isinstance(choice, Mapping)
        _continue(conn, values | {"version": publish.version, "step": choice[CONTINUE_AT]})
        note = Note(step, "moved", {"to": choice[CONTINUE_AT], "version": publish.version})
    journal.write(conn, workspace_id, ((publish.flow_id, one, note) for one in enrolment_ids), now)


def _pin(conn: Connection, values: Mapping[str, Any]) -> None:
    """They finish on the version that has been live, or where it knows nothing of their step, on their own."""
    # Held by `hold`. Primary key.
    conn.execute(
        """
        UPDATE enrolment
        SET pinned = true,
            version = COALESCE(%(version)s::int, version)
        WHERE workspace_id = %(workspace)s
          AND id = ANY (%(ids)s)
        """,
        values,
    )


def _continue(conn: Connection, values: Mapping[str, Any]) -> None:
    """Before another step, at the time at which they would have gone on; whom a review held, now."""
    # Held by `hold`. Primary key.
    conn.execute(
        """
        UPDATE enrolment
        SET step = %(step)s,
            wake_at = CASE WHEN held = 'review' THEN %(now)s ELSE COALESCE(due_at, wake_at) END,
            due_at = NULL,
            since = NULL,
            held = NULL,
            item = NULL,
            version = %(version)s
        WHERE workspace_id = %(workspace)s
          AND id = ANY (%(ids)s)
        """,
        values,
    )


def let_go(conn: Connection, workspace_id: int, publish: Publish, now: datetime) -> None:
    """Those whom nothing would wake any more: a review or a wait for stock holds them at a step that is gone.

    Whom a review held goes on, as others whose step is removed; for whom nothing came into stock, it is over.
    """
    reviewed = [step_id for step_id, step in publish.new.steps.items() if hasattr(step, "status")]
    stocked = [step_id for step_id, step in publish.new.steps.items() if isinstance(step, BackInStock)]
    gone = f"{_WAITS} AND e.held = %(held)s AND NOT (COALESCE(e.step, '') = ANY (%(still)s))"
    hold(conn, workspace_id, publish, gone, held="review", still=reviewed)
    for chunk in held(conn, workspace_id, publish):
        _wake(conn, workspace_id, list(chunk), now)
        settle(conn, workspace_id, publish, list(chunk))
    hold(conn, workspace_id, publish, gone, held="stock", still=stocked)
    for chunk in held(conn, workspace_id, publish):
        exits.end(conn, workspace_id, chunk, STEP_REMOVED, Reason.CANCELLED, now)
        settle(conn, workspace_id, publish, list(chunk))


def _wake(conn: Connection, workspace_id: int, enrolment_ids: Sequence[int], now: datetime) -> None:
    # Held by `hold`. Primary key. The runner finds the next step that is left.
    conn.execute(
        """
        UPDATE enrolment
        SET wake_at = %(now)s,
            due_at = NULL,
            held = NULL
        WHERE workspace_id = %(workspace)s
          AND id = ANY (%(ids)s)
        """,
        {"workspace": workspace_id, "ids": list(enrolment_ids), "now": now},
    )


# ── hold, settle, put back ──────────────────────────────────────────────────────────────────────────────────────────
_WAITS = """
        FROM enrolment e
        WHERE e.workspace_id = %(workspace)s
          AND e.flow_id = %(flow)s
          AND e.state = 'waiting'
          AND NOT e.pinned
"""


def hold(conn: Connection, workspace_id: int, publish: Publish, whom: str, **values: Any) -> int:
    """Lock people, in the order of ids, and keep where they stand. `whom` is the FROM and WHERE of enrolments as `e`.

    Answers how many. Whoever was moved by this publish already keeps the place before it.
    """
    # Index enrolment_due, of one flow; or what `whom` says.
    return conn.execute(
        f"""
        INSERT INTO flow_move (workspace_id, flow_id, version, enrolment_id, was)
        SELECT %(workspace)s, %(flow)s, %(version)s, e.id,
               {_PLACE}
        {whom}
        ORDER BY e.id
        FOR NO KEY UPDATE OF e
        ON CONFLICT (workspace_id, flow_id, version, enrolment_id) DO UPDATE
        SET put = NULL
        """,  # noqa: S608 - constants
        {"workspace": workspace_id, **publish.values, **values},
    ).rowcount


def held(conn: Connection, workspace_id: int, publish: Publish) -> Iterator[dict[int, str]]:
    """Those who are held and not settled, a chunk at a time: by enrolment, the step where they stood."""
    after = 0
    while True:
        # Primary key, from the last one on.
        rows = conn.execute(
            """
            SELECT m.enrolment_id, COALESCE((m.was).step, '')
            FROM flow_move m
            WHERE m.workspace_id = %(workspace)s
              AND m.flow_id = %(flow)s
              AND m.version = %(version)s
              AND m.enrolment_id > %(after)s
              AND m.put IS NULL
            ORDER BY m.enrolment_id
            LIMIT %(limit)s
            """,
            {"workspace": workspace_id, **publish.values, "after": after, "limit": CHUNK},
        ).fetchall()
        if not rows:
            return
        yield dict(rows)
        after = rows[-1][0]


def settle(conn: Connection, workspace_id: int, publish: Publish, enrolment_ids: Sequence[int]) -> None:
    """Keep where they stand now."""
    # Primary keys.
    conn.execute(
        f"""
        UPDATE flow_move m
        SET put = {_PLACE}
        FROM enrolment e
        WHERE m.workspace_id = %(workspace)s
          AND m.flow_id = %(flow)s
          AND m.version = %(version)s
          AND m.enrolment_id = ANY (%(ids)s)
          AND e.workspace_id = m.workspace_id
          AND e.id = m.enrolment_id
        """,  # noqa: S608 - a constant
        {"workspace": workspace_id, **publish.values, "ids": list(enrolment_ids)},
    )


def put_back(conn: Connection, workspace_id: int, publish: Publish, now: datetime) -> int:
    """Those whom the publish of `before` moved, and who have not gone on since, to where they stood. Answers how many.

    It is a move of this publish, so that undoing it in turn moves them again.
    """
    still = f"""
        FROM flow_move m
        JOIN enrolment e
          ON e.workspace_id = m.workspace_id
         AND e.id = m.enrolment_id
        WHERE m.workspace_id = %(workspace)s
          AND m.flow_id = %(flow)s
          AND m.version = %(undone)s
          {_STILL_STANDS}
    """
    hold(conn, workspace_id, publish, still, undone=publish.before)
    back = 0
    for chunk in held(conn, workspace_id, publish):
        _replan(conn, workspace_id, publish, list(chunk))
        _restore(conn, workspace_id, publish, list(chunk))
        notes = ((publish.flow_id, one, Note(step, "put_back")) for one, step in chunk.items())
        journal.write(conn, workspace_id, notes, now)
        settle(conn, workspace_id, publish, list(chunk))
        back += len(chunk)
    return back


def _restore(conn: Connection, workspace_id: int, publish: Publish, enrolment_ids: Sequence[int]) -> None:
    # Held by `hold`. Primary keys.
    conn.execute(
        """
        UPDATE enrolment e
        SET state = (m.was).state,
            reason = (m.was).reason,
            step = (m.was).step,
            wake_at = (m.was).wake_at,
            due_at = (m.was).due_at,
            since = (m.was).since,
            held = (m.was).held,
            item = (m.was).item,
            version = (m.was).version,
            pinned = (m.was).pinned,
            finished_at = (m.was).finished_at
        FROM flow_move m
        WHERE m.workspace_id = %(workspace)s
          AND m.flow_id = %(flow)s
          AND m.version = %(undone)s
          AND m.enrolment_id = ANY (%(ids)s)
          AND e.workspace_id = m.workspace_id
          AND e.id = m.enrolment_id
        """,
        {"workspace": workspace_id, "flow": publish.flow_id, "undone": publish.before, "ids": list(enrolment_ids)},
    )


def _replan(conn: Connection, workspace_id: int, publish: Publish, enrolment_ids: Sequence[int]) -> None:
    """What was taken back with those who were let go is planned again."""
    # By the time of the publish; index message_profile.
    conn.execute(
        """
        UPDATE message
        SET state = 'planned',
            reason = NULL,
            finished_at = NULL
        FROM enrolment e
        JOIN flow_move m
          ON m.workspace_id = e.workspace_id
         AND m.flow_id = %(flow)s
         AND m.version = %(undone)s
         AND m.enrolment_id = e.id
        WHERE e.workspace_id = %(workspace)s
          AND e.id = ANY (%(ids)s)
          AND e.state = 'exited'
          AND (m.was).state = 'waiting'
          AND message.workspace_id = e.workspace_id
          AND message.profile_id = e.profile_id
          AND message.source = 'flow'
          AND message.occurrence = e.id
          AND message.state = 'cancelled'
          AND message.reason = %(reason)s
          AND message.finished_at = (m.put).finished_at
        """,
        {
            "workspace": workspace_id,
            "flow": publish.flow_id,
            "undone": publish.before,
            "ids": list(enrolment_ids),
            "reason": Reason.CANCELLED,
        },
    )


def forget_earlier(conn: Connection, workspace_id: int, publish: Publish) -> None:
    """Only the last publish can be undone."""
    # Primary key.
    conn.execute(
        """
        DELETE FROM flow_move
        WHERE workspace_id = %(workspace)s
          AND flow_id = %(flow)s
          AND version < %(version)s
        """,
        {"workspace": workspace_id, **publish.values},
    )
