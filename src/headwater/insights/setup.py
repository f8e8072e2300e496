"""What a new brand has still to do until its first email goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from psycopg import Connection

from headwater.accounts.brand import Brand
from headwater.audience import profiles
from headwater.campaigns import coming
from headwater.delivery import sendings
from headwater.events import metrics
from headwater.flows.glance import Glance

Key = Literal["sender", "postal_address", "people", "events", "flow", "campaign"]


@dataclass(frozen=True, slots=True)
class Step:
    key: Key
    done: bool


@dataclass(frozen=True, slots=True)
class Setup:
    steps: tuple[Step, ...]
    sent_before: bool
    """Marketing email has gone out already: the list is no longer what matters."""


def of_brand(conn: Connection, brand: Brand, flows: list[Glance]) -> Setup:
    """How far it is, in the order in which one does it."""
    steps = (
        Step("sender", bool(brand.from_email)),
        Step("postal_address", bool(brand.postal_address.strip())),
        Step("people", profiles.any_reachable(conn, brand.id)),
        Step("events", metrics.seen_any(conn, brand.id)),
        Step("flow", any(flow.status in ("live", "paused") for flow in flows)),
        Step("campaign", coming.any_scheduled(conn, brand.id)),
    )
    return Setup(steps, sendings.ever(conn, brand.id))
