"""The setting that a simulation runs in, as the brand has it today."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from psycopg import Connection

from headwater.accounts import brand as brands
from headwater.flows.trials.simulation import CouponRule, Setting


def of_brand(conn: Connection, workspace_id: int, issues: Mapping[str, Collection[str]], *, notes: bool) -> Setting:
    """`issues`: the coupons that each email shows, by its step."""
    brand = brands.load(conn, workspace_id)
    return Setting(
        timezone=brand.timezone,
        smart_sending=timedelta(hours=brand.smart_sending_hours),
        quiet_hours=brand.quiet_hours,
        frequency_caps=brand.frequency_caps,
        notes=notes,
        issues={step: tuple(sorted(names)) for step, names in issues.items()},
        coupons=_coupons(conn, workspace_id),
    )


def _coupons(conn: Connection, workspace_id: int) -> dict[str, CouponRule]:
    # Every coupon of the brand: some dozens.
    rows = conn.execute(
        "SELECT name, expires_after, expires_at FROM coupon WHERE workspace_id = %s", (workspace_id,)
    ).fetchall()
    return {name: CouponRule(after, at) for name, after, at in rows}
