"""Starting a flow by a call from another system: the call becomes an event in the inbox, directed at the flow by name.

So it is acknowledged and processed like any other event: nothing of it is lost, and it is in the person's history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from psycopg import Connection

from headwater.events import inbox, metrics
from headwater.flows import live
from headwater.flows.errors import FlowError, UnknownFlow
from headwater.flows.live import Flow
from headwater.flows.triggers import CallTrigger


@dataclass(frozen=True, slots=True)
class Start:
    """One call."""

    user: Mapping[str, Any]
    """Whom it is about: profile_id, external_id, email, phone."""
    properties: Mapping[str, Any] = field(default_factory=dict)
    id: str | None = None
    """A second call with it does nothing, for two days."""


def find(conn: Connection, workspace_id: int, slug: str) -> Flow:
    """The live flow of this name that calls start. Raises UnknownFlow, or FlowError if it is another kind of flow."""
    flow = live.by_slug(conn, workspace_id, slug)
    if flow is None:
        raise UnknownFlow(slug)
    if flow.definition.trigger != CallTrigger("api"):
        raise FlowError("trigger", f"{slug} is not started by a call; its trigger would be api")
    if flow.status != "live":
        raise FlowError("status", f"{slug} is {flow.status}, so it takes nobody in")
    return flow


def start(conn: Connection, workspace_id: int, flow: Flow, starts: Sequence[Start], now: datetime) -> None:
    """Put these calls into the inbox. The caller commits before it answers."""
    items = [
        inbox.item(
            type="track",
            id=f"start-{flow.id}-{one.id or uuid4().hex}",
            ts=now,
            user=one.user,
            metric=metrics.STARTED_FLOW,
            properties={**one.properties, "flow": flow.definition.slug},
            once=one.id is None,
        )
        for one in starts
    ]
    inbox.put(conn, workspace_id, items, now)
