"""The segments of the fault tests: some that stand before the load, one that is built in the middle of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from headwater.segments import compile as compiling
from headwater.segments.language import parse
from tests.running_instance import Instance, eventually

BEFORE: dict[str, Any] = {
    "Viewers": {"metric": "Viewed Product"},
    "Keen viewers": {"metric": "Viewed Product", "count": {"at_least": 10}, "in_last": {"days": 30}},
    "Viewers who never bought": [{"metric": "Viewed Product"}, {"metric": "Placed Order", "count": {"equals": 0}}],
}
LATE = {"metric": "Placed Order", "sum": {"at_least": 5}}


@dataclass(frozen=True)
class Membership:
    """Of one segment."""

    name: str
    stored: int
    wrong: int
    """Who is in it and should not be, or should and is not."""
    untold: int
    """Profiles whose events do not tell where they stand: who is in it has entered once more than left."""
    entered: int


def make(instance: Instance, name: str, definition: Any) -> int:
    return int(instance.api("POST", "/segments", {"name": name, "definition": definition})["id"])


def make_before(instance: Instance) -> None:
    """Those that stand before the load, built."""
    ids = [make(instance, name, definition) for name, definition in BEFORE.items()]
    eventually(lambda: all(instance.api("GET", f"/segments/{one}")["state"] == "live" for one in ids), what="segments")


def settled(instance: Instance) -> bool:
    """Nothing is marked and everything is built."""
    with instance.connect() as conn:
        row = conn.execute(
            """
            SELECT EXISTS (SELECT FROM segment_mark)
                OR EXISTS (SELECT FROM inbox)
                OR EXISTS (SELECT FROM segment_version WHERE state IN ('waiting', 'filling', 'failed'))
            """
        ).fetchone()
    return row == (False,)


def counted(instance: Instance) -> list[Membership]:
    """Each segment's stored membership beside what asking everybody answers, and beside the events that told of it."""
    with instance.connect() as conn:
        found = []
        for workspace, segment, name, definition in conn.execute(
            "SELECT workspace_id, id, name, definition FROM segment ORDER BY id"
        ).fetchall():
            statement, values = compiling.to_sql(conn, parse(definition), workspace, datetime.now(UTC))
            asked = {row[0] for row in conn.execute(statement, values)}
            stored = {
                row[0]
                for row in conn.execute("SELECT profile_id FROM segment_member WHERE segment_id = %s", (segment,))
            }
            changes = dict(
                conn.execute(
                    """
                    SELECT event.profile_id, count(*)
                    FROM event
                    JOIN metric ON metric.id = event.metric_id
                    WHERE metric.name IN ('Entered Segment', 'Left Segment')
                      AND event.properties ->> 'segment_id' = %s::text
                    GROUP BY event.profile_id
                    """,
                    (segment,),
                ).fetchall()
            )
            untold = sum((changes.get(one, 0) % 2 == 1) is not (one in stored) for one in stored | changes.keys())
            found.append(Membership(name, len(stored), len(stored ^ asked), untold, len(changes)))
    return found
