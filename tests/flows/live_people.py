"""People whose events are really processed: through inbox, processor, runner and claim, with time moved by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from headwater.audience import consent, identity
from headwater.audience.identity import Claim
from headwater.catalog import products
from headwater.delivery import claiming, settling
from headwater.delivery.outgoing import Templates
from headwater.delivery.settling import Result
from headwater.delivery.transports.parcel import Verdict
from headwater.events import inbox
from headwater.flows import runner
from headwater.flows.editing import publishing
from headwater.intake import processor

Told = list[Any]


@dataclass(frozen=True)
class Event:
    at: datetime
    person: int  # its place among the people
    metric: str
    properties: Mapping[str, Any] = field(default_factory=dict)
    value: float | None = None


@dataclass
class LiveShop:
    """A workspace with people, where what they do has its effects at the time at which they do it."""

    conn: Connection
    workspace: int
    now: datetime
    people: list[int] = field(default_factory=list)
    templates: Templates = field(default_factory=Templates)

    def installs(self, recipe: str) -> None:
        publishing.apply(self.conn, self.workspace, publishing.RECIPES / recipe, self.now)

    def welcomes(self, count: int) -> None:
        """People with addresses and time zones, and a few products."""
        zones = ("America/New_York", "Asia/Tokyo", "Europe/Berlin", None)
        claims = [Claim(email=f"person{number}@example.com") for number in range(count)]
        identity.lock(self.conn, self.workspace)
        self.people = list(identity.resolve(self.conn, self.workspace, claims, self.now))
        consent.subscribe(self.conn, self.workspace, self.people, at=self.now, now=self.now, method="api")
        for number, person in enumerate(self.people):
            self.conn.execute("UPDATE profile SET timezone = %s WHERE id = %s", (zones[number % 4], person))
        row = {"category": "Shoes", "price": 89, "url": "https://j.example"}
        products.upsert(
            self.conn, self.workspace, [{"id": f"b{n}", "title": f"Boots {n}", **row} for n in range(1, 9)], self.now
        )

    def lives(self, events: Sequence[Event], until: datetime) -> None:
        """Let all this happen, and what follows from it, until then."""
        for number, event in enumerate(sorted(events, key=lambda event: event.at)):
            self._goes_on(event.at)
            item = inbox.item(
                type="track",
                id=f"{number}",
                ts=event.at,
                user={"profile_id": self.people[event.person]},
                metric=event.metric,
                properties=dict(event.properties),
                value=event.value,
            )
            inbox.put(self.conn, self.workspace, [item], self.now)
            processor.process(self.conn, self.workspace, self.now)
        self._goes_on(until)

    def _goes_on(self, until: datetime) -> None:
        """From one due thing to the next, to just before an instant."""
        while (due := self._due()) is not None and due < until:
            self.now = max(self.now, due)
            while runner.run_due(self.conn, self.workspace, self.now):
                pass
            self._delivers()
            processor.process(self.conn, self.workspace, self.now)
        self.now = until

    def _delivers(self) -> None:
        batch = claiming.claim(self.conn, self.workspace, self.templates, now=self.now, wall=self.now, limit=100)
        accepted = Verdict("accepted", 250, "ok")
        results = [
            Result(one.key, one.profile_id, one.address, one.attempts, one.deadline, accepted, self.now)
            for one in batch.ready
        ]
        settling.settle(self.conn, self.workspace, results)

    def _due(self) -> datetime | None:
        row = self.conn.execute(
            """
            SELECT LEAST(
                (SELECT min(wake_at) FROM enrolment WHERE workspace_id = %(w)s AND state = 'waiting'),
                (SELECT min(send_at) FROM message WHERE workspace_id = %(w)s AND state = 'planned')
            )
            """,
            {"w": self.workspace},
        ).fetchone()
        return row[0] if row else None

    def told(self) -> dict[int, Told]:
        """By person each run: when it began, its end and when, its emails with when they went, or why they did not."""
        rows = self.conn.execute(
            """
            SELECT e.profile_id, e.started_at, e.state, e.reason, e.finished_at,
                   COALESCE((
                       SELECT jsonb_agg(jsonb_build_array(m.step, m.sent_at, m.reason) ORDER BY m.id)
                       FROM message m
                       WHERE m.workspace_id = e.workspace_id
                         AND m.occurrence = e.id
                   ), '[]')
            FROM enrolment e
            WHERE e.workspace_id = %(w)s
            ORDER BY e.profile_id, e.started_at
            """,
            {"w": self.workspace},
        ).fetchall()
        found: dict[int, Told] = {}
        for person, started_at, state, reason, finished_at, mail in rows:
            sends = [(step, datetime.fromisoformat(at)) for step, at, _ in mail if at is not None]
            skips = sorted((step, why) for step, _, why in mail if why is not None)
            end = None if state == "waiting" else reason or state
            found.setdefault(person, []).append((started_at, end, finished_at, sends, skips))
        return found


DAY = timedelta(days=1)
