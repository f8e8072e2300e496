"""Events that were processed show as metrics, on the home page and as the redemption of a code."""

from __future__ import annotations

from psycopg import Connection

from headwater.catalog import coupons
from headwater.core import clock
from headwater.events import inbox
from headwater.intake import processor
from tests.api.api_client import Api


def test_what_happened_is_counted_and_codes_are_redeemed(api: Api, conn: Connection) -> None:
    person = api.made("/profiles", {"email": "a@example.com"})
    api.post("/coupons", {"name": "TEN", "kind": "generated"})
    now = clock.now(conn)
    code = coupons.issue(conn, api.workspace, "TEN", [(person, 1)], now)[person].code
    order = {"order_id": "1", "discount_codes": [code.lower()], "items": []}
    placed = inbox.item(
        type="track",
        id="order-1",
        ts=now,
        user={"email": "a@example.com"},
        metric="Placed Order",
        properties=order,
        value=25.5,
    )
    inbox.put(conn, api.workspace, [placed], now)
    while processor.process(conn, api.workspace, now):
        conn.commit()
    conn.commit()
    metrics = {entry["name"]: entry for entry in api.get("/metrics").body}
    assert (metrics["Placed Order"]["count"], metrics["Placed Order"]["sum"]) == (1, 25.5)
    assert metrics["Coupon Assigned"]["count"] == 1
    assert metrics["Placed Order"]["last_day"] == now.date().isoformat()
    held = api.get(f"/coupon-codes/{code}").body[0]
    assert (held["profile_id"], held["redeemed_at"] is not None) == (person, True)
