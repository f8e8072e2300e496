"""Every recipe from its trigger to rendered mail: as shipped, with the real ledger, gates, coupons and content.

Time is moved by hand to the next thing that is due. No worker, no SMTP: each claimed message counts as accepted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from psycopg import Connection

from headwater.audience import consent, identity, lists
from headwater.audience.identity import Claim
from headwater.catalog import products
from headwater.delivery import claiming, settling
from headwater.delivery.outgoing import Templates
from headwater.delivery.settling import Result
from headwater.delivery.transports.parcel import Verdict
from headwater.events import inbox
from headwater.flows import publishing, runner
from headwater.intake import processor

START = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # a Monday, noon in New York
BOOTS = {"product_id": "b1", "title": "Rain Boots", "category": "Shoes", "price": 89.0, "url": "https://j.example/b1"}
CODE = re.compile(rb"[A-Z]+-[A-Z0-9]{7}")


@dataclass
class Shop:
    """A brand with one visitor, whose mail is collected as (step, when, codes shown)."""

    conn: Connection
    workspace: int
    person: int
    now: datetime = START
    mail: list[tuple[str, datetime, set[bytes]]] = field(default_factory=list)
    templates: Templates = field(default_factory=Templates)

    def does(self, metric: str, properties: dict[str, object], value: float | None = None) -> None:
        item = inbox.item(
            type="track",
            id=f"{metric}-{self.now.isoformat()}",
            ts=self.now,
            user={"profile_id": self.person},
            metric=metric,
            properties=properties,
            value=value,
        )
        inbox.put(self.conn, self.workspace, [item], self.now)
        processor.process(self.conn, self.workspace, self.now)

    def runs(self, *, until: Callable[[Shop], bool] = lambda shop: False, days: int = 40) -> None:
        """Let time pass, from one due thing to the next, until nothing is due any more."""
        while not until(self):
            while runner.run_due(self.conn, self.workspace, self.now):
                pass
            self._deliver()
            processor.process(self.conn, self.workspace, self.now)
            due = self._next()
            if due is None or due > START + timedelta(days=days):
                return
            self.now = max(self.now, due)

    def _deliver(self) -> None:
        batch = claiming.claim(self.conn, self.workspace, self.templates, now=self.now, wall=self.now, limit=100)
        for one in batch.ready:
            step = self.conn.execute(
                "SELECT step FROM message WHERE workspace_id = %s AND id = %s", (self.workspace, one.key.id)
            ).fetchone()
            assert step is not None
            body = b"".join(one.render().chunks)
            self.mail.append((step[0], self.now, set(CODE.findall(one.html().encode()))))
            assert b"List-Unsubscribe" in body
        accepted = Verdict("accepted", 250, "ok")
        settling.settle(
            self.conn,
            self.workspace,
            [
                Result(one.key, one.profile_id, one.address, one.attempts, one.deadline, accepted, self.now)
                for one in batch.ready
            ],
        )

    def _next(self) -> datetime | None:
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

    def skipped(self) -> list[tuple[str, str]]:
        return self.conn.execute(
            "SELECT step, reason FROM message WHERE workspace_id = %s AND reason IS NOT NULL ORDER BY id",
            (self.workspace,),
        ).fetchall()


@pytest.fixture
def shop(conn: Connection, workspace: int) -> Shop:
    identity.lock(conn, workspace)
    [person] = identity.resolve(conn, workspace, [Claim(email="robin@example.com")], START)
    consent.subscribe(conn, workspace, [person], at=START, now=START, method="api")
    conn.execute("UPDATE profile SET timezone = 'America/New_York' WHERE id = %s", (person,))
    boots = {"category": "Shoes", "price": 89, "url": "https://j.example"}
    rows = [{"id": f"b{n}", "title": f"Boots {n}", **boots} for n in range(1, 9)]
    products.upsert(conn, workspace, rows, START)
    for recipe in publishing.recipes():
        publishing.apply(conn, workspace, recipe.folder, START)
    return Shop(conn, workspace, person)


def test_browse_abandonment_sends_four_with_one_code(shop: Shop) -> None:
    shop.does("Viewed Product", dict(BOOTS))

    shop.runs()

    assert [step for step, _, _ in shop.mail] == ["welcome", "popular", "offer", "expiring"]
    times = [at for _, at, _ in shop.mail]
    assert times[:3] == [
        START + timedelta(hours=2),
        datetime(2026, 3, 3, 15, 0, tzinfo=UTC),
        datetime(2026, 3, 5, 15, 0, tzinfo=UTC),
    ]
    assert times[3] == times[2] + timedelta(days=2)
    codes = [codes for _, _, codes in shop.mail]
    assert codes[0] == codes[1] == set()
    assert len(codes[2]) == 1
    assert codes[3] == codes[2]
    assert shop.skipped() == []


def test_whoever_browses_late_gets_four_too(shop: Shop) -> None:
    shop.now = START + timedelta(
        hours=9, minutes=59
    )  # 21:59 in New York: the first email leaves a minute before midnight
    shop.does("Viewed Product", dict(BOOTS))

    shop.runs()

    assert [step for step, _, _ in shop.mail] == ["welcome", "popular", "offer", "expiring"]
    assert shop.mail[1][1] == datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
    assert shop.skipped() == []


def test_an_order_before_the_third_email_stops_the_rest(shop: Shop) -> None:
    shop.does("Viewed Product", dict(BOOTS))
    shop.runs(until=lambda shop: len(shop.mail) == 2)

    shop.does("Placed Order", {"order_id": "1", "items": [BOOTS]}, 89.0)
    shop.runs()

    assert [step for step, _, _ in shop.mail] == ["welcome", "popular"]


def test_a_redeemed_code_is_not_reminded_of(shop: Shop) -> None:
    shop.does("Viewed Product", dict(BOOTS))
    shop.runs(until=lambda shop: len(shop.mail) == 3)

    shop.conn.execute("UPDATE coupon_code SET redeemed_at = %s WHERE workspace_id = %s", (shop.now, shop.workspace))
    shop.runs()

    assert [step for step, _, _ in shop.mail] == ["welcome", "popular", "offer"]
    assert shop.skipped() == [("expiring", "failed_additional_filters")]


def test_the_welcome_series_sends_five_with_one_code(shop: Shop) -> None:
    newsletter = lists.create(shop.conn, shop.workspace, "Newsletter", START)
    lists.add(shop.conn, shop.workspace, newsletter, [shop.person], START, "api")

    shop.runs()

    assert [(step, (at - START).days) for step, at, _ in shop.mail] == [
        ("promise", 0),
        ("story", 1),
        ("favourites", 3),
        ("questions", 6),
        ("expiring", 8),
    ]
    assert shop.mail[0][2] == shop.mail[-1][2] != set()


def test_an_abandoned_checkout_sends_four(shop: Shop) -> None:
    shop.does("Started Checkout", {"checkout_url": "https://j.example/c/1", "value": 89.0, "items": [BOOTS]}, 89.0)

    shop.runs()

    assert [(step, at - START) for step, at, _ in shop.mail] == [
        ("finish", timedelta(hours=1)),
        ("help", timedelta(hours=24)),
        ("offer", timedelta(hours=48)),
        ("last-hours", timedelta(hours=72)),
    ]
