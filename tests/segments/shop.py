"""A shop that things happen to, through the doors that the product has, and the roles of a worker that keep its
segments: the given and the when of the tests of live membership."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection

from headwater.audience import consent, identity, lists, merging, profiles
from headwater.audience.identity import Claim
from headwater.events import inbox
from headwater.intake import processor
from headwater.segments import building, compile, saved, upkeep
from headwater.segments.saved import Segment

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_numbers = itertools.count(1)


@dataclass
class Shop:
    """One workspace; `now` is its time, which only `later` moves."""

    conn: Connection
    workspace: int
    now: datetime = NOW

    # ── what happens ────────────────────────────────────────────────────────────────────────────────────────────────
    def happens(
        self, who: str, metric: str, *, ago: timedelta = timedelta(0), value: float | None = None, **properties: Any
    ) -> None:
        """An event through the inbox, processed at once."""
        self.many_happen([(who, metric, ago, value, properties)])

    def many_happen(self, events: Sequence[tuple[str, str, timedelta, float | None, dict[str, Any]]]) -> None:
        items = [
            inbox.item(
                type="track",
                id=f"m-{next(_numbers)}",
                ts=self.now - ago,
                user={"external_id": who},
                metric=metric,
                value=value,
                properties=properties,
            )
            for who, metric, ago, value, properties in events
        ]
        inbox.put(self.conn, self.workspace, items, self.now)
        self.process()

    def process(self) -> None:
        while processor.process(self.conn, self.workspace, self.now):
            pass

    def person(self, who: str, **claim: str) -> int:
        """The profile of an external id, made if there is none."""
        identity.lock(self.conn, self.workspace)
        (profile,) = identity.resolve(self.conn, self.workspace, [Claim(external_id=who, **claim)], self.now)
        return profile

    def browses(self, cookie: str, metric: str) -> None:
        """An event of a browser that has not said who it is."""
        item = inbox.item(
            type="track", id=f"m-{next(_numbers)}", ts=self.now, user={"anonymous_id": cookie}, metric=metric
        )
        inbox.put(self.conn, self.workspace, [item], self.now)
        self.process()

    def logs_in(self, who: str, cookie: str) -> int:
        """A browser says who it is."""
        identity.lock(self.conn, self.workspace)
        claim = Claim(external_id=who, anonymous_id=cookie)
        (profile,) = identity.resolve(self.conn, self.workspace, [claim], self.now)
        return profile

    def says(self, who: str, **attributes: Any) -> None:
        profiles.write(self.conn, self.workspace, {self.person(who): attributes}, self.now)

    def joins(self, who: str, list_id: int) -> None:
        lists.add(self.conn, self.workspace, list_id, [self.person(who)], self.now, "test")

    def leaves(self, who: str, list_id: int) -> None:
        lists.remove(self.conn, self.workspace, list_id, [self.person(who)])

    def subscribes(self, who: str) -> None:
        consent.subscribe(self.conn, self.workspace, [self.person(who)], at=self.now, now=self.now, method="api")

    def unsubscribes(self, who: str) -> None:
        consent.unsubscribe(self.conn, self.workspace, [self.person(who)], at=self.now, now=self.now, method="api")

    def bounces(self, who: str) -> None:
        consent.suppress(self.conn, self.workspace, [self.person(who)], "hard_bounce", at=self.now)

    def merges(self, kept: str, gone: str) -> None:
        destination, source = self.person(kept), self.person(gone)
        if destination != source:
            merging.merge(self.conn, self.workspace, destination, source, self.now)

    def erases(self, who: str) -> None:
        profiles.erase(self.conn, self.workspace, [self.person(who)], self.now)

    # ── segments ────────────────────────────────────────────────────────────────────────────────────────────────────
    def segment(self, name: str, definition: Any, *, built: bool = True) -> Segment:
        made = saved.create(self.conn, self.workspace, name, definition, self.now)
        if built:
            self.build()
        return saved.get(self.conn, self.workspace, [made.id])[made.id]

    def redefine(self, segment: Segment, definition: Any, *, built: bool = True) -> None:
        saved.update(self.conn, self.workspace, segment.id, self.now, definition=definition)
        if built:
            self.build()

    def build(self) -> None:
        """All that is to be built; each step commits, as in a worker."""
        for _ in range(1000):
            self.conn.commit()
            if not building.turn(self.conn, self.workspace, self.now):
                # Once more: the first look at a version notes its barrier and answers that nothing was done.
                self.conn.commit()
                if not building.turn(self.conn, self.workspace, self.now):
                    return
        raise AssertionError("The building never ends.")

    def keep_up(self) -> None:
        """Everything that has been marked, and all time that has passed."""
        for _ in range(5000):
            if not upkeep.turn(self.conn, self.workspace, self.now):
                return
            self.process()
        raise AssertionError("The upkeep never ends.")

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)
        self.keep_up()

    def members(self, segment: Segment) -> set[int]:
        """The stored membership."""
        rows = self.conn.execute(
            """
            SELECT profile_id
            FROM segment_member
            JOIN segment ON segment.workspace_id = segment_member.workspace_id AND segment.id = segment_id
            WHERE segment_member.workspace_id = %s AND segment_id = %s AND segment_member.version = live_version
            """,
            (self.workspace, segment.id),
        )
        return {row[0] for row in rows}

    def asked(self, segment: Segment) -> set[int]:
        """Who belongs, by asking everybody."""
        condition = saved.get(self.conn, self.workspace, [segment.id])[segment.id].condition
        statement, values = compile.to_sql(self.conn, condition, self.workspace, self.now)
        return {row[0] for row in self.conn.execute(statement, values)}

    def facts(self, segment: Segment) -> list[tuple[int, str]]:
        """The events that tell of the segment, in order: (profile, metric)."""
        rows = self.conn.execute(
            """
            SELECT event.profile_id, metric.name
            FROM event
            JOIN metric ON metric.workspace_id = event.workspace_id AND metric.id = event.metric_id
            WHERE event.workspace_id = %s
              AND metric.name IN ('Entered Segment', 'Left Segment')
              AND (event.properties ->> 'segment_id')::bigint = %s
            ORDER BY event.ts, metric.name DESC
            """,
            (self.workspace, segment.id),
        )
        return [(row[0], row[1]) for row in rows]
