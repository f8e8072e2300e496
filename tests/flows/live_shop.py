"""A brand with one visitor, on the real system: inbox, processor, flows, catalog, ledger, gates, coupons and content.

Time is moved by hand to the next thing that is due. No worker, no SMTP: each claimed message counts as accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection

from headwater.audience import consent, identity, profiles
from headwater.audience.identity import Claim
from headwater.catalog import products
from headwater.delivery import claiming, settling
from headwater.delivery.outgoing import Templates
from headwater.delivery.settling import Result
from headwater.delivery.transports.parcel import Verdict
from headwater.events import inbox
from headwater.flows import runner
from headwater.flows.arrivals import date_rounds
from headwater.flows.editing import publishing
from headwater.flows.shelves import restock, watch
from headwater.intake import processor
from headwater.segments import ready_made
from tests.segments.shop import Shop as SegmentShop

START = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # a Monday, noon in New York
BOOTS = {"product_id": "b1", "title": "Rain Boots", "category": "Shoes", "price": 89.0, "url": "https://j.example/b1"}
ROLES = (processor.process, date_rounds.turn, watch.turn, restock.turn, runner.run_due)


@dataclass
class Shop:
    """The brand and its visitor, whose mail is collected as (step, when, codes shown)."""

    conn: Connection
    workspace: int
    person: int
    now: datetime = START
    mail: list[tuple[str, datetime, set[str]]] = field(default_factory=list)
    templates: Templates = field(default_factory=Templates)

    def installs(self, *recipes: str) -> None:
        """Set recipes live as they come."""
        for recipe in recipes:
            publishing.apply(self.conn, self.workspace, publishing.RECIPES / recipe, self.now)
        self.works()

    def falls_silent(self, recipe: str) -> None:
        """Half a year without a sign of life, which a ready-made segment notices."""
        segments = SegmentShop(self.conn, self.workspace, self.now)
        ready_made.install(self.conn, self.workspace, "sunset-pool", self.now)
        segments.build()
        self.installs(recipe)
        segments.later(days=180)
        self.now = segments.now

    def does(self, metric: str, properties: Mapping[str, object], value: float | None = None) -> None:
        item = inbox.item(
            type="track",
            id=f"{metric}-{self.now.isoformat()}",
            ts=self.now,
            user={"profile_id": self.person},
            metric=metric,
            properties=dict(properties),
            value=value,
        )
        inbox.put(self.conn, self.workspace, [item], self.now)
        processor.process(self.conn, self.workspace, self.now)

    def stocks(self, *rows: Mapping[str, Any]) -> None:
        """Products that are new or change, with their ids."""
        products.upsert(self.conn, self.workspace, rows, self.now)

    # ── time ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def runs(self, *, until: Callable[[Shop], bool] = lambda shop: False, days: int = 40) -> None:
        """Let time pass, from one due thing to the next, until nothing is due any more."""
        while not until(self):
            self.works()
            due = self._next()
            if due is None or due > START + timedelta(days=days):
                return
            self.now = max(self.now, due)

    def passes(self, until: datetime) -> None:
        """Let time pass to just before an instant, from one due thing to the next."""
        self.works()
        while (due := self._next()) is not None and due < until:
            self.now = max(self.now, due)
            self.works()

    def works(self) -> None:
        """All that the roles of a worker find to do by now; each round is a transaction."""
        busy = 1
        while busy:
            busy = sum(turn(self.conn, self.workspace, self.now) for turn in ROLES) + self._deliver()
            self.conn.commit()

    def _deliver(self) -> int:
        batch = claiming.claim(self.conn, self.workspace, self.templates, now=self.now, wall=self.now, limit=100)
        for one in batch.ready:
            step = self.conn.execute(
                "SELECT step FROM message WHERE workspace_id = %s AND id = %s", (self.workspace, one.key.id)
            ).fetchone()
            assert step is not None
            assert b"List-Unsubscribe" in b"".join(one.render().chunks)
            html = one.html()
            self.mail.append((step[0], self.now, {code for code in self._codes() if code in html}))
        accepted = Verdict("accepted", 250, "ok")
        settling.settle(
            self.conn,
            self.workspace,
            [
                Result(one.key, one.profile_id, one.address, one.attempts, one.deadline, accepted, self.now)
                for one in batch.ready
            ],
        )
        return batch.found

    def _codes(self) -> list[str]:
        rows = self.conn.execute("SELECT code FROM coupon_code WHERE workspace_id = %s", (self.workspace,)).fetchall()
        return [row[0] for row in rows]

    def _next(self) -> datetime | None:
        # A flow by dates looks a day and an hour ahead: to look once a day is soon enough.
        row = self.conn.execute(
            """
            SELECT LEAST(
                (SELECT min(wake_at) FROM enrolment WHERE workspace_id = %(w)s AND state = 'waiting'),
                (SELECT min(send_at) FROM message WHERE workspace_id = %(w)s AND state = 'planned'),
                (SELECT min(until) - interval '1 hour' FROM flow_dates WHERE workspace_id = %(w)s)
            )
            """,
            {"w": self.workspace},
        ).fetchone()
        return row[0] if row else None

    # ── what came of it ─────────────────────────────────────────────────────────────────────────────────────────────
    def properties(self) -> dict[str, object]:
        return profiles.get(self.conn, self.workspace, [self.person])[self.person].properties

    def skipped(self) -> list[tuple[str, str]]:
        return self.conn.execute(
            "SELECT step, reason FROM message WHERE workspace_id = %s AND reason IS NOT NULL ORDER BY id",
            (self.workspace,),
        ).fetchall()


def opened(conn: Connection, workspace: int, now: datetime = START, **person: Any) -> Shop:
    """A shop with products and a visitor, whose profile says this; nothing is known of what they consent to."""
    identity.lock(conn, workspace)
    [visitor] = identity.resolve(conn, workspace, [Claim(email=person.pop("email", "robin@example.com"))], now)
    profiles.write(conn, workspace, {visitor: person}, now)
    shop = Shop(conn, workspace, visitor, now)
    boots = {"category": "Shoes", "price": 89, "url": "https://j.example"}
    shop.stocks(*({"id": f"b{n}", "title": f"Boots {n}", **boots} for n in range(1, 9)))
    return shop


def subscribed(conn: Connection, workspace: int) -> Shop:
    """A shop whose visitor lives in New York and wants its mail."""
    shop = opened(conn, workspace, timezone="America/New_York")
    consent.subscribe(conn, workspace, [shop.person], at=START, now=START, method="api")
    return shop
