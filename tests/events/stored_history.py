"""Stored events and the people they are of, written straight into the store: for those who read history."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import Connection

from headwater.audience import consent, identity
from headwater.audience.identity import Claim
from headwater.events import metrics, store
from headwater.events.store import Event


class History:
    """A workspace's past, begun at an instant."""

    def __init__(self, conn: Connection, workspace: int, begun: datetime) -> None:
        self.conn = conn
        self.workspace = workspace
        self.begun = begun
        self.count = 0

    def people(self, count: int) -> list[int]:
        """With addresses, and subscribed."""
        found = self._resolved([Claim(email=f"{self.count}-{number}@example.com") for number in range(count)])
        self.count += 1
        consent.subscribe(self.conn, self.workspace, found, at=self.begun, now=self.begun, method="api")
        return found

    def browser(self) -> int:
        """Somebody who has not said who they are."""
        [found] = self._resolved([Claim(anonymous_id="browser")])
        return found

    def metric(self, name: str) -> int:
        return metrics.ids(self.conn, self.workspace, [name], self.begun)[name]

    def did(self, person: int, metric: str, at: datetime, value: float | str | None = None, **properties: Any) -> None:
        self.count += 1
        worth = Decimal(str(value)) if value is not None else None
        event = Event(UUID(int=self.count), at, metric, self.metric(metric), person, worth, properties, False)
        store.append(self.conn, self.workspace, [event], at)

    def _resolved(self, claims: list[Claim]) -> list[int]:
        identity.lock(self.conn, self.workspace)
        return list(identity.resolve(self.conn, self.workspace, claims, self.begun))
