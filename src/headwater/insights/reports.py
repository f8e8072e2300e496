"""Flows and campaigns side by side over a span: what they sent, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from headwater.campaigns import campaigns
from headwater.delivery.results import StepResults
from headwater.flows import glance
from headwater.flows.figures import Rates, rates, total
from headwater.insights import sending
from headwater.insights.spans import Span


@dataclass(frozen=True, slots=True)
class Line:
    """One flow or campaign. `ref` is how links name it: the flow's slug, the campaign's id."""

    ref: str
    name: str
    status: str
    send_at: datetime | None
    """Of a campaign: when it was due."""
    emails: StepResults

    @property
    def rates(self) -> Rates:
        return rates(self.emails)


@dataclass(frozen=True, slots=True)
class Report:
    lines: list[Line]
    """The busiest earners first."""
    whole: StepResults


def flows(conn: Connection, workspace_id: int, span: Span) -> Report:
    """Every flow that sent or earned something in the span, and those that run although they did not."""
    found = sending.load(conn, workspace_id, span).by_source(span, "flow")
    return _report(
        Line(flow.slug, flow.name, flow.status, None, found.get(flow.id, StepResults()))
        for flow in glance.all_flows(conn, workspace_id)
        if flow.id in found or flow.status in ("live", "paused")
    )


def of_campaigns(conn: Connection, workspace_id: int, span: Span) -> Report:
    """Every campaign that sent or earned something in the span."""
    found = sending.load(conn, workspace_id, span).by_source(span, "campaign")
    known = campaigns.get(conn, workspace_id, list(found))
    return _report(
        Line(str(one.id), one.name, one.status, one.send_at, found[one.id]) for one in known.values() if one.id in found
    )


def _report(lines: Iterable[Line]) -> Report:
    kept = sorted(lines, key=lambda line: (-line.emails.revenue, -line.emails.sent, line.name.lower()))
    return Report(kept, total(line.emails for line in kept))
